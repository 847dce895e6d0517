"""Holds batches back until they are due, or lets them through; reads the clocks of the machine.

The model runs ahead of either clock and never asks what time it is. A clock yields slices of a batch,
by row, each when its records may leave.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.instants import SECOND, Instant, utc_now

Sleep = Callable[[float], None]
MIN_SLICE_SECONDS = 0.001  # between slices, so that high rates leave in batches
IDLE_SECONDS = 0.02  # without a record: time for a flush
LATE_SECONDS = 1.0  # from which on there is a warning


@dataclass(frozen=True)
class Moment:
    """What the machine's clocks show: the time of day, and monotonic seconds."""

    time: Instant
    monotonic: float

    @classmethod
    def present(cls) -> "Moment":
        """Read the clocks."""
        return cls(utc_now(), time.monotonic())


class StopSignal(Protocol):
    """What can end a run before its limits."""

    def stopped(self) -> bool:
        """Return whether the run should end now."""

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until the run should end."""

    def opening(self) -> AbstractContextManager[None]:
        """Return a context in which a target is opened, which the run need not wait for."""


class NeverStopped:
    """Nothing stops the run before its limits."""

    def stopped(self) -> bool:
        return False

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))

    def opening(self) -> AbstractContextManager[None]:
        return nullcontext()


class Clock(Protocol):
    """Decides when records leave."""

    @property
    def late(self) -> float:
        """Return how late, in seconds, the last of them left."""

    @property
    def lateness(self) -> float:
        """Return how late, in seconds, one of them left at worst."""

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield (first, last) rows of a batch, all in order, when they are due."""

    def wait(self, instant: int) -> None:
        """Return when an instant has come."""


class SimulatedClock:
    """Every record is due at once, and none is late."""

    late = lateness = 0.0

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield all rows at once."""
        yield 0, len(times)

    def wait(self, instant: int) -> None:
        """Return at once."""


class RealClock:
    """A record is due at its instant, by a clock that goes on from `base` as time passes.

    `monotonic` returns seconds, `sleep` waits for so many; both can be replaced in tests. `stopped`
    returns whether the run should end. The clock runs at `speed` times the pace of time. What was due
    before `base` is late from there on, or after a `warm_up` from when the first record is at hand; with
    `history` nothing is late until the records have caught up. In a long pause there is an empty slice every `idle_every` seconds. `warn` gets a sentence when
    records begin to leave late, and when they are in time again.
    """

    def __init__(
        self,
        base: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = time.sleep,
        stopped: Callable[[], bool] = lambda: False,
        speed: float = 1.0,
        history: bool = False,
        warm_up: bool = False,
        idle_every: float = 3600.0,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.late = self.lateness = 0.0
        self._base, self._speed = base, speed
        self._late_from: int | None = None if warm_up else base
        self._monotonic, self._sleep, self._stopped = monotonic, sleep, stopped
        self._warn = warn
        self._caught_up, self._is_late, self._idle_every = not history, False, idle_every
        self._began = monotonic()
        self._last_slice = self._began - MIN_SLICE_SECONDS  # when it left

    @property
    def waits_for_first_record(self) -> bool:
        """Return whether lateness has yet to begin, with the first record."""
        return self._late_from is None

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield rows as their instants come, none early; end early when the run is stopped.

        An empty slice says that nothing is due for a while: time to flush what is buffered.
        """
        if self.waits_for_first_record and len(times):
            self._late_from = max(self._base, self._now())
        first, last_idle = 0, -inf
        while first < len(times) and not self._stopped():
            last = self._rows(times)
            if last > first:
                rest = self._last_slice + MIN_SLICE_SECONDS - self._monotonic()
                if rest > 0 and last < len(times):  # more is to come soon, and can leave with it
                    self._sleep(rest)
                    last = self._rows(times)
                self._last_slice = self._monotonic()
                yield first, last
                self._measure(int(times[first]))
                first, last_idle = last, -inf
                continue
            self._caught_up = True
            pause = (int(times[first]) - self._now()) / SECOND / self._speed
            if pause > IDLE_SECONDS and self._monotonic() - last_idle >= self._idle_every:
                last_idle = self._monotonic()
                yield first, first
                continue
            self._sleep(min(max(pause, MIN_SLICE_SECONDS), self._idle_every))

    def wait(self, instant: int) -> None:
        """Sleep until an instant, or until the run is stopped."""
        for first, last in self.due(np.array([instant])):
            if last > first:
                return

    def _rows(self, times: Ints) -> int:
        """Return how many of some records are due."""
        return int(np.searchsorted(times, self._now(), side="right"))

    def _now(self) -> int:
        """Return the instant that the clock shows."""
        return self._base + int((self._monotonic() - self._began) * SECOND * self._speed)

    def _measure(self, instant: int) -> None:
        """Measure how late the oldest record of a slice has left."""
        if not self._caught_up:
            return
        due = max(instant, self._late_from or self._base)
        self.late = late = (self._now() - due) / SECOND / self._speed
        self.lateness = max(self.lateness, late)
        if late > LATE_SECONDS and not self._is_late:
            self._is_late = True
            self._warn(f"records are {late:.1f} s late: the target or this machine is too slow")
        elif self._is_late and late < LATE_SECONDS / 10:
            self._is_late = False
            self._warn(f"records are on time again, after being up to {self.lateness:.1f} s late")
