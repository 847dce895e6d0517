"""Paths of workers, walked in parallel and one by one."""

import numpy as np
import pytest

from datagen.simulation import paths
from datagen.simulation.paths import Paths, SequentialWalker, TooManyVisits, walk
from datagen.simulation.states import unstarted_workers
from datagen.spec.state_graph import STOP
from tests.support.machines import ENDING, machine_of

MACHINE = machine_of(ENDING)
WORKERS = unstarted_workers(0, 30, groups=0)
HORIZON = 5_000_000


def lists_of(found: Paths) -> list[list[int]]:
    """Return all columns of paths."""
    columns = found.counts, found.visits, found.states, found.times, *found.after.columns()[:4]
    return [column.tolist() for column in columns]


@pytest.mark.parametrize("few", [0, 1000])
def test_sequential_walk_gives_the_paths_of_the_parallel_one(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By steps and by rows."""
    monkeypatch.setattr(paths, "MIN_PARALLEL_WORKERS", few)
    walker = SequentialWalker(MACHINE, WORKERS, HORIZON, 10**6)
    lifetimes = [walker.lifetime(place, 0) for place in range(len(WORKERS))]
    parallel = walk(MACHINE, WORKERS, HORIZON, 10**6)
    assert lists_of(walker.paths()) == lists_of(parallel)
    ended = (parallel.after.states == STOP).tolist()
    assert [life for life, end in zip(lifetimes, ended, strict=True) if end] == (
        parallel.after.times[ended].tolist()
    )


def test_moved_paths_are_those_of_moved_starts() -> None:
    """Visits beyond the horizon are dropped, and are where a worker goes on."""
    starts = np.linspace(0, HORIZON, 30).astype(np.int64)
    later = WORKERS.with_next(WORKERS.visits, WORKERS.states, starts)
    moved = walk(MACHINE, WORKERS, HORIZON, 10**6).started(starts, HORIZON)
    assert lists_of(moved) == lists_of(walk(MACHINE, later, HORIZON, 10**6))


def test_first_paths_are_those_of_the_first_workers() -> None:
    """Worker by worker."""
    found = walk(MACHINE, WORKERS, HORIZON, 10**6)
    few = walk(MACHINE, WORKERS.take(slice(7)), HORIZON, 10**6)
    assert lists_of(found.first(7)) == lists_of(few)


def test_more_visits_than_allowed_are_refused() -> None:
    """With the states of the visits that were too many."""
    with pytest.raises(TooManyVisits) as caught:
        walk(MACHINE, WORKERS, HORIZON, 20)
    assert set(caught.value.states.tolist()) <= {0, 1}
