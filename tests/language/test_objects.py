"""Vectors of Python objects, and of one value for all rows."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, JSON, NOTHING, TEXT, ColumnType
from datagen.columns.pieces import joined
from datagen.language.objects import Objects, Single, as_objects, from_list, python_values
from datagen.language.vectors import Numbers
from tests.support.expression_trees import INTS, STYLE

LISTS = from_list([[1], None, [], [2, 3]], INTS)


@pytest.mark.parametrize(
    ("column_type", "values"),
    [(INT, [1, None, -(2**63)]), (FLOAT, [0.5, None]), (BOOL, [True, None, False]), (TEXT, ["a", None, ""]),
     (INSTANT, [5, None]), (INTS, [[1], None, [None]]), (JSON, [1, "a", None, {"a": 1}]), (NOTHING, [None, None]), (INT, [])],
)  # fmt: skip
def test_python_objects_there_and_back(column_type: ColumnType, values: list[Any]) -> None:
    """Null is None."""
    vector = from_list(values, column_type)
    assert python_values(vector) == values
    assert python_values(as_objects(vector)) == values
    if column_type != INSTANT:
        assert vector.column(STYLE).to_python(None) == values


def test_objects() -> None:
    """Rows, merged and chosen ones, truth and text."""
    assert isinstance(LISTS, Objects)
    assert python_values(LISTS.take(np.array([3, 1]))) == [[2, 3], None]
    merged = LISTS.merged(np.array([0, 1]), from_list([[9], [8]], INTS))
    assert python_values(merged) == [[9], [8], [], [2, 3]]
    chosen = LISTS.where(
        np.array([True, True, False, False]), from_list([None, [5], [6], None], INTS)
    )
    assert python_values(chosen) == [[1], None, [6], None]
    assert LISTS.truth().tolist() == [True, False, False, True]
    assert joined(LISTS.text_parts(STYLE), 4).to_pylist() == ["[1]", "", "[]", "[2,3]"]


def test_objects_are_made_when_somebody_needs_them() -> None:
    """A column that has them may be enough."""
    vector = Objects(lambda: pytest.fail("made"), None)
    assert vector.held is None
    with pytest.raises(pytest.fail.Exception):
        vector.truth()


@pytest.mark.parametrize(
    ("value", "column_type", "text"),
    [
        (5, INT, "5"),
        (0.5, FLOAT, "0.5"),
        ("a", TEXT, "a"),
        ([1], INTS, "[1]"),
        (True, BOOL, "true"),
    ],
)
def test_single_values(value: Any, column_type: ColumnType, text: str) -> None:
    """One for all rows, null too."""
    single = Single(value, column_type, 3)
    assert single.column(STYLE).to_python(None) == [value] * 3
    assert python_values(single.spread) == [value] * 3
    assert joined(single.text_parts(STYLE), 3).to_pylist() == [text] * 3
    assert single.truth().tolist() == [True] * 3
    assert len(single.take(np.array([0])).to_list()) == 1
    null = Single(None, column_type, 3)
    assert python_values(null) == [None] * 3
    assert null.text_parts(STYLE) == []
    merged = null.merged(np.array([1]), from_list([value], column_type))
    assert python_values(merged) == [None, value, None]


def test_single_values_limited_and_chosen() -> None:
    """They become vectors of values."""
    there = np.array([True, False])
    single = Single(5, INT, 2)
    assert single.limited(None) is single
    assert python_values(single.limited(there)) == [5, None]
    assert python_values(single.where(there, Numbers(np.array([7, 8])))) == [5, 8]
