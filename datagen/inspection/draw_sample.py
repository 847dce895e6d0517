"""Keeps a sample of draws, whichever windows they come in: those whose words are below a limit that falls as they become many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints, Mask
from datagen.randomness import draw, stream_key

DRAWS = 32_768  # of a sample, at most; of a long run hardly less than two thirds
NEVER = np.uint64((1 << 64) - 1)  # a word that no sample takes once it is full
_REPORT = stream_key("report")


def words_of(bits: Bits) -> Bits:
    """Return the word by which each visit is in a sample or not, apart from all of its draws: uint64[n], by its random bits."""
    return draw(bits, _REPORT)


SLICE = 26  # the first slices of time are 2 to so many microseconds, 67 s
EVEN = 32  # up to 2 to so many microseconds; later they grow with the time since the begin, of which each is 1/64 to 1/128
_TURN = 16  # slices
_RANKS = np.array([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], dtype=np.uint64)
# the least words in the slices of a turn: with a limit of 2**64 x, those of ranks below 16 sqrt(x) are left
_OF_SLICES = _RANKS * _RANKS << np.uint64(56)
_HALF, _STEEP = np.uint64(32), np.uint64(4)


def least_word(first: int, last: int) -> np.uint64:
    """Return the least word that visits can have between two times since the begin of a run, microseconds."""
    width = _width(first)
    if width != _width(last) or (last >> width) - (first >> width) >= _TURN:
        return np.uint64(0)  # slices become wider with the first of a turn
    return np.uint64(_OF_SLICES[np.arange(first >> width, (last >> width) + 1) % _TURN].min())


def words_in_slices(bits: Bits, times: Ints) -> Bits:
    """Return the words of visits, by their times since the begin of a run: int64[n], microseconds.

    Low ones are in few slices of time, one of sixteen at last, so that most windows of a long run need not be looked at.
    The first slice is always one of these. Below a limit of 2**64 x are about a share x of all words: that of the slices
    is sqrt(x), and so is that of the words in each; of x below 1/256 they are 1/16 and 16 x.
    """
    words = words_of(bits)
    high = words >> _HALF
    words = np.maximum(high * high, words >> _STEEP)
    width: int | Ints = SLICE
    if len(times) and _width(int(times.max())) > SLICE:
        width = np.maximum(np.frexp(times.astype(np.float64))[1] - 1 - (EVEN - SLICE), SLICE)
    of_slices: Bits = _OF_SLICES[(times >> width) & (_TURN - 1)]
    found: Bits = np.maximum(words, of_slices, out=words)
    return found


def _width(time: int) -> int:
    """Return 2 to which power a slice is wide at a time."""
    return max(time.bit_length() - 1 - (EVEN - SLICE), SLICE)


class DrawSample:
    """Rows of some columns, each with the word of its visit; what is kept is what has the lowest words."""

    def __init__(self, most: int = DRAWS) -> None:
        self._most, self._count, self._held = most, 0, 0
        self.limit = NEVER  # no kept word is above it
        self._chunks: list[tuple[Bits, dict[str, Any]]] = []  # some rows may be above the limit

    def __len__(self) -> int:
        return self._count

    def admit(self, words: Bits) -> Mask:
        """Return which rows are to be added, by their words, after the limit has fallen as far as they need."""
        mask = words <= self.limit
        count = int(np.count_nonzero(mask))
        while self._count + count > self._most:
            self.limit -= self.limit >> np.uint64(2)
            self._count = sum(int(np.count_nonzero(each <= self.limit)) for each, _ in self._chunks)
            mask = words <= self.limit
            count = int(np.count_nonzero(mask))
        return mask

    def add(self, words: Bits, columns: Mapping[str, Any]) -> None:
        """Add rows that were admitted: columns are numpy or Arrow arrays, always the same ones."""
        if not len(words):
            return
        self._chunks.append((words, dict(columns)))
        self._count += len(words)
        self._held += len(words)
        if self._held > 2 * self._most:
            self._compact()

    def columns(self) -> dict[str, Any]:
        """Return the columns of all rows; none, where there are no rows."""
        self._compact()
        return self._chunks[0][1] if self._chunks else {}

    def _compact(self) -> None:
        """Join the rows that are kept, and let go of the others."""
        if len(self._chunks) == 1 and self._held == self._count:
            return
        kept = [_kept(*chunk, chunk[0] <= self.limit) for chunk in self._chunks]
        kept = [chunk for chunk in kept if len(chunk[0])]
        self._chunks, self._held = [], self._count
        if kept:
            names = kept[0][1]
            columns = {name: _joined([each[name] for _, each in kept]) for name in names}
            self._chunks = [(np.concatenate([words for words, _ in kept]), columns)]


def _kept(words: Bits, columns: dict[str, Any], mask: Mask) -> tuple[Bits, dict[str, Any]]:
    return words[mask], {name: filtered(each, mask) for name, each in columns.items()}


def filtered(column: Any, mask: Mask) -> Any:
    """Return the rows of a numpy or Arrow array where a mask is true."""
    return column[mask] if isinstance(column, np.ndarray) else column.filter(pa.array(mask))


def _joined(columns: list[Any]) -> Any:
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return pa.concat_arrays(columns)
