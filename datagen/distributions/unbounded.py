"""The exponential, the normal and the lognormal distribution; `min` and `max` truncate them.

The formulas are the inverses of the distribution functions in Johnson, Kotz and Balakrishnan (JKB),
"Continuous Univariate Distributions" (2nd edition, 1994 and 1995).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from pydantic import Field

from datagen.arrays import Floats, Mask
from datagen.distributions.base import register
from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.distributions.normal_shares import normal_shares
from datagen.distributions.truncation import Truncatable, exponential_shares
from datagen.elementary import exp, log, log1p
from datagen.errors import Path
from datagen.validation import NonNegative, Number, Positive, quoted

_QUANTILES = {"p90": 0.9, "p95": 0.95, "p99": 0.99}
_PER_ROOT_2_PI = 0.39894228040143267794
LARGEST_LOG = 709.78  # of a double


@register
class Exponential(Truncatable):
    """Times between the events of a Poisson process: quantile -mean log(1 - u)."""

    type: Literal["exponential"] = "exponential"
    unit_keys = ("mean", "min", "max")
    varying_keys = ("mean", "rate", "min", "max")
    mean_: Positive | None = Field(default=None, alias="mean")
    rate: Positive | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        yield from one_way(keys, (("mean",), ("rate",)))

    def parameters(self) -> dict[str, float]:
        return {"mean_": float(self._mean)}

    def allowed(self) -> Mask | bool:
        sound: Mask | bool = (self._mean > 0) & np.isfinite(self._mean)
        return sound & super().allowed()

    def whole_quantile(self, u: Floats) -> Floats:
        return -self._mean * log1p(-u)

    def whole_upper(self, v: Floats) -> Floats:
        return -self._mean * log(v)

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        del included
        return exponential_shares(x / self._mean)

    def whole_mean(self) -> float:
        return self._mean

    def truncated_mean(self) -> float:
        """Return the mean: it forgets what is below `min`."""
        low, width = max(self.min or 0.0, 0.0), math.inf
        if self.max is not None:
            width = self.max - low
        rest = width / self._mean
        return low + self._mean - (width / math.expm1(rest) if rest < 700 else 0.0)

    def whole_bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    @cached_property
    def _mean(self) -> float:
        """Return the mean; of n rows, float64[n]."""
        if self.mean_ is not None:
            return self.mean_
        assert self.rate is not None
        return 1.0 / self.rate


@register
class Normal(Truncatable):
    """The normal distribution; with a `stddev` of 0, the mean."""

    type: Literal["normal"] = "normal"
    unit_keys = varying_keys = ("mean", "stddev", "min", "max")
    mean_: Number = Field(alias="mean")
    stddev: NonNegative

    def parameters(self) -> dict[str, float]:
        return {"mean_": float(self.mean_), "stddev": float(self.stddev)}

    def allowed(self) -> Mask | bool:
        return (self.stddev >= 0) & super().allowed()

    def whole_quantile(self, u: Floats) -> Floats:
        return self.mean_ + self.stddev * standard_normal_quantile(u)

    def whole_upper(self, v: Floats) -> Floats:
        return self.mean_ - self.stddev * standard_normal_quantile(v)

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        return normal_shares(standardised(x, self.mean_, self.stddev, included=included))

    def whole_mean(self) -> float:
        return self.mean_

    def truncated_mean(self) -> float:
        """Return the mean (JKB, section 13.10.1)."""
        if not self.stddev:
            return self.mean_
        low, high = (
            0.0
            if end is None
            else math.exp(-0.5 * min(abs((end - self.mean_) / self.stddev), 40) ** 2)
            for end in (self.min, self.max)
        )
        return self.mean_ + self.stddev * (low - high) * _PER_ROOT_2_PI / float(self.cut.share)

    def whole_bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf) if self.stddev else (self.mean_, self.mean_)


@register
class Lognormal(Truncatable):
    """A value whose logarithm is normal with mean `mu` and standard deviation `sigma`.

    In their place stand the median and another quantile, or the mean and the standard deviation of the value.
    """

    type: Literal["lognormal"] = "lognormal"
    unit_keys = ("median", "p90", "p95", "p99", "mean", "stddev", "min", "max")
    varying_keys = ("mu", "sigma", *unit_keys)
    mu: Number | None = None
    sigma: NonNegative | None = None
    median: Positive | None = None
    p90: Positive | None = None
    p95: Positive | None = None
    p99: Positive | None = None
    mean_: Positive | None = Field(default=None, alias="mean")
    stddev: NonNegative | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        with_median = [("median", other) for other in ("sigma", *_QUANTILES)]
        yield from one_way(keys, [("mu", "sigma"), *with_median, ("mean", "stddev")])

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in _QUANTILES:
            value = getattr(self, key)
            if value is not None and self.median is not None and value < self.median:
                yield (key,), f"{quoted(value)} is less than the median, {quoted(self.median)}"
                return
        sigma = self._logs[1]
        if sigma is not None and not math.isfinite(sigma):
            key, beside = self._spread
            yield (key,), f"{quoted(getattr(self, key))} is too far from the {beside} for doubles"
            return
        yield from super().validate_keys()

    def parameters(self) -> dict[str, float]:
        return {"mu": float(self._logs[0]), "sigma": float(self._logs[1])}

    def allowed(self) -> Mask | bool:
        positive: Any = True
        for key in ("median", "mean_"):
            value = getattr(self, key)
            positive = positive if value is None else positive & np.greater(value, 0)
        _, sigma = self._logs
        spread = True if self.stddev is None else np.greater_equal(self.stddev, 0)
        allowed: Mask | bool = (
            positive & spread & (sigma >= 0) & np.isfinite(sigma) & super().allowed()
        )
        return allowed

    def whole_quantile(self, u: Floats) -> Floats:
        mu, sigma = self._logs
        return exp(mu + sigma * standard_normal_quantile(u))

    def whole_upper(self, v: Floats) -> Floats:
        mu, sigma = self._logs
        return exp(mu - sigma * standard_normal_quantile(v))

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        return normal_shares(standardised(log(np.maximum(x, 0.0)), *self._logs, included=included))

    def whole_mean(self) -> float:
        mu, sigma = self._logs
        return exp_of(mu + 0.5 * sigma * sigma)

    def truncated_mean(self) -> float:
        """Return the mean: the share of the distribution that is weighted by its values (JKB, section 14.7)."""
        mu, sigma = self._logs
        moved = Lognormal.model_construct(
            mu=mu + sigma * sigma, sigma=sigma, min=self.min, max=self.max
        )
        return self.whole_mean() * (float(moved.cut.share) / float(self.cut.share))

    def whole_bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    @property
    def _spread(self) -> tuple[str, str]:
        """Return the key that says how wide it is, and the one beside it."""
        given = [key for key in _QUANTILES if getattr(self, key) is not None]
        return (given[0], "median") if given else ("stddev", "mean")

    @cached_property
    def _logs(self) -> tuple[Any, Any]:
        """Return the mean and the standard deviation of the logarithm; of n rows, float64[n]."""
        if self.mean_ is not None and self.stddev is not None:
            share = self.stddev / self.mean_ * 1.0
            with np.errstate(all="ignore"):  # beyond the doubles it is not allowed
                variance = elementwise(log1p, share * share)
            return elementwise(log, self.mean_) - 0.5 * variance, np.sqrt(variance)
        if self.median is None:
            return self.mu, self.sigma
        for key, probability in _QUANTILES.items():
            value = getattr(self, key)
            if value is not None:
                z = elementwise(standard_normal_quantile, probability)
                return elementwise(log, self.median), elementwise(log, value / self.median) / z
        return elementwise(log, self.median), self.sigma


def one_way(keys: dict[str, Any], ways: Sequence[Sequence[str]]) -> Iterator[tuple[Path, str]]:
    """Yield that the keys which say how a distribution is parametrised are not those of one way."""
    known = dict.fromkeys(key for way in ways for key in way)
    given = [key for key in known if key in keys]
    yield from (((key,), "expected a number, not null") for key in given if keys[key] is None)
    if any({*given} == {*way} for way in ways):
        return
    joined = " or " if len(ways) == 2 else ", or "
    expected = joined.join(" with ".join(map(quoted, way)) for way in ways)
    found = " with ".join(map(quoted, given))
    yield (), f"expected {expected}" + (f", not {found}" if given else "")


def standardised(x: Floats, mean: Any, stddev: Any, *, included: bool) -> Floats:
    """Return how many standard deviations values are above the mean; the mean itself, without any, is infinitely far.

    It is above all that is `included` and below all else.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = (x - mean) / stddev
    return np.where(np.isnan(z), np.inf if included else -np.inf, z)


def elementwise(function: Callable[[Floats], Floats], value: Any) -> Any:
    """Return a function of arrays of a number, a number, or of an array."""
    return function(value * 1.0) if np.ndim(value) else float(function(np.array([value * 1.0]))[0])


def exp_of(value: float) -> float:
    """Return e ** value, infinite where that is beyond the largest double."""
    return math.exp(value) if value < LARGEST_LOG else math.inf
