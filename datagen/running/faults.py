"""Counts the records for which a value could not be computed, up to what was delivered."""

from collections.abc import Mapping

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch, FaultPlace, faults_between
from datagen.one_line import counted

_NONE: Ints = np.empty(0, dtype=np.int64)
_SHOWN = 5  # places that have a line of their own


class FaultTally:
    """The faults of the records of a run, which are numbered from 0 as they are generated.

    Batches are rendered ahead of what is delivered, so the counts are asked for up to a number of records.
    """

    def __init__(self) -> None:
        self._generated = 0
        self._waiting: set[FaultPlace] = set()  # for the record that comes next
        self._pending: list[tuple[FaultPlace, Ints]] = []
        self._settled: dict[FaultPlace, int] = {}

    def add(self, batch: Batch, first: int, last: int) -> None:
        """Go on to the records first .. last - 1 of a batch; others are for nobody."""
        numbers = {
            place: rows + self._generated
            for place, rows in faults_between(batch.faults, first, last).items()
        }
        if last > first:
            for place in self._waiting:
                own = numbers.get(place, _NONE)
                if self._generated not in own[:1]:
                    numbers[place] = np.append(self._generated, own)
            self._waiting.clear()
            self._generated += last - first
        self._pending += numbers.items()
        self._waiting |= {
            place for place, rows in batch.faults.items() if rows[-1] == len(batch) == last
        }

    def until(self, records: int) -> Mapping[FaultPlace, int]:
        """Return for each place how many of the first so many records had a fault there; numbers never fall."""
        left = []
        for place, numbers in self._pending:
            count = int(np.searchsorted(numbers, records))
            if count:
                self._settled[place] = self._settled.get(place, 0) + count
            if count < len(numbers):
                left.append((place, numbers[count:]))
        self._pending = left
        return self._settled


def fault_lines(faults: Mapping[FaultPlace, int]) -> list[str]:
    """Return a line for each place, those of most records first, and one for the rest of them."""
    ordered = sorted(faults.items(), key=lambda each: (-each[1], each[0]))
    lines = [
        f"{place} had no value in {counted(count, 'record')} (null)"
        for place, count in ordered[:_SHOWN]
    ]
    if len(ordered) > _SHOWN:
        lines.append(f"and {counted(len(ordered) - _SHOWN, 'more expression')} like that")
    return lines
