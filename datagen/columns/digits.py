"""Turns numbers into texts by tables of their digits: pieces, to be joined with others.

They are for the numbers that are common, whole ones below 10**8 and those with a few decimals.
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from datagen.arrays import Floats, Ints, TextArray
from datagen.columns.pieces import Part, Piece

_GROUP = 10_000  # numbers of four digits
_MOST_DECIMALS = 4
_SAMPLE = 64
_SIGN = pa.array(["-"], pa.string())


def int_pieces(values: Ints) -> list[Part] | None:
    """Return the pieces of whole numbers, int64[n]; None unless all are from 0 to 99,999,999."""
    if not len(values) or values.min() < 0 or (largest := values.max()) >= _GROUP * _GROUP:
        return None
    if largest < _GROUP:
        return [Piece(_numbers(), values)]
    front, back = np.divmod(values, _GROUP)
    return [Piece(_fronts(), front), Piece(_backs(), back + _GROUP * (front > 0))]


def float_pieces(values: Floats) -> list[Part] | None:
    """Return the pieces of doubles as `repr` writes them, float64[n], none of them -0.0.

    None unless all are the doubles next to numbers of at most four decimals and below 10**8. Of 15
    significant digits there are never two such numbers to a double, so this one is the shortest.
    """
    sizes = np.abs(values)
    if not len(values) or not sizes.max() < _GROUP * _GROUP:
        return None
    sample = sizes[:: -(-len(values) // _SAMPLE)]
    for decimals in range(1, _MOST_DECIMALS + 1):
        if _scaled(sample, decimals) is None:
            continue
        scaled = _scaled(sizes, decimals)
        if scaled is not None:
            whole, rest = np.divmod(scaled.astype(np.int64), 10**decimals)
            front, back = int_pieces(whole), Piece(_decimals(decimals), rest)
            return None if front is None else [*_signs(values), *front, back]
    return None


def _scaled(sizes: Floats, decimals: int) -> Floats | None:
    """Return numbers times a power of ten, if they are the doubles next to so many decimals."""
    scale = float(10**decimals)
    scaled = np.rint(sizes * scale)
    return scaled if np.array_equal(scaled / scale, sizes) else None


def _signs(values: Floats) -> list[Part]:
    negative = values < 0
    return [Piece(_SIGN, np.where(negative, 0, -2))] if negative.any() else []


@lru_cache(maxsize=1)
def _numbers() -> TextArray:
    return pa.array(map(str, range(_GROUP)), pa.string())


@lru_cache(maxsize=1)
def _fronts() -> TextArray:
    """Return what stands before the last four digits of a number: nothing for 0."""
    return pa.array(["", *map(str, range(1, _GROUP))], pa.string())


@lru_cache(maxsize=1)
def _backs() -> TextArray:
    """Return the last four digits of a number: alone, then those with others before them."""
    padded = (f"{number:04d}" for number in range(_GROUP))
    return pa.array([*map(str, range(_GROUP)), *padded], pa.string())


@lru_cache(maxsize=_MOST_DECIMALS)
def _decimals(count: int) -> TextArray:
    """Return the point and what follows it, without zeros at the end."""
    texts = (f"{number:0{count}d}".rstrip("0") or "0" for number in range(10**count))
    return pa.array([f".{text}" for text in texts], pa.string())
