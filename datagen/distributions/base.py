"""Turns the parameters of a distribution into its quantile function.

A distribution is a checked model whose `quantile` maps u, float64[n] strictly inside (0, 1), to
values, float64[n]: the inverse of its cumulative distribution function. Everything else follows
from it: whole numbers, indices, microseconds. To add one, write one class here.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column_type import INT64
from datagen.curves.curve import Curve, Days, Mixture, TimeZone
from datagen.curves.pace import Pace
from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.errors import Path
from datagen.randomness import below, dither, uniform
from datagen.validation import (
    Family,
    Integer,
    Model,
    NonNegative,
    Number,
    Positive,
    at_least_one,
    invalid_value,
    invalid_values,
    quoted,
)

MAX = sys.float_info.max
MAX_SECONDS = 1e10
_TABLE = 10_000_000  # most entries of a table of probabilities
_MOST_WHOLES = 2_000_000  # listed

DISTRIBUTIONS: "Family[Distribution]" = Family("distribution")
register = DISTRIBUTIONS.register


class Distribution(Model):
    """The base of the family: what follows from a quantile function."""

    type: str
    elementwise: ClassVar[bool] = True  # parameters may be arrays, as long as the draws
    temporal: ClassVar[bool] = False  # a curve sets the pace of the time that a sample means

    @classmethod
    def side_by_side(cls, members: Sequence["Distribution"], which: Ints) -> "Distribution":
        """Return what samples members[which[i]] at the i-th draw; all are of this elementwise type."""
        columns: dict[str, Any] = {
            name: np.array([float(getattr(each, name)) for each in members])[which]
            for name in cls.model_fields
            if name != "type"
        }
        return cls.model_construct(**columns)

    def quantile(self, u: Floats) -> Floats:
        """Return the value below which a sample falls with probability u: float64[n] both ways."""
        raise NotImplementedError

    def mean(self) -> float:
        """Return the expected value, which may be infinite."""
        raise NotImplementedError

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value a sample can take; either may be infinite."""
        return -math.inf, math.inf

    def wholes(self) -> dict[int, float] | range | None:
        """Return the whole numbers a sample rounds to (with weights), or None: too many to list."""
        return None

    def sample(self, bits: Bits) -> Floats:
        """Return one sample a draw, held within the largest doubles."""
        with np.errstate(over="ignore"):
            return np.clip(self.quantile(uniform(bits)), -MAX, MAX)

    def nearest(self, bits: Bits) -> Ints:
        """Return one sample a draw, rounded to the nearest whole number, halves away from zero."""
        return _int64(_nearest(self.sample(bits)))

    def floor(self, bits: Bits) -> Ints:
        """Return one sample a draw, rounded down."""
        return _int64(np.floor(self.sample(bits)))

    def index(self, bits: Bits, size: int) -> Ints:
        """Return one index a draw: the sample, rounded down, held within 0 .. size - 1."""
        return np.clip(self.floor(bits), 0, size - 1)

    def microseconds(self, bits: Bits) -> Ints:
        """Read samples as seconds and give whole microseconds, rounded by dithering.

        Negative samples count as 0, samples beyond 10**10 seconds as that. The expected value of
        the rounded sample is that of the sample itself, however short the times are.
        """
        return np.floor(self.amounts(bits) + dither(bits)).astype(np.int64)

    def amounts(self, bits: Bits) -> Floats:
        """Read samples as seconds and give microseconds that are yet to be rounded."""
        seconds: Floats = np.clip(self.sample(bits), 0.0, MAX_SECONDS)
        return seconds * 1e6

    @property
    def curve(self) -> Curve | None:
        """Return the curve that sets the pace, where it is temporal."""
        return None

    def can_take_time(self) -> bool:
        """Return whether a sample, read as seconds, can ever be longer than no time at all."""
        return self.bounds()[1] > 0


