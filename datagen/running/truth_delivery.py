"""Delivers the truth about a stream to a target of its own, after the records that it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from datagen.disorder.effects import effect_names
from datagen.instants import YEAR_1
from datagen.running.checkpointing import Checkpointer
from datagen.running.clock import StopSignal
from datagen.running.departure_cursor import DepartureCursor
from datagen.running.plan import Plan
from datagen.running.stream_position import StreamPosition
from datagen.running.summary import Summary
from datagen.running.time_range import TimeRange
from datagen.targets import Sink
from datagen.targets.delivered import Position, TargetCounts
from datagen.truth.ledger import Ledger


class TruthDelivery:
    """The truth of a run: the ledger of its events, the target for it, and counts in the summary.

    Without a target it does nothing, and has no ledger.
    """

    def __init__(self, plan: Plan, summary: Summary, start: int) -> None:
        """Begin a stream at an instant, microseconds since 1970, or go on where an earlier run stopped."""
        self._target, self._summary = plan.truth, summary
        self._sink: Sink | None = None
        self._keeps, self._before = plan.checkpointing is not None, plan.resumed_from
        self._suspended = self._settling = False
        self.ledger: Ledger | None = None
        if plan.truth is not None:
            names = tuple(effect_names(plan.effects))
            self.ledger = Ledger(names, plan.style, start, plan.events_part)
            cursor = self._before.cursor if self._before else None
            if isinstance(cursor, DepartureCursor) and cursor.told and self._written:
                self.ledger.resume(cursor.event, cursor.told, self._written.records)

    @property
    def _written(self) -> Position | None:
        """Return how far an earlier run has written it."""
        return self._before.truth if self._before else None

    @contextmanager
    def opened(
        self, stdout: BinaryIO, checkpointer: Checkpointer | None, stop: StopSignal
    ) -> Iterator[None]:
        """Open the target, and close it at the end, where a checkpointer has not. Raises TargetError."""
        if self._target is None:
            yield
            return
        written = self._written
        with stop.opening():
            sink = self._target.opened(stdout, written)
        self._sink = sink
        if checkpointer is not None:
            sink.enable_checkpoints(checkpointer.write)
        try:
            self._count()
            yield
        finally:
            if checkpointer is None:
                sink.close()
            elif not self._suspended:  # nothing came: it is left as it was
                sink.suspend(YEAR_1)
            self._count()

    def secure(self, delivered: int, ended: int | None) -> Position | None:
        """Make safe what can be written once so many records are delivered, and return how far that is.

        With the instant at which the run ended, close. A checkpoint may be wanted from within, while a line is written.
        Raises TargetError.
        """
        if self._sink is None or self.ledger is None:
            return None
        self._settle(delivered)
        if not self._suspended:
            self._sink.end_member()  # a line that is told is forgotten: no later run could write it again
        if ended is None:
            self._sink.sync()
        elif not self._suspended:
            self._suspended = True
            self._sink.suspend(self.ledger.settled_before(ended))
        return self._sink.position()

    def settle(self) -> None:
        """Write the lines of events whose records are delivered. Raises TargetError."""
        self._settle(self._delivered)

    def _settle(self, delivered: int) -> None:
        if self._sink is None or self.ledger is None or self._suspended or self._settling:
            return
        self._settling = True
        try:
            for each in self.ledger.settled(delivered):
                self._sink.write(each)
        finally:
            self._settling = False
            self._count()

    @property
    def _delivered(self) -> int:
        """Return how many records the target is done with, over all runs."""
        return self._summary.settled + (self._before.position.records if self._before else 0)

    def finish(self, position: StreamPosition, covered: TimeRange, stopped: bool) -> None:
        """Write the lines of all other events up to the end of the run: its last arrival, where it was cut short.

        With checkpoints these are for the run that settles them. Raises TargetError.
        """
        if self._sink is not None and self.ledger is not None and not self._keeps:
            self.settle()
            cut = position.is_complete or stopped
            until = position.reached if cut else covered.last
            for each in self.ledger.rest(self._delivered, until):
                self._sink.write(each)

    def _count(self) -> None:
        if self._sink is not None and self._target is not None:
            sink = self._sink
            self._summary.truth = TargetCounts(
                self._target.type, sink.delivered, sink.failed, sink.bytes
            )
