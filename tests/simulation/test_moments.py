"""Means and variances of what workers bring."""

import math
from typing import Any

import numpy as np
import pytest

from datagen.simulation.moments import duration_moments, worker_chain
from datagen.spec.parsing import parse_spec
from tests.support.machines import NEVER_ENDING, constant, distribution_of, exponential, spec_of

MOMENTS: list[tuple[dict[str, Any], float, float]] = [
    (exponential(3), 3, 18),
    (constant(2), 2, 4),
    ({"type": "uniform", "min": 0, "max": 6}, 3, 12),
    ({"type": "normal", "mean": 0, "stddev": 2}, 2 / math.sqrt(2 * math.pi), 2),
    ({"type": "lognormal", "mu": 0, "sigma": 1}, math.exp(0.5), math.exp(2)),
]


@pytest.mark.parametrize(("spec", "mean", "square"), MOMENTS, ids=lambda value: str(value)[:24])
def test_moments_of_delays(spec: dict[str, Any], mean: float, square: float) -> None:
    """What is below 0 counts as 0."""
    assert duration_moments(distribution_of(spec)) == pytest.approx((mean, square), rel=2e-3)


@pytest.mark.parametrize(("shape", "infinite"), [(1.5, True), (3, False)])
def test_infinite_variance_is_seen(shape: float, infinite: bool) -> None:
    """A Pareto distribution has one up to a shape of 2."""
    delay = distribution_of({"type": "pareto", "min": 1, "alpha": shape})
    assert math.isinf(duration_moments(delay)[1]) is infinite


def test_sum_of_a_geometric_number() -> None:
    """N exponential delays are exponential: mean and deviation are alike."""
    spec, _ = parse_spec(
        spec_of({"a": (exponential(3), {"a": 0.75, "stop": 0.25})}, constant(1)), "x"
    )
    chain = worker_chain(spec, np.ones(1))
    assert chain is not None
    found = chain.moments(0)
    assert found is not None
    assert (found.life.mean, found.life.sd) == pytest.approx((12, 12), rel=1e-3)
    assert (found.records.mean, found.records.sd) == pytest.approx((4, math.sqrt(12)))
    assert found.visits.tolist() == pytest.approx([4])


def test_no_moments_without_an_end() -> None:
    """A worker that stays has none."""
    spec, _ = parse_spec(NEVER_ENDING, "x")
    chain = worker_chain(spec, np.ones(2))
    assert chain is not None
    assert chain.moments(0) is None
