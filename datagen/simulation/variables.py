"""Turns what workers remember into columns: the values of variables, computed again where needed.

A worker's memory holds visits, not values: a value is computed from the visit that set it. Only the
instant of that visit and the numbers that counters gave there are carried from window to window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.columns.column import NULL, Column, concat_columns
from datagen.columns.literal import nulls
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
    by the kind of their states. Where it may be needed, a last row, of nulls, is for the workers that
    have yet to set the variables.
    """

    def __init__(
        self, machine: Machine, visits: Visits, by_state: VisitsByState, number: int
    ) -> None:
        self._machine, self._group = machine, machine.variable_groups[number]
        self._window, self._latest = visits, visits.latest[number]
        from_memory = np.flatnonzero(self._latest < 0)
        # a template may read what its own visit overwrites
        reads = bool(machine.templates or machine.interdependent)
        carried = np.zeros(len(visits.before), dtype=bool)
        carried[visits.worker_rows if reads else visits.worker_rows[from_memory]] = True
        unset = visits.before[:, number, 0] < 0
        carried &= ~unset
        remembering, self._memory_ends = self._by_kind(visits.before[:, number, 1], carried)
        numbers = visits.workers[np.searchsorted(visits.worker_rows, remembering)]
        self._memory = _Memory(numbers, *visits.before[remembering, number].T)
        self._own = [by_state.of(kind) for kind in self._group.kinds]
        ends = np.cumsum([len(self._memory), *(len(own) for own, _, _ in self._own)]).tolist()
        self._size: int = ends[-1]
        of_visits = np.empty(len(visits), dtype=np.int64)
        for (own, _, _), begin, end in zip(self._own, ends[:-1], ends[1:], strict=True):
            of_visits[own] = np.arange(begin, end)
        self._rows_of_visits = of_visits
        self._rows_of_workers = np.full(len(visits.before), self._size)
        self._rows_of_workers[remembering] = np.arange(len(remembering))
        emitting = from_memory[machine.emitter_of[visits.states[from_memory]] >= 0]
        self._has_nulls = reads or bool(unset[visits.worker_rows[emitting]].any())
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return self._size + self._has_nulls

    def rows_of(self, visits: Ints) -> Ints:
        """Return the row of the assignment that holds at some visits: rows of the window, int64[n].

        The visits emit, or templates read the variables there.
        """
        latest = self._latest[visits]
        rows: Ints = self._rows_of_visits.take(latest, mode="wrap")
        from_memory = np.flatnonzero(latest < 0)
        if len(from_memory):
            workers = self._window.worker_rows[visits[from_memory]]
            rows[from_memory] = self._rows_of_workers[workers]
        return rows

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
        return self._rows_of_visits[own], own

    def column(self, variable: str) -> Column:
        """Return a variable's value at each assignment."""
        return self._columns[variable]

    def replace_column(self, variable: str, column: Column) -> None:
        """Give a variable other values, one for each assignment."""
        self._columns[variable] = column

    def evaluate(
        self,
        variables: Sequence[str],
        contexts: Contexts,
        counters: CounterState,
        run: RunVariables,
    ) -> None:
        """Compute some of the variables, those of states with the same setters together."""
        kinds = self._group.kinds
        columns = {name: _PickedColumn(run.fixed(name)) for name in variables}
        for place, kind in enumerate(kinds):
            rows = slice(self._memory_ends[place], self._memory_ends[place + 1])
            if rows.start < rows.stop:
                workers, bits, times = self._draws_before(rows, counters)
                for name in variables:
                    setter = self._machine.setters[name][kind[0]]
                    context = contexts.before(name, setter, workers)
                    columns[name].add(place, setter, Draw(bits, times, None, setter.path, context))
            visits, bits, times = self._own[place]
            if len(visits):
                counting = run.counting[self._machine.variable_groups.index(self._group)]
                counters.assign_next(
                    len(visits), self._window.workers[visits] if counting else None
                )
                for name in variables:
                    setter = self._machine.setters[name][kind[0]]
                    context = contexts.within(setter, kind[0], visits)
                    draw = Draw(bits, times, None, setter.path, context)
                    columns[name].add(len(kinds) + place, setter, draw)
        for name, column in columns.items():
            self._columns[name] = column.joined(self._has_nulls)

    def _by_kind(self, states: Ints, carried: Mask) -> tuple[Ints, list[int]]:
        """Return the rows of workers whose states they remember, kind after kind, and where each kind begins."""
        rows = np.flatnonzero(carried)
        kinds = self._group.kind_of_states(len(self._machine.names))[states[rows]]
        counts = np.bincount(kinds, minlength=len(self._group.kinds))
        return rows[np.argsort(kinds, kind="stable")], [0, *np.cumsum(counts).tolist()]

    def _draws_before(self, rows: slice, counters: CounterState) -> tuple[Ints, Bits, Ints]:
        """Return the workers, the random bits and the instants of assignments before the window."""
        workers = self._memory.workers[rows]
        counters.assign_recorded(workers)
        of_workers = worker_bits(self._machine.seed, workers)
        bits = visit_bits(of_workers, self._memory.visits[rows])
        return workers, bits, self._memory.times[rows]


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

    def joined(self, with_null: bool) -> Column:
        """Return all parts, by their places, and if need be one more row, null."""
        last: list[Ints] = [np.full(1, NULL)] if with_null else []
        if not self._made:
            parts = [self._picks[place] for place in sorted(self._picks)] + last
            return self._fixed.at(np.concatenate(parts) if parts else np.empty(0, np.int64))
        columns = self._made | {
            place: self._fixed.at(picks) for place, picks in self._picks.items()
        }
        return concat_columns(
            [columns[place] for place in sorted(columns)] + [nulls(1)] * with_null
        )
