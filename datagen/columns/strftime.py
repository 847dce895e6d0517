"""Turns instants into text by a strftime pattern, column by column.

Besides what Python's `strftime` knows, as in the C locale: `%f` microseconds, `%3f` milliseconds,
`%s` seconds since 1970, `%:z` the offset with a colon, `%z` and `%Z` also for instants without an
offset, which count as UTC.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints
from datagen.columns.json_text import Text, join
from datagen.instants import SECOND, Style

_ALONE = re.compile(r"(%%|%3f|%f|%H|%M|%S|%s)")  # what is written by arrays, each on its own
_DIRECTIVE = re.compile(r"%(:z|.?)", re.DOTALL)
_KNOWN = "aAbBcdDeFGgHIjklmMnpPrRsSTtuUVwWxXyYzZ%"
_OF_DAYS = {*"aAbBdDeFGgjmuUVwWxyYzZ", ":z"}
_OF_CLOCK = {"%H": (3600, 24), "%M": (60, 60), "%S": (1, 60)}  # seconds of each, and how many
_DAY = 86_400  # seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimePattern:
    """A compiled pattern. Raises ValueError for a directive that does not exist."""

    def __init__(self, pattern: str) -> None:
        self._pieces = _ALONE.split(pattern)
        for piece in self._pieces[::2]:
            for letter in _DIRECTIVE.findall(piece):
                if letter != ":z" and (not letter or letter not in _KNOWN):
                    raise ValueError(f'"%{letter}" is no directive of strftime')
            _written(piece, _EPOCH).encode()

    def of_moment(self, moment: datetime) -> str:
        """Write a single instant, which has an offset."""
        text = ""
        for piece in self._pieces:
            if piece == "%%":
                text += "%"
            elif piece == "%f":
                text += f"{moment.microsecond:06d}"
            elif piece == "%3f":
                text += f"{moment.microsecond // 1000:03d}"
            elif piece:
                text += _written(piece, moment)
        return text

    def text(self, micros: Ints, style: Style) -> Text:
        """Write instants, microseconds since 1970: int64[n] -> a string array of n."""
        seconds, rest = np.divmod(micros, SECOND)
        days, clock = np.divmod(seconds + style.offset // SECOND, _DAY)
        pieces: list[Text | str] = [""]
        for piece in self._pieces:
            if piece == "%%":
                pieces.append("%")
            elif piece == "%f":
                pieces.append(_digits(rest, 6))
            elif piece == "%3f":
                pieces.append(_digits(rest // 1000, 3))
            elif piece == "%s":
                pieces.append(pc.cast(pa.array(seconds), pa.string()))
            elif piece in _OF_CLOCK:
                size, most = _OF_CLOCK[piece]
                pieces.append(_sixty().take(pa.array(clock // size % most)))
            elif piece:  # written once a day where it is about nothing but the day
                daily = set(_DIRECTIVE.findall(piece)) <= _OF_DAYS
                to_datetimes = days * _DAY if daily else days * _DAY + clock
                pieces.append(_each_once(piece, to_datetimes, style))
        return join(pieces, len(micros))


def _digits(values: Ints, width: int) -> Text:
    """Write numbers below 10**width, width being 3 or 6."""
    if width > 3:
        return join([_digits(values // 1000, width - 3), _digits(values % 1000, 3)], len(values))
    return _thousand().take(pa.array(values))


@lru_cache(maxsize=1)
def _thousand() -> Text:
    return pa.array([f"{value:03d}" for value in range(1000)], pa.string())


@lru_cache(maxsize=1)
def _sixty() -> Text:
    return pa.array([f"{value:02d}" for value in range(60)], pa.string())


def _each_once(piece: str, to_datetimes: Ints, style: Style) -> Text:
    """Write each different moment once: local seconds since 1970, int64[n]."""
    different, places = np.unique(to_datetimes, return_inverse=True)
    offset = timedelta(microseconds=style.offset)
    zone = timezone(offset, style.suffix) if style.offset else UTC
    local = (_EPOCH + timedelta(seconds=second) for second in different.tolist())
    texts = [_written(piece, moment.replace(tzinfo=zone)) for moment in local]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _written(piece: str, moment: datetime) -> str:
    if "%s" in piece:
        piece = piece.replace("%s", str((moment - _EPOCH) // timedelta(seconds=1)))
    piece = piece.replace("%Y", f"{moment.year:04d}")
    piece = piece.replace(
        "%:z", datetime.isoformat(moment, timespec="seconds")[19:]
    )  # strftime's from Python 3.12 on
    return datetime.strftime(moment, piece)
