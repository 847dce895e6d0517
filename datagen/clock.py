"""Holds batches back until they are due, or lets them through: the only place that knows real time.

The model runs ahead of either clock and never asks what time it is. A clock gives slices of a
batch, by row, each when its records may leave.
"""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Protocol, Self

import numpy as np

from datagen.instants import SECOND
from datagen.randomness import Ints

Sleep = Callable[[float], None]


class Clock(Protocol):
    """Decides when records leave."""

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield (first, last) rows of a batch, all in order, when they are due."""

    def wait(self, instant: int) -> None:
        """Let the time up to an instant pass."""


class SimulatedClock:
    """Every record is due at once."""

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield the whole batch."""
        yield 0, len(times)

    def wait(self, instant: int) -> None:
        """Go on at once."""


class RealClock:
    """A record is due at its instant: start plus the time that has passed on the monotonic clock.

    `monotonic` gives seconds, `sleep` waits for so many; both can be replaced in tests. `stopped`
    tells that nobody waits for more.
    """

    def __init__(
        self,
        start: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = time.sleep,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._start = start
        self._monotonic, self._sleep, self._stopped = monotonic, sleep, stopped
        self._began = monotonic()

    def due(self, times: Ints) -> Iterator[tuple[int, int]]:
        """Yield rows as their instants come; stop early when the run is over."""
        first = 0
        while first < len(times) and not self._stopped():
            passed = (self._monotonic() - self._began) * SECOND
            last = int(np.searchsorted(times, self._start + int(passed), side="right"))
            if last > first:
                yield first, last
                first = last
            else:
                self._sleep(min((int(times[first]) - self._start - passed) / SECOND, 3600.0))

    def wait(self, instant: int) -> None:
        """Sleep until an instant, or until the run is over."""
        for _ in self.due(np.array([instant])):
            return


class Interruption:
    """SIGINT and SIGTERM: the first asks the run to end, the second ends it on the spot.

    A context manager; `sleep` waits and is woken by a signal. After the first signal a target that
    takes nothing any more has `GRACE` seconds.
    """

    GRACE = 10

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._insist)
        return self

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until a signal comes."""
        if not self.signal:
            select.select([self._reader], [], [], max(seconds, 0.0))

    def stopped(self) -> bool:
        """Tell whether a signal has come."""
        return bool(self.signal)

    def _ask(self, number: int, frame: object) -> None:
        if self.signal:
            self._insist(number, frame)
        self.signal = number
        signal.alarm(self.GRACE)

    def _insist(self, number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt
