"""Whole numbers, decimal numbers and counters."""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Floats
from datagen.columns.column import Column, FloatColumn, IntColumn, LiteralColumn
from datagen.columns.column_type import FLOAT, INT, INT64
from datagen.distributions.base import AnyDistribution, Distribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, Draw, Field, LimitedField, Support
from datagen.validation import Integer, invalid_value, quoted


def possible_wholes(distribution: Distribution, allowed: range) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when a distribution's ends lie outside a range of whole numbers."""
    keys = {"constant": ["value"], "uniform": ["min", "max"]}.get(distribution.type, [])
    for key in keys:
        end = getattr(distribution, key)
        if not allowed[0] <= end <= allowed[-1]:
            limits = f"{allowed[0]} to {allowed[-1]}"
            yield ("distribution", key), f"expected a number from {limits}, not {quoted(end)}"


@FIELDS.register
class IntField(LimitedField):
    """A whole number: the sample, rounded to the nearest (halves away from zero)."""

    type: Literal["int"] = "int"
    one_shape = INT
    distribution: AnyDistribution

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from possible_wholes(self.distribution, INT64)

    def values(self, draw: Draw) -> Column:
        return IntColumn(self.distribution.sample_rounded(draw.stream("value")))

    def support(self) -> Support | None:
        wholes = self.distribution.possible_integers()
        if wholes is None:
            return None
        if isinstance(wholes, range):
            size = wholes[-1] - wholes[0] + 1
            return Support(size, lambda: IntColumn(np.arange(size) + np.int64(wholes[0])))
        held = {min(max(value, INT64[0]), INT64[-1]): weight for value, weight in wholes.items()}
        weights = np.array(list(held.values()))
        return Support(len(held), lambda: IntColumn(np.array(list(held), np.int64)), weights)


def _decimals(value: int) -> int:
    if not 0 <= value <= 15:
        raise invalid_value(f"expected 0 to 15 decimals, not {quoted(value)}")
    return value


@FIELDS.register
class FloatField(LimitedField):
    """A number; with `precision`, rounded to that many decimals, half to even."""

    type: Literal["float"] = "float"
    one_shape = FLOAT
    distribution: AnyDistribution
    precision: Annotated[Integer, AfterValidator(_decimals)] | None = None

    def values(self, draw: Draw) -> Column:
        return self._rounded(self.distribution.sample(draw.stream("value")))

    def support(self) -> Support | None:
        if self.distribution.type not in ("constant", "choice"):
            return None
        options = getattr(self.distribution, "values", None) or [self.distribution.mean()]
        weights = getattr(self.distribution, "weights", None) or [1.0] * len(options)
        chances: dict[float, float] = {}
        for value, weight in zip(self._decimal(np.array(options, float)), weights, strict=True):
            if weight > 0:
                chances[float(value)] = chances.get(float(value), 0.0) + weight
        values = np.array(list(chances))
        return Support(len(chances), lambda: FloatColumn(values), np.array(list(chances.values())))

    def _rounded(self, samples: Floats) -> Column:
        return FloatColumn(self._decimal(samples))

    def _decimal(self, samples: Floats) -> Floats:
        return samples if self.precision is None else rounded(samples, self.precision)


def rounded(values: Floats, decimals: int) -> Floats:
    """Round to decimals, half to even, as Python's `round` does: by the exact binary value.

    Scaling by a power of ten is itself rounded; where that could decide, Python does.
    """
    scale = 10.0**decimals
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * scale
        distance = np.abs(np.abs(scaled - np.floor(scaled)) - 0.5)
    result = np.rint(scaled) / scale
    for place in np.flatnonzero(~(distance > 1e-6) | (np.abs(scaled) > 2.0**50)):
        result[place] = round(float(values[place]), decimals)
    return result


def _word(value: int) -> int:
    if value not in INT64:
        raise invalid_value(f"{quoted(value)} does not fit into 64 bits")
    return value


Word = Annotated[Integer, AfterValidator(_word)]


@FIELDS.register
class CounterField(Field):
    """A whole number that grows by `increment` from `start`, one sequence for all workers."""

    type: Literal["counter"] = "counter"
    one_shape = INT
    start: Word = 0
    increment: Word = 1

    def values(self, draw: Draw) -> Column:
        assert draw.context.numbering is not None
        numbers = draw.context.numbering.numbers(draw.path, draw.rows)
        if self.start + int(numbers.max(initial=0)) * self.increment not in INT64:
            return LiteralColumn([self.start + n * self.increment for n in numbers.tolist()])
        return IntColumn(np.int64(self.start) + numbers * np.int64(self.increment))
