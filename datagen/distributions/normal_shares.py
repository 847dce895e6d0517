"""Turns values of a standard normal variate into the probabilities below and above them.

W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23
(1969), 631-637, with the coefficients of his program for the normal distribution (Algorithm 715, ACM TOMS
19 (1993), 22-32), and further out Laplace's continued fraction. Both are right to 15 digits, also where one
of them is tiny.
"""

import numpy as np

from datagen.arrays import Floats
from datagen.elementary import exp, polynomial

# Each ratio is (numerator, denominator), the highest power first.
_CENTRE = (
    (
        0.065682337918207449113, 2.2352520354606839287, 161.02823106855587881,
        1067.6894854603709582, 18154.981253343561249,
    ),
    (1.0, 47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956),
)  # fmt: skip
_SHOULDER = (
    (
        1.0765576773720192317e-8, 0.39894151208813466764, 8.8831497943883759412,
        93.506656132177855979, 597.27027639480026226, 2494.5375852903726711,
        6848.1904505362823326, 11602.651437647350124, 9842.7148383839780218,
    ),
    (
        1.0, 22.266688044328115691, 235.38790178262499861, 1519.377599407554805,
        6485.558298266760755, 18615.571640885098091, 34900.952721145977266,
        38912.003286093271411, 19685.429676859990727,
    ),
)  # fmt: skip
_CENTRE_END, _SHOULDER_END = 0.67448975, 5.656854249492380195
_PER_ROOT_2_PI = 0.39894228040143267794
_END = 40.0  # beyond which nothing is left
_TERMS = 40  # of the continued fraction


def normal_shares(z: Floats) -> tuple[Floats, Floats]:
    """Return P(Z <= z) and P(Z > z) of a standard normal Z: float64[n] -> float64[n] twice."""
    size = np.minimum(np.abs(z), _END)
    small = np.where(size <= _CENTRE_END, 0.0, _tail(np.maximum(size, _CENTRE_END)))
    centre = np.minimum(size, _CENTRE_END)
    inner = centre * _ratio(_CENTRE, centre * centre)
    outer = size > _CENTRE_END
    less = np.where(outer, small, 0.5 - inner)
    more = np.where(outer, 1.0 - small, 0.5 + inner)
    return np.where(z < 0, less, more), np.where(z < 0, more, less)


def _tail(size: Floats) -> Floats:
    """Return P(Z > size), for sizes from the end of the centre on."""
    shoulder = _ratio(_SHOULDER, np.minimum(size, _SHOULDER_END))
    wide = np.maximum(size, _SHOULDER_END)
    fraction = wide
    for term in range(_TERMS, 0, -1):
        fraction = wide + term / fraction
    far = _PER_ROOT_2_PI / fraction
    # exp(-size**2 / 2) by a square without rounding, and the rest
    coarse = np.trunc(size * 16.0) / 16.0
    rest = (size - coarse) * (size + coarse)
    density = exp(-coarse * coarse * 0.5) * exp(-rest * 0.5)
    return density * np.where(size <= _SHOULDER_END, shoulder, far)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    above, below = coefficients
    return polynomial(above, x) / polynomial(below, x)
