"""Times that pass so many times as fast."""

import numpy as np
import pytest

from datagen.distributions.base import DISTRIBUTIONS, MAX_SECONDS
from datagen.distributions.scaled import Scaled
from datagen.randomness import draw, seed_word, stream_key

BITS = draw(np.arange(1000, dtype=np.uint64) + seed_word(3), stream_key("test"))
KINDS = [
    {"type": "exponential", "mean": 2},
    {"type": "constant", "value": 0.5},
    {"type": "gmm_temporal", "mean": 3, "days": {"1": [{"utc_hour": 9, "sigma": 2, "weight": 1}]}},
]


@pytest.mark.parametrize("keys", KINDS, ids=[str(each["type"]) for each in KINDS])
@pytest.mark.parametrize("factor", [0.25, 1.0, 123.456])
def test_draws_stay_the_same(keys: dict[str, object], factor: float) -> None:
    """Each time is divided, and so are the mean and the bounds; what a curve does is left to the curve."""
    plain = DISTRIBUTIONS.parse(keys)
    made = Scaled.of(plain, factor)
    expected = plain.exact_microseconds(BITS) / factor
    assert np.allclose(made.exact_microseconds(BITS), expected, rtol=1e-15, atol=0)
    assert made.mean_duration() == plain.mean_duration() / factor
    assert made.bounds() == tuple(each / factor for each in plain.bounds())
    assert (made.temporal, made.curve) == (plain.temporal, plain.curve)
    assert made.can_take_time()


def test_whole_microseconds_keep_the_mean() -> None:
    """Where a time is a fraction of one, it is 0 or 1 by chance: a constant, too."""
    made = Scaled.of(DISTRIBUTIONS.parse({"type": "constant", "value": 1e-6}), 4.0)
    assert set(made.microseconds(BITS).tolist()) == {0, 1}
    assert made.microseconds(BITS).mean() == pytest.approx(0.25, abs=0.05)


def test_no_time_is_longer_than_one_can_be() -> None:
    """However small the factor."""
    made = Scaled.of(DISTRIBUTIONS.parse({"type": "constant", "value": 1e6}), 1e-9)
    assert made.microseconds(BITS).max() <= MAX_SECONDS * 1_000_000 + 1
    assert made.mean_duration() == float("inf")
