"""The copies of a batch while effects are applied, one after the other: arrays that grow."""

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.batch import Batch, FaultRows
from datagen.disorder.copies import Copies, Corruption
from datagen.disorder.effects import Corrupt
from datagen.randomness import draw, mix, redraw, stream_key

_NUMBER_BITS = np.uint64(16)  # of the rank of a copy among those that an effect makes of one


class CopyArrays:
    """The copies of n records: first what the model made, in order, then the others, as effects make them.

    `rows`, `arrivals`, `skews`, `left` and `effects` are as in Copies, `bits`, uint64[m], the random bits of each copy.
    """

    def __init__(self, batch: Batch, bits: Bits) -> None:
        """Begin with the records themselves, which leave at their instants; `bits`, uint64[n], are their random ones."""
        size = len(batch)
        self.rows = np.arange(size)
        self.bits = bits
        self.numbers = np.zeros(size, dtype=np.int64)
        self.arrivals = batch.times.copy()
        self.skews = np.zeros(size, dtype=np.int64)
        self.left = np.ones(size, dtype=bool)
        self.effects = np.zeros(size, dtype=np.uint64)
        self._size, self._record_bits = size, bits
        self._corruptions: list[Corruption] = []

    def still_there(self) -> Ints:
        """Return the copies that leave, as far as effects have said: int64[k], rising."""
        return np.flatnonzero(self.left)

    def mark(self, place: int, hits: Ints) -> None:
        """Note that an effect at a place of the list hits copies, int64[k]."""
        self.effects[hits] |= np.uint64(1 << place)

    def duplicate(self, name: str, parents: Ints, counts: Ints) -> Ints:
        """Add counts[i] copies of each of some copies, rising, by the effect of a name; return where they are: int64[k].

        They leave when what they are copies of does, and are as it is.
        """
        owners = np.repeat(parents, counts)
        ranks = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        added = np.arange(len(self.rows), len(self.rows) + len(owners))
        numbers = copy_numbers(name, self.numbers[owners], ranks)
        rows = self.rows[owners]
        bits = mix(self._record_bits[rows] ^ numbers.astype(np.uint64))
        self._inherit_corruptions(owners, added)
        self.rows = np.append(self.rows, rows)
        self.bits = np.append(self.bits, bits)
        self.numbers = np.append(self.numbers, numbers)
        self.arrivals = np.append(self.arrivals, self.arrivals[owners])
        self.skews = np.append(self.skews, self.skews[owners])
        self.left = np.append(self.left, self.left[owners])
        self.effects = np.append(self.effects, self.effects[owners])
        return added

    def corrupt(self, effect: Corrupt, hits: Ints, bits: Bits) -> None:
        """Note that an effect corrupts copies, int64[k], with a random word for each: uint64[k]."""
        self._corruptions.append(Corruption(effect, hits, bits))

    def in_order(self, faults: FaultRows) -> Copies:
        """Return the copies in order of (row, copy), with the faults of the batch."""
        copies = Copies(
            self.rows,
            self.numbers,
            self.arrivals,
            self.skews,
            self.left,
            self.effects,
            tuple(self._corruptions),
            faults,
        )
        added = np.arange(self._size, len(self.rows))
        if not len(added):
            return copies
        added = added[np.lexsort((self.numbers[added], self.rows[added]))]
        return copies.take(np.insert(np.arange(self._size), self.rows[added] + 1, added))

    def _inherit_corruptions(self, owners: Ints, added: Ints) -> None:
        """Note that what is a copy of a corrupted one is corrupted alike."""
        for number, each in enumerate(self._corruptions):
            place = np.full(len(self.rows), -1)
            place[each.copies] = np.arange(len(each.copies))
            found = place[owners]
            alike = found >= 0
            self._corruptions[number] = Corruption(
                each.effect,
                np.append(each.copies, added[alike]),
                np.append(each.bits, each.bits[found[alike]]),
            )


def record_bits(bits: Bits, places: Ints) -> Bits:
    """Return the random bits of records, given those of their visits and their places there: uint64[n], int64[n]."""
    later = np.flatnonzero(places)
    if not len(later):
        return bits
    own = bits.copy()
    own[later] = redraw(bits[later], places[later])
    return own


def copy_numbers(name: str, parents: Ints, ranks: Ints) -> Ints:
    """Return the numbers of copies, given the effect that makes them, the numbers of what they are copies of, and ranks from 1.

    They depend on nothing else, are above 0, and rise with the rank: int64[k].
    """
    words = draw(mix(parents.astype(np.uint64)), stream_key("disorder", name, "number"))
    numbers: Ints = ((words >> (_NUMBER_BITS + np.uint64(1))) << _NUMBER_BITS).astype(np.int64)
    return numbers + ranks
