"""Turns the workers of an instant and a span of time, a window, into their paths within it.

Those alive are walked on by arrays, and then new ones start. Where no delay depends on the instant, the
paths of new workers are computed by arrays, relative to their starts, before these are known; the starts
are then found one by one, and what is walked beyond the window is kept. Where some delay does, starts are
assumed first: see `assumed_starts`.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.errors import StuckClockError
from datagen.one_line import listed
from datagen.simulation.arrivals import arrivals_of
from datagen.simulation.assumed_starts import AssumedStarts, GuessedLives, lifetimes
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.lookahead import Kept, Lookahead, joined, lookahead_of
from datagen.simulation.machine import Machine
from datagen.simulation.paths import (
    MAX_VISITS_AT_ONCE,
    Paths,
    TooManyVisits,
    latest_setters,
    walk,
)
from datagen.simulation.states import WorkerStates, concatenated, unstarted_workers
from datagen.simulation.value_walker import sequential_walker
from datagen.spec.state_graph import STOP

MAX_STARTS_AT_ONCE = 1_000_000
_MAX_BLOCK = 4096  # new workers that are walked, or tried to start, in one go
_MAX_DRAWS = 1 << 18  # of interarrival times for such a block, those of other parts included
_FIRST_ROUND = 8
_MIN_ROUND = 64  # starts of a round below which one by one is faster


@dataclass
class PoolState:
    """The workers between two windows: those alive, and the state of the arrivals.

    `since` is the instant before which all is known; `started` is the number of the next worker to start,
    as in PoolCursor; the last one started at `last_start`. `expected_starts` and `round_size` are guesses of
    how many start in the next window and in one round of it: they have no effect on what comes out. Nor have
    `kept`, what is walked already, and `guessed`, how long those that start next may live.
    """

    machine: Machine
    limit: WorkerLimit
    alive: WorkerStates
    last_start: int
    since: int
    started: int = 0
    expected_starts: int = 8
    round_size: int = 0
    kept: Kept | None = None
    guessed: GuessedLives = field(default_factory=GuessedLives)

    def ahead(self) -> Kept:
        """Return what is walked already of the workers alive and of those that start next."""
        kept = self.kept
        if kept is None or kept.workers is not self.alive or kept.started != self.started:
            by_values = self.machine.values is not None
            alive, nobody = (
                lookahead_of(workers, by_values=by_values)
                for workers in (self.alive, self.alive.take(slice(0)))
            )
            kept = Kept(self.alive, alive, self.started, nobody)
        return kept

    def forget_values(self) -> None:
        """Forget values that no worker holds, and no visit that is walked ahead, where these are many."""
        values = self.machine.values
        if values is None:
            return
        kept = self.kept
        if kept is not None and kept.workers is self.alive:
            self.kept = kept.renumbered(values)
            self.alive = self.kept.workers
        else:
            self.kept = None
            [held] = values.keep([self.alive.held])
            self.alive = replace(self.alive, held=held)


@dataclass(frozen=True)
class WindowPart:
    """The paths of some workers within a window.

    `rows` are the workers' rows in the pool, None for new ones; `latest` is as in Visits.
    """

    workers: WorkerStates
    paths: Paths
    latest: Ints
    rows: Ints | None

    def without_visits(self) -> "WindowPart":
        """Return the part without its visits: only the workers after them."""
        nothing = np.empty(0, dtype=np.int64)
        zeros = np.zeros_like(self.paths.counts)
        paths = Paths(zeros, nothing, nothing, nothing, self.paths.after)
        return WindowPart(self.workers, paths, self.latest[:, :0], self.rows)


class Window:
    """The attempt to compute all visits within [begin, horizon).

    With `max_visits`, raises TooManyVisits beyond so many; with None, one instant of any number of
    visits comes in parts. The pool changes with `commit` only; until then `started` is the number of the
    next worker after those of the window so far.
    """

    def __init__(self, pool: PoolState, begin: int, horizon: int, max_visits: int | None) -> None:
        self._pool, self._machine = pool, pool.machine
        self._begin, self._horizon, self._visits_left = begin, horizon, max_visits
        self.started = pool.started
        self._joining = self._next_workers(0)
        self._ahead: tuple[Lookahead, Ints, Mask, Lookahead] | None = None
        self._interarrivals = pool.machine.interarrivals
        self._arrivals = arrivals_of(
            self._interarrivals, pool.limit, (begin, horizon), len(pool.alive), pool.last_start
        )

    def parts(self) -> Iterator[WindowPart]:
        """Yield the paths of those alive, then those of new workers: parts in the order of workers.

        Raises TooManyVisits, and StuckClockError where one instant would never end.
        """
        if self._visits_left is not None and not self._machine.time_dependent:
            yield self._part_ahead(self._visits_left)
            return
        alive = self._pool.alive
        moving = np.flatnonzero(alive.times < self._horizon)
        for workers, paths, rows in self._walked(alive.take(moving), moving, self._horizon):
            part = self._with_memory(workers, paths, rows)
            after = part.paths.after
            ended = (after.states == STOP) & (after.times < self._horizon)
            self._arrivals.add_ends(after.times[ended].tolist())
            yield part
        if self._machine.time_dependent:
            yield from self._time_dependent_starts()
        else:
            yield from self._time_independent_starts()

    def take_waits(self) -> "array[int]":
        """Return due and start, one after the other, of those that waited since the last call."""
        waits, self._arrivals.waits = self._arrivals.waits, array("q")
        return waits

    def commit(self, parts: list[WindowPart]) -> None:
        """Move the pool behind the window, whose parts these are."""
        pool, alive = self._pool, concatenated([self._pool.alive, self._joining])
        new = [part.paths.after for part in parts if part.rows is None]
        for part in parts:
            if part.rows is not None:
                alive = alive.replaced(part.rows, part.paths.after)
        alive = concatenated([alive, *new])
        stays = (alive.states != STOP) | (alive.times >= self._horizon)
        pool.alive = alive.take(stays)
        pool.expected_starts = (self.started - pool.started) // self._machine.part.count
        pool.started, pool.last_start = self.started, self._arrivals.last_start
        pool.since = self._horizon
        if self._ahead is not None:
            ahead, counts, inside, upcoming = self._ahead
            rest = ahead.rest(counts, inside, stays)
            pool.kept = Kept(pool.alive, rest, pool.started, upcoming)
        pool.forget_values()

    def _part_ahead(self, most: int) -> WindowPart:
        """Return all visits where paths do not depend on instants.

        What is walked is kept, also where it turns out to be too much for this window.
        """
        pool, horizon = self._pool, self._horizon
        kept = pool.ahead()
        alive = kept.alive.walked(self._machine, pool.alive.numbers, horizon, 2 * most)
        pool.kept = kept = replace(kept, alive=alive)
        if alive.unfinished(horizon).any():
            raise TooManyVisits(alive.states)
        ended, ends = alive.lives()
        self._arrivals.add_ends(ends[ended & (ends < horizon)].tolist())
        self._joining, begun, upcoming = self._starts_ahead(kept, 2 * most)
        ahead = joined([alive, begun])
        counts, inside = ahead.before(horizon)
        if np.count_nonzero(inside) > most:
            raise TooManyVisits(ahead.states)
        workers = concatenated([pool.alive, self._joining])
        paths = ahead.paths(workers, counts, inside)
        self._ahead = ahead, counts, inside, upcoming
        rows = np.flatnonzero(counts)
        if len(rows) < len(workers):
            workers, after = workers.take(rows), paths.after.take(rows)
            paths = replace(paths, counts=counts[rows], after=after)
        return self._with_memory(workers, paths, rows)

    def _starts_ahead(self, kept: Kept, most: int) -> tuple[WorkerStates, Lookahead, Lookahead]:
        """Start new workers whose paths are walked before their starts are known.

        A block of them is walked as far as the earliest start leaves time for. Return those that start,
        their visits, and those of the next ones.
        """
        arrivals, block = self._arrivals, self._pool.expected_starts + 8
        starts: list[int] = []
        walked, upcoming = [], kept.upcoming
        joining = [self._next_workers(0)]
        while arrivals.can_start() and self._left:
            workers = self._next_workers(block)
            some, upcoming = upcoming.divided(workers)
            reach = self._horizon - max(self._begin, arrivals.last_start)
            walked.append(some.walked(self._machine, workers.numbers, reach, most))
            self._pool.kept = replace(kept, upcoming=joined([*walked, upcoming]))
            if walked[-1].unfinished(reach).any():
                raise TooManyVisits(walked[-1].states)
            ended, ends = walked[-1].lives()
            draws = self._interarrivals.draws(workers.numbers)
            found = self._starts(draws, np.where(ended, ends, NEVER).tolist())
            starts += found
            joining.append(workers.take(slice(len(found))))
            self._count_starts(joining[-1])
            if arrivals.exhausted:
                break
            block = min(2 * block, _MAX_BLOCK)
        upcoming = joined([*walked, upcoming])
        begun = upcoming.rows(0, len(starts)).moved(np.array(starts, dtype=np.int64))
        rest = upcoming.rows(len(starts), len(upcoming))
        return concatenated(joining), begun, rest

    def _time_independent_starts(self) -> Iterator[WindowPart]:
        """Start new workers whose paths are computed before their starts are known.

        A block of them is walked as far as the earliest start leaves time for.
        """
        block, arrivals = self._pool.expected_starts + 8, self._arrivals
        while arrivals.can_start() and self._left:
            workers = self._next_workers(block)
            draws = self._interarrivals.draws(workers.numbers)
            reach = self._horizon - max(self._begin, arrivals.last_start)
            for some, paths, rows in self._walked(workers, np.arange(len(workers)), reach):
                starts = self._starts([draws[row] for row in rows.tolist()], lifetimes(paths, 0))
                moved = paths.started(np.array(starts, dtype=np.int64), self._horizon)
                part = self._new_part(some.take(slice(len(starts))), moved)
                if part is not None:
                    yield part
                if arrivals.exhausted:
                    return
            block = min(2 * block, _MAX_BLOCK)

    def _starts(self, draws: list[Any], lifetimes: list[int]) -> list[int]:
        if self._arrivals.time_independent:
            return self._arrivals.time_independent_starts(draws, lifetimes)
        return self._arrivals.starts(draws, lambda place, _: lifetimes[place])

    def _time_dependent_starts(self) -> Iterator[WindowPart]:
        """Start new workers whose paths depend on their starts."""
        block = self._pool.expected_starts // 8 + 8
        while self._arrivals.can_start() and self._left:
            few = self._machine.values is None and self._pool.round_size < _MIN_ROUND
            if self._visits_left is None or few:
                part = self._start_one_by_one(block)
                block = min(2 * block, _MAX_BLOCK)
            else:
                part = self._start_round()
            if part is not None:
                yield part

    def _start_one_by_one(self, block: int) -> WindowPart | None:
        """Start workers one by one, each when the paths of those before it are known."""
        workers, arrivals = self._next_workers(block), self._arrivals
        walker = sequential_walker(self._machine, workers, self._horizon, self._visits_left)
        waits = len(arrivals.waits)
        try:
            starts = arrivals.starts(self._interarrivals.draws(workers.numbers), walker.lifetime)
        except TooManyVisits as full:
            if self._visits_left is not None:
                raise
            raise self._stuck_worker(full.states) from None
        if len(starts) >= _MIN_ROUND and len(arrivals.waits) == waits:
            self._pool.round_size = len(starts)
        paths = walker.paths()
        return self._new_part(workers.take(slice(len(starts))), paths)

    def _start_round(self) -> WindowPart | None:
        """Start workers from starts that are assumed first; see `assumed_starts`."""
        pool, arrivals = self._pool, self._arrivals
        workers = self._next_workers(max(pool.round_size, _FIRST_ROUND))
        draws = self._interarrivals.draws(workers.numbers)
        lives = pool.guessed.of(self.started, len(workers))
        most = self._visits_left or 0
        assumed = AssumedStarts(self._machine, workers, lives, self._horizon, most)
        paths = assumed.started(arrivals, draws)
        count = len(paths.counts)
        if count == len(workers) or not arrivals.exhausted:
            pool.round_size = min(2 * count + 8, _MAX_BLOCK)
        part = self._new_part(workers.take(slice(count)), paths)
        pool.guessed.learn(assumed.lives, count, self.started)
        return part

    def _next_workers(self, count: int) -> WorkerStates:
        """Return the next workers, so many or, where each takes many draws, fewer."""
        parts, groups = self._machine.part.count, len(self._machine.variable_groups)
        count = min(count, max(_MAX_DRAWS // parts, 1), self._left)
        return unstarted_workers(self.started, count, groups, parts, self._machine.first)

    @property
    def _left(self) -> int:
        """Return how many workers have yet to start, or more than can."""
        return self._machine.interarrivals.left(self.started)

    def _count_starts(self, workers: WorkerStates) -> None:
        """Count new workers: `started` is the number of the next one of the part."""
        self.started += len(workers) * self._machine.part.count

    def _new_part(self, workers: WorkerStates, paths: Paths) -> WindowPart | None:
        """Count new workers, if there are any, and return their part."""
        if not len(workers):
            return None
        self._count_starts(workers)
        if self._visits_left is None:
            self._check_starts((self.started - self._pool.started) // self._machine.part.count)
        return self._with_memory(workers, paths, None)

    def _walked(
        self, workers: WorkerStates, rows: Ints, horizon: int
    ) -> Iterator[tuple[WorkerStates, Paths, Ints]]:
        """Walk workers, in one go or, where an instant holds too many visits, in ever fewer."""
        limit = MAX_VISITS_AT_ONCE - 1 if self._visits_left is None else self._visits_left
        try:
            paths = walk(self._machine, workers, horizon, limit)
        except TooManyVisits as full:
            if self._visits_left is not None:
                raise
            if len(workers) == 1:
                raise self._stuck_worker(full.states) from None
            half = len(workers) // 2
            yield from self._walked(workers.take(slice(half)), rows[:half], horizon)
            yield from self._walked(workers.take(slice(half, None)), rows[half:], horizon)
            return
        if self._visits_left is not None:
            self._visits_left -= len(paths)
        yield workers, paths, rows

    def _with_memory(self, workers: WorkerStates, paths: Paths, rows: Ints | None) -> WindowPart:
        """Return a part whose workers remember the visits of their paths."""
        latest, after = latest_setters(self._machine, paths, workers.memory), paths.after
        if len(latest) and len(paths):
            last = np.where(paths.counts > 0, latest[:, np.cumsum(paths.counts) - 1], -1).T
            now = np.stack([paths.visits[last], paths.states[last], paths.times[last]], axis=-1)
            memory = np.where(last[..., None] >= 0, now, workers.memory)
            after = replace(after, memory=memory)
        return WindowPart(workers, replace(paths, after=after), latest, rows)

    def _check_starts(self, starts: int) -> None:
        limit, most = MAX_STARTS_AT_ONCE, self._pool.limit
        if not most.free:
            limit = max(limit, 2 * most.max_workers)
        if starts > limit:
            all_states = np.arange(len(self._machine.names))
            raise self._stuck(f"starts of workers (more than {limit})", all_states)

    def _stuck_worker(self, states: Ints) -> StuckClockError:
        return self._stuck(f"{MAX_VISITS_AT_ONCE} visits of one worker", states)

    def _stuck(self, what: str, states: Ints) -> StuckClockError:
        names = [f'"{self._machine.names[state]}"' for state in np.unique(states).tolist()]
        text = f"{what} at one instant; states: {listed(names, 5)}"
        return StuckClockError(f"the clock does not advance: {text}")
