"""Counters number what comes, and remember what they gave to workers."""

import numpy as np

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
    state.prune(np.array([6]), started=10)
    assert state.snapshot().carried[path][0].tolist() == [6]


def test_a_resumed_state_counts_on() -> None:
    state, path = CounterState(), ("a",)
    state.assign_next(4)
    state.numbers(path, np.arange(4))
    other = CounterState()
    other.resume(state.snapshot())
    other.assign_next(1)
    assert other.numbers(path, np.arange(1)).tolist() == [4]
