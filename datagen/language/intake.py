"""Turns columns and Python objects into vectors."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.column_type import NOTHING, ColumnType
from datagen.columns.pieces import Piece
from datagen.instants import EPOCH
from datagen.language.vectors import DTYPES, Instants, Numbers, Texts, Vector, from_list


def from_column(column: Column, column_type: ColumnType) -> Vector:
    """Return the values of a column, all of this type."""
    return _FROM_COLUMN.get(column_type.kind, _objects)(column, column_type)


def python_values(column: Column, column_type: ColumnType) -> list[Any]:
    """Return the values of a column as expressions have them: null and missing as None, an instant as an int."""
    convert = _conversion(column_type)
    values = column.to_python(None)
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def _numbers(column: Column, column_type: ColumnType) -> Vector:
    source, index = column.origin
    values = source.vector
    if not isinstance(values, np.ndarray) or values.dtype != DTYPES[column_type.kind]:
        array = column.to_arrow(column_type)
        return Numbers(_filled(array, column_type), _valid(array))
    if index is None:
        return Numbers(values)
    valid = index >= 0
    if valid.all():
        return Numbers(values[index])
    if not len(values):
        return Numbers(np.zeros(len(index), values.dtype), valid)
    return Numbers(values[np.maximum(index, 0)], valid)


def _instants(column: Column, column_type: ColumnType) -> Vector:
    array = column.to_arrow(column_type)
    return Instants(_filled(array.view(pa.int64()), column_type), _valid(array))


def _text(column: Column, column_type: ColumnType) -> Vector:
    del column_type
    source, index = column.origin
    texts = source.text
    if index is None:
        valid = _valid(texts)
        return Texts(
            [Piece(pc.fill_null(texts, "") if valid is not None else texts)], len(column), valid
        )
    valid = index >= 0
    if texts.null_count:
        valid &= texts.is_valid().to_numpy(zero_copy_only=False)[np.maximum(index, 0)]
        texts = pc.fill_null(texts, "")
    return Texts([Piece(texts, index)], len(column), None if valid.all() else valid)


def _objects(column: Column, column_type: ColumnType) -> Vector:
    return from_list(python_values(column, column_type), column_type)


_FROM_COLUMN: Mapping[str, Callable[[Column, ColumnType], Vector]] = {
    "int": _numbers, "float": _numbers, "bool": _numbers, "instant": _instants, "text": _text,
}  # fmt: skip


def _valid(array: Any) -> Mask | None:
    return array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None


def _filled(array: Any, column_type: ColumnType) -> Any:
    filled = pc.fill_null(array, _ZEROS[column_type.kind]) if array.null_count else array
    return filled.to_numpy(zero_copy_only=False)


_ZEROS: Mapping[str, Any] = {"int": 0, "float": 0.0, "bool": False, "instant": 0}


def _conversion(column_type: ColumnType) -> Callable[[Any], Any] | None:
    """Return what turns a value of a column that is not null into that of expressions, None for as it is."""
    match column_type.kind:
        case "float":
            return float
        case "instant":
            return _micros
        case "json":
            return _without_instants
        case "list":
            inner = _conversion(column_type.elements or NOTHING)
            return inner and (
                lambda values: [None if each is None else inner(each) for each in values]
            )
        case "object":
            members = {name: _conversion(each) for name, each in column_type.members}
            return _of_members({name: each for name, each in members.items() if each is not None})
    return None


def _of_members(converts: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Any] | None:
    if not converts:
        return None

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        changed = {
            name: each(value[name])
            for name, each in converts.items()
            if value.get(name) is not None
        }
        return {**value, **changed}

    return convert


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _without_instants(value: Any) -> Any:
    """Return a value of any type with texts in place of the instants."""
    if isinstance(value, datetime):
        return str(value)
    if isinstance(value, list):
        return [_without_instants(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_instants(each) for name, each in value.items()}
    return value
