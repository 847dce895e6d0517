"""Distributions given by a table of weights: of values, or of the bins of a histogram."""

import math
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.distributions.base import Distribution, clip_to_int64, register, round_to_int
from datagen.distributions.rows import ChoiceOfRows
from datagen.distributions.truncation import validate_ends
from datagen.distributions.weights import (
    GuideTable,
    Weights,
    cumulative,
    normalized,
    validate_histogram,
    validate_weights_of,
)
from datagen.elementary import exp, log, power
from datagen.errors import Path
from datagen.randomness import uniform
from datagen.validation import Integer, Number, Positive, at_least_one, quoted

MAX_TABLE = 10_000_000  # values
_MAX_INTEGERS = 2_000_000  # listed


class Discrete(Distribution):
    """The base of distributions of values, each with a weight."""

    elementwise = False
    discrete = True

    def table(self) -> tuple[NDArray[Any], Floats]:
        """Return the values, in any order, and their weights: two arrays of shape [k]."""
        raise NotImplementedError

    def quantile(self, u: Floats) -> Floats:
        return self._sampled.exact[np.searchsorted(self._cumulative, u)]

    def sample(self, bits: Bits) -> Floats:
        return self._sampled.exact[self._guide.places(bits)]

    def sample_rounded(self, bits: Bits) -> Ints:
        return self._sampled.rounded[self._guide.places(bits)]

    def sample_floored(self, bits: Bits) -> Ints:
        return self._sampled.floored[self._guide.places(bits)]

    def sample_index(self, bits: Bits, size: int) -> Ints:
        indices = np.minimum(np.maximum(self._sampled.floored, 0), size - 1)
        return indices.take(self._guide.places(bits))

    def mean(self) -> float:
        values, weights = self.table()
        return math.fsum(values.astype(float) * normalized(weights))

    def bounds(self) -> tuple[float, float]:
        values, weights = self.table()
        possible = values[weights > 0]
        return possible.min(), possible.max()

    def possible_integers(self) -> dict[int, float] | None:
        values, weights = self.table()
        if len(values) > _MAX_INTEGERS:
            return None
        integers: dict[int, float] = {}
        for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
            if weight > 0:
                integer = round_to_int(value)
                integers[integer] = integers.get(integer, 0.0) + weight
        return integers

    def table_length(self) -> int:
        return len(self.table()[0])

    @cached_property
    def _sampled(self) -> "_Table":
        values = self.table()[0]
        if values.dtype == np.int64:
            return _Table(values.astype(float), values, values)
        return _Table(
            values.astype(float),
            _integers(map(round_to_int, values.tolist())),
            _integers(map(math.floor, values.tolist())),
        )

    @cached_property
    def _cumulative(self) -> Floats:
        return cumulative(self.table()[1])

    @cached_property
    def _guide(self) -> GuideTable:
        return GuideTable(self._cumulative)


class _Table(NamedTuple):
    """The values of a discrete distribution, in the three ways to sample them."""

    exact: Floats
    rounded: Ints
    floored: Ints


def _integers(values: Iterable[int]) -> Ints:
    return np.array([clip_to_int64(value) for value in values], dtype=np.int64)


@register
class Poisson(Discrete):
    """The number of events of a Poisson process in an interval that has `mean` of them on average."""

    type: Literal["poisson"] = "poisson"
    unit_keys = ("mean", "min", "max")
    mean_: Positive = Field(alias="mean")
    min: Number | None = None
    max: Number | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.mean_ > 1e9:
            yield ("mean",), "expected at most 1e9; above that, a normal distribution is the same"
        elif self._truncated:
            yield from validate_ends(self.min, self.max, self._share_left)

    def table(self) -> tuple[NDArray[Any], Floats]:
        """Return the counts that are possible, with their weights."""
        counts, weights = self._whole_table()
        if not self._truncated:
            return counts, weights
        left = self._within(counts)
        return counts[left], weights[left]

    def _whole_table(self) -> tuple[Ints, Floats]:
        """Return the counts within 12 standard deviations, by P(k) = P(k - 1) mean / k."""
        reach = 12.0 * math.sqrt(self.mean_) + 40.0
        first = max(0, math.floor(self.mean_ - reach))
        counts = np.arange(first, math.ceil(self.mean_ + reach))
        ratios = log(np.maximum(self.mean_ / np.maximum(counts, 1), 5e-324))
        ratios[0] = 0.0
        logs = np.cumsum(ratios)
        return counts, exp(logs - logs.max())

    def mean(self) -> float:
        return super().mean() if self._truncated else self.mean_

    def bounds(self) -> tuple[float, float]:
        low, high = 0.0, math.inf
        if self.min is not None:
            low = max(low, math.ceil(self.min))
        return low, high if self.max is None else math.floor(self.max)

    def possible_integers(self) -> dict[int, float] | None:
        return None if self.max is None else super().possible_integers()

    @property
    def _truncated(self) -> bool:
        return self.min is not None or self.max is not None

    def _share_left(self) -> float:
        counts, weights = self._whole_table()
        return math.fsum(weights[self._within(counts)]) / math.fsum(weights)

    def _within(self, counts: Ints) -> Mask:
        low, high = self.bounds()
        return (counts >= low) & (counts <= high)


