"""Distributions given by what is measured: medians, percentiles, means, deviations, rates."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.support.fields import floats
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import LARGEST_Z, LEAST_P, SECONDS, p_uniform, samples, z_of_mean
from tests.support.stats import chi_squared

pytestmark = pytest.mark.statistical

ENDLESS = {"a": (constant(1), {"a": 1.0})}
PERCENTILES = {"p90": 0.9, "p95": 0.95, "p99": 0.99}
SIZES = [10_000, pytest.param(1_000_000, marks=pytest.mark.long)]


def share_z(below: Any, share: float) -> float:
    """Return how far a share of samples is off, in standard errors."""
    return z_of_mean(np.asarray(below, dtype=float), share, np.sqrt(share * (1 - share)))


def by_logarithm(median: float, sigma: float) -> Any:
    """Return scipy's lognormal distribution."""
    return stats.lognorm(sigma, scale=median)


VARIANCE = float(np.log1p((30 / 50) ** 2))
GIVEN: list[tuple[Spec, Any]] = [
    ({"median": 120, "sigma": 0.5}, by_logarithm(120, 0.5)),
    ({"mu": 1, "sigma": 0.5}, by_logarithm(np.e, 0.5)),
    ({"mean": 50, "stddev": 30}, by_logarithm(50 * np.exp(-VARIANCE / 2), np.sqrt(VARIANCE))),
    *(
        ({"median": 120, key: 900}, by_logarithm(120, np.log(7.5) / stats.norm.ppf(share)))
        for key, share in PERCENTILES.items()
    ),
]


@pytest.mark.parametrize("size", SIZES)
def test_lognormal_hits_what_it_was_given(size: int) -> None:
    """Half of the samples are below the median, such a share below a percentile; so are mean and deviation.

    By numbers and by expressions alike.
    """
    computed = [{key: {"expr": f"{value}"} for key, value in each.items()} for each, _ in GIVEN]
    dimensions = [
        {"name": f"f{place}", **floats({"type": "lognormal", **each})}
        for place, each in enumerate([*(each for each, _ in GIVEN), *computed])
    ]
    found = samples(spec_of(ENDLESS, constant(1), dimensions), size)
    for column, (given, theory) in zip(list(found.values())[1:], [*GIVEN, *GIVEN], strict=True):
        assert p_uniform(theory.cdf(column)) > LEAST_P, given
        for key, share in {"median": 0.5, **PERCENTILES}.items():
            if key in given:
                assert abs(share_z(column < given[key], share)) < LARGEST_Z
        if "mean" in given:
            squares = np.square(column - given["mean"])
            assert abs(z_of_mean(column, given["mean"], given["stddev"])) < LARGEST_Z
            assert abs(z_of_mean(squares, given["stddev"] ** 2, squares.std())) < LARGEST_Z


@pytest.mark.parametrize(
    ("rate", "mean"), [(4, 0.25), ("4/s", 0.25), ("90/m", 2 / 3), ("3/h", 1200), ("0.5/d", 172_800)]
)
def test_rates_are_those_of_poisson_arrivals(rate: Any, mean: float) -> None:
    """Of workers by their interarrival, and of one worker's waits."""
    timer = {"type": "exponential", "rate": rate}
    arrivals = spec_of({"a": (constant(0), {"stop": 1})}, timer, [SECONDS])
    waits = spec_of({"a": (timer, {"a": 1})}, constant(1), [SECONDS])
    for spec, flags in ((arrivals, ("-m", "none")), (waits, ("-m", "1"))):
        gaps = np.diff(samples(spec, 20_001, *flags)["at"])
        assert p_uniform(stats.expon(scale=mean).cdf(gaps)) > LEAST_P
        assert abs(z_of_mean(gaps, mean, mean)) < LARGEST_Z


def test_many_a_second_are_as_many() -> None:
    """5,000 a second, of 200 microseconds each: the counts of hundredths of a second are Poisson's."""
    spec = spec_of(
        {"a": (constant(0), {"stop": 1})}, {"type": "exponential", "rate": "5000/s"}, [SECONDS]
    )
    at = samples(spec, 60_000, "-m", "none")["at"]
    whole = int(at[-1] * 100)
    counts = np.bincount((at * 100).astype(int))[:whole]
    theory = stats.poisson(50).pmf(np.arange(150))
    assert chi_squared(np.bincount(counts, minlength=150), theory) > LEAST_P
    assert abs(z_of_mean(np.diff(at), 0.0002, 0.0002)) < LARGEST_Z


def test_lengths_of_time_are_seconds() -> None:
    """As text, in every parameter of a wait."""
    for timer, theory in (
        ({"type": "normal", "mean": "10M", "stddev": "1.5M"}, stats.norm(600, 90)),
        ({"type": "lognormal", "median": "90S", "p95": "10M"}, stats.lognorm(np.log(600 / 90) / stats.norm.ppf(0.95), scale=90)),
        ({"type": "gamma", "shape": 2, "scale": "1H"}, stats.gamma(2, scale=3600)),
        ({"type": "uniform", "min": "1M", "max": "1H"}, stats.uniform(60, 3540)),
    ):  # fmt: skip
        spec = spec_of({"a": (timer, {"a": 1})}, exponential(1), [SECONDS])
        waits = np.diff(samples(spec, 10_001, "-m", "1")["at"])
        assert p_uniform(theory.cdf(waits)) > LEAST_P
