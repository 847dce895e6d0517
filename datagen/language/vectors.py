"""The values that the parts of an expression have for n rows, as arrays, and the columns they become.

A vector says which rows have a value; the others are null, and what its arrays hold there means nothing.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import ColumnType
from datagen.columns.joined import JoinedColumn
from datagen.columns.lazy import lazy_property
from datagen.columns.literal import LiteralColumn
from datagen.columns.pieces import Part, Piece, joined, parts_at
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import Style

DTYPES = {"int": np.int64, "float": np.float64, "bool": np.bool_, "instant": np.int64}
_BOOLS = LiteralColumn([False, True], lasting=True)
_BOOL_TEXTS = pa.array(["false", "true"])


class Vector:
    """The values of n rows; `valid`, bool[n], says where they are not null, None for everywhere."""

    def __init__(self, valid: Mask | None = None) -> None:
        self.valid = valid

    def take(self, rows: Ints) -> "Vector":
        """Return the values at rows: int64[m]."""
        raise NotImplementedError

    def merged(self, rows: Ints, others: "Vector") -> "Vector":
        """Return the values with others, of the same class, in their place at rows: int64[m]."""
        raise NotImplementedError

    def where(self, which: Mask, other: "Vector") -> "Vector":
        """Return the values where a mask is true, bool[n], else others, of the same class."""
        raise NotImplementedError

    def truth(self) -> Mask:
        """Return where a value is true for Python, as if none were null: bool[n]."""
        raise NotImplementedError

    def to_list(self) -> list[Any]:
        """Return the values as Python objects; anything where there is none."""
        raise NotImplementedError

    def text_parts(self, style: Style) -> list[Part]:
        """Return the parts of the plain text of each row, as if none were null."""
        raise NotImplementedError

    def column(self, style: Style) -> Column:
        """Return the column of the values."""
        raise NotImplementedError

    def limited(self, valid: Mask | None) -> "Vector":
        """Return the values, null where a mask is false too."""
        if valid is None:
            return self
        limited = copy(self)
        limited.valid = both(self.valid, valid)
        return limited

    def _valid_at(self, rows: Ints) -> Mask | None:
        return None if self.valid is None else self.valid[rows]

    def _merged_valid(self, rows: Ints, others: "Vector", size: int) -> Mask | None:
        if self.valid is None and others.valid is None:
            return None
        valid = np.ones(size, dtype=bool) if self.valid is None else self.valid.copy()
        valid[rows] = True if others.valid is None else others.valid
        return valid

    def _valid_where(self, which: Mask, other: "Vector") -> Mask | None:
        if self.valid is None and other.valid is None:
            return None
        valid: Mask = np.where(
            which,
            True if self.valid is None else self.valid,
            True if other.valid is None else other.valid,
        )
        return valid

    def _with_nulls(self, column: Column) -> Column:
        """Return a column of n rows, null where the vector is."""
        if self.valid is None or self.valid.all():
            return column
        return column.take(np.where(self.valid, np.arange(len(self.valid)), NULL))


class Numbers(Vector):
    """int64[n], float64[n] or bool[n]."""

    def __init__(self, values: Any, valid: Mask | None = None) -> None:
        super().__init__(valid)
        self.values = values

    def take(self, rows: Ints) -> Vector:
        return type(self)(self.values[rows], self._valid_at(rows))

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Numbers)
        values = self.values.copy()
        values[rows] = others.values
        return type(self)(values, self._merged_valid(rows, others, len(values)))

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Numbers | Single)
        values = np.where(which, self.values, other.values)
        return type(self)(values, self._valid_where(which, other))

    def truth(self) -> Mask:
        true: Mask = self.values != 0
        return true

    def to_list(self) -> list[Any]:
        values: list[Any] = self.values.tolist()
        return values

    def text_parts(self, style: Style) -> list[Part]:
        if self.values.dtype.kind == "b":
            return [Piece(_BOOL_TEXTS, self.values.astype(np.int64))]
        return self._whole(style).json_parts()

    def column(self, style: Style) -> Column:
        return self._with_nulls(self._whole(style))

    def _whole(self, style: Style) -> Column:
        del style
        match self.values.dtype.kind:
            case "b":
                return _BOOLS.take(self.values.astype(np.int64))
            case "i":
                return IntColumn(self.values)
        values = self.values
        return FloatColumn(values if self.valid is None else np.where(self.valid, values, 0.0))


class Instants(Numbers):
    """int64[n], microseconds since 1970."""

    @property
    def safe(self) -> Ints:
        """Return the instants, with one that can be written where there is none."""
        return self.values if self.valid is None else np.where(self.valid, self.values, 0)

    def text_parts(self, style: Style) -> list[Part]:
        return [Piece(self._whole(style).text)]

    def _whole(self, style: Style) -> Column:
        return InstantColumn(self.safe, style)


class Texts(Vector):
    """Texts, made of parts of n rows, which are joined when somebody needs them."""

    def __init__(
        self,
        parts: Sequence[Part],
        rows: int,
        valid: Mask | None = None,
        longest: int | None = None,
    ) -> None:
        """Join parts; `longest` is what no text is longer than, in bytes, if that is known."""
        super().__init__(valid)
        self.parts = list(parts)
        self.rows = rows
        self._longest = longest

    @lazy_property
    def longest(self) -> int:
        """Return how many bytes the longest text has, or more."""
        if self._longest is not None:
            return self._longest
        return sum(map(_longest, self.parts))

    @lazy_property
    def array(self) -> TextArray:
        """Return the texts as a string array of n, without nulls."""
        texts, index = self.source()
        return texts if index is None else joined(self.parts, self.rows)

    def map(self, function: Callable[[TextArray], Any]) -> Any:
        """Return what a function of texts gives, an array as long, for each row; once for each text of a source."""
        texts, index = self.source()
        if index is None or len(texts) > len(index):
            return function(self.array)
        found = function(texts)
        if isinstance(found, np.ndarray):
            return found[index]
        return found.take(pa.array(index))

    def mapped(self, function: Callable[[TextArray], TextArray], longest: int) -> "Texts":
        """Return the texts that a function of texts gives, none of them longer than so many bytes."""
        texts, index = self.source()
        if index is not None and len(texts) > len(index):
            texts, index = self.array, None
        return Texts([Piece(function(texts), index)], self.rows, self.valid, longest)

    def take(self, rows: Ints) -> Vector:
        parts = parts_at(self.parts, rows, "")
        return Texts(parts, len(rows), self._valid_at(rows), self._longest)

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Texts)
        (texts, index), (more, places) = self.source(), others.source()
        index = np.arange(self.rows) if index is None else index.copy()
        index[rows] = (np.arange(others.rows) if places is None else places) + len(texts)
        valid = self._merged_valid(rows, others, self.rows)
        return Texts([Piece(pa.concat_arrays([texts, more]), index)], self.rows, valid)

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Texts)
        (texts, index), (more, places) = self.source(), other.source()
        every = np.arange(self.rows)
        places = (every if places is None else places) + len(texts)
        index = np.where(which, every if index is None else index, places)
        valid = self._valid_where(which, other)
        return Texts([Piece(pa.concat_arrays([texts, more]), index)], self.rows, valid)

    def truth(self) -> Mask:
        true: Mask = self.map(lambda texts: pc.binary_length(texts).to_numpy() > 0)
        return true

    def to_list(self) -> list[Any]:
        texts: list[Any] = self.array.to_pylist()
        return texts

    def text_parts(self, style: Style) -> list[Part]:
        del style
        return self.parts

    def column(self, style: Style) -> Column:
        del style
        if len(self.parts) != 1:
            return self._with_nulls(JoinedColumn(self.parts, self.rows))
        texts, index = self.source()
        if index is None:
            return self._with_nulls(TextColumn(texts))
        index = index if self.valid is None else np.where(self.valid, index, NULL)
        return TextColumn(texts).take(index)

    def source(self) -> tuple[TextArray, Ints | None]:
        """Return texts, and the place of each row's among them; None: all of them, in order."""
        if len(self.parts) != 1:
            return joined(self.parts, self.rows), None
        part = self.parts[0]
        if isinstance(part, str):
            return pa.array([part], pa.string()), np.zeros(self.rows, dtype=np.int64)
        if part.index is None or part.index.min(initial=0) >= 0:
            return part.texts, part.index
        texts = part.texts if len(part.texts) else pa.array([""], pa.string())
        return texts, np.maximum(part.index, 0)  # there it is null


