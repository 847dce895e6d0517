"""Turns signals of the system into a run that ends in order."""

import select
import signal
import socket
import threading
from collections.abc import Callable
from typing import Self


class Interruption:
    """SIGINT and SIGTERM: the first stops the run, the second ends it on the spot.

    A context manager; `sleep` waits and is woken by a signal. After the first signal a target that
    takes nothing any more has `GRACE` seconds, then `LAST_GRACE` for each thing that it still has to
    close. `alarm` has SIGALRM sent after so many seconds, or never (0); it can be replaced in tests.
    Python handles signals in the main thread only: in any other nothing is installed, and `signal`
    stays 0.
    """

    GRACE = 10
    LAST_GRACE = 1

    def __init__(self, alarm: Callable[[int], object] = signal.alarm) -> None:
        self.signal = 0
        self._alarm = alarm
        self._handlers: dict[int, object] = {}  # those of before

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        if threading.current_thread() is threading.main_thread():
            wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
            self._wakeup = wakeup
            for number in (signal.SIGINT, signal.SIGTERM):
                self._handlers[number] = signal.signal(number, self._request_stop)
            self._handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._force_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel_alarm()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        if self._handlers:
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

    def cancel_alarm(self) -> None:
        """Set off no alarm any more: nobody waits for a target."""
        if self._handlers:
            self._alarm(0)

    def _request_stop(self, number: int, frame: object) -> None:
        if self.signal:
            self._force_stop(number, frame)
        self.signal = number
        self._alarm(self.GRACE)

    def _force_stop(self, number: int, frame: object) -> None:
        del number, frame
        self._alarm(self.LAST_GRACE)
        raise KeyboardInterrupt
