"""Runs an iterator in a thread of its own, a few items ahead of whoever takes them.

numpy and pyarrow let go of Python's lock while they compute, so the next window is simulated while
the last one becomes text. Nothing of the data depends on it.
"""

import sys
from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_PATIENCE = 0.05  # seconds between looks at whether anyone still takes items
_SWITCH = 50e-6  # seconds after which a thread asks for Python's lock: array steps are that short


class Prefetch(Generic[T]):
    """Iterates over `items`, at most `most` ahead; a context manager that ends the thread.

    What the items raise is raised to whoever takes them, in its place.
    """

    def __init__(self, items: Iterator[T], most: int = 1) -> None:
        self._items = items
        self._queue: Queue[tuple[T | None, BaseException | None]] = Queue(most)
        self._over = Event()
        self._thread = Thread(target=self._run, name="ahead", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._switch = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        self._thread.start()
        return self._taken()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        sys.setswitchinterval(self._switch)

    def _taken(self) -> Iterator[T]:
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
                if not self._put(item, None):
                    return
            self._put(None, None)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are taken
            self._put(None, error)

    def _put(self, item: T | None, error: BaseException | None) -> bool:
        while not self._over.is_set():
            try:
                self._queue.put((item, error), timeout=_PATIENCE)
            except Full:
                continue
            return True
        return False