def distribution(data: Any) -> Distribution:
    """Check a distribution of numbers."""
    checked = timer(data)
    if checked.temporal:
        text = f'{quoted(checked.type)} depends on the clock: it is for "delay" and "interarrival"'
        raise invalid_values([(("type",), text)])
    return checked


def timer(data: Any) -> Distribution:
    """Check a distribution of seconds, which may depend on the instant from which they count."""
    return DISTRIBUTIONS.parse(data)


AnyDistribution = Annotated[Distribution, PlainValidator(distribution)]
AnyTimer = Annotated[Distribution, PlainValidator(timer)]


@register
class Constant(Distribution):
    """Always the same value."""

    type: Literal["constant"] = "constant"
    elementwise = False
    value: Number

    def quantile(self, u: Floats) -> Floats:
        return np.full(len(u), float(self.value))

    def mean(self) -> float:
        return float(self.value)

    def bounds(self) -> tuple[float, float]:
        return self.value, self.value

    def wholes(self) -> dict[int, float]:
        return {nearest_whole(self.value): 1.0}

    def nearest(self, bits: Bits) -> Ints:
        return np.full(len(bits), _held(nearest_whole(self.value)), dtype=np.int64)

    def floor(self, bits: Bits) -> Ints:
        return np.full(len(bits), _held(math.floor(self.value)), dtype=np.int64)

    def microseconds(self, bits: Bits) -> Ints:
        """Return the nearest whole number of microseconds, without dithering."""
        seconds = min(max(self.value, 0), MAX_SECONDS)
        return np.full(len(bits), nearest_whole(seconds * 10**6), dtype=np.int64)

    def can_take_time(self) -> bool:
        return nearest_whole(min(max(self.value, 0), MAX_SECONDS) * 10**6) > 0


@register
class Uniform(Distribution):
    """Every value from `min` to `max`, both inclusive, with the same chance."""

    type: Literal["uniform"] = "uniform"
    min: Number
    max: Number

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.min > self.max:
            yield ("min",), f"{quoted(self.min)} is greater than max, {quoted(self.max)}"

    def quantile(self, u: Floats) -> Floats:
        return np.clip(self.min * (1.0 - u) + self.max * u, self.min, self.max)

    def mean(self) -> float:
        return self.min / 2 + self.max / 2

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max

    def wholes(self) -> range | None:
        ends = self._whole_ends
        return range(ends[0], ends[1] + 1) if ends else None

    def nearest(self, bits: Bits) -> Ints:
        return self._even(bits) if self._whole_ends else super().nearest(bits)

    def floor(self, bits: Bits) -> Ints:
        return self._even(bits) if self._whole_ends else super().floor(bits)

    @cached_property
    def _whole_ends(self) -> tuple[int, int] | None:
        ends = self.min, self.max
        if not all(end == math.floor(end) and int(end) in INT64 for end in ends):
            return None
        return int(self.min), int(self.max)

    def _even(self, bits: Bits) -> Ints:
        low, high = self._whole_ends or (0, 0)
        offsets = below(bits, high - low + 1)
        return (offsets + np.uint64(low % (1 << 64))).view(np.int64)


@register
class Exponential(Distribution):
    """The time between events that happen at a steady rate: -mean log(1 - u)."""

    type: Literal["exponential"] = "exponential"
    mean_: Positive = Field(alias="mean")

    def quantile(self, u: Floats) -> Floats:
        return -self.mean_ * np.log1p(-u)

    def mean(self) -> float:
        return self.mean_

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Normal(Distribution):
    """The bell curve of Gauss; a `stddev` of 0 gives the mean."""

    type: Literal["normal"] = "normal"
    mean_: Number = Field(alias="mean")
    stddev: NonNegative

    def quantile(self, u: Floats) -> Floats:
        return self.mean_ + self.stddev * standard_normal_quantile(u)

    def mean(self) -> float:
        return self.mean_

    def bounds(self) -> tuple[float, float]:
        return (-math.inf, math.inf) if self.stddev else (self.mean_, self.mean_)


