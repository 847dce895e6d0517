"""Turns a checked specification and a seed into the tables of a machine: routing, delays, plans.

The machine knows which states follow which, how long each lasts, and which visits a record has to
look back to. Unless it is `timed`, it knows nothing of instants: a path through it is relative to its
own start.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.curves.curve import Curve
from datagen.distributions.weights import cumulative
from datagen.fields import Field
from datagen.randomness import draw, seed_word, stream_key, uniform
from datagen.simulation.delays import Delays, Interarrivals, Rows
from datagen.spec.generator import Generator
from datagen.spec.state_graph import STOP

_DELAY = stream_key("delay")
_TRANSITION = stream_key("transition")


@dataclass(frozen=True)
class Setter:
    """The field generator that gives a variable its value in one state, and its path of names."""

    field: Field
    path: tuple[str, ...]


@dataclass(frozen=True)
class VariableGroup:
    """Variables that are set by the very same states, and so always at the same visits."""

    states: tuple[int, ...]
    variables: tuple[str, ...]


class Machine:
    """S states as tables; state numbers follow the specification, the first is where all begin."""

    def __init__(self, spec: Generator, seed: int, arrivals: Curve | None = None) -> None:
        """Make the tables; a curve may set the pace of arrivals."""
        self.seed = seed_word(seed)
        self.names = tuple(state.name for state in spec.states)
        numbers = {name: number for number, name in enumerate(self.names)}
        emitters = {emitter.name: number for number, emitter in enumerate(spec.emitters)}
        self.emitters = spec.emitters
        self.has_time = spec.has_time  # each record has `time` as its first field
        self.emitter_of = np.array([emitters.get(state.emitter or "", -1) for state in spec.states])
        self.interarrivals = Interarrivals(self.seed, spec.interarrival, arrivals)
        self._routes = Routes([
            ([numbers.get(each.next, STOP) for each in state.transitions],
             [each.probability for each in state.transitions])
            for state in spec.states
        ])  # fmt: skip
        self._delays = Delays([state.delay for state in spec.states])
        self.setters = _setters(spec)
        self.variable_groups = _variable_groups(self.setters, spec.shown_variables())
        self.sets = np.zeros((len(self.names), len(self.variable_groups)), dtype=bool)
        for number, mark in enumerate(self.variable_groups):
            self.sets[list(mark.states), number] = True

    def rows(self, of_visits: Bits, paths: Ints) -> Rows:
        """Draw what the delays along rows of visits depend on, all but the instants."""
        return self._delays.rows(draw(of_visits, _DELAY), paths)

    @property
    def timed(self) -> bool:
        """Return whether some delay depends on the instant at which it begins."""
        return self._delays.timed

    def delays(self, of_visits: Bits, states: Ints, instants: Ints) -> Ints:
        """Return how long each visit lasts that begins at an instant, microseconds: int64[n].

        The instants matter to a timed machine only.
        """
        return self._delays.microseconds(draw(of_visits, _DELAY), states, instants)

    def instants(self, of_visits: Bits, paths: Ints, begins: Ints, horizon: int) -> Ints:
        """Return when each visit of rows of them begins: uint64[n, v], int64[n, v + 1] -> the latter.

        Those after the first that is not before the horizon may be any that are not either.
        """
        return self._delays.along(draw(of_visits, _DELAY), paths, begins, horizon)

    def next_states(self, of_visits: Bits, states: Ints) -> Ints:
        """Return the state that follows each visit, or STOP: int64[n]."""
        return self._routes.follow(uniform(draw(of_visits, _TRANSITION)), states)

    def state_paths(self, of_visits: Bits, states: Ints) -> Ints:
        """Walk from each state along a row of visits: uint64[n, v] -> int64[n, v + 1]."""
        rows = uniform(draw(of_visits, _TRANSITION)).tolist()
        return np.array(
            [
                self._routes.walk(row, state)
                for row, state in zip(rows, states.tolist(), strict=True)
            ]
        )


class Routes:
    """Where each state leads: a row of next states and cumulative probabilities for each."""

    def __init__(self, rows: Sequence[tuple[Sequence[int], Sequence[float]]]) -> None:
        self._next_rows = [list(nexts) for nexts, _ in rows]
        self._limit_rows = [_limits(np.array(chances, dtype=float)) for _, chances in rows]
        widest = max(map(len, self._next_rows))
        self._nexts = np.array([row + row[-1:] * (widest - len(row)) for row in self._next_rows])
        self._limits = np.array(
            [row + [math.inf] * (widest - len(row)) for row in self._limit_rows]
        )

    def follow(self, u: Floats, states: Ints) -> Ints:
        """Return the next state of each: the first whose cumulative probability reaches u."""
        which = np.zeros(len(states), dtype=np.int64)
        for column in self._limits.T[:-1]:
            which += u > column[states]
        return self._nexts[states, which]

    def walk(self, row: list[float], state: int) -> list[int]:
        """Follow a row of uniforms from a state: its v + 1 states, STOP after the end."""
        nexts, limits, path = self._next_rows, self._limit_rows, [state]
        for u in row:
            state = nexts[state][bisect_left(limits[state], u)]
            path.append(state)
            if state == STOP:
                break
        return path + [STOP] * (len(row) + 1 - len(path))


def _limits(chances: Floats) -> list[float]:
    limits: list[float] = cumulative(chances).tolist()
    return [*limits[:-1], math.inf]


def _setters(spec: Generator) -> dict[str, dict[int, Setter]]:
    """Return for each variable the states that set it, and how."""
    setters: dict[str, dict[int, Setter]] = {}
    for number, state in enumerate(spec.states):
        for variable in state.variables:
            path = ("states", state.name, "variables", str(variable.name))
            setters.setdefault(str(variable.name), {})[number] = Setter(variable, path)
    return setters


def _variable_groups(
    setters: dict[str, dict[int, Setter]], shown: Sequence[str]
) -> list[VariableGroup]:
    groups: dict[tuple[int, ...], list[str]] = {}
    for name in shown:
        groups.setdefault(tuple(setters[name]), []).append(name)
    return [VariableGroup(states, tuple(names)) for states, names in groups.items()]
