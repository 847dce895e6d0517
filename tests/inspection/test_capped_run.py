"""What walks under a cap come to, of walks that are made up."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from datagen.inspection.capped_run import CappedRun, Course, capped_run
from datagen.inspection.capped_walk import Budget, CappedWalk
from datagen.inspection.explanation import FORMULA, SIMULATED
from datagen.instants import SECOND

DAY = 86_400
LATEST = 10**6 * DAY * SECOND


class Visitor:
    """Walks of one worker who lives on, with visits that come as a Poisson process of a rate that may follow a clock."""

    def __init__(self, budget: Budget, rate: Callable[[float], float]) -> None:
        self.budget, self._rate = budget, rate
        self.spans: list[tuple[float, float]] = []

    def __call__(self, seed: int, begin: int, end: int, most: int) -> CappedWalk:
        random = np.random.default_rng(seed)
        times: list[float] = []
        now = begin / SECOND
        while len(times) < most:
            now += random.exponential(1 / self._rate(now))
            if now >= end / SECOND:
                break
            times.append(now)
        complete = now >= end / SECOND
        self.budget.spend(len(times))
        self.spans.append((begin / SECOND, end / SECOND))
        found = (np.array(times) * SECOND).astype(np.int64)
        reached = end if complete else int(found[-1]) + 1
        none = np.zeros(0, dtype=np.int64)
        return CappedWalk(
            begin,
            reached,
            complete,
            found,
            np.ones(len(found)),
            np.array([begin]),
            none,
            len(times),
        )


def run_of(
    seconds: int | None, visits: int, *, steady: bool = True, piecewise: bool = True, life: float = 1.0, alive: float = 3.0,
    rate: Callable[[float], float] = lambda now: 2.0,
) -> tuple[CappedRun, Visitor]:  # fmt: skip
    """Return what a run comes to that begins at 0, and what has walked it."""
    budget = Budget(visits)
    visitor = Visitor(budget, rate)
    end = None if seconds is None else seconds * SECOND
    course = Course(0, 0, end, life, steady, piecewise)
    return capped_run(visitor, course, 7.0, alive, budget, LATEST), visitor


def test_short_runs_are_walked_again_and_again() -> None:
    """The mean of 40 and their deviation, that of a Poisson number: sqrt(2000), with 78 degrees of freedom or more within 40 %."""
    found, _ = run_of(1000, 10**6)
    assert (found.method, found.walks) == (SIMULATED, 40)
    assert found.sd == pytest.approx(math.sqrt(2000), rel=0.4)
    assert found.error == pytest.approx(found.sd / math.sqrt(40))
    assert abs(found.records - 2000) <= 4 * found.error
    assert found.rate.mean == pytest.approx(found.records / 1000)
    assert found.alive.mean == pytest.approx(1)


def test_runs_of_workers_without_an_end_differ() -> None:
    """Five of ten walks have three visits a second, five have one: so do runs, and the error is that of ten of them."""
    budget = Budget(100_000)

    def walk(seed: int, begin: int, end: int, most: int) -> CappedWalk:
        return Visitor(budget, lambda _: 1.0 + 2.0 * (seed % 2))(seed, begin, end, most)

    found = capped_run(walk, Course(0, 0, DAY * SECOND, math.inf, True, True), 7.0, 3.0, budget, LATEST)  # fmt: skip
    assert (found.method, found.walks) == (SIMULATED, 10)
    spread = math.sqrt(10 / 9)  # of ten numbers of which half are 1 below, half 1 above their mean
    assert found.rate.mean == pytest.approx(2, rel=0.02)
    assert found.records == pytest.approx(2 * DAY, rel=0.02)
    assert found.sd == pytest.approx(spread * DAY, rel=0.05)
    assert found.error == pytest.approx(spread * DAY / math.sqrt(10), rel=0.05)


def test_workers_without_an_end_who_are_alike_have_the_deviation_of_one_run() -> None:
    """That of a Poisson number, not that of what short walks tell of it."""
    found, _ = run_of(DAY, 20_000, life=math.inf)
    assert found.walks == 10
    assert found.sd == pytest.approx(math.sqrt(2 * DAY), rel=0.7)
    assert abs(found.records - 2 * DAY) <= 4 * found.error


def test_long_run_goes_on_as_its_begin_does() -> None:
    """By batches of its last three quarters: as many as a Poisson process has, over a time that was not walked."""
    found, _ = run_of(10 * DAY, 20_000)
    assert (found.method, found.walks) == (SIMULATED, 1)
    assert abs(found.rate.mean - 2) <= 4 * found.rate.error
    assert found.rate.error == pytest.approx(2 / math.sqrt(15_000), rel=0.6)
    assert found.records == pytest.approx(10 * DAY * found.rate.mean)
    endless, _ = run_of(None, 20_000)
    assert math.isinf(endless.records)
    assert abs(endless.rate.mean - 2) <= 4 * endless.rate.error


def test_pieces_of_a_run_that_follows_a_clock() -> None:
    """Twice as much by day as by night: 3 and 1 a second, in pieces of all days; each begins some lives before it counts."""
    found, visitor = run_of(
        10 * DAY, 20_000, steady=False, life=30.0, alive=1.0, rate=lambda now: 3.0 if now % DAY < DAY / 2 else 1.0,
    )  # fmt: skip
    assert (found.method, found.walks) == (SIMULATED, 20)
    assert abs(found.records - 20 * DAY) <= 4 * found.error
    assert 0 < found.error < 0.3 * found.records
    begins = sorted(begin // DAY for begin, _ in visitor.spans[1:])
    assert set(begins) | {0} >= set(range(10)) - {9}
    assert visitor.budget.spent <= 2 * 20_000


@pytest.mark.parametrize(
    ("steady", "piecewise", "life"), [(True, True, 1e5), (False, True, 1e5), (False, False, 1.0)]
)
def test_what_cannot_be_walked_long_enough_is_by_the_formula(
    steady: bool,
    piecewise: bool,
    life: float,
) -> None:
    """Without an error: the records that were walked, and 7 a second after them; as many alive as the formula has."""
    found, _ = run_of(10 * DAY, 2000, steady=steady, piecewise=piecewise, life=life)
    assert found.method == FORMULA
    assert found.records == pytest.approx(70 * DAY, rel=0.01)
    assert math.isnan(found.sd)
    assert math.isnan(found.rate.error)
    assert (found.alive.mean, math.isnan(found.alive.error)) == (3.0, True)


def test_workers_that_never_end_settle_when_all_are_there() -> None:
    """However long they live: who lives on is as many at a quarter of the walk as at its end."""
    found, _ = run_of(10 * DAY, 20_000, life=math.inf)
    assert found.method == SIMULATED
    assert abs(found.rate.mean - 2) <= 4 * found.rate.error
