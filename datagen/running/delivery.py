"""Delivers the records of batches to a target, and counts what it got."""

from typing import BinaryIO

import numpy as np

from datagen.batch import Batch
from datagen.formats.rendered import Rendered
from datagen.instants import Instant
from datagen.running.faults import FaultTally
from datagen.running.plan import Plan
from datagen.running.rendering import RenderingJob
from datagen.running.summary import Summary
from datagen.simulation.worker_keys import latest_numbers
from datagen.targets import Sink


class Delivery:
    """One output of a run: a target, what renders for it, and the summary of what it got."""

    def __init__(self, plan: Plan, summary: Summary) -> None:
        self._target, self._style = plan.target, plan.style
        self._resumed_from, self._summary = plan.resumed_from, summary
        self._part = plan.events_part  # a pass is one of every part
        self._latest = np.full(max(len(plan.spec.arrivals), 1), -1)
        self.rendering = RenderingJob.of(plan).rendering()
        self._sink: Sink | None = None
        self._faults = FaultTally()

    def open(self, stdout: BinaryIO) -> Sink:
        """Open the target, of a run that is resumed at its position in the stream. Raises TargetError."""
        before = self._resumed_from
        self._sink = self._target.opened(stdout, before.position if before else None)
        return self._sink

    def write_preface(self) -> None:
        """Write what comes before the first record, such as a header. Raises TargetError."""
        preface = self.rendering.preface()
        if preface is not None:
            try:
                self._open_sink.write(preface)
            finally:
                self.count()

    def expect(self, batch: Batch, first: int, last: int) -> None:
        """Note which rows of a batch are to be written, all of it before those of the next one."""
        self._faults.add(batch, first, last)

    def write(self, batch: Batch, rendered: Rendered, first: int, last: int) -> None:
        """Write some rows of a batch; for none at all, flush. Raises TargetError."""
        self._sum_up(batch, first, last)
        records = rendered.rows(first, last)
        self._summary.generated += len(records)
        self._summary.text += records.payload.size
        try:
            if len(records):
                self._open_sink.write(records)
            else:
                self._open_sink.flush()
        finally:
            self.count()

    def flush(self) -> None:
        """Deliver what the target buffers. Raises TargetError."""
        self._open_sink.flush()

    def count(self) -> None:
        """Bring the counts of the summary up to date."""
        sink, summary = self._sink, self._summary
        if sink is not None:
            summary.delivered, summary.failed = sink.delivered, sink.failed
            summary.bytes, summary.parts = sink.bytes, sink.parts()
            summary.passed_over, summary.settled = sink.passed_over, sink.settled
            summary.faults = self._faults.until(summary.settled + summary.failed)

    @property
    def _open_sink(self) -> Sink:
        if self._sink is None:
            raise RuntimeError("the delivery is not open")
        return self._sink

    def _sum_up(self, batch: Batch, first: int, last: int) -> None:
        summary = self._summary
        summary.alive = batch.alive
        if last > first:
            latest = latest_numbers(batch.workers[first:last], len(self._latest))
            self._latest = np.maximum(self._latest, latest)
            summary.workers = int(self._part.share(self._latest + 1).sum())
            summary.first = summary.first or Instant(int(batch.times[first]), self._style)
            summary.last = Instant(int(batch.times[last - 1]), self._style)