@register
class Lognormal(Distribution):
    """A value whose logarithm is normal with mean `mu` and standard deviation `sigma`."""

    type: Literal["lognormal"] = "lognormal"
    mu: Number
    sigma: NonNegative

    def quantile(self, u: Floats) -> Floats:
        return np.exp(self.mu + self.sigma * standard_normal_quantile(u))

    def mean(self) -> float:
        return _exp(self.mu + 0.5 * self.sigma * self.sigma)

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Gamma(Distribution):
    """The sum of `shape` exponential times of mean `scale`, for any positive shape."""

    type: Literal["gamma"] = "gamma"
    shape: Positive
    scale: Positive

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.shape < 1e-300:
            yield ("shape",), "expected at least 1e-300"

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import gammaincinv  # noqa: PLC0415 - takes 0.3 s to import

        return self.scale * np.asarray(gammaincinv(self.shape, u))

    def mean(self) -> float:
        return 1.0 * self.shape * self.scale

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Weibull(Distribution):
    """Times to failure: scale (-log(1 - u)) ** (1 / shape)."""

    type: Literal["weibull"] = "weibull"
    shape: Positive
    scale: Positive

    def quantile(self, u: Floats) -> Floats:
        return self.scale * np.exp(np.log(-np.log1p(-u)) / self.shape)

    def mean(self) -> float:
        return self.scale * _exp(_lgamma(1.0 + 1.0 / self.shape))

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


@register
class Pareto(Distribution):
    """Type I: values from `min` up with a heavy tail, min (1 - u) ** (-1 / alpha)."""

    type: Literal["pareto"] = "pareto"
    alpha: Positive
    min: Positive

    def quantile(self, u: Floats) -> Floats:
        return self.min * np.exp(-np.log1p(-u) / self.alpha)

    def mean(self) -> float:
        return math.inf if self.alpha <= 1 else self.alpha / (self.alpha - 1) * self.min

    def bounds(self) -> tuple[float, float]:
        return self.min, math.inf


@register
class Triangular(Distribution):
    """Values from `min` to `max` whose density is a triangle with its top at `mode`."""

    type: Literal["triangular"] = "triangular"
    min: Number
    mode: Number
    max: Number

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.min <= self.mode <= self.max:
            yield (), f"expected min <= mode <= max, not {self.min}, {self.mode}, {self.max}"

    def quantile(self, u: Floats) -> Floats:
        rise, fall = 1.0 * self.mode - self.min, 1.0 * self.max - self.mode
        width = rise + fall
        left = self.min + np.sqrt(u * width * rise)
        right = self.max - np.sqrt((1.0 - u) * width * fall)
        return np.clip(np.where(u * width < rise, left, right), self.min, self.max)

    def mean(self) -> float:
        return self.min / 3 + self.mode / 3 + self.max / 3

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max


@register
class Beta(Distribution):
    """A share between `min` and `max`, shaped by `alpha` and `beta`."""

    type: Literal["beta"] = "beta"
    alpha: Positive
    beta: Positive
    min: Number = 0.0
    max: Number = 1.0

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in ("alpha", "beta"):
            if getattr(self, key) > 1e6:
                yield (key,), "expected at most 1e6; a normal distribution is the same up there"
        if self.min > self.max:
            yield ("min",), f"{quoted(self.min)} is greater than max, {quoted(self.max)}"

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import betaincinv  # noqa: PLC0415 - takes 0.3 s to import

        share = np.asarray(betaincinv(self.alpha, self.beta, u))
        return np.clip(self.min * (1.0 - share) + self.max * share, self.min, self.max)

    def mean(self) -> float:
        share = self.alpha / (self.alpha + self.beta)
        return self.min * (1 - share) + self.max * share

    def bounds(self) -> tuple[float, float]:
        return self.min, self.max


