"""Distributions whose values are instants, of which the field type `timestamp` makes its own."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.distributions.discrete import Histogram
from datagen.distributions.parsing import parse_distribution
from datagen.distributions.truncation import Truncatable
from datagen.distributions.unbounded import Exponential, Normal
from datagen.distributions.varying import Varying, or_expression, varying_of
from datagen.distributions.weights import (
    Weights,
    cumulative,
    validate_histogram,
    validate_weights_of,
)
from datagen.durations import duration_seconds
from datagen.errors import Path
from datagen.instants import Instant, Style, parse_instant
from datagen.randomness import below, uniform
from datagen.validation import (
    Family,
    Model,
    NonNegative,
    Positive,
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


def _no_length(data: Any) -> Any:
    length = duration_seconds(data) if isinstance(data, str) else None
    if length is not None:
        raise invalid_value(f"{quoted(data)}: here give the number of seconds, {length}")
    return data


_NO_LENGTH = BeforeValidator(_no_length)
Change = Callable[[Instant], Instant]
AnyInstant = Annotated[Instant, PlainValidator(_instant)]
INSTANTS: "Family[InstantDistribution]" = Family("distribution of instants")


class InstantDistribution(Model):
    """The base of the family: a distribution whose values are instants."""

    type: str

    def instants(self) -> list[Instant]:
        """Return the instants among the parameters; the first is the origin of what is sampled."""
        raise NotImplementedError

    @property
    def style(self) -> Style:
        """Return how values are written: as the first of the instants is."""
        return self.instants()[0].style

    def with_instants(self, change: Change) -> Self:
        """Return the same with each of the instants changed."""
        raise NotImplementedError

    def placed(self, style: Style) -> Self:
        """Return the same with the instants as a style has them, so that values are written in it."""
        if style not in self._placed:
            self._placed[style] = self.with_instants(style.placed)
        return self._placed[style]

    def micros(self, bits: Bits) -> Ints:
        """Return an instant for each draw, microseconds since 1970: uint64[n] -> int64[n]."""
        raise NotImplementedError

    def varying(self) -> Varying | None:
        """Return the distribution of the seconds after the first of the instants, if parameters are expressions."""
        return None

    def possible_milliseconds(self) -> range | dict[int, float] | None:
        """Return the milliseconds since 1970 that are possible (with weights), or None: too many."""
        return None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if len({instant.style.suffix != "" for instant in self.instants()}) > 1:
            yield (), "expected all instants with an offset, or none"

    @cached_property
    def _placed(self) -> dict[Style, Self]:
        return {}

    def _change(self, change: Change, *keys: str) -> Self:
        given = {key: getattr(self, key) for key in keys}
        changed = {key: change(each) for key, each in given.items() if each is not None}
        return self.model_copy(update=changed)

    def after_first(self, seconds: Floats) -> Ints:
        """Return microseconds since 1970 of seconds after the first of the instants."""
        low, high = self.style.limits
        seconds = np.clip(seconds, -1e12, 1e12)  # beyond all years
        micros = np.rint(np.clip(self.instants()[0].micros + seconds * 1e6, low, high - 1e3))
        return np.clip(micros.astype(np.int64), low, high - 1)


def _seconds_between(first: Instant, second: Instant | None) -> float | None:
    return None if second is None else (second.micros - first.micros) / 1e6


def _validate_ends(
    low: Instant | None, high: Instant | None, seconds: Truncatable
) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with the ends of a distribution of seconds."""
    if low is not None and high is not None and low.micros > high.micros:
        yield ("min",), "is later than max"
    elif varying_of(seconds) is None:
        yield from seconds.validate_keys()


