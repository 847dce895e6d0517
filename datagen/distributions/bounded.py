"""Distributions between two ends, whose quantile function is a formula.

The formulas are the inverses of the distribution functions in Johnson, Kotz and Balakrishnan,
"Continuous Univariate Distributions", volume 2 (2nd edition, 1995).
"""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from datagen.arrays import Floats, Mask
from datagen.distributions.base import Distribution, register
from datagen.distributions.incomplete import beta_quantiles
from datagen.distributions.log_concave import beta_table
from datagen.errors import Path
from datagen.validation import Number, Positive, quoted


@register
class Triangular(Distribution):
    """Values from `min` to `max` whose density is a triangle with its peak at `mode`."""

    type: Literal["triangular"] = "triangular"
    unit_keys = varying_keys = ("min", "mode", "max")
    min: Number
    mode: Number
    max: Number

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.min <= self.mode <= self.max:
            yield (), f"expected min <= mode <= max, not {self.min}, {self.mode}, {self.max}"

    def allowed(self) -> Mask | bool:
        return (self.min <= self.mode) & (self.mode <= self.max)

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
    unit_keys = ("min", "max")
    varying_keys = ("alpha", "beta", *unit_keys)
    alpha: Positive
    beta: Positive
    min: Number = 0.0
    max: Number = 1.0

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> Distribution:
        return BetaOfRows.model_construct(**parameters)

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


class BetaOfRows(Beta):
    """The beta distributions of n rows."""

    def allowed(self) -> Mask | bool:
        sound: Any = self.min <= self.max
        for each in (self.alpha, self.beta):
            sound = sound & (each >= 1e-300) & (each <= 1e6)
        allowed: Mask | bool = sound
        return allowed

    def quantile(self, u: Floats) -> Floats:
        share, rest = beta_quantiles(self.alpha, self.beta, u)
        return np.clip(self.min * rest + self.max * share, self.min, self.max)