class Discrete(Distribution):
    """The base of distributions given by a table: values and their cumulative weights."""

    elementwise = False

    def table(self) -> tuple[NDArray[Any], Floats]:
        """Return the values, ascending in no particular way, and their weights: two [k] arrays."""
        raise NotImplementedError

    def quantile(self, u: Floats) -> Floats:
        return self._values[0][self._pick(u)]

    def nearest(self, bits: Bits) -> Ints:
        return self._values[1][self._pick(uniform(bits))]

    def floor(self, bits: Bits) -> Ints:
        return self._values[2][self._pick(uniform(bits))]

    def mean(self) -> float:
        values, weights = self.table()
        return math.fsum(values.astype(float) * _shares(weights))

    def bounds(self) -> tuple[float, float]:
        values, weights = self.table()
        possible = values[weights > 0]
        return possible.min(), possible.max()

    def wholes(self) -> dict[int, float] | None:
        found: dict[int, float] = {}
        table = self.table()
        if len(table[0]) > _MOST_WHOLES:
            return None
        for value, weight in zip(*(column.tolist() for column in table), strict=True):
            if weight > 0:
                found[nearest_whole(value)] = found.get(nearest_whole(value), 0.0) + weight
        return found

    @cached_property
    def _values(self) -> tuple[Floats, Ints, Ints]:
        values = self.table()[0]
        if values.dtype == np.int64:
            return values.astype(float), values, values
        return (
            values.astype(float),
            np.array([_held(nearest_whole(value)) for value in values.tolist()], dtype=np.int64),
            np.array([_held(math.floor(value)) for value in values.tolist()], dtype=np.int64),
        )

    @cached_property
    def _cumulative(self) -> Floats:
        return cumulative(self.table()[1])

    def _pick(self, u: Floats) -> NDArray[np.intp]:
        return np.searchsorted(self._cumulative, u)


@register
class Poisson(Discrete):
    """How many events a spell holds, when they happen at a steady rate: `mean` of them."""

    type: Literal["poisson"] = "poisson"
    mean_: Positive = Field(alias="mean")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.mean_ > 1e9:
            yield ("mean",), "expected at most 1e9; a normal distribution is the same up there"

    def table(self) -> tuple[NDArray[Any], Floats]:
        reach = 12.0 * math.sqrt(self.mean_) + 40.0
        first = max(0, math.floor(self.mean_ - reach))
        counts = np.arange(first, math.ceil(self.mean_ + reach))
        steps = np.log(np.maximum(self.mean_ / np.maximum(counts, 1), 5e-324))
        steps[0] = 0.0
        logs = np.cumsum(steps)
        return counts, np.exp(logs - logs.max())

    def mean(self) -> float:
        return self.mean_

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def wholes(self) -> None:
        return None


@register
class Zipf(Discrete):
    """Ranks 0 .. n - 1; the k-th has a weight of (k + 1) ** -exponent."""

    type: Literal["zipf"] = "zipf"
    exponent: Positive
    n: Integer

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not 1 <= self.n <= _TABLE:
            yield ("n",), f"expected 1 to {_TABLE}, not {quoted(self.n)}"

    def table(self) -> tuple[NDArray[Any], Floats]:
        weights: Floats = np.arange(1.0, self.n + 1.0) ** -float(self.exponent)
        return np.arange(self.n), weights


def _some_above_zero(weights: list[float]) -> list[float]:
    if not any(weights):
        raise invalid_value("expected at least one weight above 0")
    return weights


Weights = Annotated[list[NonNegative], AfterValidator(_some_above_zero)]


@register
class Choice(Discrete):
    """One of `values`, with `weights` as chances (all the same without them)."""

    type: Literal["choice"] = "choice"
    values: Annotated[list[Number], at_least_one("value")]
    weights: Weights | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.weights is not None and len(self.weights) != len(self.values):
            yield (
                ("weights",),
                f"expected as many as values, {len(self.values)}, not {len(self.weights)}",
            )

    def table(self) -> tuple[NDArray[Any], Floats]:
        weights = self.weights or (1.0,) * len(self.values)
        return np.array(self.values, dtype=object), np.array(weights, dtype=float)


