"""Turns a clean batch into one with a row for each copy that leaves, with the time that the copy tells."""

from datagen.batch import Batch
from datagen.disorder.copies import Copies


def expanded(batch: Batch, copies: Copies) -> Batch:
    """Return the batch of `copies.leaving()`, row by row, in order of the clean records; the batch itself where it is that.

    `times` stay those of the events; the field `time` and clocks are off by the skews of the copies. A fault of a record is
    one of its first copy that leaves, or of the record after it.
    """
    raise NotImplementedError
