"""A machine as tables: which states follow which, how long each lasts, what is set where.

It answers for arrays of visits what comes next, from their random bits alone. Unless it is
`time_dependent`, it needs no instants: a path through it is relative to its own start.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.distributions.weights import cumulative
from datagen.fields import Field
from datagen.fields.base import names_read
from datagen.part import WHOLE, Part
from datagen.randomness import draw, stream_key, uniform
from datagen.simulation.cap import NEVER
from datagen.simulation.decisions import Decisions
from datagen.simulation.delays import DelayDraws, Delays
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.states import WorkerStates
from datagen.spec.sequences import SharedSequences
from datagen.spec.state_graph import STOP

DELAY = stream_key("delay")
TRANSITION = stream_key("transition")


@dataclass(frozen=True)
class Setter:
    """The field generator that gives a variable its value in one state, and the path of its streams.

    `place` is that among the variables of the state, which are set one after the other. A `default`
    sets it only where nothing has set the variable before. `first` is such a default of the same state, which
    others see there before it sets the variable.
    """

    field: Field
    path: tuple[str, ...]
    place: int = 0
    default: bool = False
    first: Field | None = None

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names that its values are made of, variables among them."""
        return frozenset(names_read(self.field))

    @cached_property
    def computed(self) -> bool:
        """Return whether values are made of others: then they are remembered, as a visit does not say what these were."""
        every = self.field.with_descendants()
        return any(each.is_template or any(each.expressions()) for each in every) or bool(
            self.names
        )


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
class Computation:
    """Variables that are computed together; in a `circle` each needs what itself or another was before."""

    variables: tuple[str, ...]
    circle: bool


@dataclass(frozen=True)
class EmitterFields:
    """The fields of the records that an emitter makes; where it is `timed`, `time` comes first.

    It makes one at a visit or, with `for_each`, one for each element of that variable.
    """

    name: str
    dimensions: tuple[Field, ...]
    timed: bool
    for_each: str | None = None


@dataclass(frozen=True)
class Walked:
    """Some steps of n workers: int64[steps + 1, n] each.

    The state and the instant of each visit, and the number of the values held before it.
    """

    states: Ints
    times: Ints
    held: Ints

    def set(self, step: int, states: Ints, times: Ints, held: Ints) -> None:
        """Put in a step: int64[n] each."""
        self.states[step], self.times[step], self.held[step] = states, times, held


class Ahead(Protocol):
    """Workers whose next visits are drawn ahead, but for what depends on their starts."""

    def from_start(
        self, row: int, instant: int, horizon: int
    ) -> tuple[list[int], list[int], int] | None:
        """Walk a worker; return its states and instants up to its end or a horizon, and the place of what it holds then.

        None, where it has more visits before that than are drawn. The place is -1 where it is what it began with.
        """

    def rows(self) -> Any:
        """Return the values made."""


class ValueWalk(Protocol):
    """What walks workers whose paths depend on values, and keeps what these hold.

    `walks_few` says whether few workers are walked faster by many steps than by one.
    """

    walks_few: bool

    def walk(
        self,
        numbers: Ints,
        visits: Ints,
        states: Ints,
        times: Ints,
        held: Ints,
        span: int,
        horizon: int = NEVER,
    ) -> Walked:
        """Walk each worker by some steps: int64[n] each -> int64[span + 1, n] each.

        After the first instant that is not before a horizon, a path may be anything.
        """

    def ahead(self, workers: WorkerStates, span: int) -> Ahead | None:
        """Return workers whose next visits are drawn, so that each can be walked when its start is known; None: none can."""

    def add(self, made: Any) -> int:
        """Keep values that were made by what `ahead` has returned; return the number of the first."""

    def keep(self, named: Sequence[Ints]) -> list[Ints]:
        """Forget the values that nobody names, where these are many; return the numbers that the others have now."""


