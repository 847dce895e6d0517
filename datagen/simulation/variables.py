"""Turns what workers remember into columns: the values of variables, computed again where shown.

A worker's memory holds visits, not values: a value is computed from the visit that set it. Only the
instant of that visit and the numbers that counters gave there are carried.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.column import Column, concat_columns
from datagen.columns.literal import nulls
from datagen.fields import Context, Draw
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Visits

StreamPath = tuple[str, ...]


@dataclass(frozen=True)
class CounterTotals:
    """What counters have counted: totals, and for each worker that remembers one, the first number."""

    totals: Mapping[StreamPath, int]
    carried: Mapping[StreamPath, tuple[Ints, Ints]]


class CounterState:
    """Numbers the values of counters: onward from their totals, or as they were numbered before."""

    def __init__(self) -> None:
        self._totals: dict[StreamPath, int] = {}
        self._size = 0
        self._again: Ints | None = None
        self._workers: Ints | None = None
        self._carried: dict[StreamPath, tuple[Ints, Ints]] = {}

    def assign_next(self, size: int, workers: Ints | None = None) -> None:
        """Go on from the totals, for rows 0 .. size - 1; remember it for these workers, if any."""
        self._size, self._again, self._workers = size, None, workers

    def assign_recorded(self, workers: Ints) -> None:
        """Number what comes next as it was numbered when these workers last remembered it."""
        self._again = workers

    def numbers(self, path: StreamPath, rows: Ints) -> Ints:
        """Return the place in a counter's sequence of each value; `rows`, int64[n], never falls."""
        places = np.arange(len(rows))
        if self._again is not None:
            firsts = self._firsts(path, self._again[rows])
            return firsts + places - np.searchsorted(rows, rows)
        total = self._totals.get(path, 0)
        self._totals[path] = total + len(rows)
        if self._workers is not None:
            self._carry(path, total + np.searchsorted(rows, np.arange(self._size)))
        return total + places

    def counted(self) -> CounterTotals:
        """Return the state as it is now."""
        return CounterTotals(dict(self._totals), dict(self._carried))

    def go_on(self, counted: CounterTotals) -> None:
        """Take up a state."""
        self._totals, self._carried = dict(counted.totals), dict(counted.carried)

    def prune(self, alive: Ints, started: int) -> None:
        """Forget what workers remembered that live no more; those from `started` on are new."""
        for path, (workers, firsts) in self._carried.items():
            kept = np.isin(workers, alive) | (workers >= started)
            self._carried[path] = workers[kept], firsts[kept]

    def _firsts(self, path: StreamPath, workers: Ints) -> Ints:
        """Return the first number of each worker; 0 where a run of another specification kept none."""
        known, firsts = self._carried.get(path, (np.empty(0, dtype=np.int64),) * 2)
        found = np.searchsorted(known, workers)
        there = np.append(known, -1)[found] == workers
        return np.where(there, np.append(firsts, 0)[found], 0)

    def _carry(self, path: StreamPath, firsts: Ints) -> None:
        """Remember for each worker the number at its latest visit; these come last."""
        assert self._workers is not None
        nothing = np.empty(0, dtype=np.int64)
        before = self._carried.get(path, (nothing, nothing))
        workers = np.concatenate([before[0], self._workers])[::-1]
        numbers = np.concatenate([before[1], firsts])[::-1]
        known, places = np.unique(workers, return_index=True)
        self._carried[path] = known, numbers[places]


class VariableStore:
    """What the workers of a window remember, mark by mark, computed when it is first asked for."""

    def __init__(
        self, machine: Machine, visits: Visits, context: Context, numbers: CounterState
    ) -> None:
        self.machine, self.visits = machine, visits
        self._context, self._numbers = context, numbers
        self._marks: dict[int, VariableValues] = {}

    def mark(self, number: int) -> "VariableValues":
        """Return the visits that set a mark, and the variables set there."""
        if number not in self._marks:
            self._marks[number] = VariableValues(self.machine, self.visits, number)
            self._marks[number].evaluate(self._context, self._numbers)
        return self._marks[number]


class VariableValues:
    """The visits that set the variables of a mark: first those carried into the window, then its own.

    A last row, of nulls, stands for the workers that have yet to set them.
    """

    def __init__(self, machine: Machine, visits: Visits, number: int) -> None:
        self._machine, self._mark = machine, machine.variable_groups[number]
        latest = visits.latest[number]
        carried = np.zeros(len(visits.before), dtype=bool)
        carried[visits.lanes[latest < 0]] = True
        carried &= visits.before[:, number, 0] >= 0
        lanes = np.flatnonzero(carried)
        self._window, self._memory = visits, visits.before[lanes, number]
        self._remembering = visits.workers[np.searchsorted(visits.lanes, lanes)]
        self._own = own = visits.order[machine.sets[visits.states[visits.order], number]]
        self._states = np.concatenate([self._memory[:, 1], visits.states[own]])
        unset = len(self._states)
        of_lanes = np.full(len(visits.before), unset)
        of_lanes[lanes] = np.arange(len(lanes))
        of_rows = np.empty(len(visits), dtype=np.int64)
        of_rows[own] = len(lanes) + np.arange(len(own))
        self._rows = np.where(latest < 0, of_lanes[visits.lanes], of_rows[latest])
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self._states) + 1

    def rows_of(self, visits: Ints) -> Ints:
        """Return the assignment that holds at some visits, given by their rows in the window."""
        return self._rows[visits]

    def column(self, variable: str) -> Column:
        """Return a variable's value at each assignment."""
        return self._columns[variable]

    def evaluate(self, context: Context, numbers: CounterState) -> None:
        """Compute the variables, state by state."""
        pieces: dict[str, list[Column]] = {name: [] for name in self._mark.variables}
        places = []
        for state in self._mark.states:
            found = np.flatnonzero(self._states == state)
            split = np.searchsorted(found, len(self._memory))
            for rows, drawn in ((found[:split], self._carried), (found[split:], self._made)):
                if not len(rows):
                    continue
                places.append(rows)
                bits, times = drawn(rows, numbers)
                for name in self._mark.variables:
                    setter = self._machine.setters[name][state]
                    draw = Draw(bits, times, np.arange(len(rows)), setter.path, context)
                    pieces[name].append(setter.field.column(draw))
        order = np.concatenate([*places, [len(self._states)]]).astype(np.int64)
        inverse = np.empty(len(order), dtype=np.int64)
        inverse[order] = np.arange(len(order))
        for name, columns in pieces.items():
            self._columns[name] = concat_columns([*columns, nulls(1)]).take(inverse)

    def _carried(self, rows: Ints, numbers: CounterState) -> tuple[Bits, Ints]:
        """Return the draws and the instants of visits before the window."""
        workers = self._remembering[rows]
        numbers.assign_recorded(workers)
        of_workers = worker_bits(self._machine.seed, workers)
        return visit_bits(of_workers, self._memory[rows, 0]), self._memory[rows, 2]

    def _made(self, rows: Ints, numbers: CounterState) -> tuple[Bits, Ints]:
        """Return the draws and the instants of visits of the window."""
        visits = self._own[rows - len(self._memory)]
        numbers.assign_next(len(rows), self._window.workers[visits])
        return self._window.bits[visits], self._window.times[visits]
