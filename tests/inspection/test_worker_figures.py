"""The figures of populations over a week."""

import pytest

from tests.support.explanations import explanation
from tests.support.machines import constant, exponential, spec_of


def test_rate_and_alive_follow_a_curve() -> None:
    """Five times as many arrivals at noon: the number alive follows by what is left of an hour."""
    curve = {"type": "hourly", "weights": [1] * 12 + [5] + [1] * 11, "applies_to": "arrivals"}
    spec = spec_of({"a": (constant(3600), {"stop": 1})}, exponential(1))
    said = explanation({**spec, "schedule": curve})
    (workers,) = said.populations
    assert workers.arrivals is not None
    assert workers.rate.high == pytest.approx(5 * workers.rate.low)
    assert workers.rate.high_at is not None
    assert workers.rate.high_at % 1440 // 60 == 12
    assert workers.rate.daily
    # the curve is straight between hours: over the hour around noon it is 4 on average
    assert workers.alive.high == pytest.approx(3600 * 4, rel=0.03)
    assert workers.alive.mean == pytest.approx(3600 * workers.arrivals.mean, rel=0.03)
