"""Turns a machine into windows of visits, in the exact order of (time, worker, visit).

Workers do not influence each other but through the cap on how many are alive, so their paths are
computed by arrays, one window of simulated time after the other; only the starts of workers, which
wait for others to end, are found one by one. How long a window is has no effect on the visits.
No fields, no input or output and no wall clock here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from datagen.errors import StuckClockError
from datagen.instants import SECOND
from datagen.machine import STOP, Machine
from datagen.paths import Lanes, Paths, TooManyVisits, joined, new_lanes, walk
from datagen.randomness import Bits, Ints, visit_bits, worker_bits

MOST_VISITS_AT_ONCE = 100_000
MOST_STARTS_AT_ONCE = 1_000_000
_NEVER = (1 << 63) - 1


@dataclass(frozen=True)
class PoolCursor:
    """Where a pool stands between two windows: its live workers, and its arrivals' whole state.

    Nothing happens any more before `since`, microseconds since 1970.
    """

    alive: Lanes
    started: int
    last_start: int
    since: int

    def moved(self, by: int, since: int) -> "PoolCursor":
        """Give the same pool, so many microseconds later, which is at an instant then."""
        alive = self.alive
        later = alive.with_cursor(alive.visits, alive.states, alive.times + by)
        return PoolCursor(later, self.started, self.last_start + by, since)


@dataclass(frozen=True)
class Visits:
    """The visits of a window, n of them, sorted by (worker, visit).

    `order` sorts them by (time, worker, visit). `lanes` is the row of each visit's worker in
    `before`: what the workers remembered, int64[lanes, marks, 3]. `latest`, int64[marks, n], is the
    row of the visit that last set each mark, or -1 for what `before` holds. `alive` are the workers
    left after the window, of `started` ever; `seed` is the machine's. `cursor` is the pool before the
    window, the same one for all parts of an instant that is cut.
    """

    seed: np.uint64
    alive: Ints
    started: int
    workers: Ints
    visits: Ints
    states: Ints
    times: Ints
    order: Ints
    lanes: Ints
    before: NDArray[np.int64]
    latest: Ints
    cursor: PoolCursor

    def __len__(self) -> int:
        return len(self.workers)

    @cached_property
    def bits(self) -> Bits:
        """Give `b` of each visit: uint64[n]."""
        first = np.flatnonzero(np.diff(self.lanes, prepend=-1))
        sizes = np.diff(first, append=len(self))
        of_workers = worker_bits(self.seed, self.workers[first])
        return visit_bits(np.repeat(of_workers, sizes), self.visits)


class Pool:
    """The workers of a run: one a time at first, at most `most_alive` at once."""

    def __init__(self, machine: Machine, start: int, most_alive: int, end: int) -> None:
        """Begin at an instant, end before another: microseconds since 1970."""
        self.machine = machine
        self.most_alive = most_alive
        self.end = end
        self.alive = new_lanes(0, 0, len(machine.marks))
        self.started = 0
        self.last_start = self.since = start
        self.span = SECOND
        self.room = 64
        self.expected = 8

    def cursor(self) -> PoolCursor:
        """Give where the pool stands."""
        return PoolCursor(self.alive, self.started, self.last_start, self.since)

    def go_on(self, cursor: PoolCursor) -> None:
        """Stand where another pool of this machine stood."""
        self.alive, self.started = cursor.alive, cursor.started
        self.last_start, self.since = cursor.last_start, cursor.since

    def windows(self) -> Iterator[Visits]:
        """Walk the machine until the end, one window after the other."""
        while (begin := self._next_instant()) < self.end:
            yield from self._window(begin)

    def aim(self, visits: int) -> None:
        """Ask for windows of about this many visits."""
        self.room = min(max(visits, 1), MOST_VISITS_AT_ONCE // 3)

    def _next_instant(self) -> int:
        """Give the instant before which nothing can happen."""
        instants = [int(self.alive.times.min())] if len(self.alive) else []
        if len(self.alive) < self.most_alive:
            gap = self.machine.interarrivals(np.array([self.started]))
            instants.append(self.last_start + int(gap[0]))
        return min(instants)

    def _window(self, begin: int) -> Iterator[Visits]:
        while True:
            horizon = min(begin + self.span, self.end)
            window = _Window(self, begin, horizon, 2 * self.room)
            try:
                parts = list(window.parts())
            except TooManyVisits:
                if horizon == begin + 1:
                    yield from self._instant(begin)
                    return
                self.span = max((horizon - begin) // 8, 1)
                continue
            cursor = self.cursor()
            window.commit(parts)
            visits = _visits(self, parts, cursor)
            self._adapt(len(visits), horizon - begin)
            yield visits
            return

    def _instant(self, begin: int) -> Iterator[Visits]:
        """Give one instant that holds more than a batch, cut by (worker, visit)."""
        window, done = _Window(self, begin, begin + 1, None), []
        cursor = self.cursor()
        for part in window.parts():
            done.append(part.without_visits())
            if len(part.paths):
                yield _visits(self, [part], cursor)
        window.commit(done)

    def _adapt(self, visits: int, span: int) -> None:
        growth = min(max(self.room / max(visits, 1), 0.125), 8.0)
        self.expected = int(self.expected * min(growth, 4.0)) + 8
        self.span = max(int(span * growth), 1)


@dataclass(frozen=True)
class _Part:
    """The paths of some lanes within a window.

    `places` are the lanes' places in the pool, None for new workers; `latest` is as in Visits.
    """

    lanes: Lanes
    paths: Paths
    latest: Ints
    places: Ints | None

    def without_visits(self) -> "_Part":
        """Keep only the cursors."""
        nothing = np.empty(0, dtype=np.int64)
        zeros = np.zeros_like(self.paths.counts)
        paths = Paths(zeros, nothing, nothing, nothing, self.paths.after)
        return _Part(self.lanes, paths, self.latest[:, :0], self.places)


class _Window:
    """The attempt to compute all visits within [begin, horizon).

    With room for so many visits, raises TooManyVisits beyond them; without (None), gives one instant in
    parts of any number.
    """

    def __init__(self, pool: Pool, begin: int, horizon: int, room: int | None) -> None:
        self._pool, self._machine = pool, pool.machine
        self._begin, self._horizon, self._room = begin, horizon, room
        self._ends: list[int] = []
        self._busy = len(pool.alive)
        self._started, self._last_start = pool.started, pool.last_start

    def parts(self) -> Iterator[_Part]:
        """Carry on those alive, then start new workers: parts in the order of workers."""
        alive = self._pool.alive
        due = np.flatnonzero(alive.times < self._horizon)
        for lanes, paths, places in self._walked(alive.at(due), due, self._horizon):
            part = self._remembered(lanes, paths, places)
            over = (part.paths.after.states == STOP) & (part.paths.after.times < self._horizon)
            self._ends += part.paths.after.times[over].tolist()
            yield part
        heapify(self._ends)
        yield from self._arrivals()

    def commit(self, parts: list[_Part]) -> None:
        """Make the pool what it is after the window."""
        pool, alive = self._pool, self._pool.alive
        afters = [part.paths.after for part in parts if part.places is None]
        for part in parts:
            if part.places is not None:
                alive = alive.replaced(part.places, part.paths.after)
        alive = joined([alive, *afters])
        pool.alive = alive.at((alive.states != STOP) | (alive.times >= self._horizon))
        pool.expected = self._started - pool.started
        pool.started, pool.last_start = self._started, self._last_start

    def _arrivals(self) -> Iterator[_Part]:
        block, marks = self._pool.expected + 8, len(self._machine.marks)
        first_started = self._started
        while self._ends or self._busy < self._pool.most_alive:
            lanes = new_lanes(self._started, block, marks)
            gaps = self._machine.interarrivals(lanes.workers).tolist()
            reach = self._horizon - max(self._begin, self._last_start)
            for few, paths, places in self._walked(lanes, np.arange(block), reach):
                starts = self._starts(paths.after, [gaps[place] for place in places.tolist()])
                if starts:
                    moved = paths.starting(np.array(starts), self._horizon)
                    yield self._remembered(few.at(slice(len(starts))), moved, None)
                if len(starts) < len(few):
                    return
                if self._room is None:
                    self._check_starts(self._started - first_started)
            block = min(2 * block, 4096)

    def _starts(self, ends: Lanes, gaps: list[int]) -> list[int]:
        """Give the starts, before the horizon, of as many of the next workers as there are."""
        busy, heap, last = self._busy, self._ends, self._last_start
        most, horizon, starts = self._pool.most_alive, self._horizon, []
        lives = np.where(ends.states == STOP, ends.times, _NEVER).tolist()
        for gap, life in zip(gaps, lives, strict=True):
            start = last + gap
            if start >= horizon:
                break
            while heap and heap[0] <= start:
                heappop(heap)
                busy -= 1
            while busy >= most and heap:
                start = heappop(heap)
                busy -= 1
            if busy >= most:
                break
            starts.append(start)
            last = start
            busy += 1
            if life < horizon - start:
                heappush(heap, start + life)
        self._busy, self._last_start = busy, last
        self._started += len(starts)
        return starts

    def _walked(
        self, lanes: Lanes, places: Ints, horizon: int
    ) -> Iterator[tuple[Lanes, Paths, Ints]]:
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

    def _remembered(self, lanes: Lanes, paths: Paths, places: Ints | None) -> _Part:
        """Bring the memory of the lanes up to date."""
        latest, after = _latest(self._machine, paths), paths.after
        if len(latest) and len(paths):
            rows = np.where(paths.counts > 0, latest[:, np.cumsum(paths.counts) - 1], -1).T
            now = np.stack([paths.visits[rows], paths.states[rows], paths.times[rows]], axis=-1)
            memory = np.where(rows[..., None] >= 0, now, lanes.memory)
            after = replace(after, memory=memory)
        return _Part(lanes, replace(paths, after=after), latest, places)

    def _check_starts(self, starts: int) -> None:
        most = max(MOST_STARTS_AT_ONCE, 2 * self._pool.most_alive)
        if starts > most:
            states = np.arange(len(self._machine.names))
            raise StuckClockError(self._stuck(states, f"starts of workers (more than {most})"))

    def _stuck(self, states: Ints, what: str) -> str:
        if not what.startswith("starts"):
            what = f"{MOST_VISITS_AT_ONCE} {what}"
        names = [f'"{self._machine.names[state]}"' for state in np.unique(states).tolist()]
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        return f"the clock does not advance: {what} at one instant; states: {shown}"


def _visits(pool: Pool, parts: list[_Part], cursor: PoolCursor) -> Visits:
    """Put the parts of a window together."""
    paths = [part.paths for part in parts]
    counts = np.concatenate([path.counts for path in paths])
    lanes = np.repeat(np.arange(len(counts)), counts)
    sizes = np.array([len(path) for path in paths])
    latest = [
        np.where(part.latest < 0, -1, part.latest + first)
        for part, first in zip(parts, (np.cumsum(sizes) - sizes).tolist(), strict=True)
    ]
    times = np.concatenate([path.times for path in paths])
    return Visits(
        seed=pool.machine.seed,
        alive=pool.alive.workers,
        started=pool.started,
        workers=np.concatenate([part.lanes.workers for part in parts])[lanes],
        visits=np.concatenate([path.visits for path in paths]),
        states=np.concatenate([path.states for path in paths]),
        times=times,
        order=_order(times),
        lanes=lanes,
        before=np.concatenate([part.lanes.memory for part in parts]),
        latest=np.concatenate(latest, axis=1),
        cursor=cursor,
    )


def _order(times: Ints) -> Ints:
    """Give the rows in order of time, those of one instant as they stand.

    Time and row make one number, where they fit: sorting numbers is faster than sorting by them.
    """
    earliest, low = times.min(initial=_NEVER), len(times).bit_length()
    if len(times) == 0 or int(times.max()) - int(earliest) >= 1 << (63 - low):
        return np.argsort(times, kind="stable")
    keys: Ints = ((times - earliest) << low) | np.arange(len(times))
    keys.sort()
    return keys & ((1 << low) - 1)


def _latest(machine: Machine, paths: Paths) -> Ints:
    """Give the row of the visit of the same lane that last set each mark: int64[marks, n], or -1."""
    rows = np.arange(len(paths))
    firsts = np.repeat(np.cumsum(paths.counts) - paths.counts, paths.counts)
    latest = np.empty((len(machine.marks), len(rows)), dtype=np.int64)
    for number in range(len(machine.marks)):
        np.maximum.accumulate(
            np.where(machine.sets[paths.states, number], rows, -1), out=latest[number]
        )
    latest[latest < firsts] = -1
    return latest
