"""Runs an iterator in a thread of its own, a few items ahead of whoever takes them.

numpy and pyarrow release Python's lock while they compute, so the next window is simulated while the
last one becomes text. Nothing of the data depends on it.
"""

import sys
from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL_SECONDS = 0.05  # between looks at whether anyone still takes items
_SWITCH_SECONDS = 50e-6  # until a thread asks for Python's lock: steps of arrays are that short


class Prefetch(Generic[T]):
    """Iterates over `items`, at most `max_ahead` ahead; a context manager that ends the thread.

    What the items raise is raised to whoever takes them, in its place.
    """

    def __init__(self, items: Iterator[T], max_ahead: int = 1) -> None:
        self._items = items
        self._queue: Queue[tuple[T | None, BaseException | None]] = Queue(max_ahead)
        self._closed = Event()
        self._thread = Thread(target=self._run, name="prefetch", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        FAST_SWITCHING.begin()
        return self._received()

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()
        FAST_SWITCHING.end()

    def _received(self) -> Iterator[T]:
        while True:
            item, error = self._queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._send(item, None):
                    return
            self._send(None, None)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are taken
            self._send(None, error)

    def _send(self, item: T | None, error: BaseException | None) -> bool:
        """Put an item, or what it raised, into the queue; return whether anyone still takes items."""
        while not self._closed.is_set():
            try:
                self._queue.put((item, error), timeout=_POLL_SECONDS)
            except Full:
                continue
            return True
        return False


class _FastSwitching:
    """Lets threads switch often as long as any prefetch runs, and as before when the last has ended.

    The interval is one for the whole process, and several runs may overlap.
    """

    def __init__(self) -> None:
        self._lock, self._users, self._before = Lock(), 0, 0.0

    def begin(self) -> None:
        with self._lock:
            if not self._users:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(_SWITCH_SECONDS)
            self._users += 1

    def end(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setswitchinterval(self._before)


FAST_SWITCHING = _FastSwitching()
