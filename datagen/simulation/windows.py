"""Turns the workers of a moment and a span of time into their paths within it.

Those alive are carried on by arrays, and so are new ones: where no delay depends on the instant, their
paths are computed before their starts are known, which are then found one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.errors import StuckClockError
from datagen.simulation.arrivals import Arrivals
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.machine import Machine
from datagen.simulation.paths import (
    MOST_VISITS_AT_ONCE,
    Paths,
    SequentialWalker,
    TooManyVisits,
    WorkerStates,
    joined,
    new_worker_states,
    walk,
)
from datagen.spec.state_graph import STOP

MOST_STARTS_AT_ONCE = 1_000_000
_MOST_STARTED = 4096  # in one go
_LEAST_ROUND = 64  # starts below which one by one is faster


@dataclass
class PoolState:
    """The workers between two windows: who is alive, and how far the arrivals have come.

    `done` is the instant before which all is known; `expected` and `round` are guesses of how many
    start in the next window and in one round of it.
    """

    machine: Machine
    cap: WorkerLimit
    alive: WorkerStates
    last: int
    done: int
    started: int = 0
    expected: int = 8
    round: int = 0


@dataclass(frozen=True)
class WindowPart:
    """The paths of some lanes within a window.

    `places` are the lanes' places in the pool, None for new workers; `latest` is as in Visits.
    """

    lanes: WorkerStates
    paths: Paths
    latest: Ints
    places: Ints | None

    def without_visits(self) -> "WindowPart":
        """Keep only the cursors."""
        nothing = np.empty(0, dtype=np.int64)
        zeros = np.zeros_like(self.paths.counts)
        paths = Paths(zeros, nothing, nothing, nothing, self.paths.after)
        return WindowPart(self.lanes, paths, self.latest[:, :0], self.places)


class Window:
    """The attempt to compute all visits within [begin, horizon).

    With room for so many visits, raises TooManyVisits beyond them; without (None), gives one instant in
    parts of any number.
    """

    def __init__(self, crew: PoolState, begin: int, horizon: int, room: int | None) -> None:
        self._crew, self._machine = crew, crew.machine
        self._begin, self._horizon, self._room = begin, horizon, room
        self._started = crew.started
        self._arrivals = Arrivals(
            crew.machine, crew.cap, (begin, horizon), len(crew.alive), crew.last
        )

    def parts(self) -> Iterator[WindowPart]:
        """Carry on those alive, then start new workers: parts in the order of workers."""
        alive = self._crew.alive
        due = np.flatnonzero(alive.times < self._horizon)
        for lanes, paths, places in self._walked(alive.at(due), due, self._horizon):
            part = self._remembered(lanes, paths, places)
            over = (part.paths.after.states == STOP) & (part.paths.after.times < self._horizon)
            self._arrivals.expect(part.paths.after.times[over].tolist())
            yield part
        yield from self._timed() if self._machine.timed else self._blocks()

    def commit(self, parts: list[WindowPart]) -> None:
        """Make the pool what it is after the window."""
        crew, alive = self._crew, self._crew.alive
        afters = [part.paths.after for part in parts if part.places is None]
        for part in parts:
            if part.places is not None:
                alive = alive.replaced(part.places, part.paths.after)
        alive = joined([alive, *afters])
        crew.alive = alive.at((alive.states != STOP) | (alive.times >= self._horizon))
        crew.expected = self._started - crew.started
        crew.started, crew.last = self._started, self._arrivals.last
        crew.done = self._horizon

    def _blocks(self) -> Iterator[WindowPart]:
        """Start new workers whose paths are computed before their starts are known."""
        block, arrivals = self._crew.expected + 8, self._arrivals
        while arrivals.can_start():
            lanes = self._next_lanes(block)
            draws = self._machine.interarrivals.draws(lanes.workers)
            reach = self._horizon - max(self._begin, arrivals.last)
            for few, paths, places in self._walked(lanes, np.arange(block), reach):
                starts = self._starts([draws[place] for place in places.tolist()], paths)
                moved = paths.starting(np.array(starts, dtype=np.int64), self._horizon)
                part = self._new(few.at(slice(len(starts))), moved)
                if part is not None:
                    yield part
                if arrivals.over:
                    return
            block = min(2 * block, _MOST_STARTED)

    def _starts(self, draws: list[Any], paths: Paths) -> list[int]:
        lives = _lives(paths, 0)
        if self._arrivals.time_independent:
            return self._arrivals.time_independent_starts(draws, lives)
        return self._arrivals.starts(draws, lambda place, _: lives[place])

    def _timed(self) -> Iterator[WindowPart]:
        """Start new workers whose paths depend on their starts."""
        block = self._crew.expected // 8 + 8
        while self._arrivals.can_start():
            if self._room is None or self._crew.round < _LEAST_ROUND:
                part = self._in_turn(block)
                block = min(2 * block, _MOST_STARTED)
            else:
                part = self._round()
            if part is not None:
                yield part

    def _in_turn(self, block: int) -> WindowPart | None:
        """Start workers one by one, each when the paths of those before it are known."""
        lanes, arrivals = self._next_lanes(block), self._arrivals
        turn = SequentialWalker(self._machine, lanes, self._horizon, self._room)
        arrivals.waited = False
        try:
            starts = arrivals.starts(self._machine.interarrivals.draws(lanes.workers), turn.life)
        except TooManyVisits as full:
            if self._room is not None:
                raise
            raise StuckClockError(self._stuck(full.states, "visits of one worker")) from None
        if len(starts) >= _LEAST_ROUND and not arrivals.waited:
            self._crew.round = len(starts)
        paths = turn.paths()
        return self._new(lanes.at(slice(len(starts))), paths)

    def _round(self) -> WindowPart | None:
        """Start workers as if none of them ended: then their paths are known, and the true starts.

        Those before the first that differs are right, at least one.
        """
        crew, arrivals = self._crew, self._arrivals
        lanes = self._next_lanes(crew.round)
        draws = self._machine.interarrivals.draws(lanes.workers)
        assumed = np.array(arrivals.copy().starts(draws, lambda *_: NEVER), dtype=np.int64)
        lanes = lanes.at(slice(len(assumed)))
        lanes = lanes.with_cursor(lanes.visits, lanes.states, assumed)
        paths = walk(self._machine, lanes, self._horizon, self._room or 0)
        known = list(zip(assumed.tolist(), _lives(paths, assumed), strict=True))

        def life(place: int, start: int) -> int | None:
            return known[place][1] if place < len(known) and known[place][0] == start else None

        count = len(arrivals.starts(draws, life))
        crew.round = min(2 * count + 8, _MOST_STARTED)
        return self._new(lanes.at(slice(count)), paths.first(count))

    def _next_lanes(self, count: int) -> WorkerStates:
        return new_worker_states(self._started, count, len(self._machine.variable_groups))

    def _new(self, lanes: WorkerStates, paths: Paths) -> WindowPart | None:
        """Count new workers in, if there are any."""
        if not len(lanes):
            return None
        self._started += len(lanes)
        if self._room is None:
            self._check_starts(self._started - self._crew.started)
        return self._remembered(lanes, paths, None)

    def _walked(
        self, lanes: WorkerStates, places: Ints, horizon: int
    ) -> Iterator[tuple[WorkerStates, Paths, Ints]]:
        """Walk lanes, in one go or, where an instant holds too many visits, in ever fewer."""
        most = MOST_VISITS_AT_ONCE - 1 if self._room is None else self._room
        try:
            paths = walk(self._machine, lanes, horizon, most)
        except TooManyVisits as full:
            if self._room is not None:
                raise
            if len(lanes) == 1:
                raise StuckClockError(self._stuck(full.states, "visits of one worker")) from None
            half = len(lanes) // 2
            yield from self._walked(lanes.at(slice(half)), places[:half], horizon)
            yield from self._walked(lanes.at(slice(half, None)), places[half:], horizon)
            return
        if self._room is not None:
            self._room -= len(paths)
        yield lanes, paths, places

    def _remembered(self, lanes: WorkerStates, paths: Paths, places: Ints | None) -> WindowPart:
        """Bring the memory of the lanes up to date."""
        latest, after = _latest(self._machine, paths), paths.after
        if len(latest) and len(paths):
            rows = np.where(paths.counts > 0, latest[:, np.cumsum(paths.counts) - 1], -1).T
            now = np.stack([paths.visits[rows], paths.states[rows], paths.times[rows]], axis=-1)
            memory = np.where(rows[..., None] >= 0, now, lanes.memory)
            after = replace(after, memory=memory)
        return WindowPart(lanes, replace(paths, after=after), latest, places)

    def _check_starts(self, starts: int) -> None:
        most = max(MOST_STARTS_AT_ONCE, 2 * self._crew.cap.most)
        if starts > most:
            states = np.arange(len(self._machine.names))
            raise StuckClockError(self._stuck(states, f"starts of workers (more than {most})"))

    def _stuck(self, states: Ints, what: str) -> str:
        if not what.startswith("starts"):
            what = f"{MOST_VISITS_AT_ONCE} {what}"
        names = [f'"{self._machine.names[state]}"' for state in np.unique(states).tolist()]
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        return f"the clock does not advance: {what} at one instant; states: {shown}"


def _lives(paths: Paths, starts: Ints | int) -> list[int]:
    """Return how long each lane lives after its start, NEVER for those that live on."""
    lives: list[int] = np.where(
        paths.after.states == STOP, paths.after.times - starts, NEVER
    ).tolist()
    return lives


def _latest(machine: Machine, paths: Paths) -> Ints:
    """Return the row of the visit of the same lane that last set each mark: int64[marks, n], or -1."""
    rows = np.arange(len(paths))
    firsts = np.repeat(np.cumsum(paths.counts) - paths.counts, paths.counts)
    latest = np.empty((len(machine.variable_groups), len(rows)), dtype=np.int64)
    for number in range(len(machine.variable_groups)):
        np.maximum.accumulate(
            np.where(machine.sets[paths.states, number], rows, -1), out=latest[number]
        )
    latest[latest < firsts] = -1
    return latest
