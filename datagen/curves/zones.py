"""Turns the name of a time zone into local time, by the rules that come with the package tzdata.

The rules of the operating system are not used: they differ from machine to machine.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np

from datagen.arrays import Ints
from datagen.instants import DAY, EPOCH, SECOND, YEAR_1, YEAR_10000
from datagen.spelling import closest_name
from datagen.validation import invalid_value, quoted

WEEK = 7 * DAY
_MONDAY_TO_EPOCH = 3 * DAY  # 1970 began on a Thursday
_CYCLE = 20_871  # weeks in 400 years, after which dates fall on the same days of the week
# A week of the year 2401: from then on, zones follow rules that depend on dates alone.
_FIRST_RULED_WEEK = 22_500

Offsets = tuple[tuple[int, int], ...]


def week_and_offset(instant: int) -> tuple[int, int]:
    """Return the number of an instant's week, and the microseconds since that week's Monday began."""
    return divmod(instant + _MONDAY_TO_EPOCH, WEEK)


def weeks_and_offsets(instants: Ints) -> tuple[Ints, Ints]:
    """Return what `week_and_offset` does for each instant: int64[n] -> int64[n], int64[n]."""
    numbers = (instants + _MONDAY_TO_EPOCH) // WEEK
    return numbers, instants + _MONDAY_TO_EPOCH - numbers * WEEK


def week_start(number: int) -> int:
    """Return the instant at which a week begins, microseconds since 1970."""
    return number * WEEK - _MONDAY_TO_EPOCH


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones."""
    return tuple(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def known_zone(name: str) -> str:
    """Return the name of a time zone. Raises PydanticCustomError, a ValueError, where there is none."""
    if name not in zone_names():
        closest = closest_name(name, zone_names())
        hint = (
            f"did you mean {quoted(closest)}?" if closest else "give a name such as Europe/Berlin"
        )
        raise invalid_value(f"no time zone {quoted(name)}; {hint}")
    return name


@lru_cache(maxsize=64)
def zone_of(name: str) -> "Zone":
    """Return a time zone by its name, one of `zone_names`."""
    return Zone(name)


class Zone:
    """The offsets of a time zone from UTC, computed week by week."""

    def __init__(self, name: str) -> None:
        with files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/")).open("rb") as file:
            self._zone = ZoneInfo.from_file(file, name)
        self._offsets: dict[int, Offsets] = {}

    def __reduce__(self) -> tuple[Callable[[str], "Zone"], tuple[str]]:
        """Return what another process makes it of: its rules come from a stream, which cannot be handed over."""
        return zone_of, (str(self._zone.key),)

    def offsets(self, week: int) -> Offsets:
        """Return the offsets from UTC within a week, by its number.

        Pairs of microseconds: since the week began, and from then on to be added to UTC.
        """
        if week > _FIRST_RULED_WEEK:
            week = _FIRST_RULED_WEEK + (week - _FIRST_RULED_WEEK) % _CYCLE
        if week not in self._offsets:
            self._offsets[week] = self._compute_offsets(week_start(week))
        return self._offsets[week]

    def local_times(self, instants: Ints) -> Ints:
        """Return what local clocks show, as microseconds since 1970 in local time.

        int64[n], microseconds since 1970 in UTC -> int64[n].
        """
        numbers, offsets_in_week = weeks_and_offsets(instants)
        local = instants.copy()
        for number in np.unique(numbers).tolist():
            rows = np.flatnonzero(numbers == number)
            begins, offsets = map(np.array, zip(*self.offsets(number), strict=True))
            local[rows] += offsets[np.searchsorted(begins, offsets_in_week[rows], side="right") - 1]
        return local

    def local_type(self, instant: int) -> tuple[int, str]:
        """Return the offset from UTC at an instant, in microseconds, and its abbreviation, such as CEST."""
        local = self._local(instant)
        offset = local.utcoffset() or timedelta()
        return offset // timedelta(microseconds=1), local.tzname() or ""

    def _compute_offsets(self, begins: int) -> Offsets:
        """Compare the midnights of UTC: clocks are not changed there and back within a day."""
        offsets = [(0, self._offset(begins))]
        for late in range(begins + DAY, begins + WEEK + 1, DAY):
            offset, early = self._offset(min(late, begins + WEEK - SECOND)), late - DAY
            if offset != offsets[-1][1]:
                offsets.append((self._first_with(offset, early, late) - begins, offset))
        return tuple(offsets)

    def _first_with(self, offset: int, early: int, late: int) -> int:
        """Return the first second after `early`, up to `late`, that has an offset, by bisection."""
        while late - early > SECOND:
            middle = early + (late - early) // (2 * SECOND) * SECOND
            if self._offset(middle) == offset:
                late = middle
            else:
                early = middle
        return late

    def _offset(self, instant: int) -> int:
        offset = self._local(instant).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)

    def _local(self, instant: int) -> datetime:
        clipped = min(max(instant, YEAR_1 + 2 * DAY), YEAR_10000 - 2 * DAY)  # of datetime
        return (EPOCH + timedelta(microseconds=clipped)).astimezone(self._zone)