@INSTANTS.register
class ConstantInstant(InstantDistribution):
    """Always the same instant."""

    type: Literal["constant"] = "constant"
    value: AnyInstant

    def instants(self) -> list[Instant]:
        return [self.value]

    def with_instants(self, change: Change) -> Self:
        return self._change(change, "value")

    def micros(self, bits: Bits) -> Ints:
        return np.full(len(bits), self.value.micros)

    def possible_milliseconds(self) -> dict[int, float]:
        return {self.value.micros // 1000: 1.0}


@INSTANTS.register
class UniformInstant(InstantDistribution):
    """Every microsecond from `min` to `max` with the same probability."""

    type: Literal["uniform"] = "uniform"
    min: AnyInstant
    max: AnyInstant

    def instants(self) -> list[Instant]:
        return [self.min, self.max]

    def with_instants(self, change: Change) -> Self:
        return self._change(change, "min", "max")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if self.min.micros > self.max.micros:
            yield ("min",), "is later than max"

    def micros(self, bits: Bits) -> Ints:
        width = self.max.micros - self.min.micros + 1
        return below(bits, width).view(np.int64) + self.min.micros

    def possible_milliseconds(self) -> range:
        return range(self.min.micros // 1000, self.max.micros // 1000 + 1)


@INSTANTS.register
class NormalInstant(InstantDistribution):
    """Normally distributed around the instant `mean`, with a `stddev` in seconds; `min` and `max` truncate."""

    type: Literal["normal"] = "normal"
    mean: AnyInstant
    stddev: Annotated[Any, PlainValidator(or_expression(Annotated[NonNegative, _NO_LENGTH]))]
    min: AnyInstant | None = None
    max: AnyInstant | None = None

    def instants(self) -> list[Instant]:
        return [each for each in (self.mean, self.min, self.max) if each is not None]

    def with_instants(self, change: Change) -> Self:
        return self._change(change, "mean", "min", "max")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from _validate_ends(self.min, self.max, self._seconds())

    def micros(self, bits: Bits) -> Ints:
        return self.after_first(self._seconds().sample(bits))

    def varying(self) -> Varying | None:
        return varying_of(self._seconds(), "stddev")

    def _seconds(self) -> Normal:
        """Return the distribution of the seconds after the mean."""
        low, high = (_seconds_between(self.mean, each) for each in (self.min, self.max))
        return Normal.model_construct(mean_=0, stddev=self.stddev, min=low, max=high)


@INSTANTS.register
class ExponentialInstant(InstantDistribution):
    """Exponentially distributed after the instant `min`, by `mean` seconds on average; `max` truncates."""

    type: Literal["exponential"] = "exponential"
    min: AnyInstant
    mean: Annotated[Any, PlainValidator(or_expression(Annotated[Positive, _NO_LENGTH]))]
    max: AnyInstant | None = None

    def instants(self) -> list[Instant]:
        return [self.min] if self.max is None else [self.min, self.max]

    def with_instants(self, change: Change) -> Self:
        return self._change(change, "min", "max")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from _validate_ends(self.min, self.max, self._seconds())

    def micros(self, bits: Bits) -> Ints:
        return self.after_first(self._seconds().sample(bits))

    def varying(self) -> Varying | None:
        return varying_of(self._seconds(), "mean")

    def _seconds(self) -> Exponential:
        """Return the distribution of the seconds after `min`."""
        return Exponential.model_construct(
            mean_=self.mean, max=_seconds_between(self.min, self.max)
        )


@INSTANTS.register
class TriangularInstant(InstantDistribution):
    """Instants from `min` to `max`, most often around `mode`."""

    type: Literal["triangular"] = "triangular"
    min: AnyInstant
    mode: AnyInstant
    max: AnyInstant

    def instants(self) -> list[Instant]:
        return [self.min, self.mode, self.max]

    def with_instants(self, change: Change) -> Self:
        return self._change(change, "min", "mode", "max")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if not self.min.micros <= self.mode.micros <= self.max.micros:
            yield (), "expected min <= mode <= max"

    def micros(self, bits: Bits) -> Ints:
        mode, end = ((each.micros - self.min.micros) / 1e6 for each in (self.mode, self.max))
        seconds = parse_distribution({"type": "triangular", "min": 0, "mode": mode, "max": end})
        return self.after_first(seconds.sample(bits))


@INSTANTS.register
class ChoiceInstant(InstantDistribution):
    """One of `values`, by `weights`."""

    type: Literal["choice"] = "choice"
    values: Annotated[list[AnyInstant], at_least_one("value")]
    weights: Weights | None = None

    def instants(self) -> list[Instant]:
        return self.values

    def with_instants(self, change: Change) -> Self:
        return self.model_copy(update={"values": [change(each) for each in self.values]})

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_weights_of(self.values, self.weights)

    def micros(self, bits: Bits) -> Ints:
        places = np.searchsorted(cumulative(self._weights()), uniform(bits))
        return np.array([value.micros for value in self.values])[places]

    def possible_milliseconds(self) -> dict[int, float]:
        weights: dict[int, float] = {}
        for value, weight in zip(self.values, self._weights().tolist(), strict=True):
            if weight > 0:
                milliseconds = value.micros // 1000
                weights[milliseconds] = weights.get(milliseconds, 0.0) + weight
        return weights

    def _weights(self) -> Floats:
        return np.array(self.weights or [1.0] * len(self.values), dtype=float)


@INSTANTS.register
class HistogramInstant(InstantDistribution):
    """Bins between rising `edges`, picked by `weights`; uniform within a bin."""

    type: Literal["histogram"] = "histogram"
    edges: list[AnyInstant]
    weights: Weights

    def instants(self) -> list[Instant]:
        return self.edges

    def with_instants(self, change: Change) -> Self:
        return self.model_copy(update={"edges": [change(each) for each in self.edges]})

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_histogram([edge.micros for edge in self.edges], self.weights)

    def micros(self, bits: Bits) -> Ints:
        edges = [(edge.micros - self.edges[0].micros) / 1e6 for edge in self.edges]
        # checked already, but edges that clocks skip in a time zone fall together
        seconds = Histogram.model_construct(edges=edges, weights=self.weights)
        return self.after_first(seconds.sample(bits))
