"""Groups of records: their fields by name."""

import numpy as np

from datagen.batch import Group, Section
from datagen.columns.scalar import IntColumn

ROWS = np.arange(3)
PLAIN = Section(("a", "b"), (IntColumn(np.array([1, 2, 3])), IntColumn(np.array([4, 5, 6]))))
SHARED = Section(("c",), (IntColumn(np.array([7, 8])),), np.array([1, 0, 1]))


def values_of(group: Group, name: str) -> list[str]:
    """Return a field as JSON."""
    column = group.column(name)
    assert column is not None
    texts: list[str] = column.json_text.to_pylist()
    return texts


def test_field_is_found_in_its_section() -> None:
    """Whichever section and place it has."""
    assert values_of(Group("e", ROWS, (SHARED, PLAIN)), "b") == ["4", "5", "6"]


def test_shared_rows_are_gathered() -> None:
    """A section with an index has a value for each record all the same."""
    assert values_of(Group("e", ROWS, (PLAIN, SHARED)), "c") == ["8", "7", "8"]


def test_unknown_field_is_none() -> None:
    """The emitter has no such field."""
    assert Group("e", ROWS, (PLAIN,)).column("d") is None
