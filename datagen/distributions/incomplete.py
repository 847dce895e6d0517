"""Turns probabilities into quantiles of gamma and beta distributions where each value has parameters of its own.

As in `log_concave`, the logarithm of a variate has a log-concave density, and its integral towards the nearer
end is inverted by Newton's method. There is no table: Gauss and Legendre's rule gives the integral each time,
which takes some 20 us a value. Exponents below 1, whose tails are long, are raised by 1 through integration by
parts, which adds positive terms only. Each value follows from its own row, whatever the others are, and is
right to 11 digits.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, Self

import numpy as np

from datagen.arrays import Floats, Ints, Mask
from datagen.distributions.log_concave import GAUSS, exp_excess
from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.elementary import exp, log, log1p


def gamma_quantiles(shapes: Any, below: Floats, above: Floats) -> Floats:
    """Return quantiles of gamma distributions of scale 1, by the probabilities below and above: float64[n].

    `shapes` are float64[n], or a number.
    """
    shapes = np.broadcast_to(np.asarray(shapes, dtype=np.float64), len(below))
    scales = np.maximum(shapes, 1.0)
    lower = _GammaTail(shapes, scales, np.full(len(shapes), -1.0))
    with np.errstate(all="ignore"):
        s = _places(lower, lower.turned(np.ones(len(shapes), dtype=bool)), below, above)
    values: Floats = scales * exp(s)
    return values


def gamma_shares(shapes: Any, x: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities below and above values of gamma distributions of scale 1: float64[n] twice.

    One of `shapes` and `x` may have a single value.
    """
    shapes, x = np.broadcast_arrays(np.asarray(shapes, dtype=np.float64), x)
    scales = np.maximum(shapes, 1.0)
    s = log(np.clip(x / scales, 5e-324, 1e300))
    lower = _GammaTail(shapes, scales, np.full(len(shapes), -1.0))
    upper = lower.turned(np.ones(len(shapes), dtype=bool))
    with np.errstate(all="ignore"):
        wholes = [_integrals(each, np.zeros(len(x)))[1] for each in (lower, upper)]
        logs, scales = _integrals(lower.turned(s > 0), np.abs(s))
        part = exp(logs) * scales / (wholes[0] + wholes[1])
    part = np.where(x > 0, part, 0.0)
    return np.where(s > 0, 1.0 - part, part), np.where(s > 0, part, 1.0 - part)


def beta_quantiles(alphas: Any, betas: Any, u: Floats) -> tuple[Floats, Floats]:
    """Return quantiles of beta distributions, and 1 less these: float64[n] twice."""
    alphas, betas = (
        np.broadcast_to(np.asarray(each, dtype=np.float64), len(u)) for each in (alphas, betas)
    )
    low, high = np.maximum(alphas, 1.0), np.maximum(betas, 1.0)
    lower = _BetaTail(alphas, betas, low / (low + high), high / (low + high))
    with np.errstate(all="ignore"):
        s = _places(lower, lower.turned(np.ones(len(u), dtype=bool)), u, 1.0 - u)
    less = exp(-np.abs(s))
    low = low * np.where(s < 0, less, 1.0)
    high = high * np.where(s < 0, 1.0, less)
    return low / (low + high), high / (low + high)


class _Tail(Protocol):
    """One tail of a density on the whole line for each of n rows, outwards from a centre near its mode.

    Distances t from the centre, and all else, are float64[n].
    """

    @property
    def widths(self) -> Floats:
        """Return the scale of each density around its centre."""

    @property
    def exponents(self) -> Floats:
        """Return how fast the tail falls at last, at least."""

    def at(self, rows: Ints) -> Self:
        """Return the tails of some rows."""

    def turned(self, rows: Mask) -> Self:
        """Return the other tails in some rows: bool[n]."""

    def logs(self, t: Floats) -> Floats:
        """Return the logarithm of the density, less that at the centre."""

    def slopes(self, t: Floats) -> Floats:
        """Return how fast that falls."""

    def raised(self) -> "tuple[Self, Floats]":
        """Return the tails with exponents that are 1 more, and factors: exponents x the integral is the density + factors x that of these."""

    def moved(self, t: Floats, steps: Floats) -> Floats:
        """Return distances after steps, by what the logarithm of the integral is about linear in."""


@dataclass(frozen=True)
class _GammaTail:
    """Of the logarithms of gamma variates, less those of `scales`; `signs` are -1 for lower tails."""

    shapes: Floats
    scales: Floats
    signs: Floats

    @property
    def widths(self) -> Floats:
        return 1.0 / np.sqrt(self.scales)

    @property
    def exponents(self) -> Floats:
        return np.where(self.signs < 0, self.shapes, 1.0)

    def at(self, rows: Ints) -> "_GammaTail":
        return _GammaTail(self.shapes[rows], self.scales[rows], self.signs[rows])

    def turned(self, rows: Mask) -> "_GammaTail":
        return _GammaTail(self.shapes, self.scales, np.where(rows, -self.signs, self.signs))

    def logs(self, t: Floats) -> Floats:
        s = t * self.signs
        near = (self.shapes - self.scales) * s - self.scales * exp_excess(s)
        far = self.shapes * s - self.scales * (exp(s) - 1.0)
        return np.where(t <= _NEAR, near, far)

    def slopes(self, t: Floats) -> Floats:
        return self.signs * (self.scales * exp(t * self.signs) - self.shapes)

    def raised(self) -> "tuple[_GammaTail, Floats]":
        raised = np.where(self.exponents < 1.0, self.shapes + 1.0, self.shapes)
        return _GammaTail(raised, self.scales, self.signs), np.ones(len(raised))

    def moved(self, t: Floats, steps: Floats) -> Floats:
        above = log1p(np.maximum(steps, -0.9))
        return np.maximum(t + np.where(self.signs < 0, steps, above), 0.0)


