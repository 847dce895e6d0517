"""Columns of one simple type: what they are as JSON, as text, in Arrow and in Python."""

import uuid

import numpy as np
import pyarrow as pa

from datagen.columns.column_type import FLOAT, INSTANT, INT
from datagen.columns.format_spec import FormatSpec
from datagen.columns.scalar import (
    AddressColumn,
    FloatColumn,
    InstantColumn,
    IntColumn,
    TextColumn,
    UuidColumn,
)
from datagen.columns.strftime import TimePattern
from datagen.instants import Style

HOUR = 3_600_000_000


def test_integers() -> None:
    """They fit a column of doubles too."""
    column = IntColumn(np.array([-1, 10]))
    assert column.json_text.to_pylist() == ["-1", "10"]
    assert column.to_arrow(INT).to_pylist() == [-1, 10]
    assert column.to_arrow(FLOAT).to_pylist() == [-1.0, 10.0]
    assert column.format(FormatSpec("04d", "int")).to_pylist() == ["-001", "0010"]


def test_doubles() -> None:
    """With a point or an exponent, and never -0.0."""
    column = FloatColumn(np.array([-0.0, 1e22]))
    assert column.text.to_pylist() == ["0.0", "1e+22"]
    assert str(column.to_python(None)) == "[0.0, 1e+22]"
    assert column.format(FormatSpec(".1f", "float")).to_pylist()[0] == "0.0"


def test_texts() -> None:
    """Quoted in JSON only."""
    column = TextColumn(pa.array(['a"', ""]))
    assert column.json_text.to_pylist() == [r'"a\""', '""']
    assert column.text.to_pylist() == ['a"', ""]
    assert column.vector is column.text


def test_instants() -> None:
    """In the style of the run, by a pattern, as UTC in Arrow, as datetimes in Python."""
    column = InstantColumn(np.array([0, 1_999]), Style(HOUR, "+01:00"))
    assert column.text.to_pylist()[1] == "1970-01-01T01:00:00.001+01:00"
    assert column.strftime(TimePattern("%H:%M")).to_pylist() == ["01:00", "01:00"]
    assert column.to_arrow(INSTANT).cast(pa.int64()).to_pylist() == [0, 1_999]
    assert [each.isoformat() for each in column.to_python(None)] == column.text.to_pylist()
    assert column.vector is None


def test_addresses() -> None:
    """Four octets, in quotes in JSON."""
    column = AddressColumn(np.array([0, 0xC0A80001, 0xFFFFFFFF], dtype=np.uint64))
    assert column.text.to_pylist() == ["0.0.0.0", "192.168.0.1", "255.255.255.255"]
    assert column.json_text.to_pylist()[0] == '"0.0.0.0"'


def test_uuids() -> None:
    """Version 4 and the variant of RFC 9562, whatever bits they are made of."""
    high, low = np.array([0, 2**64 - 1], np.uint64), np.array([2**64 - 1, 0], np.uint64)
    made = [uuid.UUID(text) for text in UuidColumn(high, low).text.to_pylist()]
    assert {(each.version, each.variant) for each in made} == {(4, uuid.RFC_4122)}
    assert str(made[0]) == "00000000-0000-4000-bfff-ffffffffffff"
