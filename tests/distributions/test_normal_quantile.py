"""Quantiles of the normal distribution against scipy's."""

import numpy as np
from scipy.special import ndtri

from datagen.distributions.normal_quantile import standard_normal_quantile


def test_quantiles_are_those_of_scipy() -> None:
    """To 4 parts in 10**15, from the center to 2**-53 of either end."""
    tails = 2.0 ** -np.linspace(1, 53, 5000)
    u = np.concatenate([tails, 1 - tails[tails > 1e-15], np.linspace(0.01, 0.99, 5000)])
    assert np.allclose(standard_normal_quantile(u), ndtri(u), rtol=4e-15, atol=2e-16)


def test_quantiles_are_symmetric() -> None:
    """The median is 0, and 1 - u has the opposite quantile."""
    u = np.array([0.5, 0.25, 0.125, 2.0**-20])
    z = standard_normal_quantile(u)
    assert z[0] == 0
    assert standard_normal_quantile(1 - u).tolist() == (-z).tolist()
