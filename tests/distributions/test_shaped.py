"""Gamma, Weibull and Pareto distributions at the edges of their parameters."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.distributions.parsing import parse_distribution
from datagen.validation import messages_of
from tests.support.distributions import GRID


def test_tiny_shape_is_refused() -> None:
    """Its integral would be no double; all samples would be the same."""
    with pytest.raises(ValidationError) as caught:
        parse_distribution({"type": "gamma", "shape": 1e-301, "scale": 1, "min": 1})
    assert messages_of(caught.value) == [(("shape",), "expected at least 1e-300")]


def test_the_least_shape_that_is_allowed_gives_the_end() -> None:
    """Which is 0."""
    gamma = parse_distribution({"type": "gamma", "shape": 1e-300, "scale": 1})
    assert set(gamma.quantile(GRID).tolist()) == {0.0}


def test_infinite_means_are_told() -> None:
    """A Pareto tail of 1 or less has no mean, unless it is cut off; others can pass the largest double."""
    assert parse_distribution({"type": "pareto", "alpha": 1, "min": 1}).mean() == math.inf
    cut = parse_distribution({"type": "pareto", "alpha": 1, "min": 1, "max": math.e})
    assert cut.mean() == pytest.approx(math.e / (math.e - 1))
    huge = parse_distribution({"type": "gamma", "shape": 10**300, "scale": 10**300})
    assert huge.mean() == math.inf


def test_pareto_begins_at_its_min() -> None:
    """Which is a parameter, and no cut."""
    shape = parse_distribution({"type": "pareto", "alpha": 2, "min": 3, "max": 4})
    assert shape.bounds() == (3, 4)
    assert shape.quantile(np.array([2.0**-53, 1 - 2.0**-53])) == pytest.approx([3, 4], rel=1e-14)
