"""Counts values, array after array: how many different ones, and the most frequent, in memory that has a bound."""

import heapq
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import pyarrow.compute as pc

from datagen.arrays import Bits, TextArray

MAX_VALUES = 200_000  # different ones that are counted
SMALLEST = 4096  # hashes from which the number of different values is estimated, within some 1.6 %


class ValueTally:
    """Takes the texts of values. Up to MAX_VALUES different ones all is exact.

    Beyond, only those that it has seen by then are counted, and how many there are is estimated from the smallest of their
    hashes (Bar-Yossef, Jayram, Kumar, Sivakumar and Trevisan, "Counting distinct elements in a data stream", 2002).
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._smallest: Bits | None = None

    @property
    def exact(self) -> bool:
        """Return whether each value is counted."""
        return self._smallest is None

    def add(self, texts: TextArray) -> None:
        """Add values."""
        found = pc.value_counts(texts)
        new = []
        for text, count in zip(*(each.to_pylist() for each in found.flatten()), strict=True):
            if text in self._counts:
                self._counts[text] += count
            elif len(self._counts) < MAX_VALUES:
                self._counts[text] = count
            else:
                new.append(text)
        if new and self._smallest is None:
            self._smallest = _smallest(_hashes(self._counts))
        if new and self._smallest is not None:
            self._smallest = _smallest(np.concatenate([self._smallest, _hashes(new)]))

    def distinct(self) -> int:
        """Return how many different values there are, or about how many."""
        if self._smallest is None:
            return len(self._counts)
        share = float(self._smallest[-1]) / 2.0**64  # of the interval, that SMALLEST hashes fill
        return round((SMALLEST - 1) / share)

    def top(self, most: int) -> tuple[tuple[str, int], ...]:
        """Return the most frequent values with their counts, of equal ones the first in order of texts."""
        return tuple(
            heapq.nsmallest(most, self._counts.items(), key=lambda each: (-each[1], each[0]))
        )


def _hashes(texts: Iterable[str]) -> Bits:
    data = b"".join(blake2b(each.encode(), digest_size=8).digest() for each in texts)
    return np.frombuffer(data, dtype="<u8").astype(np.uint64)


def _smallest(hashes: Bits) -> Bits:
    return np.unique(hashes)[:SMALLEST]
