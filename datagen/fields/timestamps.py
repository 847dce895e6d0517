"""Instants: timestamps from a distribution, and the clock."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column, InstantColumn, TextColumn
from datagen.columns.column_type import INSTANT, TEXT, ColumnType
from datagen.columns.strftime import TimePattern
from datagen.distributions.base import parse_distribution
from datagen.distributions.weights import Weights, cumulative, validate_histogram
from datagen.errors import Path
from datagen.fields.base import FIELDS, Draw, Field, LimitedField, Support
from datagen.instants import Instant, parse_instant
from datagen.randomness import below, uniform
from datagen.validation import (
    Family,
    Model,
    NonNegative,
    Positive,
    UnicodeText,
    at_least_one,
    invalid_value,
    quoted,
)


def _instant(data: Any) -> Instant:
    if not isinstance(data, str):
        raise invalid_value(f"expected an ISO 8601 instant in quotes, not {quoted(data)}")
    try:
        return parse_instant(data)
    except ValueError as error:
        raise invalid_value(f"{quoted(data)} is {error}") from error


AnyInstant = Annotated[Instant, PlainValidator(_instant)]
INSTANTS: "Family[InstantDistribution]" = Family("distribution of instants")


class InstantDistribution(Model):
    """The base of the family: a distribution whose values are instants."""

    type: str

    def first(self) -> Instant:
        """Return the instant whose way of writing the values follow."""
        raise NotImplementedError

    def instants(self) -> list[Instant]:
        """Return all instants among the parameters."""
        return [self.first()]

    def micros(self, bits: Bits) -> Ints:
        """Return an instant for each draw, microseconds since 1970: uint64[n] -> int64[n]."""
        raise NotImplementedError

    def thousandths(self) -> range | dict[int, float] | None:
        """Return the milliseconds since 1970 that are possible (with weights), or None."""
        return None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if len({instant.style.suffix != "" for instant in self.instants()}) > 1:
            yield (), "expected all instants with an offset, or none"

    def _after(self, base: Instant, seconds: Floats) -> Ints:
        low, high = self.first().style.limits
        seconds = np.clip(seconds, -1e12, 1e12)  # beyond all years
        micros = np.rint(np.clip(base.micros + seconds * 1e6, low, high - 1e3))
        return np.clip(micros.astype(np.int64), low, high - 1)


@INSTANTS.register
class ConstantInstant(InstantDistribution):
    """Always the same instant."""

    type: Literal["constant"] = "constant"
    value: AnyInstant

    def first(self) -> Instant:
        return self.value

    def micros(self, bits: Bits) -> Ints:
        return np.full(len(bits), self.value.micros)

    def thousandths(self) -> dict[int, float]:
        return {self.value.micros // 1000: 1.0}


@INSTANTS.register
class UniformInstant(InstantDistribution):
    """Every microsecond from `min` to `max` with the same chance."""

    type: Literal["uniform"] = "uniform"
    min: AnyInstant
    max: AnyInstant

    def first(self) -> Instant:
        return self.min

    def instants(self) -> list[Instant]:
        return [self.min, self.max]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if self.min.micros > self.max.micros:
            yield ("min",), "is later than max"

    def micros(self, bits: Bits) -> Ints:
        width = self.max.micros - self.min.micros + 1
        return below(bits, width).view(np.int64) + self.min.micros

    def thousandths(self) -> range:
        return range(self.min.micros // 1000, self.max.micros // 1000 + 1)


@INSTANTS.register
class NormalInstant(InstantDistribution):
    """The bell curve around the instant `mean`, `stddev` in seconds."""

    type: Literal["normal"] = "normal"
    mean: AnyInstant
    stddev: NonNegative

    def first(self) -> Instant:
        return self.mean

    def micros(self, bits: Bits) -> Ints:
        spread = parse_distribution({"type": "normal", "mean": 0, "stddev": self.stddev})
        return self._after(self.mean, spread.sample(bits))


@INSTANTS.register
class ExponentialInstant(InstantDistribution):
    """Instants from `min` on, `mean` seconds after it on average."""

    type: Literal["exponential"] = "exponential"
    min: AnyInstant
    mean: Positive

    def first(self) -> Instant:
        return self.min

    def micros(self, bits: Bits) -> Ints:
        wait = parse_distribution({"type": "exponential", "mean": self.mean})
        return self._after(self.min, wait.sample(bits))


@INSTANTS.register
class TriangularInstant(InstantDistribution):
    """Instants from `min` to `max`, most often around `mode`."""

    type: Literal["triangular"] = "triangular"
    min: AnyInstant
    mode: AnyInstant
    max: AnyInstant

    def first(self) -> Instant:
        return self.min

    def instants(self) -> list[Instant]:
        return [self.min, self.mode, self.max]

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if not self.min.micros <= self.mode.micros <= self.max.micros:
            yield (), "expected min <= mode <= max"

    def micros(self, bits: Bits) -> Ints:
        mode, end = ((each.micros - self.min.micros) / 1e6 for each in (self.mode, self.max))
        column_type = parse_distribution({"type": "triangular", "min": 0, "mode": mode, "max": end})
        return self._after(self.min, column_type.sample(bits))


@INSTANTS.register
class ChoiceInstant(InstantDistribution):
    """One of `values`, with `weights` as chances."""

    type: Literal["choice"] = "choice"
    values: Annotated[list[AnyInstant], at_least_one("value")]
    weights: Weights | None = None

    def first(self) -> Instant:
        return self.values[0]

    def instants(self) -> list[Instant]:
        return self.values

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if self.weights is not None and len(self.weights) != len(self.values):
            yield (
                ("weights",),
                f"expected as many as values, {len(self.values)}, not {len(self.weights)}",
            )

    def micros(self, bits: Bits) -> Ints:
        places = np.searchsorted(cumulative(self._chances()), uniform(bits))
        return np.array([value.micros for value in self.values])[places]

    def thousandths(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for value, weight in zip(self.values, self._chances().tolist(), strict=True):
            if weight > 0:
                found[value.micros // 1000] = found.get(value.micros // 1000, 0.0) + weight
        return found

    def _chances(self) -> Floats:
        return np.array(self.weights or [1.0] * len(self.values), dtype=float)


@INSTANTS.register
class HistogramInstant(InstantDistribution):
    """Bins between rising `edges`, chosen by `weights`; even within a bin."""

    type: Literal["histogram"] = "histogram"
    edges: list[AnyInstant]
    weights: Weights

    def first(self) -> Instant:
        return self.edges[0]

    def instants(self) -> list[Instant]:
        return self.edges

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_histogram([edge.micros for edge in self.edges], self.weights)

    def micros(self, bits: Bits) -> Ints:
        edges = [(edge.micros - self.edges[0].micros) / 1e6 for edge in self.edges]
        column_type = parse_distribution(
            {"type": "histogram", "edges": edges, "weights": self.weights}
        )
        return self._after(self.edges[0], column_type.sample(bits))


@FIELDS.register
class TimestampField(LimitedField):
    """An instant as ISO 8601 text, independent of the clock."""

    type: Literal["timestamp"] = "timestamp"
    one_shape = INSTANT
    distribution: Annotated[InstantDistribution, PlainValidator(INSTANTS.parse)]

    def values(self, draw: Draw) -> Column:
        style = self.distribution.first().style
        return InstantColumn(self.distribution.micros(draw.stream("value")), style)

    def support(self) -> Support | None:
        possible, style = self.distribution.thousandths(), self.distribution.first().style
        if possible is None:
            return None
        weights = np.array(list(possible.values())) if isinstance(possible, dict) else None
        return Support(
            possible[-1] - possible[0] + 1 if isinstance(possible, range) else len(possible),
            lambda: InstantColumn(np.array(list(possible)) * 1000, style),
            weights,
        )


def _pattern(text: str) -> str:
    try:
        TimePattern(text)
    except ValueError as error:
        raise invalid_value(str(error)) from error
    return text


@FIELDS.register
class ClockField(Field):
    """The clock at the visit; as a variable it remembers that instant."""

    type: Literal["clock"] = "clock"
    format: Annotated[UnicodeText, AfterValidator(_pattern)] | None = None

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        del variables
        return INSTANT if self.format is None else TEXT

    def values(self, draw: Draw) -> Column:
        if self.format is None:
            return InstantColumn(draw.times, draw.context.style)
        return TextColumn(TimePattern(self.format).text(draw.times, draw.context.style))
