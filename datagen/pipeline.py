"""Runs it all: windows of visits, records, clock, format, target; with its limits and its summary.

The model runs in a thread of its own, a window ahead; text, pacing and delivery follow here.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from datagen.ahead import Ahead
from datagen.clock import Clock, Interruption, RealClock, SimulatedClock
from datagen.errors import ClockLimitError, Problem, ReaderGoneError, SpecError
from datagen.formats import Format, Rendered
from datagen.instants import Instant
from datagen.machine import Machine
from datagen.records import Batch, Records
from datagen.spec import Generator
from datagen.targets import Sink, Target
from datagen.workers import Pool, Visits

MOST_VISITS = 32_768  # in a window
_BATCH_BYTES = 8 << 20


@dataclass(frozen=True)
class Plan:
    """Everything that a run is made of, checked."""

    spec: Generator
    file: str
    target: Target
    format: Format
    start: Instant
    seed: int
    most_alive: int
    real_clock: bool = False
    most_records: int | None = None
    duration: int | None = None  # microseconds


@dataclass
class Summary:
    """What a run did."""

    delivered: int = 0
    undelivered: int = 0
    bytes: int = 0
    workers: int = 0
    seconds: float = 0.0
    last: Instant | None = None

    def __str__(self) -> str:
        """Give the line that ends a run."""
        rate = f"{self.delivered / self.seconds:,.0f}" if self.seconds else "0"
        lost = f", {self.undelivered:,} not delivered" if self.undelivered else ""
        until = f", up to {self.last}" if self.last else ""
        return (
            f"{self.delivered:,} records{lost}, {self.bytes:,} bytes in {self.seconds:.2f} s "
            f"({rate}/s), {self.workers:,} workers{until}"
        )


class Run:
    """One run of a plan. `summary` is right at any moment, however the run ends."""

    def __init__(self, plan: Plan, window: Callable[[Pool], None] | None = None) -> None:
        """Prepare a run; `window` may set how long the next window is (no effect on the data).

        Raises SpecError for sets of values that cannot be made.
        """
        self.plan = plan
        self.summary = Summary()
        self.reader_gone = False
        self._handed = 0
        self._window = window or _adapt
        self._width = _expected_width(plan.spec)
        machine = Machine(plan.spec, plan.seed)
        self._records = Records(machine, plan.start.style)
        found = self._records.prepare([state.variables for state in plan.spec.states])
        if found:
            raise SpecError([Problem(path, text, plan.file) for path, text in found])
        limit = plan.start.style.limits[1]
        start, duration = plan.start.micros, plan.duration
        self._end = limit if duration is None else min(start + duration, limit)
        self._limited = duration is None or start + duration > limit
        self._pool = Pool(machine, start, plan.most_alive, self._end)

    def go(
        self,
        stdout: BinaryIO,
        interruption: Interruption,
        clock: Clock | None = None,
        told: Callable[[Summary], None] | None = None,
    ) -> None:
        """Generate until the limits, or until interrupted; tell after each window how far it is.

        Raises RunError, TargetError.
        """
        began = time.perf_counter()
        sink: Sink | None = None
        try:
            with self.plan.target.open(stdout) as sink:
                self._deliver(sink, clock or self._clock(interruption), interruption, told)
        except ReaderGoneError:
            self.reader_gone = True
            raise
        finally:
            if sink is not None:  # closed by now, which may have delivered the rest, or not
                self.summary.delivered, self.summary.bytes = sink.delivered, sink.bytes
                self.summary.undelivered = 0 if self.reader_gone else self._handed - sink.delivered
            self.summary.seconds = time.perf_counter() - began

    def _clock(self, interruption: Interruption) -> Clock:
        if not self.plan.real_clock:
            return SimulatedClock()
        start = self.plan.start.micros
        return RealClock(start, sleep=interruption.sleep, stopped=interruption.stopped)

    def _deliver(
        self,
        sink: Sink,
        clock: Clock,
        interruption: Interruption,
        told: Callable[[Summary], None] | None,
    ) -> None:
        left = self.plan.most_records
        if left == 0:
            return
        with Ahead(self._visits()) as windows:
            for visits in windows:
                batch = self._records.batch(visits)
                rendered = self._rendered(batch)
                last = len(rendered) if left is None else min(left, len(rendered))
                for first, until in clock.due(batch.times[:last]):
                    self._write(sink, rendered.rows(first, until))
                    self._sum_up(batch, first, until)
                    if told is not None:
                        told(self.summary)
                left = None if left is None else left - last
                if left == 0 or interruption.stopped():
                    return
        clock.wait(self._end)

    def _sum_up(self, batch: Batch, first: int, until: int) -> None:
        if until > first:
            latest = int(batch.workers[first:until].max())
            self.summary.workers = max(self.summary.workers, latest + 1)
            self.summary.last = Instant(int(batch.times[until - 1]), self.plan.start.style)

    def _visits(self) -> Iterator[Visits]:
        """Yield the visits of each window."""
        self._pool.aim(min(self._pool.room, int(_BATCH_BYTES / self._width)))
        self._window(self._pool)
        for visits in self._pool.windows():
            yield visits
            self._fit()
            self._window(self._pool)
        if self._limited:
            raise ClockLimitError("the clock would pass the end of the year 9999")

    def _rendered(self, batch: Batch) -> Rendered:
        rendered = self.plan.format.render(batch)
        if len(rendered):
            self._width = len(rendered.data) / len(rendered)
        return rendered

    def _fit(self) -> None:
        """Aim for more visits a window while their records stay small."""
        self._pool.aim(min(MOST_VISITS, 4 * self._pool.room, int(_BATCH_BYTES / self._width)))

    def _write(self, sink: Sink, rendered: Rendered) -> None:
        self._handed += len(rendered)
        try:
            sink.write(rendered)
        finally:
            self.summary.delivered, self.summary.bytes = sink.delivered, sink.bytes


def _expected_width(spec: Generator) -> float:
    """Give about how many bytes the longest kind of record has, on average."""
    lengths = [sum(20 + each.size() for each in emitter.dimensions) for emitter in spec.emitters]
    return max(lengths, default=0.0) + 100.0


def _adapt(pool: Pool) -> None:
    """Leave windows to the pool."""
    del pool
