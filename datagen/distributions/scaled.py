"""Times that pass so many times as fast: those between workers, whose arrivals are scaled."""

import math
from typing import Literal

import numpy as np

from datagen.arrays import Bits, Floats
from datagen.curves.curve import Curve
from datagen.distributions.base import MAX_SECONDS, Distribution


class Scaled(Distribution):
    """A distribution of seconds, divided by a factor: the draws stay the same."""

    type: Literal["scaled"] = "scaled"
    elementwise = False
    timer: Distribution
    factor: float

    @classmethod
    def of(cls, timer: Distribution, factor: float) -> "Scaled":
        """Return a checked distribution with a factor above 0."""
        return cls.model_construct(timer=timer, factor=factor)

    @property
    def temporal(self) -> bool:  # type: ignore[override]
        return self.timer.temporal

    @property
    def curve(self) -> Curve | None:
        return self.timer.curve

    @property
    def hours(self) -> Curve | None:
        return self.timer.hours

    def quantile(self, u: Floats) -> Floats:
        return self.timer.quantile(u) / self.factor

    def exact_microseconds(self, bits: Bits) -> Floats:
        exact = self.timer.exact_microseconds(bits)
        exact /= self.factor
        return np.minimum(exact, MAX_SECONDS * 1e6, out=exact)

    def mean(self) -> float:
        return self.timer.mean() / self.factor

    def mean_duration(self) -> float:
        mean = self.timer.mean_duration() / self.factor
        return mean if mean <= MAX_SECONDS else math.inf

    def bounds(self) -> tuple[float, float]:
        low, high = self.timer.bounds()
        return low / self.factor, high / self.factor

    def starting_at(self, start: int) -> Distribution:
        return Scaled.of(self.timer.starting_at(start), self.factor)
