"""The field types `int`, `float` and `counter`."""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, INT, INT64
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.distributions.base import Distribution, clip_to_int64
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.language import AnyExpression, Expression
from datagen.validation import Integer, Name, invalid_value, quoted


def validate_range(distribution: Distribution, allowed: range) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when a distribution surely has values outside a range of integers."""
    for key in distribution.range_keys:
        value = getattr(distribution, key)
        if not allowed[0] <= value <= allowed[-1]:
            limits = f"{allowed[0]} to {allowed[-1]}"
            yield ("distribution", key), f"expected a number from {limits}, not {quoted(value)}"


_EXACT = 2.0**50  # up to which doubles have a bit for quarters


@FIELDS.register
class IntField(LimitedField):
    """An integer: the sample, rounded to the nearest (halves away from zero)."""

    type: Literal["int"] = "int"
    value_type = INT
    distribution: AnyDistribution

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_range(self.distribution, INT64)

    def values(self, draw: Draw) -> Column:
        samples, absent = draw.sampled(
            "value", self.distribution, lambda d, bits: d.sample_rounded(bits)
        )
        return IntColumn(samples).with_nulls(absent)

    def possible_values(self) -> PossibleValues | None:
        integers = self.distribution.possible_integers()
        if integers is None:
            return None
        if isinstance(integers, range):
            count, first = integers[-1] - integers[0] + 1, np.int64(integers[0])
            return PossibleValues(count, lambda: IntColumn(np.arange(count) + first))
        clipped = {clip_to_int64(value): weight for value, weight in integers.items()}
        values, weights = np.array(list(clipped), np.int64), np.array(list(clipped.values()))
        return PossibleValues(len(clipped), lambda: IntColumn(values), weights)


def _decimals(value: int) -> int:
    if not 0 <= value <= 15:
        raise invalid_value(f"expected 0 to 15 decimals, not {quoted(value)}")
    return value


Decimals = Annotated[Integer, AfterValidator(_decimals)]


@FIELDS.register
class FloatField(LimitedField):
    """A number; with `precision`, rounded to that many decimals, half to even."""

    type: Literal["float"] = "float"
    value_type = FLOAT
    distribution: AnyDistribution
    precision: Decimals | None = None

    def values(self, draw: Draw) -> Column:
        samples, absent = draw.sampled("value", self.distribution, self._sample)
        return FloatColumn(samples).with_nulls(absent)

    def possible_values(self) -> PossibleValues | None:
        listed = self.distribution.weighted_values()
        if listed is None:
            return None
        rounded = self._rounded(np.array([value for value, _ in listed], float)).tolist()
        weights: dict[float, float] = {}
        for value, (_, weight) in zip(rounded, listed, strict=True):
            if weight > 0:
                weights[value] = weights.get(value, 0.0) + weight
        values = np.array(list(weights))
        return PossibleValues(
            len(weights), lambda: FloatColumn(values), np.array(list(weights.values()))
        )

    def _sample(self, distribution: Distribution, bits: Bits) -> Floats:
        return self._rounded(distribution.sample(bits))

    def _rounded(self, samples: Floats) -> Floats:
        return samples if self.precision is None else round_decimals(samples, self.precision)


def round_decimals(values: Floats, decimals: int) -> Floats:
    """Round to decimals, half to even, by the exact binary value: float64[n] -> float64[n].

    As Python's `round` does. Scaling by a power of ten is itself rounded; where that could decide,
    Python's `round` does it.
    """
    scale = float(10**decimals)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * scale
        result = np.rint(scaled)
        sure = np.abs(scaled - result) < 0.5 - 1e-6
    if not (scaled.min(initial=0.0) >= -_EXACT and scaled.max(initial=0.0) <= _EXACT):
        sure &= np.abs(scaled) <= _EXACT
    result /= scale
    for place in np.flatnonzero(~sure):
        result[place] = round(float(values[place]), decimals)
    return result


def _int64(value: int) -> int:
    if value not in INT64:
        raise invalid_value(f"{quoted(value)} does not fit into 64 bits")
    return value


Int64 = Annotated[Integer, AfterValidator(_int64)]


@FIELDS.register
class CounterField(Field):
    """An integer that grows by `increment` from `start`, one sequence for all workers.

    All that name the same `sequence` share it; with `per`, each value of that expression has a sequence of its own.
    """

    type: Literal["counter"] = "counter"
    value_type = INT
    pure = False
    counts = True
    sequence_keys = ("start", "increment", "per")
    start: Int64 = 0
    increment: Int64 = 1
    sequence: Name | None = None
    per: AnyExpression | None = None

    def values(self, draw: Draw) -> Column:
        numbers = self._numbers(draw)
        if self.start + int(numbers.max(initial=0)) * self.increment not in INT64:
            return LiteralColumn([self.start + n * self.increment for n in numbers.tolist()])
        return IntColumn(np.int64(self.start) + numbers * np.int64(self.increment))

    def sequence_of(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.sequence is not None:
            return "sequence", self.sequence
        return None if self.per is None else ("per", *path)

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        if self.per is not None:
            yield ("per",), self.per

    def _numbers(self, draw: Draw) -> Ints:
        counters, sequence, per = draw.context.counters, self.sequence_of(draw.path), self.per
        assert counters is not None
        if sequence is None:
            return counters.numbers(draw.path, draw.rows)
        values = None if per is None else lambda: draw.evaluated(per)
        return counters.shared_numbers(draw.path, sequence, draw.rows, values)
