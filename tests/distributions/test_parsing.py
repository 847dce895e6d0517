"""Where which distributions may stand, and in how few words."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.distributions.parsing import (
    parse_distribution,
    parse_interarrival,
    parse_pick,
    parse_timer,
)
from datagen.validation import messages_of
from tests.support.distributions import GRID

OPEN = {"type": "constant", "value": 1}
MIXTURE = {
    "type": "gmm_temporal",
    "mean": "10M",
    "days": {"1": [{"utc_hour": 1, "sigma": 1, "weight": 1}]},
}
VARYING = {"type": "exponential", "mean": {"expr": "x"}}


def problems(parse: Any, raw: Any) -> list[tuple[Any, str]]:
    """Return what is wrong with raw JSON."""
    with pytest.raises(ValidationError) as caught:
        parse(raw)
    return messages_of(caught.value)


def test_seconds_may_be_texts() -> None:
    """Alone, as parameters, and in lists of them; a whole number stays one."""
    assert parse_timer("1.5H").quantile(GRID[:1]).tolist() == [5400]
    normal = parse_timer({"type": "normal", "mean": "10M", "stddev": "90S", "min": "1M"})
    assert normal.bounds() == (60, float("inf"))
    assert normal.mean() == pytest.approx(600)
    lognormal = parse_timer({"type": "lognormal", "median": "2S", "p99": "1M"})
    assert lognormal.quantile(np.array([0.5])) == pytest.approx([2], rel=1e-13)
    choice = parse_timer({"type": "choice", "values": ["1M", 30]})
    assert choice.weighted_values() == [(60, 1), (30, 1)]
    assert parse_timer({"type": "exponential", "rate": "3/h"}).mean() == 1200
    assert parse_timer(MIXTURE).temporal


def test_a_shape_is_no_length_of_time() -> None:
    """Only what is in seconds may be text."""
    assert problems(parse_timer, {"type": "gamma", "shape": "3S", "scale": "2S"}) == [
        (("shape",), 'expected a number, not "3S"')
    ]
    assert problems(parse_timer, {"type": "lognormal", "mu": "3S", "sigma": 1}) == [
        (("mu",), 'expected a number, not "3S"')
    ]


def test_elsewhere_the_remedy_is_named() -> None:
    """Together with what else is wrong."""
    raw = {"type": "normal", "mean": "1M", "stddev": -1}
    assert problems(parse_distribution, raw) == [
        (
            ("mean",),
            '"1M" is a length of time, which is for delays and interarrival; here give a number (60)',
        ),
        (("stddev",), "expected 0 or more, not -1"),
    ]


def test_hours_are_for_what_takes_time() -> None:
    """There an own curve stands against them, and so does one that is always 0."""
    timer = parse_timer({"type": "constant", "value": "8H", "hours": OPEN})
    assert timer.hours is not None
    assert parse_interarrival({"type": "exponential", "mean": 3, "hours": OPEN}).hours is not None
    assert problems(parse_distribution, {"type": "constant", "value": 8, "hours": OPEN}) == [
        (("hours",), 'open hours are for "delay" and "interarrival": no time passes here')
    ]
    assert problems(parse_timer, {**MIXTURE, "hours": OPEN}) == [
        (("hours",), '"gmm_temporal" follows a curve of its own; the hours belong to other types')
    ]
    closed = {"type": "constant", "value": "x", "hours": {"type": "constant", "value": 0}}
    assert problems(parse_timer, closed) == [
        (
            ("value",),
            'expected a number or a length of time such as "90S", "10M" or "1.5H", not "x"',
        ),
        (("hours",), "these hours are never open; expected a height above 0"),
    ]
    assert problems(parse_timer, {"type": "constant", "value": 1, "hours": {"type": "hourly"}}) == [
        (("hours", "weights"), "missing")
    ]


def test_expressions_are_for_fields_and_delays() -> None:
    """What is drawn before there is a value cannot depend on one."""
    assert parse_distribution(VARYING).varies
    assert parse_timer(VARYING).varies
    assert parse_timer({**VARYING, "hours": OPEN}).varies
    assert problems(parse_interarrival, {**VARYING, "hours": OPEN}) == [
        (("mean",), "the time between workers cannot depend on values")
    ]
    assert problems(parse_pick, VARYING) == [
        (("mean",), "the pick from a fixed set cannot depend on values")
    ]
