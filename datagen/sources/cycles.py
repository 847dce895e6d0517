"""Turns times that leave out the year, the month, the week or the day into local times that go on.

Each is in the cycle of the one before it, or in the next one where it goes back by more than a cycle's
slack: by less, it is a record that came late. So is one that seems to be almost a whole cycle ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.instants import DAY, SECOND
from datagen.sources.time_dates import first_of, months_of

LEAP_YEAR = 10_957  # 2000-01-01, in days since 1970: all dates of any year exist in 2000
_MONTHS = 360  # January 2000, in months since 1970
_MONDAY = 4  # the first Monday, in days since 1970


@dataclass(frozen=True)
class Cycle:
    """What times leave out: `period` is its length (microseconds).

    `slack` is how far a time may go back within a cycle, `late` how far over its beginning. Cycles are numbered. A place in one, in microseconds, is that in the year 2000, its January, or since
    midnight of Monday or of the day. `default` is the cycle of the first time unless another of the
    `candidates` cycles from there on fits better.
    """

    period: int
    slack: int
    late: int
    months: int
    default: int
    candidates: int

    def split(self, local: Ints) -> tuple[Ints, Ints]:
        """Return the numbers of the cycles of local times, and the places in them: int64[n] each."""
        if not self.months:
            numbers, places = np.divmod(local - _MONDAY * DAY, self.period)
            return numbers, places
        days, within = np.divmod(local, DAY)
        months = months_of(days)
        numbers, months_of_cycle = np.divmod(months, self.months)
        starts = first_of(months_of_cycle + _MONTHS) - LEAP_YEAR
        return numbers, (starts + days - first_of(months)) * DAY + within

    def join(self, numbers: Ints, places: Ints) -> tuple[Ints, Mask]:
        """Return the local times of places in cycles, and which of them exist: int64[n], bool[n]."""
        if not self.months:
            return numbers * self.period + places + _MONDAY * DAY, np.ones(len(places), dtype=bool)
        days, within = np.divmod(places, DAY)
        canonical = days + LEAP_YEAR
        months = months_of(canonical)
        day = canonical - first_of(months)
        months = months - _MONTHS + numbers * self.months
        first = first_of(months)
        exists: Mask = day < first_of(months + 1) - first
        return (first + day) * DAY + within, exists

    def steps(self, places: Ints, before: int) -> Ints:
        """Return in which cycle each place is, counted from that of the place before the first."""
        steps = np.diff(places, prepend=before)
        on, back = steps < -self.slack, steps >= self.period - self.late
        numbers: Ints = np.cumsum(on.astype(np.int64) - back)
        return numbers


CYCLES: Mapping[str, Cycle] = {
    "year": Cycle(366 * DAY, 183 * DAY, 30 * DAY, 12, 55, 28),  # from 2025 on
    "month": Cycle(31 * DAY, 31 * DAY // 2, DAY, 1, 55 * 12, 24),
    "week": Cycle(7 * DAY, 7 * DAY // 2, DAY, 0, 2870, 53),
    "day": Cycle(DAY, 3600 * SECOND, 3600 * SECOND, 0, 20_089 - _MONDAY, 366),
}