@dataclass(frozen=True)
class Machine:
    """S states as tables, known by their numbers; workers begin in the state `first`.

    `seed` is the word that all draws are made from. `populations` are the names of the kinds of workers that it has. `emitters_of` are for each state the numbers
    of the emitters that make its records, in order. `setters` are for each variable the states that set it, and how; `sets`,
    bool[S, groups], is true where a state sets a group of variables. `computations` are the variables that
    some state makes of others: each alone, after those that it is made of, or those that are made of each other
    or of themselves together. Of all workers it has those of a `part`. `sequences` are those that counters share.

    Where paths look at values, `decisions` says how, and `values` walks them, once a run has begun. States
    that end a run come after those of the specification.
    """

    seed: np.uint64
    names: tuple[str, ...]
    emitters: tuple[EmitterFields, ...]
    emitters_of: tuple[tuple[int, ...], ...]
    interarrivals: Interarrivals
    routes: "Routes"
    durations: Delays
    setters: Mapping[str, Mapping[int, Setter]]
    variable_groups: tuple[VariableGroup, ...]
    sets: Mask
    computations: tuple[Computation, ...] = ()
    part: Part = WHOLE
    sequences: SharedSequences = field(default_factory=SharedSequences)
    decisions: Decisions | None = None
    values: ValueWalk | None = None
    first: int = 0
    populations: tuple[str | None, ...] = (None,)

    @property
    def own_states(self) -> int:
        """Return how many states the specification has; those that end a run come after them."""
        return len(self.names) - (len(self.decisions.lost) if self.decisions else 0)

    @cached_property
    def one_record(self) -> bool:
        """Return whether no visit has more than one record, nor a number of them that depends on values."""
        return all(len(each) < 2 for each in self.emitters_of) and not self.counts_depend

    @cached_property
    def counts_depend(self) -> bool:
        """Return whether the number of records of some visit depends on values."""
        return any(self.emitters[each].for_each for own in self.emitters_of for each in own)

    @cached_property
    def emitter_of(self) -> Ints:
        """Return the number of the first emitter of each state, or -1: int64[S]."""
        return np.array([each[0] if each else -1 for each in self.emitters_of])

    @cached_property
    def emits(self) -> Mask:
        """Return which states may make records: bool[S]."""
        return np.array([bool(each) for each in self.emitters_of])

    @cached_property
    def expected_records(self) -> Ints:
        """Return about how many records a visit of each state has: int64[S]. Of lists nothing is known but that they are there."""
        return np.array(list(map(len, self.emitters_of)))

    @cached_property
    def least_records(self) -> Ints:
        """Return how many records a visit of each state has, without those whose number depends on values: int64[S]."""
        plain = [not each.for_each for each in self.emitters]
        return np.array([sum(plain[each] for each in own) for own in self.emitters_of])

    @cached_property
    def group_of(self) -> Mapping[str, int]:
        """Return the number of the group of each variable."""
        groups = enumerate(self.variable_groups)
        return {name: number for number, group in groups for name in group.variables}

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """Return the variables that are computed from others, or from themselves, in the order in which they are."""
        return tuple(name for each in self.computations for name in each.variables)

    @cached_property
    def sets_group(self) -> Mask:
        """Return `sets` group by group: bool[groups, S]."""
        return np.ascontiguousarray(self.sets.T)

    @property
    def time_dependent(self) -> bool:
        """Return whether some delay, or choice, depends on the instant at which it begins."""
        by_values = self.decisions is not None and self.decisions.timed
        return self.durations.time_dependent or by_values

    def delays(self, of_visits: Bits, states: Ints, instants: Ints) -> Ints:
        """Return how long each visit lasts, microseconds: uint64[n], int64[n], int64[n] -> int64[n].

        The instants at which they begin matter to a time-dependent machine only.
        """
        return self.durations.microseconds(draw(of_visits, DELAY), states, instants)

    def delay_draws(self, of_visits: Bits, paths: Ints) -> DelayDraws:
        """Draw what the delays along rows of visits depend on, all but the instants.

        uint64[n, v], states int64[n, v + 1].
        """
        return self.durations.draws(draw(of_visits, DELAY), paths)

    def instants(self, of_visits: Bits, paths: Ints, begins: Ints, horizon: int) -> Ints:
        """Return when each visit of rows of them begins: uint64[n, v], int64[n, v + 1] -> the latter.

        After the first instant that is not before the horizon, the others of a row may be any such.
        """
        return self.durations.instants_along(draw(of_visits, DELAY), paths, begins, horizon)

    def next_states(self, of_visits: Bits, states: Ints) -> Ints:
        """Return the state that follows each visit, or STOP: uint64[n], int64[n] -> int64[n]."""
        return self.routes.follow(uniform(draw(of_visits, TRANSITION)), states)

    def state_paths(self, of_visits: Bits, states: Ints) -> Ints:
        """Walk from each state along a row of visits: uint64[n, v], int64[n] -> int64[n, v + 1]."""
        return np.ascontiguousarray(self.steps(of_visits.T, states).T)

    def steps(self, of_visits: Bits, states: Ints) -> Ints:
        """Walk from each state by some steps, of n visits each: uint64[v, n], int64[n] -> int64[v + 1, n]."""
        return self.routes.walk(uniform(draw(of_visits, TRANSITION)), states)


