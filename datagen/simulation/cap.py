"""Turns the most workers of a run, and a curve that lowers it, into how many may be alive when.

m(t) = max(1, floor(m x min(1, g(t)))), constant within each minute of UTC, with g at its beginning.
"""

from dataclasses import dataclass

import numpy as np

from datagen.arrays import Ints
from datagen.curves.curve import MINUTE, MINUTES_PER_WEEK, Curve, WeekCache
from datagen.curves.zones import week_and_offset, week_start

NEVER = (1 << 63) - 1
_WEEKS = 8  # looked at in one go
_ROUNDED_UP = 1 + 2.0**-50  # 100 x 0.29 is 29, not 28


@dataclass(frozen=True)
class _Table:
    """A week: how many may be alive in each minute, and the minute in which that changes next."""

    caps: Ints
    cap_list: list[int]
    until: list[int]


class WorkerLimit:
    """How many workers may be alive at an instant."""

    def __init__(self, most: int, curve: Curve | None = None) -> None:
        self.most, self._curve = most, curve
        self._weeks = WeekCache([curve] if curve else [], self._table)

    @property
    def changes(self) -> bool:
        """Return whether a curve lowers it."""
        return self._curve is not None

    def at(self, instant: int) -> tuple[int, int]:
        """Return how many may be alive at an instant, and an instant up to which that stays so."""
        if self._curve is None:
            return self.most, NEVER
        number, place = week_and_offset(instant)
        table, minute = self._weeks.for_week(number), place // MINUTE
        return table.cap_list[minute], week_start(number) + table.until[minute] * MINUTE

    def next_above(self, alive: int, after: int) -> int:
        """Return an instant after one, before which no more may be alive than so many, or NEVER.

        At that instant more may be alive, unless it lies weeks ahead.
        """
        if self._curve is None or alive >= self.most:
            return NEVER
        number, place = week_and_offset(after)
        minute = place // MINUTE + 1
        for week in range(number, number + _WEEKS):
            more = self._weeks.for_week(week).caps[minute:] > alive
            if more.any():
                return week_start(week) + (minute + int(more.argmax())) * MINUTE
            minute = 0
        return week_start(number + _WEEKS)

    def _table(self, begins: int) -> _Table:
        instants = begins + np.arange(MINUTES_PER_WEEK) * MINUTE
        heights = (
            np.ones(MINUTES_PER_WEEK) if self._curve is None else self._curve.heights(instants)
        )
        lowered = np.floor(self.most * np.minimum(heights, 1.0) * _ROUNDED_UP).astype(np.int64)
        caps = np.maximum(lowered, 1)
        ends = np.append(np.flatnonzero(np.diff(caps)) + 1, MINUTES_PER_WEEK)
        until = ends[np.searchsorted(ends, np.arange(MINUTES_PER_WEEK), side="right")]
        return _Table(caps, caps.tolist(), until.tolist())
