"""One value, or all between two ends alike."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column_type import INT64
from datagen.distributions.base import (
    MAX_SECONDS,
    Distribution,
    clip_to_int64,
    register,
    round_to_int,
)
from datagen.distributions.rows import ConstantOfRows, UniformOfRows
from datagen.errors import Path
from datagen.randomness import below
from datagen.validation import Number, quoted


@register
class Constant(Distribution):
    """Always the same value."""

    type: Literal["constant"] = "constant"
    elementwise = False
    discrete = True
    range_keys = unit_keys = varying_keys = ("value",)
    value: Number

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> Distribution:
        return ConstantOfRows.of(parameters["value"])

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
    range_keys = unit_keys = varying_keys = ("min", "max")
    min: Number
    max: Number

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> Distribution:
        return UniformOfRows.of(parameters["min"], parameters["max"])

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

    def of_indices(self) -> Distribution:
        ends = self._integer_bounds
        return Uniform.model_construct(min=ends[0], max=ends[1] + 1) if ends else self

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
