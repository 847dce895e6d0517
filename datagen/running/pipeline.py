"""Runs a plan: windows, batches, clock and delivery, within its limits.

Windows, batches and their text are made in other threads, a window or two ahead, or with -j by other
processes; pacing and delivery follow here.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from datagen.allocation import keep_freed_memory
from datagen.batch import Batch
from datagen.errors import ReaderGoneError, UsageError
from datagen.fields.draw import OnMembers
from datagen.position import Cursor
from datagen.running.batch_source import batch_source_of, prepare
from datagen.running.batch_stream import LIVE, SIMULATED, BatchStream, Watch
from datagen.running.checkpoint import Checkpoint
from datagen.running.checkpointing import Checkpointer
from datagen.running.clock import Clock, Moment, NeverStopped, StopSignal
from datagen.running.delivery import Delivery
from datagen.running.departure_cursor import DepartureCursor
from datagen.running.departures import CleanDepartures, Departures
from datagen.running.held_forecast import check_held
from datagen.running.observer import Observer
from datagen.running.pacing import clock_of
from datagen.running.plan import Plan, Start
from datagen.running.prefetch import Prefetch
from datagen.running.rate import rated
from datagen.running.relay import Relay
from datagen.running.rendering import RenderingJob, Written, raise_failure
from datagen.running.stream_position import StreamPosition
from datagen.running.summary import Summary
from datagen.running.totals import warn_of_missing
from datagen.running.truth_delivery import TruthDelivery
from datagen.running.waiting import WaitTally
from datagen.targets import Sink
from datagen.targets.delivered import Position

if TYPE_CHECKING:
    from datagen.running.renderers import Renderers

_THREADS = 2  # that make batches and their text


class Run:
    """One run of a plan, for one call of `deliver` or `batches`. `summary` is right at any moment, `source` makes the batches."""

    watch: Watch | None = None  # gets each window with its batch, in order, in another thread

    def __init__(
        self,
        plan: Plan,
        size_window: Callable[[Any], None] | None = None,
        on_members: OnMembers | None = None,
    ) -> None:
        """Prepare a run; `size_window` may set how long the next window is (no effect on the data).

        `on_members` gets the path of a set of values that takes long, how many it has and will have.

        Raises SpecError for sets of values that cannot be made, UsageError where too much would be under way, or where
        workers cannot be scaled to what the run is to come to.
        """
        self.plan = plan = rated(plan)
        self.summary = Summary(plan.file, plan.seed, plan.start, real_clock=plan.real_clock)
        self.reader_gone = False
        self._size_window = size_window
        self._delivery = Delivery(plan, self.summary)
        self.source = batch_source_of(plan.spec, plan, plan.style)
        check_held(plan, self.source.width)
        self._truth = TruthDelivery(plan, self.summary, 0)
        self.summary.unit = self.source.unit
        prepare(self.source, plan.file, on_members)

    def batches(
        self, start: Start | None = None, stop: StopSignal | None = None
    ) -> Iterator[Batch]:
        """Yield the records of the run as columns, within its limits, as fast as they can be made.

        No target is opened, no clock is waited for, and the summary stays empty. Raises RunError, UsageError for a
        limit of bytes.
        """
        if self.plan.max_bytes is not None:
            raise UsageError(
                "a limit of bytes is one of text, which columns do not have; use records"
            )
        start, stop = start or self.plan.start_at(Moment.present()), stop or NeverStopped()
        position = StreamPosition(self.plan, start)
        with closing(self._stream(start, stop)) as stream:
            stream.limit(position.needed, position.start)
            windows = iter(()) if position.is_complete else stream.windows()
            for window in windows:
                batch = stream.batch(window)
                first, last = position.select(batch, len(batch))
                if last > first:
                    yield batch.rows(first, last)
                if position.is_complete or stop.stopped():
                    return
                if batch.failure:
                    raise batch.failure

    def slice(
        self, begin: int, end: int, before: Cursor | None, keep: Callable[[Cursor], None]
    ) -> Iterator[Batch]:
        """Yield the records from one instant on, and before another: microseconds since 1970.

        They are made from the cursor `before` on, or from the start of the stream; `keep` gets the cursor
        from which those after them can be made. Raises RunError.
        """
        start = self.plan.start_at(Moment.present())
        covered = replace(start.time_range, begin=begin, end=end, bounded=True)
        self.source.start_stream(start.instant.micros)
        never = NeverStopped().stopped
        with closing(BatchStream(self.source, covered, never, before)) as stream:
            for window in stream.windows():
                batch = stream.batch(window)
                first = int(batch.times.searchsorted(begin))
                if first < len(batch):
                    yield batch.rows(first, len(batch))
                if batch.failure:
                    raise batch.failure
            keep(stream.cursor())

    def deliver(
        self,
        stdout: BinaryIO,
        stop: StopSignal | None = None,
        clock: Clock | None = None,
        observer: Observer | None = None,
        start: Start | None = None,
    ) -> None:
        """Generate and deliver records until the limits, or until stopped.

        Without a `start`, the run starts now; without a `clock`, it has the one of its plan. `stdout` is
        for a target that writes there. Raises RunError, TargetError, OperationError.
        """
        stop, observer = stop or NeverStopped(), observer or Observer()
        present = Moment.present()
        start = start or self.plan.start_at(present)
        self.summary.start, self.summary.live_since = start.instant, present.monotonic
        self._delivery.rendering.stop_when(stop.stopped)
        self._delivery.rendering.begin(start.instant.micros)
        self._truth = truth = TruthDelivery(self.plan, self.summary, start.instant.micros)
        stream = self._stream(start, stop)
        position = StreamPosition(self.plan, start, self._checkpointer(start, stream))
        if not self.plan.reorders:
            stream.limit(position.needed, position.start)
        stream.await_measure()
        try:
            opened = truth.opened(stdout, position.checkpointer, stop)
            with self._renderers(start) as renderers, opened:
                with stop.opening():
                    sink = self._delivery.open(stdout)
                with _closing(sink, position):
                    self._deliver(sink, stream, renderers, position, clock, stop, observer, start)
                self._delivery.count()
                truth.finish(position, start.time_range, stop.stopped())
        except ReaderGoneError:
            self.reader_gone = True
            raise
        finally:
            stream.close()
            self._delivery.count()  # the target is closed by now, which may have delivered the rest
            if self.reader_gone:
                self.summary.generated = self.summary.delivered + self.summary.passed_over
            self.summary.seconds = Moment.present().monotonic - self.summary.live_since

    def _deliver(
        self,
        sink: Sink,
        stream: BatchStream,
        renderers: "Renderers | None",
        position: StreamPosition,
        clock: Clock | None,
        stop: StopSignal,
        observer: Observer,
        start: Start,
    ) -> None:
        """Deliver to a target that is open."""
        sink.set_warning_handler(observer.warn)
        if self.plan.real_clock:
            sink.expect_real_clock()
        if position.checkpointer:
            position.checkpointer.begin(sink)
        clock = clock or clock_of(self.plan, start, stop, observer.warn)
        written = self._written(stream, renderers, stop)
        self._write_batches(stream, written, position, clock, stop, observer, start)
        if position.checkpointer is None and not stop.stopped():
            warn_of_missing(self.plan, stream.cursor(), observer.warn)

    def _renderers(self, start: Start) -> "AbstractContextManager[Renderers | None]":
        """Return the processes that make text, if it is not this one."""
        plan, counts_depend = self.plan, self.source.counts_depend
        if plan.renderers == 1 or (counts_depend and plan.numbers_events):
            return nullcontext()  # numbers are known once all records before are made
        from datagen.running.renderers import Renderers  # noqa: PLC0415 - few runs start processes

        job = RenderingJob.of(self.plan, self.source.prepared, start.instant.micros)
        return Renderers(job, self.plan.renderers, self._delivery.rendering)

    def _stream(self, start: Start, stop: StopSignal) -> BatchStream:
        """Return the windows: from the warm-up on, or from the cursor of an earlier run."""
        self.source.start_stream(start.instant.micros)
        before = self.plan.resumed_from
        cursor = before.cursor if before else None
        source = cursor.source_cursor if isinstance(cursor, DepartureCursor) else cursor
        limits = LIVE if self.plan.real_clock else SIMULATED
        stream = BatchStream(
            self.source, start.time_range, stop.stopped, source, self._size_window, limits
        )
        stream.watch = self.watch
        if self.plan.numbers_events:
            stream.number_events(cursor.event if isinstance(cursor, DepartureCursor) else 0)
        return stream

    def _checkpointer(self, start: Start, stream: BatchStream) -> Checkpointer | None:
        """Return what writes the checkpoints of the run, if there are any."""
        plan = self.plan
        if plan.checkpointing is None:
            return None
        first = plan.resumed_from or Checkpoint(
            seed=plan.seed,
            start=start.instant,
            fingerprint=plan.fingerprint,
            target=plan.target.identity,
            reached=start.instant.micros,
            position=Position(),
            cursor=stream.cursor(),
            skip=0,
            written=0,
            part=plan.part,
            scaling=plan.scaling,
        )
        first = replace(
            first,
            start=start.instant,
            fingerprint=plan.fingerprint,
            real_clock=plan.real_clock,
            scaling=plan.scaling,
        )
        return Checkpointer(
            plan.checkpointing,
            first,
            jumps=start.time_range.jumps,
            secure_truth=self._truth.secure,
        )

    def _write_batches(
        self,
        stream: BatchStream,
        written_batches: AbstractContextManager[Iterator[Written]],
        position: StreamPosition,
        clock: Clock,
        stop: StopSignal,
        observer: Observer,
        start: Start,
    ) -> None:
        self._delivery.write_preface()
        if position.is_complete:
            return
        waits, warming_up = WaitTally(start.time_range.begin), bool(self.plan.warm_up)
        departures = self._departures(start)
        with written_batches as written:
            for batch, rendered in departures.batches(written, stop.stopped):
                waits.add(batch.waits)
                begin, end = position.select(batch, len(rendered), rendered)
                self._delivery.expect(batch, begin, end)
                if warming_up and end > begin:
                    warming_up, self.summary.live_since = False, Moment.present().monotonic
                for first, last in clock.due(batch.times[begin:end]):
                    rows = begin + first, begin + last
                    position.before_write(batch, *rows)
                    self._delivery.write(batch, rendered, *rows)
                    position.after_write(batch, *rows)
                    self._truth.settle()
                    self.summary.waiting = waits.until(position.reached)
                    self._measure(clock)
                    observer.progress(self.summary)
                if batch.pause:
                    self._delivery.flush()
                self._measure(clock)
                if position.is_complete or stop.stopped():
                    return
                raise_failure(batch, rendered)
                del batch, rendered  # their memory is wanted for the next ones
        if not stop.stopped():  # else windows may be under way still
            self.summary.under_way = departures.under_way
            self._finish(departures.cursor(stream.cursor()), position)
            self._wait_until(start.time_range.end, stream, clock, stop, position)
            self.summary.waiting = waits.until(position.reached)

    @contextmanager
    def _written(
        self, stream: BatchStream, renderers: "Renderers | None", stop: StopSignal
    ) -> Iterator[Iterator[Written]]:
        """Yield batches without their fields, and their text, which other threads or processes make ahead."""
        windows, real_clock = stream.windows(), self.plan.real_clock
        if not real_clock:
            keep_freed_memory()
        if renderers is not None:
            handed_over = map(stream.hand_over, windows)
            with renderers.rendered(handed_over, stop.stopped, ahead=real_clock) as batches:
                yield self._measured(stream, batches)
        elif real_clock:
            with Prefetch(self._render(stream, windows)) as batches:
                yield batches
        else:
            stages = stream.batch, lambda batch: self._text(stream, batch)
            with Relay(windows, stages, _THREADS) as batches:
                yield batches

    def _render(self, stream: BatchStream, windows: Iterator[Any]) -> Iterator[Written]:
        for window in windows:
            yield self._text(stream, stream.batch(window))

    def _text(self, stream: BatchStream, batch: Batch) -> Written:
        written = self._delivery.rendering.written(batch, stream.next_event(len(batch)))
        stream.measure_rendered(written.rendered)
        return written

    @staticmethod
    def _measured(stream: BatchStream, batches: Iterator[Written]) -> Iterator[Written]:
        """Yield the same, and let the stream know how large records are."""
        for each in batches:
            stream.measure_rendered(each.rendered)
            yield each

    def _departures(self, start: Start) -> Departures | CleanDepartures:
        """Return what puts records in the order in which they leave."""
        plan, covered = self.plan, start.time_range
        if not self.plan.reorders:
            return CleanDepartures()
        resumed = plan.resumed_from.cursor if plan.resumed_from else None
        end = covered.end if covered.bounded else None
        return Departures(resumed, covered.jumps, end, plan.memory, self._truth.ledger)

    def _finish(self, cursor: Cursor, position: StreamPosition) -> None:
        """Deliver all that is buffered, and write a checkpoint of it: the clock may wait for long."""
        position.add_cursor(cursor)
        self._delivery.flush()
        if position.checkpointer:
            position.checkpointer.write()

    @staticmethod
    def _wait_until(
        end: int, stream: BatchStream, clock: Clock, stop: StopSignal, position: StreamPosition
    ) -> None:
        """Let the rest of the time pass in which no records come, if more could have come later."""
        if not stream.exhausted:
            clock.wait(end)
            if not stop.stopped():
                position.reached = end

    def _measure(self, clock: Clock) -> None:
        self.summary.late, self.summary.lateness = clock.late, clock.lateness


@contextmanager
def _closing(sink: Sink, position: StreamPosition) -> Iterator[None]:
    """Close the target at the end; with checkpoints, so that a later run can go on."""
    if position.checkpointer is None:
        with closing(sink):
            yield
        return
    with position.checkpointer.final_checkpoint():
        try:
            yield
        finally:
            position.checkpointer.advance_to(position.reached)
            sink.suspend(position.reached)
