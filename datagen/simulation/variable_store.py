"""Turns the visits of a window into the variables that are set there, and what states see of them."""

from collections.abc import Iterator, Mapping

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column, concat_columns
from datagen.columns.typed_values import TypedValues, values_of_column, values_of_list
from datagen.fields import Context, Draw
from datagen.simulation.counters import CounterState
from datagen.simulation.faults import WindowFaults
from datagen.simulation.fixed_values import RunVariables
from datagen.simulation.machine import Machine, Setter
from datagen.simulation.remembered_values import RememberedValues
from datagen.simulation.variables import VariableValues
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import VisitsByState


class VariableStore:
    """The variables of a window, group by group; at first those that are not computed from others."""

    def __init__(
        self,
        machine: Machine,
        visits: Visits,
        by_state: VisitsByState,
        context: Context,
        counters: CounterState,
        remembered: RememberedValues,
        run: RunVariables,
        faults: WindowFaults,
    ) -> None:
        self.machine, self.visits, self.faults, self.run = machine, visits, faults, run
        self.context, self.counters, self.remembered = context, counters, remembered
        self.groups = [
            VariableValues(machine, visits, by_state, number, run)
            for number in range(len(machine.variable_groups))
        ]
        for values, group in zip(self.groups, machine.variable_groups, strict=True):
            plain = [name for name in group.variables if name not in machine.computed]
            if plain:
                values.evaluate(plain, context, counters)

    def group_of(self, variable: str) -> VariableValues:
        """Return the visits that set a variable, and the values set there."""
        return self.groups[self.machine.group_of[variable]]


class HeldVariables(Mapping[str, Column]):
    """The values of variables when a state sets one of its own, at some visits: one for each visit."""

    def __init__(self, store: VariableStore, setter: Setter, state: int, visits: Ints) -> None:
        self._store, self._setter, self._state, self._visits = store, setter, state, visits
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            rows, first = self.rows(name), self.first(name)
            column = self._store.group_of(name).column(name)
            if first is None or not len(rows) or rows.min() >= 0:
                self._columns[name] = column.take(rows)
            else:
                extended = concat_columns([column, first.column()])
                self._columns[name] = extended.take(np.where(rows < 0, len(column), rows))
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.machine.group_of)

    def __len__(self) -> int:
        return len(self._store.machine.group_of)

    def rows(self, name: str) -> Ints:
        """Return the row of the assignment of a variable that holds at each visit, -1 where none does."""
        values, own = self._store.group_of(name), self._store.machine.setters[name].get(self._state)
        if own is not None and own.place < self._setter.place:
            return values.rows_of(self._visits)
        return values.rows_before(self._visits)

    def first(self, name: str) -> TypedValues | None:
        """Return what a variable is before anything has set it, where that is not null: one row."""
        if self._setter.field.is_template:
            return None
        of = self._store.remembered.type_of(name)
        setters = self._store.machine.setters[name]
        default = setters[self._state].first if self._state in setters else None
        if default is not None:
            nowhere = Draw(
                np.zeros(1, np.uint64), np.zeros(1, np.int64), None, (), self._store.context
            )
            return values_of_column(default.column(nowhere), of)
        own = [each for setter in setters.values() for each in setter.field.initials()]
        if own and name == self._setter.field.name:
            return values_of_list([own[0]], of)
        return None
