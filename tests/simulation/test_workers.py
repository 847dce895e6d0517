"""The pool gives the very visits of a plain simulation, whatever its windows."""

import random
from functools import cache

import numpy as np
import pytest

from datagen.errors import StuckClockError
from datagen.part import Part
from datagen.simulation import paths
from datagen.simulation.pool import Pool
from datagen.simulation.pools import Pools
from tests.support.machines import (
    BURSTS,
    CROWDED,
    ENDING,
    NEVER_ENDING,
    NO_DURATION,
    SYNCHRONOUS,
    Spec,
    constant,
    machine_of,
    spec_of,
)
from tests.support.reference import Visit, plain_visits

SECOND = 1_000_000
START = 1_000 * SECOND
LENGTHS = {
    "ending": (ENDING, 120.0),
    "never-ending": (NEVER_ENDING, 40.0),
    "no duration": (NO_DURATION, 100.0),
    "synchronous": (SYNCHRONOUS, 6.0),
    "crowded": (CROWDED, 0.001),
    "bursts": (BURSTS, 60.0),
}


def visits_of(pool: Pool | Pools, windows: str) -> list[Visit]:
    """Collect the visits of a pool whose windows are tiny, huge, random or its own."""
    chance = random.Random(7)
    found: list[Visit] = []
    windows_of = pool.windows()
    while True:
        if windows == "tiny":
            pool.span, pool.window_size = 5_000, 3
        elif windows == "huge":
            pool.span, pool.window_size = 10**12, 20_000
        elif windows == "random":
            pool.span, pool.window_size = int(10 ** chance.uniform(0, 8)), chance.randint(1, 5_000)
        visits = next(windows_of, None)
        if visits is None:
            return found
        columns = (visits.times, visits.workers, visits.visits, visits.states)
        found += list(zip(*(column[visits.order].tolist() for column in columns), strict=True))


@cache
def plain_of(name: str, max_workers: int) -> list[Visit]:
    """Return the visits of a plain simulation, for windows of all kinds."""
    spec, seconds = LENGTHS[name]
    return plain_visits(machine_of(spec), START, max_workers, START + int(seconds * SECOND))


WINDOWS = [
    pytest.param(most, kind, marks=[pytest.mark.long] * (kind == "tiny" and most > 2))
    for most in (1, 2, 100, 1_000_000)
    for kind in ("own", "tiny", "huge", "random")
]


@pytest.mark.parametrize(("max_workers", "windows"), WINDOWS)
@pytest.mark.parametrize("name", LENGTHS)
def test_pool_equals_plain_heap(name: str, max_workers: int, windows: str) -> None:
    """Every visit, its instant and its order are those of a heap of events."""
    spec, seconds = LENGTHS[name]
    if name == "synchronous" and max_workers > 100:
        pytest.skip("a million workers at once are for another test")
    machine, end = machine_of(spec), START + int(seconds * SECOND)
    expected = plain_of(name, max_workers)
    assert len(expected) > 5
    assert visits_of(Pool(machine, START, max_workers, end), windows) == expected


@pytest.mark.parametrize("windows", ["own", "huge", "random"])
@pytest.mark.parametrize("name", sorted(set(LENGTHS) - {"synchronous"}))
def test_free_arrivals_are_those_of_a_cap_that_is_never_reached(name: str, windows: str) -> None:
    """The same visits, by a way of their own."""
    spec, seconds = LENGTHS[name]
    end = START + int(seconds * SECOND)
    assert visits_of(Pool(machine_of(spec), START, None, end), windows) == plain_of(name, 1_000_000)


