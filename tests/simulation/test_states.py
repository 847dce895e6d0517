"""Workers as arrays."""

import numpy as np

from datagen.simulation.states import PoolCursor, concatenated, unstarted_workers


def test_workers_that_have_yet_to_start_remember_nothing() -> None:
    """They are at the first visit in the first state; numbers go on."""
    workers = unstarted_workers(7, 2, groups=3)
    assert workers.numbers.tolist() == [7, 8]
    assert workers.memory.shape == (2, 3, 3)
    assert (workers.memory == -1).all()


def test_replaced_workers_leave_the_others() -> None:
    """In their rows only, and not in the workers that they come from."""
    workers = unstarted_workers(0, 3, groups=0)
    changed = workers.replaced(np.array([1]), unstarted_workers(9, 1, groups=0))
    assert changed.numbers.tolist() == [0, 9, 2]
    assert workers.numbers.tolist() == [0, 1, 2]


def test_concatenated_workers_keep_their_order() -> None:
    """One part after the other."""
    parts = [unstarted_workers(first, 2, groups=1) for first in (4, 0)]
    assert concatenated(parts).numbers.tolist() == [4, 5, 0, 1]


def test_moved_cursor_moves_workers_and_arrivals() -> None:
    """By the same time; it is at the instant that is said."""
    cursor = PoolCursor(unstarted_workers(0, 2, groups=0), 2, last_start=10, since=20)
    moved = cursor.moved(by=5, since=30)
    assert moved.alive.times.tolist() == [5, 5]
    assert (moved.started, moved.last_start, moved.since) == (2, 15, 30)
