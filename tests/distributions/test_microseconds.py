"""Delays: from the seconds of a distribution to whole microseconds."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.arrays import Bits
from datagen.distributions.parsing import parse_distribution
from datagen.randomness import draw, seed_word, stream_key, visit_bits, worker_bits
from tests.support.machines import constant


def bits_of(size: int) -> Bits:
    """Make draws as a machine does for a row of workers."""
    of_visits = visit_bits(worker_bits(seed_word(5), np.arange(size)), np.zeros(size, np.int64))
    return draw(of_visits, stream_key("delay"))


@pytest.mark.statistical
@pytest.mark.parametrize("mean", [1e-7, 1e-6, 1e-4, 1.0])
def test_dithered_delays_are_unbiased(mean: float) -> None:
    """|z| < 4 on 2 million: against the mean, and pairwise against the exact seconds.

    The pairs have a standard error of 0.0003 microseconds. Plain truncation fails them at any mean.
    """
    shape, bits = parse_distribution({"type": "exponential", "mean": mean}), bits_of(2_000_000)
    exact, micros = shape.sample(bits) * 1e6, shape.microseconds(bits)
    assert micros.dtype == np.int64
    assert abs(z_of(micros - mean * 1e6)) < 4
    assert abs(z_of(micros - exact)) < 4
    assert z_of(np.floor(exact) - exact) < -100


def z_of(differences: NDArray[Any]) -> float:
    """Return a mean in standard errors."""
    return float(differences.mean() / (differences.std() / math.sqrt(len(differences))))


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_delays_between_two_microseconds_share_the_chance(kind: str) -> None:
    """2.3 microseconds are 2 or 3, 3 three times in ten (|z| < 4)."""
    ends = {"min": 2.3e-6, "max": 2.3e-6} if kind == "uniform" else {"mean": 2.3e-6, "stddev": 0}
    micros = parse_distribution({"type": kind, **ends}).microseconds(bits_of(200_000))
    assert set(micros.tolist()) == {2, 3}
    assert abs(z_of((micros == 3) - 0.3)) < 4


@pytest.mark.parametrize(
    ("seconds", "micros"),
    [
        (0, 0), (4e-7, 0), (5e-7, 1), (1.4e-6, 1), (2.5e-6, 3), (1, 1_000_000), (0.1, 100_000),
        (1e-6, 1), (86400, 86_400_000_000), (-3, 0), (1e10, 10**16), (1e11, 10**16), (1e300, 10**16),
    ],
)  # fmt: skip
def test_constant_delays_are_rounded_to_nearest(seconds: float, micros: int) -> None:
    """A constant is not dithered; negative ones are 0, huge ones held at 10**10 seconds."""
    assert set(parse_distribution(constant(seconds)).microseconds(bits_of(1000)).tolist()) == {
        micros
    }


@pytest.mark.parametrize("value", [-5.0, 1e12])
def test_sampled_delays_are_held(value: float) -> None:
    """Negative samples count as 0, those beyond 10**10 seconds as that."""
    shape = parse_distribution({"type": "normal", "mean": value, "stddev": 1e-3})
    held = 0 if value < 0 else 10**16
    assert set(shape.microseconds(bits_of(1000)).tolist()) == {held}
