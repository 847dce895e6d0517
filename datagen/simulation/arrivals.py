"""Turns the ends of workers into the starts of the next, within one window of time.

The next worker is due some time after the last one started. It waits while as many are alive as may
be: an end frees a place, and so does a cap that rises.
"""

from collections.abc import Callable, Sequence
from copy import copy
from heapq import heapify, heappop, heappush
from typing import Any

from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.machine import Machine


class Arrivals:
    """What decides the next start: how many are alive, when they end, who came last."""

    def __init__(
        self, machine: Machine, cap: WorkerLimit, window: tuple[int, int], alive: int, last: int
    ) -> None:
        """Begin with a window [begin, horizon), up to which nobody could start."""
        self._cap, self._due, self._alive, self.last = (
            cap,
            machine.interarrivals.next_start,
            alive,
            last,
        )
        self._not_before, self._horizon = window
        self.ends: list[int] = []
        self._most, self._most_until = cap.most, -NEVER
        self.waited = self.over = False
        self.time_independent = machine.interarrivals.time_independent and not cap.changes

    def copy(self) -> "Arrivals":
        """Return the same, to try something."""
        other = copy(self)
        other.ends = self.ends.copy()
        return other

    def expect(self, ends: list[int]) -> None:
        """Hear of ends of those alive, all before the horizon."""
        self.ends += ends
        heapify(self.ends)

    def can_start(self) -> bool:
        """Return whether a start before the horizon is possible as far as the cap goes."""
        if self.over:
            return False
        if self.ends or self._alive < self._cap.at(self._not_before)[0]:
            return True
        return self._cap.next_above(self._alive, self._not_before) < self._horizon

    def starts(self, draws: Sequence[Any], life_of: Callable[[int, int], int | None]) -> list[int]:
        """Return the starts, before the horizon, of as many of the next workers as there are.

        `life_of` tells from a worker's place and start how long it is alive, which may be NEVER, or
        None to stop before that worker.
        """
        starts: list[int] = []
        for place, draw in enumerate(draws):
            start = self._next_start(draw)
            if start >= self._horizon:
                self.over = True
                break
            life = life_of(place, start)
            if life is None:
                self._not_before = start
                break
            starts.append(start)
            self.last = start
            self._alive += 1
            if life < self._horizon - start:
                heappush(self.ends, start + life)
        return starts

    def time_independent_starts(self, gaps: Sequence[int], lives: Sequence[int]) -> list[int]:
        """Do the same, faster, where neither gaps nor the cap depend on the instant."""
        alive, ends, last = self._alive, self.ends, self.last
        most, horizon, starts = self._cap.most, self._horizon, []
        for gap, life in zip(gaps, lives, strict=True):
            start = last + gap
            if start >= horizon:
                break
            while ends and ends[0] <= start:
                heappop(ends)
                alive -= 1
            while alive >= most and ends:  # more than one: a run may go on with a lower cap
                start = heappop(ends)
                alive -= 1
            if alive >= most:
                break
            starts.append(start)
            last = start
            alive += 1
            if life < horizon - start:
                heappush(ends, start + life)
        self._alive, self.last, self.over = alive, last, len(starts) < len(gaps)
        return starts

    def _next_start(self, draw: Any) -> int:
        """Return the next start; one from the horizon on may be any."""
        start = max(self._due(self.last, draw), self._not_before)
        while start < self._horizon:
            ends = self.ends
            while ends and ends[0] <= start:
                heappop(ends)
                self._alive -= 1
            if start >= self._most_until:
                self._most, self._most_until = self._cap.at(start)
            if self._alive < self._most:
                break
            self.waited = True
            end = ends[0] if ends else NEVER
            later = end >= self._most_until
            start = min(end, self._cap.next_above(self._alive, start)) if later else end
        return start
