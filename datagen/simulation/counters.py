"""Numbers what counters count: the totals, and the numbers that workers remember.

Counters that share a sequence are numbered in advance, for a whole window at once; here their numbers are given out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.part import WHOLE, Part
from datagen.simulation.sequences import (
    Note,
    SharedSequence,
    WindowNumbers,
    counted_before,
    in_order,
)
from datagen.simulation.states import CounterTotals, StreamPath
from datagen.simulation.worker_index import NOBODY, latest_of, may_come_again, places_of
from datagen.spec.sequences import own_sequence


@dataclass
class Noting:
    """Takes note of where the generators of some sequences count, before these have their numbers."""

    sequences: frozenset[StreamPath]
    notes: dict[StreamPath, list[Note]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Window:
    """A window whose values are numbered: the rank of each visit in order of (time, worker, visit), int64[n], and the numbers."""

    ranks: Ints
    numbers: WindowNumbers
    noting: Noting | None


class CounterState:
    """The totals of all counters, which number new values, and the numbers that workers remember.

    Both are the counts of this part of the stream, whose values are numbered by its own places in a sequence.
    """

    def __init__(
        self, part: Part = WHOLE, orders: Mapping[StreamPath, int] = MappingProxyType({})
    ) -> None:
        """Begin a run; `orders` are the ranks in the specification of the generators that share sequences."""
        self._part, self._orders = part, orders
        self._totals: dict[StreamPath, int] = {}
        self._size = 0
        self._recorded_for: Ints | None = None
        self._workers: Ints | None = None
        self._carried: dict[StreamPath, tuple[Ints, Ints]] = {}
        self._sequences: dict[StreamPath, SharedSequence] = {}
        self._given: dict[StreamPath, tuple[Ints, Ints]] = {}
        self._latest: dict[StreamPath, list[tuple[Ints, Ints, Ints]]] = {}
        self._visits: Ints | None = None
        self._records: Ints | None = None
        self._window = _Window(np.empty(0, dtype=np.int64), WindowNumbers(), None)

    def sequence(self, key: StreamPath) -> SharedSequence:
        """Return what a sequence has counted before the window."""
        return self._sequences.setdefault(key, SharedSequence())

    def begin(self, ranks: Ints, numbers: WindowNumbers, noting: Noting | None = None) -> None:
        """Go on to a window, whose visits have these ranks in order of (time, worker, visit): int64[n].

        With `noting`, notes are taken of some of the sequences that have no numbers yet.
        """
        self._window = _Window(ranks, numbers, noting)
        self._latest = {}

    def number(self, noting: Noting, times: Ints, watched: frozenset[StreamPath]) -> WindowNumbers:
        """Return the numbers of the sequences of which notes were taken; `times` are those of ranks of visits, int64[n].

        Of the `watched` ones, the places are among them.
        """
        made = WindowNumbers(before={key: self.sequence(key).total for key in watched})
        for key, notes in noting.notes.items():
            given, growth, failure = self.sequence(key).numbered(notes, times)
            places = np.concatenate([each.places for each in notes], axis=1)
            placed = {key: places[:, in_order(places)]} if key in watched else {}
            made = made.joined(WindowNumbers(given, placed, {}, {key: growth}, failure))
        return made

    def finish(self) -> None:
        """Count on behind the window."""
        for key, growth in self._window.numbers.growth.items():
            self.sequence(key).grow(growth)
        for path, parts in self._latest.items():
            self._given[path] = _merged(self._given.get(path), parts)
        self._latest = {}

    def assign_next(
        self,
        size: int,
        workers: Ints | None = None,
        visits: Ints | None = None,
        records: Ints | None = None,
    ) -> None:
        """Number the next values, of rows 0 .. size - 1, by counting on from the totals.

        The numbers are remembered for the workers of the rows, int64[size], if they are given. Shared sequences ask for the
        visits of the rows, as rows of the window, and for the place at its visit of each record, None for variables.
        """
        self._size, self._recorded_for, self._workers = size, None, workers
        self._visits, self._records = visits, records

    def assign_recorded(self, workers: Ints) -> None:
        """Number the next values as at the visit that the worker of each row, int64[n], remembers."""
        self._recorded_for = workers

    def numbers(self, path: StreamPath, rows: Ints) -> Ints:
        """Return the place in a counter's sequence of each value; `rows`, int64[n], never falls."""
        if path in self._orders:
            return self.shared_numbers(path, own_sequence(path), rows)
        places = np.arange(len(rows))
        if self._recorded_for is not None:
            firsts = self._firsts(path, self._recorded_for[rows])
            return self.striped(firsts + places - np.searchsorted(rows, rows))
        total = self._totals.get(path, 0)
        self._totals[path] = total + len(rows)
        if self._workers is not None:
            self._carry(path, total + np.searchsorted(rows, np.arange(self._size)))
        return self.striped(total + places)

    def shared_numbers(
        self,
        path: StreamPath,
        sequence: StreamPath,
        rows: Ints,
        values: Callable[[], Column] | None = None,
    ) -> Ints:
        """Return the place of each value in a sequence that generators share; `rows`, int64[n], never falls.

        `values` returns of each what is counted by itself, n values; without it, all count together.
        """
        if self._recorded_for is not None:
            return self.striped(self._given_to(path, self._recorded_for[rows], _places(rows)))
        own, noting = self._rows_of(rows), self._window.noting
        texts = values() if values is not None else None  # also for its faults
        if path in self._window.numbers.given:
            known, numbers = self._window.numbers.given[path]
            found: Ints = numbers[np.searchsorted(known, own) + _places(rows)]
            self._remember(path, rows, found)
            return self.striped(found)
        if noting is not None and sequence in noting.sequences:
            text = None if texts is None else texts.json_text
            note = Note(path, own, self._window_places(path, rows), text)
            noting.notes.setdefault(sequence, []).append(note)
        return np.zeros(len(rows), dtype=np.int64)

    def given_before(self, path: StreamPath, sequence: StreamPath, rows: Ints) -> Ints:
        """Return how many places of a sequence came before each value, in this part: int64[n].

        The place k of them is `striped(k)`. `rows`, int64[n], never falls.
        """
        if self._recorded_for is not None:
            return self._given_to(path, self._recorded_for[rows], _places(rows))
        numbers = self._window.numbers
        found = np.full(len(rows), numbers.before.get(sequence, self.sequence(sequence).total))
        if sequence in numbers.placed:
            found += counted_before(numbers.placed[sequence], self._window_places(path, rows))
        self._remember(path, rows, found)
        return found

    def striped(self, counts: Ints) -> Ints:
        """Return the place in a sequence of each value of this part, by its place among them."""
        part = self._part
        return counts if part.is_whole else part.index + counts * part.count

    def snapshot(self) -> CounterTotals:
        """Return the state as it is now."""
        sequences = {key: each.snapshot() for key, each in self._sequences.items()}
        return CounterTotals(dict(self._totals), dict(self._carried), sequences, dict(self._given))

    def resume(self, counters: CounterTotals) -> None:
        """Continue from the state of another run."""
        self._totals, self._carried = dict(counters.totals), dict(counters.carried)
        self._given = dict(counters.given)
        known = self._sequences
        self._sequences = {
            key: known[key]
            if key in known and known[key].snapshot() is totals
            else SharedSequence(totals)
            for key, totals in counters.sequences.items()
        }

    def prune(self, alive: Ints, started: Ints) -> None:
        """Forget the numbers of workers that have ended; those from `started` on are new."""
        for path, (workers, firsts) in self._carried.items():
            kept = may_come_again(workers, alive, started)
            self._carried[path] = workers[kept], firsts[kept]
        for path, (workers, numbers) in self._given.items():
            kept = may_come_again(workers, alive, started)
            self._given[path] = workers[kept], numbers[kept]

    def _rows_of(self, rows: Ints) -> Ints:
        """Return what a number is found by: the visit of a variable, the row of a record."""
        assert self._visits is not None
        return self._visits[rows] if self._records is None else rows

    def _window_places(self, path: StreamPath, rows: Ints) -> Ints:
        """Return the places of values in the window: int64[4, n]."""
        assert self._visits is not None
        ranks = self._window.ranks[self._visits[rows]]
        records = np.zeros(len(rows)) if self._records is None else self._records[rows] + 1
        orders = np.full(len(rows), self._orders.get(path, 0))
        return np.stack([ranks, records.astype(np.int64), orders, _places(rows)])

    def _remember(self, path: StreamPath, rows: Ints, numbers: Ints) -> None:
        """Remember what variables got, for later windows."""
        if self._workers is not None and self._visits is not None:
            part = self._workers[rows], self._visits[rows], numbers
            self._latest.setdefault(path, []).append(part)

    def _given_to(self, path: StreamPath, workers: Ints, places: Ints) -> Ints:
        """Return the numbers of values at the visits that workers remember; 0 where a run of another specification has none."""
        known, numbers = self._given.get(path, (NOBODY, NOBODY))
        found: Ints = np.append(numbers, np.zeros(1, dtype=np.int64))[
            np.minimum(np.searchsorted(known, workers) + places, len(numbers))
        ]
        return found

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


def _places(rows: Ints) -> Ints:
    """Return the place of each value among those of its row; rows never fall."""
    return np.arange(len(rows)) - np.searchsorted(rows, rows)


def _merged(
    before: tuple[Ints, Ints] | None, parts: list[tuple[Ints, Ints, Ints]]
) -> tuple[Ints, Ints]:
    """Return the workers and numbers of the latest visits, in order: those of a window go before those from before it.

    The parts are workers, visits (rows of the window, which rise with the visits of a worker) and numbers.
    """
    workers, visits, numbers = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((visits, workers))
    workers, visits, numbers = workers[order], visits[order], numbers[order]
    ends = np.searchsorted(workers, workers, side="right") - 1
    latest = visits == visits[ends]
    workers, numbers = workers[latest], numbers[latest]
    if before is not None:
        others = ~np.isin(before[0], workers)
        workers = np.concatenate([before[0][others], workers])
        numbers = np.concatenate([before[1][others], numbers])
        order = np.argsort(workers, kind="stable")
        workers, numbers = workers[order], numbers[order]
    return workers, numbers
