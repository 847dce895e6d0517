"""Counters number what comes, and remember what they gave to workers."""

import numpy as np

from datagen.part import Part
from datagen.simulation.counters import CounterState


def test_numbers_go_on_and_are_remembered() -> None:
    state = CounterState()
    path = ("a",)
    state.assign_next(3, np.array([5, 6, 5]))
    assert state.numbers(path, np.arange(3)).tolist() == [0, 1, 2]
    state.assign_next(1)
    assert state.numbers(path, np.arange(1)).tolist() == [3]
    state.assign_recorded(np.array([5, 6]))
    assert state.numbers(path, np.arange(2)).tolist() == [2, 1]
    state.prune(np.array([6]), started=np.array([10]))
    assert state.snapshot().carried[path][0].tolist() == [6]


def test_a_resumed_state_counts_on() -> None:
    state, path = CounterState(), ("a",)
    state.assign_next(4)
    state.numbers(path, np.arange(4))
    other = CounterState()
    other.resume(state.snapshot())
    other.assign_next(1)
    assert other.numbers(path, np.arange(1)).tolist() == [4]


def test_parts_count_what_others_do_not() -> None:
    """Each has every third number, from its own on, also of what workers remember."""
    state, path = CounterState(Part(1, 3)), ("a",)
    state.assign_next(3, np.array([4, 7, 4]))
    assert state.numbers(path, np.arange(3)).tolist() == [1, 4, 7]
    other = CounterState(Part(1, 3))
    other.resume(state.snapshot())
    other.assign_recorded(np.array([4, 7]))
    assert other.numbers(path, np.array([0, 0, 1])).tolist() == [7, 10, 4]
    other.assign_next(1)
    assert other.numbers(path, np.arange(1)).tolist() == [10]
