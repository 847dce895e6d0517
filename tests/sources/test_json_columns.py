"""JSON values as columns, and the types that these have."""

from typing import Any

import pytest

from datagen.columns.column import ABSENT
from datagen.columns.column_type import FLOAT, INT, TEXT, list_type, type_of_value
from datagen.sources.json_columns import has_type, includes, json_column


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, 1.0, None, "a"], ["1", "1.0", "null", '"a"']),
        ([True, False], ["true", "false"]),
        ([1 << 70, 2], [str(1 << 70), "2"]),
        ([[1], {"a": None}], ["[1]", '{"a":null}']),
        (["\ud800"], ['"\\ud800"']),
    ],
)
def test_values_of_any_types_make_a_column(values: list[Any], texts: list[str]) -> None:
    """Each as it was written."""
    column, infinite = json_column(values)
    assert (column.json_text.to_pylist(), infinite) == (texts, None)


def test_absent_values_are_missing() -> None:
    """Which is not null."""
    column, _ = json_column([ABSENT, 1, None])
    assert column.json_text.to_pylist()[1:] == ["1", "null"]
    assert column.present is not None
    assert column.present.tolist() == [False, True, True]


@pytest.mark.parametrize("value", [float("inf"), [float("-inf")], {"a": [float("inf")]}])
def test_first_infinite_number_is_found(value: Any) -> None:
    """Wherever it is nested."""
    assert json_column([1, "a", value, value])[1] == 2


def test_whole_numbers_are_floats_too() -> None:
    """As `types` asks for them; null is of no type."""
    assert has_type(1, "float")
    assert not has_type(1.5, "int")
    assert not has_type(None, "int")


def test_column_includes_what_it_can_hold() -> None:
    """Elements and members too."""
    assert includes(FLOAT, INT)
    assert not includes(INT, FLOAT)
    assert not includes(None, INT)
    assert includes(list_type(FLOAT), list_type(INT))
    assert not includes(type_of_value({"a": 1}), type_of_value({"a": 1, "b": 2}))
    assert not includes(TEXT, INT)
