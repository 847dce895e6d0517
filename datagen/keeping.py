"""Writes down where a run stands: before its first record, now and then, and however it ends."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from datagen.checkpoint import Checkpoint, CheckpointFile, text_of
from datagen.cursor import Cursor
from datagen.targets.base import Position, Sink


@dataclass(frozen=True)
class Keep:
    """How a run is kept: in which file, how often (seconds), and from where it goes on, if it does."""

    file: CheckpointFile
    every: float
    before: Checkpoint | None = None


class Keeper:
    """Knows for each record the cursor from which it can be made again.

    Records have their number in the stream, over all runs. `trail` holds the first record of each
    window with its cursor, back to the last record that the target is sure of.
    """

    def __init__(
        self,
        keep: Keep,
        first: Checkpoint,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keep, self._first = keep, first
        self._monotonic, self._written = monotonic, monotonic()
        self._trail: deque[tuple[int, Cursor]] = deque()
        self._sink: Sink | None = None
        self._reached = first.reached
        self.passed(first.position.records - first.skip, first.cursor)

    def begin(self, sink: Sink) -> None:
        """Write down the start, so that there is no moment at which a run is lost."""
        self._sink, sink.before_finishing = sink, self.write
        self.write()

    def passed(self, record: int, cursor: Cursor) -> None:
        """Note that the records from this one on follow from a cursor."""
        if not self._trail or self._trail[-1][1] is not cursor:
            self._trail.append((record, cursor))

    def reach(self, reached: int) -> None:
        """Note that the records up to an instant are handed over."""
        self._reached = reached

    def note(self, reached: int) -> None:
        """Note that the records up to an instant are handed over; write it down if it is time."""
        self.reach(reached)
        if self._monotonic() - self._written >= self._keep.every:
            self.write()

    def write(self) -> None:
        """Write down the place that the target is sure of. Raises OperationError, TargetError."""
        if self._sink is not None:
            self._sink.sync()
            self._sink.commit(lambda position: text_of(self._at(position)))
        self._put()

    def end(self) -> None:
        """Write down the place of a target that is closed."""
        self._put()

    def _put(self) -> None:
        assert self._sink is not None
        position = self._sink.position()
        self._keep.file.write(self._at(position))
        while len(self._trail) > 1 and self._trail[1][0] <= position.records:
            self._trail.popleft()
        self._written = self._monotonic()

    def _at(self, position: Position) -> Checkpoint:
        """Give the checkpoint of a place: that of the target, or one that it may come to."""
        record, cursor = next(each for each in reversed(self._trail) if each[0] <= position.records)
        return replace(
            self._first, position=position, cursor=cursor, skip=position.records - record,
            reached=self._reached,
        )  # fmt: skip
