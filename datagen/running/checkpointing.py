"""Writes down where a run stands: before its first record, now and then, and however it ends."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Ints
from datagen.errors import DatagenError, OperationError, ReaderGoneError
from datagen.position import Cursor, Jump
from datagen.running.checkpoint import Checkpoint, CheckpointFile, text_of
from datagen.targets.base import Sink
from datagen.targets.delivered import Position

_MOST = 100  # cursors that are held


@dataclass(frozen=True)
class CheckpointOptions:
    """How a run is kept: in which file, how often (seconds), and from where it goes on, if it does."""

    file: CheckpointFile
    every: float
    before: Checkpoint | None = None


class Checkpointer:
    """Knows for each record the cursor from which it can be made again.

    Records have their number in the stream, over all runs. `trail` holds the first record of each
    window with its cursor, back to the last record that the target is sure of.
    """

    def __init__(
        self,
        keep: CheckpointOptions,
        first: Checkpoint,
        monotonic: Callable[[], float] = time.monotonic,
        jumps: Sequence[Jump] = (),
    ) -> None:
        self._keep, self._last, self._jumps = keep, first, tuple(jumps)
        self._monotonic, self._written = monotonic, monotonic()
        self._trail: deque[tuple[int, Cursor]] = deque()
        self._sink: Sink | None = None
        self._reached, self._made = first.reached, first.done
        self._first, self._times = 0, np.empty(0, dtype=np.int64)  # of the records at hand
        self.passed(first.position.records - first.skip, first.cursor)

    def begin(self, sink: Sink) -> None:
        """Write down the start, so that there is no moment at which a run is lost."""
        self._sink = sink
        sink.enable_checkpoints(self.write)
        self.write()

    def passed(self, record: int, cursor: Cursor) -> None:
        """Note that the records from this one on follow from a cursor."""
        if self._sink is not None:
            self._forget(self._sink.position().records)
        if not self._trail or self._trail[-1][1] is not cursor:
            self._trail.append((record, cursor))
        if (
            len(self._trail) > _MOST
        ):  # any of them will do: records are only made again from further back
            first, *others, last = self._trail
            self._trail = deque([first, *others[::2], last])

    def reach(self, reached: int) -> None:
        """Note that the run is done up to an instant."""
        self._reached = reached

    def hand_over(self, first: int, times: Ints) -> None:
        """Note which records are about to be handed over: the number of the first, and when all are."""
        self._first, self._times = first, times

    def note(self, reached: int, made: int) -> None:
        """Note that so many records, up to an instant, are handed over; write it down if it is time."""
        self._made = made
        self.reach(reached)
        if self._monotonic() - self._written >= self._keep.every:
            self.write()

    def write(self) -> None:
        """Write down the place that the target is sure of. Raises OperationError, TargetError."""
        if self._sink is not None:
            self._sink.sync()
            self._sink.commit(lambda position: text_of(self._at(position)))
            self._put(self._sink)

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Write down, whatever happens inside, the place of the target, which is closed then.

        Where that fails after something else has, both are told.
        """
        first: BaseException | None = None
        try:
            yield
        except BaseException as error:
            first = error
            raise
        finally:
            self._end(first)

    def _end(self, first: BaseException | None) -> None:
        if self._sink is None:
            return
        try:
            self._put(self._sink)
        except OperationError as error:
            told = str(error) in str(first)
            if not isinstance(first, DatagenError) or isinstance(first, ReaderGoneError):
                raise
            if not told:
                raise OperationError(f"{first}\n{error}") from first

    def _put(self, sink: Sink) -> None:
        position = sink.position()
        self._keep.file.write(self._at(position))
        self._forget(position.records)
        self._written = self._monotonic()

    def _at(self, position: Position) -> Checkpoint:
        """Return the checkpoint of a place: that of the target, or one that it may come to."""
        record, cursor = next(each for each in reversed(self._trail) if each[0] <= position.records)
        reached = max(self._reached, self._last.reached, self._instant(position.records))
        since = cursor.since
        self._last = replace(
            self._last,
            position=position,
            cursor=cursor,
            skip=position.records - record,
            done=max(position.records, self._made, self._last.done),
            reached=reached,
            jumps=tuple(jump for jump in self._jumps if since < jump.until <= reached),
        )
        return self._last

    def _instant(self, records: int) -> int:
        """Return the instant of the last of so many records, where it is one of those at hand."""
        row = records - self._first - 1
        return int(self._times[row]) if 0 <= row < len(self._times) else self._reached

    def _forget(self, sure: int) -> None:
        """Forget the cursors from which only records are made that the target is sure of."""
        while len(self._trail) > 1 and self._trail[1][0] <= sure:
            self._trail.popleft()
