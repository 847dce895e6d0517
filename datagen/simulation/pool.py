"""Turns a machine into windows of visits, in the exact order of (time, worker, visit).

Workers do not influence each other but through the cap on how many are alive, so their paths are
computed by arrays, one window of simulated time after the other. How long a window is has no effect
on the visits.
No fields, no input or output and no wall clock here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Bits, Ints
from datagen.curves.curve import Curve
from datagen.instants import SECOND
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.machine import Machine
from datagen.simulation.paths import (
    MOST_VISITS_AT_ONCE,
    TooManyVisits,
    WorkerStates,
    new_worker_states,
)
from datagen.simulation.windows import PoolState, Window, WindowPart


@dataclass(frozen=True)
class PoolCursor:
    """Where a pool stands between two windows: its live workers, and its arrivals' whole state.

    Nothing happens any more before `since`, microseconds since 1970.
    """

    alive: WorkerStates
    started: int
    last_start: int
    since: int

    def moved(self, by: int, since: int) -> "PoolCursor":
        """Return the same pool, so many microseconds later, which is at an instant then."""
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
        """Return `b` of each visit: uint64[n]."""
        first = np.flatnonzero(np.diff(self.lanes, prepend=-1))
        sizes = np.diff(first, append=len(self))
        of_workers = worker_bits(self.seed, self.workers[first])
        return visit_bits(np.repeat(of_workers, sizes), self.visits)


class Pool:
    """The workers of a run: one a time at first, at most `max_workers` at once."""

    exhausted = False  # there are always more to come

    def __init__(
        self,
        machine: Machine,
        start: int,
        max_workers: int,
        end: int,
        curve: Curve | None = None,
    ) -> None:
        """Begin at an instant, end before another: microseconds since 1970.

        A curve may lower how many can be alive.
        """
        nobody = new_worker_states(0, 0, len(machine.variable_groups))
        self.crew = PoolState(machine, WorkerLimit(max_workers, curve), nobody, start, start)
        self.end = end
        self.span = SECOND
        self.room = 64

    def cursor(self) -> PoolCursor:
        """Return where the pool stands."""
        crew = self.crew
        return PoolCursor(crew.alive, crew.started, crew.last, crew.done)

    def go_on(self, cursor: PoolCursor) -> None:
        """Stand where another pool of this machine stood."""
        crew = self.crew
        crew.alive, crew.started = cursor.alive, cursor.started
        crew.last, crew.done = cursor.last_start, cursor.since

    def windows(self) -> Iterator[Visits]:
        """Walk the machine until the end, one window after the other."""
        while (begin := self._next_instant()) < self.end:
            yield from self._window(begin)

    def request_window_size(self, visits: int) -> None:
        """Ask for windows of about this many visits."""
        self.room = min(max(visits, 1), MOST_VISITS_AT_ONCE // 3)

    def jump(self, by: int, until: int) -> None:
        """Go on later, at an instant: workers and arrivals are moved."""
        self.go_on(self.cursor().moved(by, until))

    def close(self) -> None:
        """Let go of nothing: all is in memory."""

    def _next_instant(self) -> int:
        """Return the instant before which nothing can happen."""
        crew, interarrivals = self.crew, self.crew.machine.interarrivals
        instants = [int(crew.alive.times.min())] if len(crew.alive) else []
        [draw] = interarrivals.draws(np.array([crew.started]))
        due = max(interarrivals.next_start(crew.last, draw), crew.done)
        waits = len(crew.alive) >= crew.cap.at(due)[0]
        instants.append(crew.cap.next_above(len(crew.alive), due) if waits else due)
        return min(instants)

    def _window(self, begin: int) -> Iterator[Visits]:
        while True:
            horizon = min(begin + self.span, self.end)
            window = Window(self.crew, begin, horizon, 2 * self.room)
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
            visits = _visits(self.crew, parts, cursor)
            self._adapt(len(visits), horizon - begin)
            yield visits
            return

    def _instant(self, begin: int) -> Iterator[Visits]:
        """Return one instant that holds more than a batch, cut by (worker, visit)."""
        window, done = Window(self.crew, begin, begin + 1, None), []
        cursor = self.cursor()
        for part in window.parts():
            done.append(part.without_visits())
            if len(part.paths):
                yield _visits(self.crew, [part], cursor)
        window.commit(done)

    def _adapt(self, visits: int, span: int) -> None:
        growth = min(max(self.room / max(visits, 1), 0.125), 8.0)
        self.crew.expected = int(self.crew.expected * min(growth, 4.0)) + 8
        self.span = max(int(span * growth), 1)


def _visits(crew: PoolState, parts: list[WindowPart], cursor: PoolCursor) -> Visits:
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
        seed=crew.machine.seed,
        alive=crew.alive.workers,
        started=crew.started,
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
    """Return the rows in order of time, those of one instant as they stand.

    Time and row make one number, where they fit: sorting numbers is faster than sorting by them.
    """
    earliest, low = times.min(initial=NEVER), len(times).bit_length()
    if len(times) == 0 or int(times.max()) - int(earliest) >= 1 << (63 - low):
        return np.argsort(times, kind="stable")
    keys: Ints = ((times - earliest) << low) | np.arange(len(times))
    keys.sort()
    return keys & ((1 << low) - 1)
