"""Paths that look at values, as plainly as they can be walked: one worker, one visit, one variable after the other.

It shares with the engine the draws, the field generators and the compiled expressions.
"""

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import InstantColumn
from datagen.distributions.weights import cumulative
from datagen.fields import Context, Draw
from datagen.instants import NAIVE
from datagen.language import Expression
from datagen.randomness import draw, stream_key, uniform, visit_bits, worker_bits
from datagen.simulation.machine import Machine, Setter
from datagen.spec.generator import Generator
from datagen.spec.scopes import compiled_expressions, scope_of
from datagen.spec.state_graph import STOP

NOWHERE = -9  # a state: nothing can be taken


class PlainValues:
    """The values that workers hold: `step` walks one of them by a visit, and the visits of each must come in order."""

    def __init__(self, spec: Generator, machine: Machine) -> None:
        self._spec, self._machine = spec, machine
        self._scope = scope_of(spec)
        by_place = compiled_expressions(spec).by_place
        self._context = Context(machine.seed, expressions=by_place)
        self._functions: dict[Expression, Any] = {}
        self.held: dict[int, dict[str, Any]] = {}

    def step(
        self, machine: Machine, instant: int, worker: int, number: int, state: int
    ) -> tuple[int, int]:
        """Return how long the visit lasts, and the state that follows."""
        held = self.held.setdefault(worker, {})
        bits = visit_bits(worker_bits(self._machine.seed, np.array([worker])), np.array([number]))
        seen = _Seen(held, instant, worker, number, self._machine.names[state])
        own = [
            (setters[state], name)
            for name, setters in self._machine.setters.items()
            if state in setters
        ]
        for setter, name in sorted(own, key=lambda pair: pair[0].place):
            if not setter.default or name not in held:
                before = seen.with_first(self._before_set(name, own))
                context = Context(
                    self._machine.seed, expressions=self._context.expressions, variables=before
                )
                of_visit = Draw(bits, np.array([instant]), None, setter.path, context)
                held[name] = setter.field.column(of_visit.inside(before)).take(np.array([0]))
        states = np.array([state])
        delay = int(self._machine.delays(bits, states, np.array([instant]))[0])
        seen = _Seen(held, instant + delay, worker, number, self._machine.names[state])
        [u] = uniform(draw(bits, stream_key("transition")))
        return delay, self._chosen(state, float(u), seen)

    def _before_set(self, name: str, own: list[tuple[Setter, str]]) -> dict[str, Column]:
        """Return what variables are for a setter before anything has set them, where that is not null."""
        initials = [
            value
            for setter in self._machine.setters[name].values()
            for value in setter.field.initials()
        ]
        firsts: dict[str, Column] = {name: LiteralColumn(initials[:1])} if initials else {}
        nowhere = Draw(
            np.zeros(1, np.uint64), np.zeros(1, np.int64), None, (), Context(self._machine.seed)
        )
        for setter, other in own:
            if setter.first is not None:
                firsts[other] = setter.first.column(nowhere)
        return firsts

    def _chosen(self, state: int, u: float, seen: "_Seen") -> int:
        ways = self._spec.states[state].transitions
        true = [
            isinstance(each.when, Expression) and self._is_true(each.when, seen) for each in ways
        ]
        taken = [
            each
            for each, truth in zip(ways, true, strict=True)
            if truth or each.when is None or (each.when == "else" and not any(true))
        ]
        if not taken:
            return NOWHERE
        ends = cumulative(np.array([each.probability for each in taken]))
        place = int(np.searchsorted(ends, u))
        names = [each.name for each in self._spec.states]
        return names.index(taken[place].next) if taken[place].next in names else STOP

    def _is_true(self, expression: Expression, seen: "_Seen") -> bool:
        values = [seen[name].to_python(None)[0] for name in expression.names]
        if expression not in self._functions:
            self._functions[expression] = expression.compiled(self._scope).function
        return bool(self._functions[expression](*values))


class _Seen(Mapping[str, Column]):
    """What an expression sees at one visit; a variable that nothing has set is null."""

    def __init__(
        self, held: Mapping[str, Column], instant: int, worker: int, visit: int, state: str
    ) -> None:
        self._held: Mapping[str, Column] = held
        self._visit = {
            "time": InstantColumn(np.array([instant]), NAIVE),
            **{
                name: LiteralColumn([value])
                for name, value in {"worker": worker, "visit": visit, "state": state}.items()
            },
        }

    def with_first(self, firsts: Mapping[str, Column]) -> "_Seen":
        """Return the same with values for some variables that nothing has set."""
        other = copy(self)
        other._held = {**firsts, **self._held}
        return other

    def __getitem__(self, name: str) -> Column:
        if name in self._held:
            return self._held[name]
        return self._visit.get(name) or LiteralColumn([None])

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
