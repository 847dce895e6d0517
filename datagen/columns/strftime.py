"""Turns instants into text by a strftime pattern, column by column.

Besides what Python's `strftime` knows, as in the C locale: `%f` microseconds, `%3f` milliseconds,
`%s` seconds since 1970, `%:z` the offset with a colon, `%z` and `%Z` also for instants without an
offset, which count as UTC. `%s` with decimals right after it (`%s%3f`, `%s.%f`) is one number: before
1970 its sign is that of the whole, and the decimals are those of its size.
"""

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns.json_text import join
from datagen.instants import EPOCH, SECOND, Style
from datagen.one_line import printable

_BY_ARRAYS = re.compile(r"(%%|%s[.,]?%3f|%s[.,]?%f|%3f|%f|%H|%M|%S|%s)")
_DIRECTIVE = re.compile(r"%(:z|.?)", re.DOTALL)
_KNOWN = "aAbBcdDeFGgHIjklmMnpPrRsSTtuUVwWxXyYzZ%"
_OF_DAYS = {*"aAbBdDeFGgjmuUVwWxyYzZ", ":z"}
_OF_CLOCK = {"%H": (3600, 24), "%M": (60, 60), "%S": (1, 60)}  # seconds of each, and how many
_SECONDS_PER_DAY = 86_400  # seconds


class TimePattern:
    """A compiled pattern. Raises ValueError for a directive that does not exist."""

    def __init__(self, pattern: str) -> None:
        self._pieces = _BY_ARRAYS.split(pattern)
        for piece in self._pieces[::2]:
            for letter in _DIRECTIVE.findall(piece):
                if letter != ":z" and (not letter or letter not in _KNOWN):
                    raise ValueError(f'"%{printable(letter, 9)}" is not a strftime directive')
            _format_piece(piece, EPOCH).encode()

    def format_datetime(self, moment: datetime) -> str:
        """Return the text of a single instant, which has an offset."""
        text = ""
        for piece in self._pieces:
            if piece == "%%":
                text += "%"
            elif piece.startswith("%s"):
                text += _epoch(piece, (moment - EPOCH) // timedelta(microseconds=1))
            elif piece == "%f":
                text += f"{moment.microsecond:06d}"
            elif piece == "%3f":
                text += f"{moment.microsecond // 1000:03d}"
            elif piece:
                text += _format_piece(piece, moment)
        return text

    def format_instants(self, micros: Ints, style: Style) -> TextArray:
        """Return the texts of instants, microseconds since 1970: int64[n] -> a string array of n."""
        parts = style.split(micros)
        if parts[0][1] is None:
            return self._format(micros, parts[0][0])
        places = np.empty(len(micros), dtype=np.int64)
        places[np.concatenate([rows for _, rows in parts])] = np.arange(len(micros))
        texts = [self._format(micros[rows], each) for each, rows in parts]
        return pa.concat_arrays(texts).take(pa.array(places))

    def _format(self, micros: Ints, style: Style) -> TextArray:
        """Return the texts of instants at one offset."""
        seconds, rest = np.divmod(micros, SECOND)
        days, clock = np.divmod(seconds + style.offset // SECOND, _SECONDS_PER_DAY)
        pieces: list[TextArray | str] = [""]
        for piece in self._pieces:
            if piece == "%%":
                pieces.append("%")
            elif piece == "%f":
                pieces.append(_digits(rest, 6))
            elif piece == "%3f":
                pieces.append(_digits(rest // 1000, 3))
            elif piece.startswith("%s"):
                pieces += _epochs(piece, micros)
            elif piece in _OF_CLOCK:
                size, most = _OF_CLOCK[piece]
                pieces.append(_two_digits().take(pa.array(clock // size % most)))
            elif piece:  # formatted once a day where it depends on nothing but the day
                daily = set(_DIRECTIVE.findall(piece)) <= _OF_DAYS
                local_seconds = (
                    days * _SECONDS_PER_DAY if daily else days * _SECONDS_PER_DAY + clock
                )
                pieces.append(_format_distinct(piece, local_seconds, style))
        return join(pieces, len(micros))


def _epochs(piece: str, micros: Ints) -> list[TextArray | str]:
    """Return the texts, in pieces, of seconds since 1970, maybe with decimals: `%s`, `%s.%3f`."""
    if piece == "%s":
        return [pc.cast(pa.array(micros // SECOND), pa.string())]
    size = np.abs(micros // 1000 * 1000) if piece.endswith("%3f") else np.abs(micros)
    seconds, rest = np.divmod(size, SECOND)
    signs = pa.array(["", "-"]).take(pa.array(((micros < 0) & (size > 0)).astype(np.int64)))
    fraction = _digits(rest // 1000, 3) if piece.endswith("%3f") else _digits(rest, 6)
    return [signs, pc.cast(pa.array(seconds), pa.string()), piece[2:].split("%", 1)[0], fraction]


def _epoch(piece: str, micros: int) -> str:
    """Return what `_epochs` does, of one instant."""
    return str(join(["", *_epochs(piece, np.array([micros]))], 1)[0].as_py())


def _digits(values: Ints, width: int) -> TextArray:
    """Return numbers below 10**width with leading zeros; width is 3 or 6."""
    if width > 3:
        return join([_digits(values // 1000, width - 3), _digits(values % 1000, 3)], len(values))
    return _three_digits().take(pa.array(values))


@lru_cache(maxsize=1)
def _three_digits() -> TextArray:
    return pa.array([f"{value:03d}" for value in range(1000)], pa.string())


@lru_cache(maxsize=1)
def _two_digits() -> TextArray:
    return pa.array([f"{value:02d}" for value in range(60)], pa.string())


def _format_distinct(piece: str, local_seconds: Ints, style: Style) -> TextArray:
    """Return a piece for each instant, formatted once for each different one: int64[n]."""
    distinct, places = np.unique(local_seconds, return_inverse=True)
    offset = timedelta(microseconds=style.offset)
    zone = timezone(offset, style.zone_name)
    local = (EPOCH + timedelta(seconds=second) for second in distinct.tolist())
    texts = [_format_piece(piece, moment.replace(tzinfo=zone)) for moment in local]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _format_piece(piece: str, moment: datetime) -> str:
    piece = piece.replace("%Y", f"{moment.year:04d}")  # strftime may leave out leading zeros
    piece = piece.replace(
        "%:z", datetime.isoformat(moment, timespec="seconds")[19:]
    )  # strftime knows it only from Python 3.12 on
    return datetime.strftime(moment, piece)
