"""Turns a checked specification and a seed into the tables of a machine: routing, delays, plans.

The machine knows which states follow which, how long each lasts, and which visits a record has to
look back to. It knows nothing of instants: a path through it is relative to its own start.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.distributions import Distribution, cumulative
from datagen.fields import Field
from datagen.randomness import (
    Bits,
    Floats,
    Ints,
    draw,
    seed_word,
    stream_key,
    uniform,
    visit_bits,
    worker_bits,
)
from datagen.spec import Generator, variables_shown

STOP = -1
_DELAY = stream_key("delay")
_TRANSITION = stream_key("transition")
_INTERARRIVAL = stream_key("interarrival")


@dataclass(frozen=True)
class Setter:
    """The field generator that gives a variable its value in one state, and its path of names."""

    field: Field
    path: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """Variables that are set by the very same states, and so always at the same visits."""

    states: tuple[int, ...]
    variables: tuple[str, ...]


class Machine:
    """S states as tables; state numbers follow the specification, the first is where all begin."""

    def __init__(self, spec: Generator, seed: int) -> None:
        self.seed = seed_word(seed)
        self.names = tuple(state.name for state in spec.states)
        numbers = {name: number for number, name in enumerate(self.names)}
        emitters = {emitter.name: number for number, emitter in enumerate(spec.emitters)}
        self.emitters = spec.emitters
        self.timed = spec.timed
        self.emitter_of = np.array([emitters.get(state.emitter or "", -1) for state in spec.states])
        self.interarrival = spec.interarrival
        self._routes = Routes([
            ([numbers.get(each.next, STOP) for each in state.transitions],
             [each.probability for each in state.transitions])
            for state in spec.states
        ])  # fmt: skip
        self._delays = Delays([state.delay for state in spec.states])
        self.setters = _setters(spec)
        self.marks = _marks(self.setters, variables_shown(spec))
        self.sets = np.zeros((len(self.names), len(self.marks)), dtype=bool)
        for number, mark in enumerate(self.marks):
            self.sets[list(mark.states), number] = True

    def delays(self, of_visits: Bits, states: Ints) -> Ints:
        """Give how long each visit lasts, microseconds: int64[n]."""
        return self._delays.microseconds(draw(of_visits, _DELAY), states)

    def next_states(self, of_visits: Bits, states: Ints) -> Ints:
        """Give the state that follows each visit, or STOP: int64[n]."""
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

    def interarrivals(self, workers: Ints) -> Ints:
        """Give the time from the start of the worker before to that of each, microseconds."""
        of_visits = visit_bits(worker_bits(self.seed, workers), np.zeros(len(workers), np.int64))
        gaps = self.interarrival.microseconds(draw(of_visits, _INTERARRIVAL))
        gaps[workers == 0] = 0
        return gaps


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
        """Give the next state of each: the first whose cumulative probability reaches u."""
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


class Delays:
    """How long the visits of each state last.

    States whose delays are of one type are sampled together, their parameters side by side, and so
    are those with one and the same delay, of whatever type: steps of few workers cost the calls of
    one quantile function, not of one for each state. States that never wait cost nothing.
    """

    def __init__(self, delays: Sequence[Distribution]) -> None:
        self._alone = delays[0] if all(each == delays[0] for each in delays) else None
        kinds: dict[object, list[int]] = {}
        for state, delay in enumerate(delays):
            alike = type(delay) if delay.elementwise else delay.model_dump_json()
            kinds.setdefault(alike if delay.can_take_time() else None, []).append(state)
        self._members = [
            [delays[state] for state in states if alike is not None]
            for alike, states in kinds.items()
        ]
        self._kind_of = np.zeros(len(delays), dtype=np.int64)
        self._place_of = np.zeros(len(delays), dtype=np.int64)
        for kind, states in enumerate(kinds.values()):
            self._kind_of[states] = kind
            self._place_of[states] = np.arange(len(states))

    def microseconds(self, bits: Bits, states: Ints) -> Ints:
        """Give the delay of each visit: uint64[n], int64[n] -> int64[n]."""
        if self._alone is not None:
            return self._alone.microseconds(bits)
        kinds = self._kind_of[states]
        result = np.zeros(len(states), dtype=np.int64)
        for kind, members in enumerate(self._members):
            if members and len(rows := np.flatnonzero(kinds == kind)):
                delay, which = members[0], self._place_of[states[rows]]
                if len(members) > 1 and delay.elementwise:
                    delay = type(delay).side_by_side(members, which)
                result[rows] = delay.microseconds(bits[rows])
        return result


def _limits(chances: Floats) -> list[float]:
    limits: list[float] = cumulative(chances).tolist()
    return [*limits[:-1], math.inf]


def _setters(spec: Generator) -> dict[str, dict[int, Setter]]:
    """Give for each variable the states that set it, and how."""
    setters: dict[str, dict[int, Setter]] = {}
    for number, state in enumerate(spec.states):
        for variable in state.variables:
            path = ("states", state.name, "variables", str(variable.name))
            setters.setdefault(str(variable.name), {})[number] = Setter(variable, path)
    return setters


def _marks(setters: dict[str, dict[int, Setter]], shown: Sequence[str]) -> list[Mark]:
    groups: dict[tuple[int, ...], list[str]] = {}
    for name in shown:
        groups.setdefault(tuple(setters[name]), []).append(name)
    return [Mark(states, tuple(names)) for states, names in groups.items()]
