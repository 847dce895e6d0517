"""The numbers of copies, which depend on what made them alone, and the bits of records of one visit."""

import numpy as np

from datagen.disorder.copy_arrays import copy_numbers, record_bits
from tests.support.disorder import plain_key, plain_mix


def test_numbers_of_copies_follow_from_the_effect_and_the_parent() -> None:
    """They are above 0, and rise with the rank; no two ways to make one lead to the same."""
    zeros, ranks = np.zeros(1000, dtype=np.int64), np.arange(1, 1001)
    first = copy_numbers("duplicate", zeros, ranks)
    word = plain_mix(plain_mix(0) ^ plain_key("disorder", "duplicate", "number"))
    assert first.tolist() == [(word >> 17 << 16) + rank for rank in range(1, 1001)]
    assert first[0] > 0
    others = [
        copy_numbers("duplicate-2", zeros, ranks),
        copy_numbers("duplicate-2", first, ranks),
        copy_numbers("duplicate", first, ranks),
    ]
    assert len({*first.tolist(), *(n for each in others for n in each.tolist())}) == 4000


def test_records_of_one_visit_have_bits_of_their_own() -> None:
    """The first has those of its visit."""
    bits = np.array([5, 5, 5, 6], dtype=np.uint64)
    found = record_bits(bits, np.array([0, 1, 2, 0]))
    golden = 0x9E3779B97F4A7C15
    assert found.tolist() == [5, plain_mix(5 + golden), plain_mix(5 + 2 * golden), 6]
    assert record_bits(bits, np.zeros(4, dtype=np.int64)) is bits
