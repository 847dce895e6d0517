"""Distributions whose parameters differ from row to row: each row is as a distribution of its own."""

import numpy as np
import pytest

from datagen.distributions.parsing import parse_distribution
from datagen.distributions.rows import ChoiceOfRows, ConstantOfRows, UniformOfRows
from datagen.distributions.weights import cumulative
from datagen.randomness import mix

ROWS = 300
BITS = mix(np.arange(ROWS, dtype=np.uint64))
LOW = np.random.default_rng(1).integers(-(2**62), 2**62, ROWS)


def test_constants_keep_whole_numbers() -> None:
    """Of all their digits; doubles are rounded as ever."""
    assert np.array_equal(ConstantOfRows.of(LOW).sample_rounded(BITS), LOW)
    assert np.array_equal(ConstantOfRows.of(LOW).sample_floored(BITS), LOW)
    halves = np.arange(ROWS) - 10.5
    assert ConstantOfRows.of(halves).sample_rounded(BITS)[:3].tolist() == [-11, -10, -9]
    assert ConstantOfRows.of(halves).sample_floored(BITS)[:3].tolist() == [-11, -10, -9]
    assert np.array_equal(ConstantOfRows.of(halves).sample(BITS), halves)


@pytest.mark.parametrize("width", [0, 1, 6, 1000, 2**62])
def test_uniform_rows_are_as_the_same_ends_by_themselves(width: int) -> None:
    """To the bit, as whole numbers of up to 64 bits and as doubles."""
    rows = UniformOfRows.of(LOW, LOW + width)
    for row in range(0, ROWS, 29):
        one = slice(row, row + 1)
        alone = parse_distribution(
            {"type": "uniform", "min": int(LOW[row]), "max": int(LOW[row]) + width}
        )
        assert rows.sample_rounded(BITS)[row] == alone.sample_rounded(BITS[one])[0]
        assert rows.sample_floored(BITS)[row] == alone.sample_floored(BITS[one])[0]
        assert rows.sample(BITS)[row] == alone.sample(BITS[one])[0]


def test_ends_that_are_no_whole_numbers_are_rounded_afterwards() -> None:
    """In these rows alone."""
    low = np.where(np.arange(ROWS) % 2, 1.0, 0.75)
    rows = UniformOfRows.of(low, 3)
    for row in range(10):
        alone = parse_distribution({"type": "uniform", "min": float(low[row]), "max": 3})
        assert rows.sample_rounded(BITS)[row] == alone.sample_rounded(BITS[row : row + 1])[0]


def test_choices_pick_the_same_places() -> None:
    """By the weights, which all rows share; a value may be the same in all."""
    ends = cumulative(np.array([1.0, 0.0, 3.0]))
    rows = ChoiceOfRows.of([np.arange(ROWS) * 1.0, 7, np.arange(ROWS)], ends)
    places = parse_distribution(
        {"type": "choice", "values": [0, 1, 2], "weights": [1, 0, 3]}
    ).sample(BITS)
    assert set(places.tolist()) == {0, 2}
    assert np.array_equal(rows.sample(BITS), np.arange(ROWS))
    assert np.array_equal(
        ChoiceOfRows.of([5, 7, -1], ends).sample(BITS), np.where(places == 0, 5, -1)
    )
