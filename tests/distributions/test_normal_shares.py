"""Probabilities of a standard normal variate against mpmath's error function."""

import mpmath
import numpy as np

from datagen.distributions.normal_quantile import standard_normal_quantile
from datagen.distributions.normal_shares import normal_shares

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 40
Z = np.concatenate([[0.0, 0.67448975, 5.6568543, 37.0], np.linspace(0.001, 37, 500)])


def test_both_tails_have_all_their_digits() -> None:
    """To 15 of them, up to the end of the doubles; one side mirrors the other to the bit."""
    below, above = normal_shares(Z)
    half = [CONTEXT.erfc(CONTEXT.mpf(z) / CONTEXT.sqrt(2)) / 2 for z in Z.tolist()]
    assert max(abs(float(a / b - 1)) for a, b in zip(above.tolist(), half, strict=True)) < 2e-15
    assert np.allclose(below, [float(1 - each) for each in half], rtol=1e-15)
    mirrored = normal_shares(-Z)
    assert np.array_equal(mirrored[0], above)
    assert np.array_equal(mirrored[1], below)


def test_ends_hold_everything() -> None:
    """At infinity nothing is left."""
    below, above = normal_shares(np.array([-np.inf, np.inf]))
    assert below.tolist() == [0.0, 1.0]
    assert above.tolist() == [1.0, 0.0]


def test_it_undoes_the_quantile() -> None:
    """Both are from different sources, and agree."""
    u = np.linspace(1e-12, 0.5, 1001)
    assert np.allclose(normal_shares(standard_normal_quantile(u))[0], u, rtol=1e-13)
