"""Turns arrays of doubles into their sines, cosines and arctangents: the same bits on every machine.

As `elementary.py` does for logarithms, from what IEEE 754 defines to the last bit. Errors are below 1 unit in
the last place. An argument is reduced by multiples of pi / 2, which has 151 bits here (Cody and Waite,
"Software Manual for the Elementary Functions", 1980), a large one by whole numbers of as many digits as it
takes (Payne and Hanek, SIGNUM Newsletter 18 (1983), 19-24). The coefficients are Chebyshev fits of our own, made
with 60 digits.
"""

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.elementary import polynomial

PI = 3.141592653589793
_BLOCK = 8192  # values: with what is made of them they stay in the processor's cache
_PER_QUARTER = 0.6366197723675814  # 2 / pi
_LARGE = 2.0**20  # from here on, a multiple of the first part of pi / 2 may not be exact
# pi / 2 in four parts: 20 bits of a whole number times one of the first three are exact.
_QUARTER = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32)
# sin y = y + y z P(z) and cos y = 1 - z / 2 + z**2 P(z), z = y**2 up to 0.6177, to 1 part in 10**18.
_SINE = (
    -7.586620399941698068e-13, 1.6058530316711139408e-10, -2.5052106224226282247e-8, 2.755731921931548391e-6,
    -0.0001984126984126503449, 0.008333333333333331478, -0.16666666666666666665,
)  # fmt: skip
_COSINE = (
    -1.1382520624874583173e-11, 2.0876144715632139414e-9, -2.7557317264274757689e-7,
    0.000024801587298751306724, -0.0013888888888887387725, 0.041666666666666665379,
)  # fmt: skip
# arctan t = t + t z P(z), z = t**2 up to 0.1914, to 4 parts in 10**18.
_ARCTAN = (
    0.014773184616983805334, -0.033128134256069583237, 0.044922592931936561875, -0.052166797393136561936,
    0.058769464567550611842, -0.066662419233599635451, 0.076922855548892857769, -0.090909083556025927138,
    0.11111111096645037124, -0.14285714285566806143, 0.19999999999999409627, -0.33333333333333332941,
)  # fmt: skip
# c, arctan c and what that double lacks, by how many of the bounds x has reached; 1 / 0 stands for the infinite
_BOUNDS = (0.4375, 0.6875, 1.1875, 2.4375)
_ARCS = (
    (0.0, 0.0, 0.0),
    (0.5, 0.4636476090008061, 2.2698777452961687e-17),
    (1.0, 0.7853981633974483, 3.061616997868383e-17),
    (1.5, 0.982793723247329, 1.3903311031230998e-17),
    (0.0, 1.5707963267948966, 6.123233995736766e-17),
)


def sin(x: Floats) -> Floats:
    """Return the sines of angles in radians, all finite: float64[n] -> float64[n]."""
    return _in_blocks(x, 0)


def cos(x: Floats) -> Floats:
    """Return the cosines of angles in radians, all finite: float64[n] -> float64[n]."""
    return _in_blocks(x, 1)


def arctan(x: Floats) -> Floats:
    """Return the arctangents of numbers from 0: float64[n] -> float64[n], radians."""
    reached = np.searchsorted(_BOUNDS, x, side="right")
    centers, arcs, rests = (each[reached] for each in np.array(_ARCS).T)
    far = reached == len(_BOUNDS)
    above = np.where(far, -1.0, x - centers)
    t = above / np.where(far, x, 1.0 + centers * x)
    z = t * t
    bent: Floats = t * (z * polynomial(_ARCTAN, z)) + rests
    result: Floats = arcs + (t + bent)
    return result


def _in_blocks(x: Floats, shift: int) -> Floats:
    """Return sin(x + shift pi / 2)."""
    result = np.empty(len(x))
    for first in range(0, len(x), _BLOCK):
        rows = slice(first, first + _BLOCK)
        quarters, y, rest = _reduced(x[rows])
        quarters += shift
        z = y * y
        half = 0.5 * z
        near_one = 1.0 - half
        cosines = near_one + (
            ((1.0 - near_one) - half) + (z * (z * polynomial(_COSINE, z)) - y * rest)
        )
        sines = y + (y * (z * polynomial(_SINE, z)) + rest * near_one)
        values = np.where(quarters & 1, cosines, sines)
        result[rows] = np.where(quarters & 2, -values, values)
    return result


def _reduced(x: Floats) -> tuple[Ints, Floats, Floats]:
    """Return n modulo 4 and x - n pi / 2 as the sum of two doubles, at most about pi / 4."""
    large = np.flatnonzero(np.abs(x) >= _LARGE)
    if len(large):
        x = x.copy()
        wholes = [_reduced_large(value) for value in x[large].tolist()]
        x[large] = 0.0
    n = np.rint(x * _PER_QUARTER)
    left = x - n * _QUARTER[0]
    middle, lost = _difference(left, n * _QUARTER[1])
    near, lost_too = _difference(middle, n * _QUARTER[2])
    lost += lost_too - n * _QUARTER[3]
    y = near + lost
    rest = (near - y) + lost
    quarters = n.astype(np.int64)
    for place, (quarter, high, low) in zip(
        large.tolist(), wholes if len(large) else (), strict=True
    ):
        quarters[place], y[place], rest[place] = quarter, high, low
    return quarters & 3, y, rest


def _difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return a - b, and what that double lacks (Knuth)."""
    difference = a - b
    back = difference - a
    return difference, (a - (difference - back)) - (b + back)


# pi times 2**1200, rounded down: enough for the largest double
_PI_BITS = 1200
_PI = int(
    "3243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89452821e638d01377be546"
    "6cf34e90c6cc0ac29b7c97c50dd3f84d5b5b54709179216d5d98979fb1bd1310ba698dfb5ac2ffd72dbd01"
    "adfb7b8e1afed6a267e96ba7c9045f12c7f9924a19947b3916cf70801f2e2858efc16636920d871574e69a"
    "458fea3f4933d7e0d95748f728eb658718bcd588215",
    16,
)


def _reduced_large(x: float) -> tuple[int, float, float]:
    """Return what `_reduced` does, of one number, by whole ones."""
    numerator, denominator = abs(x).as_integer_ratio()
    scaled = (numerator << (_PI_BITS + 1)) // denominator  # twice x
    quarters, rest = divmod(scaled, _PI)
    if 2 * rest > _PI:
        quarters, rest = quarters + 1, rest - _PI
    high = rest / (1 << (_PI_BITS + 1))
    top, bottom = high.as_integer_ratio()
    low = (rest * bottom - (top << (_PI_BITS + 1))) / (bottom << (_PI_BITS + 1))
    if x < 0:
        return -quarters & 3, -high, -low
    return quarters & 3, high, low
