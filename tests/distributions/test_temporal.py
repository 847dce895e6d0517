"""Times between events whose rate follows a curve."""

import pytest

from datagen.distributions.parsing import parse_timer

DAYS = {"1": [{"utc_hour": 12, "sigma": 1e9, "weight": 2}]}


def test_the_mean_is_that_at_the_mean_height() -> None:
    """A curve that is 2 all week halves it."""
    timer = parse_timer({"type": "gmm_temporal", "mean": 10, "days": DAYS})
    assert timer.mean() == pytest.approx(5)


def test_the_curve_has_the_zone_of_the_distribution() -> None:
    """And its days."""
    timer = parse_timer({"type": "gmm_temporal", "mean": 1, "days": DAYS, "timezone": "Asia/Tokyo"})
    assert timer.curve is not None
    assert timer.curve.timezone == "Asia/Tokyo"
    assert timer.curve.minute_heights.mean() == pytest.approx(2)
