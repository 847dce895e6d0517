"""Turns what workers remember into columns: the values of variables, computed again where needed.

A worker's memory holds visits, not values: a value is computed from the visit that set it. Only the
instant of that visit and the numbers that counters gave there are carried from window to window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column, concat_columns
from datagen.fields import Context, Draw
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.counters import CounterState
from datagen.simulation.fixed_values import FixedValues, RunVariables
from datagen.simulation.machine import Machine, Setter
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import VisitsByState


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

    First come the assignments before the window that are still remembered, then those of the window, both
    by the kind of their states.
    """

    def __init__(
        self,
        machine: Machine,
        visits: Visits,
        by_state: VisitsByState,
        number: int,
        run: RunVariables,
    ) -> None:
        self._machine, self._number, self._run = machine, number, run
        self._window, self._latest = visits, visits.latest[number]
        firsts = by_state.first_rows
        workers, before = visits.worker_rows[firsts], visits.before[:, number]
        carried = before[workers, 0] >= 0
        if not (
            machine.templates or machine.interdependent
        ):  # these may read what a visit overwrites
            carried &= self._latest[firsts] < 0
        remembering = np.flatnonzero(carried)
        kinds = run.kinds[number][before[workers[remembering], 1]]
        remembering = remembering[np.argsort(kinds, kind="stable")]
        self._memory = _Memory(visits.workers[firsts[remembering]], *before[workers[remembering]].T)
        group = machine.variable_groups[number]
        self._memory_ends = np.cumsum(np.bincount(kinds, minlength=len(group.kinds))).tolist()
        self._own = [by_state.of(kind) for kind in group.kinds]
        self._rows_of_visits = np.empty(len(visits), dtype=np.int64)
        begin = len(self._memory)
        for own, _, _ in self._own:
            self._rows_of_visits[own] = np.arange(begin, begin + len(own))
            begin += len(own)
        self._size: int = begin
        self._rows_of_workers = np.full(len(before), NULL)
        self._rows_of_workers[workers[remembering]] = np.arange(len(remembering))
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return self._size

    def rows_of(self, visits: Ints) -> Ints:
        """Return the row of the assignment that holds at some visits, -1 where none does.

        Visits are rows of the window, int64[n].
        """
        latest = self._latest.take(visits)
        rows: Ints = self._rows_of_visits.take(latest, mode="wrap")
        from_memory = np.flatnonzero(latest < 0)
        if len(from_memory):
            workers = self._window.worker_rows[visits[from_memory]]
            rows[from_memory] = self._rows_of_workers[workers]
        return rows

    def rows_set_at(self, visits: Ints) -> Ints:
        """Return the row of the assignment that each visit is: rows of the window, int64[n]."""
        return self._rows_of_visits.take(visits)

    def rows_before(self, visits: Ints) -> Ints:
        """Return the row of the assignment that held just before some visits: rows of the window, int64[n]."""
        workers = self._window.worker_rows
        follows = (visits > 0) & (workers[visits - 1] == workers[visits])
        before: Ints = self._rows_of_workers[workers[visits]]
        before[follows] = self.rows_of(visits[follows] - 1)
        return before

    def assignments(self, states: Sequence[int]) -> tuple[Ints, Ints]:
        """Return the rows of the assignments by some states within the window, in order of time, and their visits."""
        order = self._window.order
        own = order[np.isin(self._window.states[order], states)]
        return self.rows_set_at(own), own

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
        group, seed = self._machine.variable_groups[self._number], self._machine.seed
        columns = {name: _PickedColumn(self._run.fixed(name)) for name in variables}
        memory, counting = self._memory, self._run.counting[self._number]
        remembered_bits = visit_bits(worker_bits(seed, memory.workers), memory.visits)
        begin = 0
        for place, kind in enumerate(group.kinds):
            setters = {name: self._machine.setters[name][kind[0]] for name in variables}
            rows, begin = slice(begin, self._memory_ends[place]), self._memory_ends[place]
            if rows.start < rows.stop:
                workers, bits, times = (
                    memory.workers[rows],
                    remembered_bits[rows],
                    memory.times[rows],
                )
                counters.assign_recorded(workers)
                for name, setter in setters.items():
                    context = contexts.before(name, setter, workers)
                    draw = Draw(bits, times, None, setter.path, context)
                    columns[name].add(place, setter, draw)
            visits, bits, times = self._own[place]
            if len(visits):
                counters.assign_next(
                    len(visits), self._window.workers[visits] if counting else None, visits
                )
                for name, setter in setters.items():
                    context = contexts.within(setter, kind[0], visits)
                    draw = Draw(bits, times, None, setter.path, context)
                    columns[name].add(len(group.kinds) + place, setter, draw)
        for name, column in columns.items():
            self._columns[name] = column.joined()


class _PickedColumn:
    """A column in the making: its parts, each picked from fixed values, or else a column of its own."""

    def __init__(self, fixed: FixedValues) -> None:
        self._fixed = fixed
        self._picks: dict[int, Ints] = {}
        self._made: dict[int, Column] = {}

    def add(self, place: int, setter: Setter, draw: Draw) -> None:
        """Add what a setter gives, the part at a place among all parts."""
        picks = self._fixed.picks(setter, draw)
        if picks is None:
            self._made[place] = setter.field.column(draw)
        else:
            self._picks[place] = picks

    def joined(self) -> Column:
        """Return all parts, by their places."""
        if not self._made:
            parts = [self._picks[place] for place in sorted(self._picks)]
            return self._fixed.at(np.concatenate(parts) if parts else np.empty(0, dtype=np.int64))
        columns = self._made | {
            place: self._fixed.at(picks) for place, picks in self._picks.items()
        }
        return concat_columns([columns[place] for place in sorted(columns)])
