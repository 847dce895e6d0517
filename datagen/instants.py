"""Turns ISO 8601 text into instants (whole microseconds since 1970 in UTC) and back into text."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Ints

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_SEPARATOR = re.compile(r"(?<=\d)[t ](?=\d)")
_SUFFIX = re.compile(r"T.*?(Z|[+-]\d\d(?::?\d\d)?)$", re.IGNORECASE)
YEAR_1 = -62_135_596_800 * SECOND
YEAR_10000 = 253_402_300_800 * SECOND
_DAYS_PER_TABLE = 512


@dataclass(frozen=True)
class Style:
    """How an instant is written: its offset from UTC in microseconds, the text of it, what `%Z` writes, and 3 or 6 decimals.

    The base of a family: in a style of a time zone the offset depends on the instant.
    """

    offset: int = 0
    suffix: str = ""
    abbreviation: str = ""
    digits: int = 3
    offset_is_fixed: ClassVar[bool] = True

    @property
    def limits(self) -> tuple[int, int]:
        """Return the instants [first, last) whose local year has four digits."""
        return YEAR_1 - self.offset, YEAR_10000 - self.offset

    @property
    def zone_name(self) -> str:
        """Return what `%Z` writes; an instant without an offset counts as UTC."""
        return self.abbreviation or (self.suffix if self.offset else "UTC")

    def at(self, micros: int) -> "Style":
        """Return how one instant is written, whose offset is known."""
        del micros
        return self

    def split(self, micros: Ints) -> "list[tuple[Style, Ints | None]]":
        """Return the styles of n instants whose offset is known, each with its rows; None: all."""
        del micros
        return [(self, None)]

    def local_times(self, micros: Ints) -> Ints:
        """Return what local clocks show, as microseconds since 1970 in local time: int64[n] -> int64[n]."""
        return micros + self.offset

    def instant_of(self, local: int) -> int:
        """Return the instant at which local clocks show a time."""
        return local - self.offset

    def placed(self, instant: "Instant") -> "Instant":
        """Return an instant of a specification or a flag as this style has it."""
        return instant


NAIVE = Style()
UTC_STYLE = Style(0, "+00:00")


@dataclass(frozen=True)
class Instant:
    """A point in time: microseconds since 1970 in UTC, and how it was written."""

    micros: int
    style: Style = NAIVE

    def __str__(self) -> str:
        """Return ISO 8601 with six decimals, so that the text parses back to this very instant."""
        style = self.style.at(self.micros)
        local = datetime(1970, 1, 1) + timedelta(microseconds=self.micros + style.offset)  # noqa: DTZ001
        return local.isoformat(timespec="microseconds") + style.suffix


def parse_instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 text, a date or a time; without an offset it counts as UTC.

    Raises ValueError for anything else.
    """
    text = _SEPARATOR.sub("T", text.strip(), count=1)
    try:
        moment = _moment(text)
        offset = moment.utcoffset() or timedelta()
        micros = (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not an ISO 8601 instant such as 2027-03-12T10:30:00: {error}") from error
    suffix = _SUFFIX.search(text) if moment.tzinfo else None
    offset_micros = offset // timedelta(microseconds=1)
    return Instant(
        micros - offset_micros, Style(offset_micros, suffix[1].upper() if suffix else "")
    )


def _moment(text: str) -> datetime:
    """Return what an ISO 8601 text says. Raises ValueError."""
    if _USUAL.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    from dateutil.parser import isoparser  # noqa: PLC0415 - most texts are of the usual form

    return isoparser(sep="T").isoparse(text)


def utc_now() -> Instant:
    """Return the present instant, written without an offset."""
    return Instant((datetime.now(UTC) - EPOCH) // timedelta(microseconds=1))


def iso_bytes(micros: Ints, style: Style) -> NDArray[Any]:
    """Return instants as ISO 8601 with the decimals of a style, truncated: int64[n] -> bytes[n] in quotes.

    All texts have the same width; the array is structured and contiguous, to be read as a buffer.
    """
    parts = style.split(micros)
    if parts[0][1] is None:
        return _iso_bytes(micros, parts[0][0])
    texts = [(rows, _iso_bytes(micros[rows], each)) for each, rows in parts]
    joined = np.empty(len(micros), dtype=texts[0][1].dtype)
    for rows, text in texts:
        joined[rows] = text
    return joined


def _iso_bytes(micros: Ints, style: Style) -> NDArray[Any]:
    milliseconds, rest_of_each = np.divmod(micros + style.offset, 1000)
    days, rest = np.divmod(milliseconds, 86_400_000)
    seconds, thousandths = np.divmod(rest, 1000)
    if style.digits == 3:
        tails = [(_thousandths(f'{style.suffix}"'), thousandths)]
    else:
        tails = [
            (_thousandths(), thousandths),
            (_thousandths(f'{style.suffix}"', ""), rest_of_each),
        ]
    types = [("day", "S11"), ("second", "S9")]
    text = np.empty(
        len(micros),
        dtype=[*types, *((f"{place}", each.dtype) for place, (each, _) in enumerate(tails))],
    )
    text["day"] = _days(days)
    text["second"] = _seconds_of_day()[seconds]
    for place, (table, numbers) in enumerate(tails):
        text[f"{place}"] = table[numbers]
    return text


def _days(days: Ints) -> NDArray[Any]:
    """Return `"2027-03-12` for each day since 1970."""
    if not len(days):
        return np.empty(0, dtype="S11")
    first, last = int(days.min()) // _DAYS_PER_TABLE, int(days.max()) // _DAYS_PER_TABLE
    if last - first > 64:
        distinct, places = np.unique(days, return_inverse=True)
        return _day_texts(distinct)[places]
    return _day_table(first, last)[days - first * _DAYS_PER_TABLE]


@lru_cache(maxsize=64)
def _day_table(first: int, last: int) -> NDArray[Any]:
    return _day_texts(np.arange(first * _DAYS_PER_TABLE, (last + 1) * _DAYS_PER_TABLE))


def _day_texts(days: Ints) -> NDArray[Any]:
    return np.char.add(b'"', np.datetime_as_string(days.astype("M8[D]")).astype("S10"))


@lru_cache(maxsize=1)
def _seconds_of_day() -> NDArray[Any]:
    sixty = np.array([b":%02d" % count for count in range(60)])
    text = np.empty((24, 60, 60, 3), dtype="S3")
    text[..., 0] = np.array([b"T%02d" % count for count in range(24)])[:, None, None]
    text[..., 1] = sixty[:, None]
    text[..., 2] = sixty
    return text.reshape(-1).view("S9")


@lru_cache(maxsize=16)
def _thousandths(suffix: str = "", prefix: str = ".") -> NDArray[Any]:
    return np.array([f"{prefix}{count:03d}{suffix}".encode() for count in range(1000)])
