"""Turns the records of a batch into the copies that leave: each effect of a list after the other, by arrays.

Draws follow from the record, the copy and the name of the effect, so that they are the same in any batch.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from datagen.arrays import Ints
from datagen.batch import Batch
from datagen.disorder.clean_records import Place
from datagen.disorder.copies import Copies
from datagen.disorder.effects import Effect
from datagen.language import Compiled


class Periods(Protocol):
    """The timeline of a run, as far as outages look at it."""

    def periods(self, name: str, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the begins and the ends of the periods of a name that overlap [begin, end), in order: int64[k] each."""


class Disorder:
    """What the effects of a list do to the records of a run."""

    def __init__(
        self,
        effects: Sequence[Effect],
        seed: int,
        compiled: Mapping[Place, Compiled],
        timeline: Periods,
    ) -> None:
        """Prepare a run, given the compiled expressions of the effects."""
        raise NotImplementedError

    def begin(self, start: int) -> None:
        """Take note of when the first run started, microseconds since 1970: clocks drift from there."""
        raise NotImplementedError

    def copies(self, batch: Batch) -> Copies:
        """Return the copies of the records of a batch, which has origins."""
        raise NotImplementedError
