"""Writes down where a run stands: before its first record, now and then, and however it ends."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from datagen.checkpoint import Checkpoint, CheckpointFile
from datagen.cursor import Cursor
from datagen.targets.base import Sink


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
        self._keep, self._last = keep, first
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

    def note(self, reached: int) -> None:
        """Note that the records up to an instant are handed over; write it down if it is time."""
        self._reached = reached
        if self._monotonic() - self._written >= self._keep.every:
            self.write()

    def write(self) -> None:
        """Write down the place that the target is sure of. Raises OperationError, TargetError."""
        if self._sink is not None:
            self._sink.sync()
        self._put(self._reached)

    def end(self, reached: int) -> None:
        """Write down the place of a target that is closed."""
        self._put(reached)

    def _put(self, reached: int) -> None:
        assert self._sink is not None
        position = self._sink.position()
        while len(self._trail) > 1 and self._trail[1][0] <= position.records:
            self._trail.popleft()
        record, cursor = self._trail[0]
        self._last = replace(
            self._last, position=position, cursor=cursor, skip=position.records - record,
            reached=reached,
        )  # fmt: skip
        self._keep.file.write(self._last)
        self._written = self._monotonic()
