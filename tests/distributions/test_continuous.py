"""Constants and uniform distributions."""

import numpy as np

from datagen.distributions.parsing import parse_distribution
from datagen.randomness import mix


def test_large_whole_numbers_are_never_doubles() -> None:
    """A constant, and both ends of a uniform distribution, keep all of their digits."""
    bits = mix(np.arange(1000, dtype=np.uint64))
    odd = 2**53 + 1
    constant = parse_distribution({"type": "constant", "value": odd})
    assert set(constant.sample_rounded(bits).tolist()) == {odd}
    ends = parse_distribution({"type": "uniform", "min": odd, "max": odd + 1})
    assert set(ends.sample_floored(bits).tolist()) == {odd, odd + 1}
