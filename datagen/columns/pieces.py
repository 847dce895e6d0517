"""Joins texts row by row: pieces of n rows are gathered, all at once, from texts of which there may be fewer.

The texts of all pieces are put behind each other and taken by one index, that of each piece of the
first row, then those of the second: what Arrow takes there is, byte for byte, the joined text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.arrays import Ints, TextArray
from datagen.errors import RunError

_NULL, _MISSING = -1, -2  # what an index holds for a row without a value
_FEW = 1024  # texts that are not worth gathering before


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text of each of n rows: `texts` (no nulls), or those at `index`, int64[n].

    The indices -1 and -2 stand for the texts `null` and `missing`.
    """

    texts: TextArray
    index: Ints | None = None
    null: str = ""
    missing: str = ""


Part = Piece | str
"""A piece, or the same text in each row."""


def taken(index: Ints, rows: Ints) -> Ints:
    """Return the entries of an index at rows, int64[n]; what is negative stays as it is."""
    if not len(rows) or rows.min() >= 0:
        return index.take(rows)
    if not len(index):
        return rows
    return np.where(rows < 0, rows, index.take(np.maximum(rows, 0)))


def parts_at(parts: Sequence[Part], rows: Ints, null: str) -> list[Part]:
    """Return parts at rows, int64[n]; -1 stands for the text `null`, -2 for none.

    None of the parts may have a text where it is missing.
    """
    single = len(parts) == 1 and isinstance(parts[0], Piece) and parts[0].null == null
    if single or not len(rows) or rows.min() >= 0:
        return list(_parts_at(parts, rows, None))
    head = Piece(_one(""), np.where(rows == _NULL, _NULL, _MISSING), null)
    there = np.where(rows < 0, _MISSING, rows)
    return [head, *_parts_at(parts, there, np.minimum(there, 0))]


def _parts_at(parts: Sequence[Part], rows: Ints, constants: Ints | None) -> Iterator[Part]:
    """Yield parts at rows, constants at an index of their own; pieces that share an index still do."""
    indices: dict[int, Ints] = {}
    for part in parts:
        if isinstance(part, str):
            yield part if constants is None else Piece(_one(part), constants)
        elif part.index is None:
            yield replace(part, index=rows)
        else:
            if id(part.index) not in indices:
                indices[id(part.index)] = taken(part.index, rows)
            yield replace(part, index=indices[id(part.index)])


def joined(parts: Sequence[Part], rows: int) -> TextArray:
    """Return the parts of n rows joined: a string array of n."""
    return joined_groups([(None, parts)], rows)


def joined_groups(groups: Sequence[tuple[Ints | None, Sequence[Part]]], rows: int) -> TextArray:
    """Return the text of each of n rows, in order: a string array of n.

    Each group has other parts, and comes with its rows, int64: together all of 0 .. n - 1. None: a
    single group has them all.
    """
    merged = [
        (own, [_gathered(part, rows) for part in _with_constants_merged(parts)])
        for own, parts in groups
    ]
    width = _width([(rows if own is None else len(own), len(parts)) for own, parts in merged])
    narrow = [(own, _narrowed(parts, width, own)) for own, parts in merged]
    sources = _Sources()
    for _, parts in narrow:
        for part in parts:
            sources.add(part)
    places = np.empty((rows, width), dtype=np.int32)
    if len(narrow) == 1:
        sources.place(narrow[0][1], places)
    else:
        row = np.dtype((np.void, 4 * width))
        for own, parts in narrow:
            assert own is not None
            block = np.empty((len(own), width), dtype=np.int32)
            sources.place(parts, block)
            places.view(row)[own, 0] = block.view(row)[:, 0]
    return joined_at(sources.array, places)


def joined_at(texts: TextArray, places: NDArray[np.int32]) -> TextArray:
    """Return the texts at each row of places joined: int32[n, width] -> a string array of n."""
    rows, width = places.shape
    try:
        taken_texts = texts.take(pa.array(places.ravel()))
    except pa.ArrowInvalid as error:  # an array of texts holds less than 2 GB
        raise RunError("records grow too large, too fast: more than 2 GB at a time") from error
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


@lru_cache(maxsize=1024)
def _one(text: str) -> TextArray:
    return pa.array([text], pa.string())


def _width(groups: Sequence[tuple[int, int]]) -> int:
    """Return how many parts all rows have, given the rows and the parts of each group.

    Groups with more join some of theirs before, which costs twice as much, but not all rows.
    """

    def cost(width: int) -> int:
        before = sum(rows * (parts - width + 1) for rows, parts in groups if parts > width)
        return width * sum(rows for rows, _ in groups) + 2 * before

    return max(min({parts for _, parts in groups}, key=cost), 1)


def _narrowed(parts: Sequence[Part], width: int, own: Ints | None) -> Sequence[Part]:
    """Return the parts of a group's rows, at most so many."""
    if len(parts) <= width or own is None:
        return parts
    return [*parts[: width - 1], Piece(joined(parts[width - 1 :], len(own)))]


def _gathered(part: Part, rows: int) -> Part:
    """Return a part, which holds only the texts it needs where it had more than there are rows."""
    if isinstance(part, str) or part.index is None or len(part.texts) <= max(rows, _FEW):
        return part
    places = np.arange(len(part.index))
    if part.index.min(initial=0) < 0:
        places = np.where(part.index < 0, part.index, places)
    texts = part.texts.take(pa.array(np.maximum(part.index, 0)))
    return replace(part, texts=texts, index=places)


def _with_constants_merged(parts: Sequence[Part]) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged
