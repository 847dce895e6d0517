"""Starts of workers, given how long each lives."""

import numpy as np
import pytest

from datagen.curves.curve import CURVES
from datagen.randomness import seed_word
from datagen.simulation.arrivals import Arrivals, FreeArrivals
from datagen.simulation.arrivals import arrivals_of as chosen
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.interarrivals import Interarrivals
from tests.support.machines import constant, distribution_of

INTERARRIVALS = Interarrivals(seed_word(1), distribution_of(constant(0.00001)), None)
HORIZON = 100
GAPS = [10] * 20


def arrivals_of(limit: WorkerLimit, alive: int = 0) -> Arrivals:
    """Return arrivals of a window [0, 100), the last start at 0."""
    return Arrivals(INTERARRIVALS, limit, (0, HORIZON), alive, 0)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    ("max_workers", "life", "starts"),
    [
        (99, 5, [10, 20, 30, 40, 50, 60, 70, 80, 90]),
        (2, 35, [10, 20, 45, 55, 80, 90]),
        (1, 45, [10, 55]),
        (3, NEVER, [10, 20, 30]),
    ],
)
def test_starts_wait_for_a_place(
    fast: bool, max_workers: int, life: int, starts: list[int]
) -> None:
    """A worker starts a gap after the last one, or at the first end where all places are taken."""
    arrivals = arrivals_of(WorkerLimit(max_workers))
    if fast:
        assert arrivals.time_independent_starts(GAPS, [life] * len(GAPS)) == starts
    else:
        assert arrivals.starts(GAPS, lambda *_: life) == starts


def test_end_of_those_alive_frees_a_place() -> None:
    """Their ends are known before anybody new starts."""
    arrivals = arrivals_of(WorkerLimit(1), alive=1)
    assert not arrivals.can_start()
    arrivals.add_ends([33])
    assert arrivals.can_start()
    assert arrivals.starts(GAPS, lambda *_: NEVER) == [33]


def test_copy_changes_nothing() -> None:
    """What is tried with a copy has not happened."""
    arrivals = arrivals_of(WorkerLimit(2))
    tried = arrivals.copy().starts(GAPS, lambda *_: 5)
    assert arrivals.starts(GAPS, lambda *_: 5) == tried
    assert len(tried) == 9


def test_unknown_life_ends_before_that_worker() -> None:
    """It starts with the next call, not earlier than it could have."""
    arrivals = arrivals_of(WorkerLimit(5))
    assert arrivals.starts(GAPS, lambda place, _: 5 if place < 2 else None) == [10, 20]
    assert arrivals.starts(GAPS[:1], lambda *_: 5) == [30]


def test_limit_that_varies_is_no_time_independent_one() -> None:
    """So the fast way is not taken."""
    curve = CURVES.parse({"type": "constant", "value": 1})
    assert not arrivals_of(WorkerLimit(5, curve)).time_independent
    assert arrivals_of(WorkerLimit(5)).time_independent
    assert np.array_equal(INTERARRIVALS.draws(np.arange(2)), [0, 10])


@pytest.mark.parametrize("fast", [False, True])
def test_waits_are_noted(fast: bool) -> None:
    """From when a worker was due until when it started."""
    arrivals = arrivals_of(WorkerLimit(2))
    if fast:
        arrivals.time_independent_starts(GAPS, [35] * len(GAPS))
    else:
        arrivals.starts(GAPS, lambda *_: 35)
    assert list(arrivals.waits) == [30, 45, 65, 80]
    assert arrivals.copy().waits is not arrivals.waits


def test_wait_is_noted_once_where_a_life_is_unknown() -> None:
    """With the start, not with the attempt."""
    arrivals = arrivals_of(WorkerLimit(1), alive=1)
    arrivals.add_ends([33])
    assert arrivals.starts(GAPS, lambda *_: None) == []
    assert not arrivals.waits
    assert arrivals.starts(GAPS, lambda *_: NEVER) == [33]
    assert list(arrivals.waits) == [10, 33]


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("gaps", [GAPS, [0] * 7, [10**16] * 3, [30, 10**16]])
def test_free_arrivals_never_wait(fast: bool, gaps: list[int]) -> None:
    """Each start is a gap after the last one, as with room for all."""
    free = chosen(INTERARRIVALS, WorkerLimit(None), (0, HORIZON), 10**9, 0)
    assert isinstance(free, FreeArrivals)
    limited = arrivals_of(WorkerLimit(1000))
    for arrivals in (free, limited):
        arrivals.add_ends([])
        assert arrivals.can_start()
    lives = [NEVER] * len(gaps)
    expected = limited.starts(gaps, lambda *_: NEVER)
    found = (
        free.time_independent_starts(gaps, lives) if fast else free.starts(gaps, lambda *_: NEVER)
    )
    assert found == expected
    assert (free.last_start, free.exhausted) == (limited.last_start, limited.exhausted)
    assert free.can_start() is not free.exhausted
    assert not free.waits


def test_free_arrivals_stop_before_an_unknown_life() -> None:
    """As others do; what is tried with a copy has not happened."""
    free = FreeArrivals(INTERARRIVALS, (0, HORIZON), 0)
    assert free.copy().starts(GAPS, lambda *_: 5)[:2] == [10, 20]
    assert free.starts(GAPS, lambda place, _: 5 if place < 2 else None) == [10, 20]
    assert free.starts(GAPS[:1], lambda *_: 5) == [30]
