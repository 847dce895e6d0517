"""Turns a machine into windows of visits, in the exact order of (time, worker, visit).

Workers do not influence each other but through the limit on how many are alive, so their paths are
computed by arrays, one window of simulated time after the other. How long a window is has no effect
on the visits. There are no fields, no input or output and no wall clock here.
"""

from collections.abc import Iterator

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Waits
from datagen.curves.curve import Curve
from datagen.instants import SECOND
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.machine import Machine
from datagen.simulation.paths import TooManyVisits
from datagen.simulation.states import PoolCursor, unstarted_workers
from datagen.simulation.visits import Visits
from datagen.simulation.windows import PoolState, Window, WindowPart

MAX_VISITS = 131_072  # of a window, about


class Pool:
    """The workers of a run: one a time at first, at most `max_workers` at once, any number for None.

    Those of a part are a pool of their own, with a share of `max_workers`.

    `span` is the length of the next window in microseconds, adapted so that a window holds about
    `window_size` visits.
    """

    exhausted = False  # there are always more to come

    def __init__(
        self,
        machine: Machine,
        start: int,
        max_workers: int | None,
        end: int,
        curve: Curve | None = None,
    ) -> None:
        """Begin at an instant, end before another: microseconds since 1970.

        A curve may lower how many can be alive.
        """
        nobody = unstarted_workers(0, 0, len(machine.variable_groups))
        limit = WorkerLimit(max_workers, curve, machine.part)
        self.state = PoolState(machine, limit, nobody, start, start, machine.part.index)
        self.end = end
        self.span = SECOND
        self.window_size = 64
        self._due = (-1, 0), 0  # of which worker after which start, and when

    def cursor(self) -> PoolCursor:
        """Return the position of the pool."""
        state = self.state
        return PoolCursor(state.alive, state.started, state.last_start, state.since)

    def resume(self, cursor: PoolCursor) -> None:
        """Continue from the position of another pool of this machine."""
        state = self.state
        state.alive, state.started = cursor.alive, cursor.started
        state.last_start, state.since = cursor.last_start, cursor.since

    def windows(self) -> Iterator[Visits]:
        """Walk the machine until the end; yield one window after the other.

        Raises StuckClockError where time would never pass.
        """
        while (begin := self._next_instant()) < self.end:
            yield from self._window(begin)

    def request_window_size(self, visits: int) -> None:
        """Ask for windows of about this many visits."""
        size = min(max(visits, 1), MAX_VISITS)
        self.span = max(self.span * size // self.window_size, 1)
        self.window_size = size

    def jump(self, by: int, until: int) -> None:
        """Move workers and arrivals `by` microseconds on, to go on at the instant `until`."""
        self.resume(self.cursor().moved(by, until))

    def close(self) -> None:
        """Close; nothing is held."""

    def _next_instant(self) -> int:
        """Return the instant before which nothing can happen."""
        state = self.state
        alive = len(state.alive)
        instants = [int(state.alive.times.min())] if alive else []
        start = max(self._next_due(), state.since)
        waits = alive >= state.limit.at(start)[0]
        instants.append(state.limit.next_above(alive, start) if waits else start)
        return min(instants)

    def _next_due(self) -> int:
        """Return the instant at which the next worker is due."""
        state, interarrivals = self.state, self.state.machine.interarrivals
        known, due = self._due
        if known != (state.started, state.last_start):
            [draw] = interarrivals.draws(np.array([state.started]))
            due = interarrivals.next_start(state.last_start, draw)
            self._due = (state.started, state.last_start), due
        return due

    def _waits(self, window: Window) -> Waits | None:
        """Return what has waited in a window since the last call, and what is waiting still."""
        state = self.state
        if state.limit.free:
            return None
        waits = window.take_waits()
        due = self._next_due()
        full = due < state.since or len(state.alive) >= state.limit.at(due)[0]
        if full and window.started == state.started:
            waits.extend((due, NEVER))
        pairs = np.array(waits, dtype=np.int64).reshape(-1, 2)
        return Waits(pairs[:, 0], pairs[:, 1], state.machine.interarrivals.expected)

    def _window(self, begin: int) -> Iterator[Visits]:
        """Yield the next window: a shorter one where that holds too many visits."""
        shorter, latest = 1, min(self.state.enter_phase(begin), self.end)
        while True:
            horizon = min(begin + self.span, latest)
            window = Window(self.state, begin, horizon, 2 * self.window_size)
            try:
                parts = list(window.parts())
                for part in parts:
                    part.paths.check_instants()
            except TooManyVisits:
                if horizon == begin + 1:
                    yield from self._instant(begin)
                    return
                shorter *= 2
                self.span = max((horizon - begin) // shorter, 1)
                continue
            cursor = self.cursor()
            window.commit(parts)
            visits = _visits(self.state, parts, cursor, self._waits(window))
            self._adapt(len(visits), horizon - begin)
            yield visits
            return

    def _instant(self, begin: int) -> Iterator[Visits]:
        """Yield one instant that holds more visits than a window may, cut by (worker, visit)."""
        if self.state.machine.phases is not None:
            self.state.machine.phases.enter_instant(begin)
        window, done = Window(self.state, begin, begin + 1, None), []
        cursor, ahead = self.cursor(), None
        for part in window.parts():
            done.append(part.without_visits())
            if len(part.paths):
                if ahead is not None:
                    yield _visits(self.state, [ahead], cursor, self._waits(window))
                ahead = part
        window.commit(done)
        if ahead is not None:  # the last one, which comes with what is waiting then
            yield _visits(self.state, [ahead], cursor, self._waits(window))

    def _adapt(self, visits: int, span: int) -> None:
        """Choose the length of the next window by how many visits the last one held."""
        growth = min(max(self.window_size / max(visits, 1), 0.125), 8.0)
        self.state.expected_starts = int(self.state.expected_starts * min(growth, 4.0)) + 8
        self.span = max(int(span * growth), 1)


def _visits(
    pool: PoolState, parts: list[WindowPart], cursor: PoolCursor, waits: Waits | None
) -> Visits:
    """Return the visits of all parts of a window."""
    paths = [part.paths for part in parts]
    counts = _joined([path.counts for path in paths])
    worker_rows = np.repeat(np.arange(len(counts)), counts)
    sizes = np.array([len(path) for path in paths])
    latest = [
        np.where(part.latest < 0, -1, part.latest + first) if first else part.latest
        for part, first in zip(parts, (np.cumsum(sizes) - sizes).tolist(), strict=True)
    ]
    times = _joined([path.times for path in paths])
    return Visits(
        seed=pool.machine.seed,
        alive=pool.alive.numbers,
        started=pool.started,
        workers=_joined([part.workers.numbers for part in parts])[worker_rows],
        visits=_joined([path.visits for path in paths]),
        states=_joined([path.states for path in paths]),
        times=times,
        order=_order(times),
        worker_rows=worker_rows,
        before=_joined([part.workers.memory for part in parts]),
        latest=_joined(latest, axis=1),
        cursor=cursor,
        waits=waits,
    )


def _joined(arrays: list[Ints], axis: int = 0) -> Ints:
    """Return arrays joined to one: without a copy where there is one already."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=axis)


def _order(times: Ints) -> Ints:
    """Return the rows in order of time, those of one instant in their own order.

    Time and row make one number, where they fit: sorting numbers is faster than sorting by them.
    """
    earliest, low = times.min(initial=NEVER), len(times).bit_length()
    if len(times) == 0 or int(times.max()) - int(earliest) >= 1 << (63 - low):
        return np.argsort(times, kind="stable")
    keys: Ints = ((times - earliest) << low) | np.arange(len(times))
    keys.sort()
    return keys & ((1 << low) - 1)
