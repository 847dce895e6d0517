"""Joins texts row by row: pieces of n rows are gathered, all at once, from texts of which there may be fewer.

The texts of all pieces are put behind each other and taken by one index, that of each piece of the
first row, then those of the second: what Arrow takes there is, byte for byte, the joined text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.arrays import Ints, TextArray


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text of each of n rows: `texts` (no nulls), or those at `index`, int64[n].

    The indices -1 and -2 stand for the texts `null` and `missing`.
    """

    texts: TextArray
    index: Ints | None = None
    null: str = ""
    missing: str = ""

    def take(self, rows: Ints) -> "Piece":
        """Return these rows, int64[n]: -1 and -2 stand for the texts `null` and `missing`."""
        return replace(self, index=rows if self.index is None else taken(self.index, rows))


Part = Piece | str
"""A piece, or the same text in each row."""


def taken(index: Ints, rows: Ints) -> Ints:
    """Return the entries of an index at rows, int64[n]; what is negative stays as it is."""
    if not len(rows) or rows.min() >= 0:
        return index.take(rows)
    if not len(index):
        return rows
    return np.where(rows < 0, rows, index.take(np.maximum(rows, 0)))


def joined(parts: Sequence[Part], rows: int) -> TextArray:
    """Return the parts of n rows joined: a string array of n."""
    return joined_groups([(None, parts)], rows)


def joined_groups(groups: Sequence[tuple[Ints | None, Sequence[Part]]], rows: int) -> TextArray:
    """Return the text of each of n rows, in order: a string array of n.

    Each group has other parts, and comes with its rows, int64: together all of 0 .. n - 1. None: a
    single group has them all.
    """
    merged = [(own, _with_constants_merged(parts)) for own, parts in groups]
    width = max(*(len(parts) for _, parts in merged), 1)
    sources = _Sources()
    for _, parts in merged:
        for part in parts:
            sources.add(part)
    places = np.empty((rows, width), dtype=np.int32)
    if len(merged) == 1:
        sources.place(merged[0][1], places)
    else:
        row = np.dtype((np.void, 4 * width))
        for own, parts in merged:
            assert own is not None
            block = np.empty((len(own), width), dtype=np.int32)
            sources.place(parts, block)
            places.view(row)[own, 0] = block.view(row)[:, 0]
    return joined_at(sources.array, places)


def joined_at(texts: TextArray, places: NDArray[np.int32]) -> TextArray:
    """Return the texts at each row of places joined: int32[n, width] -> a string array of n."""
    rows, width = places.shape
    taken_texts = texts.take(pa.array(places.ravel()))
    if width == 1:
        return taken_texts
    _, offsets, data = taken_texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[: rows * width + 1 : width]
    buffers = pa.py_buffer(np.ascontiguousarray(ends)), data
    return pa.StringArray.from_buffers(rows, *buffers)


class _Sources:
    """The different texts of all pieces, and where those of each begin once they are one array."""

    def __init__(self) -> None:
        self._constants = {"": 0}
        self._begins: dict[tuple[int, str, str], int] = {}
        self._arrays: list[TextArray] = []
        self._size = 0

    def add(self, part: Part) -> None:
        """Add the texts of a part, unless they are there already."""
        if isinstance(part, str):
            self._constants.setdefault(part, len(self._constants))
            return
        key = id(part.texts), part.null, part.missing
        if key not in self._begins:
            self._arrays += [_absent(part.missing, part.null), part.texts]
            self._begins[key] = self._size + 2
            self._size += 2 + len(part.texts)

    @property
    def array(self) -> TextArray:
        """Return all texts in one array."""
        return pa.concat_arrays([pa.array(list(self._constants), pa.string()), *self._arrays])

    def place(self, parts: Sequence[Part], places: NDArray[np.int32]) -> None:
        """Set the place in the array of each part, column by column, of n rows: int32[n, width]."""
        for column, part in enumerate(parts):
            if isinstance(part, str):
                places[:, column] = self._constants[part]
                continue
            begin = len(self._constants) + self._begins[id(part.texts), part.null, part.missing]
            if part.index is None:
                places[:, column] = np.arange(begin, begin + len(places), dtype=np.int32)
            else:
                np.add(part.index, begin, out=places[:, column], casting="unsafe")
        places[:, len(parts) :] = 0


@lru_cache(maxsize=1024)
def _absent(missing: str, null: str) -> TextArray:
    """Return what is before the texts of a piece: an index of -2 or -1 leads there."""
    return pa.array([missing, null], pa.string())


def _with_constants_merged(parts: Sequence[Part]) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged
