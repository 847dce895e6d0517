"""Turns signals of the system into a run that ends in order."""

import select
import signal
import socket
from collections.abc import Callable
from typing import Self


class Interruption:
    """SIGINT and SIGTERM: the first asks the run to end, the second ends it on the spot.

    A context manager; `sleep` waits and is woken by a signal. After the first signal a target that
    takes nothing any more has `GRACE` seconds, then `AGAIN` for each thing it still has to let go
    of. `alarm` has SIGALRM sent after so many seconds, or never (0); it can be replaced in tests.
    """

    GRACE = 10
    AGAIN = 1

    def __init__(self, alarm: Callable[[int], object] = signal.alarm) -> None:
        self.signal = 0
        self._alarm = alarm
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
        self.calm()
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
        """Return whether a signal has come."""
        return bool(self.signal)

    def calm(self) -> None:
        """Nobody waits for a target any more: it needs no alarm."""
        self._alarm(0)

    def _ask(self, number: int, frame: object) -> None:
        if self.signal:
            self._insist(number, frame)
        self.signal = number
        self._alarm(self.GRACE)

    def _insist(self, number: int, frame: object) -> None:
        del number, frame
        self._alarm(self.AGAIN)
        raise KeyboardInterrupt
