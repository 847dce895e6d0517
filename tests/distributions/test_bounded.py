"""Beta and triangular distributions at the edges of their parameters."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from datagen.distributions.parsing import parse_distribution
from datagen.validation import messages_of
from tests.support.distributions import GRID


@pytest.mark.parametrize(("alpha", "beta"), [(1e6, 1e6), (1e3, 1e6), (1e6, 30), (1e6, 0.1)])
def test_lopsided_beta_is_right_up_to_its_limit(alpha: float, beta: float) -> None:
    """Above 1e6, where a normal distribution is the same, it is refused."""
    share = parse_distribution({"type": "beta", "alpha": alpha, "beta": beta}).quantile(GRID[::50])
    inside = share < 1 - 1e-12
    assert np.allclose(stats.beta.cdf(share, alpha, beta)[inside], GRID[::50][inside], atol=2e-6)


@pytest.mark.parametrize("key", ["alpha", "beta"])
def test_tiny_shapes_are_refused(key: str) -> None:
    """Their integrals would be no doubles; all samples would be the same."""
    parameters: dict[str, Any] = {"type": "beta", "alpha": 1, "beta": 1}
    with pytest.raises(ValidationError) as caught:
        parse_distribution({**parameters, key: 5e-324})
    assert messages_of(caught.value) == [((key,), "expected at least 1e-300")]


def test_the_least_shapes_that_are_allowed_give_ends() -> None:
    """0 or 1, by the shares of alpha and beta."""
    beta = parse_distribution({"type": "beta", "alpha": 1e-300, "beta": 3e-300})
    assert beta.quantile(np.array([0.1, 0.74, 0.76, 0.9])).tolist() == [0, 0, 1, 1]
