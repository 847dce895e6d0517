"""Runs it all: windows of visits, records, clock, format, target; with its limits.

The model runs in a thread of its own, a window ahead; text, pacing and delivery follow here. On the
real clock text is made in that thread too, so that records are ready when they are due.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, BinaryIO

from datagen.batch import Batch
from datagen.cli.signals import Interruption
from datagen.curves.curve import Curve
from datagen.errors import ClockLimitError, Problem, ReaderGoneError, RunError, SpecError
from datagen.formats import Format, Formatter
from datagen.formats.rendered import Rendered
from datagen.instants import SECOND, Instant, utc_now
from datagen.running.batch_source import BatchSource, Stream, batch_source_of
from datagen.running.checkpoint import Checkpoint
from datagen.running.checkpointing import Checkpointer, CheckpointOptions
from datagen.running.clock import Clock, RealClock, SimulatedClock
from datagen.running.prefetch import Prefetch
from datagen.running.summary import Summary
from datagen.running.time_range import TimeRange
from datagen.spec.record_schema import Specification
from datagen.targets import Sink, Target
from datagen.targets.delivered import Position
from datagen.targets.message_keys import label_texts

MOST_VISITS = 32_768  # in a window
_BATCH_BYTES = 8 << 20
_HOUR = 3600.0  # seconds
_BEAT = 1.0  # seconds of a pause after which it may be time to write down where the run stands


@dataclass(frozen=True)
class Plan:
    """Everything that a run is made of, checked. Without a start, it starts when it begins."""

    spec: Specification
    file: str
    target: Target
    format: Format | None  # of targets that have none of their own; None: nobody asks for one
    start: Instant | None
    seed: int
    max_workers: int
    max_records: int | None = None
    duration: int | None = None  # microseconds
    live: bool = False  # on the real clock, from the start or from when it reaches the present
    speed: float = 1.0
    chosen: Format | None = None  # at the command line: of all targets
    schedule: Curve | None = None
    keep: CheckpointOptions | None = None
    fingerprint: Mapping[str, str] = field(default_factory=dict)  # what the stream depends on: sums
    warm_up: int = 0  # microseconds before the start whose records are thrown away
    until: Instant | None = None
    skip_gap: bool = False  # a run that goes on, on the real clock, leaves out what is past

    @property
    def before(self) -> Checkpoint | None:
        """Return where the run goes on from, if it does."""
        return self.keep.before if self.keep else None

    @property
    def needs_schema(self) -> bool:
        """Return whether some format writes the columns of the specification."""
        return any(each.needs_schema for each in self.formats)

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the format of each target that records end up in."""
        found = self.target.formats(self.format, self.chosen)
        return tuple(each.named_after(self.file) for each in found)


