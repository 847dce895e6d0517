"""Turns signals of the system into a run that ends in order."""

import _thread
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Never, Self

from datagen.errors import Interrupted

Handlers = dict[int, Any]


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Have the signals that stop a run raise Interrupted, as long as there is no run to be stopped in order.

    A library may make another exception of it, which becomes Interrupted again, or swallow it: the
    function raises it anew. Nothing is installed outside the main thread.
    """
    received: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        _raise(number, frame)

    def check() -> None:
        if received:
            raise Interrupted(received[0])

    before = _installed(interrupt) if _in_main_thread() else {}
    try:
        yield check
    except Interrupted:
        raise
    except BaseException as error:
        if received:
            raise Interrupted(received[0]) from error
        raise
    finally:
        _restore(before)


class Interruption:
    """SIGINT, SIGTERM and SIGHUP: the first stops the run, the second ends it on the spot.

    A SIGHUP that was ignored before stays so, as `nohup` asks. A context manager; `sleep` waits and is woken by a signal. After the first signal a target that
    takes nothing any more has `GRACE` seconds, then `LAST_GRACE` for each thing that it still has to
    close. `alarm` has SIGALRM sent after so many seconds, or never (0); it can be replaced in tests.
    Python handles signals in the main thread only: in any other nothing is installed, and `signal`
    stays 0.
    """

    GRACE = 10
    LAST_GRACE = 1

    def __init__(self, alarm: Callable[[int], object] | None = None) -> None:
        self.signal = 0
        self._alarm = alarm or getattr(signal, "alarm", None) or _Alarm()
        self._handlers: Handlers = {}  # those of before
        self._opening = False

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        if _in_main_thread():
            wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
            self._wakeup = wakeup
            self._handlers = _installed(self._request_stop)
            if hasattr(signal, "SIGALRM"):
                self._handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._force_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel_alarm()
        _restore(self._handlers)
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

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Let the first signal end the run on the spot: a target is opened, and has no records yet."""
        self._opening = True
        try:
            if self.signal:
                raise Interrupted(self.signal)
            yield
        finally:
            self._opening = False

    def cancel_alarm(self) -> None:
        """Set off no alarm any more: nobody waits for a target."""
        if self._handlers:
            self._alarm(0)

    def _request_stop(self, number: int, frame: object) -> None:
        if self.signal:
            self._force_stop(number, frame)
        self.signal = number
        if self._opening:
            self._force_stop(number, frame)
        self._alarm(self.GRACE)

    def _force_stop(self, number: int, frame: object) -> None:
        self._alarm(self.LAST_GRACE)
        _raise(self.signal or number, frame)


class _Alarm:
    """Takes the place of `signal.alarm` on a system without it: the alarm is a SIGINT from a thread."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def __call__(self, seconds: float) -> None:
        """Have the signal sent after so many seconds, or never (0), and any other one not."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, _thread.interrupt_main) if seconds else None
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()


def _in_main_thread() -> bool:
    """Return whether this is the thread in which Python handles signals."""
    return threading.current_thread() is threading.main_thread()


def _installed(handler: Callable[[int, object], object]) -> Handlers:
    """Install a handler of the signals that stop a run, and return those of before."""
    return {number: signal.signal(number, handler) for number in _stopping()}


def _stopping() -> Iterator[int]:
    yield from (signal.SIGINT, signal.SIGTERM)
    hangup = getattr(signal, "SIGHUP", None)  # a system without terminals has none
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        yield hangup


def _restore(handlers: Handlers) -> None:
    for number, handler in handlers.items():
        if handler is not None:  # one that is not Python's cannot be set from here
            signal.signal(number, handler)


def _raise(number: int, frame: object) -> Never:
    del frame
    raise Interrupted(number)
