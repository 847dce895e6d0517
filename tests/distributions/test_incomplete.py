"""Quantiles whose parameters differ from row to row, against the tables of single distributions and scipy."""

import numpy as np
import pytest
from scipy import special

from datagen.arrays import Floats
from datagen.distributions.incomplete import beta_quantiles, gamma_quantiles, gamma_shares
from datagen.distributions.log_concave import beta_table, gamma_table
from datagen.elementary import exp

CHANCE = np.random.default_rng(20270312)
U = np.concatenate([[2.0**-53, 1e-9, 0.5, 1 - 1e-9, 1 - 2.0**-53], CHANCE.random(200)])


def powers(low: float, high: float, count: int) -> Floats:
    """Return numbers whose logarithms are spread evenly."""
    return np.asarray(10 ** CHANCE.uniform(low, high, count))


@pytest.mark.parametrize("shape", [1e-300, 1e-3, 0.3, 0.999, 1.0, 1.5, 40.0, 3e4, 1e9])
def test_gamma_rows_are_those_of_the_table(shape: float) -> None:
    """To 10 digits, and never falling; nothing there needs more where the last bit of u decides."""
    density, table = gamma_table(shape)
    expected = density.scale * exp(table(U))
    found = gamma_quantiles(np.full(len(U), shape), U, 1 - U)
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-300)
    assert (np.diff(found[np.argsort(U)]) >= 0).all()


@pytest.mark.parametrize(
    ("alpha", "beta"),
    [(1e-300, 3e-300), (0.01, 300), (0.5, 0.5), (1, 1), (2, 5), (1e6, 0.7), (1e6, 1e6), (1, 1e6)],
)
def test_beta_rows_are_those_of_the_table(alpha: float, beta: float) -> None:
    """Both the value and what is left to 1."""
    density, table = beta_table(alpha, beta)
    expected = density.shares(table(U))
    found = beta_quantiles(np.full(len(U), alpha), beta, U)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-300)


def test_rows_do_not_look_at_each_other() -> None:
    """The same bits, whatever else is computed at once."""
    shapes, others, u = powers(-2, 5, 500), powers(-2, 5, 500), CHANCE.random(500)
    gamma, beta = gamma_quantiles(shapes, u, 1 - u), beta_quantiles(shapes, others, u)[0]
    for row in range(0, 500, 50):
        one = slice(row, row + 1)
        assert gamma_quantiles(shapes[one], u[one], 1 - u[one])[0] == gamma[row]
        assert beta_quantiles(shapes[one], others[one], u[one])[0][0] == beta[row]


def test_gamma_shares_are_those_of_scipy() -> None:
    """The smaller one of the two with all its digits."""
    shapes = powers(-1, 5, 2000)
    x = shapes * powers(-1, 0.3, 2000)
    below, above = gamma_shares(shapes, x)
    for ours, theirs in (
        (below, special.gammainc(shapes, x)),
        (above, special.gammaincc(shapes, x)),
    ):
        counts = (theirs < 0.5) & (theirs > 1e-280)
        assert np.allclose(ours[counts], theirs[counts], rtol=1e-9, atol=0)
        assert np.allclose(ours, theirs, rtol=0, atol=1e-11)


def test_all_is_above_what_is_not_above_zero() -> None:
    """A gamma variate is."""
    below, above = gamma_shares(np.array([2.0, 0.5]), np.zeros(2))
    assert below.tolist() == [0, 0]
    assert above.tolist() == [1, 1]


@pytest.mark.long
@pytest.mark.statistical
def test_quantiles_return_to_their_probabilities() -> None:
    """Of 200,000 rows with shapes from 0.1 to a million."""
    shapes, u = powers(-1, 6, 200_000), CHANCE.random(200_000)
    x = gamma_quantiles(shapes, u, 1 - u)
    assert np.allclose(special.gammainc(shapes, x), u, rtol=1e-10, atol=1e-10)
