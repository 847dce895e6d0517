"""Tables: rows of values from a file or a specification, which field generators pick and expressions look up."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column, concat_columns
from datagen.columns.column_type import ColumnType, object_type
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.randomness import below

_SIZES = {IntColumn: 8, FloatColumn: 8}  # bytes of a value
_MOST_LASTING = 100_000  # rows whose texts are kept


class Table:
    """The n rows of a table: a column for each name, and of which type each is.

    A row is picked by its weight, float64[n], or evenly without them. `key` is the column by which rows are looked up.
    """

    def __init__(
        self,
        values: Mapping[str, Column],
        types: Mapping[str, ColumnType],
        rows: int,
        key: str | None = None,
        weights: Floats | None = None,
    ) -> None:
        self._values, self._types, self._rows = values, types, rows
        self.key, self._weights = key, weights
        self._columns: dict[str | None, Column] = {}
        self._found: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return self._rows

    @property
    def columns(self) -> Mapping[str, ColumnType]:
        """Return the column types, by name."""
        return self._types

    def column_type(self, field: str | None) -> ColumnType:
        """Return the type of a part of the rows, or of the rows as objects."""
        column_type = object_type(self._types)
        for name in _steps(field):
            column_type = column_type.member(name)
        return column_type

    def column(self, field: str | None) -> Column:
        """Return a part of the rows, or the rows as objects: n values."""
        if field not in self._columns:
            column: Column = ObjectColumn(
                list(self._values), list(self._values.values()), self._rows
            )
            for name in _steps(field):
                column = column.member(name)
            column.lasting = self.is_small
            self._columns[field] = column
        return self._columns[field]

    @property
    def is_small(self) -> bool:
        """Return whether the texts of all rows may be kept."""
        return self._rows <= _MOST_LASTING

    def memory(self) -> tuple[float, float]:
        """Return the bytes that the rows take, about: to keep them, and while texts and keys are made of them."""
        size = sum(
            each.values.nbytes
            if isinstance(each, TextColumn)
            else self._rows * _SIZES.get(type(each), 200)
            for each in self._values.values()
        )
        return size + 100.0 * self._rows * (self.key is not None), 3.0 * size

    def rows_at(self, field: str | None, rows: Ints) -> Column:
        """Return a part of some rows, int64[m], without what is made of the others."""
        return _compact(self.column(field), rows)

    def picked(self, bits: Bits) -> Ints:
        """Return the row that is picked by each draw: uint64[m] -> int64[m]."""
        if self._guide is None:
            return below(bits, self._rows).view(np.int64)
        return self._guide.places(bits)

    def lookup(self, keys: Sequence[Any], column: str) -> list[Any]:
        """Return for each key the value of a column in its row, None where there is none."""
        if column not in self._found:
            self._found[column] = self.column(column).to_python(None)
        values, places = self._found[column], self._places
        return [
            None if (row := places.get(_hashable(key))) is None else values[row] for key in keys
        ]

    @cached_property
    def _places(self) -> dict[Any, int]:
        assert self.key is not None
        keys = self.column(self.key).to_python(None)
        return {_hashable(key): row for row, key in enumerate(keys) if key is not None}

    @cached_property
    def _guide(self) -> GuideTable | None:
        return None if self._weights is None else GuideTable(cumulative(self._weights))

    def repeated_key(self) -> Any:
        """Return a key that several rows have, None where there is none such."""
        assert self.key is not None
        seen: set[Any] = set()
        for key in self.column(self.key).to_python(None):
            if key is not None and _hashable(key) in seen:
                return key
            seen.add(_hashable(key))
        return None


def _steps(field: str | None) -> list[str]:
    return [] if field is None else field.split(".")


def _hashable(value: Any) -> Any:
    """Return what equals another value where expressions say so: 1 is 1.0, and true is not 1."""
    if isinstance(value, bool | dict | list):
        return type(value), repr(value)
    return value


def _compact(column: Column, rows: Ints) -> Column:
    """Return some rows of a column, those of simple types in columns of their own."""
    if isinstance(column, ObjectColumn):
        parts = [_compact(each, rows) for each in column.columns]
        return ObjectColumn(column.names, parts, len(rows))
    if isinstance(column, IntColumn):
        return IntColumn(column.values[rows])
    if isinstance(column, FloatColumn):
        return FloatColumn(column.values[rows])
    if isinstance(column, TextColumn):
        return TextColumn(column.values.take(pa.array(rows)))
    return column.take(rows)


def joined_columns(parts: Sequence[Column]) -> Column:
    """Return columns one after the other, those of one simple type as one array."""
    kinds = {type(each) for each in parts}
    if kinds == {TextColumn}:
        return TextColumn(pa.concat_arrays([each.vector for each in parts]))
    if kinds == {IntColumn}:
        return IntColumn(np.concatenate([each.vector for each in parts]))
    if kinds == {FloatColumn}:
        return FloatColumn(np.concatenate([each.vector for each in parts]))
    return concat_columns(parts)
