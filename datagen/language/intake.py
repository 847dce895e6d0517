"""Turns columns into vectors."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.pieces import Piece
from datagen.language.column_values import values_of
from datagen.language.objects import DTYPES, Objects, from_list, object_array
from datagen.language.vectors import Numbers, Texts, Vector


def from_column(column: Column, column_type: ColumnType) -> Vector:
    """Return the values of a column, all of this type."""
    return _FROM_COLUMN.get(column_type.kind, _objects)(column, column_type)


def _numbers(column: Column, column_type: ColumnType) -> Vector:
    source, index = column.origin
    values = source.vector if source.is_full else None
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
    values = _filled(array.view(pa.int64()), column_type)
    return Numbers(values, _valid(array), are_instants=True)


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
    source, index = column.origin
    if not isinstance(source, ListColumn | ObjectColumn):
        return from_list(values_of(column, column_type), column_type)
    valid = None if index is None or index.min(initial=0) >= 0 else index >= 0
    return Objects(lambda: object_array(values_of(column, column_type)), valid, column)


_FROM_COLUMN: Mapping[str, Callable[[Column, ColumnType], Vector]] = {
    "int": _numbers, "float": _numbers, "bool": _numbers, "instant": _instants, "text": _text,
}  # fmt: skip


def _valid(array: Any) -> Mask | None:
    return array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None


def _filled(array: Any, column_type: ColumnType) -> Any:
    filled = pc.fill_null(array, _ZEROS[column_type.kind]) if array.null_count else array
    return filled.to_numpy(zero_copy_only=False)


_ZEROS: Mapping[str, Any] = {"int": 0, "float": 0.0, "bool": False, "instant": 0}
