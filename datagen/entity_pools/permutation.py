"""Turns ranks into members: a keyed permutation of 0 .. n - 1 that needs no table.

It is a Feistel network of alternating halves over the least power of two that holds n, walked along its
cycles until a number below n comes: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002,
method 2. All of it is arithmetic on words, so that it is the same on every machine.
"""

from functools import cached_property

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.randomness import GOLDEN, blocks, draw, mix, stream_key, visit_bits, worker_bits

_ROUNDS = 8
_LEAST_BITS = 6  # with fewer, a few rounds do not reach all permutations alike
_MAX_TABLE = 65_536  # members: 512 KB


class Permutation:
    """A permutation of 0 .. size - 1, which a seed and a path of names choose."""

    def __init__(self, seed: np.uint64, path: tuple[str, ...], size: int) -> None:
        self.size = size
        bits = max((size - 1).bit_length(), _LEAST_BITS)
        self._low, self._high = np.uint64(bits // 2), np.uint64(bits - bits // 2)
        rounds = visit_bits(worker_bits(seed, np.arange(_ROUNDS)), np.zeros(_ROUNDS, np.int64))
        self._keys = draw(rounds, stream_key(*path, "rank"))

    def members(self, ranks: Ints) -> Ints:
        """Return the member of each rank: int64[n], both from 0 to size - 1."""
        if self.size <= _MAX_TABLE:
            return self._table.take(ranks)
        return self._walked(ranks)

    @cached_property
    def _table(self) -> Ints:
        return self._walked(np.arange(self.size))

    def _walked(self, ranks: Ints) -> Ints:
        members = np.empty(len(ranks), dtype=np.int64)
        for rows in blocks(len(ranks)):
            words = self._encrypted(ranks[rows].astype(np.uint64))
            outside = np.flatnonzero(words >= np.uint64(self.size))
            while len(outside):
                again = self._encrypted(words[outside])
                words[outside] = again
                outside = outside[again >= np.uint64(self.size)]
            members[rows] = words.astype(np.int64)
        return members

    def _encrypted(self, words: Bits) -> Bits:
        """Return each word permuted among those of so many bits."""
        one = np.uint64(1)
        lows, highs = words & ((one << self._low) - one), words >> self._low
        for place in range(0, _ROUNDS, 2):
            highs ^= _scrambled(lows, self._keys[place]) >> (np.uint64(64) - self._high)
            lows ^= _scrambled(highs, self._keys[place + 1]) >> (np.uint64(64) - self._low)
        highs <<= self._low
        highs |= lows
        return highs


def _scrambled(words: Bits, key: np.uint64) -> Bits:
    """Return the function of a round: the highest bits are the best."""
    return mix(words * GOLDEN + key)
