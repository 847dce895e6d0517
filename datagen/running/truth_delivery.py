"""Delivers the truth about a stream to a target of its own, after the records that it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from datagen.disorder.effects import effect_names
from datagen.part import WHOLE
from datagen.running.plan import Plan
from datagen.running.stream_position import StreamPosition
from datagen.running.summary import Summary
from datagen.running.time_range import TimeRange
from datagen.targets import Sink
from datagen.targets.delivered import TargetCounts
from datagen.truth.ledger import Ledger


class TruthDelivery:
    """The truth of a run: the ledger of its events, the target for it, and counts in the summary.

    Without a target it does nothing, and has no ledger.
    """

    def __init__(self, plan: Plan, summary: Summary, start: int) -> None:
        """Begin a stream at an instant, microseconds since 1970."""
        self._target, self._summary = plan.truth, summary
        self._sink: Sink | None = None
        self.ledger: Ledger | None = None
        if plan.truth is not None:
            part = plan.part if plan.spec.has_workers else WHOLE
            self.ledger = Ledger(tuple(effect_names(plan.effects)), plan.style, start, part)

    @contextmanager
    def opened(self, stdout: BinaryIO) -> Iterator[None]:
        """Open the target, and close it at the end. Raises TargetError."""
        if self._target is None:
            yield
            return
        with self._target.open(stdout) as self._sink:
            self._count()
            yield
        self._count()

    def settle(self) -> None:
        """Write the lines of events whose records are delivered. Raises TargetError."""
        if self._sink is not None and self.ledger is not None:
            for each in self.ledger.settled(self._summary.delivered):
                self._sink.write(each)
            self._count()

    def finish(self, position: StreamPosition, covered: TimeRange, stopped: bool) -> None:
        """Write the lines of all other events up to the end of the run: its last arrival, where it was cut short.

        Raises TargetError.
        """
        if self._sink is not None and self.ledger is not None:
            self.settle()
            cut = position.is_complete or stopped
            until = position.reached if cut else covered.last
            for each in self.ledger.rest(self._summary.delivered, until):
                self._sink.write(each)

    def _count(self) -> None:
        if self._sink is not None and self._target is not None:
            sink = self._sink
            self._summary.truth = TargetCounts(
                self._target.type, sink.delivered, sink.failed, sink.bytes
            )
