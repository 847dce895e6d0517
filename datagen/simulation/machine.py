"""A machine as tables: which states follow which, how long each lasts, what is set where.

It answers for arrays of visits what comes next, from their random bits alone. Unless it is
`time_dependent`, it needs no instants: a path through it is relative to its own start.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.distributions.weights import cumulative
from datagen.fields import Field
from datagen.part import WHOLE, Part
from datagen.randomness import draw, stream_key, uniform
from datagen.simulation.delays import DelayDraws, Delays, Interarrivals
from datagen.spec.state_graph import STOP

_DELAY = stream_key("delay")
_TRANSITION = stream_key("transition")


@dataclass(frozen=True)
class Setter:
    """The field generator that gives a variable its value in one state, and the path of its streams.

    `place` is that among the variables of the state, which are set one after the other. A `default`
    sets it only where nothing has set the variable before.
    """

    field: Field
    path: tuple[str, ...]
    place: int = 0
    default: bool = False


@dataclass(frozen=True)
class VariableGroup:
    """Variables that are set by the very same states, and so always at the same visits.

    `kinds` are the states, those together that set all of the variables in the same way. Some of the
    states, `defaults`, set them only where nothing has set them before.
    """

    states: tuple[int, ...]
    variables: tuple[str, ...]
    kinds: tuple[tuple[int, ...], ...]
    defaults: tuple[int, ...] = ()


@dataclass(frozen=True)
class EmitterFields:
    """The fields of the records that an emitter makes; where it is `timed`, `time` comes first."""

    name: str
    dimensions: tuple[Field, ...]
    timed: bool


@dataclass(frozen=True)
class Machine:
    """S states as tables, known by their numbers; all workers begin in state 0.

    `seed` is the word that all draws are made from. `emitter_of`, int64[S], is the number of each
    state's emitter, or -1. `setters` are for each variable the states that set it, and how; `sets`,
    bool[S, groups], is true where a state sets a group of variables. Variables that some state sets by a
    template are the `templates`, each after those that it is made of, and the `interdependent`, which
    are made of each other or of themselves. Of all workers it has those of a `part`.
    """

    seed: np.uint64
    names: tuple[str, ...]
    emitters: tuple[EmitterFields, ...]
    emitter_of: Ints
    interarrivals: Interarrivals
    routes: "Routes"
    durations: Delays
    setters: Mapping[str, Mapping[int, Setter]]
    variable_groups: tuple[VariableGroup, ...]
    sets: Mask
    templates: tuple[str, ...] = ()
    interdependent: tuple[str, ...] = ()
    part: Part = WHOLE

    @cached_property
    def group_of(self) -> Mapping[str, int]:
        """Return the number of the group of each variable."""
        groups = enumerate(self.variable_groups)
        return {name: number for number, group in groups for name in group.variables}

    @property
    def time_dependent(self) -> bool:
        """Return whether some delay depends on the instant at which it begins."""
        return self.durations.time_dependent

    def delays(self, of_visits: Bits, states: Ints, instants: Ints) -> Ints:
        """Return how long each visit lasts, microseconds: uint64[n], int64[n], int64[n] -> int64[n].

        The instants at which they begin matter to a time-dependent machine only.
        """
        return self.durations.microseconds(draw(of_visits, _DELAY), states, instants)

    def delay_draws(self, of_visits: Bits, paths: Ints) -> DelayDraws:
        """Draw what the delays along rows of visits depend on, all but the instants.

        uint64[n, v], states int64[n, v + 1].
        """
        return self.durations.draws(draw(of_visits, _DELAY), paths)

    def instants(self, of_visits: Bits, paths: Ints, begins: Ints, horizon: int) -> Ints:
        """Return when each visit of rows of them begins: uint64[n, v], int64[n, v + 1] -> the latter.

        After the first instant that is not before the horizon, the others of a row may be any such.
        """
        return self.durations.instants_along(draw(of_visits, _DELAY), paths, begins, horizon)

    def next_states(self, of_visits: Bits, states: Ints) -> Ints:
        """Return the state that follows each visit, or STOP: uint64[n], int64[n] -> int64[n]."""
        return self.routes.follow(uniform(draw(of_visits, _TRANSITION)), states)

    def state_paths(self, of_visits: Bits, states: Ints) -> Ints:
        """Walk from each state along a row of visits: uint64[n, v], int64[n] -> int64[n, v + 1]."""
        rows = uniform(draw(of_visits, _TRANSITION)).tolist()
        return np.array(
            [self.routes.walk(row, state) for row, state in zip(rows, states.tolist(), strict=True)]
        )


class Routes:
    """Where each state leads: a row of next states and of their cumulative probabilities for each."""

    def __init__(self, rows: Sequence[tuple[Sequence[int], Sequence[float]]]) -> None:
        self._next_rows = [list(nexts) for nexts, _ in rows]
        self._threshold_rows = [
            _thresholds(np.array(probabilities, dtype=float)) for _, probabilities in rows
        ]
        widest = max(map(len, self._next_rows))
        self._nexts = np.array([row + row[-1:] * (widest - len(row)) for row in self._next_rows])
        self._thresholds = np.array(
            [row + [math.inf] * (widest - len(row)) for row in self._threshold_rows]
        )

    def follow(self, u: Floats, states: Ints) -> Ints:
        """Return the next state of each: the first whose cumulative probability reaches u."""
        which = np.zeros(len(states), dtype=np.int64)
        for column in self._thresholds.T[:-1]:
            which += u > column[states]
        return self._nexts[states, which]

    def walk(self, row: list[float], state: int) -> list[int]:
        """Follow a row of v uniforms from a state; return its v + 1 states, STOP after the end."""
        nexts, thresholds, path = self._next_rows, self._threshold_rows, [state]
        for u in row:
            state = nexts[state][bisect_left(thresholds[state], u)]
            path.append(state)
            if state == STOP:
                break
        return path + [STOP] * (len(row) + 1 - len(path))


def _thresholds(probabilities: Floats) -> list[float]:
    thresholds: list[float] = cumulative(probabilities).tolist()
    return [*thresholds[:-1], math.inf]
