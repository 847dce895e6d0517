"""Keeps a sample of draws, whichever windows they come in: those whose words are below a limit that falls as they become many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints, Mask
from datagen.randomness import draw, stream_key

DRAWS = 32_768  # of a sample, at most
_REPORT = stream_key("report")


def words_of(bits: Bits) -> Bits:
    """Return the word by which each visit is in a sample or not, apart from all of its draws: uint64[n], by its random bits."""
    return draw(bits, _REPORT)


SLICE = 26  # a slice of time is 2 to so many microseconds, 67 s
_TURN = 16  # slices
# of the slices of a turn: 0 of the first, else a half, a quarter, ... of all words
_OF_SLICES = np.array(
    [0, *((1 << 64) >> (1 + (n & -n).bit_length() - 1) for n in range(1, _TURN))], dtype=np.uint64
)


def least_word(first: int, last: int) -> np.uint64:
    """Return the least word that visits can have between two times since the begin of a run, microseconds."""
    first, last = first >> SLICE, last >> SLICE
    if last - first >= _TURN:
        return np.uint64(0)
    return np.uint64(_OF_SLICES[np.arange(first, last + 1) % _TURN].min())


def words_in_slices(bits: Bits, times: Ints) -> Bits:
    """Return the words of visits, by their times since the begin of a run: int64[n], microseconds.

    Low ones are in few slices of time, one of sixteen at last, so that most windows of a long run need not be looked at.
    The first slice is always one of these.
    """
    of_slices: Bits = _OF_SLICES[(times >> SLICE) & (_TURN - 1)]
    return np.maximum(words_of(bits), of_slices, out=of_slices)


class DrawSample:
    """Rows of some columns, each with the word of its visit; what is kept is what has the lowest words."""

    def __init__(self, most: int = DRAWS) -> None:
        self._most, self._count = most, 0
        self.limit = np.uint64((1 << 64) - 1)  # no kept word is above it
        self._chunks: list[tuple[Bits, dict[str, Any]]] = []

    def __len__(self) -> int:
        return self._count

    def add(self, words: Bits, columns: Mapping[str, Any]) -> None:
        """Add rows, none above the limit: columns are numpy or Arrow arrays, always the same ones."""
        if not len(words):
            return
        self._chunks.append((words, dict(columns)))
        self._count += len(words)
        while self._count > self._most:
            self.limit >>= np.uint64(1)
            self._chunks = [_kept(*chunk, chunk[0] <= self.limit) for chunk in self._chunks]
            self._chunks = [chunk for chunk in self._chunks if len(chunk[0])]
            self._count = sum(len(words) for words, _ in self._chunks)

    def columns(self) -> dict[str, Any]:
        """Return the columns of all rows; none, where there are no rows."""
        if not self._chunks:
            return {}
        names = self._chunks[0][1]
        return {name: _joined([columns[name] for _, columns in self._chunks]) for name in names}


def _kept(words: Bits, columns: dict[str, Any], mask: Mask) -> tuple[Bits, dict[str, Any]]:
    return words[mask], {name: filtered(each, mask) for name, each in columns.items()}


def filtered(column: Any, mask: Mask) -> Any:
    """Return the rows of a numpy or Arrow array where a mask is true."""
    return column[mask] if isinstance(column, np.ndarray) else column.filter(pa.array(mask))


def _joined(columns: list[Any]) -> Any:
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return pa.concat_arrays(columns)
