"""What `min` and `max` leave of a distribution; tests/contracts compares each with scipy."""

import math
from typing import Any

import numpy as np
import pytest

from datagen.distributions.base import Distribution
from datagen.distributions.parsing import parse_distribution
from tests.support.distributions import GRID


def normal(**ends: float) -> Distribution:
    """Return a standard normal distribution between ends."""
    return parse_distribution({"type": "normal", "mean": 0, "stddev": 1, **ends})


def test_far_in_a_tail_nothing_is_lost() -> None:
    """One side is the mirror of the other, to the bit."""
    above, below = (
        normal(min=5.9, max=8).quantile(GRID),
        normal(min=-8, max=-5.9).quantile(1 - GRID),
    )
    assert len(set(above.tolist())) == len(GRID)
    assert np.allclose(above, -below, rtol=1e-15)


@pytest.mark.parametrize("end", [-(2**63) - 1, -(10**30)])
def test_ends_beyond_64_bits_cut_off_nothing(end: int) -> None:
    """An integer that large is a double as any other."""
    values = normal(min=end, max=-end).quantile(GRID)
    assert np.allclose(values, normal().quantile(GRID), rtol=1e-13)


def test_ends_that_cut_off_nothing_leave_the_samples() -> None:
    """To rounding."""
    assert np.allclose(normal(min=-40, max=40).quantile(GRID), normal().quantile(GRID), rtol=1e-13)


@pytest.mark.parametrize(
    ("ends", "kept"), [({"min": 3}, 1), ({"max": 3}, 1), ({"min": 3.1}, 0), ({"max": 2.9}, 0)]
)
def test_a_point_is_left_or_not(ends: dict[str, float], kept: int) -> None:
    """A normal distribution without spread is its mean, which may be an end."""
    raw: dict[str, Any] = {"type": "normal", "mean": 3, "stddev": 0, **ends}
    if kept:
        assert set(parse_distribution(raw).quantile(GRID).tolist()) == {3.0}
    else:
        with pytest.raises(ValueError, match="nothing of the distribution is left"):
            parse_distribution(raw)


def test_less_than_one_in_a_milliard_is_an_error() -> None:
    """The share says so, not the width."""
    parse_distribution({"type": "exponential", "mean": 1, "min": 20.7})
    with pytest.raises(ValueError, match=r"9.6e-10 of the distribution is left"):
        parse_distribution({"type": "exponential", "mean": 1, "min": 20.764})
    normal(min=5.99)
    for ends in ({"min": 6}, {"min": 6, "max": 8}, {"min": -8, "max": -6}):
        with pytest.raises(ValueError, match=r"9.8[67]e-10 of the distribution is left"):
            normal(**ends)


def test_bounds_are_the_nearer_ones() -> None:
    """The ends, or those that the distribution has by itself."""
    gamma = {"type": "gamma", "shape": 2, "scale": 1}
    assert parse_distribution({**gamma, "min": -5}).bounds() == (0, math.inf)
    assert parse_distribution({**gamma, "min": 1, "max": 9}).bounds() == (1, 9)
    assert normal(max=2).bounds() == (-math.inf, 2)


def test_whole_numbers_between_ends_are_listed_with_their_chances() -> None:
    """As rounded samples have them."""
    shape = normal(min=-2, max=1.2)
    listed = shape.possible_integers()
    assert isinstance(listed, dict)
    assert list(listed) == [-2, -1, 0, 1]
    rounded = np.floor(shape.quantile((np.arange(100_000) + 0.5) / 100_000) + 0.5)
    shares = np.unique(rounded, return_counts=True)[1] / len(rounded)
    assert np.allclose(shares, np.array(list(listed.values())) / sum(listed.values()), atol=1e-4)
    assert normal(min=0).possible_integers() is None
    counts = parse_distribution({"type": "poisson", "mean": 3, "max": 4.5}).possible_integers()
    assert isinstance(counts, dict)
    assert list(counts) == [0, 1, 2, 3, 4]


def test_the_mean_of_what_overflows_is_that_of_the_samples() -> None:
    """Where the formula has no doubles."""
    wide = parse_distribution({"type": "lognormal", "mu": 0, "sigma": 100, "max": 1000})
    assert 0 < wide.mean() < 1000
    assert wide.mean() == pytest.approx(
        float(wide.quantile((np.arange(10**6) + 0.5) / 10**6).mean()), rel=1e-2
    )
    assert (
        parse_distribution({"type": "lognormal", "mu": 0, "sigma": 100, "min": 1}).mean()
        == math.inf
    )


def test_truncated_waits_are_clipped_no_more() -> None:
    """The mean of a delay is then that of its distribution."""
    delay = parse_distribution({"type": "normal", "mean": 1, "stddev": 2, "min": 0})
    assert delay.mean_duration() == delay.mean() == pytest.approx(2.01824, abs=1e-4)
