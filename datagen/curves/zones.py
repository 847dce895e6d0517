"""Turns the name of a time zone into local time, by the rules that come with the package tzdata.

The rules of the operating system are not asked: they differ from machine to machine.
"""

from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np

from datagen.arrays import Ints
from datagen.instants import DAY, EPOCH, SECOND, YEAR_1, YEAR_10000

WEEK = 7 * DAY
_MONDAY = 3 * DAY  # from the Monday before 1970, which began on a Thursday
_CYCLE = 20_871  # weeks of 400 years, after which dates fall on the same days of the week
_RULED = (
    22_500  # a week of the year 2401: from then on zones follow rules that depend on dates alone
)

Pattern = tuple[tuple[int, int], ...]


def week_of(instant: int) -> tuple[int, int]:
    """Return the number of the week of an instant, and the microseconds since its Monday began."""
    return divmod(instant + _MONDAY, WEEK)


def weeks_of(instants: Ints) -> tuple[Ints, Ints]:
    """Return the number of each instant's week, and the microseconds since its Monday began."""
    numbers = (instants + _MONDAY) // WEEK
    return numbers, instants + _MONDAY - numbers * WEEK


def week_begins(number: int) -> int:
    """Return the instant at which a week begins."""
    return number * WEEK - _MONDAY


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """List the names of all time zones."""
    return tuple(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=64)
def zone_of(name: str) -> "Zone":
    """Return a time zone by its name, one of `zone_names`."""
    return Zone(name)


class Zone:
    """The offsets of a time zone from UTC, found week by week."""

    def __init__(self, name: str) -> None:
        with files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/")).open("rb") as file:
            self._zone = ZoneInfo.from_file(file, name)
        self._patterns: dict[int, Pattern] = {}

    def pattern(self, week: int) -> Pattern:
        """Return the offsets of a week: from how far into it, and how many microseconds to add."""
        if week > _RULED:
            week = _RULED + (week - _RULED) % _CYCLE
        if week not in self._patterns:
            self._patterns[week] = self._found(week_begins(week))
        return self._patterns[week]

    def local(self, instants: Ints) -> Ints:
        """Return what the clocks show, as microseconds since 1970 would in UTC: int64[n]."""
        numbers, places = weeks_of(instants)
        local = instants.copy()
        for number in np.unique(numbers).tolist():
            rows = np.flatnonzero(numbers == number)
            begins, offsets = map(np.array, zip(*self.pattern(number), strict=True))
            local[rows] += offsets[np.searchsorted(begins, places[rows], side="right") - 1]
        return local

    def _found(self, begins: int) -> Pattern:
        """Look at each midnight of UTC: clocks are not changed there and back within a day."""
        found = [(0, self._offset(begins))]
        for late in range(begins + DAY, begins + WEEK + 1, DAY):
            offset, early = self._offset(min(late, begins + WEEK - SECOND)), late - DAY
            if offset != found[-1][1]:
                found.append((self._change(early, late, offset) - begins, offset))
        return tuple(found)

    def _change(self, early: int, late: int, offset: int) -> int:
        """Return the first second after one instant, up to another, that has an offset."""
        while late - early > SECOND:
            middle = early + (late - early) // (2 * SECOND) * SECOND
            if self._offset(middle) == offset:
                late = middle
            else:
                early = middle
        return late

    def _offset(self, instant: int) -> int:
        held = min(max(instant, YEAR_1 + 2 * DAY), YEAR_10000 - 2 * DAY)  # datetime ends there
        moment = EPOCH + timedelta(microseconds=held)
        offset = moment.astimezone(self._zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)
