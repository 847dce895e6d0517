"""Walks few workers whose paths depend on values: one after the other, visit by visit, by Python functions.

Whatever is drawn is drawn ahead, by arrays, for all visits. Steps of all workers at once, as in `value_walk`, take a
hundred microseconds however few workers there are.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.typed_values import TypedValues
from datagen.fields import Context
from datagen.language import FAULT, INSTANT_NAME, Compiled, Expression
from datagen.randomness import draw, uniform
from datagen.simulation.choices import ChoiceTable
from datagen.simulation.delays import DelayDraws
from datagen.simulation.held_values import Rows, Variable
from datagen.simulation.machine import TRANSITION, Machine, Setter
from datagen.simulation.setting import is_bounded, is_too_large
from datagen.spec.state_graph import STOP

Slots = list[Any]  # the value of each variable as functions take it, then what a visit is
Compute = Callable[[Slots], Any]
_VISIT_NAMES = ("worker", "visit", "state", "time", "emitter", "population")


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


class Starts(Protocol):
    """Where some workers go on: int64[n] each."""

    @property
    def workers(self) -> Ints:
        """Return the numbers of the workers."""

    @property
    def visits(self) -> Ints:
        """Return the numbers of their next visits."""

    @property
    def states(self) -> Ints:
        """Return the states of these."""

    @property
    def times(self) -> Ints:
        """Return the instants of these."""


class SingleWalk:
    """The walks of single workers of a machine; it is `timed` where these need instants, and can be walked with them."""

    def __init__(
        self,
        machine: Machine,
        variables: Mapping[str, Variable],
        setters: Mapping[int, StateSetters],
        tables: Mapping[int, ChoiceTable],
        compiled: Mapping[Expression, Compiled],
        context: Context,
        *,
        timed: bool,
    ) -> None:
        """Take what a machine sets and looks at, and whether it is to be `timed`; raises NotSingle.

        That is where some of it is computed by arrays only.
        """
        assert machine.decisions is not None
        self._variables, self._context = list(variables.values()), context
        self._places = {name: place for place, name in enumerate([*variables, *_VISIT_NAMES])}
        self._places[INSTANT_NAME] = self._places["time"]
        self._machine, self.timed = machine, timed and not machine.decisions.delays
        self._check(timed=timed)
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

    def _check(self, *, timed: bool) -> None:
        """Raise NotSingle where instants decide, and paths cannot be walked by them, or values are of several types."""
        decisions, phases = self._machine.decisions, self._machine.phases
        assert decisions is not None
        by_instants = decisions.timed or (timed and phases is not None)
        if (by_instants and not self.timed) or not all(each.is_scalar for each in self._variables):
            raise NotSingle

    def paths(
        self, of_visits: Bits, starts: Starts, rows: Rows, horizon: int
    ) -> tuple[Ints, Ints, Ints, Rows]:
        """Walk each worker along its visits: uint64[v, n].

        `rows` are what they hold. Return the states, the instants if these are needed, and the places of what is held
        before each visit among the rows made, -1 for those given: int64[v + 1, n] each; and these rows. After the first
        instant that is not before a horizon a path may be anything.
        """
        walk, phases = self.drawn(of_visits, starts, rows), self._machine.phases
        for row in range(of_visits.shape[1]):
            start = int(starts.times[row])
            walk.one(row, start if self.timed or phases is None else phases.instant, horizon)
        shape = -1, len(of_visits) + 1
        columns = (walk.path, walk.times, walk.held)
        path, times, places = (np.array(each).reshape(shape).T for each in columns)
        return path, times, places, walk.rows()

    def drawn(self, of_visits: Bits, starts: Starts, rows: Rows) -> "_Walk":
        """Draw all that workers need along their visits, uint64[v, n], but for what depends on instants."""
        bits = of_visits.T.ravel()
        workers = np.repeat(starts.workers, len(of_visits))
        times = np.zeros_like(workers)  # which matter to no draw
        drawn = [
            variable.raw_and_scalar(variable.drawn(setter, self._context, bits, times, workers))
            for variable, setter in self._drawn
        ]
        held = [each.raw_and_scalar(rows.values[each.name]) for each in self._variables]
        is_set = [rows.is_set[each.name].tolist() for each in self._variables]
        gaps = _Gaps(self._machine, of_visits.T) if self.timed else None
        chances = uniform(draw(bits, TRANSITION)).tolist()
        given = _Given(
            [each.tolist() for each in (starts.workers, starts.visits, starts.states)], held, is_set
        )
        return _Walk(self._plans, self._variables, drawn, chances, given, gaps, len(of_visits))

    def _steps(self, own: StateSetters) -> list[_Step]:
        steps = []
        for (name, setter), firsts in zip(own.setters, own.firsts, strict=True):
            place, variable = self._places[name], self._variables[self._places[name]]
            if not setter.computed:
                if any(each.looks_at_time() for each in setter.field.with_descendants()):
                    raise NotSingle
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


class NotSingle(Exception):  # noqa: N818 - no error: workers are walked another way
    """Something that a machine sets or looks at is computed by arrays only, or depends on instants."""


@dataclass(frozen=True)
class _Given:
    """What workers begin with: their numbers, those of their visits, their states; and what each variable holds."""

    starts: Sequence[list[int]]
    held: Sequence[tuple[list[Any], list[Any]]]
    is_set: Sequence[list[bool]]


class _Gaps:
    """The delays of visits, uint64[n, v], in each state, drawn when it is first come to."""

    def __init__(self, machine: Machine, of_visits: Bits) -> None:
        self._machine, self._of_visits = machine, of_visits
        self._draws: dict[int, DelayDraws] = {}

    def of(self, state: int) -> DelayDraws:
        """Return the draws in a state, of one worker after the other."""
        if state not in self._draws:
            rows, visits = self._of_visits.shape
            paths = np.full((rows, visits + 1), state)
            self._draws[state] = self._machine.delay_draws(self._of_visits, paths)
        return self._draws[state]


class _Walk:
    """The walks of some workers, one after the other.

    `path`, `times` and `held` are states, instants and places of values, one worker after the other.
    """

    def __init__(
        self,
        plans: Sequence[_Plan],
        variables: Sequence[Variable],
        drawn: Sequence[tuple[list[Any], list[Any]]],
        chances: Sequence[float],
        given: _Given,
        gaps: _Gaps | None,
        span: int,
    ) -> None:
        self._plans, self._variables, self._drawn = plans, variables, drawn
        self._chances, self._given, self._gaps, self._span = chances, given, gaps, span
        self._raw: list[Any] = []
        self._slots: Slots = []
        self._is_set: list[bool] = []
        self.path: list[int] = []
        self.times: list[int] = []
        self.held: list[int] = []
        self._rows: list[list[Any]] = []
        self._set_rows: list[list[bool]] = []

    def one(self, row: int, instant: int, horizon: int) -> None:
        """Walk a worker along its visits, from an instant to its end, or to a horizon where instants matter."""
        visit, state = self._begin(row)
        gaps, slots, visit_slot = self._gaps, self._slots, len(self._variables) + 1
        path, times, held_path, held = [state], [instant], [-1], -1
        for place in range(row * self._span, (row + 1) * self._span):
            if state == STOP or instant >= horizon:
                break
            plan = self._plans[state]
            slots[visit_slot : visit_slot + 3] = visit, plan.name, instant
            visit += 1
            if plan.steps:
                for step in plan.steps:
                    self._set(step, place)
                held = len(self._rows)
                self._rows.append(self._raw.copy())
                self._set_rows.append(self._is_set.copy())
            if gaps is not None:
                instant += gaps.of(state).delay(place, instant)
                slots[visit_slot + 2] = instant
            ends, nexts = self._ways(plan)
            state = nexts[bisect_left(ends, self._chances[place])]
            path.append(state)
            times.append(instant)
            held_path.append(held)
        left = self._span + 1 - len(path)
        self.path += path + [state] * left
        self.times += times + [instant] * left
        self.held += held_path + [held] * left

    def from_start(
        self, row: int, instant: int, horizon: int
    ) -> tuple[list[int], list[int], int] | None:
        """Walk a worker; return its states and instants up to its end or a horizon, and the place of what it holds then.

        None, where it has more visits before that than are drawn.
        """
        self.one(row, instant, horizon)
        size = self._span + 1
        states, times, held = (each[-size:] for each in (self.path, self.times, self.held))
        if states[-1] != STOP and times[-1] < horizon:
            return None
        length = 1 + sum(
            each != STOP and time < horizon for each, time in zip(states, times, strict=True)
        )
        return states[:length], times[:length], held[length - 1]

    def rows(self) -> Rows:
        """Return the values made."""
        variables = self._variables
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(variables)
        flags = np.array(self._set_rows, dtype=bool).reshape(len(self._rows), len(variables))
        return Rows(
            {each.name: each.of_raw(list(column))
             for each, column in zip(variables, columns, strict=True)},
            {each.name: flags[:, place].copy() for place, each in enumerate(variables)},
        )  # fmt: skip

    def _begin(self, row: int) -> tuple[int, int]:
        """Take what a worker begins with; return the number of its visit and its state."""
        given = self._given
        number, visit, state = (each[row] for each in given.starts)
        self._raw = [raw[row] for raw, _ in given.held]
        self._slots = [*(scalar[row] for _, scalar in given.held), number, 0, "", 0, None, None]
        self._is_set = [each[row] for each in given.is_set]
        return visit, state

    def _ways(self, plan: _Plan) -> tuple[list[float], list[int]]:
        """Return what may follow, by the conditions that are true now."""
        pattern, bit = 0, 1
        for condition in plan.conditions:
            value = condition(self._slots)
            if value and value is not FAULT:
                pattern |= bit
            bit += bit
        ways = plan.ways.get(pattern)
        if ways is None:
            assert plan.table is not None
            ends, nexts = plan.table.ways(pattern)
            ways = plan.ways[pattern] = ends.tolist(), nexts.tolist()
        return ways

    def _set(self, step: _Step, at: int) -> None:
        place = step.place
        if step.default and self._is_set[place]:
            return
        if step.compute is None:
            raw, scalars = self._drawn[step.drawn]
            self._raw[place], self._slots[place] = raw[at], scalars[at]
        else:
            self._raw[place] = self._slots[place] = self._computed(step, step.compute)
        self._is_set[place] = True

    def _computed(self, step: _Step, compute: Compute) -> Any:
        slots = self._slots
        for place, first in step.firsts:
            if not self._is_set[place]:
                slots = slots.copy() if slots is self._slots else slots
                slots[place] = first
        value = compute(slots)
        if value is FAULT or not (step.bounded or not is_too_large(value)):
            return None
        return value + 0.0 if step.is_float and value is not None else value