@pytest.mark.parametrize("max_workers", [3, 7, 1_000_000])
@pytest.mark.parametrize("name", LENGTHS)
def test_each_part_equals_a_plain_heap(name: str, max_workers: int) -> None:
    """Every third worker, each due three interarrival times after the last, and a third of the places."""
    spec, seconds = LENGTHS[name]
    if name == "synchronous" and max_workers > 100:
        pytest.skip("a million workers at once are for another test")
    end = START + int(seconds * SECOND)
    for index in range(3):
        machine = machine_of(spec, part=Part(index, 3))
        expected = plain_visits(machine, START, max_workers, end)
        assert {worker % 3 for _, worker, _, _ in expected} == {index}
        for kind in ("own", "huge", "random"):
            assert visits_of(Pool(machine, START, max_workers, end), kind) == expected


@pytest.mark.parametrize("windows", ["own", "random"])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("name", sorted(set(LENGTHS) - {"synchronous"}))
def test_all_parts_of_free_arrivals_are_the_whole(name: str, count: int, windows: str) -> None:
    """No visit is lost, none is made twice, and none is another."""
    spec, seconds = LENGTHS[name]
    end = START + int(seconds * SECOND)
    found: list[Visit] = []
    for index in range(count) if count < 1000 else range(0, 1000, 7):
        part = Part(index, count)
        found += visits_of(Pool(machine_of(spec, part=part), START, None, end), windows)
    expected = plain_of(name, 1_000_000)
    if count == 1000:
        expected = [visit for visit in expected if visit[1] % 1000 % 7 == 0]
    assert sorted(found) == expected


@pytest.mark.parametrize("few", [0, 3, 10_000])
def test_steps_and_rows_give_the_same_paths(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking all workers at once, or one by one over rows of draws, is the same."""
    machine, end = machine_of(ENDING), START + 300 * SECOND
    monkeypatch.setattr(paths, "MIN_PARALLEL_WORKERS", few)
    expected = plain_visits(machine, START, 50, end)
    assert visits_of(Pool(machine, START, 50, end), "own") == expected


def test_instant_with_more_visits_than_a_batch_comes_in_order() -> None:
    """150,000 workers that start at one instant come cut by worker, none lost."""
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(0))
    pool = Pool(machine_of(spec), START, 150_000, START + SECOND + 1)
    sizes, workers = [], []
    for visits in pool.windows():
        sizes.append(len(visits))
        workers.append(visits.workers[visits.order])
    assert np.array_equal(np.concatenate(workers), np.tile(np.arange(150_000), 2))
    assert max(sizes) < 100_000


def test_worker_that_never_leaves_an_instant_ends_the_run() -> None:
    """100,000 visits in a row at one instant are refused, with the states' names."""
    spec = spec_of(
        {"a": (constant(0), {"b": 1}), "b": (constant(0), {"a": 0.999999, "c": 0.000001}),
         "c": (constant(1), {"a": 1})},
        constant(1),
    )  # fmt: skip
    with pytest.raises(
        StuckClockError, match=r'100000 visits of one worker at one instant.*"a", "b"'
    ):
        list(Pool(machine_of(spec), START, 1, START + SECOND).windows())


def test_endless_starts_at_one_instant_end_the_run() -> None:
    """More than a million starts at one instant are refused."""
    spec = spec_of({"a": (constant(0), {"stop": 0.9999999, "b": 0.0000001}),
                    "b": (constant(1), {"stop": 1})}, constant(0))  # fmt: skip
    with pytest.raises(StuckClockError, match="more than 1000000"):
        for _ in Pool(machine_of(spec), START, 10, START + SECOND).windows():
            pass


def test_cap_is_reached_and_never_exceeded() -> None:
    """With constant lives, the number alive follows from the visits."""
    spec: Spec = spec_of({"a": (constant(10), {"stop": 1})}, constant(1))
    pool = Pool(machine_of(spec), START, 5, START + 100 * SECOND)
    starts = np.array([visit[0] for visit in visits_of(pool, "own")])
    alive = [int(((starts <= t) & (t < starts + 10 * SECOND)).sum()) for t in starts.tolist()]
    assert max(alive) == 5
    assert alive[10:] == [5] * (len(alive) - 10)
