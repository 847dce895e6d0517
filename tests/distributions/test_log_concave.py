"""Quantiles of log-concave densities against mpmath's incomplete gamma and beta functions."""

from typing import Any

import mpmath
import numpy as np
import pytest

from datagen.distributions.log_concave import LogGamma, LogitBeta, QuantileTable
from datagen.elementary import exp

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 40
U = np.array([2.0**-53, 1e-12, 1e-5, 0.02, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-9, 1 - 2.0**-53])
BITS = np.random.default_rng(20270312).integers(0, 2**52, 50_000).astype(float)
SHAPES = [1e-10, 1e-3, 0.05, 0.5, 1.0, 2.5, 40.0, 1e3]
PAIRS = [(1e-3, 1e-3), (0.02, 0.01), (0.5, 0.5), (1.0, 1.0), (2.0, 5.0), (5.0, 1.0), (30.0, 1e6), (1e3, 0.1)]  # fmt: skip


def relative_error(share: Any, u: float, x: Any, density: Any) -> float:
    """Return by how much x is wrong, in parts of x: P(x) - u over the slope of P."""
    return abs(float((share - CONTEXT.mpf(u)) / (density * x)))


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_quantiles_are_right_to_twelve_digits(shape: float) -> None:
    """In both tails too; what is too small for a double is 0."""
    density, a = LogGamma(shape), CONTEXT.mpf(shape)
    values = density.scale * exp(QuantileTable(density)(U))
    assert (np.diff(values) >= 0).all()
    for u, value in zip(U.tolist(), values.tolist(), strict=True):
        if value < 1e-290:
            continue
        x = CONTEXT.mpf(value)
        above = CONTEXT.gammainc(a, x, CONTEXT.inf, regularized=True)
        share = 1 - above if u > 0.5 else CONTEXT.gammainc(a, 0, x, regularized=True)
        height = x ** (a - 1) * CONTEXT.exp(-x) / CONTEXT.gamma(a)
        assert relative_error(share, u, x, height) < 2e-12


@pytest.mark.parametrize(("alpha", "beta"), PAIRS)
def test_beta_quantiles_are_right_to_twelve_digits(alpha: float, beta: float) -> None:
    """Whichever of x and 1 - x is the smaller."""
    density, a, b = LogitBeta(alpha, beta), CONTEXT.mpf(alpha), CONTEXT.mpf(beta)
    shares, rests = density.shares(QuantileTable(density)(U))
    assert (np.diff(shares) >= 0).all()
    for u, share, rest in zip(U.tolist(), shares.tolist(), rests.tolist(), strict=True):
        if min(share, rest) < 1e-290:
            continue
        x, y = CONTEXT.mpf(share), CONTEXT.mpf(rest)
        if share < 0.5:
            found = CONTEXT.betainc(a, b, 0, x, regularized=True)
        else:
            found = 1 - CONTEXT.betainc(b, a, 0, y, regularized=True)
            x = 1 - y
        height = x ** (a - 1) * y ** (b - 1) / CONTEXT.beta(a, b)
        assert relative_error(found, u, min(x, y), height) < 4e-12


@pytest.mark.parametrize("shape", [1e5, 1e10, 1e20, 1e100, 1e300])
def test_a_large_shape_is_nearly_normal(shape: float) -> None:
    """Cornish and Fisher's expansion, x = shape + (z + (z**2 - 1) / 3 root + ...) root."""
    u, z = np.array([0.02275013194817921, 0.5, 0.9772498680518208]), np.array([-2.0, 0.0, 2.0])
    density, root = LogGamma(shape), shape**0.5
    standard = QuantileTable(density)(u) * root  # log(x / shape), in standard deviations
    expected = z + (z * z - 1) / (3 * root) - z * z / (2 * root)
    assert np.allclose(standard, expected, rtol=0, atol=max(20 / shape, 1e-13))


@pytest.mark.parametrize("density", [LogGamma(0.3), LogGamma(7), LogitBeta(0.1, 0.1), LogitBeta(2, 5),
                                     LogitBeta(0.01, 0.02)])  # fmt: skip
def test_tables_agree_with_the_integral_everywhere(density: Any) -> None:
    """Also where a table has no polynomial that does; and quantiles rise."""
    table, u = QuantileTable(density), np.sort((BITS + 0.5) * 2.0**-52)
    values = table(u)
    exact = table._integral.quantiles(u, 1 - u)
    assert np.allclose(values, exact, rtol=2e-13, atol=2e-12)
    assert (np.diff(values) >= 0).all()


def test_few_panels_have_no_polynomial() -> None:
    """None for usual parameters; two where a beta variate is nearly 0 or 1 and jumps between."""
    for density in (
        LogGamma(0.05),
        LogGamma(1),
        LogGamma(1e6),
        LogitBeta(0.1, 0.1),
        LogitBeta(2, 5),
    ):
        assert not QuantileTable(density)._wrong.any()
    assert 0 < QuantileTable(LogitBeta(1e-3, 1e-3))._wrong.sum() < 4


def test_a_value_does_not_depend_on_those_beside_it() -> None:
    """As a draw does not."""
    table = QuantileTable(LogitBeta(0.01, 0.02))
    u = (BITS[:9000] + 0.5) * 2.0**-52
    values = table(u)
    assert values.tolist() == [*table(u[:100]), *table(u[100:])]
    assert values[::97].tolist() == [table(u[row : row + 1])[0] for row in range(0, 9000, 97)]


def test_probabilities_beyond_53_bits_are_taken_too() -> None:
    """By the integral: the far tail of an exponential variate."""
    table = QuantileTable(LogGamma(1))
    assert np.exp(table(np.array([1e-100, 1e-30]))) == pytest.approx([1e-100, 1e-30], rel=1e-12)
