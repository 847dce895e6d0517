"""What all effects add up to."""

from typing import Any

import pytest

from datagen.disorder.bounds import bound_of, period_problems
from tests.support.disorder import batch_of, disorder_of, effects_of

EFFECTS: list[dict[str, Any]] = [
    {"type": "late", "share": 0.4, "delay": {"type": "exponential", "mean": 2, "max": 9}},
    {"type": "duplicate", "share": 0.5, "delay": {"type": "uniform", "min": 0, "max": 3}},
    {"type": "outage", "period": "outage", "then": "flush", "over": "4S"},
    {"type": "late", "delay": {"type": "choice", "values": [0, 5]}},
]
LENGTHS = {"outage": 10_000_000}


def test_no_copy_is_later_than_the_bound() -> None:
    """Nor is the bound far from what happens; the mean is what is under way at the worst."""
    batch = batch_of(20_000)
    copies = disorder_of(*EFFECTS).copies(batch)
    greatest, mean = bound_of(effects_of(*EFFECTS), LENGTHS)
    delays = copies.arrivals - batch.times[copies.rows]
    assert greatest == (9 + 3 + 14 + 5) * 1_000_000
    assert 0.6 * greatest < delays.max() <= greatest
    assert delays.min() == 0
    assert mean == pytest.approx(1e6 * (0.4 * 1.9 + 0.5 * 1.5 + 10 + 2.5), rel=0.02)


def test_without_effects_nothing_is_under_way() -> None:
    """Nothing at all."""
    assert bound_of([], {}) == (0, 0.0)


def test_periods_are_those_of_the_timeline() -> None:
    """With the name that was meant."""
    effects = effects_of(*EFFECTS)
    assert list(period_problems(effects, LENGTHS)) == []
    ((path, text),) = period_problems(effects, {"outages": 1})
    assert path == (2, "period")
    assert text == 'the timeline has no "outage"; did you mean "outages"?'
    assert [each for each, _ in period_problems(effects, {})] == [(2, "period")]
