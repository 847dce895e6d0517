"""The gamma, the Weibull and the Pareto distribution; `min` and `max` truncate them.

The formulas are the inverses of the distribution functions in Johnson, Kotz and Balakrishnan (JKB),
"Continuous Univariate Distributions" (2nd edition, 1994 and 1995).
"""

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from datagen.arrays import Floats, Mask
from datagen.distributions.base import Distribution, register
from datagen.distributions.incomplete import gamma_quantiles, gamma_shares
from datagen.distributions.log_concave import gamma_table
from datagen.distributions.truncation import Truncatable, exponential_shares
from datagen.distributions.unbounded import LARGEST_LOG, exp_of
from datagen.elementary import exp, log, log1p
from datagen.errors import Path
from datagen.validation import Positive

_LARGEST_SHAPE = 1e15


@register
class Gamma(Truncatable):
    """The gamma distribution; for an integral `shape`, the sum of that many exponential times.

    The quantile is `scale` times the inverse of the regularized lower incomplete gamma function.
    """

    type: Literal["gamma"] = "gamma"
    elementwise = False
    unit_keys = ("scale", "min", "max")
    varying_keys = ("shape", *unit_keys)
    shape: Positive
    scale: Positive

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> Distribution:
        return GammaOfRows.model_construct(**parameters)

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.shape < 1e-300:
            yield ("shape",), "expected at least 1e-300"
        else:
            yield from super().validate_keys()

    def whole_quantile(self, u: Floats) -> Floats:
        density, table = gamma_table(float(self.shape))
        values: Floats = self.scale * (density.scale * exp(table(u)))
        return values

    def whole_upper(self, v: Floats) -> Floats:
        density, table = gamma_table(float(self.shape))
        values: Floats = self.scale * (density.scale * exp(table.upper(v)))
        return values

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        del included
        density, table = gamma_table(float(self.shape))
        return table.shares(log(np.maximum(x, 0.0) / self.scale / density.scale))

    def whole_mean(self) -> float:
        return 1.0 * self.shape * self.scale

    def truncated_mean(self) -> float:
        """Return the mean: the share of the distribution that is weighted by its values."""
        moved = Gamma.model_construct(
            shape=self.shape + 1.0, scale=self.scale, min=self.min, max=self.max
        )
        return self.whole_mean() * (float(moved.cut.share) / float(self.cut.share))

    def whole_bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Weibull(Truncatable):
    """Times to failure: quantile scale (-log(1 - u)) ** (1 / shape)."""

    type: Literal["weibull"] = "weibull"
    unit_keys = ("scale", "min", "max")
    varying_keys = ("shape", *unit_keys)
    shape: Positive
    scale: Positive

    def parameters(self) -> dict[str, float]:
        return {"shape": float(self.shape), "scale": float(self.scale)}

    def allowed(self) -> Mask | bool:
        return (self.shape > 0) & (self.scale > 0) & super().allowed()

    def whole_quantile(self, u: Floats) -> Floats:
        return self.scale * exp(log(-log1p(-u)) / self.shape)

    def whole_upper(self, v: Floats) -> Floats:
        return self.scale * exp(log(-log(v)) / self.shape)

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        del included
        return exponential_shares(self._stretched(x))

    def whole_mean(self) -> float:
        return self.scale * exp_of(_lgamma(1.0 + 1.0 / self.shape))

    def truncated_mean(self) -> float:
        """Return the mean: (x / scale) ** shape is exponential, so its powers are as those of gamma variates."""
        ends = [
            None if end is None else float(self._stretched(np.array([end * 1.0]))[0])
            for end in (self.min, self.max)
        ]
        moved = Gamma.model_construct(
            shape=1.0 + 1.0 / self.shape, scale=1.0, min=ends[0], max=ends[1]
        )
        return self.whole_mean() * (float(moved.cut.share) / float(self.cut.share))

    def whole_bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def _stretched(self, x: Floats) -> Floats:
        return exp(log(np.maximum(x, 0.0) / self.scale) * self.shape)


@register
class Pareto(Truncatable):
    """Type I: values from `min` up with a heavy tail, quantile min (1 - u) ** (-1 / alpha)."""

    type: Literal["pareto"] = "pareto"
    unit_keys = ("min", "max")
    varying_keys = ("alpha", *unit_keys)
    alpha: Positive
    min: Positive

    @property
    def truncated(self) -> bool:
        return self.max is not None

    def parameters(self) -> dict[str, float]:
        return {"alpha": float(self.alpha), "min": float(self.min)}

    def allowed(self) -> Mask | bool:
        return (self.alpha > 0) & (self.min > 0) & super().allowed()

    def whole_quantile(self, u: Floats) -> Floats:
        return self.min * exp(-log1p(-u) / self.alpha)

    def whole_upper(self, v: Floats) -> Floats:
        return self.min * exp(-log(v) / self.alpha)

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        del included
        return exponential_shares(log(np.maximum(x, self.min) / self.min) * self.alpha)

    def whole_mean(self) -> float:
        return math.inf if self.alpha <= 1 else self.alpha / (self.alpha - 1) * self.min

    def truncated_mean(self) -> float:
        """Return the mean (JKB, section 20.11)."""
        assert self.max is not None
        length = math.log(self.max / self.min)
        steps, growth = 1 - self.alpha, length
        if steps:
            growth = (
                math.expm1(steps * length) / steps if steps * length < LARGEST_LOG else math.inf
            )
        return self.min * self.alpha * growth / -math.expm1(-self.alpha * length)

    def whole_bounds(self) -> tuple[float, float]:
        return self.min, math.inf


class GammaOfRows(Gamma):
    """The gamma distributions of n rows."""

    def allowed(self) -> Mask | bool:
        sound = (self.shape >= 1e-300) & (self.shape <= _LARGEST_SHAPE) & (self.scale > 0)
        return sound & super().allowed()

    def whole_quantile(self, u: Floats) -> Floats:
        values: Floats = self.scale * gamma_quantiles(self.shape, u, 1.0 - u)
        return values

    def whole_upper(self, v: Floats) -> Floats:
        values: Floats = self.scale * gamma_quantiles(self.shape, 1.0 - v, v)
        return values

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        del included
        return gamma_shares(self.shape, np.maximum(x, 0.0) / self.scale)


def _lgamma(value: float) -> float:
    """Return the logarithm of the gamma function, infinite beyond the largest double."""
    try:
        return math.lgamma(value)
    except OverflowError:
        return math.inf
