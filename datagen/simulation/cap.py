"""Turns the largest number of workers, and a curve that lowers it, into the limit at each instant.

limit(t) = max(1, floor(m x min(1, g(t)))) for m workers and a curve g, constant within each minute of
UTC, with g at its beginning. Without a largest number there is no limit, and arrivals are free. A part
of a stream has its share of the limit, so that all parts together have just that: at times it may be 0.
"""

from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE, MINUTES_PER_WEEK, Curve, WeekCache
from datagen.curves.zones import week_and_offset, week_start
from datagen.part import WHOLE, Part

NEVER = (1 << 63) - 1  # an instant after all others
_WEEKS_AHEAD = 8  # that are searched in one call
_ROUNDED_UP = 1 + 2.0**-50  # 100 x 0.29 is 29, not 28


@dataclass(frozen=True)
class _Week:
    """The limit in each minute of a week, and the minute in which it changes next."""

    limits: Ints
    limit_list: list[int]
    until: list[int]


class WorkerLimit:
    """How many workers of a part may be alive at an instant: any number where `max_workers` is None.

    `max_workers` is the largest number of all parts together; the attribute, of this part.
    """

    def __init__(
        self, max_workers: int | None, curve: Curve | None = None, part: Part = WHOLE
    ) -> None:
        self.free, self._curve, self._part = max_workers is None, curve, part
        self._of_all_parts = max_workers or 0
        self.max_workers = NEVER if max_workers is None else part.share(max_workers)
        self._weeks = WeekCache([curve] if curve else [], self._week)

    @property
    def varies(self) -> bool:
        """Return whether the limit depends on the instant."""
        return self._curve is not None

    def at(self, instant: int) -> tuple[int, int]:
        """Return the limit at an instant, and an instant up to which it certainly stays the same."""
        if self._curve is None:
            return self.max_workers, NEVER
        number, offset = week_and_offset(instant)
        week, minute = self._weeks.for_week(number), offset // MINUTE
        return week.limit_list[minute], week_start(number) + week.until[minute] * MINUTE

    def next_above(self, alive: int, after: int) -> int:
        """Return an instant after `after` before which the limit is not above `alive`, or NEVER.

        At that instant it is above, unless it lies more than eight weeks ahead: then ask again there.
        """
        if self._curve is None or alive >= self.max_workers:
            return NEVER
        number, offset = week_and_offset(after)
        minute = offset // MINUTE + 1
        for week in range(number, number + _WEEKS_AHEAD):
            above = self._weeks.for_week(week).limits[minute:] > alive
            if above.any():
                return week_start(week) + (minute + int(above.argmax())) * MINUTE
            minute = 0
        return week_start(number + _WEEKS_AHEAD)

    def _week(self, begins: int) -> _Week:
        instants = begins + np.arange(MINUTES_PER_WEEK) * MINUTE
        heights = (
            np.ones(MINUTES_PER_WEEK) if self._curve is None else self._curve.heights(instants)
        )
        limits = self._part.share(lowered(self._of_all_parts, heights))
        ends = np.append(np.flatnonzero(np.diff(limits)) + 1, MINUTES_PER_WEEK)
        until = ends[np.searchsorted(ends, np.arange(MINUTES_PER_WEEK), side="right")]
        return _Week(limits, limits.tolist(), until.tolist())


def lowered(max_workers: int, heights: Floats) -> Ints:
    """Return the limit of all parts together at some heights of a curve: float64[n] -> int64[n]."""
    limits = np.floor(max_workers * np.minimum(heights, 1.0) * _ROUNDED_UP)
    return np.maximum(limits.astype(np.int64), 1)
