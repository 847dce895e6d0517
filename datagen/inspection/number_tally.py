"""Sums up numbers, array after array: their moments, quantiles and a histogram, in memory that has a bound."""

import math
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints

MAX_KEPT = 1 << 18  # numbers of which quantiles are exact
BINS = 32
_LONG_TAIL = 2.0  # times the 99th percentile, from which on a histogram ends there


@dataclass(frozen=True)
class NumberSummary:
    """What some numbers are like; of none at all, all is 0.

    Where `exact` is false, `median`, `p99` and the histogram are those of every so many numbers. `bins`, int64[BINS], count
    those from `least` to `top`, in steps of the same width; `above` is the share of those beyond `top`.
    """

    count: int
    least: float
    median: float
    p99: float
    greatest: float
    mean: float
    deviation: float
    exact: bool
    bins: Ints
    top: float
    above: float

    def errors_from(self, expected: float, rounding: float = 0.0) -> float:
        """Return how many standard errors the mean is from what is expected; 0 where only rounding lies between."""
        difference = self.mean - expected
        if not self.count or abs(difference) <= rounding:
            return 0.0
        error = self.deviation / math.sqrt(self.count)
        return difference / error if error else math.copysign(math.inf, difference)


class NumberTally:
    """Takes numbers in any order that hangs on nothing but themselves.

    It keeps every so many of them, so that quantiles need no more memory than MAX_KEPT numbers.
    """

    def __init__(self) -> None:
        self._count, self._mean, self._squares = 0, 0.0, 0.0
        self._least, self._greatest = math.inf, -math.inf
        self._kept: list[Floats] = []
        self._stride = 1

    def add(self, numbers: Floats) -> None:
        """Add numbers, finite ones: float64[n]."""
        if not len(numbers):
            return
        # pairwise, as Chan, Golub and LeVeque have it ("Algorithms for computing the sample variance", 1983)
        mean, total = float(numbers.mean()), self._count + len(numbers)
        apart = mean - self._mean
        self._squares += float(((numbers - mean) ** 2).sum())
        self._squares += apart * apart * self._count * len(numbers) / total
        self._mean += apart * len(numbers) / total
        self._least = min(self._least, float(numbers.min()))
        self._greatest = max(self._greatest, float(numbers.max()))
        self._kept.append(numbers[-self._count % self._stride :: self._stride].copy())
        self._count = total
        while sum(map(len, self._kept)) > MAX_KEPT:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._stride *= 2

    def summary(self) -> NumberSummary:
        """Return what the numbers so far are like."""
        if not self._count:
            return NumberSummary(0, 0, 0, 0, 0, 0, 0, True, np.zeros(BINS, dtype=np.int64), 0, 0)
        kept = np.concatenate(self._kept)
        # the least number that so large a share of all is not above, so that it is one of them
        median, p99 = np.quantile(kept, [0.5, 0.99], method="inverted_cdf").tolist()
        top = self._greatest
        if top - self._least > _LONG_TAIL * (p99 - self._least) > 0:
            top = p99
        bins, _ = np.histogram(kept, BINS, (self._least, top))
        return NumberSummary(
            count=self._count,
            least=self._least,
            median=median,
            p99=p99,
            greatest=self._greatest,
            mean=self._mean,
            deviation=math.sqrt(self._squares / max(self._count - 1, 1)),
            exact=self._stride == 1,
            bins=bins,
            top=top,
            above=float((kept > top).mean()),
        )
