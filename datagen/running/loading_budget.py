"""Limits how long the loading of a specification may take, and how much memory, where the system can."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from datagen.errors import DatagenError

SECONDS = 10.0
BYTES = 2 << 30  # more than the process has when it begins
_AGAIN = 0.5  # seconds after which it is said again, should anything have caught it


class LoadingLimitError(DatagenError):
    """A specification takes more to load than --untrusted allows; `what` is how much that is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"the specification takes more than {self.what} to load; --untrusted allows no more"


class LoadingBudget:
    """Limits steps of loading, which share `seconds`; each may take so many bytes of `memory` more.

    Time is limited in the main thread, by an alarm of the system; memory by the limit of the address
    space. A system without these (Windows) limits nothing.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = BYTES) -> None:
        self._seconds, self._left, self._memory = seconds, seconds, memory

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Limit what is done in a block. Raises LoadingLimitError."""
        began = time.monotonic()
        try:
            with _alarm(self._left, f"{self._seconds:g} s"), _address_space(self._memory):
                yield
        except MemoryError as error:
            raise LoadingLimitError(f"{self._memory >> 20} MB of memory") from error
        finally:
            self._left -= time.monotonic() - began


@contextlib.contextmanager
def _alarm(seconds: float, what: str) -> Iterator[None]:
    """Raise LoadingLimitError after so many seconds, also where a library makes another error of it."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    is_over = False

    def end(number: int, frame: object) -> None:
        nonlocal is_over
        del number, frame
        is_over = True
        raise LoadingLimitError(what)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN)
    try:
        yield
    except Exception as error:
        if is_over and not isinstance(error, LoadingLimitError):
            raise LoadingLimitError(what) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _address_space(more: int) -> Iterator[None]:
    """Have no more memory given out than there is now, and so many bytes."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        yield
        return
    import resource  # noqa: PLC0415 - Windows has none

    now = int(statistics.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [each for each in (now + more, soft) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
