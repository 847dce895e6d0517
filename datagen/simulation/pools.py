"""Merges the windows of several populations, each a pool of its own, into windows in order of (time, population, worker, visit).

All pools go on to the same horizon. How long a window is has no effect on the visits.
"""

from collections.abc import Iterator, Sequence

from datagen.batch import Waits
from datagen.instants import SECOND
from datagen.simulation.paths import TooManyVisits
from datagen.simulation.pool import MAX_VISITS, Pool, visits_of
from datagen.simulation.states import PoolCursor
from datagen.simulation.visits import Visits
from datagen.simulation.windows import Window, WindowPart


class Pools:
    """The workers of a run that has several populations: a stream, as a `Pool` is one."""

    def __init__(self, pools: Sequence[Pool], end: int) -> None:
        """Begin where the pools are, end before an instant: microseconds since 1970."""
        self._pools = pools
        self.end = end
        self.span = SECOND
        self.window_size = 64

    @property
    def exhausted(self) -> bool:
        """Return whether nobody is alive, and nobody will be."""
        return all(each.exhausted for each in self._pools)

    @property
    def cursors(self) -> tuple[PoolCursor, ...]:
        """Return the position of each population."""
        return tuple(each.cursor() for each in self._pools)

    def windows(self) -> Iterator[Visits]:
        """Walk the machine until the end; yield one window after the other.

        Raises StuckClockError where time would never pass.
        """
        while (begin := min(each.next_instant() for each in self._pools)) < self.end:
            yield from self._window(begin)

    def request_window_size(self, visits: int) -> None:
        """Ask for windows of about this many visits."""
        size = min(max(visits, 1), MAX_VISITS)
        self.span = max(self.span * size // self.window_size, 1)
        self.window_size = size
        for each in self._pools:
            each.window_size = size

    def jump(self, by: int, until: int) -> None:
        """Move workers and arrivals `by` microseconds on, to go on at the instant `until`."""
        for each in self._pools:
            each.jump(by, until)

    def close(self) -> None:
        """Close; nothing is held."""

    def _window(self, begin: int) -> Iterator[Visits]:
        """Yield the next window: a shorter one where that holds too many visits."""
        shorter = 1
        while True:
            horizon = min(begin + self.span, self.end)
            try:
                attempts = self._attempts(begin, horizon)
            except TooManyVisits:
                if horizon == begin + 1:
                    yield from self._instant(begin)
                    return
                shorter *= 2
                self.span = max((horizon - begin) // shorter, 1)
                continue
            cursors = self.cursors
            for pool, (window, parts) in zip(self._pools, attempts, strict=True):
                if window is None:
                    pool.state.since = horizon
                else:
                    window.commit(parts)
            waits = self._waits([window for window, _ in attempts])
            found = [(pool, parts) for pool, (_, parts) in zip(self._pools, attempts, strict=True)]
            visits = visits_of(found, cursors, waits)
            self.span = min(
                pool.adapted(len(visits), horizon - begin)
                for pool, (window, _) in zip(self._pools, attempts, strict=True)
                if window is not None
            )
            yield visits
            return

    def _attempts(self, begin: int, horizon: int) -> list[tuple[Window | None, list[WindowPart]]]:
        """Return the window of each pool, None where nothing happens before the horizon. Raises TooManyVisits."""
        left = 2 * self.window_size
        found: list[tuple[Window | None, list[WindowPart]]] = []
        for pool in self._pools:
            if pool.next_instant() >= horizon:
                found.append((None, []))
                continue
            window, parts = pool.attempt(begin, horizon, left)
            left -= sum(len(part.paths) for part in parts)
            found.append((window, parts))
        return found

    def _instant(self, begin: int) -> Iterator[Visits]:
        """Yield one instant that holds more visits than a window may, cut by (population, worker, visit)."""
        cursors = self.cursors
        for number, pool in enumerate(self._pools):
            if pool.next_instant() > begin:
                pool.state.since = begin + 1
                continue
            for part, waits in pool.instant(begin):
                found = [(each, [part] if each is pool else []) for each in self._pools]
                others = [() if each is pool else each.waits(None) for each in self._pools]
                others[number] = waits
                yield visits_of(found, cursors, tuple(one for own in others for one in own))

    def _waits(self, windows: Sequence[Window | None]) -> tuple[Waits, ...]:
        """Return what has waited in the windows of all pools."""
        found = [pool.waits(window) for pool, window in zip(self._pools, windows, strict=True)]
        return tuple(one for own in found for one in own)
