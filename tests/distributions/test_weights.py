"""Weights and what follows from them."""

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.distributions.weights import (
    GuideTable,
    Weights,
    cumulative,
    normalized,
    validate_histogram,
    validate_weights_of,
)
from datagen.randomness import mix, uniform


def test_cumulative_weights_end_at_one() -> None:
    """From the last weight above 0 on, to the bit."""
    assert cumulative(np.array([1.0, 1, 2, 0, 0])).tolist() == [0.25, 0.5, 1, 1, 1]
    assert cumulative(np.full(10, 0.1))[-1] == 1


def test_weights_may_be_as_large_as_doubles() -> None:
    """Their sum need not be a double."""
    huge = np.full(4, 1.7e308)
    assert normalized(huge).tolist() == [0.25] * 4
    assert cumulative(huge).tolist() == [0.25, 0.5, 0.75, 1]


def test_some_weight_is_above_zero() -> None:
    """Else nothing could be picked."""
    with pytest.raises(ValidationError, match="at least one weight above 0"):
        TypeAdapter(Weights).validate_python([0, 0])


def test_there_is_a_weight_for_each_value() -> None:
    """Or there are none."""
    assert (
        list(validate_weights_of([1, 2], None)) == list(validate_weights_of([1, 2], [3, 4])) == []
    )
    text = "expected as many as values, 2, not 1"
    assert list(validate_weights_of([1, 2], [3])) == [(("weights",), text)]


def test_a_histogram_has_rising_edges_and_a_weight_for_each_bin() -> None:
    """One problem at a time."""
    assert list(validate_histogram([0, 1, 2], [1, 1])) == []
    assert list(validate_histogram([0], [])) == [(("edges",), "expected at least two edges")]
    assert list(validate_histogram([0, 0], [1])) == [
        (("edges",), "expected strictly increasing numbers")
    ]
    assert next(validate_histogram([0, 1], [1, 1]))[0] == ("weights",)


@pytest.mark.parametrize("weights", [
    [1.0], [1.0, 0.0], [0.0, 1.0, 1e-18, 3.0], [1e-300, 1.0], [1.0] * 64, [1.0 / (k + 1) for k in range(3000)],
])  # fmt: skip
def test_guide_gives_the_places_of_a_search(weights: list[float]) -> None:
    """For any draw, also on either side of where two places meet."""
    ends = cumulative(np.array(weights))
    near = np.clip((ends * 2.0**52).astype(np.int64)[:, None] + np.arange(-2, 3), 0, 2**52 - 1)
    bits = np.concatenate([near.ravel().astype(np.uint64) << np.uint64(12),
                           mix(np.arange(20_000, dtype=np.uint64))])  # fmt: skip
    expected = np.searchsorted(ends, uniform(bits))
    assert np.array_equal(GuideTable(ends).places(bits), expected)
    assert np.array_equal(GuideTable(ends).places(bits[:3]), expected[:3])
