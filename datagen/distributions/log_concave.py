"""Turns a log-concave density on the real line into its quantile function, by arrays.

The density need not be normalised, and no special function is needed: its integrals from either end are
sums of positive terms (Gauss and Legendre's rule), which keep all digits in both tails, and Newton's
method inverts them. That takes microseconds a value. So it is done once, at nodes of log(u / (1 - u)),
in which quantile functions are smooth and the 53 bits of u end at 37; between the nodes polynomials
interpolate. Where they do not agree with the integral, they are not used.

The logarithm of a gamma variate has such a density, and log(s / (1 - s)) of a beta variate s too. Those
variates are right to 12 digits, and to 14 where their parameters are not far below 1 (there the last bit
of u counts for more).
"""

from functools import lru_cache
from typing import Protocol

import numpy as np

from datagen.arrays import Floats, Ints, Mask
from datagen.elementary import exp, log, log1p, polynomial


class LogDensity(Protocol):
    """The logarithm of a density at distances s from a centre near its mode.

    `width` is about the standard deviation, or the scale on which the tails change if that is less. Below
    `ends[0]` and above `ends[1]` the density is exponential as far as doubles can tell, with `rates`.
    """

    width: float
    ends: tuple[float, float]
    rates: tuple[float, float]

    def values(self, s: Floats) -> Floats:
        """Return the logarithm at each s, less that at 0: float64[n] -> float64[n]."""


class LogGamma:
    """log(x / max(shape, 1)) of a gamma variate x of scale 1."""

    def __init__(self, shape: float) -> None:
        self._shape, self.scale = shape, max(shape, 1.0)
        self.width = 1.0 / float(np.sqrt(self.scale))
        self.ends, self.rates = (-_FAR - _log(self.scale), _NEVER), (shape, 1.0 / self.width)

    def values(self, s: Floats) -> Floats:
        return (self._shape - self.scale) * s - self.scale * exp_excess(s)


class LogitBeta:
    """log(x / (1 - x)) of a beta variate x, less that of `scales`: max(alpha, 1) to max(beta, 1)."""

    def __init__(self, alpha: float, beta: float) -> None:
        self.rates, self._sum = (alpha, beta), alpha + beta
        self.scales = max(alpha, 1.0), max(beta, 1.0)
        self.width = 1.0 / float(np.sqrt(max(alpha / self._sum * beta, 1.0)))
        centre, far = _log(self.scales[0] / self.scales[1]), _FAR + _log(max(self._sum, 1.0))
        self.ends = -far - centre, far - centre
        # From the end whose share is less: it has more digits there.
        self._side = 0 if self.scales[0] <= self.scales[1] else 1
        self._share = self.scales[self._side] / (self.scales[0] + self.scales[1])

    def values(self, s: Floats) -> Floats:
        s = -s if self._side else s
        return self.rates[self._side] * s - self._sum * log1p(self._share * (s + exp_excess(s)))

    def shares(self, s: Floats) -> tuple[Floats, Floats]:
        """Return x and 1 - x at each s, neither the rest of the other: two of float64[n]."""
        less = exp(-np.abs(s))
        below = self.scales[0] * np.where(s < 0, less, 1.0)
        above = self.scales[1] * np.where(s < 0, 1.0, less)
        total = below + above
        return below / total, above / total


@lru_cache(maxsize=256)
def gamma_table(shape: float) -> tuple[LogGamma, "QuantileTable"]:
    """Return the density for a shape, and its quantile function, made once for all that have it."""
    density = LogGamma(shape)
    return density, QuantileTable(density)


@lru_cache(maxsize=256)
def beta_table(alpha: float, beta: float) -> tuple[LogitBeta, "QuantileTable"]:
    """Return the density for these parameters, and its quantile function, made once."""
    density = LogitBeta(alpha, beta)
    return density, QuantileTable(density)


