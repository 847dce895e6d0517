"""Turns a machine whose paths look at the timeline into what it is in a constant phase.

Conditions that look at nothing else are true then, or not, and parameters of delays are numbers. A machine of which nothing
else is left is one that looks at nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.scalar import InstantColumn
from datagen.distributions.varying import RowsAlike, Varying
from datagen.instants import NAIVE
from datagen.language import FAULT, INSTANT_NAME, Compiled, Expression
from datagen.simulation.choices import ChoiceTable
from datagen.simulation.delays import Delays
from datagen.simulation.machine import Machine, Routes

_Ways = tuple[tuple[int, ...], tuple[float, ...]]  # states, and how likely each is


@dataclass(frozen=True)
class Folded:
    """What is known of a machine in a constant phase: the states whose `delays` are, and the `truths` of conditions.

    `machine` is the machine with the choices and delays that are known; it has no decisions where nothing else is left.
    """

    machine: Machine
    delays: Collection[int]
    truths: Mapping[Expression, bool]


class Folding:
    """What is known of a machine in each of its constant phases, found when a phase first comes."""

    def __init__(self, machine: Machine, compiled: Mapping[Expression, Compiled]) -> None:
        """Take a machine that looks at a timeline, and what decides its paths, compiled."""
        decisions = machine.decisions
        assert decisions is not None
        self._machine, self._decisions, self._compiled = machine, decisions, compiled
        tables = {state: ChoiceTable(each) for state, each in decisions.choices.items()}
        self._conditions = [
            expression
            for each in tables.values()
            for expression in each.expressions
            if self._is_known(expression)
        ]
        self._tables = {
            state: each
            for state, each in tables.items()
            if all(map(self._is_known, each.expressions))
        }
        self._delays = {
            state: each.distribution
            for state, each in decisions.delays.items()
            if isinstance(each.distribution, Varying)
            and all(self._is_known(one) for _, one in each.distribution.expressions())
        }
        others = len(tables) + len(decisions.delays) - len(self._tables) - len(self._delays)
        self._is_whole = not others and not decisions.variables
        self._known: dict[Any, Folded] = {}

    def at(self, instant: int) -> Folded:
        """Return what is known in the phase in which an instant is."""
        truths = {each: bool(self._value(each, instant)) for each in self._conditions}
        values = [
            self._value(expression, instant)
            for each in self._delays.values()
            for _, expression in each.expressions()
        ]
        key = tuple(truths.values()), tuple(values)
        if key not in self._known:
            self._known[key] = self._folded(truths, instant)
        return self._known[key]

    def _is_known(self, expression: Expression) -> bool:
        """Return whether an expression looks at the timeline only."""
        return {*self._compiled[expression].names} <= {INSTANT_NAME}

    def _value(self, expression: Expression, instant: int) -> Any:
        compiled = self._compiled[expression]
        value = compiled.function(*[instant] * len(compiled.names))
        return None if value is FAULT else value

    def _folded(self, truths: Mapping[Expression, bool], instant: int) -> Folded:
        routes = {state: self._ways(state, each, truths) for state, each in self._tables.items()}
        delays = {}
        for state, distribution in self._delays.items():
            rows = distribution.rows_alike(lambda one: self._column(one, instant))
            if rows is not None:
                delays[state] = rows
            elif self._is_whole:
                routes[state] = (self._decisions.delays[state].lost,), (1.0,)
        rows_of_routes = enumerate(self._machine.routes.given)
        machine = replace(
            self._machine,
            routes=Routes([routes.get(state, row) for state, row in rows_of_routes]),
            durations=_PhaseDelays(self._machine.durations, delays),
            decisions=None if self._is_whole else self._decisions,
        )
        return Folded(machine, delays, truths)

    def _ways(self, state: int, table: ChoiceTable, truths: Mapping[Expression, bool]) -> _Ways:
        choice = self._decisions.choices[state]
        taken = table.taken(sum(truths[each] << bit for bit, each in enumerate(table.expressions)))
        if not taken:
            return (choice.lost,), (1.0,)
        nexts = tuple(choice.nexts[place] for place in taken)
        return nexts, tuple(choice.probabilities[place] for place in taken)

    def _column(self, expression: Expression, instant: int) -> Any:
        """Return the value of an expression at an instant, as a column of one row."""
        instants = InstantColumn(np.array([instant]), NAIVE)
        return self._compiled[expression].values(lambda _: instants, 1).column


class _PhaseDelays(Delays):
    """How long the visits of each state last where some have parameters that are the same for a phase."""

    def __init__(self, plain: Delays, of_phase: Mapping[int, RowsAlike]) -> None:
        self._plain, self._of_phase = plain, of_phase
        self.time_dependent = False

    def microseconds(self, bits: Bits, states: Ints, instants: Ints) -> Ints:
        found = self._plain.microseconds(bits, states, instants)
        for state, rows_alike in self._of_phase.items():
            rows = np.flatnonzero(states == state)
            if len(rows):
                found[rows] = rows_alike(len(rows)).microseconds(bits[rows])
        return found
