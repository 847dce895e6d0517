"""Items made ahead, in a thread of their own, come as they were made."""

import sys
import threading
from collections.abc import Iterator

import pytest

from datagen.running.prefetch import Prefetch


def test_items_come_in_order_and_end() -> None:
    """What comes out is what goes in."""
    with Prefetch(iter(range(1000))) as items:
        assert list(items) == list(range(1000))


def test_error_comes_in_its_place() -> None:
    """After the items before it, in the thread of whoever takes them."""

    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("oh")

    taken = []
    with pytest.raises(ValueError, match="oh"), Prefetch(failing()) as items:
        taken += [next(items)]
        next(items)
    assert taken == [1]


def test_thread_ends_with_its_taker() -> None:
    """Nobody has to take all of an endless iterator; it runs at most two items ahead."""
    made = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            made.append(number)
            yield number
            number += 1

    before, switch = threading.active_count(), sys.getswitchinterval()
    with Prefetch(endless()) as items:
        assert [next(items) for _ in range(10)] == list(range(10))
    assert threading.active_count() == before
    assert len(made) <= 12
    assert sys.getswitchinterval() == switch


def test_overlapping_runs_leave_the_process_as_it_was() -> None:
    """How often threads switch is one for all: the last of them to end sets it back."""
    switch = sys.getswitchinterval()
    first, second = Prefetch(iter(())), Prefetch(iter(()))
    with first:
        second.__enter__()
    assert sys.getswitchinterval() < switch
    second.__exit__()
    assert sys.getswitchinterval() == switch