def _nothing(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Watch:
    """Who is told of a run: after each slice of records, and of what a person should know."""

    progress: Callable[[Summary], None] = _nothing
    warn: Callable[[str], None] = _nothing


class Run:
    """One run of a plan. `summary` is right at any moment, however the run ends."""

    def __init__(self, plan: Plan, window: Callable[[Any], None] | None = None) -> None:
        """Prepare a run; `window` may set how long the next window is (no effect on the data).

        Raises SpecError for sets of values that cannot be made.
        """
        self.plan = plan
        self.summary = Summary(plan.file, plan.seed, plan.start, live=plan.live)
        self.reader_gone = False
        self._window = window or _nothing
        self._style = plan.start.style if plan.start else plan.spec.style
        self._formatters, self._which = _formatters(plan)
        self._maker: BatchSource[Any] = batch_source_of(plan.spec, plan, self._style)
        self._width, self.summary.unit = self._maker.width, self._maker.unit
        self._keeper: Checkpointer | None = None
        self._next = 0  # the number of the next record in the stream
        self._skip = 0  # records that are made, but were delivered by an earlier run
        found = self._maker.prepare()
        if found:
            raise SpecError([Problem(path, text, plan.file) for path, text in found])

    @cached_property
    def start(self) -> Instant:
        """Return the start of the run; one that the plan leaves open is the present."""
        self._began = time.monotonic()
        return self.plan.start or replace(utc_now(), style=self._style)

    def go(
        self,
        stdout: BinaryIO,
        interruption: Interruption,
        clock: Clock | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Generate until the limits, or until interrupted. Raises RunError, TargetError."""
        watch, began = watch or Watch(), time.perf_counter()
        self.summary.start = self.start
        stream = self._stream(interruption.stopped)
        sink: Sink | None = None
        try:
            sink = self._opened(stdout)
            with self._closing(sink):
                sink.set_warning_handler(watch.warn)
                if self._keeper:
                    self._keeper.begin(sink)
                clock = clock or self._clock(interruption, watch)
                self._deliver(stream, sink, clock, interruption, watch)
        except ReaderGoneError:
            self.reader_gone = True
            raise
        finally:
            stream.close()
            if sink is not None:  # closed by now, which may have delivered the rest, or not
                self._count(sink)
            if self.reader_gone:
                self.summary.generated = self.summary.delivered
            self.summary.seconds = time.perf_counter() - began

    def _stream(self, stopped: Callable[[], bool]) -> Stream[Any]:
        """Return the windows: from some time before the start, or from where an earlier run stood."""
        plan, before, stretch = self.plan, self.plan.before, self.stretch
        cursor = before.cursor if before else None
        stream = self._maker.begin(stretch.first, stretch.end, stopped, cursor)
        self._reached = self.start.micros
        if before:
            self._reached = self.start.micros if self._records_to_redo else before.resumed_at
            self._next, self._skip = before.position.records - before.skip, before.skip
        if plan.keep:
            first = replace(before, fingerprint=plan.fingerprint) if before else self._first(stream)
            self._keeper = Checkpointer(
                plan.keep, replace(first, live=plan.live), jumps=stretch.jumps
            )
        return stream

    @cached_property
    def stretch(self) -> TimeRange:
        """Return the simulated time that the run covers."""
        plan, before, (earliest, limit) = self.plan, self.plan.before, self._style.limits
        begin = self.start.micros
        stretch = TimeRange(max(begin - plan.warm_up, earliest), begin, limit)
        if before:
            now = utc_now().micros if plan.live and plan.skip_gap else None
            stretch = stretch.resumed_at(before.resumed_at, before.jumps, now)
        return stretch.limited_to(plan.duration, plan.until)

    @property
    def _records_to_redo(self) -> int:
        """Return how many records were made by an earlier run, but are made again for the target."""
        before = self.plan.before
        return before.done - before.position.records if before else 0

    @property
    def time_left(self) -> tuple[int | None, int]:
        """Return how much time the run covers, if that limits it, and how much has passed before."""
        stretch = self.stretch
        left = stretch.end - stretch.begin if stretch.bounded else None
        return left, stretch.begin - self.start.micros

    def _first(self, stream: Stream[Any]) -> Checkpoint:
        """Return the checkpoint before the first record of all."""
        return Checkpoint(
            seed=self.plan.seed,
            start=self.start,
            fingerprint=self.plan.fingerprint,
            target=self.plan.target.identity,
            reached=self._reached,
            position=Position(),
            cursor=self._maker.cursor(stream),
            skip=0,
            done=0,
            live=self.plan.live,
        )

    def _opened(self, stdout: BinaryIO) -> Sink:
        target, before = self.plan.target, self.plan.before
        return target.reopen(stdout, before.position) if before else target.open(stdout)

    @contextmanager
    def _closing(self, sink: Sink) -> Iterator[None]:
        """Close the target at the end; where the run is kept, so that a later one can go on."""
        if self._keeper is None:
            with closing(sink):
                yield
            return
        with self._keeper.ending():
            try:
                yield
            finally:
                self._keeper.reach(self._reached)
                sink.suspend(self._reached)

    def _clock(self, interruption: Interruption, watch: Watch) -> Clock:
        if not self.plan.live:
            return SimulatedClock()
        base = utc_now().micros
        if self.plan.before and self.plan.speed != 1:  # it has nothing to do with the present
            base = max(base, self.stretch.begin)
        if self.plan.start is None:  # whatever has been done to the time of the system since
            passed = (time.monotonic() - self._began) * self.plan.speed
            base = self.start.micros + int(passed * SECOND)
        if self.stretch.begin - base > SECOND:
            begin, now = Instant(self.stretch.begin, self._style), Instant(base, self._style)
            watch.warn(f"waiting for {begin}, when the run begins; it is {now}")
        return RealClock(
            base=base,
            sleep=interruption.sleep,
            stopped=interruption.stopped,
            speed=self.plan.speed,
            history=self.plan.start is not None,
            beat=_BEAT if self.plan.keep else _HOUR,
            warn=watch.warn,
        )

    def _deliver(
        self,
        stream: Stream[Any],
        sink: Sink,
        clock: Clock,
        interruption: Interruption,
        watch: Watch,
    ) -> None:
        left = 0 if self.stretch.over else self.plan.max_records
        left = None if left is None else left + self._records_to_redo
        self._begin(sink)
        if left == 0:
            return
        with self._batches(stream) as batches:
            for batch, rendered in batches:
                begin = self._skip_count(batch)
                last = len(rendered) if left is None else min(begin + left, len(rendered))
                for first, until in clock.due(batch.times[begin:last]):
                    rows = begin + first, begin + until
                    self._see_that_time_goes_on(batch, *rows)
                    self._sum_up(batch, *rows)
                    if self._keeper:
                        self._keeper.hand_over(self._next, batch.times[slice(*rows)])
                    self._hand_over(sink, rendered.rows(*rows))
                    self._keep(batch, *rows)
                    self.summary.late, self.summary.lateness = clock.late, clock.lateness
                    watch.progress(self.summary)
                if batch.pause:
                    sink.flush()
                self.summary.late, self.summary.lateness = clock.late, clock.lateness
                left = None if left is None else left - (last - begin)
                if left == 0 or interruption.stopped():
                    return
                if rendered.stopped:
                    raise rendered.stopped[1]
        self._wait_for_end(stream, sink, clock)
        if not stream.exhausted and not interruption.stopped():
            self._reached = self.stretch.end

    def _wait_for_end(self, stream: Stream[Any], sink: Sink, clock: Clock) -> None:
        """Let time pass up to the end of the run, all being delivered before."""
        if self._keeper:
            self._keeper.passed(self._next, self._maker.cursor(stream))
        sink.flush()
        if self._keeper:
            self._keeper.write()  # what the target holds need not wait as long as the clock
        if not stream.exhausted:
            clock.wait(self.stretch.end)

    def _skip_count(self, batch: Batch) -> int:
        """Return how many records of a batch are of the warm-up, or were delivered by an earlier run."""
        early = int(batch.times.searchsorted(self.start.micros))
        skipped = min(self._skip, len(batch) - early)
        if self._keeper and batch.cursor:
            self._keeper.passed(self._next, batch.cursor)
        self._skip -= skipped
        self._next += skipped
        return early + skipped

    def _see_that_time_goes_on(self, batch: Batch, first: int, until: int) -> None:
        """Refuse a first new record that is earlier than where the run before was. Raises RunError."""
        before = self.plan.before
        row = first + before.done - self._next if before else -1
        if before and first <= row < until and batch.times[row] < before.reached:
            then, now = (Instant(int(at), self._style) for at in (before.reached, batch.times[row]))
            text = "it is not the stream that it was"
            raise RunError(f"the next record is of {now}, but the run before was at {then}: {text}")

    def _keep(self, batch: Batch, first: int, until: int) -> None:
        """Note what has been handed over, so that it can be written down."""
        if until > first:
            self._next += until - first
            self._reached = int(batch.times[until - 1])
            before = self.plan.before
            if before and self._next >= before.done:
                self._reached = max(self._reached, before.resumed_at)
        if self._keeper:
            self._keeper.note(self._reached, self._next)

    @contextmanager
    def _batches(self, stream: Stream[Any]) -> Iterator[Iterator[tuple[Batch, Rendered]]]:
        """Return batches and their text; what is computed ahead is computed in another thread."""
        windows = self._windows(stream)
        if self.plan.live:
            with Prefetch(self._written(windows)) as batches:
                yield batches
        else:  # as fast as possible: text here, while the next window is simulated there
            with Prefetch(windows) as ahead:
                yield self._written(ahead)

    def _written(self, windows: Iterator[Any]) -> Iterator[tuple[Batch, Rendered]]:
        for window in windows:
            batch = self._maker.batch(window)
            yield batch, self._rendered(batch)

    def _windows(self, stream: Stream[Any]) -> Iterator[Any]:
        """Yield the windows of a run, each as large as is good for its text."""
        stream.request_window_size(min(stream.window_size, int(_BATCH_BYTES / self._width)))
        self._window(stream)
        for jump in self.stretch.jumps:
            if jump.at < self.stretch.end:
                stream.end = jump.at
                yield from self._up_to_end(stream)
                stream.jump(jump.by, jump.until)
        stream.end = self.stretch.end
        yield from self._up_to_end(stream)
        if not stream.exhausted and not self.stretch.bounded:
            raise ClockLimitError("the clock would pass the end of the year 9999")

    def _up_to_end(self, stream: Stream[Any]) -> Iterator[Any]:
        for window in stream.windows():
            yield window
            stream.request_window_size(
                min(MOST_VISITS, 4 * stream.window_size, int(_BATCH_BYTES / self._width))
            )
            self._window(stream)

    def _rendered(self, batch: Batch) -> Rendered:
        """Write a batch, with what the target asks for besides."""
        payloads = tuple(each.render(batch) for each in self._formatters)
        if len(batch):
            self._width = max(payloads[0].size / len(batch), 1.0)
        labels = {
            name: label_texts(label, batch) for name, label in self.plan.target.labels().items()
        }
        complete = Rendered(payloads, batch.times, labels, self._style, self._which)
        return complete if complete.stopped is None else complete.rows(0, complete.stopped[0])

    def _begin(self, sink: Sink) -> None:
        """Let the target have what stands before the first record, if anything."""
        if any(each.encoding.has_preamble for each in self._formatters):
            empty = tuple(each.empty() for each in self._formatters)
            try:
                sink.write(Rendered(empty, formats=self._which))
            finally:
                self._count(sink)

    def _hand_over(self, sink: Sink, rendered: Rendered) -> None:
        """Let the target have records; none at all is a moment to let go of what it holds."""
        self.summary.generated += len(rendered)
        try:
            if len(rendered):
                sink.write(rendered)
            else:
                sink.flush()
        finally:
            self._count(sink)

    def _count(self, sink: Sink) -> None:
        self.summary.delivered, self.summary.failed = sink.delivered, sink.failed
        self.summary.bytes, self.summary.parts = sink.bytes, sink.parts()

    def _sum_up(self, batch: Batch, first: int, until: int) -> None:
        self.summary.alive = batch.alive
        if until > first:
            latest = int(batch.workers[first:until].max())
            self.summary.workers = max(self.summary.workers, latest + 1)
            self.summary.first = self.summary.first or Instant(int(batch.times[first]), self._style)
            self.summary.last = Instant(int(batch.times[until - 1]), self._style)


def _formatters(plan: Plan) -> tuple[list[Formatter], tuple[int, ...]]:
    """Return what writes each different format, and which of them each target wants."""
    different: list[Format] = []
    for each in plan.formats:
        if each not in different:
            different.append(each)
    compiled = [each.compile(plan.spec) for each in different]
    return compiled, tuple(different.index(each) for each in plan.formats)
