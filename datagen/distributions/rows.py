"""What some distributions are where each of n rows has parameters of its own."""

from typing import Any

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.distributions.base import Distribution
from datagen.distributions.weights import GuideTable
from datagen.randomness import below_each

_INT64_END = 2.0**63


class ConstantOfRows(Distribution):
    """A value for each row: int64[n] or float64[n]."""

    value: Any

    @classmethod
    def of(cls, value: Any) -> "ConstantOfRows":
        """Return the constants of n rows."""
        return cls.model_construct(type="constant", value=value)

    def quantile(self, u: Floats) -> Floats:
        del u
        return np.array(self.value, dtype=np.float64)

    def sample_rounded(self, bits: Bits) -> Ints:
        whole = self.value.dtype == np.int64
        return self.value.copy() if whole else super().sample_rounded(bits)

    def sample_floored(self, bits: Bits) -> Ints:
        whole = self.value.dtype == np.int64
        return self.value.copy() if whole else super().sample_floored(bits)


class UniformOfRows(Distribution):
    """The values from `min` to `max` of each row."""

    min: Any
    max: Any

    @classmethod
    def of(cls, low: Any, high: Any) -> "UniformOfRows":
        """Return the distributions of n rows; one of the ends may be a number."""
        return cls.model_construct(type="uniform", min=low, max=high)

    def allowed(self) -> Mask | bool:
        allowed: Mask = self.min <= self.max
        return allowed

    def quantile(self, u: Floats) -> Floats:
        values: Floats = self.min * (1.0 - u)
        values += self.max * u
        return np.clip(values, self.min, self.max, out=values)

    def sample_rounded(self, bits: Bits) -> Ints:
        return self._whole(bits, super().sample_rounded(bits))

    def sample_floored(self, bits: Bits) -> Ints:
        return self._whole(bits, super().sample_floored(bits))

    def _whole(self, bits: Bits, others: Ints) -> Ints:
        """Return a whole number for each row, all alike between whole ends, else what is given."""
        low, high = (_whole_numbers(each, len(bits)) for each in (self.min, self.max))
        whole = low[1] & high[1]
        count = high[0].view(np.uint64) - low[0].view(np.uint64) + np.uint64(1)
        picked = below_each(bits, count) + low[0].view(np.uint64)
        return np.where(whole, picked.view(np.int64), others)


class ChoiceOfRows(Distribution):
    """Of the values of each row one, by weights that are the same in all: each value is a number, int64[n] or float64[n]."""

    values: Any
    ends: Any  # cumulative probabilities

    @classmethod
    def of(cls, values: list[Any], ends: Floats) -> "ChoiceOfRows":
        """Return the distributions of n rows."""
        return cls.model_construct(type="choice", values=values, ends=ends)

    def quantile(self, u: Floats) -> Floats:
        return self._picked(np.searchsorted(self.ends, u))

    def sample(self, bits: Bits) -> Floats:
        return self._picked(GuideTable(self.ends).places(bits))

    def _picked(self, places: Ints) -> Floats:
        picked = np.empty(len(places))
        for place, values in enumerate(self.values):
            rows = np.flatnonzero(places == place)
            picked[rows] = values[rows] if np.ndim(values) else float(values)
        return picked


def _whole_numbers(values: Any, count: int) -> tuple[Ints, Mask]:
    """Return numbers, one or one for each row, as whole ones, and where they are: int64[n], bool[n]."""
    given = np.broadcast_to(np.asarray(values), count)
    if given.dtype == np.int64:
        return given.copy(), np.ones(count, dtype=bool)
    doubles = given.astype(np.float64)
    whole = (np.floor(doubles) == doubles) & (doubles >= -_INT64_END) & (doubles < _INT64_END)
    return np.where(whole, doubles, 0.0).astype(np.int64), whole
