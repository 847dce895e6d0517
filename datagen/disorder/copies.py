"""What disorder makes of the records of a batch: copies, each with the instant at which it leaves."""

from dataclasses import dataclass, field, replace

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.batch import FaultRows
from datagen.disorder.effects import Corrupt


@dataclass(frozen=True)
class Corruption:
    """The copies that one effect corrupts, rising, int64[k], and a random word for each: uint64[k]."""

    effect: Corrupt
    copies: Ints
    bits: Bits


@dataclass(frozen=True)
class Copies:
    """The m copies of the n records of a batch, in order of (row, copy).

    `rows`, int64[m], are rows of the clean batch, each of which is there at least once; `copies`, int64[m], are the numbers
    of copies: 0 for what the model made, for another one that depends only on the effects that made it. `arrivals`
    are the instants at which copies leave, microseconds since 1970, never before their events, and `skews` by how many
    microseconds the clock is off that a copy tells its time by: int64[m] each. `left`, bool[m], is false for what never
    leaves. `effects`, uint64[m], has bit k set where the k-th effect hits. `corruptions` are those of effects that corrupt,
    in order. `faults` are the rows of the clean batch for which an expression of an effect had no value.
    """

    rows: Ints
    copies: Ints
    arrivals: Ints
    skews: Ints
    left: Mask
    effects: Bits
    corruptions: tuple[Corruption, ...] = ()
    faults: FaultRows = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def leaving(self) -> "Copies":
        """Return the copies that leave: those of the batch that `expanded` makes, row by row."""
        if self.left.all():
            return self
        return self.take(np.flatnonzero(self.left))

    def take(self, chosen: Ints) -> "Copies":
        """Return the copies at places, int64[k], each once."""
        place = np.full(len(self), -1)
        place[chosen] = np.arange(len(chosen))
        return replace(
            self,
            rows=self.rows[chosen],
            copies=self.copies[chosen],
            arrivals=self.arrivals[chosen],
            skews=self.skews[chosen],
            left=self.left[chosen],
            effects=self.effects[chosen],
            corruptions=tuple(_at(each, place) for each in self.corruptions),
        )


def _at(corruption: Corruption, place: Ints) -> Corruption:
    """Return a corruption of copies that are at other places, or, at -1, nowhere."""
    places = place[corruption.copies]
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]
    return replace(corruption, copies=places[order], bits=corruption.bits[order])