@dataclass(frozen=True)
class _BetaTail:
    """The lower tails of log(x / (1 - x)) of beta variates x, whose centres are at `shares` and `rests`, 1 less these.

    The upper ones are those of 1 - x.
    """

    alphas: Floats
    betas: Floats
    shares: Floats
    rests: Floats

    @property
    def widths(self) -> Floats:
        total = self.alphas + self.betas
        return 1.0 / np.sqrt(np.maximum(self.alphas / total * self.betas, 1.0))

    @property
    def exponents(self) -> Floats:
        return self.alphas

    def at(self, rows: Ints) -> "_BetaTail":
        return _BetaTail(self.alphas[rows], self.betas[rows], self.shares[rows], self.rests[rows])

    def turned(self, rows: Mask) -> "_BetaTail":
        pairs = (self.alphas, self.betas), (self.shares, self.rests)
        turned = [
            np.where(rows, there, here) for each in pairs for here, there in (each, each[::-1])
        ]
        return _BetaTail(*turned)

    def logs(self, t: Floats) -> Floats:
        # from the end whose share is less: it has more digits there
        low = self.shares <= self.rests
        s = np.where(low, -t, np.minimum(t, _FAR))
        inner = log1p(np.where(low, self.shares, self.rests) * _expm1(s))
        return np.where(low, self.alphas, self.betas) * s - (self.alphas + self.betas) * inner

    def slopes(self, t: Floats) -> Floats:
        less = self.shares * exp(-t)
        return self.alphas - (self.alphas + self.betas) * (less / (self.rests + less))

    def raised(self) -> "tuple[_BetaTail, Floats]":
        raised = np.where(self.alphas < 1.0, self.alphas + 1.0, self.alphas)
        factors = (self.alphas + self.betas) * self.shares
        return _BetaTail(raised, self.betas, self.shares, self.rests), factors

    def moved(self, t: Floats, steps: Floats) -> Floats:
        return np.maximum(t + steps, 0.0)


def _places(lower: _Tail, upper: _Tail, below: Floats, above: Floats) -> Floats:
    """Return where, from the centre, each density has such shares below and above: float64[n] -> float64[n]."""
    centre = np.zeros(len(below))
    masses = [_integrals(each, centre)[1] for each in (lower, upper)]
    total = masses[0] + masses[1]
    low = below * total <= masses[0]
    tails = lower.turned(~low)
    wanted = np.where(low, below, above) * total
    normal = -standard_normal_quantile(np.minimum(below, above))
    t = tails.widths * np.maximum(normal, 0.0)
    rows = np.arange(len(t))
    for _ in range(_MOST_STEPS):
        some, before = tails.at(rows), t[rows]
        logs, scales = _integrals(some, before)
        t[rows] = some.moved(before, (logs + log(scales / wanted[rows])) * scales)
        rows = rows[np.abs(t[rows] - before) > _CLOSE * scales]
        if not len(rows):
            break
    return np.where(low, -t, t)


def _integrals(tail: _Tail, t: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm of the density at each distance, and the integral beyond it in parts of the density."""
    raised, factors = tail.raised()
    logs, raised_logs, exponents = tail.logs(t), raised.logs(t), tail.exponents
    spans = 1.0 / np.maximum(raised.slopes(t), 1.0 / raised.widths)
    scales = np.zeros(len(t))
    for place, weight in _RULE:
        scales += weight * exp(raised.logs(t + spans * place) - raised_logs)
    scales *= spans
    parts = (1.0 + factors * scales * exp(raised_logs - logs)) / exponents
    scales = np.where(exponents < 1.0, parts, scales)
    return logs, scales


def _expm1(s: Floats) -> Floats:
    return np.where(np.abs(s) <= _NEAR, s + exp_excess(np.clip(s, -_NEAR, _NEAR)), exp(s) - 1.0)


def _rule() -> list[tuple[float, float]]:
    """Return places and weights of the integral over what falls as exp(-t) or faster."""
    return [
        (0.5 * (low + high) + 0.5 * (high - low) * node, 0.5 * (high - low) * weight)
        for low, high in pairwise(_PANELS)
        for half, weight in GAUSS
        for node in (-half, half)
    ]


_NEAR = 0.5  # where differences from 1 have a series
_FAR = 700.0
_PANELS = (0.0, 2.0, 4.0, 7.0, 12.0, 20.0, 38.0)
_RULE = _rule()
_CLOSE, _MOST_STEPS = 1e-7, 60  # Newton's method doubles the digits with each step
