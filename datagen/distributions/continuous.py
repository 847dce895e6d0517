"""Distributions whose quantile function is a formula.

The formulas are the inverses of the distribution functions in Johnson, Kotz and Balakrishnan,
"Continuous Univariate Distributions" (2nd edition, 1994 and 1995).
"""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

import numpy as np
from pydantic import Field

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column_type import INT64
from datagen.distributions.base import (
    MAX_SECONDS,
    Distribution,
    clip_to_int64,
    register,
    round_to_int,
)
from datagen.distributions.log_concave import beta_table, gamma_table
from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.elementary import exp, log, log1p
from datagen.errors import Path
from datagen.randomness import below
from datagen.validation import NonNegative, Number, Positive, quoted


@register
class Constant(Distribution):
    """Always the same value."""

    type: Literal["constant"] = "constant"
    elementwise = False
    discrete = True
    range_keys = ("value",)
    value: Number

    def quantile(self, u: Floats) -> Floats:
        return np.full(len(u), float(self.value))

    def mean(self) -> float:
        return float(self.value)

    def bounds(self) -> tuple[float, float]:
        return self.value, self.value

    def weighted_values(self) -> list[tuple[float, float]]:
        return [(self.value, 1.0)]

    def possible_integers(self) -> dict[int, float]:
        return {round_to_int(self.value): 1.0}

    def sample_rounded(self, bits: Bits) -> Ints:
        return np.full(len(bits), clip_to_int64(round_to_int(self.value)), dtype=np.int64)

    def sample_floored(self, bits: Bits) -> Ints:
        return np.full(len(bits), clip_to_int64(math.floor(self.value)), dtype=np.int64)

    def microseconds(self, bits: Bits) -> Ints:
        """Return the nearest integer of microseconds, without dithering."""
        return np.full(len(bits), self._microseconds, dtype=np.int64)

    def can_take_time(self) -> bool:
        return self._microseconds > 0

    def rounding(self) -> str:
        exact, rounded = self.value * 10**6, self._microseconds
        if self.value <= 0 or abs(rounded - exact) <= 0.01 * exact or self.value > MAX_SECONDS:
            return ""
        return f"is rounded from {self.value:g} s to {rounded} microsecond{'s' * (rounded != 1)}"

    @property
    def _microseconds(self) -> int:
        return round_to_int(min(max(self.value, 0), MAX_SECONDS) * 10**6)


@register
class Uniform(Distribution):
    """Every value from `min` to `max`, both inclusive, with the same probability density.

    Between integral ends, rounded samples have the same probability each, exactly.
    """

    type: Literal["uniform"] = "uniform"
    range_keys = ("min", "max")
    min: Number
    max: Number

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.min > self.max:
            yield ("min",), f"{quoted(self.min)} is greater than max, {quoted(self.max)}"

    def quantile(self, u: Floats) -> Floats:
        values: Floats = self.min * (1.0 - u)
        values += self.max * u
        return np.clip(values, self.min, self.max, out=values)

    def mean(self) -> float:
        return self.min / 2 + self.max / 2

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max

    def possible_integers(self) -> range | None:
        ends = self._integer_bounds
        return range(ends[0], ends[1] + 1) if ends else None

    def sample_rounded(self, bits: Bits) -> Ints:
        return self._sample_integers(bits) if self._integer_bounds else super().sample_rounded(bits)

    def sample_floored(self, bits: Bits) -> Ints:
        return self._sample_integers(bits) if self._integer_bounds else super().sample_floored(bits)

    @cached_property
    def _integer_bounds(self) -> tuple[int, int] | None:
        ends = self.min, self.max
        if not all(end == math.floor(end) and int(end) in INT64 for end in ends):
            return None
        return int(self.min), int(self.max)

    def _sample_integers(self, bits: Bits) -> Ints:
        low, high = self._integer_bounds or (0, 0)
        offsets = below(bits, high - low + 1)
        return (
            (offsets + np.uint64(low % (1 << 64))).view(np.int64) if low else offsets.view(np.int64)
        )


@register
class Exponential(Distribution):
    """Times between the events of a Poisson process: quantile -mean log(1 - u)."""

    type: Literal["exponential"] = "exponential"
    mean_: Positive = Field(alias="mean")

    def quantile(self, u: Floats) -> Floats:
        return -self.mean_ * log1p(-u)

    def mean(self) -> float:
        return self.mean_

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Normal(Distribution):
    """The normal distribution; with a `stddev` of 0, the mean."""

    type: Literal["normal"] = "normal"
    mean_: Number = Field(alias="mean")
    stddev: NonNegative

    def quantile(self, u: Floats) -> Floats:
        return self.mean_ + self.stddev * standard_normal_quantile(u)

    def mean(self) -> float:
        return self.mean_

    def bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf) if self.stddev else (self.mean_, self.mean_)


