"""Computes variables that are made of each other or of themselves, visit after visit.

Visits of different workers at once: first the first visits of all, then the second ones, and so on. Where
few workers are left, their visits one by one, if each value is one of an expression.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.literal import nulls
from datagen.columns.typed_values import TypedValues, values_of_column, values_of_list
from datagen.fields import Draw
from datagen.fields.base import ScalarFunction
from datagen.fields.draw import VISIT_TYPES
from datagen.language import FAULT
from datagen.language.column_values import values_of
from datagen.simulation.machine import Setter
from datagen.simulation.setting import is_bounded, is_too_large, note_fault, set_values
from datagen.simulation.variable_store import HeldVariables, VariableStore
from datagen.simulation.visit_names import VisitNames

_FEW = 170  # workers; with fewer, one by one is faster
Values = Mapping[str, TypedValues]  # of each variable of the circle, one for each assignment


@dataclass(frozen=True)
class _Step:
    """A variable of the circle that a state makes of others."""

    variable: str
    state: int
    setter: Setter


def compute_circle(store: VariableStore, variables: Sequence[str]) -> None:
    """Compute some variables, given all others that they are made of."""
    values: dict[str, TypedValues] = {}
    for name in variables:
        group = store.group_of(name)
        group.evaluate([name], store.context, store.counters, _Pending(store))
        values[name] = values_of_column(group.column(name), store.remembered.type_of(name))
    steps = _steps(store, variables)
    visits = np.flatnonzero(np.isin(store.visits.states, list(steps)))
    ranks = _ranks(store.visits.worker_rows[visits])
    functions = _functions(store, steps, values)
    together = int(ranks.max(initial=-1)) + 1
    if functions is not None:
        together = int(np.count_nonzero(np.bincount(ranks) >= _FEW))
    _compute_by_arrays(store, steps, values, visits, ranks, together)
    if functions is not None:
        _compute_one_by_one(store, functions, values, visits[ranks >= together])
    for name in variables:
        store.group_of(name).replace_column(name, values[name].column())


class _Pending:
    """The values of variables that are not known yet within the window: null there."""

    def __init__(self, store: VariableStore) -> None:
        self._store = store

    def remembered(self, variable: str, workers: Ints) -> Column:
        return self._store.remembered.of(variable, workers).column()

    def made(self, setter: Setter, state: int, visits: Ints, draw: Draw) -> Column:
        del setter, state, draw
        return nulls(len(visits))


def _steps(store: VariableStore, variables: Sequence[str]) -> dict[int, list[_Step]]:
    """Return what each state of the window makes, in the order in which it does so."""
    steps: dict[int, list[_Step]] = {}
    setters = store.machine.setters
    for state in np.unique(store.visits.states).tolist():
        own = [
            _Step(name, state, setters[name][state])
            for name in variables
            if state in setters[name] and setters[name][state].computed
        ]
        if own:
            steps[state] = sorted(own, key=lambda step: step.setter.place)
    return steps


def _ranks(workers: Ints) -> Ints:
    """Return the place of each visit among those of its worker; these are next to each other."""
    firsts = np.flatnonzero(np.diff(workers, prepend=-1))
    return np.arange(len(workers)) - np.repeat(firsts, np.diff(firsts, append=len(workers)))


# Visits of many workers at once -------------------------------------------------------------------


def _compute_by_arrays(
    store: VariableStore,
    steps: Mapping[int, Sequence[_Step]],
    values: Values,
    visits: Ints,
    ranks: Ints,
    together: int,
) -> None:
    """Compute the visits of the first ranks, those of a rank at once."""
    states = store.visits.states[visits]
    ordered: list[tuple[list[_StepByArrays], list[int]]] = []
    for state, own in steps.items():
        places = np.flatnonzero((states == state) & (ranks < together))
        places = places[np.argsort(ranks[places], kind="stable")]
        ends = np.searchsorted(ranks[places], np.arange(together + 1)).tolist()
        ordered.append(([_StepByArrays(store, each, values, visits[places]) for each in own], ends))
    for rank in range(together):
        for own_steps, ends in ordered:
            if ends[rank] < ends[rank + 1]:
                for each in own_steps:
                    each.compute(slice(ends[rank], ends[rank + 1]))


class _StepByArrays:
    """A step at all visits of its state that are computed by arrays."""

    def __init__(self, store: VariableStore, step: _Step, values: Values, visits: Ints) -> None:
        self._store, self._step, self._values, self._visits = store, step, values, visits
        self._held = HeldVariables(store, step.setter, step.state, visits)
        self._targets = store.group_of(step.variable).rows_set_at(visits)
        self._bits, self._times = store.visits.bits[visits], store.visits.times[visits]
        self._rows: dict[str, Ints] = {}
        self._firsts: dict[str, TypedValues | None] = {}
        self._others: dict[str, TypedValues | Column] = {}

    def compute(self, part: slice) -> None:
        """Compute the variable at some of the visits."""
        setter, store = self._step.setter, self._store
        draw = Draw(self._bits[part], self._times[part], None, setter.path, store.context)
        seen = _HeldNow(self, part)
        column = set_values(store, setter, self._visits[part], draw, seen)
        values = self._values[self._step.variable]
        values.put(self._targets[part], values_of_column(column, values.of))

    def held(self, name: str, part: slice) -> Column:
        """Return the value of a variable at some of the visits, as it is when the step is taken."""
        if name in self._values:
            return self._of_circle(name, part)
        if name not in self._others:
            column, of = self._held[name], self._store.remembered.type_of(name)
            typed = of.dtype is not None
            self._others[name] = values_of_column(column, of) if typed else column
        others = self._others[name]
        if isinstance(others, Column):
            return others.take(np.arange(part.start, part.stop))
        return others.part(part).column()

    @property
    def known(self) -> HeldVariables:
        """Return all variables."""
        return self._held

    def _of_circle(self, name: str, part: slice) -> Column:
        if name not in self._rows:
            self._rows[name], self._firsts[name] = self._held.rows(name), self._held.first(name)
        rows, first = self._rows[name][part], self._firsts[name]
        found = self._values[name].take(rows)
        if first is not None and rows.min() < 0:
            unset = np.flatnonzero(rows < 0)
            found.put(unset, first.take(np.zeros_like(unset)))
        return found.column()


class _HeldNow(Mapping[str, Column]):
    """The variables at some visits of a step."""

    def __init__(self, step: _StepByArrays, part: slice) -> None:
        self._step, self._part = step, part
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._step.held(name, self._part)
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._step.known

    def __iter__(self) -> Iterator[str]:
        return iter(self._step.known)

    def __len__(self) -> int:
        return len(self._step.known)


# Visits one by one --------------------------------------------------------------------------------

Functions = Mapping[int, Sequence[tuple[_Step, ScalarFunction]]]


def _functions(
    store: VariableStore, steps: Mapping[int, Sequence[_Step]], values: Values
) -> Functions | None:
    """Return the functions of all steps; None where some value can be computed by arrays only."""
    if not all(each.of.uniform for each in values.values()):
        return None
    found: dict[int, list[tuple[_Step, ScalarFunction]]] = {}
    for state, own in steps.items():
        for step in own:
            function = step.setter.field.function(step.setter.path, store.context)
            if function is None:
                return None
            found.setdefault(state, []).append((step, function))
    return found


def _compute_one_by_one(
    store: VariableStore, functions: Functions, values: Values, visits: Ints
) -> None:
    """Compute visits, in order of (worker, visit), each when those before it are known."""
    if not len(visits):
        return
    lists = {name: values_of(each.column(), each.of.column_type) for name, each in values.items()}
    states = store.visits.states[visits]
    runs: dict[int, list[Iterator[None]]] = {}
    made = []
    for state, own in functions.items():
        for step, function in own:
            run = _StepOneByOne(store, step, function, lists, visits[states == state])
            runs.setdefault(state, []).append(run.steps())
            made.append(run)
    if len(made) == 1:
        for _ in runs[made[0].step.state][0]:
            pass
    else:
        for state in states.tolist():
            for each in runs[state]:
                next(each)
    for run in made:
        run.finish(values)


class _StepOneByOne:
    """A step at all visits of its state that are computed one by one."""

    def __init__(
        self,
        store: VariableStore,
        step: _Step,
        function: ScalarFunction,
        lists: Mapping[str, list[Any]],
        visits: Ints,
    ) -> None:
        self.step, self._store, self._function = step, store, function
        self._lists, self._visits = lists, visits
        self._held = HeldVariables(store, step.setter, step.state, visits)
        self._targets = store.group_of(step.variable).rows_set_at(visits)
        self._faults: list[int] = []

    def steps(self) -> Iterator[None]:
        """Yield after each visit at which the variable has been set."""
        sources = [self._source(name) for name in self._function.names]
        made = starmap(self._function.compute, zip(*sources, strict=True))
        column_type = self._store.remembered.type_of(self.step.variable).column_type
        bounded, is_float = is_bounded(column_type), column_type.kind == "float"
        values, faults = self._lists[self.step.variable], self._faults
        for place, (target, value) in enumerate(zip(self._targets.tolist(), made, strict=True)):
            if value is FAULT or not (bounded or not is_too_large(value)):
                faults.append(place)
                values[target] = None
            else:
                values[target] = value + 0.0 if is_float and value is not None else value
            yield

    def finish(self, values: Values) -> None:
        """Hand on what has been computed, and its faults."""
        mine, own = values[self.step.variable], self._lists[self.step.variable]
        mine.put(
            self._targets, values_of_list([own[row] for row in self._targets.tolist()], mine.of)
        )
        note_fault(self._store, self.step.setter, self._visits[self._faults])

    def _source(self, name: str) -> Iterator[Any]:
        """Return the values of a name, each as it is when the step is taken."""
        store = self._store
        if name not in store.machine.group_of:
            window, style = store.visits, store.context.style
            column = VisitNames(store.machine, style, window, self._visits)[name]
            return iter(values_of(column, VISIT_TYPES[name]))
        column_type = store.remembered.type_of(name).column_type
        if name not in self._lists:
            return iter(values_of(self._held[name], column_type))
        values, rows, first = self._lists[name], self._held.rows(name), self._held.first(name)
        if (rows < 0).any():
            rows = np.where(rows < 0, len(values), rows)
            values += [None] if first is None else values_of(first.column(), column_type)
        return map(values.__getitem__, rows.tolist())
