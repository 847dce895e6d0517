"""Turns probabilities into quantiles of the standard normal distribution.

Algorithm AS 241, routine PPND16: Wichura, "The percentage points of the normal distribution",
Applied Statistics 37 (1988), 477-484. Relative accuracy about 1 part in 10**16.

`scipy.special.ndtri` gives the same values within rounding, but not the same on every processor.
"""

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Floats
from datagen.elementary import horner, in_blocks, log, polynomial

_CENTRE = (
    (
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
        133.14166789178437745, 3.387132872796366608,
    ),
    (
        5226.495278852545925, 28729.085735721942674, 39307.89580009271061,
        21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
        42.313330701600911252, 1.0,
    ),
)  # fmt: skip
_SHOULDER = (
    (
        7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
        1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
        4.6303378461565452959, 1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
        0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
        2.05319162663775882187, 1.0,
    ),
)  # fmt: skip
_TAIL = (
    (
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
        0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
        5.4637849111641143699, 6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
        7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
        0.59983220655588793769, 1.0,
    ),
)  # fmt: skip


def standard_normal_quantile(u: Floats) -> Floats:
    """Return z with P(Z <= z) = u for each u strictly inside (0, 1): float64[n] -> float64[n]."""
    return in_blocks(_write, u)


def _write(u: Floats, z: Floats, scratch: NDArray[np.float64]) -> None:
    """Write quantiles: those of the centre by arrays, which are most, then the others over them."""
    q, r, below = scratch[:3]
    np.subtract(u, 0.5, out=q)
    np.multiply(q, q, out=r)
    np.subtract(0.180625, r, out=r)
    np.maximum(r, -0.001, out=r)  # where the formula is not that of the centre, it stays regular
    horner(_CENTRE[0], r, z)
    horner(_CENTRE[1], r, below)
    z /= below
    z *= q
    np.abs(q, out=r)
    outer = np.flatnonzero(r > 0.425)
    if not len(outer):
        return
    q, u = q[outer], u[outer]
    r = np.sqrt(-log(np.minimum(u, 1.0 - u)))
    size = _ratio(_SHOULDER, r - 1.6)
    far = np.flatnonzero(r > 5.0)
    if len(far):
        size[far] = _ratio(_TAIL, r[far] - 5.0)
    z[outer] = np.copysign(size, q)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    above, below = coefficients
    ratio = polynomial(above, x)
    ratio /= polynomial(below, x)
    return ratio