class QuantileTable:
    """The quantile function of a log-concave density."""

    def __init__(self, density: LogDensity) -> None:
        self._integral = _Integral(density)
        panels = np.arange(-_REACH, _REACH, _PANEL)
        places = [panels + (0.5 + 0.5 * place) * _PANEL for place in (*_NODES, *_CHECKED)]
        s = self._integral.at_logits(np.concatenate(places)).reshape(len(places), -1)
        self._differences = _divided_differences(list(s[: len(_NODES)]))
        self._wrong = self._find_wrong(s[len(_NODES) :])

    def __call__(self, u: Floats) -> Floats:
        """Return the s below which a sample falls with probability u: float64[n] -> float64[n]."""
        result = np.empty(len(u))
        for begin in range(0, len(u), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            result[rows] = self._quantiles(u[rows], 1.0 - u[rows])
        return result

    def upper(self, v: Floats) -> Floats:
        """Return the s above which a sample falls with probability v: float64[n] -> float64[n]."""
        result = np.empty(len(v))
        for begin in range(0, len(v), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            result[rows] = self._quantiles(1.0 - v[rows], v[rows])
        return result

    def shares(self, s: Floats) -> tuple[Floats, Floats]:
        """Return the probabilities below and above each s: float64[n] -> float64[n] twice."""
        return self._integral.shares(s)

    def _quantiles(self, below: Floats, above: Floats) -> Floats:
        logits = log(below / above)
        places = (np.clip(logits, -_REACH, _REACH) + _REACH) * (1.0 / _PANEL)
        panels = np.minimum(places.astype(np.int64), len(self._wrong) - 1)
        s = self._interpolate(panels, (places - panels) * 2.0 - 1.0)
        rows = np.flatnonzero(self._wrong[panels] | (np.abs(logits) > _REACH))
        if len(rows):
            s[rows] = self._integral.quantiles(below[rows], above[rows])
        return s

    def _interpolate(self, panels: Ints, x: Floats) -> Floats:
        """Evaluate Newton's form of the polynomials of panels, each at a place from -1 to 1."""
        s = self._differences[-1].take(panels)
        for node, differences in zip(_NODES[-2::-1], self._differences[-2::-1], strict=True):
            s *= x - node
            s += differences.take(panels)
        return s

    def _find_wrong(self, expected: Floats) -> Mask:
        """Return the panels whose polynomials do not give what is expected at the places checked.

        float64[places, panels] -> bool[panels].
        """
        count = expected.shape[1]
        wrong = np.zeros(count, dtype=bool)
        for place, values in zip(_CHECKED, expected, strict=True):
            found = self._interpolate(np.arange(count), np.full(count, place))
            wrong |= ~(np.abs(found - values) <= 1e-12 + 1e-14 * np.abs(values))
        return wrong


class _Integral:
    """The integral of a density from either end: at `knots`, float64[k + 1], and between them."""

    def __init__(self, density: LogDensity) -> None:
        self._density = density
        low, high = self._outermost_knot(0), self._outermost_knot(1)
        count = int(np.ceil((high - low) / (density.width * _KNOTS)))
        self._step = (high - low) / count
        self._knots = low + self._step * np.arange(count + 1.0)
        masses = self._masses(self._knots[:-1], np.full(count, self._step))
        self._logs = density.values(self._knots)
        tails = exp(self._logs[[0, -1]]) / density.rates
        self._below = np.cumsum(np.concatenate([[tails[0]], masses]))
        self._above = np.cumsum(np.concatenate([[tails[1]], masses[::-1]]))[::-1]
        self._total = self._below[-1] + tails[1]

    def at_logits(self, logits: Floats) -> Floats:
        """Return the quantiles of probabilities given as log(u / (1 - u))."""
        less = exp(-np.abs(logits))
        small, large = less / (1.0 + less), 1.0 / (1.0 + less)
        low = logits < 0
        return self.quantiles(np.where(low, small, large), np.where(low, large, small))

    def quantiles(self, below: Floats, above: Floats) -> Floats:
        """Return where the density has so much of its integral below and above, which add up to 1."""
        low, below, above = below <= 0.5, below * self._total, above * self._total
        count = len(self._knots) - 1
        panels = np.where(
            low,
            np.searchsorted(self._below, below, side="right") - 1,
            count - np.searchsorted(self._above[::-1], above, side="right"),
        )
        s = np.empty(len(low))
        for side, masses, wanted, outer, inner in (
            (low, self._below, below, panels, panels + 1),
            (~low, self._above, above, panels + 1, panels),
        ):
            rows = np.flatnonzero(side & (panels >= 0) & (panels < count))
            s[rows] = self._between(masses, outer[rows], inner[rows], wanted[rows])
        rates = self._density.rates
        for beyond, masses, wanted, knot, rate in (
            (panels < 0, self._below, below, 0, rates[0]),
            (panels >= count, self._above, above, count, -rates[1]),
        ):
            rows = np.flatnonzero(beyond)
            s[rows] = self._knots[knot] + log(wanted[rows] / masses[knot]) / rate
        return s

    def shares(self, s: Floats) -> tuple[Floats, Floats]:
        """Return the shares of the integral below and above each s: float64[n] -> float64[n] twice."""
        knots, count = self._knots, len(self._knots) - 1
        inside = np.clip(np.nan_to_num(s), knots[0], knots[-1])
        panels = np.minimum(((inside - knots[0]) / self._step).astype(np.int64), count - 1)
        panels = np.maximum(panels - (inside < knots[panels]), 0)
        widths = inside - knots[panels]
        below = self._below[panels] + self._masses(knots[panels], widths)
        above = self._above[panels + 1] + self._masses(inside, knots[panels + 1] - inside)
        rates = self._density.rates
        low = exp(np.minimum(s - knots[0], 0.0) * rates[0])
        high = exp(np.minimum(knots[-1] - s, 0.0) * rates[1])
        below = np.where(s < knots[0], self._below[0] * low, below)
        above = np.where(s > knots[-1], self._above[-1] * high, above)
        below = np.where(s > knots[-1], self._total - above, below)
        above = np.where(s < knots[0], self._total - below, above)
        return below / self._total, above / self._total

    def _between(self, masses: Floats, outer: Ints, inner: Ints, wanted: Floats) -> Floats:
        """Return where masses, which grow from an outer knot to the inner one next to it, are as wanted.

        By Newton's method for their logarithms, which are nearly linear.
        """
        knots, begun = self._knots[outer], masses[outer]
        widths = self._knots[inner] - knots
        shares = log(wanted / begun) / log(masses[inner] / begun)
        for _ in range(_NEWTON):
            steps = widths * shares
            mass = begun + np.abs(self._masses(knots, steps))
            heights = exp(self._density.values(knots + steps))
            shares -= log(mass / wanted) * mass / (heights * np.abs(widths))
            shares = np.clip(shares, 0.0, 1.0)
        return knots + widths * shares

    def _masses(self, begins: Floats, widths: Floats) -> Floats:
        """Return the integrals over intervals: float64[n], float64[n] -> float64[n]."""
        total = np.zeros(len(begins))
        for node, weight in GAUSS:
            for place in (0.5 - 0.5 * node, 0.5 + 0.5 * node):
                total += weight * exp(self._density.values(begins + widths * place))
        return total * (widths * 0.5)

    def _outermost_knot(self, side: int) -> float:
        """Return where, below or above the centre, the density is nothing, or else exponential."""
        end = self._density.ends[side]
        distances = np.minimum(self._density.width * _DISTANCES, abs(end)) * (1.0 if side else -1.0)
        nothing = np.flatnonzero(self._density.values(distances) < -_NOTHING)
        return float(distances[nothing[0]]) if len(nothing) else end


def _divided_differences(values: list[Floats]) -> list[Floats]:
    """Turn values at `_NODES`, a list of float64[n], into the coefficients of Newton's form."""
    for order in range(1, len(_NODES)):
        for place in range(len(_NODES) - 1, order - 1, -1):
            run = _NODES[place] - _NODES[place - order]
            values[place] = (values[place] - values[place - 1]) / run
    return values


def exp_excess(s: Floats) -> Floats:
    """Return e**s - 1 - s, by its series where that is small: float64[n] -> float64[n]."""
    series = polynomial(_EXCESS, np.clip(s, -0.5, 0.5)) * s * s
    near = np.abs(s) <= 0.5
    return series if near.all() else np.where(near, series, exp(s) - 1.0 - s)


def _log(value: float) -> float:
    return float(log(np.array([float(value)]))[0])


_BLOCK = 8192
_FAR = 40.0  # e**-40 added to 1 is nothing
_NOTHING = 80.0  # e**-80 is nothing beside the last of 53 bits, e**-37
_NEVER = float("inf")
_DISTANCES = np.multiply.accumulate(np.full(60, 1.25))
_KNOTS = 0.125  # between two knots of the integral, of the density's width
_NEWTON = 3
_REACH, _PANEL = 37.0, 0.25  # of log(u / (1 - u))
_CHECKED = (-0.93, -0.17, 0.51)
# The zeros of Chebyshev's polynomial of degree 11, cos((2 k + 1) pi / 22), far apart one after the other.
_NODES = (
    0.98982144188093273238, -0.98982144188093273238, 0.0,
    0.54064081745559758211, -0.54064081745559758211, 0.90963199535451837141,
    -0.90963199535451837141, 0.28173255684142969771, -0.28173255684142969771,
    0.75574957435425828377, -0.75574957435425828377,
)  # fmt: skip
# Nodes above 0, and weights, of Gauss and Legendre's rule of 12 points.
GAUSS = (
    (0.12523340851146891547, 0.249147045813402785),
    (0.36783149899818019375, 0.23349253653835480876),
    (0.5873179542866174473, 0.20316742672306592175),
    (0.76990267419430468704, 0.16007832854334622633),
    (0.90411725637047485668, 0.10693932599531843096),
    (0.98156063424671925069, 0.047175336386511827195),
)
_FACTORIALS = np.multiply.accumulate(np.arange(1.0, 18.0))
_EXCESS = tuple((1.0 / _FACTORIALS[:0:-1]).tolist())
