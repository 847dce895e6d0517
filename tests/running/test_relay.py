"""Items go through stages in several threads, and come as if there were one."""

import sys
import threading
from collections.abc import Callable, Iterator
from threading import Event, Lock
from typing import Any

import pytest

from datagen.running.relay import Relay

THREADS = [1, 2, 3]


class Stage:
    """Notes which items it gets, and that it never has two of them."""

    def __init__(self, function: Callable[[int], int]) -> None:
        self._function, self._lock, self.got = function, Lock(), list[int]()

    def __call__(self, item: int) -> int:
        """Return what the function makes of an item."""
        assert self._lock.acquire(blocking=False)
        self.got.append(item)
        made = self._function(item)
        self._lock.release()
        return made


@pytest.mark.parametrize("threads", THREADS)
def test_each_stage_has_all_items_in_order(threads: int) -> None:
    """One at a time; what comes out is what the last one makes, in order."""
    first, last = Stage(lambda item: item + 1), Stage(lambda item: item * 2)
    with Relay(iter(range(500)), (first, last), threads) as items:
        assert list(items) == [2 * (item + 1) for item in range(500)]
    assert first.got == list(range(500))
    assert last.got == list(range(1, 501))


def test_stages_work_at_the_same_time() -> None:
    """While one has an item, the other has the next: here each waits for the other to begin."""
    later, earlier = Event(), Event()

    def first(item: int) -> int:
        if item == 1:
            earlier.set()
            assert later.wait(30)
        return item

    def second(item: int) -> int:
        if item == 0:
            later.set()
            assert earlier.wait(30)
        return item

    with Relay(iter(range(2)), (first, second), 2) as items:
        assert list(items) == [0, 1]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_error_comes_in_its_place(threads: int, place: int) -> None:
    """After the items before it, in the thread of whoever takes them, wherever it is raised."""

    def failing(at: int) -> Callable[[Any], Any]:
        def pass_on(item: int) -> int:
            if at == place and item == 2:
                raise ValueError("oh")
            return item

        return pass_on

    taken: list[int] = []
    source = map(failing(0), range(10))
    with (
        pytest.raises(ValueError, match="oh"),
        Relay(source, (failing(1), failing(2)), threads) as items,
    ):
        taken.extend(items)
    assert taken == [0, 1]


@pytest.mark.parametrize("threads", THREADS)
def test_threads_end_with_their_taker(threads: int) -> None:
    """Nobody has to take all of an endless iterator; no more is made ahead than there are threads."""
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    before, switch = threading.active_count(), sys.getswitchinterval()
    with Relay(endless(), (lambda item: item,), threads) as items:
        assert [next(items) for _ in range(10)] == list(range(10))
        assert len(made) <= 10 + threads
    assert threading.active_count() == before
    assert sys.getswitchinterval() == switch
