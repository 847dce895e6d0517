"""Turns the visits of a window into the variables that hold there: plain ones, then those that templates make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.columns.column import ABSENT, MISSING, Column
from datagen.columns.literal import LiteralColumn
from datagen.fields import Context, Draw
from datagen.simulation.counters import CounterState
from datagen.simulation.faults import WindowFaults
from datagen.simulation.fixed_values import RunVariables
from datagen.simulation.machine import Machine, Setter
from datagen.simulation.remembered_texts import RecordedTexts, RememberedTexts
from datagen.simulation.variables import VariableValues
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import VisitsByState


class VariableStore:
    """The variables of a window, group by group."""

    def __init__(
        self,
        machine: Machine,
        visits: Visits,
        by_state: VisitsByState,
        context: Context,
        counters: CounterState,
        texts: RememberedTexts,
        run: RunVariables,
        faults: WindowFaults,
    ) -> None:
        self.machine, self.visits, self.faults = machine, visits, faults
        self.context, self._counters, self._texts = context, counters, texts
        made = {*machine.templates, *machine.interdependent}
        self.groups = [
            VariableValues(machine, visits, by_state, number, run)
            for number in range(len(machine.variable_groups))
        ]
        for values, group in zip(self.groups, machine.variable_groups, strict=True):
            plain = [name for name in group.variables if name not in made]
            if plain:
                values.evaluate(plain, _SameContext(context), counters)
        for name in machine.templates:
            self.group_of(name).evaluate([name], _TemplateContexts(self, texts), counters)
        if machine.interdependent:
            _InterdependentVariables(self, texts, counters).evaluate()
        for name in made:
            self._remember(name)

    def group_of(self, variable: str) -> VariableValues:
        """Return the visits that set a variable, and the values set there."""
        return self.groups[self.machine.group_of[variable]]

    def _remember(self, variable: str) -> None:
        """Carry the texts that templates made on to later windows."""
        values, setters = self.group_of(variable), self.machine.setters[variable]
        states = [state for state, setter in setters.items() if setter.field.is_template]
        rows, visits = values.assignments(states)
        texts = values.column(variable).take(rows).text.to_pylist()
        self._texts.record(variable, self.visits.workers[visits], texts)


class _SameContext:
    """The context of variables that are made of nothing but draws."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def before(self, variable: str, setter: Setter, workers: Ints) -> Context:
        del variable, setter, workers
        return self._context

    def within(self, setter: Setter, state: int, visits: Ints) -> Context:
        del setter, state, visits
        return self._context


class _TemplateContexts:
    """The contexts of variables that templates make of others, all of whose values are known."""

    def __init__(self, store: VariableStore, texts: RememberedTexts) -> None:
        self._store, self._texts = store, texts

    def before(self, variable: str, setter: Setter, workers: Ints) -> Context:
        del setter
        return replace(
            self._store.context, templates=RecordedTexts(self._texts.of(variable, workers))
        )

    def within(self, setter: Setter, state: int, visits: Ints) -> Context:
        held = HeldVariables(self._store, setter, state, visits)
        return replace(self._store.context, variables=held)


