"""The records of a window of a replay: what the passes make, and what batches are made of."""

from dataclasses import dataclass

from datagen.arrays import Ints
from datagen.replay.cursor import ReplayCursor
from datagen.sources import FieldGroup
from datagen.sources.times import SourceTimes


@dataclass(frozen=True)
class ReplayWindow:
    """The n records of a window: their instants, passes, numbers in these, and their fields.

    `pass_numbers` and `numbers` are int64[n]; `index`, int64[n], is the row of each record in the columns
    of the field groups, None where these have the records as they are. `before` is the position of the
    replay before the window; with `pause`, the source has no more for a while. `shift` is how much later
    each record is than in the source, microseconds and nanoseconds, int64[n] each; only where other times
    than the clock move with it.
    """

    times: SourceTimes
    pass_numbers: Ints
    numbers: Ints
    field_groups: tuple[FieldGroup, ...]
    index: Ints | None
    before: ReplayCursor
    pause: bool = False
    shift: tuple[Ints, Ints] | None = None
