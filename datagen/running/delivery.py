"""Turns batches into records in the formats of a target, delivers them, and counts what it got."""

from collections.abc import Callable
from typing import BinaryIO

from datagen.batch import Batch
from datagen.formats import Format, Formatter
from datagen.formats.rendered import Rendered
from datagen.instants import Instant
from datagen.part import WHOLE
from datagen.running.plan import Plan
from datagen.running.summary import Summary
from datagen.targets import Sink
from datagen.targets.message_keys import label_texts


class Delivery:
    """One output of a run: a target, the formats of its parts, and the summary of what it got."""

    def __init__(self, plan: Plan, summary: Summary) -> None:
        self._target, self._style = plan.target, plan.style
        self._resumed_from, self._summary = plan.resumed_from, summary
        self._part = plan.part if plan.spec.has_workers else WHOLE  # a pass is one of every part
        self._formatters, self._formatter_of = _formatters(plan)
        self._sink: Sink | None = None

    def open(self, stdout: BinaryIO) -> Sink:
        """Open the target, of a run that is resumed at its position in the stream. Raises TargetError."""
        before = self._resumed_from
        self._sink = (
            self._target.reopen(stdout, before.position) if before else self._target.open(stdout)
        )
        return self._sink

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have `render` come back early once `stopped` is true."""
        for each in self._formatters:
            each.stop_when(stopped)

    def render(self, batch: Batch) -> Rendered:
        """Return the records of a batch in each format, up to the first that could not be written."""
        payloads = tuple(each.render(batch) for each in self._formatters)
        labels = {name: label_texts(label, batch) for name, label in self._target.labels().items()}
        complete = Rendered(payloads, batch.times, labels, self._style, self._formatter_of)
        return complete if complete.stopped is None else complete.rows(0, complete.stopped[0])

    def write_preface(self) -> None:
        """Write what comes before the first record, such as a header. Raises TargetError."""
        if any(each.encoding.has_preamble for each in self._formatters):
            empty = tuple(each.empty() for each in self._formatters)
            try:
                self._open_sink.write(Rendered(empty, payload_indices=self._formatter_of))
            finally:
                self.count()

    def write(self, batch: Batch, rendered: Rendered, first: int, last: int) -> None:
        """Write some rows of a batch; for none at all, flush. Raises TargetError."""
        self._sum_up(batch, first, last)
        records = rendered.rows(first, last)
        self._summary.generated += len(records)
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

    @property
    def _open_sink(self) -> Sink:
        if self._sink is None:
            raise RuntimeError("the delivery is not open")
        return self._sink

    def _sum_up(self, batch: Batch, first: int, last: int) -> None:
        summary = self._summary
        summary.alive = batch.alive
        if last > first:
            latest = int(batch.workers[first:last].max())
            summary.workers = max(summary.workers, self._part.share(latest + 1))
            summary.first = summary.first or Instant(int(batch.times[first]), self._style)
            summary.last = Instant(int(batch.times[last - 1]), self._style)


def _formatters(plan: Plan) -> tuple[list[Formatter], tuple[int, ...]]:
    """Return a formatter for each different format, and which of them each target wants."""
    different: list[Format] = []
    for each in plan.formats:
        if each not in different:
            different.append(each)
    compiled = [each.compile(plan.spec) for each in different]
    return compiled, tuple(different.index(each) for each in plan.formats)