@register
class Lognormal(Distribution):
    """A value whose logarithm is normal with mean `mu` and standard deviation `sigma`."""

    type: Literal["lognormal"] = "lognormal"
    mu: Number
    sigma: NonNegative

    def quantile(self, u: Floats) -> Floats:
        return exp(self.mu + self.sigma * standard_normal_quantile(u))

    def mean(self) -> float:
        return _exp(self.mu + 0.5 * self.sigma * self.sigma)

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Gamma(Distribution):
    """The gamma distribution; for an integral `shape`, the sum of that many exponential times.

    The quantile is `scale` times the inverse of the regularized lower incomplete gamma function.
    """

    type: Literal["gamma"] = "gamma"
    elementwise = False
    shape: Positive
    scale: Positive

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.shape < 1e-300:
            yield ("shape",), "expected at least 1e-300"

    def quantile(self, u: Floats) -> Floats:
        density, table = gamma_table(float(self.shape))
        values: Floats = self.scale * (density.scale * exp(table(u)))
        return values

    def mean(self) -> float:
        return 1.0 * self.shape * self.scale

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Weibull(Distribution):
    """Times to failure: quantile scale (-log(1 - u)) ** (1 / shape)."""

    type: Literal["weibull"] = "weibull"
    shape: Positive
    scale: Positive

    def quantile(self, u: Floats) -> Floats:
        return self.scale * exp(log(-log1p(-u)) / self.shape)

    def mean(self) -> float:
        return self.scale * _exp(_lgamma(1.0 + 1.0 / self.shape))

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Pareto(Distribution):
    """Type I: values from `min` up with a heavy tail, quantile min (1 - u) ** (-1 / alpha)."""

    type: Literal["pareto"] = "pareto"
    alpha: Positive
    min: Positive

    def quantile(self, u: Floats) -> Floats:
        return self.min * exp(-log1p(-u) / self.alpha)

    def mean(self) -> float:
        return math.inf if self.alpha <= 1 else self.alpha / (self.alpha - 1) * self.min

    def bounds(self) -> tuple[float, float]:
        return self.min, math.inf


@register
class Triangular(Distribution):
    """Values from `min` to `max` whose density is a triangle with its peak at `mode`."""

    type: Literal["triangular"] = "triangular"
    min: Number
    mode: Number
    max: Number

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.min <= self.mode <= self.max:
            yield (), f"expected min <= mode <= max, not {self.min}, {self.mode}, {self.max}"

    def quantile(self, u: Floats) -> Floats:
        rise, fall = 1.0 * self.mode - self.min, 1.0 * self.max - self.mode
        width = rise + fall
        left = self.min + np.sqrt(u * width * rise)
        right = self.max - np.sqrt((1.0 - u) * width * fall)
        return np.clip(np.where(u * width < rise, left, right), self.min, self.max)

    def mean(self) -> float:
        return self.min / 3 + self.mode / 3 + self.max / 3

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max


@register
class Beta(Distribution):
    """The beta distribution, scaled to `min` .. `max`.

    The quantile is the inverse of the regularized incomplete beta function.
    """

    type: Literal["beta"] = "beta"
    elementwise = False
    alpha: Positive
    beta: Positive
    min: Number = 0.0
    max: Number = 1.0

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in ("alpha", "beta"):
            if getattr(self, key) > 1e6:
                yield (key,), "expected at most 1e6; above that, a normal distribution is the same"
            elif getattr(self, key) < 1e-300:
                yield (key,), "expected at least 1e-300"
        if self.min > self.max:
            yield ("min",), f"{quoted(self.min)} is greater than max, {quoted(self.max)}"

    def quantile(self, u: Floats) -> Floats:
        density, table = beta_table(float(self.alpha), float(self.beta))
        share, rest = density.shares(table(u))
        return np.clip(self.min * rest + self.max * share, self.min, self.max)

    def mean(self) -> float:
        share = self.alpha / (self.alpha + self.beta)
        return self.min * (1 - share) + self.max * share

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max


def _exp(value: float) -> float:
    """Return e ** value, infinite where that is beyond the largest double."""
    return math.exp(value) if value < 709.78 else math.inf


def _lgamma(value: float) -> float:
    """Return the logarithm of the gamma function, infinite beyond the largest double."""
    try:
        return math.lgamma(value)
    except OverflowError:
        return math.inf
