"""Distributions of times between events whose rate follows a curve over the week."""

import math
from functools import cached_property
from typing import Literal

from pydantic import Field

from datagen.arrays import Floats
from datagen.curves.curve import Curve, Days, GaussianMixture, TimeZone
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.base import Distribution, register
from datagen.elementary import log1p
from datagen.validation import Positive


@register
class GmmTemporal(Distribution):
    """Times between events whose rate follows a mixture of Gaussians over the day.

    This is a nonhomogeneous Poisson process: the quantile function is that of the time between
    events where the curve is 1, and the integral of the curve turns it into clock time.
    """

    type: Literal["gmm_temporal"] = "gmm_temporal"
    elementwise = False
    temporal = True
    unit_keys = ("mean",)
    mean_: Positive = Field(alias="mean")
    days: Days
    timezone: TimeZone | None = None

    @cached_property
    def curve(self) -> Curve:
        """Return the curve that the rate follows."""
        return GaussianMixture.model_construct(days=self.days, timezone=self.timezone)

    def quantile(self, u: Floats) -> Floats:
        return -self.mean_ * log1p(-u)

    def mean(self) -> float:
        """Return the mean time between events over whole weeks, at the curve's mean height."""
        return self.mean_ / RateIntegral([self.curve]).mean()

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf
