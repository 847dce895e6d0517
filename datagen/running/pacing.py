"""Chooses the clock of a run: simulated or real, and with a brake where records may leave only so fast."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf

from datagen.arrays import Ints
from datagen.instants import SECOND, Instant
from datagen.running.clock import Clock, Moment, RealClock, SimulatedClock, Sleep, StopSignal
from datagen.running.plan import Plan, Start

SLICE_SECONDS = 0.05  # of the greatest rate, that leave in one go
BEHIND_SECONDS = 2 * SLICE_SECONDS  # that is caught up, where a delivery or a sleep took long
_FLUSH_SECONDS = 0.5  # of a pause in which what is buffered is delivered
_HOUR = 3600.0
_CHECK_SECONDS = 1.0  # between looks at whether a checkpoint is due, in a pause


@dataclass
class BrakedClock:
    """A clock that lets at most so many records a second leave, of those that are due by another one.

    `monotonic` returns seconds, `sleep` waits for so many, `stopped` returns whether the run should end; all
    can be replaced in tests. In a long pause there is an empty slice: time to flush what is buffered.
    """

    clock: Clock
    records_per_second: float
    monotonic: Callable[[], float] = time.monotonic
    sleep: Sleep = time.sleep
    stopped: Callable[[], bool] = lambda: False
    _free_from: float = field(default=-inf, init=False)  # when the next record may leave

    @property
    def late(self) -> float:
        """Return how late the last record left, in seconds."""
        return self.clock.late

    @property
    def lateness(self) -> float:
        """Return how late a record left at worst, in seconds."""
        return self.clock.lateness

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield rows as they are due, and no more than the rate allows; end early when the run is stopped."""
        most = max(int(self.records_per_second * SLICE_SECONDS), 1)
        for first, last in self.clock.due(times):
            if first == last:
                yield first, last
            for begin in range(first, last, most):
                yield from self._pause(begin)
                if self.stopped():
                    return
                end = min(begin + most, last)
                began = max(
                    self._free_from, self.monotonic() - BEHIND_SECONDS * (self._free_from > -inf)
                )
                self._free_from = began + (end - begin) / self.records_per_second
                yield begin, end

    def wait(self, instant: int) -> None:
        """Return when an instant has come."""
        self.clock.wait(instant)

    def _pause(self, row: int) -> Iterator[tuple[int, int]]:
        """Wait until the next record may leave; yield an empty slice now and then."""
        while (pause := self._free_from - self.monotonic()) > 0 and not self.stopped():
            if pause > _FLUSH_SECONDS:
                yield row, row
            self.sleep(min(pause, _CHECK_SECONDS))


def clock_of(plan: Plan, start: Start, stop: StopSignal, warn: Callable[[str], None]) -> Clock:
    """Return the clock of a plan for a run that starts so; `warn` gets its sentences."""
    clock = _real_clock(plan, start, stop, warn) if plan.real_clock else SimulatedClock()
    if plan.max_rate is None:
        return clock
    return BrakedClock(clock, plan.max_rate, sleep=stop.sleep, stopped=stop.stopped)


def _real_clock(
    plan: Plan, start: Start, stop: StopSignal, warn: Callable[[str], None]
) -> RealClock:
    present, begin = Moment.present(), start.time_range.begin
    base = present.time.micros
    if plan.resumed_from and plan.speed != 1:  # it has nothing to do with the present
        base = max(base, begin)
    if plan.start is None:  # whatever has been done to the time of the system since
        passed = (present.monotonic - start.moment.monotonic) * plan.speed
        base = start.instant.micros + int(passed * SECOND)
    if begin - base > SECOND:
        first, now = Instant(begin, plan.style), Instant(base, plan.style)
        warn(f"waiting for {first}, when the run begins; it is {now}")
    return RealClock(
        base=base,
        sleep=stop.sleep,
        stopped=stop.stopped,
        speed=plan.speed,
        history=plan.start is not None,
        warm_up=plan.warm_up > 0 and plan.resumed_from is None,
        idle_every=_CHECK_SECONDS if plan.checkpointing else _HOUR,
        warn=warn,
    )
