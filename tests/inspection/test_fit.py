"""p-values are those of scipy, and so is what Holm's method makes of them."""

import numpy as np
import pytest
from scipy import stats

from datagen.inspection.fit import (
    binomial_p,
    chi_squared_tail,
    fit_of_counts,
    fit_of_sample,
    holm,
    kolmogorov_tail,
    normal_p,
)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 199])
@pytest.mark.parametrize("times", [0.1, 1.0, 3.0, 9.0])
def test_tail_of_chi_squared(freedom: int, times: float) -> None:
    """Far into the tail, too."""
    expected = stats.chi2.sf(freedom * times, freedom)
    assert chi_squared_tail(freedom * times, freedom) == pytest.approx(expected, rel=1e-8)


def test_ends_of_chi_squared() -> None:
    """Nothing is odd at 0, and everything beyond all numbers."""
    assert (chi_squared_tail(0, 3), chi_squared_tail(np.inf, 3)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("count", "total", "share"), [(0, 50, 0.1), (480, 1000, 0.5), (9, 20_000, 1e-3)]
)
def test_binomial(count: int, total: int, share: float) -> None:
    """The smaller side, doubled."""
    law = stats.binom(total, share)
    expected = min(1.0, 2 * min(law.cdf(count), law.sf(count - 1)))
    assert binomial_p(count, total, share) == pytest.approx(expected, rel=1e-8)


def test_binomial_that_is_sure() -> None:
    """A single null where there are none is enough, or a value where all are null."""
    assert [binomial_p(*each) for each in [(1, 9, 0.0), (0, 9, 0.0), (8, 9, 1.0), (9, 9, 1.0)]] == [
        0,
        1,
        0,
        1,
    ]


def test_normal_and_kolmogorov() -> None:
    """As scipy has them."""
    assert normal_p(-5.0) == pytest.approx(2 * stats.norm.sf(5), rel=1e-8)
    assert kolmogorov_tail(1.7) == pytest.approx(stats.kstwobign.sf(1.7), rel=1e-8)
    assert kolmogorov_tail(0.1) == 1.0


def test_sample_of_a_distribution() -> None:
    """About the p-value of scipy, against quantiles; ties in both are no distance."""
    grid = stats.expon.ppf((np.arange(100_000) + 0.5) / 100_000)
    values = np.random.default_rng(1).exponential(1.03, 5000)
    expected = stats.kstest(values, stats.expon.cdf)
    found = fit_of_sample(values, grid)
    assert found.statistic == pytest.approx(expected.statistic, abs=2e-5)
    assert found.p == pytest.approx(expected.pvalue, rel=0.05)
    assert fit_of_sample(np.repeat([1.0, 2.0], 500), np.repeat([1.0, 2.0], 8)).p == 1.0


def test_counts_of_shares() -> None:
    """Pearson's p-value where all is well, the oddest by its place; what is impossible is red at once."""
    counts, shares = np.array([310, 195, 495]), np.array([3.0, 2.0, 5.0])
    expected = stats.chisquare(counts, shares / 10 * 1000)
    found = fit_of_counts(counts, shares)
    assert found.p == pytest.approx(expected.pvalue, rel=0.05)
    assert found.worst == 0
    assert fit_of_counts(np.array([5, 1]), np.array([1.0, 0.0])).p == 0.0
    assert fit_of_counts(np.array([5]), np.array([1.0])).p == 1.0


def test_counts_of_many_rare_values_are_right_about_chance() -> None:
    """p-values of what fits are even, or larger: in the far tail, too, where Pearson's alone are not."""
    rng, shares = np.random.default_rng(2), np.r_[0.99, np.full(40, 0.01 / 40)]
    found = np.array(
        [fit_of_counts(rng.multinomial(32_000, shares), shares).p for _ in range(2000)]
    )
    for level in (0.5, 0.1, 0.01, 0.002):
        assert (found < level).mean() < level + 4 * np.sqrt(level / 2000)


def test_holm() -> None:
    """The smallest counts as often as there are tests, and none less than one before it."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []
