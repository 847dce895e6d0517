"""Turns draws into ranks of a pool's members: a distribution, truncated to how many there are.

Rank 0 comes first; what a distribution gives is rounded down.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.distributions.base import DISTRIBUTIONS, Distribution
from datagen.distributions.discrete import MAX_TABLE, Discrete
from datagen.distributions.parsing import parse_pick as parse_fixed
from datagen.randomness import uniform
from datagen.validation import invalid_value, quoted, value_at

EACH = "each"  # worker k has member k
LEAST_LEFT = 1e-9  # of a distribution, between rank 0 and the last
_STEPS = 1 << 52  # of a uniform: see `randomness.uniform`


@dataclass(frozen=True)
class Pick:
    """How a member is picked: by a distribution over ranks, evenly without one, or `each` its own.

    With `sized` the distribution is of a type that says how many values there are, and does not: the pool does.
    """

    distribution: Distribution | None = None
    each: bool = False
    sized: bool = False
    _tables: dict[int, Discrete] = field(default_factory=dict, compare=False, repr=False)

    def ranks(self, bits: Bits, size: int) -> Ints:
        """Return a rank from 0 to size - 1 for each draw: uint64[n] -> int64[n]; the size is at least 1."""
        if self.distribution is not None and self.sized:
            return self._of_size(size).sample_floored(bits)
        return self.ranks_among(bits, np.full(1, size))

    def ranks_among(self, bits: Bits, sizes: Ints) -> Ints:
        """Return a rank below each of n sizes, or below one for all: uint64[n], int64[n] -> int64[n].

        Sizes are at least 1. By inverse transform sampling from the truncated distribution; of a table of
        weights, those after its last count as 0.
        """
        u = uniform(bits)
        if self.distribution is None:
            return _floored(u * sizes, sizes)
        if self.sized:
            sums = self._sums(int(sizes.max(initial=1)))
            last = np.minimum(sizes, len(sums)) - 1
            places: Ints = np.minimum(np.searchsorted(sums, u * sums[last]), last)
            return places
        low, high = self._below_zero, self._steps_below(sizes)
        steps = low + np.minimum(np.floor(u * (high - low)), np.maximum(high - low - 1, 0))
        return _floored(self.distribution.quantile((steps + 0.5) / _STEPS), sizes)

    def part_below(self, size: int) -> float:
        """Return the probability of ranks from 0 to size - 1, before truncation."""
        if self.distribution is None or self.sized:
            return 1.0
        return float(self._steps_below(np.full(1, size))[0] - self._below_zero) / _STEPS

    @cached_property
    def _below_zero(self) -> int:
        return int(self._steps_below(np.zeros(1, dtype=np.int64))[0])

    def _steps_below(self, values: Ints) -> Ints:
        """Return how many steps of a uniform have a quantile below each value; they come first."""
        assert self.distribution is not None
        quantile = self.distribution.quantile
        if quantile(np.array([1 - 0.5 / _STEPS]))[0] < values.min(initial=0):
            return np.full(len(values), _STEPS)
        distinct, which = np.unique(values, return_inverse=True)
        low, high = np.zeros(len(distinct), dtype=np.int64), np.full(len(distinct), _STEPS)
        while (low < high).any():
            middle = (low + high) // 2
            below = quantile((np.minimum(middle, _STEPS - 1) + 0.5) / _STEPS) < distinct
            low, high = (
                np.where(below & (low < high), middle + 1, low),
                np.where(below, high, middle),
            )
        return low[which]

    def _of_size(self, size: int) -> Discrete:
        """Return the distribution of so many values."""
        if size not in self._tables:
            assert self.distribution is not None
            model = type(self.distribution)
            made = model.model_construct(**{**dict(self.distribution), str(model.size_key): size})
            assert isinstance(made, Discrete)
            self._tables[size] = made
        return self._tables[size]

    def _sums(self, size: int) -> Floats:
        """Return the sums of the weights of the first ranks: of so many at least, as far as a table goes."""
        listed = min(1 << (size - 1).bit_length(), MAX_TABLE)
        sums: Floats
        if self._listed_sums and len(self._listed_sums[0]) >= listed:
            sums = self._listed_sums[0]
        else:
            sums = np.cumsum(self._of_size(listed).table()[1])
            self._tables.pop(listed, None)
            self._listed_sums[:] = [sums]
        return sums

    @cached_property
    def _listed_sums(self) -> list[Floats]:
        return []


EVEN = Pick()


def parse_pick(data: Any) -> Pick:
    """Return the checked pick of raw JSON. Raises ValidationError or PydanticCustomError."""
    if isinstance(data, str):
        if data != EACH:
            raise invalid_value(f'expected a distribution or "{EACH}", not {quoted(data)}')
        return Pick(each=True)
    kind = value_at(data, "type")
    model = DISTRIBUTIONS.get(kind) if isinstance(kind, str) else None
    key = None if model is None else model.size_key
    sized = key is not None and key not in data
    distribution = parse_fixed({**data, key: 1} if sized else data)
    return Pick(distribution.of_indices(), sized=sized)


AnyPick = Annotated[Pick, PlainValidator(parse_pick)]


def why_none_fits(pick: Pick, size: int) -> str:
    """Return why a pick is none for a pool of so many members, or "" if it is one."""
    if pick.sized and size > MAX_TABLE:
        return f"a pool of {size:,} members would take as many weights; a table has at most {MAX_TABLE:,}"
    if pick.part_below(size) < LEAST_LEFT:
        return f"gives no rank from 0 to {size - 1:,}"
    return ""


def _floored(samples: Floats, sizes: Ints) -> Ints:
    """Return samples rounded down, to ranks from 0 to one less than each size."""
    ranks = np.floor(np.clip(samples, 0.0, 2.0**62)).astype(np.int64)
    return np.minimum(ranks, sizes - 1)
