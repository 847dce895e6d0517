"""Types of columns: of single values, of several together, and in Arrow."""

from typing import Any

import pyarrow as pa
import pytest

from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    NOTHING,
    TEXT,
    ColumnType,
    list_type,
    object_type,
    type_of_value,
    union,
)
from datagen.errors import RunError

CLASH = ColumnType("json", clash=True)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([], NOTHING),
        ([NOTHING, INT], INT),
        ([INT, FLOAT], FLOAT),
        ([INT, TEXT], CLASH),
        ([INT, BOOL], CLASH),
        ([list_type(INT), list_type(NOTHING)], list_type(INT)),
        ([list_type(INT), list_type(TEXT)], list_type(CLASH)),
        ([JSON, JSON], JSON),
        ([JSON, CLASH], CLASH),
        ([object_type({"a": INT}), object_type({"b": TEXT, "a": FLOAT})],
         object_type({"a": FLOAT, "b": TEXT})),
        ([object_type({"a": INT}), INT], ColumnType("json", (("a", INT),), clash=True)),
    ],
)  # fmt: skip
def test_union(types: list[ColumnType], expected: ColumnType) -> None:
    """Ints widen to floats, lists and objects are joined, and all else clashes."""
    assert union(types) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, NOTHING),
        (True, BOOL),
        (2**63 - 1, INT),
        (2**63, JSON),
        (1.0, FLOAT),
        ("", TEXT),
        ({}, JSON),
        ({"a": [1, 2.0]}, object_type({"a": list_type(FLOAT)})),
    ],
)
def test_type_of_a_value(value: Any, expected: ColumnType) -> None:
    """An integer of more than 64 bits and an object without members are JSON."""
    assert type_of_value(value) == expected


@pytest.mark.parametrize(
    ("column_type", "value", "expected"),
    [
        (FLOAT, -0.0, 0.0),
        (FLOAT, 3, 3.0),
        (TEXT, "\ud800", "?"),
        (JSON, [1, "x"], '[1,"x"]'),
        (
            list_type(object_type({"a": JSON})),
            [{}, {"a": {}}, None],
            [{"a": None}, {"a": "{}"}, None],
        ),
    ],
)
def test_values_for_arrow(column_type: ColumnType, value: Any, expected: Any) -> None:
    """An array of the Arrow type takes what it is given."""
    found = column_type.for_arrow(value)
    assert repr(found) == repr(expected)
    assert pa.array([found], column_type.arrow_type).to_pylist() == [expected]


def test_an_integer_of_more_than_64_bits_is_an_error() -> None:
    """Only a counter can become one."""
    with pytest.raises(RunError, match="does not fit in a 64-bit column"):
        INT.for_arrow(2**63)


def test_members_of_a_type() -> None:
    """A name that objects lack has no type."""
    assert object_type({"a": INT}).member("a") == INT
    assert object_type({"a": INT}).member("b") == NOTHING
