"""Cuts distributions off at `min` and `max`: what is left between them keeps its shape.

A uniform u in (0, 1) becomes a probability between those below the two ends. Where fewer samples lie above a
value than below it, it is found by the probability above, which has all its digits there.
"""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from datagen.arrays import Floats, Mask
from datagen.distributions.base import Distribution, round_to_int
from datagen.distributions.log_concave import exp_excess
from datagen.elementary import exp
from datagen.errors import Path
from datagen.validation import Number, quoted

LEAST_SHARE = 1e-9  # of the samples, that must be between the ends
_MAX_INTEGERS = 2_000_000  # listed
_STRATA = 4096  # of equal probability, for a mean beyond the doubles
_HALF = 0.75  # safely above the probabilities that either way is used for


class Cut(NamedTuple):
    """The probabilities below and above each of the two ends: numbers, or float64[n]."""

    below_min: Any
    above_min: Any
    below_max: Any
    above_max: Any

    @property
    def share(self) -> Any:
        """Return the probability between the ends."""
        low = self.below_max - self.below_min
        return np.where(np.less(self.below_min, 0.5), low, self.above_min - self.above_max)


class Truncatable(Distribution):
    """The base of distributions on which `min` and `max` may be set, which truncate."""

    min: Number | None = None
    max: Number | None = None

    def whole_quantile(self, u: Floats) -> Floats:
        """Return the quantile without truncation: float64[n] -> float64[n]."""
        raise NotImplementedError

    def whole_upper(self, v: Floats) -> Floats:
        """Return the value above which a sample falls with probability v, without truncation."""
        raise NotImplementedError

    def shares(self, x: Floats, *, included: bool) -> tuple[Floats, Floats]:
        """Return the probabilities below and above values, without truncation: float64[n] -> float64[n] twice.

        A value itself counts as below it if it is `included`.
        """
        raise NotImplementedError

    def whole_bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value without truncation."""
        raise NotImplementedError

    def whole_mean(self) -> float:
        """Return the mean without truncation."""
        raise NotImplementedError

    def truncated_mean(self) -> float:
        """Return the mean with it."""
        raise NotImplementedError

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.truncated:
            yield from validate_ends(self.min, self.max, lambda: float(self.cut.share))

    @property
    def truncated(self) -> bool:
        """Return whether it is."""
        return self.min is not None or self.max is not None

    @property
    def stackable(self) -> bool:
        return self.elementwise and not self.truncated

    def allowed(self) -> Mask | bool:
        if not self.truncated:
            return True
        share: Mask = np.atleast_1d(self.cut.share) >= LEAST_SHARE
        return share

    def quantile(self, u: Floats) -> Floats:
        if not self.truncated:
            return self.whole_quantile(u)
        below = self.cut.below_min * (1.0 - u) + self.cut.below_max * u
        above = self.cut.above_min * (1.0 - u) + self.cut.above_max * u
        values = np.where(
            below <= above,
            self.whole_quantile(np.minimum(below, _HALF)),
            self.whole_upper(np.minimum(above, _HALF)),
        )
        return self._held(values)

    def bounds(self) -> tuple[float, float]:
        low, high = self.whole_bounds()
        low = low if self.min is None else max(low, self.min)
        return low, high if self.max is None else min(high, self.max)

    def mean(self) -> float:
        if not self.truncated:
            return self.whole_mean()
        low, high = self.bounds()
        try:
            mean = self.truncated_mean()
        except OverflowError:
            mean = math.inf
        if not math.isfinite(mean) and math.isfinite(high):
            mean = math.fsum(self.quantile((np.arange(_STRATA) + 0.5) / _STRATA)) / _STRATA
        return min(max(mean, low), high)

    def possible_integers(self) -> dict[int, float] | range | None:
        low, high = self.bounds()
        if not high - low < _MAX_INTEGERS:
            return None
        integers = np.arange(round_to_int(low), round_to_int(high) + 1)
        ends = np.clip(np.append(integers - 0.5, integers[-1] + 0.5), low, high)
        below, above = self.shares(ends, included=True)
        weights = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
        pairs = zip(integers.tolist(), weights.tolist(), strict=True)
        return {integer: weight for integer, weight in pairs if weight > 0}

    @cached_property
    def cut(self) -> Cut:
        """Return the probabilities at the ends."""
        return Cut(
            *((0.0, 1.0) if self.min is None else self._shares_at(self.min, included=False)),
            *((1.0, 0.0) if self.max is None else self._shares_at(self.max, included=True)),
        )

    def _shares_at(self, end: Any, *, included: bool) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            # an integer may be beyond int64
            ends = np.atleast_1d(np.asarray(end, dtype=np.float64))
            below, above = self.shares(ends, included=included)
        return (below[0], above[0]) if len(below) == 1 else (below, above)

    def _held(self, values: Floats) -> Floats:
        low = -np.inf if self.min is None else self.min
        high = np.inf if self.max is None else self.max
        return np.clip(values, low, high, out=values)


def validate_ends(
    low: float | None, high: float | None, share: Callable[[], float]
) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong between the ends, between which there is a `share` of the distribution."""
    if low is not None and high is not None and low > high:
        yield ("min",), f"{quoted(low)} is greater than max, {quoted(high)}"
    elif not (left := share()) >= LEAST_SHARE:
        key = "max" if low is None else "min"
        some = f"{left:.3g}" if left > 0 else "nothing"
        yield (key,), f"{some} of the distribution is left between min and max; expected 1e-9 of it"


def exponential_shares(t: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities below and above values of an exponential variate of mean 1: float64[n] -> twice.

    Those below 0 count as 0.
    """
    t = np.maximum(t, 0.0)
    return t - exp_excess(-t), exp(-t)
