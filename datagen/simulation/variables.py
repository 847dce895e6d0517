"""Turns what workers remember into columns: the values of variables, computed again where needed.

A worker's memory holds visits, not values: a value is computed from the visit that set it. Only the
instant of that visit, the numbers that counters gave there and what was computed from other values are
carried from window to window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column, concat_columns
from datagen.columns.scalar import IntColumn
from datagen.fields import Context, Draw
from datagen.randomness import visit_bits
from datagen.simulation.counters import CounterState
from datagen.simulation.fixed_values import FixedValues, RunVariables
from datagen.simulation.machine import Machine, Setter
from datagen.simulation.visit_names import VisitNames
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import VisitsByState
from datagen.simulation.worker_keys import bits_of, numbers_of


@dataclass(frozen=True)
class _Memory:
    """Visits before the window that workers still remember, k of them: int64[k] each."""

    workers: Ints
    visits: Ints
    states: Ints
    times: Ints

    def __len__(self) -> int:
        return len(self.workers)


class Computing(Protocol):
    """What gives the values of setters that make them of others."""

    def remembered(self, variable: str, workers: Ints) -> Column:
        """Return what workers remember of visits before the window: a value of each."""

    def made(self, setter: Setter, state: int, visits: Ints, draw: Draw) -> Column:
        """Return what a setter makes at visits of a state, or of others in which it is the same: a value of each."""


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
        if not machine.computations:  # these may read what a visit overwrites
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
        self,
        variables: Sequence[str],
        context: Context,
        counters: CounterState,
        computing: Computing | None = None,
    ) -> None:
        """Compute some of the variables, those of states with the same setters together.

        `computing` is needed for those that some state makes of others.
        """
        group = self._machine.variable_groups[self._number]
        columns = {name: _PickedColumn(self._run.fixed(name)) for name in variables}
        counting = self._run.counting[self._number]
        for place, kind in enumerate(group.kinds):
            setters = {name: self._machine.setters[name][kind[0]] for name in variables}
            self._add_remembered(place, setters, columns, context, counters, computing)
            visits, bits, times = self._own[place]
            if not len(visits):
                continue
            counters.assign_next(
                len(visits), self._window.workers[visits] if counting else None, visits
            )
            names = VisitNames(self._machine, context.style, self._window, visits)
            for name, setter in setters.items():
                draw = Draw(bits, times, None, setter.path, context, scopes=((names, None),))
                part = columns[name]
                if setter.computed and computing is not None:
                    made = computing.made(setter, kind[0], visits, draw)
                    part.add_column(len(group.kinds) + place, made)
                else:
                    part.add(len(group.kinds) + place, setter, draw)
        for name, column in columns.items():
            self._columns[name] = column.joined()

    def _add_remembered(
        self,
        place: int,
        setters: Mapping[str, Setter],
        columns: "Mapping[str, _PickedColumn]",
        context: Context,
        counters: CounterState,
        computing: Computing | None,
    ) -> None:
        """Add the values of visits before the window: drawn again, or as they were computed."""
        rows = slice(self._memory_ends[place - 1] if place else 0, self._memory_ends[place])
        if rows.start == rows.stop:
            return
        workers, times = self._memory.workers[rows], self._memory.times[rows]
        bits = visit_bits(bits_of(self._window.seeds, workers), self._memory.visits[rows])
        counters.assign_recorded(workers)
        names = {"worker": IntColumn(numbers_of(workers))}
        context = replace(context, faults=None)
        for name, setter in setters.items():
            draw = Draw(bits, times, None, setter.path, context, scopes=((names, None),))
            if setter.computed and computing is not None:
                known = computing.remembered(name, workers)
                columns[name].add_column(place, known.take(setter.field.places(draw)))
            else:
                columns[name].add(place, setter, draw)


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

    def add_column(self, place: int, column: Column) -> None:
        """Add a part that is a column of its own."""
        self._made[place] = column

    def joined(self) -> Column:
        """Return all parts, by their places."""
        if not self._made:
            parts = [self._picks[place] for place in sorted(self._picks)]
            return self._fixed.at(np.concatenate(parts) if parts else np.empty(0, dtype=np.int64))
        columns = self._made | {
            place: self._fixed.at(picks) for place, picks in self._picks.items()
        }
        return concat_columns([columns[place] for place in sorted(columns)])