@register
class Histogram(Distribution):
    """Bins between rising `edges`, chosen by `weights`, one fewer; even within a bin."""

    type: Literal["histogram"] = "histogram"
    elementwise = False
    edges: list[Number]
    weights: Weights

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from histogram_mistakes(self.edges, self.weights)

    def quantile(self, u: Floats) -> Floats:
        edges, ends = np.array(self.edges, dtype=float), cumulative(np.array(self.weights, float))
        bins = np.searchsorted(ends, u)
        starts = np.concatenate([[0.0], ends[:-1]])
        share = (u - starts[bins]) / np.maximum(ends - starts, 5e-324)[bins]
        low, high = edges[bins], edges[bins + 1]
        held: Floats = np.clip(low * (1.0 - share) + high * share, low, high)
        return held

    def mean(self) -> float:
        edges, weights = np.array(self.edges, dtype=float), np.array(self.weights, dtype=float)
        return math.fsum((edges[:-1] / 2 + edges[1:] / 2) * _shares(weights))

    def bounds(self) -> tuple[float, float]:
        possible = np.flatnonzero(np.array(self.weights, dtype=float))
        return self.edges[possible[0]], self.edges[possible[-1] + 1]


@register
class GmmTemporal(Distribution):
    """The time between events whose rate follows a mixture of Gaussians over the day.

    The quantile function is that at a height of 1; the curve then sets the pace.
    """

    type: Literal["gmm_temporal"] = "gmm_temporal"
    elementwise = False
    temporal = True
    mean_: Positive = Field(alias="mean")
    days: Days
    timezone: TimeZone | None = None

    @cached_property
    def curve(self) -> Curve:
        """Return the curve that the rate follows."""
        return Mixture.model_construct(days=self.days, timezone=self.timezone)

    def quantile(self, u: Floats) -> Floats:
        return -self.mean_ * np.log1p(-u)

    def mean(self) -> float:
        """Return the mean time between events over whole weeks, at the curve's mean height."""
        return self.mean_ / Pace([self.curve]).mean()

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf


def histogram_mistakes(edges: Any, weights: Any) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with the edges and weights of a histogram."""
    if len(edges) < 2:
        yield ("edges",), "expected at least two edges"
    elif any(low >= high for low, high in pairwise(edges)):
        yield ("edges",), "expected rising numbers"
    elif len(weights) != len(edges) - 1:
        yield ("weights",), f"expected one fewer than edges, {len(edges) - 1}, not {len(weights)}"


def cumulative(weights: Floats) -> Floats:
    """Return the share of all weights up to and including each; the last that counts reaches 1."""
    total = np.cumsum(weights / weights.max())
    ends: Floats = total / total[-1]
    ends[np.flatnonzero(weights)[-1] :] = 1.0
    return ends


def _shares(weights: Floats) -> Floats:
    """Return the share of each weight, however large they are."""
    scaled: Floats = weights / weights.max()
    shares: Floats = scaled / scaled.sum()
    return shares


def nearest_whole(value: float) -> int:
    """Round to the nearest whole number, halves away from zero, without passing a float."""
    if isinstance(value, int):
        return value
    if value < 0:
        return -nearest_whole(-value)
    down = math.floor(value)
    return down + (value - down >= 0.5)


def _nearest(values: Floats) -> Floats:
    down = np.trunc(values)
    nearest: Floats = down + np.copysign((np.abs(values - down) >= 0.5).astype(float), values)
    return nearest


def _int64(values: Floats) -> Ints:
    """Cast whole doubles to int64, held at its ends."""
    low, high = -(2.0**63), 2.0**63
    held = np.where((values >= low) & (values < high), values, 0.0).astype(np.int64)
    held[values >= high] = INT64[-1]
    held[values < low] = INT64[0]
    return held


def _held(value: int) -> int:
    return min(max(value, INT64[0]), INT64[-1])


def _exp(value: float) -> float:
    return math.exp(value) if value < 709.78 else math.inf


def _lgamma(value: float) -> float:
    try:
        return math.lgamma(value)
    except OverflowError:
        return math.inf
