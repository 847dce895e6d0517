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
from datagen.columns.column import NULL, Column
from datagen.columns.joined import JoinedColumn
from datagen.columns.lazy import lazy_property
from datagen.columns.literal import LiteralColumn
from datagen.columns.pieces import Part, Piece, joined, parts_at
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import Style

_BOOLS = LiteralColumn([False, True], lasting=True)


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

    # for classes of the family

    def valid_at(self, rows: Ints) -> Mask | None:
        """Return `valid` of the values at rows."""
        return None if self.valid is None else self.valid[rows]

    def merged_valid(self, rows: Ints, others: "Vector", size: int) -> Mask | None:
        """Return `valid` of the n values that `merged` gives."""
        if self.valid is None and others.valid is None:
            return None
        valid = np.ones(size, dtype=bool) if self.valid is None else self.valid.copy()
        valid[rows] = True if others.valid is None else others.valid
        return valid

    def valid_where(self, which: Mask, other: "Vector") -> Mask | None:
        """Return `valid` of the values that `where` gives."""
        if self.valid is None and other.valid is None:
            return None
        valid: Mask = np.where(
            which,
            True if self.valid is None else self.valid,
            True if other.valid is None else other.valid,
        )
        return valid

    def with_nulls(self, column: Column) -> Column:
        """Return a column of n rows, null where the vector is."""
        if self.valid is None or self.valid.all():
            return column
        return column.take(np.where(self.valid, np.arange(len(self.valid)), NULL))


class Numbers(Vector):
    """int64[n], float64[n] or bool[n]; `are_instants`: microseconds since 1970."""

    def __init__(
        self, values: Any, valid: Mask | None = None, *, are_instants: bool = False
    ) -> None:
        super().__init__(valid)
        self.values = values
        self.are_instants = are_instants

    @property
    def safe(self) -> Any:
        """Return the numbers, with 0 where there is none."""
        return self.values if self.valid is None else np.where(self.valid, self.values, 0)

    def take(self, rows: Ints) -> Vector:
        return self._with(self.values[rows], self.valid_at(rows))

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Numbers)
        values = self.values.copy()
        values[rows] = others.values
        return self._with(values, self.merged_valid(rows, others, len(values)))

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Numbers)
        values = np.where(which, self.values, other.values)
        return self._with(values, self.valid_where(which, other))

    def truth(self) -> Mask:
        true: Mask = self.values != 0
        return true

    def to_list(self) -> list[Any]:
        values: list[Any] = self.values.tolist()
        return values

    def text_parts(self, style: Style) -> list[Part]:
        whole = self._whole(style)
        if self.values.dtype.kind == "b" or self.are_instants:
            return [Piece(whole.text)]
        return whole.json_parts()

    def column(self, style: Style) -> Column:
        return self.with_nulls(self._whole(style))

    def _whole(self, style: Style) -> Column:
        if self.are_instants:
            return InstantColumn(self.safe, style)
        match self.values.dtype.kind:
            case "b":
                return _BOOLS.take(self.values.astype(np.int64))
            case "i":
                return IntColumn(self.values)
        return FloatColumn(self.safe)

    def _with(self, values: Any, valid: Mask | None) -> Vector:
        return Numbers(values, valid, are_instants=self.are_instants)


class Texts(Vector):
    """Texts: those of all parts, one after the other."""

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
        return Texts(parts, len(rows), self.valid_at(rows), self._longest)

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Texts)
        (texts, index), (more, places) = self.source(), others.source()
        index = np.arange(self.rows) if index is None else index.copy()
        index[rows] = (np.arange(others.rows) if places is None else places) + len(texts)
        valid = self.merged_valid(rows, others, self.rows)
        return Texts([Piece(pa.concat_arrays([texts, more]), index)], self.rows, valid)

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Texts)
        (texts, index), (more, places) = self.source(), other.source()
        every = np.arange(self.rows)
        places = (every if places is None else places) + len(texts)
        index = np.where(which, every if index is None else index, places)
        valid = self.valid_where(which, other)
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
            return self.with_nulls(JoinedColumn(self.parts, self.rows))
        texts, index = self.source()
        if index is None:
            return self.with_nulls(TextColumn(texts))
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


def both(*masks: Mask | None) -> Mask | None:
    """Return where all masks are true: bool[n]; None stands for everywhere."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found & mask
    return found


def text_array(values: list[str]) -> TextArray:
    """Return texts as an array; what UTF-8 cannot hold is replaced."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([each.encode("utf-8", "replace").decode() for each in values], pa.string())


def _longest(part: Part) -> int:
    if isinstance(part, str):
        return len(part.encode())
    return int(pc.max(pc.binary_length(part.texts)).as_py() or 0)
