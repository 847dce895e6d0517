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

from datagen.instants import SECOND, Style
from datagen.jsontext import Text, join
from datagen.randomness import Ints

_FRACTION = re.compile(r"(%%|%3f|%f)")
_DIRECTIVE = re.compile(r"%(:z|.?)", re.DOTALL)
_KNOWN = "aAbBcdDeFGgHIjklmMnpPrRsSTtuUVwWxXyYzZ%"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimePattern:
    """A compiled pattern. Raises ValueError for a directive that does not exist."""

    def __init__(self, pattern: str) -> None:
        self._pieces = _FRACTION.split(pattern)
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
        moments, places = np.unique(seconds, return_inverse=True)
        offset = timedelta(microseconds=style.offset)
        zone = timezone(offset, style.suffix) if style.offset else UTC
        local = [
            (_EPOCH + (timedelta(seconds=second) + offset)).replace(tzinfo=zone)
            for second in moments.tolist()
        ]
        pieces: list[Text | str] = [""]
        for piece in self._pieces:
            if piece == "%%":
                pieces.append("%")
            elif piece == "%f":
                pieces.append(_digits(rest, 6))
            elif piece == "%3f":
                pieces.append(_digits(rest // 1000, 3))
            elif piece:
                pieces.append(_whole_seconds(piece, local, places))
        return join(pieces, len(micros))


def _digits(values: Ints, width: int) -> Text:
    """Write numbers below 10**width, width being 3 or 6."""
    if width > 3:
        return join([_digits(values // 1000, width - 3), _digits(values % 1000, 3)], len(values))
    return _thousand().take(pa.array(values))


@lru_cache(maxsize=1)
def _thousand() -> Text:
    return pa.array([f"{value:03d}" for value in range(1000)], pa.string())


def _whole_seconds(piece: str, local: list[datetime], places: Ints) -> Text:
    texts = [_written(piece, moment) for moment in local]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _written(piece: str, moment: datetime) -> str:
    if "%s" in piece:
        piece = piece.replace("%s", str((moment - _EPOCH) // timedelta(seconds=1)))
    piece = piece.replace("%Y", f"{moment.year:04d}")
    piece = piece.replace(
        "%:z", datetime.isoformat(moment, timespec="seconds")[19:]
    )  # strftime's from Python 3.12 on
    return datetime.strftime(moment, piece)
