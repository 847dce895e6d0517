"""Turns arrays of doubles into their logarithms, exponentials and powers: the same bits on every machine.

numpy and the C library choose their versions of these functions by the processor, and the versions
differ in the last digits. Here they are made of additions, subtractions, multiplications and divisions
of doubles, which IEEE 754 defines to the last bit, and of operations on integers. Whatever reaches a
byte of the output takes them from here; `tests/guarantees/test_processors.py` sees to it.

Errors are below 1 unit in the last place. The methods are classic (Cody and Waite, "Software Manual
for the Elementary Functions", 1980; Tang, "Table-driven implementation of the logarithm function",
ACM TOMS 16 (1990), 378-400; Dekker, "A floating-point technique for extending the available precision",
Numerische Mathematik 18 (1971), 224-242); the coefficients are Chebyshev fits of our own, made with
60 digits.

Work is done in place, in blocks that stay in the processor's cache.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Floats, Ints

_BLOCK = 8192  # values: with its scratch 400 KB
_SMALLEST_NORMAL, _LARGEST = 2.0**-1022, float(np.finfo(np.float64).max)
_MANTISSA = np.int64(52)
_ROOT_HALF = np.sqrt(np.array([0.5])).view(np.int64)[0]
# log 2 in two parts: eleven bits of an exponent times the first are exact.
_LOG_2_HIGH, _LOG_2_LOW = 0.6931471805598903, 5.497923018708371e-14
_PER_LOG_2 = 1.4426950408889634
_PER_LOG_10, _PER_LOG_10_REST = 0.4342944819032518, 1.098319650216765e-17
_FAR = 800.0  # an exponential of more is infinite, or 0
# log((1 + s) / (1 - s)) = 2 s + s w P(w), w = s**2 up to 0.0295, to 5 parts in 10**18.
_LOG = (
    0.14616585424888621974, 0.15331710618210771569, 0.18182889455674946038, 0.22222211130259877029,
    0.28571428626003268742, 0.39999999999899443233, 0.66666666666666696883,
)  # fmt: skip
# r coth(r / 2) = 2 + t P(t), t = r**2 up to 0.1202, to 1 part in 10**18.
_EXP = (
    4.1437662804024292316e-8, -1.6534060033836455822e-6, 6.6137564716228276288e-5,
    -2.7777777777564401369e-3, 0.1666666666666666154,
)  # fmt: skip
Step = Callable[[Floats, Floats, NDArray[np.float64]], None]


def log(x: Floats) -> Floats:
    """Return natural logarithms: float64[n] -> float64[n]; of 0 -inf, below that NaN."""
    return in_blocks(_log_block, x)


def log1p(x: Floats) -> Floats:
    """Return log(1 + x), exact also where 1 + x is not: float64[n], above -1 -> float64[n]."""
    return in_blocks(_log1p_block, x)


def exp(x: Floats) -> Floats:
    """Return e ** x: float64[n] -> float64[n]; infinite beyond the largest double, NaN of NaN."""
    return in_blocks(_exp_block, x)


def power(x: Floats, exponent: float) -> Floats:
    """Return x ** exponent: float64[n], normal, above 0 and finite -> float64[n]."""
    exponent = min(max(exponent, -(2.0**63)), 2.0**63)  # beyond, all but 1 is 0 or infinite

    def step(block: Floats, out: Floats, scratch: NDArray[np.float64]) -> None:
        whole, rest = product(exponent, *_wide_log(block))
        _exp_block(whole, out, scratch, rest)

    return in_blocks(step, x)


def powers(x: Floats, exponents: Floats) -> Floats:
    """Return x ** exponents: float64[n] twice, all finite -> float64[n]; infinite beyond the largest double.

    It is NaN where there is none: of 0 to a negative power, of a negative number to one that is not whole.
    """
    result = np.ones(len(x))
    for first in range(0, len(x), _BLOCK):
        rows = slice(first, first + _BLOCK)
        _write_powers(x[rows], exponents[rows], result[rows])
    return result


def log10(x: Floats) -> Floats:
    """Return decimal logarithms: float64[n], above 0 and finite -> float64[n]."""
    result = np.empty(len(x))
    for first in range(0, len(x), _BLOCK):
        high, low = _wide_log(*_scaled(x[first : first + _BLOCK]))
        whole, rest = product(_PER_LOG_10, high, low)
        result[first : first + _BLOCK] = whole + (rest + high * _PER_LOG_10_REST)
    return result


def polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Return the values of a polynomial, its highest coefficient first, by Horner's rule."""
    total = np.empty_like(x)
    horner(coefficients, x, total)
    return total


def of_one(function: Callable[..., Floats], *values: float) -> float:
    """Return what a function of arrays gives for one number, or one of each array."""
    return float(function(*(np.array([each], dtype=np.float64) for each in values))[0])


