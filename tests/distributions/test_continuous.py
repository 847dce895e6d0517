"""Continuous distributions at the edges of their parameters."""

import math

import numpy as np
import pytest
from scipy import stats

from datagen.distributions.base import parse_distribution
from tests.support.distributions import GRID


@pytest.mark.parametrize(("alpha", "beta"), [(1e6, 1e6), (1e3, 1e6), (1e6, 30), (1e6, 0.1)])
def test_lopsided_beta_is_right_up_to_its_limit(alpha: float, beta: float) -> None:
    """Beyond 1e6 the inverse of scipy is wrong without a word (by 1 for 1e3 and 1e9): so refused."""
    share = parse_distribution({"type": "beta", "alpha": alpha, "beta": beta}).quantile(GRID[::50])
    inside = share < 1 - 1e-12
    assert np.allclose(stats.beta.cdf(share, alpha, beta)[inside], GRID[::50][inside], atol=2e-6)


def test_infinite_means_are_told() -> None:
    """A Pareto tail of 1 or less has no mean; others can pass the largest double."""
    assert parse_distribution({"type": "pareto", "alpha": 1, "min": 1}).mean() == math.inf
    for sigma in (50, 1e300, 10**300):
        assert parse_distribution({"type": "lognormal", "mu": 0, "sigma": sigma}).mean() == math.inf
    assert (
        parse_distribution({"type": "gamma", "shape": 10**300, "scale": 10**300}).mean() == math.inf
    )
