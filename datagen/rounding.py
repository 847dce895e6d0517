"""Rounds doubles to decimals by Python's rules, by arrays: to the nearest decimal, a tie to the even one.

The decimals of a double are exact, so 2.675, which is a little less, gives 2.67.
"""

import math

import numpy as np

from datagen import elementary
from datagen.arrays import Floats

_EXACT = 2.0**52  # below, doubles hold halves
_MOST_DECIMALS = 22  # 10**22 is a double


def rounded(values: Floats, decimals: int) -> Floats:
    """Return what Python's `round` gives for each, all finite: float64[n] -> float64[n]; infinite beyond the doubles.

    A number times a power of ten rounds to the nearest whole one, and that divided by the power is the double next
    to the decimal. The product is not exact: where it is near a tie, its error decides.
    """
    if not 0 <= decimals <= _MOST_DECIMALS:
        return _one_by_one(values, decimals)
    scale = float(10**decimals)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * scale
        whole = np.rint(scaled)
        from_tie = np.abs(np.abs(scaled - whole) - 0.5)
        doubtful = np.flatnonzero(~(from_tie > np.abs(scaled) * 2.0**-52))
        result = whole / scale
    if len(doubtful):
        near = np.abs(scaled[doubtful]) < _EXACT
        ties, large = doubtful[near], doubtful[~near]
        result[ties] = _decided(values[ties], scale) / scale
        result[large] = _one_by_one(values[large], decimals)
    return result


def _decided(values: Floats, scale: float) -> Floats:
    """Return the whole numbers next to values times a scale, the products being close to ties."""
    sizes = np.abs(values)
    scaled, error = elementary.product(scale, sizes, np.zeros_like(sizes))
    floor = np.floor(scaled)
    above = (scaled - floor - 0.5) + error  # of a tie: both differences are exact
    even = 2.0 * np.rint((floor + 0.5) / 2.0)
    return np.copysign(np.where(above == 0, even, floor + (above > 0)), values)


def _one_by_one(values: Floats, decimals: int) -> Floats:
    return np.array([_rounded(value, decimals) for value in values.tolist()], np.float64)


def _rounded(value: float, decimals: int) -> float:
    try:
        return round(value, decimals)
    except OverflowError:
        return math.copysign(math.inf, value)