@register
class Zipf(Discrete):
    """Ranks 0 .. n - 1; rank k has a weight of (k + 1) ** -exponent."""

    type: Literal["zipf"] = "zipf"
    size_key = "n"
    exponent: Positive
    n: Integer

    def table_length(self) -> int:
        return self.n

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not 1 <= self.n <= MAX_TABLE:
            yield ("n",), f"expected 1 to {MAX_TABLE}, not {quoted(self.n)}"

    def table(self) -> tuple[NDArray[Any], Floats]:
        return np.arange(self.n), power(np.arange(1.0, self.n + 1.0), -float(self.exponent))


@register
class Choice(Discrete):
    """One of `values`, by `weights` (all the same without them)."""

    type: Literal["choice"] = "choice"
    unit_keys = varying_keys = ("values",)
    values: Annotated[list[Number], at_least_one("value")]
    weights: Weights | None = None

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> Distribution:
        values = parameters["values"]
        weights = parameters.get("weights") or [1.0] * len(values)
        return ChoiceOfRows.of(values, cumulative(np.array(weights, dtype=float)))

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_weights_of(self.values, self.weights)

    def weighted_values(self) -> list[tuple[float, float]]:
        return list(zip(self.values, self._weights, strict=True))

    def table(self) -> tuple[NDArray[Any], Floats]:
        return np.array(self.values, dtype=object), np.array(self._weights, dtype=float)

    def of_indices(self) -> Distribution:
        values, weights = zip(*sorted(self.weighted_values()), strict=True)
        return Choice.model_construct(values=list(values), weights=list(weights))

    @property
    def _weights(self) -> list[float]:
        return self.weights or [1.0] * len(self.values)


@register
class Histogram(Distribution):
    """Bins between rising `edges`, picked by `weights`, one fewer; uniform within a bin."""

    type: Literal["histogram"] = "histogram"
    unit_keys = ("edges",)
    elementwise = False
    edges: list[Number]
    weights: Weights

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from validate_histogram(self.edges, self.weights)

    def quantile(self, u: Floats) -> Floats:
        return self._within(np.searchsorted(self._ends, u), u)

    def sample(self, bits: Bits) -> Floats:
        return self._within(self._guide.places(bits), uniform(bits))

    def mean(self) -> float:
        edges, weights = np.array(self.edges, dtype=float), np.array(self.weights, dtype=float)
        return math.fsum((edges[:-1] / 2 + edges[1:] / 2) * normalized(weights))

    def bounds(self) -> tuple[float, float]:
        possible = np.flatnonzero(np.array(self.weights, dtype=float))
        return self.edges[possible[0]], self.edges[possible[-1] + 1]

    def _within(self, bins: Ints, u: Floats) -> Floats:
        """Return the values within their bins, where the distribution function is u."""
        lows, highs, starts, widths = self._bins
        share = u - starts.take(bins)
        share /= widths.take(bins)
        low, high = lows.take(bins), highs.take(bins)
        values: Floats = low * (1.0 - share)
        share *= high
        values += share
        np.maximum(values, low, out=values)
        return np.minimum(values, high, out=values)

    @cached_property
    def _bins(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the ends of the bins, and the probabilities below them and within them."""
        edges, starts = np.array(self.edges, dtype=float), np.append(0.0, self._ends[:-1])
        return edges[:-1], edges[1:], starts, np.maximum(self._ends - starts, 5e-324)

    @cached_property
    def _ends(self) -> Floats:
        return cumulative(np.array(self.weights, dtype=float))

    @cached_property
    def _guide(self) -> GuideTable:
        return GuideTable(self._ends)
