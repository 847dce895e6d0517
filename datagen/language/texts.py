"""Vectors of texts, made of parts of n rows, which are joined when somebody needs them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns.column import NULL, Column
from datagen.columns.joined import JoinedColumn
from datagen.columns.lazy import lazy_property
from datagen.columns.pieces import Part, Piece, joined, parts_at
from datagen.columns.scalar import TextColumn
from datagen.instants import Style
from datagen.language.vectors import Vector


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
