"""Turns what workers remember into columns: the values of variables, computed again where needed.

A worker's memory holds visits, not values: a value is computed from the visit that set it. Only the
instant of that visit and the numbers that counters gave there are carried from window to window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.column import Column, concat_columns
from datagen.columns.literal import nulls
from datagen.fields import Context, Draw
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.counters import CounterState
from datagen.simulation.machine import Machine, Setter
from datagen.simulation.visits import Visits


@dataclass(frozen=True)
class _Memory:
    """Visits before the window that workers still remember, k of them: int64[k] each."""

    workers: Ints
    visits: Ints
    states: Ints
    times: Ints

    def __len__(self) -> int:
        return len(self.workers)


class Contexts(Protocol):
    """What setters of variables see besides their draws."""

    def before(self, variable: str, setter: Setter, workers: Ints) -> Context:
        """Return what they see of visits before the window, which these workers remember."""

    def within(self, setter: Setter, state: int, visits: Ints) -> Context:
        """Return what they see at visits of a state, or of others in which the setter is the same."""


class VariableValues:
    """The values of a group of variables at each assignment, a visit that sets them.

    First come the assignments before the window that are still remembered, then those of the window. A
    last row, of nulls, is for the workers that have yet to set the variables.
    """

    def __init__(self, machine: Machine, visits: Visits, number: int) -> None:
        self._machine, self._group = machine, machine.variable_groups[number]
        latest = visits.latest[number]
        carried = np.zeros(len(visits.before), dtype=bool)
        # a template may read what its own visit overwrites
        reads = bool(machine.templates or machine.interdependent)
        carried[visits.worker_rows[(latest < 0) | reads]] = True
        carried &= visits.before[:, number, 0] >= 0
        remembering = np.flatnonzero(carried)
        numbers = visits.workers[np.searchsorted(visits.worker_rows, remembering)]
        self._window = visits
        self._memory = _Memory(numbers, *visits.before[remembering, number].T)
        self._own_visits = own = visits.order[machine.sets[visits.states[visits.order], number]]
        self._states = np.concatenate([self._memory.states, visits.states[own]])
        unset_row = len(self._states)
        of_workers = np.full(len(visits.before), unset_row)
        of_workers[remembering] = np.arange(len(remembering))
        self._rows_of_workers = of_workers
        of_visits = np.empty(len(visits), dtype=np.int64)
        of_visits[own] = len(remembering) + np.arange(len(own))
        self._rows = np.where(latest < 0, of_workers[visits.worker_rows], of_visits[latest])
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self._states) + 1

    def rows_of(self, visits: Ints) -> Ints:
        """Return the row of the assignment that holds at some visits: rows of the window, int64[n]."""
        return self._rows[visits]

    def rows_before(self, visits: Ints) -> Ints:
        """Return the row of the assignment that held just before some visits: rows of the window, int64[n]."""
        workers = self._window.worker_rows
        follows = (visits > 0) & (workers[visits - 1] == workers[visits])
        return np.where(follows, self._rows[visits - 1], self._rows_of_workers[workers[visits]])

    def assignments(self, states: Sequence[int]) -> tuple[Ints, Ints]:
        """Return the rows of the assignments by some states within the window, in order of time, and their visits."""
        own = np.flatnonzero(np.isin(self._states[len(self._memory) :], states))
        return own + len(self._memory), self._own_visits[own]

    def column(self, variable: str) -> Column:
        """Return a variable's value at each assignment."""
        return self._columns[variable]

    def replace_column(self, variable: str, column: Column) -> None:
        """Give a variable other values, one for each assignment."""
        self._columns[variable] = column

    def evaluate(
        self, variables: Sequence[str], contexts: Contexts, counters: CounterState
    ) -> None:
        """Compute some of the variables, those of states with the same setters together."""
        pieces: dict[str, list[Column]] = {name: [] for name in variables}
        places = []
        for kind in self._group.kinds:
            alike = self._states == kind[0] if len(kind) == 1 else np.isin(self._states, kind)
            rows = np.flatnonzero(alike)
            split = np.searchsorted(rows, len(self._memory))
            before, within = rows[:split], rows[split:]
            if len(before):
                places.append(before)
                workers, bits, times = self._draws_before(before, counters)
                for name in variables:
                    setter = self._machine.setters[name][kind[0]]
                    context = contexts.before(name, setter, workers)
                    draw = Draw(bits, times, None, setter.path, context)
                    pieces[name].append(setter.field.column(draw))
            if len(within):
                places.append(within)
                visits, bits, times = self._draws_within(within, counters)
                for name in variables:
                    setter = self._machine.setters[name][kind[0]]
                    context = contexts.within(setter, kind[0], visits)
                    draw = Draw(bits, times, None, setter.path, context)
                    pieces[name].append(setter.field.column(draw))
        order = np.concatenate([*places, [len(self._states)]]).astype(np.int64)
        inverse = np.empty(len(order), dtype=np.int64)
        inverse[order] = np.arange(len(order))
        for name, columns in pieces.items():
            self._columns[name] = concat_columns([*columns, nulls(1)]).take(inverse)

    def _draws_before(self, rows: Ints, counters: CounterState) -> tuple[Ints, Bits, Ints]:
        """Return the workers, the random bits and the instants of assignments before the window."""
        workers = self._memory.workers[rows]
        counters.assign_recorded(workers)
        of_workers = worker_bits(self._machine.seed, workers)
        bits = visit_bits(of_workers, self._memory.visits[rows])
        return workers, bits, self._memory.times[rows]

    def _draws_within(self, rows: Ints, counters: CounterState) -> tuple[Ints, Bits, Ints]:
        """Return the visits, the random bits and the instants of assignments of the window."""
        visits = self._own_visits[rows - len(self._memory)]
        counters.assign_next(len(rows), self._window.workers[visits])
        return visits, self._window.bits[visits], self._window.times[visits]
