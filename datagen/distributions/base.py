"""Turns the parameters of a distribution into samples, by its quantile function.

A distribution is a checked model whose `quantile` is the inverse of its cumulative distribution
function. One uniform draw gives one sample, by inverse transform sampling (Devroye, "Non-Uniform
Random Variate Generation", 1986, section II.2). Integers, indices and microseconds follow from it.

To add one, write a class with `@register` in a module of this package that `__init__.py` lists.
"""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.columns.column import Column
from datagen.columns.column_type import INT64
from datagen.errors import Path
from datagen.language import Expression
from datagen.randomness import dither, uniform
from datagen.validation import Family, Model

if TYPE_CHECKING:
    from datagen.curves.curve import Curve

MAX_FLOAT = sys.float_info.max
MAX_SECONDS = 1e10
_STRATA = 4096  # of equal probability, for a mean that has no formula

DISTRIBUTIONS: "Family[Distribution]" = Family("distribution")
register = DISTRIBUTIONS.register


class Distribution(Model):
    """The base of the family: what follows from a quantile function."""

    type: str
    elementwise: ClassVar[bool] = True  # parameters may be arrays, as long as the draws
    temporal: ClassVar[bool] = False  # samples are times that pass as a curve lets them
    varies: ClassVar[bool] = (
        False  # some parameters are expressions: `at` gives the distribution of each row
    )
    discrete: ClassVar[bool] = False  # values have probabilities, not a density
    size_key: ClassVar[str | None] = None  # says how many values there are, 0 and those after it
    # parameters that are samples: a range must hold them; that are of their unit, which may be seconds;
    # that may be expressions
    range_keys: ClassVar[tuple[str, ...]] = ()
    unit_keys: ClassVar[tuple[str, ...]] = ()
    varying_keys: ClassVar[tuple[str, ...]] = ()

    @property
    def stackable(self) -> bool:
        """Return whether it can be one of the members of `stacked`."""
        return self.elementwise

    def parameters(self) -> dict[str, float]:
        """Return the parameters that samples are made from."""
        return {
            name: float(getattr(self, name)) for name in type(self).model_fields if name != "type"
        }

    @staticmethod
    def columns(members: Sequence["Distribution"]) -> dict[str, Floats]:
        """Return the parameters of several distributions of one type, side by side."""
        rows = [each.parameters() for each in members]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    @classmethod
    def stacked(cls, columns: Mapping[str, Floats], which: Ints) -> "Distribution":
        """Return a distribution whose i-th sample is that of the member which[i] of `columns`.

        Its parameters are arrays. The type must be elementwise.
        """
        parameters: dict[str, Any] = {name: each[which] for name, each in columns.items()}
        return cls.model_construct(**parameters)

    @classmethod
    def of_rows(cls, parameters: dict[str, Any]) -> "Distribution":
        """Return the distributions of n rows as one: its i-th sample is that of row i.

        Some parameters, checked or not, are int64[n] or float64[n].
        """
        return cls.model_construct(**parameters)

    def allowed(self) -> Mask | bool:
        """Return whether the parameters are allowed, row by row where they are arrays, finite ones."""
        return True

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield the parameters that are expressions, with their paths of keys."""
        yield from ()

    def at(
        self, column_of: Callable[[Expression], Column], rows: int
    ) -> tuple["Distribution", Mask | None]:
        """Return the distribution of n rows, and where there is none: bool[n], None for nowhere.

        `column_of` gives the values of each of its expressions at the rows. There is none in a row where
        a parameter is null, no number or not allowed; what is sampled there means nothing.
        """
        del column_of, rows
        return self, None

    def quantile(self, u: Floats) -> Floats:
        """Return the value below which a sample falls with probability u.

        float64[n], strictly inside (0, 1) -> float64[n].
        """
        raise NotImplementedError

    def mean(self) -> float:
        """Return the expected value, which may be infinite."""
        raise NotImplementedError

    def mean_duration(self) -> float:
        """Return the expected value of samples of seconds, where those below 0 count as 0.

        It is infinite where it would be more than a sample can be. Of a temporal distribution it is that on the clock which the integral of its curve shows.
        """
        if not self.temporal and self.bounds()[0] >= 0:
            mean = self.mean()
            return mean if mean <= MAX_SECONDS else math.inf
        middles = (np.arange(_STRATA) + 0.5) / _STRATA
        with np.errstate(over="ignore"):
            return float(np.clip(self.quantile(middles), 0.0, MAX_SECONDS).mean())

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value a sample can take; either may be infinite."""
        return -math.inf, math.inf

    def weighted_values(self) -> list[tuple[float, float]] | None:
        """Return the values that the parameters list, with weights; None if they list none."""
        return None

    def possible_integers(self) -> dict[int, float] | range | None:
        """Return the integers a sample rounds to (with weights), or None: too many to list."""
        return None

    def table_length(self) -> int:
        """Return the number of values in the table that it is sampled from; 0 without one."""
        return 0

    def sample(self, bits: Bits) -> Floats:
        """Return a sample for each draw, clipped to the largest doubles: uint64[n] -> float64[n]."""
        with np.errstate(over="ignore"):
            samples = self.quantile(uniform(bits))
        return np.clip(samples, -MAX_FLOAT, MAX_FLOAT, out=samples)

    def sample_rounded(self, bits: Bits) -> Ints:
        """Return a sample for each draw, rounded to the nearest integer, halves away from zero."""
        return _to_int64(_round_half_away(self.sample(bits)))

    def sample_floored(self, bits: Bits) -> Ints:
        """Return a sample for each draw, rounded down."""
        return _to_int64(np.floor(self.sample(bits)))

    def of_indices(self) -> "Distribution":
        """Return a distribution of the same indices, whose quantile function, rounded down, never falls."""
        return self

    def sample_index(self, bits: Bits, size: int) -> Ints:
        """Return an index for each draw: the sample, rounded down, clipped to 0 .. size - 1."""
        floored = self.sample_floored(bits)
        np.maximum(floored, 0, out=floored)
        return np.minimum(floored, size - 1, out=floored)

    def microseconds(self, bits: Bits) -> Ints:
        """Return samples of seconds as whole microseconds, rounded by dithering.

        Negative samples count as 0, samples beyond 10**10 seconds as that. The expected value of
        the rounded sample is that of the sample itself, however short the times are.
        """
        exact = self.exact_microseconds(bits)
        exact += dither(bits)
        return np.floor(exact, out=exact).astype(np.int64)

    def exact_microseconds(self, bits: Bits) -> Floats:
        """Return samples of seconds as microseconds, not yet rounded: uint64[n] -> float64[n]."""
        with np.errstate(over="ignore"):
            seconds = np.clip(self.quantile(uniform(bits)), 0.0, MAX_SECONDS)
        seconds *= 1e6
        return seconds

    @property
    def curve(self) -> "Curve | None":
        """Return the curve that the rate of events follows, where the distribution is temporal."""
        return None

    @property
    def hours(self) -> "Curve | None":
        """Return the open hours in which the time of a sample passes."""
        return None

    def starting_at(self, start: int) -> "Distribution":
        """Return the distribution of a run whose first start is an instant, microseconds since 1970."""
        del start
        return self

    def can_take_time(self) -> bool:
        """Return whether a sample of seconds can ever be more than 0 microseconds."""
        return self.bounds()[1] > 0

    def rounding(self) -> str:
        """Return how whole microseconds change the mean of seconds by more than 1 %, or "" if they do not."""
        return ""


def round_to_int(value: float) -> int:
    """Return the nearest integer, halves away from zero; of an int of any size, itself."""
    if isinstance(value, int):
        return value
    if value < 0:
        return -round_to_int(-value)
    down = math.floor(value)
    return down + (value - down >= 0.5)


def clip_to_int64(value: int) -> int:
    """Return the nearest integer that 64 bits hold."""
    return min(max(value, INT64[0]), INT64[-1])


def _round_half_away(values: Floats) -> Floats:
    down = np.trunc(values)
    rest = np.subtract(values, down)
    np.abs(rest, out=rest)
    steps: Floats = (rest >= 0.5).astype(np.float64)
    np.copysign(steps, values, out=steps)
    steps += down
    return steps


def _to_int64(values: Floats) -> Ints:
    """Cast integral doubles to int64, clipped to its ends."""
    low, high = -(2.0**63), 2.0**63
    if low <= values.min(initial=0.0) and values.max(initial=0.0) < high:
        return values.astype(np.int64)
    clipped = np.where((values >= low) & (values < high), values, 0.0).astype(np.int64)
    clipped[values >= high] = INT64[-1]
    clipped[values < low] = INT64[0]
    return clipped
