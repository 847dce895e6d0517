"""Writes checkpoints of a run: before its first record, at intervals, and however it ends."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from datagen.arrays import Ints
from datagen.errors import DatagenError, OperationError, ReaderGoneError, SeveralTargetsError
from datagen.position import Cursor, Jump
from datagen.running.checkpoint import Checkpoint, CheckpointOptions, encoded_checkpoint
from datagen.targets.delivered import Position
from datagen.targets.sink import Sink

_MAX_CURSORS = 100  # in memory


class Checkpointer:
    """Writes checkpoints, with the cursor from which the records after them can be made again.

    Records have their number in the stream, over all runs. `_cursors` holds the first record of each
    window with its cursor, back to the last record that is safe at the target.
    """

    def __init__(
        self,
        options: CheckpointOptions,
        first: Checkpoint,
        monotonic: Callable[[], float] = time.monotonic,
        jumps: Sequence[Jump] = (),
        secure_truth: Callable[[int, int | None], Position | None] = lambda *_: None,
    ) -> None:
        """Begin with the checkpoint of the start; `secure_truth` returns the position of the truth, once it is safe.

        It gets how many records the target is sure of and, where the run has ended, the instant up to which it is done.
        """
        self._options, self._last, self._jumps = options, first, tuple(jumps)
        self._monotonic, self._saved_at = monotonic, monotonic()
        self._cursors: deque[tuple[int, Cursor]] = deque()
        self._sink: Sink | None = None
        self._ended = False
        self._raised: OperationError | None = None  # by `write`, into the run
        self._secure_truth = secure_truth
        # a run that has to write records once more has not come as far as the one before
        behind = first.written > first.position.records
        self._reached = first.start.micros if behind else first.reached
        self._written = first.written
        self._first, self._times = 0, np.empty(0, dtype=np.int64)  # of the records at hand
        self.add_cursor(first.position.records - first.skip, first.cursor)

    def begin(self, sink: Sink) -> None:
        """Write a checkpoint of the start, so that a run can be resumed from its first moment on."""
        self._sink = sink
        sink.enable_checkpoints(self.write)
        self.write()

    def add_cursor(self, record: int, cursor: Cursor) -> None:
        """Add the cursor from which the records from the number `record` on can be made."""
        if self._sink is not None:
            self._drop_cursors(self._sink.position().records)
        if not self._cursors or self._cursors[-1][1] is not cursor:
            self._cursors.append((record, cursor))
        if len(self._cursors) > _MAX_CURSORS:
            # fewer do as well: records are then made again from further back
            first, *others, last = self._cursors
            self._cursors = deque([first, *others[::2], last])

    def advance_to(self, instant: int) -> None:
        """Set the instant, microseconds since 1970, up to which the run is done."""
        self._reached = instant

    def before_write(self, first: int, times: Ints) -> None:
        """Set the number of the first record that is about to be written, and the times of all."""
        self._first, self._times = first, times

    def after_write(self, reached: int, written: int) -> None:
        """Set how many records are written, and up to which instant; write a checkpoint if one is due."""
        self._written = written
        self.advance_to(reached)
        if self._monotonic() - self._saved_at >= self._options.every:
            self.write()

    def write(self) -> None:
        """Write a checkpoint of what is safe at the target. Raises OperationError, TargetError."""
        if self._sink is None:
            return
        try:
            if not self._ended:
                self._sink.sync()
                self._sink.commit(self._document)
            self._save(self._sink, None)
        except OperationError as error:
            self._raised = error
            raise

    @contextmanager
    def final_checkpoint(self) -> Iterator[None]:
        """Write a checkpoint at the end, whatever happens inside, where the target is closed.

        Where that fails after something else has, the error says both.
        """
        first: BaseException | None = None
        try:
            yield
        except BaseException as error:
            first = error
            raise
        finally:
            self._write_last(first)

    def _write_last(self, first: BaseException | None) -> None:
        if self._sink is None:
            return
        self._ended = True
        try:
            self._save(self._sink, self._reached)
        except OperationError as error:
            if not isinstance(first, DatagenError) or isinstance(first, ReaderGoneError):
                raise
            if self._raised is None or self._raised.args != error.args:  # else it is said already
                raise SeveralTargetsError([first, error]) from first

    def _document(self, position: Position) -> bytes:
        """Return the checkpoint of a position that the target will have with it, once the truth of that is safe."""
        return encoded_checkpoint(self._checkpoint_at(position, None))

    def _save(self, sink: Sink, ended: int | None) -> None:
        position = sink.position()
        self._options.file.write(self._checkpoint_at(position, ended))
        self._drop_cursors(position.records)
        self._saved_at = self._monotonic()

    def _checkpoint_at(self, position: Position, ended: int | None) -> Checkpoint:
        """Return the checkpoint of a position: that of the target, or one that it may come to.

        The truth of what is before it is safe then, and closed where the run has `ended`.
        """
        truth = self._secure_truth(position.records, ended)
        record, cursor = next(
            each for each in reversed(self._cursors) if each[0] <= position.records
        )
        reached = max(self._reached, self._last.reached, self._instant(position.records))
        since = cursor.since
        self._last = replace(
            self._last,
            position=position,
            truth=truth,
            cursor=cursor,
            skip=position.records - record,
            written=max(position.records, self._written, self._last.written),
            reached=reached,
            jumps=tuple(jump for jump in self._jumps if since < jump.until <= reached),
        )
        return self._last

    def _instant(self, records: int) -> int:
        """Return the instant of the last of so many records, where it is one of those at hand."""
        row = records - self._first - 1
        return int(self._times[row]) if 0 <= row < len(self._times) else self._reached

    def _drop_cursors(self, safe: int) -> None:
        """Drop the cursors from which only records are made that are safe at the target."""
        while len(self._cursors) > 1 and self._cursors[1][0] <= safe:
            self._cursors.popleft()
