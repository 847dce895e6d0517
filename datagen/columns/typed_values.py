"""Values of one column type that can be kept, changed row by row, and written as JSON: what workers remember.

Numbers and instants, where all are of one kind, are in an array; any others are Python objects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Ints
from datagen.columns.column import ABSENT, MISSING, NULL, Column
from datagen.columns.column_type import INT64, JSON, ColumnType
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import EPOCH, NAIVE, Style

_MICROSECOND = timedelta(microseconds=1)
_DTYPES = {"int": np.int64, "float": np.float64, "instant": np.int64}


@dataclass(frozen=True)
class ValueType:
    """The column type of values and how instants among them are written; `uniform`: each value is of just this type."""

    column_type: ColumnType
    uniform: bool = True
    style: Style = NAIVE

    @property
    def dtype(self) -> Any:
        """Return the type of the array that holds such values, None where objects do."""
        return _DTYPES.get(self.column_type.kind) if self.uniform else None


ANY = ValueType(JSON, uniform=False)


@dataclass(frozen=True)
class TypedValues:
    """The values of n rows; `absent`, int64[n], is NULL or MISSING where there is none, else 0.

    `values` is an array of the type's `dtype`, or a list of Python objects: JSON values, instants as
    microseconds since 1970. Where there is none it holds 0, or None.
    """

    of: ValueType
    values: NDArray[Any] | list[Any]
    absent: Ints

    def __len__(self) -> int:
        return len(self.absent)

    def column(self) -> Column:
        """Return the values as a column."""
        base: Column
        if isinstance(self.values, list):
            base = column_of(self.values, self.of.column_type, self.of.style)
        elif self.of.column_type.kind == "instant":
            base = InstantColumn(self.values, self.of.style)
        elif self.of.column_type.kind == "int":
            base = IntColumn(self.values)
        else:
            base = FloatColumn(self.values)
        if not self.absent.any():
            return base
        return base.take(np.where(self.absent < 0, self.absent, np.arange(len(self))))

    def take(self, rows: Ints) -> "TypedValues":
        """Return the values of some rows, int64[m]; -1 is null, -2 missing."""
        if not len(self):
            return empty_values(self.of, rows)
        if not len(rows) or rows.min() >= 0:
            values: Any = (
                [self.values[row] for row in rows.tolist()]
                if isinstance(self.values, list)
                else self.values.take(rows)
            )
            return TypedValues(self.of, values, self.absent.take(rows))
        found = self.take(np.maximum(rows, 0))
        nothing = np.flatnonzero(rows < 0)
        found.put(nothing, empty_values(self.of, rows[nothing]))
        return found

    def part(self, rows: slice) -> "TypedValues":
        """Return the values of rows next to each other."""
        return TypedValues(self.of, self.values[rows], self.absent[rows])

    def put(self, rows: Ints, others: "TypedValues") -> None:
        """Change the values of some rows, int64[m], to others of the same type."""
        self.absent[rows] = others.absent
        if isinstance(self.values, list):
            for row, value in zip(rows.tolist(), others.to_list(), strict=True):
                self.values[row] = value
        else:
            self.values[rows] = others.values

    def to_list(self) -> list[Any]:
        """Return the values as Python objects, None where there is none."""
        if isinstance(self.values, list):
            return self.values
        values: list[Any] = self.values.tolist()
        for row in np.flatnonzero(self.absent).tolist():
            values[row] = None
        return values


def empty_values(of: ValueType, absent: Ints) -> TypedValues:
    """Return rows without a value: NULL or MISSING each, int64[n]."""
    values = [None] * len(absent) if of.dtype is None else np.zeros(len(absent), of.dtype)
    return TypedValues(of, values, absent.copy())


def values_of_column(column: Column, of: ValueType) -> TypedValues:
    """Return the values of a column, all of which are of the type."""
    if of.dtype is not None:
        return _array_of_column(column, of)
    values = column.to_python(ABSENT)
    if _may_hold_instants(of.column_type):
        values = [_plain(value, of.column_type) for value in values]
    return values_of_list(values, of)


def values_of_list(values: Sequence[Any], of: ValueType) -> TypedValues:
    """Return values that are Python objects; None is null, ABSENT missing.

    Raises TypeError, ValueError or OverflowError for what an array of the type cannot hold.
    """
    absent = np.zeros(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if value is None or value is ABSENT:
            absent[row] = NULL if value is None else MISSING
    if of.dtype is None:
        return TypedValues(of, [None if each is ABSENT else each for each in values], absent)
    numbers = [0 if none else each for each, none in zip(values, absent.tolist(), strict=True)]
    return TypedValues(of, np.array(numbers, of.dtype), absent)


def joined_values(parts: Sequence[TypedValues]) -> TypedValues:
    """Return values of one type, one part after the other; at least one part."""
    absent = np.concatenate([each.absent for each in parts])
    if isinstance(parts[0].values, list):
        return replace(parts[0], values=[v for each in parts for v in each.values], absent=absent)
    return replace(parts[0], values=np.concatenate([each.values for each in parts]), absent=absent)


def column_of(values: Sequence[Any], column_type: ColumnType, style: Style) -> Column:
    """Return a column of Python values as `TypedValues` holds them; None is null, ABSENT missing."""
    places = [
        NULL if each is None else MISSING if each is ABSENT else place
        for place, each in enumerate(values)
    ]
    there = [each for each in values if each is not None and each is not ABSENT]
    if not there:
        return nulls(len(values)).take(np.array(places, dtype=np.int64))
    column = _column_of_all(there, column_type, style)
    if len(there) == len(values):
        return column
    rows = np.array(places, dtype=np.int64)
    rows[rows >= 0] = np.arange(len(there))
    return column.take(rows)


def _column_of_all(values: list[Any], column_type: ColumnType, style: Style) -> Column:
    """Return a column of values none of which is null or missing."""
    kind, types = column_type.kind, set(map(type, values))
    if kind in _DTYPES and types <= {int, float} and len(types) == 1:
        return _column_of_numbers(values, types, column_type, style)
    if kind == "text" and types == {str}:
        texts = [each.encode("utf-8", "replace").decode() for each in values]
        return TextColumn(pa.array(texts, pa.string()))
    if kind not in ("object", "list") or not _may_hold_instants(column_type):
        return LiteralColumn(values)
    return _column_with_instants(values, column_type, style)


def _column_with_instants(values: list[Any], column_type: ColumnType, style: Style) -> Column:
    if column_type.elements is not None:
        elements = [each for value in values for each in value]
        lengths = np.array(list(map(len, values)), dtype=np.int64)
        return ListColumn(lengths, column_of(elements, column_type.elements, style))
    columns = [
        column_of([each.get(name, ABSENT) for each in values], inner, style)
        for name, inner in column_type.members
    ]
    return ObjectColumn([name for name, _ in column_type.members], columns, len(values))


def _column_of_numbers(
    values: list[Any], types: set[type], column_type: ColumnType, style: Style
) -> Column:
    if types == {float}:
        return FloatColumn(np.array(values, dtype=float))
    if not all(each in INT64 for each in values):
        return LiteralColumn(values)
    numbers = np.array(values, dtype=np.int64)
    return InstantColumn(numbers, style) if column_type.kind == "instant" else IntColumn(numbers)


def _array_of_column(column: Column, of: ValueType) -> TypedValues:
    if isinstance(column, FloatColumn | IntColumn | InstantColumn):
        values = column.values.astype(of.dtype)
        return TypedValues(of, values, np.zeros(len(column), dtype=np.int64))
    array = column.to_arrow(of.column_type)
    absent = np.zeros(len(column), dtype=np.int64)
    if array.null_count:
        absent[np.asarray(array.is_null())] = NULL
        if column.present is not None:
            absent[~column.present] = MISSING
    whole = pa.float64() if of.dtype is np.float64 else pa.int64()
    numbers = pc.fill_null(pc.cast(array, whole), 0).to_numpy(zero_copy_only=False)
    return TypedValues(of, numbers.astype(of.dtype), absent)


def _may_hold_instants(column_type: ColumnType) -> bool:
    """Return whether some value of a type can be, or hold, an instant."""
    if column_type.elements is not None:
        return _may_hold_instants(column_type.elements)
    inner = (each for _, each in column_type.members)
    return column_type.kind in ("instant", "json") or any(map(_may_hold_instants, inner))


def _plain(value: Any, column_type: ColumnType) -> Any:
    """Return a value of a column with instants in it as microseconds, or as text where the type does not say so."""
    if isinstance(value, datetime):
        typed = column_type.kind == "instant"
        return (value - EPOCH) // _MICROSECOND if typed else str(value)
    known = column_type.kind in ("object", "list")
    if isinstance(value, dict):
        members = dict(column_type.members) if known else {}
        return {name: _plain(each, members.get(name, JSON)) for name, each in value.items()}
    if isinstance(value, list):
        elements = (column_type.elements if known else None) or JSON
        return [_plain(each, elements) for each in value]
    return value
