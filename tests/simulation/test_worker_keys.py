"""Keys of workers, and the numbers and populations in them."""

import numpy as np

from datagen.randomness import worker_bits
from datagen.simulation.worker_keys import (
    bits_of,
    keys_of,
    latest_numbers,
    numbers_of,
    populations_of,
)

NUMBERS = np.array([0, 7, (1 << 48) - 1])


def test_key_holds_population_and_number() -> None:
    """In their order; those of the first population are the numbers themselves."""
    keys = np.concatenate([keys_of(0, NUMBERS), keys_of(3, NUMBERS)])
    assert keys[:3].tolist() == NUMBERS.tolist()
    assert (np.diff(keys) > 0).all()
    assert populations_of(keys).tolist() == [0, 0, 0, 3, 3, 3]
    assert numbers_of(keys).tolist() == [*NUMBERS.tolist()] * 2


def test_each_population_draws_from_its_own_seed() -> None:
    """Whichever comes first."""
    seeds = np.array([5, 6, 7], dtype=np.uint64)
    keys = np.array([keys_of(2, 4), keys_of(0, 4), keys_of(2, 9)])
    expected = [worker_bits(seeds[p], np.array([n]))[0] for p, n in ((2, 4), (0, 4), (2, 9))]
    assert bits_of(seeds, keys).tolist() == expected
    assert bits_of(seeds[:1], NUMBERS).tolist() == worker_bits(seeds[0], NUMBERS).tolist()


def test_latest_worker_of_each_population() -> None:
    """-1 where there is none."""
    keys = np.array([keys_of(1, 5), keys_of(0, 2), keys_of(1, 3)])
    assert latest_numbers(keys, 3).tolist() == [2, 5, -1]
    assert latest_numbers(np.array([4, 9, 1]), 1).tolist() == [9]
    assert latest_numbers(np.array([], dtype=np.int64), 2).tolist() == [-1, -1]
