"""Turns batches into the rows of them that a target still has to get, by their numbers in the stream."""

import numpy as np

from datagen.batch import Batch
from datagen.errors import RunError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.instants import Instant
from datagen.position import Cursor
from datagen.running.checkpointing import Checkpointer
from datagen.running.plan import Plan, Start


class StreamPosition:
    """Where a run is in its stream, whose records are numbered over all runs.

    A run that is resumed makes some records that an earlier run has delivered, which are skipped, and
    some that it has made but its target has lost, which are written once more. Records before `start` are
    for no target. The limit may be one of bytes, those of the first target's format: then records that are written
    once more do not count either. `reached` is the instant,
    in microseconds since 1970, up to which the run is done. What a checkpoint needs to know goes to the
    checkpointer, if there is one.
    """

    def __init__(self, plan: Plan, start: Start, checkpointer: Checkpointer | None = None) -> None:
        self.checkpointer = checkpointer
        self._resumed_from, self._style = plan.resumed_from, plan.style
        self.start = self.reached = start.instant.micros
        self._next, self._to_skip, to_redo = 0, 0, 0
        if self._resumed_from:
            to_redo = self._resumed_from.written - self._resumed_from.position.records
            self._next = self._resumed_from.position.records - self._resumed_from.skip
            self._to_skip = self._resumed_from.skip
            self.reached = self.start if to_redo else self._resumed_from.resumed_at
        limit = 0 if start.time_range.already_reached else plan.max_records
        self._left = None if limit is None else limit + to_redo
        self._bytes_left, self._to_redo = plan.max_bytes, to_redo

    @property
    def needed(self) -> int | None:
        """Return how many records from the start on it still takes; None: those of all windows."""
        return None if self._left is None else self._to_skip + self._left

    @property
    def is_complete(self) -> bool:
        """Return whether the run has all the records, or bytes, that it was limited to."""
        return self._left == 0 or (self._bytes_left == 0 and not self._to_redo)

    def select(self, batch: Batch, count: int, rendered: Rendered | None = None) -> tuple[int, int]:
        """Return which of the first records of a batch are for the target: first <= row < last.

        Not those before the start, those that an earlier run has delivered, and those beyond the limit. One of bytes
        needs the records as they are `rendered`.
        """
        early = int(batch.times.searchsorted(self.start))
        skipped = min(self._to_skip, len(batch) - early)
        if batch.cursor:
            self.add_cursor(batch.cursor)
        self._to_skip -= skipped
        self._next += skipped
        first = early + skipped
        last = count if self._left is None else min(first + self._left, count)
        if self._left is not None:
            self._left -= last - first
        if self._bytes_left is not None:
            last = self._within_bytes(rendered, first, last)
        return first, last

    def _within_bytes(self, rendered: Rendered | None, first: int, last: int) -> int:
        """Return the row before which records fit into the bytes that are left; they are complete where one does not."""
        payload = None if rendered is None else rendered.payload
        if not isinstance(payload, RecordBytes) or self._bytes_left is None:
            raise TypeError("a limit of bytes needs the text of records")
        again = min(self._to_redo, last - first)
        self._to_redo -= again
        begin = first + again
        before = int(payload.ends[begin - 1]) if begin else 0
        fitting = np.searchsorted(payload.ends[begin:last], before + self._bytes_left, "right")
        end = begin + int(fitting)
        if end > begin:
            self._bytes_left -= int(payload.ends[end - 1]) - before
        if end < last:
            self._bytes_left = 0
        return end

    def add_cursor(self, cursor: Cursor) -> None:
        """Pass the cursor from which the next records can be made to the checkpointer."""
        if self.checkpointer:
            self.checkpointer.add_cursor(self._next, cursor)

    def before_write(self, batch: Batch, first: int, last: int) -> None:
        """Check and note the rows of a batch that are about to be written.

        Raises RunError for a first new record that is earlier than the end of the run before.
        """
        before = self._resumed_from
        row = first + before.written - self._next if before else -1
        if before and first <= row < last and batch.times[row] < before.reached:
            then, now = (Instant(int(at), self._style) for at in (before.reached, batch.times[row]))
            text = "the stream has changed"
            raise RunError(
                f"the next record is at {now}, but the previous run had reached {then}: {text}"
            )
        if self.checkpointer:
            self.checkpointer.before_write(self._next, batch.times[first:last])

    def after_write(self, batch: Batch, first: int, last: int) -> None:
        """Count the rows of a batch that are written; a checkpoint is written if one is due."""
        if last > first:
            self._next += last - first
            self.reached = int(batch.times[last - 1])
            if self._resumed_from and self._next >= self._resumed_from.written:
                self.reached = max(self.reached, self._resumed_from.resumed_at)
        if self.checkpointer:
            self.checkpointer.after_write(self.reached, self._next)
