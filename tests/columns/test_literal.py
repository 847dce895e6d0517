"""Columns of any JSON values, and of nulls."""

import numpy as np

from datagen.columns.column_type import INT, JSON, object_type
from datagen.columns.format_spec import FormatSpec
from datagen.columns.literal import LiteralColumn, merged_literals, nulls
from datagen.columns.scalar import IntColumn

ABSENT = object()
VALUES = [1, "a", None, {"k": [True]}]


def test_values_of_any_type() -> None:
    """A string is as it is in plain text, and null is nothing there."""
    column = LiteralColumn(VALUES)
    assert column.json_text.to_pylist() == ["1", '"a"', "null", '{"k":[true]}']
    assert column.text.to_pylist() == ["1", "a", None, '{"k":[true]}']
    assert column.to_arrow(JSON).to_pylist() == ["1", '"a"', None, '{"k":[true]}']
    assert column.to_python(ABSENT) == VALUES


def test_null_stays_null_in_what_is_applied() -> None:
    """Whatever a function writes for it."""
    column = LiteralColumn([1, None])
    assert column.apply(lambda each: each.json_text).to_pylist() == ["1", None]
    assert column.format(FormatSpec("03d", "int")).to_pylist() == ["001", None]


def test_members_are_values_nulls_or_missing() -> None:
    """Null for what is no object; missing where an object has no such key."""
    column = LiteralColumn([{"k": 1}, {"k": None}, {}, 5]).member("k")
    assert column.to_python(ABSENT) == [1, None, ABSENT, None]


def test_members_are_one_object() -> None:
    """So that their texts are made once."""
    column = LiteralColumn([{"k": 1}, {"k": 2}])
    assert column.member("k") is column.member("k")


def test_literals_merge_with_literals_only() -> None:
    """One column of the values of all; what holds others stays as it is."""
    one, other = LiteralColumn([1]), LiteralColumn(["a", None])
    merged = merged_literals([one, other])
    assert merged is not None
    assert merged.to_python(ABSENT) == [1, "a", None]
    assert merged_literals([one]) is one
    assert merged_literals([one, IntColumn(np.array([1]))]) is merged_literals([]) is None


def test_objects_become_structs() -> None:
    """A key that an object lacks is null in Arrow."""
    column = LiteralColumn([{"a": 1}, {}, None])
    found = column.to_arrow(object_type({"a": INT})).to_pylist()
    assert found == [{"a": 1}, {"a": None}, None]


def test_nulls() -> None:
    """So many of them, none missing."""
    column = nulls(3)
    assert column.to_python(ABSENT) == [None] * 3
    assert column.json_text.to_pylist() == ["null"] * 3
    assert column.present is None
    assert nulls(0).take(np.array([-1])).to_arrow(INT).to_pylist() == [None]
