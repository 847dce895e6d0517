"""Turns the setters of variables into what is the same in all windows of a run: the values they pick from."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column, GatheredColumn, concat_columns
from datagen.columns.literal import merged_literals, nulls
from datagen.fields import Context, Draw
from datagen.simulation.machine import Machine, Setter, VariableGroup


class FixedValues:
    """The fixed values from which the setters of a variable pick, those of all states in one column."""

    def __init__(self, setters: Iterable[Setter], context: Context) -> None:
        sources: dict[int, Column] = {}
        for setter in setters:
            source = setter.field.source(setter.path, context)
            if source is not None:
                sources[id(source)] = source
        self._sources = tuple(sources.values())  # held, so that none of their ids comes again
        self._begins: dict[int, int] = {}
        total = 0
        for source in self._sources:
            self._begins[id(source)] = total
            total += len(source)
        self.column = _joined(self._sources)

    def picks(self, setter: Setter, draw: Draw) -> Ints | None:
        """Return the row of the column for each visit, -1 for null, -2 for none, or None: it picks from no such."""
        source = setter.field.source(draw.path, draw.context)
        if source is None:
            return None
        picks, begin = setter.field.picks_or_none(draw), self._begins[id(source)]
        if not begin:
            return picks
        if setter.field.percent_nulls or setter.field.percent_missing:
            return np.where(picks < 0, picks, picks + begin)
        picks += begin
        return picks

    def at(self, rows: Ints) -> Column:
        """Return the values of these rows."""
        return GatheredColumn(self.column, rows)


def fixed_values(setters: Iterable[Setter], context: Context) -> FixedValues | None:
    """Return the fixed values from which all setters of a variable pick, None where some do not."""
    setters = [*setters]
    setters += [replace(each, field=each.first) for each in setters if each.first is not None]
    if any(each.field.source(each.path, context) is None for each in setters):
        return None
    return FixedValues(setters, context)


class RunVariables:
    """What a run knows of its variables, whatever the window.

    For each group of variables: whether there are counters in them, `counting`, and of which of its kinds
    each state is, int64[S] (of those that do not set it any). `always_set` are the emitters of which every
    state sets the group.
    """

    def __init__(self, machine: Machine, context: Context) -> None:
        self._machine, self._context = machine, context
        self._fixed: dict[str, FixedValues] = {}
        self.kinds = [_kind_of_states(machine, group) for group in machine.variable_groups]
        self.always_set = [_emitters_that_set(machine, group) for group in machine.variable_groups]
        self.counting = [
            any(
                machine.setters[name][state].field.holds_counter()
                for name in group.variables
                for state in group.states
            )
            for group in machine.variable_groups
        ]

    def fixed(self, variable: str) -> FixedValues:
        """Return the fixed values of a variable."""
        if variable not in self._fixed:
            setters = self._machine.setters[variable].values()
            self._fixed[variable] = FixedValues(setters, self._context)
        return self._fixed[variable]


def _joined(columns: Sequence[Column]) -> Column:
    if not columns:
        return nulls(0)
    merged = merged_literals(columns)
    return concat_columns(columns) if merged is None else merged


def _kind_of_states(machine: Machine, group: VariableGroup) -> Ints:
    kinds = np.zeros(len(machine.names), dtype=np.int64)
    for kind, states in enumerate(group.kinds):
        kinds[list(states)] = kind
    return kinds


def _emitters_that_set(machine: Machine, group: VariableGroup) -> frozenset[int]:
    setting = set(group.states) - set(group.defaults)
    others = {
        emitter
        for state, own in enumerate(machine.emitters_of)
        for emitter in own
        if state not in setting
    }
    return frozenset(range(len(machine.emitters))) - others
