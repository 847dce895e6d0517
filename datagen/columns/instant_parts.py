"""Turns instants into the parts of their JSON text: what many have in common, and the rest by tables."""

from functools import lru_cache

import numpy as np

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.pieces import Part, Piece
from datagen.instants import SECOND, Style, iso_bytes

_UNITS = {1: 20, 60: 18, 3600: 15}  # seconds, and where texts of instants that share them part
_SECONDS_END = 20


def instant_parts(micros: Ints, style: Style) -> list[Part] | None:
    """Return the parts of instants at one offset, microseconds since 1970: int64[n].

    The text of each second, minute or hour between the first and the last is made once; None where
    they are so far apart that these would not be fewer than the instants.
    """
    if not len(micros) or style.digits != 3:
        return None
    local = micros + style.offset
    seconds = local // SECOND
    first, last = int(seconds.min()), int(seconds.max())
    for unit, end in _UNITS.items():
        begin = first // unit
        count = last // unit - begin + 1
        if 4 * count <= len(micros):
            begins = (begin + np.arange(count)) * unit * SECOND - style.offset
            shared = Piece(_cut(begins, style, 0, end), seconds // unit - begin, "null")
            middle = [] if unit == 1 else [Piece(_within(unit), seconds % unit)]
            return [shared, *middle, Piece(_tails(style), (local - seconds * SECOND) // 1000)]
    return None


@lru_cache(maxsize=2)
def _within(unit: int) -> TextArray:
    """Return what is written of each second within a minute or an hour."""
    return _cut(np.arange(unit) * SECOND, Style(), _UNITS[unit], _SECONDS_END)


@lru_cache(maxsize=16)
def _tails(style: Style) -> TextArray:
    """Return what follows the seconds: three decimals and the offset."""
    return _cut(np.arange(1000) * 1000 - style.offset, style, _SECONDS_END, None)


def _cut(micros: Ints, style: Style, begin: int, end: int | None) -> TextArray:
    texts = iso_bytes(micros, style)
    characters = texts.view(np.uint8).reshape(len(micros), texts.dtype.itemsize)
    part = np.ascontiguousarray(characters[:, begin:end])
    return json_text.from_fixed_width(part.view(f"S{part.shape[1]}").ravel())
