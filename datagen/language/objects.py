"""Vectors of Python objects, and of one value for all rows; Python objects as vectors."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, Mask
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.columns.lazy import lazy_property
from datagen.columns.literal import LiteralColumn
from datagen.columns.pieces import Part, Piece, joined
from datagen.instants import Style
from datagen.language.vectors import Numbers, Texts, Vector, text_array

DTYPES = {"int": np.int64, "float": np.float64, "bool": np.bool_, "instant": np.int64}


class Objects(Vector):
    """Lists, objects, or values of several types, as Python objects.

    `held` is the column that has them, where they come from one of lists or objects.
    """

    def __init__(
        self, make: Callable[[], Any], valid: Mask | None = None, held: Column | None = None
    ) -> None:
        super().__init__(valid)
        self._make, self.held = make, held

    @lazy_property
    def values(self) -> Any:
        """Return the values: object[n]."""
        return self._make()

    def take(self, rows: Ints) -> Vector:
        return _objects(self.values[rows], self.valid_at(rows))

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Objects)
        values = self.values.copy()
        values[rows] = others.values
        return _objects(values, self.merged_valid(rows, others, len(values)))

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Objects)
        values = np.where(which, self.values, other.values)
        return _objects(values, self.valid_where(which, other))

    def truth(self) -> Mask:
        return np.fromiter(map(bool, self.values), dtype=bool, count=len(self.values))

    def to_list(self) -> list[Any]:
        values: list[Any] = self.values.tolist()
        return values

    def text_parts(self, style: Style) -> list[Part]:
        del style
        texts = [json_text.plain_text(value) or "" for value in self.or_none()]
        return [Piece(pa.array(texts, pa.string()))]

    def column(self, style: Style) -> Column:
        del style
        return LiteralColumn(self.or_none())

    def or_none(self) -> list[Any]:
        """Return the values, null as None."""
        if self.valid is None:
            return self.to_list()
        return [
            value if there else None for value, there in zip(self.values, self.valid, strict=True)
        ]


class Single(Vector):
    """The same value for all n rows; null is None."""

    def __init__(self, value: Any, column_type: ColumnType, rows: int) -> None:
        super().__init__(None if value is not None else np.zeros(rows, dtype=bool))
        self.value = value
        self.column_type = column_type
        self.rows = rows

    @property
    def values(self) -> Any:
        """Return the number, which numpy takes for all rows."""
        return self.value

    @lazy_property
    def spread(self) -> Vector:
        """Return the value as it is for each row."""
        one = from_list([self.value], self.column_type)
        return one.take(np.zeros(self.rows, dtype=np.int64))

    def limited(self, valid: Mask | None) -> Vector:
        return self if valid is None else self.spread.limited(valid)

    def merged(self, rows: Ints, others: Vector) -> Vector:
        return self.spread.merged(rows, others)

    def where(self, which: Mask, other: Vector) -> Vector:
        return self.spread.where(which, other)

    def take(self, rows: Ints) -> Vector:
        return Single(self.value, self.column_type, len(rows))

    def truth(self) -> Mask:
        return np.full(self.rows, bool(self.value))

    def to_list(self) -> list[Any]:
        return [self.value] * self.rows

    def text_parts(self, style: Style) -> list[Part]:
        if self.value is None:
            return []
        one = from_list([self.value], self.column_type).text_parts(style)
        return [joined(one, 1)[0].as_py()]

    def column(self, style: Style) -> Column:
        one = from_list([self.value], self.column_type).column(style)
        return one.take(np.zeros(self.rows, dtype=np.int64))


def from_list(values: Sequence[Any], column_type: ColumnType) -> Vector:
    """Return n Python objects of a type, null as None, as expressions have them."""
    there = [value is not None for value in values]
    valid = None if all(there) else np.array(there, dtype=bool)
    dtype = DTYPES.get(column_type.kind)
    if dtype is not None:
        zero = dtype(0)
        made: Any = np.array([zero if value is None else value for value in values], dtype=dtype)
        return Numbers(made, valid, are_instants=column_type.kind == "instant")
    if column_type.kind == "text":
        return Texts(
            [Piece(text_array(["" if each is None else each for each in values]))],
            len(values),
            valid,
        )
    return _objects(object_array(values), valid)


def object_array(values: Sequence[Any]) -> Any:
    """Return Python objects as object[n]."""
    return np.fromiter(values, dtype=object, count=len(values))


def as_objects(vector: Vector) -> Objects:
    """Return the values as Python objects."""
    if isinstance(vector, Objects):
        return vector
    values = vector.to_list()
    return _objects(object_array(values), vector.valid)


def python_values(vector: Vector) -> list[Any]:
    """Return the values as Python objects, null as None."""
    values = vector.to_list()
    if vector.valid is None or vector.valid.all():
        return values
    there = vector.valid.tolist()
    return [value if each else None for value, each in zip(values, there, strict=True)]


def _objects(values: Any, valid: Mask | None) -> Objects:
    return Objects(lambda: values, valid)