def horner(coefficients: tuple[float, ...], x: Floats, total: Floats) -> None:
    """Write the values of a polynomial, its highest coefficient first, to `total`, an array of its own."""
    np.multiply(x, coefficients[0], out=total)
    total += coefficients[1]
    for coefficient in coefficients[2:]:
        total *= x
        total += coefficient


def in_blocks(step: Step, x: Floats) -> Floats:
    """Return what a step writes for each value, float64[n] -> float64[n], block by block.

    The step gets values, the place of their results, and scratch of its own: float64[m] twice, float64[4, m].
    """
    result = np.empty(len(x))
    scratch = np.empty((4, min(len(x), _BLOCK)))
    for first in range(0, len(x), _BLOCK):
        block = x[first : first + _BLOCK]
        step(block, result[first : first + _BLOCK], scratch[:, : len(block)])
    return result


# logarithms: x = 2**k (1 + f) with 1 + f between the roots of 1/2 and 2, s = f / (2 + f),
# log(1 + f) = f - (f**2 / 2 - s (f**2 / 2 + w P(w)))


def _log_block(x: Floats, out: Floats, scratch: NDArray[np.float64]) -> None:
    if x.min() >= _SMALLEST_NORMAL and x.max() <= _LARGEST:
        _log_of_normal(x, out, scratch)
        return
    small = x < _SMALLEST_NORMAL
    scaled = np.where(small, x, 0.0) * 2.0**54 + np.where(small, 0.0, x)
    regular = (scaled > 0) & (scaled <= _LARGEST)
    _log_of_normal(np.where(regular, scaled, 1.0), out, scratch, np.where(small, -54.0, 0.0))
    out[x == 0] = -np.inf
    out[x > _LARGEST] = np.inf
    out[(x < 0) | np.isnan(x)] = np.nan


def _log1p_block(x: Floats, out: Floats, scratch: NDArray[np.float64]) -> None:
    w = 1.0 + x
    rest = w - 1.0  # what w is more than 1; x - rest is the part of x that w has lost
    lost = (x - rest) + (1.0 - (w - rest))
    lost /= w
    _log_of_normal(w, out, scratch, None, lost)


def _log_of_normal(
    x: Floats,
    out: Floats,
    scratch: NDArray[np.float64],
    more_exponent: Floats | None = None,
    more: Floats | None = None,
) -> None:
    """Write log(x) + more_exponent log 2 + more; `more` is at most of the size of an ulp of x."""
    exponents, f, s, w = scratch
    k: Ints = f.view(np.int64)
    np.subtract(x.view(np.int64), _ROOT_HALF, out=k)
    k >>= _MANTISSA
    np.copyto(exponents, k)
    if more_exponent is not None:
        exponents += more_exponent
    k <<= _MANTISSA
    np.subtract(x.view(np.int64), k, out=k)
    f -= 1.0
    np.add(f, 2.0, out=s)
    np.divide(f, s, out=s)
    np.multiply(s, s, out=w)
    horner(_LOG, w, out)
    out *= w
    np.multiply(f, f, out=w)
    w *= 0.5
    out += w
    out *= s
    np.multiply(exponents, _LOG_2_LOW, out=s)
    out += s
    if more is not None:
        out += more
    np.subtract(w, out, out=out)
    out -= f
    exponents *= _LOG_2_HIGH
    np.subtract(exponents, out, out=out)


# exponentials: x = k log 2 + r with r at most half of log 2, c = r - t P(t), t = r**2,
# e**r = 1 + r + r c / (2 - c), and k goes into the exponent


def _exp_block(
    x: Floats, out: Floats, scratch: NDArray[np.float64], more: Floats | float = 0.0
) -> None:
    """Write e**(x + more); `more` is at most of the size of an ulp of x."""
    if x.min() > -708.0 and x.max() < 709.0:
        k = _exp_of_rest(x, out, scratch, more)
        k <<= _MANTISSA
        bits = out.view(np.int64)
        bits += k
        return
    nothing = np.isnan(x)
    k = _exp_of_rest(np.clip(np.where(nothing, 0.0, x), -746.0, 710.0), out, scratch, more)
    half = k >> np.int64(1)
    k -= half
    with np.errstate(over="ignore", under="ignore"):
        for each in (half, k):  # in two steps: what is subnormal is rounded once
            out *= ((each + np.int64(1023)) << _MANTISSA).view(np.float64)
    out[nothing] = np.nan