class Objects(Vector):
    """Lists, objects, or values of several types, as Python objects: object[n]."""

    def __init__(self, values: Any, valid: Mask | None = None) -> None:
        super().__init__(valid)
        self.values = values

    def take(self, rows: Ints) -> Vector:
        return Objects(self.values[rows], self._valid_at(rows))

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Objects)
        values = self.values.copy()
        values[rows] = others.values
        return Objects(values, self._merged_valid(rows, others, len(values)))

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Objects)
        values = np.where(which, self.values, other.values)
        return Objects(values, self._valid_where(which, other))

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
        return (Instants if column_type.kind == "instant" else Numbers)(made, valid)
    if column_type.kind == "text":
        return Texts(
            [Piece(_texts(["" if each is None else each for each in values]))], len(values), valid
        )
    return Objects(np.fromiter(values, dtype=object, count=len(values)), valid)


def as_objects(vector: Vector) -> Objects:
    """Return the values as Python objects."""
    if isinstance(vector, Objects):
        return vector
    values = vector.to_list()
    return Objects(np.fromiter(values, dtype=object, count=len(values)), vector.valid)


def python_values(vector: Vector) -> list[Any]:
    """Return the values as Python objects, null as None."""
    values = vector.to_list()
    if vector.valid is None or vector.valid.all():
        return values
    there = vector.valid.tolist()
    return [value if each else None for value, each in zip(values, there, strict=True)]


def both(*masks: Mask | None) -> Mask | None:
    """Return where all masks are true: bool[n]; None stands for everywhere."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found & mask
    return found


def _longest(part: Part) -> int:
    if isinstance(part, str):
        return len(part.encode())
    return int(pc.max(pc.binary_length(part.texts)).as_py() or 0)


def _texts(values: list[str]) -> Any:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # what UTF-8 cannot hold
        return pa.array([each.encode("utf-8", "replace").decode() for each in values], pa.string())
