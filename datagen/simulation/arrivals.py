"""Turns the ends of workers into the starts of the next ones, within one window of time.

The earliest start of a worker is its interarrival time after the last start. It waits while as many are
alive as the limit allows: an end frees a place, and so does a limit that rises.
"""

from collections.abc import Callable, Sequence
from copy import copy
from heapq import heapify, heappop, heappush
from typing import Any

from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.delays import Interarrivals


class Arrivals:
    """The starts of a window, found one by one from how many are alive, when they end, and the last start.

    `ends` is a heap of the ends before the horizon of those alive; `exhausted`: the next start is
    not before the horizon; `waited`: some start had to wait for a place.
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
        self._alive, self.last_start = alive, last_start
        self._not_before, self._horizon = window
        self.ends: list[int] = []
        self._limit_now, self._limit_until = limit.max_workers, -NEVER
        self.waited = self.exhausted = False
        self.time_independent = interarrivals.time_independent and not limit.varies

    def copy(self) -> "Arrivals":
        """Return a copy, whose starts leave this one as it is."""
        other = copy(self)
        other.ends = self.ends.copy()
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

    def starts(self, draws: Sequence[Any], lifetime: Callable[[int, int], int | None]) -> list[int]:
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
            self.last_start = start
            self._alive += 1
            if life < self._horizon - start:
                heappush(self.ends, start + life)
        return starts

    def time_independent_starts(self, gaps: Sequence[int], lifetimes: Sequence[int]) -> list[int]:
        """Return what `starts` does, faster, where neither gaps nor the limit depend on the instant."""
        alive, ends, last = self._alive, self.ends, self.last_start
        most, horizon, starts = self._limit.max_workers, self._horizon, []
        for gap, life in zip(gaps, lifetimes, strict=True):
            start = last + gap
            if start >= horizon:
                break
            while ends and ends[0] <= start:
                heappop(ends)
                alive -= 1
            while alive >= most and ends:  # more than one: a run may resume with a lower limit
                start = heappop(ends)
                alive -= 1
            if alive >= most:
                break
            starts.append(start)
            last = start
            alive += 1
            if life < horizon - start:
                heappush(ends, start + life)
        self._alive, self.last_start, self.exhausted = alive, last, len(starts) < len(gaps)
        return starts

    def _next_start(self, draw: Any) -> int:
        """Return the next start; one that is not before the horizon may be any such instant."""
        start = max(self._earliest(self.last_start, draw), self._not_before)
        while start < self._horizon:
            ends = self.ends
            while ends and ends[0] <= start:
                heappop(ends)
                self._alive -= 1
            if start >= self._limit_until:
                self._limit_now, self._limit_until = self._limit.at(start)
            if self._alive < self._limit_now:
                break
            self.waited = True
            end = ends[0] if ends else NEVER
            limit_changes_first = end >= self._limit_until
            start = (
                min(end, self._limit.next_above(self._alive, start)) if limit_changes_first else end
            )
        return start
