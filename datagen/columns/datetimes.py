"""Turns instants into Python's datetimes, whose texts are those of columns of instants."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.columns.strftime import TimePattern
from datagen.instants import EPOCH, Style


class StyleZone(tzinfo):
    """The offset of a style; an instant without one counts as UTC."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self._offset = timedelta(microseconds=style.offset)

    def utcoffset(self, moment: datetime | None) -> timedelta:
        del moment
        return self._offset

    def dst(self, moment: datetime | None) -> None:
        del moment

    def tzname(self, moment: datetime | None) -> str:
        del moment
        return self.style.zone_name


class StyledDatetime(datetime):
    """An instant whose text is that in JSON: three decimals, truncated, and the offset as in its style.

    A number that is added or subtracted is one of seconds.
    """

    def __str__(self) -> str:
        return self.isoformat()

    def isoformat(self, sep: str = "T", timespec: str = "milliseconds") -> str:
        """Return ISO 8601 text, with the offset as its style writes it."""
        zone = self.tzinfo
        if not isinstance(zone, StyleZone):
            return super().isoformat(sep, timespec)
        return self.replace(tzinfo=None).isoformat(sep, timespec) + zone.style.suffix

    def strftime(self, format: str) -> str:  # noqa: A002 - its name in Python
        """Return text by a pattern as `TimePattern` knows it. Raises ValueError."""
        return _compiled(format).format_datetime(self)

    def timestamp(self) -> float:
        """Return the seconds since 1970."""
        return (datetime.__sub__(self, EPOCH)).total_seconds()

    def __add__(self, other: Any) -> Any:
        return super().__add__(_span(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return super().__sub__(_span(other))


def _span(value: Any) -> Any:
    """Return a number of seconds as a length of time, rounded to even as in expressions, and others as they are."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(microseconds=round(value * 1_000_000))
    return value


def to_datetimes(micros: Ints, style: Style) -> list[Any]:
    """Return instants, microseconds since 1970, as datetimes: int64[n] -> n of them."""
    parts = style.split(micros)
    if parts[0][1] is None:
        return _datetimes(micros, parts[0][0])
    moments = np.empty(len(micros), dtype=object)
    for each, rows in parts:
        moments[rows] = _datetimes(micros[rows], each)
    found: list[Any] = moments.tolist()
    return found


def _datetimes(micros: Ints, style: Style) -> list[Any]:
    epoch = StyledDatetime(1970, 1, 1, tzinfo=StyleZone(style)) + timedelta(
        microseconds=style.offset
    )
    return [epoch + timedelta(microseconds=each) for each in micros.tolist()]


@lru_cache(maxsize=256)
def _compiled(text: str) -> TimePattern:
    return TimePattern(text)
