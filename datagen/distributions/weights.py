"""Turns weights, as they are given, into cumulative probabilities, and draws into the places they fall on."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.errors import Path
from datagen.randomness import uniform
from datagen.validation import NonNegative, invalid_value


def _some_above_zero(weights: list[float]) -> list[float]:
    if not any(weights):
        raise invalid_value("expected at least one weight above 0")
    return weights


Weights = Annotated[list[NonNegative], AfterValidator(_some_above_zero)]


def cumulative(weights: Floats) -> Floats:
    """Return the probability of each place or one before it: float64[k] -> float64[k].

    From the last weight above 0 on it is 1.
    """
    total = np.cumsum(weights / weights.max())
    ends: Floats = total / total[-1]
    ends[np.flatnonzero(weights)[-1] :] = 1.0
    return ends


class GuideTable:
    """Finds places by their cumulative probabilities: in most cases by the highest bits of a draw alone.

    Chen and Asau, "On generating random variates from an empirical distribution", AIIE Transactions 6
    (1974), 163-166; with a search where places meet among the draws that have the same highest bits.
    """

    def __init__(self, ends: Floats) -> None:
        self._ends = ends

    def places(self, bits: Bits) -> Ints:
        """Return for each draw the first place whose cumulative probability reaches it: uint64[n] -> int64[n]."""
        if len(bits) < len(self._ends) or len(self._ends) > _MOST_PLACES:
            return np.searchsorted(self._ends, uniform(bits))
        highest = (bits >> np.uint64(64 - self._width)).view(np.int64)
        places = self._guide.take(highest)
        open_rows = np.flatnonzero(places < 0)
        if len(open_rows):
            places[open_rows] = np.searchsorted(self._ends, uniform(bits[open_rows]))
        return places

    @property
    def _width(self) -> int:
        """Return of how many bits the guide is: it has from 4 to 64 entries for each place."""
        return min(len(self._ends).bit_length() + 5, _MOST_BITS)

    @cached_property
    def _guide(self) -> Ints:
        """Return the place of all draws with these highest bits, -1 where they have several."""
        lowest = np.arange(1 << self._width, dtype=np.uint64) << np.uint64(64 - self._width)
        highest = lowest + np.uint64((1 << (64 - self._width)) - 1)
        first, last = (np.searchsorted(self._ends, uniform(each)) for each in (lowest, highest))
        return np.where(first == last, first, -1)


_MOST_BITS, _MOST_PLACES = 16, 1 << 14


def normalized(weights: Floats) -> Floats:
    """Return weights that add up to 1, however large they are: float64[k] -> float64[k]."""
    scaled: Floats = weights / weights.max()
    shares: Floats = scaled / np.cumsum(scaled)[-1]
    return shares


def validate_weights_of(values: Any, weights: Any) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when there are weights, but not one for each value."""
    if weights is not None and len(weights) != len(values):
        yield ("weights",), f"expected as many as values, {len(values)}, not {len(weights)}"


def validate_histogram(edges: Any, weights: Any) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong between the edges and the weights of a histogram."""
    if len(edges) < 2:
        yield ("edges",), "expected at least two edges"
    elif any(low >= high for low, high in pairwise(edges)):
        yield ("edges",), "expected strictly increasing numbers"
    elif len(weights) != len(edges) - 1:
        yield ("weights",), f"expected one fewer than edges, {len(edges) - 1}, not {len(weights)}"
