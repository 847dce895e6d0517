"""Columns of objects and lists."""

import numpy as np

from datagen.columns.column import MISSING, NULL, Column
from datagen.columns.column_type import INT, TEXT, list_type, object_type
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import IntColumn

ABSENT = object()


def gaps() -> Column:
    """Return a column of a value, a null and a missing one."""
    return LiteralColumn(["x"]).take(np.array([0, NULL, MISSING]))


def test_objects_leave_out_what_is_missing() -> None:
    """In JSON and in Python; Arrow has null there."""
    column = ObjectColumn(["a", "b"], [gaps(), IntColumn(np.arange(3))], 3)
    assert column.json_text.to_pylist() == ['{"a":"x","b":0}', '{"a":null,"b":1}', '{"b":2}']
    assert column.to_python(ABSENT)[2] == {"b": 2}
    found = column.to_arrow(object_type({"b": INT, "a": TEXT})).to_pylist()
    assert found == [{"b": 0, "a": "x"}, {"b": 1, "a": None}, {"b": 2, "a": None}]


def test_members_of_objects() -> None:
    """A name that no object has is missing everywhere."""
    column = ObjectColumn(["a"], [IntColumn(np.arange(2))], 2)
    assert column.member("a").to_python(ABSENT) == [0, 1]
    assert column.member("b").to_python(ABSENT) == [ABSENT] * 2


def test_lists_leave_out_what_is_missing() -> None:
    """Elements that are missing are no elements; empty lists stay."""
    column = ListColumn(np.array([2, 0, 1]), gaps())
    assert column.json_text.to_pylist() == ['["x",null]', "[]", "[]"]
    assert column.to_python(ABSENT) == [["x", None], [], []]
    assert column.to_arrow(list_type(TEXT)).to_pylist() == [["x", None], [], []]
