"""Turns a machine into windows of visits, in the exact order of (time, worker, visit).

Workers do not influence each other but through the limit on how many are alive, so their paths are
computed by arrays, one window of simulated time after the other. How long a window is has no effect
on the visits. There are no fields, no input or output and no wall clock here.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence

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
from datagen.simulation.worker_keys import keys_of

MAX_VISITS = 131_072  # of a window, about


class Pool:
    """The workers of a run: one a time at first, at most `max_workers` at once, any number for None.

    Those of a part are a pool of their own, with a share of `max_workers`.

    `span` is the length of the next window in microseconds, adapted so that a window holds about
    `window_size` visits.
    """

    def __init__(
        self,
        machine: Machine,
        start: int,
        max_workers: int | None,
        end: int,
        curve: Curve | None = None,
    ) -> None:
        """Begin at an instant, end before another: microseconds since 1970.

        A curve may lower how many can be alive. Of several populations the machine has one.
        """
        nobody = unstarted_workers(0, 0, len(machine.variable_groups))
        limit = WorkerLimit(max_workers, curve, machine.part)
        self.state = PoolState(machine, limit, nobody, start, start, machine.part.index)
        self.end = end
        self.span = SECOND
        self.window_size = 64
        self._due = (-1, 0), 0  # of which worker after which start, and when

    @property
    def exhausted(self) -> bool:
        """Return whether nobody is alive, and nobody will be."""
        return not len(self.state.alive) and self._next_due() >= NEVER

    @property
    def cursors(self) -> tuple[PoolCursor, ...]:
        """Return the position of each population."""
        return (self.cursor(),)

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
        while (begin := self.next_instant()) < self.end:
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

    def next_instant(self) -> int:
        """Return the instant before which nothing can happen."""
        state = self.state
        alive = len(state.alive)
        instants = [int(state.alive.times.min())] if alive else []
        due = self._next_due()
        if due >= NEVER:
            return min(instants, default=NEVER)
        start = max(due, state.since)
        waits = alive >= state.limit.at(start)[0]
        instants.append(state.limit.next_above(alive, start) if waits else start)
        return min(instants)

    def _next_due(self) -> int:
        """Return the instant at which the next worker is due, or NEVER."""
        state, interarrivals = self.state, self.state.machine.interarrivals
        known, due = self._due
        if known != (state.started, state.last_start):
            due = NEVER
            if interarrivals.left(state.started):
                [draw] = interarrivals.draws(np.array([state.started]))
                due = interarrivals.next_start(state.last_start, draw)
            self._due = (state.started, state.last_start), due
        return due

    def waits(self, window: Window | None) -> tuple[Waits, ...]:
        """Return what has waited in a window, if there is one, since the last call, and what is waiting still."""
        state = self.state
        if state.limit.free:
            return ()
        waits = array("q") if window is None else window.take_waits()
        started = state.started if window is None else window.started
        due = self._next_due()
        if due < NEVER and started == state.started:
            full = due < state.since or len(state.alive) >= state.limit.at(due)[0]
            waits.extend((due, NEVER) if full else ())
        pairs = np.array(waits, dtype=np.int64).reshape(-1, 2)
        return (Waits(pairs[:, 0], pairs[:, 1], state.machine.interarrivals.expected),)

    def attempt(self, begin: int, horizon: int, most: int) -> tuple[Window, list[WindowPart]]:
        """Return a window of about so many visits at most, and its parts. Raises TooManyVisits for more."""
        window = Window(self.state, begin, horizon, most)
        parts = list(window.parts())
        for part in parts:
            part.paths.check_instants()
        return window, parts

    def _window(self, begin: int) -> Iterator[Visits]:
        """Yield the next window: a shorter one where that holds too many visits."""
        shorter = 1
        while True:
            horizon = min(begin + self.span, self.end)
            try:
                window, parts = self.attempt(begin, horizon, 2 * self.window_size)
            except TooManyVisits:
                if horizon == begin + 1:
                    yield from self._instant(begin)
                    return
                shorter *= 2
                self.span = max((horizon - begin) // shorter, 1)
                continue
            cursors = self.cursors
            window.commit(parts)
            visits = visits_of([(self, parts)], cursors, self.waits(window))
            self.span = self.adapted(len(visits), horizon - begin)
            yield visits
            return

    def _instant(self, begin: int) -> Iterator[Visits]:
        """Yield one instant that holds more visits than a window may, cut by (worker, visit)."""
        cursors = self.cursors
        for part, waits in self.instant(begin):
            yield visits_of([(self, [part])], cursors, waits)

    def instant(self, begin: int) -> Iterator[tuple[WindowPart, tuple[Waits, ...]]]:
        """Yield the parts of one instant that have visits, and what has waited."""
        window, done, ahead = Window(self.state, begin, begin + 1, None), [], None
        for part in window.parts():
            done.append(part.without_visits())
            if len(part.paths):
                if ahead is not None:
                    yield ahead, self.waits(window)
                ahead = part
        window.commit(done)
        if ahead is not None:  # the last one, which comes with what is waiting then
            yield ahead, self.waits(window)

    def adapted(self, visits: int, span: int) -> int:
        """Return the length of the next window by how many visits the last one held; expect starts for it."""
        growth = min(max(self.window_size / max(visits, 1), 0.125), 8.0)
        self.state.expected_starts = int(self.state.expected_starts * min(growth, 4.0)) + 8
        return max(int(span * growth), 1)


def visits_of(
    pools: "Sequence[tuple[Pool, list[WindowPart]]]",
    cursors: tuple[PoolCursor, ...],
    waits: tuple[Waits, ...],
) -> Visits:
    """Return the visits of all parts of a window, of each population in order."""
    states, parts = [pool.state for pool, _ in pools], [part for _, own in pools for part in own]
    owners = np.repeat(np.arange(len(pools)), [len(own) for _, own in pools]).tolist()
    columns = [part.paths.columns for part in parts]
    counts, visits, of_states, times = map(_joined, zip(*columns, strict=True))
    worker_rows = np.repeat(np.arange(len(counts)), counts)
    numbers = [part.workers.numbers for part in parts]
    return Visits(
        seeds=np.array([each.machine.seed for each in states]),
        alive=_keys(range(len(states)), [each.alive.numbers for each in states]),
        started=np.array([each.started for each in states]),
        workers=_keys(owners, numbers)[worker_rows],
        visits=visits,
        states=of_states,
        times=times,
        order=_order(times),
        worker_rows=worker_rows,
        before=_joined([part.workers.memory for part in parts]),
        latest=_joined(_latest(parts), axis=1),
        cursor=cursors,
        waits=waits,
    )


def _latest(parts: list[WindowPart]) -> list[Ints]:
    """Return `latest` of each part, with the rows of all parts, one after the other."""
    sizes = np.array([len(part.paths) for part in parts])
    firsts = (np.cumsum(sizes) - sizes).tolist()
    return [
        np.where(part.latest < 0, -1, part.latest + first) if first else part.latest
        for part, first in zip(parts, firsts, strict=True)
    ]


def _keys(populations: Iterable[int], numbers: list[Ints]) -> Ints:
    """Return the keys of workers of populations, one after the other."""
    return _joined([keys_of(*each) for each in zip(populations, numbers, strict=True)])


def _joined(arrays: Sequence[Ints], axis: int = 0) -> Ints:
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
