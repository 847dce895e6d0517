"""The ways to parametrise exponential and lognormal distributions."""

import math
from typing import Any

import numpy as np
import pytest

from datagen.distributions.parsing import parse_distribution
from tests.support.distributions import GRID


def test_rate_is_the_inverse_of_the_mean() -> None:
    """To the bit."""
    by_rate = parse_distribution({"type": "exponential", "rate": 4})
    by_mean = parse_distribution({"type": "exponential", "mean": 0.25})
    assert np.array_equal(by_rate.quantile(GRID), by_mean.quantile(GRID))
    assert by_rate.mean() == 0.25


@pytest.mark.parametrize(("key", "u"), [("p90", 0.9), ("p95", 0.95), ("p99", 0.99)])
def test_median_and_quantile_are_hit(key: str, u: float) -> None:
    """Half of the samples are below one, so many below the other."""
    shape = parse_distribution({"type": "lognormal", "median": 120, key: 900})
    assert shape.quantile(np.array([0.5, u])) == pytest.approx([120, 900], rel=1e-13)


def test_mean_and_deviation_are_hit() -> None:
    """Those of the value, not of its logarithm."""
    shape = parse_distribution({"type": "lognormal", "mean": 50, "stddev": 30})
    assert shape.mean() == pytest.approx(50, rel=1e-14)
    x = np.linspace(-8, 8, 100_001)
    values = shape.quantile(1 / (1 + np.exp(-x * 4)))
    u = 1 / (1 + np.exp(-x * 4))
    square = float(np.trapezoid(values * values * u * (1 - u) * 4, x))
    assert math.sqrt(square - 2500) == pytest.approx(30, rel=1e-6)


def test_no_spread_is_a_constant() -> None:
    """A quantile that is the median, or a deviation of 0."""
    for given in ({"median": 7, "p99": 7}, {"mean": 7, "stddev": 0}, {"median": 7, "sigma": 0}):
        values = parse_distribution({"type": "lognormal", **given}).quantile(GRID)
        assert np.allclose(values, 7, rtol=1e-14)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"median": 5, "p99": 4}, "4 is less than the median, 5"),
        ({"median": 5, "p90": 9, "p99": 20}, 'not "median" with "p90" with "p99"'),
        ({"mean": 5}, 'not "mean"'),
        ({}, "not none of them"),
        ({"mu": 1, "sigma": None}, "expected a number, not null"),
    ],
)
def test_there_is_one_way_at_a_time(given: dict[str, Any], problem: str) -> None:
    """Anything else is refused, with the keys that were found."""
    with pytest.raises(ValueError, match=problem):
        parse_distribution({"type": "lognormal", **given})


def test_states_of_one_type_are_sampled_side_by_side() -> None:
    """However each is parametrised; one that is cut off stands by itself."""
    members = [
        parse_distribution({"type": "lognormal", **given})
        for given in ({"mu": 1, "sigma": 2}, {"median": 3, "p99": 9}, {"mean": 2, "stddev": 1})
    ]
    columns = members[0].columns(members)
    which = np.arange(len(GRID)) % 3
    together = members[0].stacked(columns, which).quantile(GRID)
    for number, each in enumerate(members):
        assert each.stackable
        assert np.array_equal(together[which == number], each.quantile(GRID)[which == number])
    assert not parse_distribution({"type": "exponential", "mean": 1, "max": 3}).stackable


def test_infinite_means_are_told() -> None:
    """They can pass the largest double."""
    for sigma in (50, 1e300, 10**300):
        assert parse_distribution({"type": "lognormal", "mu": 0, "sigma": sigma}).mean() == math.inf
