"""Turns the ends of workers into the starts of the next ones, within one window of time.

The earliest start of a worker is its interarrival time after the last start. It waits while as many are
alive as the limit allows: an end frees a place, and so does a limit that rises. Where arrivals are free
nobody waits, and nobody counts places.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from copy import copy
from heapq import heapify, heappop, heappush, heapreplace
from itertools import accumulate
from typing import Any, Self

from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.interarrivals import Interarrivals

Lifetime = Callable[[int, int], int | None]


def arrivals_of(
    interarrivals: Interarrivals,
    limit: WorkerLimit,
    window: tuple[int, int],
    alive: int,
    last_start: int,
) -> "Arrivals | FreeArrivals":
    """Return the arrivals of a window, as a limit has them."""
    if limit.free:
        return FreeArrivals(interarrivals, window, last_start)
    return Arrivals(interarrivals, limit, window, alive, last_start)


class Arrivals:
    """The starts of a window, found one by one from how many are alive, when they end, and the last start.

    `ends` is a heap of the ends before the horizon of those alive; `exhausted`: the next start is
    not before the horizon. `waits` are due and start, one after the other, of each that had to wait for a place.
    """

    def __init__(
        self,
        interarrivals: Interarrivals,
        limit: WorkerLimit,
        window: tuple[int, int],
        alive: int,
        last_start: int,
    ) -> None:
        """Begin with a window [begin, horizon), before which nobody can start any more."""
        self._limit, self._earliest = limit, interarrivals.next_start
        self._openings = interarrivals.openings
        self._alive, self.last_start = alive, last_start
        self._not_before, self._horizon = window
        self.ends: list[int] = []
        self._limit_now, self._limit_until = limit.max_workers, -NEVER
        self.exhausted, self._due = False, last_start
        self.waits = array("q")
        self.time_independent = interarrivals.time_independent and not limit.varies

    def copy(self) -> Self:
        """Return a copy, whose starts leave this one as it is."""
        other = copy(self)
        other.ends, other.waits = self.ends.copy(), self.waits[:]
        return other

    def add_ends(self, ends: list[int]) -> None:
        """Add ends of those alive, all before the horizon."""
        self.ends += ends
        heapify(self.ends)

    def can_start(self) -> bool:
        """Return whether a start before the horizon is possible as far as the limit goes."""
        if self.exhausted:
            return False
        if self.ends or self._alive < self._limit.at(self._not_before)[0]:
            return True
        return self._limit.next_above(self._alive, self._not_before) < self._horizon

    def starts(self, draws: Sequence[Any], lifetime: Lifetime) -> list[int]:
        """Return the starts, before the horizon, of as many of the next workers as there are.

        `lifetime` gives, from a worker's place and start, how long it is alive, which may be NEVER, or
        None to stop before that worker.
        """
        starts: list[int] = []
        for place, draw in enumerate(draws):
            start = self._next_start(draw)
            if start >= self._horizon:
                self.exhausted = True
                break
            life = lifetime(place, start)
            if life is None:
                self._not_before = start
                break
            starts.append(start)
            if start > self._due:
                self.waits.extend((self._due, start))
            self.last_start = start
            self._alive += 1
            if life < self._horizon - start:
                heappush(self.ends, start + life)
        return starts

    def time_independent_starts(self, gaps: Sequence[int], lifetimes: Sequence[int]) -> list[int]:
        """Return what `starts` does, faster, where neither gaps nor the limit depend on the instant."""
        alive, ends, last = self._alive, self.ends, self.last_start
        most, horizon, starts = self._limit.max_workers, self._horizon, []
        note = self.waits.append
        for gap, life in zip(gaps, lifetimes, strict=True):
            start = last + gap
            if start >= horizon:
                break
            while ends and ends[0] <= start:
                heappop(ends)
                alive -= 1
            if alive >= most:
                due = start
                while alive > most and ends:  # a run may resume with a lower limit
                    heappop(ends)
                    alive -= 1
                if not ends:
                    break
                start = last = ends[0]
                note(due)
                note(start)
                starts.append(start)
                if life < horizon - start:
                    heapreplace(ends, start + life)
                else:
                    heappop(ends)
                continue
            starts.append(start)
            last = start
            alive += 1
            if life < horizon - start:
                heappush(ends, start + life)
        self._alive, self.last_start, self.exhausted = alive, last, len(starts) < len(gaps)
        return starts

    def _next_start(self, draw: Any) -> int:
        """Return the next start; one that is not before the horizon may be any such instant."""
        self._due = self._earliest(self.last_start, draw)
        start = max(self._due, self._not_before)
        if self._openings is not None:
            start = self._openings.opening(start)
        while start < self._horizon:
            ends = self.ends
            while ends and ends[0] <= start:
                heappop(ends)
                self._alive -= 1
            if start >= self._limit_until:
                self._limit_now, self._limit_until = self._limit.at(start)
            if self._alive < self._limit_now:
                break
            end = ends[0] if ends else NEVER
            limit_changes_first = end >= self._limit_until
            start = (
                min(end, self._limit.next_above(self._alive, start)) if limit_changes_first else end
            )
            if self._openings is not None:
                start = self._openings.opening(start)
        return start


class FreeArrivals:
    """The starts of a window where nothing holds arrivals back: what `Arrivals` is, without a limit."""

    def __init__(
        self, interarrivals: Interarrivals, window: tuple[int, int], last_start: int
    ) -> None:
        """Begin with a window [begin, horizon)."""
        self._earliest, self.last_start = interarrivals.next_start, last_start
        self._horizon = window[1]
        self.exhausted = False
        self.waits = array("q")  # always empty
        self.time_independent = interarrivals.time_independent

    def copy(self) -> Self:
        """Return a copy, whose starts leave this one as it is."""
        return copy(self)

    def add_ends(self, ends: list[int]) -> None:
        """Do nothing: no end frees a place."""

    def can_start(self) -> bool:
        """Return whether a start before the horizon is possible."""
        return not self.exhausted

    def starts(self, draws: Sequence[Any], lifetime: Lifetime) -> list[int]:
        """Return the starts, before the horizon, of as many of the next workers as there are.

        `lifetime` is as in `Arrivals`.
        """
        starts: list[int] = []
        for place, draw in enumerate(draws):
            start = self._earliest(self.last_start, draw)
            if start >= self._horizon:
                self.exhausted = True
                break
            if lifetime(place, start) is None:
                break
            starts.append(start)
            self.last_start = start
        return starts

    def time_independent_starts(self, gaps: Sequence[int], lifetimes: Sequence[int]) -> list[int]:
        """Return what `starts` does, faster, where gaps do not depend on the instant."""
        del lifetimes
        starts = list(accumulate(gaps, initial=self.last_start))
        within = bisect_left(starts, self._horizon, 1)
        self.exhausted = within < len(starts)
        self.last_start = starts[within - 1]
        return starts[1:within]
