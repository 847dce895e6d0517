"""When the members of a pool that grows are born: evenly, so many a day."""

from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.instants import DAY, YEAR_1, YEAR_10000


@dataclass(frozen=True)
class Births:
    """Member k, from 0, is born at start + (k - initial + 0.5) / per_day days, so the `initial` ones before the start.

    `start` is in microseconds since 1970. None is born before the year 1, nor while an instant of the year 9999 is left.
    """

    start: int
    initial: int
    per_day: float

    def born(self, ids: Ints) -> Ints:
        """Return the instant at which each member is born: int64[n] -> int64[n]; it never falls as ids rise."""
        after = (ids - self.initial + 0.5) * (DAY / self.per_day)
        limited = np.clip(after, YEAR_1 + DAY - self.start, YEAR_10000 - self.start)
        born: Ints = np.rint(limited).astype(np.int64) + self.start
        return born

    def count(self, instants: Ints) -> Ints:
        """Return how many members are born at each instant or before it, those with the first ids: int64[n] -> int64[n]."""
        days: Floats = (instants - self.start) / DAY
        counts = np.maximum(np.floor(days * self.per_day + 0.5).astype(np.int64) + self.initial, 0)
        while (
            more := self.born(counts) <= instants
        ).any():  # what rounding has made wrong: one or two
            counts += more
        while (fewer := (counts > 0) & (self.born(counts - 1) > instants)).any():
            counts -= fewer
        return counts
