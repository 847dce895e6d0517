"""Walks few workers whose paths depend on values: one after the other, visit by visit, by Python functions.

Whatever is drawn is drawn ahead, by arrays, for all visits. Steps of all workers at once, as in `value_walk`, take a
hundred microseconds however few workers there are.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.typed_values import TypedValues
from datagen.fields import Context, Draw
from datagen.language import FAULT, Compiled, Expression
from datagen.randomness import draw, uniform
from datagen.simulation.choices import ChoiceTable
from datagen.simulation.held_values import Rows, Variable
from datagen.simulation.machine import TRANSITION, Machine, Setter
from datagen.simulation.setting import is_bounded, is_too_large
from datagen.spec.state_graph import STOP

Slots = list[Any]  # the value of each variable as functions take it, then what a visit is
Compute = Callable[[Slots], Any]
_VISIT_NAMES = ("worker", "visit", "state", "emitter", "population")


@dataclass(frozen=True)
class StateSetters:
    """What a state sets: a setter of each variable by its name, in order, and what some variables are before that."""

    setters: Sequence[tuple[str, Setter]]
    firsts: Sequence[Mapping[str, TypedValues]]


@dataclass(frozen=True)
class _Step:
    """How a state sets a variable: to what is drawn, the number of whose list is `drawn`, or to what a function gives.

    `place` is that of the variable among all. `firsts` are places of variables that are not null before anything
    has set them, and what they are then.
    """

    place: int
    default: bool
    drawn: int = 0
    compute: Compute | None = None
    firsts: Sequence[tuple[int, Any]] = ()
    is_float: bool = False
    bounded: bool = True


@dataclass(frozen=True)
class _Plan:
    """What a visit of a state does: steps, then a choice, by conditions if there are some.

    `ways` are for each pattern of conditions the cumulative probabilities, and the states that they lead to.
    """

    name: str
    steps: Sequence[_Step]
    conditions: Sequence[Compute]
    table: ChoiceTable | None
    ways: dict[int, tuple[list[float], list[int]]]


class SingleWalk:
    """The walks of single workers of a machine."""

    def __init__(
        self,
        machine: Machine,
        variables: Mapping[str, Variable],
        setters: Mapping[int, StateSetters],
        tables: Mapping[int, ChoiceTable],
        compiled: Mapping[Expression, Compiled],
        context: Context,
    ) -> None:
        """Take what a machine sets and looks at; raises NotSingle where some of it is computed by arrays only."""
        assert machine.decisions is not None
        self._variables, self._context = list(variables.values()), context
        self._places = {name: place for place, name in enumerate([*variables, *_VISIT_NAMES])}
        if machine.decisions.timed or not all(each.is_scalar for each in self._variables):
            raise NotSingle
        self._drawn: list[tuple[Variable, Setter]] = []
        self._plans: list[_Plan] = []
        for state, name in enumerate(machine.names):
            steps = self._steps(setters[state])
            table, conditions = tables.get(state), list[Compute]()
            ways = {0: machine.routes.row(state)} if table is None else {}
            if table is not None:
                made = [compiled[each] for each in table.expressions]
                conditions = [self._call(each.function, each.names) for each in made]
            self._plans.append(_Plan(name, steps, conditions, table, ways))

    def paths(
        self, of_visits: Bits, starts: tuple[Ints, Ints, Ints], rows: Rows
    ) -> tuple[Ints, Ints, Rows]:
        """Walk each worker along its visits: uint64[v, n]; numbers of workers and of visits, states: int64[n] each.

        `rows` are what they hold. Return the states, int64[v + 1, n]; the places of what is held before each
        visit among the rows made, -1 for those given; and these rows.
        """
        span, count = of_visits.shape
        bits = of_visits.T.ravel()
        chances = uniform(draw(bits, TRANSITION)).tolist()
        drawn = [self._made(variable, setter, bits) for variable, setter in self._drawn]
        held = [each.raw_and_scalar(rows.values[each.name]) for each in self._variables]
        is_set = [rows.is_set[each.name].tolist() for each in self._variables]
        walk = _Walk(self._plans, drawn, chances, len(self._variables))
        for row, (number, visit, state) in enumerate(
            zip(*(each.tolist() for each in starts), strict=True)
        ):
            walk.raw = [raw[row] for raw, _ in held]
            walk.slots = [*(scalar[row] for _, scalar in held), number, 0, "", None, None]
            walk.is_set = [each[row] for each in is_set]
            walk.one(range(row * span, row * span + span), visit, state)
        shape = count, span + 1
        path, places = (np.array(each).reshape(shape).T for each in (walk.path, walk.held))
        return path, places, walk.rows(self._variables)

    def _steps(self, own: StateSetters) -> list[_Step]:
        steps = []
        for (name, setter), firsts in zip(own.setters, own.firsts, strict=True):
            place, variable = self._places[name], self._variables[self._places[name]]
            if not setter.computed:
                steps.append(_Step(place, setter.default, len(self._drawn)))
                self._drawn.append((variable, setter))
                continue
            function = setter.field.function(setter.path, self._context)
            if function is None:
                raise NotSingle
            before = [
                (
                    self._places[other],
                    self._variables[self._places[other]].raw_and_scalar(value)[1][0],
                )
                for other, value in firsts.items()
            ]
            column_type = variable.type.column_type
            steps.append(
                _Step(
                    place,
                    setter.default,
                    compute=self._call(function.compute, function.names),
                    firsts=before,
                    is_float=column_type.kind == "float",
                    bounded=is_bounded(column_type),
                )
            )
        return steps

    def _call(self, function: Callable[..., Any], names: Sequence[str]) -> Compute:
        """Return a function of slots."""
        places = [self._places[name] for name in names]
        if len(places) == 1:
            [only] = places
            return lambda slots: function(slots[only])
        if not places:
            return lambda _: function()
        arguments = itemgetter(*places)
        return lambda slots: function(*arguments(slots))

    def _made(self, variable: Variable, setter: Setter, bits: Bits) -> tuple[list[Any], list[Any]]:
        """Return what a setter draws at visits, as it is held and as functions take it."""
        times = np.zeros(len(bits), dtype=np.int64)  # which matter to no draw
        made = variable.made(setter, Draw(bits, times, None, setter.path, self._context))
        return variable.raw_and_scalar(made)


class NotSingle(Exception):  # noqa: N818 - no error: workers are walked another way
    """Something that a machine sets or looks at is computed by arrays only, or depends on instants."""


class _Walk:
    """The walks of some workers, one after the other, each with what it holds: `raw`, as functions take it in `slots`.

    `path` and `held` are states and places of values, one worker after the other.
    """

    def __init__(
        self,
        plans: Sequence[_Plan],
        drawn: Sequence[tuple[list[Any], list[Any]]],
        chances: Sequence[float],
        variables: int,
    ) -> None:
        self._plans, self._drawn, self._chances, self._count = plans, drawn, chances, variables
        self.raw: list[Any] = []
        self.slots: Slots = []
        self.is_set: list[bool] = []
        self.path: list[int] = []
        self.held: list[int] = []
        self._rows: list[list[Any]] = []
        self._set_rows: list[list[bool]] = []

    def one(self, places: range, visit: int, state: int) -> None:
        """Walk a worker along its visits, whose draws are at these places, from the number of the first and its state."""
        path, held, slots, visit_slot = [state], -1, self.slots, self._count + 1
        held_path = [held]
        for place in places:
            if state == STOP:
                left = len(places) + 1 - len(path)
                path += [STOP] * left
                held_path += [held] * left
                break
            plan = self._plans[state]
            slots[visit_slot], slots[visit_slot + 1] = visit, plan.name
            visit += 1
            if plan.steps:
                for step in plan.steps:
                    self._set(step, place)
                held = len(self._rows)
                self._rows.append(self.raw.copy())
                self._set_rows.append(self.is_set.copy())
            pattern, bit = 0, 1
            for condition in plan.conditions:
                value = condition(slots)
                if value and value is not FAULT:
                    pattern |= bit
                bit += bit
            ways = plan.ways.get(pattern)
            if ways is None:
                assert plan.table is not None
                ends, nexts = plan.table.ways(pattern)
                ways = plan.ways[pattern] = ends.tolist(), nexts.tolist()
            state = ways[1][bisect_left(ways[0], self._chances[place])]
            path.append(state)
            held_path.append(held)
        self.path += path
        self.held += held_path

    def rows(self, variables: Sequence[Variable]) -> Rows:
        """Return the values made."""
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(variables)
        flags = np.array(self._set_rows, dtype=bool).reshape(len(self._rows), len(variables))
        return Rows(
            {
                each.name: each.of_raw(list(column))
                for each, column in zip(variables, columns, strict=True)
            },
            {each.name: flags[:, place].copy() for place, each in enumerate(variables)},
        )

    def _set(self, step: _Step, at: int) -> None:
        place = step.place
        if step.default and self.is_set[place]:
            return
        if step.compute is None:
            raw, scalars = self._drawn[step.drawn]
            self.raw[place], self.slots[place] = raw[at], scalars[at]
        else:
            self.raw[place] = self.slots[place] = self._computed(step, step.compute)
        self.is_set[place] = True

    def _computed(self, step: _Step, compute: Compute) -> Any:
        slots = self.slots
        for place, first in step.firsts:
            if not self.is_set[place]:
                slots = slots.copy() if slots is self.slots else slots
                slots[place] = first
        value = compute(slots)
        if value is FAULT or not (step.bounded or not is_too_large(value)):
            return None
        return value + 0.0 if step.is_float and value is not None else value