class Routes:
    """Where each state leads: a row of next states and of their cumulative probabilities for each.

    All thresholds of all states, sorted, cut the interval of uniforms into pieces; within one, each
    state has one next state. So the piece of a uniform is found first, whatever the state, and the walk
    looks up places in a table of (state, piece). `_keys` are the places at which the next states,
    `_nexts`, end: the table itself where it would be too large. A state is known by its first place.
    """

    def __init__(self, rows: Sequence[tuple[Sequence[int], Sequence[float]]]) -> None:
        thresholds = [_thresholds(np.array(chances, dtype=float)) for _, chances in rows]
        self._rows = [(each, list(row)) for each, (row, _) in zip(thresholds, rows, strict=True)]
        ends = np.unique(np.concatenate(thresholds))
        ends = ends[ends < 1.0]  # which no uniform reaches
        self._pieces = Pieces(ends)
        self._shift = len(ends).bit_length()
        stop = [(STOP, [math.inf], [STOP])]
        states = [*stop, *zip(range(len(rows)), thresholds, (row for row, _ in rows), strict=True)]
        self._keys = np.concatenate(
            [self._places(state) + np.searchsorted(ends, row) for state, row, _ in states]
        )
        self._nexts: Ints = self._places(np.concatenate([nexts for _, _, nexts in states]))
        places = len(states) << self._shift
        self._table = self._found(np.arange(places)) if places <= _MAX_TABLE else None

    def row(self, state: int) -> tuple[list[float], list[int]]:
        """Return the cumulative probabilities of what follows a state, and the states."""
        return self._rows[state]

    def follow(self, u: Floats, states: Ints) -> Ints:
        """Return the next state of each: the first whose cumulative probability reaches u."""
        return self._states(self._next(self._places(states) + self._pieces.of(u)))

    def walk(self, u: Floats, states: Ints) -> Ints:
        """Follow uniforms from states, step by step; return all states, STOP after the end.

        float64[v, n], int64[n] -> int64[v + 1, n].
        """
        pieces = self._pieces.of(u.ravel()).reshape(u.shape)
        if len(states) < _FEW:
            return self._states(np.array(self._walk_one_by_one(pieces.T, self._places(states))).T)
        places = np.empty((len(u) + 1, len(states)), dtype=np.int64)
        places[0] = self._places(states)
        for step, piece in enumerate(pieces):
            places[step + 1] = self._next(places[step] + piece)
        return self._states(places)

    def _walk_one_by_one(self, pieces: Ints, firsts: Ints) -> list[list[int]]:
        nexts, keys = self._lists
        rows = []
        for row, first in zip(pieces.tolist(), firsts.tolist(), strict=True):
            place, path = first, [first]
            for piece in row:
                at = place + piece
                place = nexts[at if keys is None else bisect_left(keys, at)]
                path.append(place)
            rows.append(path)
        return rows

    @cached_property
    def _lists(self) -> tuple[list[int], list[int] | None]:
        if self._table is not None:
            return self._table.tolist(), None
        return self._nexts.tolist(), self._keys.tolist()

    def _next(self, places: Ints) -> Ints:
        return self._found(places) if self._table is None else self._table.take(places)

    def _found(self, places: Ints) -> Ints:
        return self._nexts.take(np.searchsorted(self._keys, places), mode="clip")

    def _places(self, states: Any) -> Any:
        return (states + 1) << self._shift

    def _states(self, places: Ints) -> Ints:
        return (places >> self._shift) - 1


class Pieces:
    """The pieces of the interval (0, 1) between rising ends, the first of them piece 0."""

    def __init__(self, ends: Floats) -> None:
        cells = np.arange(_CELLS + 1) / _CELLS
        before = np.searchsorted(ends, cells)
        self._first = before[:-1]  # of the pieces that begin in each cell, or before it
        self._most = int(np.diff(before).max())
        self._ends, self._open_ends = ends, np.append(ends, math.inf)

    def of(self, u: Floats) -> Ints:
        """Return how many ends are below each uniform: float64[n] -> int64[n]."""
        if self._most > _MOST_ENDS:
            return np.searchsorted(self._ends, u)
        pieces = self._first[(u * _CELLS).astype(np.int64)]
        for _ in range(self._most):
            pieces += u > self._open_ends[pieces]
        return pieces


_MAX_TABLE = 1 << 18
_CELLS, _MOST_ENDS = 1 << 12, 4  # of equal width; ends in one, above which a search is faster
_FEW = 24  # rows; one by one is faster with fewer


def _thresholds(probabilities: Floats) -> list[float]:
    thresholds: list[float] = cumulative(probabilities).tolist()
    return [*thresholds[:-1], math.inf]
