"""Columns in the binary encoding of Avro, as fastavro encodes their values one by one."""

import io
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datagen.columns.column_type import type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.formats.avro import Avro, avro_name
from datagen.formats.avro_binary import encode_longs, encode_records
from datagen.formats.columnar import no_records
from datagen.spec.parsing import parse_spec
from tests.support.avro import schema_of
from tests.support.tables import (
    EVERYTHING,
    VALUES,
    columns_of,
    enum,
    one_emitter,
)


@given(st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1)))
def test_whole_numbers_are_encoded_as_fastavro_does(numbers: list[int]) -> None:
    """All sizes, from one byte to ten."""
    expected = []
    for number in numbers:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, {"type": "long"}, number)
        expected.append(out.getvalue())
    assert encode_longs(np.array(numbers, dtype=np.int64)).to_pylist() == expected


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_any_values_of_an_enum_are_encoded_as_fastavro_does(values: list[Any]) -> None:
    """Byte for byte, for each record of a batch, also of a slice."""
    shape = union(map(type_of_value, values))
    spec = one_emitter(enum("x", *values))
    if list(Avro().check(parse_spec(spec, "test.json")[0])):
        return
    array = LiteralColumn(values).to_arrow(shape)
    batch = pa.RecordBatch.from_arrays([array], schema=pa.schema([("x", shape.arrow_type)]))
    schema = schema_of(spec)
    schema["fields"] = schema["fields"][1:]
    expected = []
    for value in array.to_pylist():
        out = io.BytesIO()
        fastavro.schemaless_writer(out, schema, {"x": _of_avro(value)})
        expected.append(out.getvalue())
    assert encode_records(batch).to_pylist() == expected
    assert encode_records(batch.slice(1)).to_pylist() == expected[1:]


def _of_avro(value: Any) -> Any:
    """Return a value with the names that Avro has for fields."""
    if isinstance(value, dict):
        return {avro_name(name): _of_avro(each) for name, each in value.items()}
    return [_of_avro(each) for each in value] if isinstance(value, list) else value


def test_no_records_are_encoded() -> None:
    """An empty batch gives an empty array."""
    assert encode_records(no_records(columns_of(EVERYTHING))).to_pylist() == []
