"""What all distributions share: parsing, rounding, parameters side by side."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.arrays import Bits
from datagen.distributions import DISTRIBUTIONS
from datagen.distributions.base import (
    clip_to_int64,
    round_to_int,
)
from datagen.distributions.parsing import parse_distribution, parse_timer
from datagen.randomness import mix


def bits_of(size: int) -> Bits:
    """Return some draws."""
    return mix(np.arange(size, dtype=np.uint64))


def test_types_are_registered_in_the_order_of_messages() -> None:
    """Importing the package is enough; messages list the types like this."""
    kinds = (
        "constant uniform exponential normal lognormal gamma weibull pareto triangular beta "
        "poisson zipf choice histogram gmm_temporal"
    )
    assert list(DISTRIBUTIONS) == kinds.split()


def test_a_temporal_distribution_is_for_times_only() -> None:
    """It needs the clock, which numbers have not."""
    data = {
        "type": "gmm_temporal",
        "mean": 1,
        "days": {"1": [{"utc_hour": 9, "sigma": 1, "weight": 1}]},
    }
    assert parse_timer(data).temporal
    with pytest.raises(ValidationError, match="depends on the clock"):
        parse_distribution(data)


def test_stacked_distributions_sample_as_each_by_itself() -> None:
    """To the bit: parameters are arrays as long as the draws."""
    members = [parse_distribution({"type": "normal", "mean": m, "stddev": m + 1}) for m in range(3)]
    bits, which = bits_of(300), np.arange(300) % 3
    together = members[0].stacked(members[0].columns(members), which).sample(bits)
    apart = np.array([each.sample(bits) for each in members])[which, np.arange(300)]
    assert together.tolist() == apart.tolist()


def test_an_index_is_within_its_list() -> None:
    """However far the sample is from it."""
    wide = parse_distribution({"type": "normal", "mean": 0, "stddev": 1e30})
    assert set(wide.sample_index(bits_of(100), 5).tolist()) == {0, 4}


@pytest.mark.parametrize(
    ("timer", "text"),
    [
        ({"type": "constant", "value": 4.9e-7}, "is rounded from 4.9e-07 s to 0 microseconds"),
        ({"type": "constant", "value": 1.4e-6}, "is rounded from 1.4e-06 s to 1 microsecond"),
        ({"type": "constant", "value": 2.5e-6}, "is rounded from 2.5e-06 s to 3 microseconds"),
        ({"type": "constant", "value": 1 / 3}, ""),
        ({"type": "constant", "value": 0}, ""),
        ({"type": "constant", "value": -1e-7}, ""),
        ({"type": "constant", "value": 1e15}, ""),
        ({"type": "exponential", "mean": 1e-7}, ""),
        ({"type": "choice", "values": [1e-7]}, ""),
    ],
)
def test_rounding_that_changes_a_rate_is_told(timer: dict[str, Any], text: str) -> None:
    """Only constants are rounded; all other times keep their mean."""
    assert parse_timer(timer).rounding() == text


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.5, 1), (-0.5, -1), (2.5, 3), (0.49999999999999994, 0), (10**30, 10**30)],
)
def test_halves_round_away_from_zero(value: float, rounded: int) -> None:
    """Integers of any size stay themselves."""
    assert round_to_int(value) == rounded


def test_integers_are_clipped_to_64_bits() -> None:
    """At both ends."""
    assert [clip_to_int64(each) for each in (-(2**70), 5, 2**70)] == [-(2**63), 5, 2**63 - 1]


@pytest.mark.parametrize(
    ("seconds", "takes"), [(0, False), (4e-7, False), (5e-7, True), (-1, False)]
)
def test_a_constant_takes_time_from_half_a_microsecond_on(seconds: float, *, takes: bool) -> None:
    """What rounds to 0 microseconds does not wait."""
    timer = parse_timer({"type": "constant", "value": seconds})
    assert timer.can_take_time() is takes
    assert bool(timer.microseconds(bits_of(1))[0]) is takes


def test_mean_duration_counts_no_time_below_zero() -> None:
    """Of a normal distribution around 0 it is 1 / sqrt(2 pi); others keep their mean, also an infinite one."""
    normal = parse_timer({"type": "normal", "mean": 0, "stddev": 1})
    assert normal.mean_duration() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
    assert parse_timer({"type": "exponential", "mean": 3}).mean_duration() == 3
    assert parse_timer({"type": "pareto", "alpha": 1, "min": 2}).mean_duration() == np.inf


def test_mean_duration_of_a_temporal_distribution_is_that_where_its_curve_is_one() -> None:
    """The curve is applied elsewhere."""
    days = {"1": [{"utc_hour": 12, "sigma": 2, "weight": 1}]}
    temporal = parse_timer({"type": "gmm_temporal", "mean": 60, "days": days})
    assert temporal.mean_duration() == pytest.approx(60, rel=1e-3)
    assert temporal.mean() > 100
