"""Numbers what counters count: the totals, and the numbers that workers remember."""

import numpy as np

from datagen.arrays import Ints
from datagen.part import WHOLE, Part
from datagen.simulation.states import CounterTotals, StreamPath
from datagen.simulation.worker_index import NOBODY, latest_of, may_come_again, places_of


class CounterState:
    """The totals of all counters, which number new values, and the numbers that workers remember.

    Both are the counts of this part of the stream, whose values are numbered by its own places in a sequence.
    """

    def __init__(self, part: Part = WHOLE) -> None:
        self._part = part
        self._totals: dict[StreamPath, int] = {}
        self._size = 0
        self._recorded_for: Ints | None = None
        self._workers: Ints | None = None
        self._carried: dict[StreamPath, tuple[Ints, Ints]] = {}

    def assign_next(self, size: int, workers: Ints | None = None) -> None:
        """Number the next values, of rows 0 .. size - 1, by counting on from the totals.

        The numbers are remembered for the workers of the rows, int64[size], if they are given.
        """
        self._size, self._recorded_for, self._workers = size, None, workers

    def assign_recorded(self, workers: Ints) -> None:
        """Number the next values as at the visit that the worker of each row, int64[n], remembers."""
        self._recorded_for = workers

    def numbers(self, path: StreamPath, rows: Ints) -> Ints:
        """Return the place in a counter's sequence of each value; `rows`, int64[n], never falls."""
        places = np.arange(len(rows))
        if self._recorded_for is not None:
            firsts = self._firsts(path, self._recorded_for[rows])
            return self._striped(firsts + places - np.searchsorted(rows, rows))
        total = self._totals.get(path, 0)
        self._totals[path] = total + len(rows)
        if self._workers is not None:
            self._carry(path, total + np.searchsorted(rows, np.arange(self._size)))
        return self._striped(total + places)

    def snapshot(self) -> CounterTotals:
        """Return the state as it is now."""
        return CounterTotals(dict(self._totals), dict(self._carried))

    def resume(self, counters: CounterTotals) -> None:
        """Continue from the state of another run."""
        self._totals, self._carried = dict(counters.totals), dict(counters.carried)

    def prune(self, alive: Ints, started: int) -> None:
        """Forget the numbers of workers that have ended; those from `started` on are new."""
        for path, (workers, firsts) in self._carried.items():
            kept = may_come_again(workers, alive, started)
            self._carried[path] = workers[kept], firsts[kept]

    def _striped(self, counts: Ints) -> Ints:
        """Return the place in a sequence of each value of this part, by its place among them."""
        part = self._part
        return counts if part.is_whole else part.index + counts * part.count

    def _firsts(self, path: StreamPath, workers: Ints) -> Ints:
        """Return the first number of each worker; 0 where a run of another specification has none."""
        known, firsts = self._carried.get(path, (NOBODY, NOBODY))
        found: Ints = np.append(firsts, 0)[places_of(workers, known)]
        return found

    def _carry(self, path: StreamPath, firsts: Ints) -> None:
        """Remember for each worker the number at its latest visit; these come last."""
        assert self._workers is not None
        known, before = self._carried.get(path, (NOBODY, NOBODY))
        workers, places = latest_of(known, self._workers)
        self._carried[path] = workers, np.concatenate([before, firsts])[places]
