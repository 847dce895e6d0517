"""Sines, cosines and arctangents against mpmath's, in units of the last place."""

import numpy as np
import pytest

from datagen.elementary import of_one
from datagen.trigonometry import PI, arctan, cos, sin
from tests.test_elementary import CONTEXT, generator, near, worst_error

SIZES = [2_000, pytest.param(20_000, marks=pytest.mark.long)]
WIDE = type(CONTEXT)()
WIDE.prec = 1400  # of the largest double, a multiple of pi has so many


@pytest.mark.parametrize("size", SIZES)
def test_sines_err_by_less_than_a_unit(size: int) -> None:
    """Near 0, near multiples of pi / 4, of angles up to a million, of any exponent."""
    drawn = generator()
    arguments = [
        drawn.uniform(-10, 10, size),
        drawn.uniform(-(2.0**20), 2.0**20, size),
        np.concatenate([near(quarter * PI / 4, size // 8) for quarter in range(-3, 5)]),
        drawn.choice([-1.0, 1.0], size) * 10.0 ** drawn.uniform(-300, 308, size),
        np.array([0.0, 2.0**20, -(2.0**20), PI / 2, PI, 6381956970095103.0 * 2.0**797, 1.7976931348623157e308, 5e-324]),
    ]  # fmt: skip
    for x in arguments:
        assert worst_error(sin(x), lambda value: WIDE.sin(WIDE.mpf(value)), x) < 1
        assert worst_error(cos(x), lambda value: WIDE.cos(WIDE.mpf(value)), x) < 1


@pytest.mark.parametrize("size", SIZES)
def test_arctangents_err_by_less_than_a_unit(size: int) -> None:
    """Around the bounds of its pieces, and of any exponent."""
    drawn = generator()
    arguments = [
        drawn.uniform(0, 3, size),
        np.concatenate([near(bound, size // 4) for bound in (0.4375, 0.6875, 1.1875, 2.4375)]),
        10.0 ** drawn.uniform(-300, 300, size),
        np.array([0.0, 1.0, 1e308]),
    ]
    for x in arguments:
        assert worst_error(arctan(x), CONTEXT.atan, x) < 1


def test_one_by_one_is_the_same() -> None:
    """Whatever stands beside a value in an array, and however long that is."""
    x = np.concatenate([generator().uniform(-1e7, 1e7, 20_000), np.array([1e300])])
    for function in (sin, cos):
        found = function(x)
        for place in (0, 1, 8191, 8192, 20_000):
            assert of_one(function, float(x[place])) == found[place]
    assert len(sin(np.array([]))) == 0
