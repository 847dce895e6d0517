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


def test_whole_numbers_are_as_likely_as_indices() -> None:
    """Up to the last; between other ends, what is rounded down."""
    u = (np.arange(8) + 0.5) / 8
    whole = parse_distribution({"type": "uniform", "min": 2, "max": 5}).of_indices()
    assert np.floor(whole.quantile(u)).tolist() == [2, 2, 3, 3, 4, 4, 5, 5]
    assert np.floor(whole.quantile(np.array([1 - 2.0**-53]))).tolist() == [5]
    other = parse_distribution({"type": "uniform", "min": 0.5, "max": 2.5}).of_indices()
    assert np.floor(other.quantile(u)).tolist() == [0, 0, 1, 1, 1, 1, 2, 2]
