"""The cursor of a machine as JSON."""

import json

import numpy as np
import pytest

from datagen.part import WHOLE, Part
from datagen.position import pack
from datagen.simulation.cursor import MachineCursor, machine_cursor
from datagen.simulation.states import CounterTotals, PoolCursor, WorkerStates

PATH = ("states", "a", "variables", "n")
A, B, C, D = np.arange(8).reshape(4, 2)
ALIVE = WorkerStates(
    A, B, C, D, memory=np.arange(12).reshape(2, 2, 3), held=np.zeros(2, dtype=np.int64)
)
CURSOR = MachineCursor(
    PoolCursor(ALIVE, started=9, last_start=70, since=80),
    CounterTotals({PATH: 5}, {PATH: (np.array([0, 1]), np.array([3, 4]))}),
)


def test_cursor_comes_back_from_json() -> None:
    """All of it: workers with what they remember, arrivals, counters."""
    found = machine_cursor(json.loads(json.dumps(CURSOR.to_json())))
    for column, other in zip(found.pool.alive.columns(), ALIVE.columns(), strict=True):
        assert np.array_equal(column, other)
    assert (found.pool.started, found.pool.last_start, found.since) == (9, 70, 80)
    assert found.counters.totals == {PATH: 5}
    assert [each.tolist() for each in found.counters.carried[PATH]] == [[0, 1], [3, 4]]


def test_keys_are_those_of_earlier_versions() -> None:
    """A checkpoint of an earlier version goes on."""
    assert list(CURSOR.to_json()) == [
        "started", "last_start", "since", "marks", "workers", "visits", "states", "times", "memory",
        "totals", "carried",
    ]  # fmt: skip


def test_arrays_of_different_lengths_are_refused() -> None:
    """Workers have all of it."""
    with pytest.raises(ValueError, match="no position of a machine"):
        machine_cursor({**CURSOR.to_json(), "times": pack(np.arange(3))})


def test_cursor_belongs_to_the_part_of_its_workers() -> None:
    """Those that are alive, and the next to start."""
    alive = WorkerStates(
        np.array([4, 10]),
        B,
        C,
        D,
        memory=np.arange(12).reshape(2, 2, 3),
        held=np.zeros(2, dtype=np.int64),
    )
    cursor = MachineCursor(PoolCursor(alive, 16, 70, 80), CounterTotals({}, {}))
    parts = [WHOLE, Part(1, 3), Part(4, 6), Part(0, 3), Part(1, 6)]
    assert [cursor.belongs_to(part) for part in parts] == [True, True, True, False, False]
    next_is_not = MachineCursor(PoolCursor(alive, 15, 70, 80), CounterTotals({}, {}))
    assert not next_is_not.belongs_to(Part(1, 3))
