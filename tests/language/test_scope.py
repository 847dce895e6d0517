"""What expressions see: inner names first."""

from datagen.columns.column_type import FLOAT, INT, TEXT, ColumnType
from datagen.language import Scope


def test_inner_names_come_first() -> None:
    """Those that are put in later, too; outer ones stay."""
    above: dict[str, ColumnType] = {}
    scope = Scope({"a": INT, "b": TEXT}).inside(above)
    above["a"] = FLOAT
    assert (scope.types["a"], scope.types["b"]) == (FLOAT, TEXT)
    assert sorted(scope.types) == ["a", "b"]
    assert len(scope.types) == 2
    assert "c" not in scope.types
