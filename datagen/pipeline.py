"""Runs it all: windows of visits, records, clock, format, target; with its limits.

The model runs in a thread of its own, a window ahead; text, pacing and delivery follow here. On the
real clock text is made in that thread too, so that records are ready when they are due.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, BinaryIO

from datagen.ahead import Ahead
from datagen.clock import Clock, Interruption, RealClock, SimulatedClock
from datagen.curves import Curve
from datagen.errors import ClockLimitError, Problem, ReaderGoneError, SpecError
from datagen.formats import Format, Formatter, Rendered
from datagen.instants import SECOND, Instant, utc_now
from datagen.labels import labelled
from datagen.makers import Maker, Stream, maker_of
from datagen.records import Batch
from datagen.summary import Summary
from datagen.tables import Specification
from datagen.targets import Sink, Target

MOST_VISITS = 32_768  # in a window
_BATCH_BYTES = 8 << 20


@dataclass(frozen=True)
class Plan:
    """Everything that a run is made of, checked. Without a start, it starts when it begins."""

    spec: Specification
    file: str
    target: Target
    format: Format | None  # of targets that have none of their own; None: nobody asks for one
    start: Instant | None
    seed: int
    most_alive: int
    most_records: int | None = None
    duration: int | None = None  # microseconds
    live: bool = False  # on the real clock, from the start or from when it reaches the present
    speed: float = 1.0
    chosen: Format | None = None  # at the command line: of all targets
    schedule: Curve | None = None

    @property
    def formats(self) -> tuple[Format, ...]:
        """Give the format of each target that records end up in."""
        found = self.target.formats(self.format, self.chosen)
        return tuple(each.named(self.file) for each in found)


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
        self._maker: Maker[Any] = maker_of(plan.spec, plan, self._style)
        self._width, self.summary.unit = self._maker.width, self._maker.unit
        found = self._maker.prepare()
        if found:
            raise SpecError([Problem(path, text, plan.file) for path, text in found])

    @cached_property
    def start(self) -> Instant:
        """Give the start of the run; one that the plan leaves open is the present."""
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
        limit, duration = self._style.limits[1], self.plan.duration
        end = limit if duration is None else min(self.start.micros + duration, limit)
        stream = self._maker.begin(self.start.micros, end, interruption.stopped)
        sink: Sink | None = None
        try:
            with self.plan.target.open(stdout) as sink:
                sink.heard_by(watch.warn)
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

    def _clock(self, interruption: Interruption, watch: Watch) -> Clock:
        if not self.plan.live:
            return SimulatedClock()
        base = utc_now().micros
        if self.plan.start is None:  # whatever has been done to the time of the system since
            passed = (time.monotonic() - self._began) * self.plan.speed
            base = self.start.micros + int(passed * SECOND)
        return RealClock(
            base=base,
            sleep=interruption.sleep,
            stopped=interruption.stopped,
            speed=self.plan.speed,
            history=self.plan.start is not None,
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
        left = self.plan.most_records
        self._begin(sink)
        if left == 0:
            return
        with self._batches(stream) as batches:
            for batch, rendered in batches:
                last = len(rendered) if left is None else min(left, len(rendered))
                for first, until in clock.due(batch.times[:last]):
                    self._sum_up(batch, first, until)
                    self._hand_over(sink, rendered.rows(first, until))
                    self.summary.late, self.summary.lateness = clock.late, clock.lateness
                    watch.progress(self.summary)
                if batch.pause:
                    sink.flush()
                self.summary.late, self.summary.lateness = clock.late, clock.lateness
                left = None if left is None else left - last
                if left == 0 or interruption.stopped():
                    return
                if rendered.stopped:
                    raise rendered.stopped[1]
        sink.flush()
        if not stream.over:
            clock.wait(stream.end)

    @contextmanager
    def _batches(self, stream: Stream[Any]) -> Iterator[Iterator[tuple[Batch, Rendered]]]:
        """Give batches and their text; what is computed ahead is computed in another thread."""
        windows = self._windows(stream)
        if self.plan.live:
            with Ahead(self._written(windows)) as batches:
                yield batches
        else:  # as fast as possible: text here, while the next window is simulated there
            with Ahead(windows) as ahead:
                yield self._written(ahead)

    def _written(self, windows: Iterator[Any]) -> Iterator[tuple[Batch, Rendered]]:
        for window in windows:
            batch = self._maker.batch(window)
            yield batch, self._rendered(batch)

    def _windows(self, stream: Stream[Any]) -> Iterator[Any]:
        """Yield the windows of a run, each as large as is good for its text."""
        stream.aim(min(stream.room, int(_BATCH_BYTES / self._width)))
        self._window(stream)
        for window in stream.windows():
            yield window
            stream.aim(min(MOST_VISITS, 4 * stream.room, int(_BATCH_BYTES / self._width)))
            self._window(stream)
        duration = self.plan.duration
        if stream.over:
            return
        if duration is None or self.start.micros + duration > stream.end:
            raise ClockLimitError("the clock would pass the end of the year 9999")

    def _rendered(self, batch: Batch) -> Rendered:
        """Write a batch, with what the target asks for besides."""
        rendered = self._of_each([each.render(batch) for each in self._formatters])
        if len(rendered):
            self._width = max(rendered.size / len(rendered), 1.0)
        labels = {name: labelled(label, batch) for name, label in self.plan.target.labels().items()}
        whole = replace(rendered, times=batch.times, labels=labels, style=self._style)
        return whole if whole.stopped is None else whole.rows(0, whole.stopped[0])

    def _of_each(self, made: list[Rendered]) -> Rendered:
        """Give records in one format, or with all those that several targets want."""
        if len(made) == 1:
            return made[0]
        stops = [each.stopped for each in made if each.stopped]
        first = min(stops, key=lambda stop: stop[0], default=None)
        return replace(made[0], variants=tuple(made[place] for place in self._which), stopped=first)

    def _begin(self, sink: Sink) -> None:
        """Let the target have what stands before the first record, if anything."""
        made = [each.empty() for each in self._formatters]
        if any(each.preface for each in made):
            try:
                sink.write(self._of_each(made))
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


def _formatters(plan: Plan) -> tuple[list[Formatter], list[int]]:
    """Give what writes each different format, and which of them each target wants."""
    different: list[Format] = []
    for each in plan.formats:
        if each not in different:
            different.append(each)
    compiled = [each.compile(plan.spec) for each in different]
    return compiled, [different.index(each) for each in plan.formats]
