"""Takes items through stages in a few threads: each has one item at a time and brings it to the end.

No stage has two items at once, and each has them in order. So it does not matter which stage takes longest:
whichever thread is free goes on with the next item, and there are never more items under way than threads.
numpy and pyarrow release Python's lock while they compute. Nothing of the data depends on it.
"""

from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import Any

from datagen.running.prefetch import FAST_SWITCHING

_END = object()


class Relay:
    """Iterates over what the last stage makes of items; a context manager that ends the threads.

    What the items or a stage raise is raised to whoever takes them, in its place.
    """

    def __init__(
        self, items: Iterator[Any], stages: tuple[Callable[[Any], Any], ...], threads: int
    ) -> None:
        self._stages = (lambda _: next(items, _END), *stages)
        self._changed = Condition()
        self._taken, self._closed = 0, False
        self._turns = [0] * (
            len(self._stages) + 1
        )  # which item is next, at each stage and at the end
        self._made: tuple[Any, BaseException | None] | None = None
        self._threads = [
            Thread(target=self._run, name=f"relay-{number}", daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> Iterator[Any]:
        for each in self._threads:
            each.start()
        FAST_SWITCHING.begin()
        return self._received()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for each in self._threads:
            each.join()
        FAST_SWITCHING.end()

    def _received(self) -> Iterator[Any]:
        while True:
            item, error = self._next()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
            del item  # its memory is wanted before the next one is there

    def _next(self) -> tuple[Any, BaseException | None]:
        with self._changed:
            self._changed.wait_for(lambda: self._made is not None)
            made, self._made = self._made, None
            self._turns[-1] += 1
            self._changed.notify_all()
        assert made is not None
        return made

    def _run(self) -> None:
        while True:
            with self._changed:
                number = self._taken
                self._taken += 1
            if not self._through(number):
                return

    def _through(self, number: int) -> bool:
        """Take an item of this number through all stages; return whether there may be another."""
        item, error = None, None
        try:
            for place, stage in enumerate(self._stages):
                if not self._await(place, number):
                    return False
                item = stage(item)
                if item is _END:
                    break
                self._finish(place)
        except BaseException as raised:  # noqa: BLE001 - it is raised again where the items are taken
            item, error = None, raised
        return self._hand_over(number, item, error) and error is None and item is not _END

    def _await(self, place: int, number: int) -> bool:
        """Wait until it is an item's turn; return whether anyone still takes items."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._turns[place] == number)
            return not self._closed

    def _finish(self, place: int) -> None:
        with self._changed:
            self._turns[place] += 1
            self._changed.notify_all()

    def _hand_over(self, number: int, item: Any, error: BaseException | None) -> bool:
        """Give what has been made to whoever takes it, who has all before it; return as `_await` does."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._turns[-1] == number)
            if self._closed:
                return False
            self._made = item, error
            self._changed.notify_all()
            del item, error
            self._changed.wait_for(lambda: self._closed or self._turns[-1] != number)
            return not self._closed
