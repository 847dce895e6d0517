"""Delays that have a bound, offsets of any sign, lengths of time; and what is drawn of them."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.disorder.effects import (
    drift_micros,
    highest_micros,
    offset_micros,
    parse_delay,
    parse_length,
    parse_offset,
)
from datagen.validation import messages_of


def words(_: str) -> Any:
    """Return random words of any role."""
    return np.random.default_rng(1).integers(0, 1 << 64, 20_000, dtype=np.uint64)


@pytest.mark.parametrize(
    ("raw", "micros"),
    [
        (3, 3_000_000),
        ("1.5H", 5_400_000_000),
        (-3, 0),
        ({"type": "uniform", "min": 0, "max": "2M"}, 120_000_000),
        ({"type": "exponential", "mean": 5, "max": "30S"}, 30_000_000),
        ({"type": "choice", "values": [1, 0.0000015]}, 1_000_000),
    ],
)
def test_delays_have_a_greatest_value(raw: Any, micros: int) -> None:
    """Their own, or `max`."""
    assert highest_micros(parse_delay(raw)) == micros


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"type": "exponential", "mean": 5},
         '"exponential" has no greatest value, and what is under way has to be held: give it "max"'),
        (1e11, '"constant" has no greatest value, and what is under way has to be held: give it "max"'),
        ({"type": "constant", "value": 1, "hours": {"type": "hourly", "weights": [1] * 24}},
         "a network has no hours, and its delays follow no curve"),
        ("-5S", '"-5S": a duration cannot be negative'),
    ],
)  # fmt: skip
def test_other_delays_are_refused(raw: Any, message: str) -> None:
    """With what to do."""
    with pytest.raises((PydanticCustomError, ValidationError)) as error:
        parse_delay(raw)
    assert message in str(error.value)


def test_parameters_are_numbers() -> None:
    """The network looks into no record."""
    with pytest.raises(ValidationError) as error:
        parse_delay({"type": "uniform", "min": 0, "max": {"expr": "size"}})
    assert messages_of(error.value) == [
        (("max",), "the network knows no values: expected a number")
    ]


@pytest.mark.parametrize(
    ("raw", "micros"),
    [("-90S", -90_000_000), ("1M", 60_000_000), (-0.5, -500_000), (1e300, 10**16)],
)
def test_offsets_may_be_below_zero(raw: Any, micros: int) -> None:
    """Text too."""
    assert offset_micros(parse_offset(raw), words) == micros


def test_offsets_are_rounded_without_a_bias() -> None:
    """Also where they are a fraction of a microsecond."""
    offset = parse_offset({"type": "uniform", "min": -0.9e-6, "max": 0.1e-6})
    found = offset_micros(offset, words)
    assert isinstance(found, np.ndarray)
    assert set(found.tolist()) == {-1, 0, 1}
    assert found.mean() == pytest.approx(-0.4, abs=0.02)


@pytest.mark.parametrize("raw", ["soon", "--5S", "", "5"])
def test_texts_that_are_no_offset_are_refused(raw: str) -> None:
    """With an example."""
    with pytest.raises(PydanticCustomError, match="90S"):
        parse_offset(raw)


def test_a_drift_grows_with_time() -> None:
    """A hundred parts per million of a day are 8.64 s; before the first start it is the other way."""
    day = 86_400_000_000
    found = drift_micros(parse_offset(100), np.array([0, day, -day]), words)
    assert np.asarray(found).tolist() == [0, 8_640_000, -8_640_000]
    assert drift_micros(parse_offset(0), np.array([day]), words) == 0


@pytest.mark.parametrize(("raw", "micros"), [(0, 0), (2.5, 2_500_000), ("1M", 60_000_000)])
def test_lengths_of_time(raw: Any, micros: int) -> None:
    """In whole microseconds."""
    assert parse_length(raw) == micros


@pytest.mark.parametrize("raw", [-1, "-1S", None, 1e11, "x"])
def test_other_lengths_are_refused(raw: Any) -> None:
    """With what is expected."""
    with pytest.raises(PydanticCustomError, match="expected a"):
        parse_length(raw)
