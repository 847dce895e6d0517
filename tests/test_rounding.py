"""Doubles are rounded as Python rounds them, to the last bit."""

from typing import Any

import numpy as np
import pytest

from datagen.arrays import Floats
from datagen.rounding import rounded


def assert_as_python(values: Floats, decimals: int) -> None:
    """Compare bits, so that -0.0 counts."""
    expected = np.array([round(value, decimals) for value in values.tolist()])
    assert rounded(values, decimals).tobytes() == expected.tobytes()


def neighbours(values: Any) -> Floats:
    """Return values and the doubles next to them."""
    return np.concatenate([values, np.nextafter(values, np.inf), np.nextafter(values, -np.inf)])


@pytest.mark.parametrize("decimals", [-3, -1, 0, 1, 2, 6, 15, 22, 23])
def test_rounds_as_python_does(decimals: int) -> None:
    """Of any size, and where the last decimals are near a tie or are one."""
    rng = np.random.default_rng(decimals + 5)
    halves = rng.integers(-(10**6), 10**6, 2000) + 0.5
    assert_as_python(neighbours(halves / 10.0 ** max(decimals, 0)), decimals)
    assert_as_python(
        rng.integers(-(2**40), 2**40, 2000) / 2.0 ** rng.integers(0, 45, 2000), decimals
    )
    assert_as_python(rng.normal(0, 1, 2000) * 10.0 ** rng.integers(-20, 20, 2000), decimals)


@pytest.mark.parametrize(
    "value",
    [
        2.675,
        1.005,
        0.5,
        1.5,
        2.5,
        -0.4,
        -2.5,
        -0.049999999999999996,
        0.0,
        -0.0,
        5e-324,
        2.0**52,
        1e300,
    ],
)
def test_known_cases(value: float) -> None:
    """Ties go to the even digit, and only what is a tie exactly is one."""
    for decimals in (0, 1, 2):
        assert_as_python(np.array([value]), decimals)


def test_beyond_the_doubles_is_infinite() -> None:
    """Where Python raises OverflowError."""
    assert rounded(np.array([1.7e308, -1.7e308]), -308).tolist() == [np.inf, -np.inf]


def test_of_nothing() -> None:
    """No values give none."""
    assert rounded(np.empty(0), 2).tolist() == []