class HeldVariables(Mapping[str, Column]):
    """The values of variables when a state sets one of its own, at some visits: one for each visit."""

    def __init__(self, store: VariableStore, setter: Setter, state: int, visits: Ints) -> None:
        self._store, self._setter, self._state, self._visits = store, setter, state, visits

    def __getitem__(self, name: str) -> Column:
        return self._store.group_of(name).column(name).take(self.rows(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.machine.group_of)

    def __len__(self) -> int:
        return len(self._store.machine.group_of)

    def rows(self, name: str) -> Ints:
        """Return the row of the assignment of a variable that holds at each visit."""
        values, own = self._store.group_of(name), self._store.machine.setters[name].get(self._state)
        if own is not None and own.place < self._setter.place:
            return values.rows_of(self._visits)
        return values.rows_before(self._visits)


class _InterdependentVariables:
    """Variables that templates make of each other or of themselves: computed visit after visit.

    Visits of different workers at once: first the first visits of all, then the second ones, and so on.
    """

    def __init__(
        self, store: VariableStore, texts: RememberedTexts, counters: CounterState
    ) -> None:
        self._store, self._texts, self._counters = store, texts, counters
        self._values: dict[str, list[Any]] = {}

    def evaluate(self) -> None:
        """Compute them all."""
        store, machine = self._store, self._store.machine
        for name in machine.interdependent:
            values = store.group_of(name)
            contexts = _PendingContexts(store, self._texts)
            values.evaluate([name], contexts, self._counters)
            self._values[name] = [
                *_python_values(values.column(name)),
                None,
            ]  # at -1, what none set
        for visits in self._rounds():
            states = store.visits.states[visits]
            for state in np.unique(states).tolist():
                self._set_all(state, visits[states == state])
        for name, held in self._values.items():
            store.group_of(name).replace_column(name, _column_of(held[:-1]))

    def _template_setters(self, state: int) -> list[tuple[str, Setter]]:
        """Return those of a state, in the order in which it sets them."""
        setters = self._store.machine.setters
        own = [
            (name, setters[name][state])
            for name in self._store.machine.interdependent
            if state in setters[name] and setters[name][state].field.is_template
        ]
        return sorted(own, key=lambda pair: pair[1].place)

    def _rounds(self) -> Iterator[Ints]:
        """Yield rows of visits with templates, no two of one worker."""
        window = self._store.visits
        states = [
            state for state in np.unique(window.states).tolist() if self._template_setters(state)
        ]
        visits = np.flatnonzero(np.isin(window.states, states))
        firsts = np.flatnonzero(np.diff(window.worker_rows[visits], prepend=-1))
        sizes = np.diff(firsts, append=len(visits))
        ranks = np.arange(len(visits)) - np.repeat(firsts, sizes)
        for rank in range(int(sizes.max(initial=0))):
            yield visits[ranks == rank]

    def _set_all(self, state: int, visits: Ints) -> None:
        """Set the variables of a state at its visits, one variable after the other."""
        store, window = self._store, self._store.visits
        for name, setter in self._template_setters(state):
            held = _Current(HeldVariables(store, setter, state, visits), self._values)
            context = replace(store.context, variables=held)
            draw = Draw(window.bits[visits], window.times[visits], None, setter.path, context)
            made = _python_values(setter.field.column(draw))
            for row, value in zip(store.group_of(name).rows_of(visits).tolist(), made, strict=True):
                self._values[name][row] = value


class _PendingContexts(_TemplateContexts):
    """The contexts of variables whose texts within the window are not known yet."""

    def within(self, setter: Setter, state: int, visits: Ints) -> Context:
        del setter, state
        nothing: TextArray = pa.array([""] * len(visits), pa.string())
        return replace(self._store.context, templates=RecordedTexts(nothing))


class _Current(Mapping[str, Column]):
    """The variables held at some visits; of some the values so far are given, one for each assignment."""

    def __init__(self, held: HeldVariables, values: Mapping[str, list[Any]]) -> None:
        self._held, self._values = held, values

    def __getitem__(self, name: str) -> Column:
        if name not in self._values:
            return self._held[name]
        values = self._values[name]
        return _column_of([values[row] for row in self._held.rows(name).tolist()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def _python_values(column: Column) -> list[Any]:
    """Return the values of a column; instants as texts."""
    values = column.to_python(ABSENT)
    if any(isinstance(each, datetime) for each in values):
        texts = column.text.to_pylist()
        return [
            text if isinstance(each, datetime) else each
            for each, text in zip(values, texts, strict=True)
        ]
    return values


def _column_of(values: Sequence[Any]) -> Column:
    """Return a column of Python values, some of which may be missing."""
    column = LiteralColumn([None if each is ABSENT else each for each in values])
    places = [MISSING if each is ABSENT else row for row, each in enumerate(values)]
    return column.take(np.array(places, dtype=np.int64))
