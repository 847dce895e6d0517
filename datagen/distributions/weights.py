"""Turns weights, as they are given, into cumulative probabilities."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Floats
from datagen.errors import Path
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