def _exp_of_rest(
    x: Floats, out: Floats, scratch: NDArray[np.float64], more: Floats | float
) -> Ints:
    """Write e**r and return k."""
    high, low, r, t = scratch
    np.multiply(x, _PER_LOG_2, out=out)
    np.rint(out, out=out)
    k: Ints = out.astype(np.int64)
    np.multiply(out, _LOG_2_LOW, out=low)
    low -= more
    np.multiply(out, _LOG_2_HIGH, out=high)
    np.subtract(x, high, out=high)
    np.subtract(high, low, out=r)
    np.multiply(r, r, out=t)
    horner(_EXP, t, out)
    out *= t
    np.subtract(r, out, out=out)
    np.subtract(2.0, out, out=t)
    out *= r
    out /= t
    np.subtract(low, out, out=out)
    out -= high
    np.subtract(1.0, out, out=out)
    return k


# powers: log(x) as the sum of two doubles, to 2**-67 of itself, by Tang's table: x = 2**k (F + f), F a
# multiple of 1/128, and log(1 + f / F) by its series


def _write_powers(x: Floats, exponents: Floats, out: Floats) -> None:
    rows = np.flatnonzero((x != 0) & (exponents != 0))
    sizes, by = np.abs(x[rows]), np.clip(exponents[rows], -(2.0**63), 2.0**63)
    whole, rest = product(by, *_wide_log(*_scaled(sizes)))
    rest[np.abs(whole) > _FAR] = 0.0
    values = np.empty(len(rows))
    if len(rows):
        _exp_block(whole, values, np.empty((4, len(rows))), rest)
    out[rows] = values
    out[(x == 0) & (exponents > 0)] = 0.0
    out[(x == 0) & (exponents < 0)] = np.nan
    negative = np.flatnonzero((x < 0) & (exponents != 0))
    by = exponents[negative]
    signs = np.where(np.fmod(by, 2.0) == 0, 1.0, -1.0)
    out[negative] *= np.where(by == np.rint(by), signs, np.nan)


def _scaled(x: Floats) -> tuple[Floats, Ints]:
    """Return normal numbers, and by which power of 2 they are more than those of x."""
    small = x < _SMALLEST_NORMAL
    return x * np.where(small, 2.0**54, 1.0), np.where(small, np.int64(-54), np.int64(0))


def _wide_log(x: Floats, shift: Ints | int = 0) -> tuple[Floats, Floats]:
    """Return log(x) + shift log 2; x is normal."""
    bits = np.ascontiguousarray(x).view(np.int64)
    k = (bits - _ROOT_HALF) >> _MANTISSA
    m = (bits - (k << _MANTISSA)).view(np.float64)
    k = k + shift
    places = np.rint(m * 128.0)
    table = places / 128.0
    f = m - table
    q = (f / table).astype(np.float32).astype(np.float64)  # 24 bits: its products are exact
    q_rest = (f - q * table) / table
    half_square = q * q * 0.5
    near = q - half_square
    rest = q_rest / (1.0 + q)
    series = polynomial(_SERIES, q) * q * q * q + (rest - 0.5 * rest * rest)
    series += (q - near) - half_square
    table_log, table_rest = (each[places.astype(np.int64) - _FIRST_ENTRY] for each in _log_table())
    far = k * _LOG_2_HIGH + table_log  # exact
    high = far + near
    back = high - far
    low = (far - (high - back)) + (near - back)
    low += series + (k * _LOG_2_LOW + table_rest)
    total = high + low
    return total, (high - total) + low


_SERIES = (-1 / 8, 1 / 7, -1 / 6, 1 / 5, -1 / 4, 1 / 3)  # of (log(1 + q) - q + q**2 / 2) / q**3
_FIRST_ENTRY, _LAST_ENTRY = 90, 182  # of 1/128, the nearest to the roots of 1/2 and 2


@lru_cache(maxsize=1)
def _log_table() -> tuple[Floats, Floats]:
    """Return log(j / 128) in two parts, the first a multiple of 2**-42."""
    context = Context(prec=40)
    logs = [
        context.ln(context.divide(Decimal(j), Decimal(128)))
        for j in range(_FIRST_ENTRY, _LAST_ENTRY + 1)
    ]
    highs = [int(context.multiply(each, Decimal(2**42))) / 2**42 for each in logs]
    rests = [context.subtract(each, Decimal(high)) for each, high in zip(logs, highs, strict=True)]
    return np.array(highs), np.array([float(each) for each in rests])


def product(factor: Floats | float, high: Floats, low: Floats) -> tuple[Floats, Floats]:
    """Return factor x (high + low) as the sum of two doubles, by halves of their digits (Dekker)."""
    product = factor * high
    a, b = _halves(np.atleast_1d(factor))
    c, d = _halves(high)
    rest = ((a * c - product) + a * d + b * c) + b * d
    return product, rest + factor * low


def _halves(x: Floats) -> tuple[Floats, Floats]:
    shifted = x * (2.0**27 + 1)
    upper = shifted - (shifted - x)
    return upper, x - upper
