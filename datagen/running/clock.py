"""Holds batches back until they are due, or lets them through: the only place that knows real time.

The model runs ahead of either clock and never asks what time it is. A clock gives slices of a
batch, by row, each when its records may leave.
"""

import time
from collections.abc import Callable, Iterator
from math import inf
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.instants import SECOND

Sleep = Callable[[float], None]
BREATH = 0.001  # seconds: the least time between slices, so that high rates leave in batches
IDLE = 0.02  # seconds without a record that are worth a flush
LATE = 1.0  # seconds that are worth a warning


class Clock(Protocol):
    """Decides when records leave.

    `late` is how late, in seconds, the last of them left, and `lateness` is that at its worst.
    """

    late: float
    lateness: float

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield (first, last) rows of a batch, all in order, when they are due."""

    def wait(self, instant: int) -> None:
        """Let the time up to an instant pass."""


class SimulatedClock:
    """Every record is due at once, and none is late."""

    late = lateness = 0.0

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield the whole batch."""
        yield 0, len(times)

    def wait(self, instant: int) -> None:
        """Go on at once."""


class RealClock:
    """A record is due at its instant, by a clock that goes on from `base` as time passes.

    `monotonic` gives seconds, `sleep` waits for so many; both can be replaced in tests. `stopped`
    tells that nobody waits for more. The clock runs at `speed` times the pace of time. What was due
    before `base` is late from there on; with `history` nothing is until the records have
    caught up. A long pause is told of again each `beat` seconds. `warn` is told when what leaves is late, and when it no longer is.
    """

    def __init__(
        self,
        base: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = time.sleep,
        stopped: Callable[[], bool] = lambda: False,
        speed: float = 1.0,
        history: bool = False,
        beat: float = 3600.0,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.late = self.lateness = 0.0
        self._base, self._speed = base, speed
        self._monotonic, self._sleep, self._stopped = monotonic, sleep, stopped
        self._warn = warn
        self._live, self._behind, self._beat = not history, False, beat
        self._began = monotonic()
        self._latest = self._began - BREATH  # when the last slice left

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield rows as their instants come, none early; stop early when the run is over.

        An empty slice says that nothing is due for a while: a moment to let go of what is held.
        """
        first, told = 0, -inf
        while first < len(times) and not self._stopped():
            last = self._rows(times)
            if last > first:
                rest = self._latest + BREATH - self._monotonic()
                if rest > 0 and last < len(times):  # more is to come soon, and can leave with it
                    self._sleep(rest)
                    last = self._rows(times)
                self._latest = self._monotonic()
                yield first, last
                self._note(int(times[first]))
                first, told = last, -inf
                continue
            self._live = True
            pause = (int(times[first]) - self._now()) / SECOND / self._speed
            if pause > IDLE and self._monotonic() - told >= self._beat:
                told = self._monotonic()
                yield first, first
                continue
            self._sleep(min(max(pause, BREATH), self._beat))

    def wait(self, instant: int) -> None:
        """Sleep until an instant, or until the run is over."""
        for first, last in self.due(np.array([instant])):
            if last > first:
                return

    def _rows(self, times: Ints) -> int:
        """Return how many of some records are due."""
        return int(np.searchsorted(times, self._now(), side="right"))

    def _now(self) -> int:
        """Return the instant that the clock shows."""
        return self._base + int((self._monotonic() - self._began) * SECOND * self._speed)

    def _note(self, instant: int) -> None:
        """Measure how late the oldest record of a slice has left."""
        if not self._live:
            return
        due = max(instant, self._base)
        self.late = late = (self._now() - due) / SECOND / self._speed
        self.lateness = max(self.lateness, late)
        if late > LATE and not self._behind:
            self._behind = True
            self._warn(f"records leave {late:.1f} s late: the target or this machine is too slow")
        elif self._behind and late < LATE / 10:
            self._behind = False
            self._warn(f"records leave in time again, after up to {self.lateness:.1f} s late")
