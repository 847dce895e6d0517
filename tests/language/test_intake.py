"""Columns of all kinds become vectors of their types."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column import concat_columns
from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn, UuidColumn
from datagen.language.column_values import values_of
from datagen.language.intake import from_column
from datagen.language.objects import Objects, python_values
from datagen.language.vectors import Numbers
from tests.support.expression_trees import FLOATS, OBJECT, OBJECTS, column_of

OBJECT_1 = {"a": 1, "b": 0.5, "c": "x", "t": 5}
CASES: dict[str, tuple[ColumnType, list[Any]]] = {
    "int": (INT, [1, None, -(2**63)]),
    "float": (FLOAT, [0.5, None, 1e300]),
    "bool": (BOOL, [True, None, False]),
    "text": (TEXT, ["a", None, "ß"]),
    "instant": (INSTANT, [0, None, 10**15]),
    "list": (FLOATS, [[0.5, None], None, []]),
    "object": (OBJECT, [OBJECT_1, None, {**OBJECT_1, "c": None}]),
    "objects": (OBJECTS, [[OBJECT_1, None], None, []]),
}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("literal", [False, True])
def test_columns(kind: str, literal: bool) -> None:
    """As they are, gathered, with gaps, and one after the other."""
    column_type, values = CASES[kind]
    column = column_of(values, column_type, literal=literal)
    gathered = column.take(np.array([2, -1, 0, -2, 0]))
    taken = [values[2], None, values[0], None, values[0]]
    for each, expected in (
        (column, values),
        (gathered, taken),
        (concat_columns([gathered, column]), taken + values),
    ):
        vector = from_column(each, column_type)
        assert python_values(vector) == expected
        assert isinstance(vector, Numbers) is (kind in ("int", "float", "bool", "instant"))
        assert values_of(each, column_type) == expected


def test_whole_numbers_in_a_column_of_doubles() -> None:
    """They are doubles in expressions."""
    mixed = concat_columns([IntColumn(np.array([1, 2])), column_of([0.5], FLOAT)])
    for column in (mixed, IntColumn(np.array([1, 2])), LiteralColumn([1, 2.5, None])):
        vector = from_column(column, FLOAT)
        assert all(isinstance(each, float | None) for each in python_values(vector))


def test_texts_of_other_columns() -> None:
    """A UUID is a text."""
    column = UuidColumn(np.array([1], dtype=np.uint64), np.array([2], dtype=np.uint64))
    assert python_values(from_column(column, TEXT)) == column.text.to_pylist()


def test_rows_of_nothing() -> None:
    """A source without values has nulls only."""
    column = IntColumn(np.empty(0, dtype=np.int64)).take(np.array([-1, -2]))
    assert python_values(from_column(column, INT)) == [None, None]


def test_columns_of_objects_stay_columns() -> None:
    """Python objects are made of them only where somebody needs them."""
    vector = from_column(column_of([OBJECT_1], OBJECT), OBJECT)
    assert isinstance(vector, Objects)
    assert vector.held is not None
