"""Turns walks of a population under its cap into what a run of it comes to, with the errors of these figures.

A run that can be walked to its end within the budget is walked again and again, each time with other draws. A longer one is walked once, and what
comes after its begin is taken to go on, where nothing changes with time; else pieces of it are walked, spread over its time. The begin of a run whose
workers never end is walked several times: where they stay for good differs from run to run.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.zones import WEEK
from datagen.inspection.capped_walk import Budget, CappedWalk
from datagen.inspection.explanation import FORMULA, SIMULATED, Estimate
from datagen.instants import SECOND

_MOST_WALKS = 40
_SAFETY = 1.2  # by which a walk may need more visits than another one
_BATCHES, _FEW_BATCHES, _MANY_WALKS = 20, 5, 10
_SETTLING = 3.0  # mean lives, after which a population that begins empty counts as settled
_ENDLESS_WALKS = 10
_PIECES, _LEAST_PIECES = 20, 5
_GOLDEN = 0.618033988749895  # whose multiples, without their whole parts, are spread evenly
_FULL = 0.99

Walker = Callable[[int, int, int, int], CappedWalk]  # seed, begin, end, most visits


@dataclass(frozen=True)
class Course:
    """The time of a run, microseconds since 1970, which begins empty; records count from `since` on. `end` is None where there is none.

    `steady`: nothing depends on the time; `piecewise`: nothing depends on what has been, but for those alive, who live for `life` seconds on average.
    """

    begin: int
    since: int
    end: int | None
    life: float
    steady: bool
    piecewise: bool


@dataclass(frozen=True)
class CappedRun:
    """What a run comes to: records with the deviation of a run and the error of their mean, records a second and workers alive.

    By the formula of a queue neither deviation nor errors are known. `walks` have made so many `visits`.
    """

    records: float
    sd: float
    error: float
    rate: Estimate
    alive: Estimate
    method: str
    walks: int
    visits: int


def capped_run(
    walker: Walker, course: Course, kept: float, most_alive: float, budget: Budget, latest: int
) -> CappedRun:
    """Return what a run comes to; where it cannot be walked long enough, `kept` records a second are, and `most_alive`, by the formula of a queue.

    Nobody lives on after the `latest` instant.
    """
    end = course.end or latest
    if course.steady and math.isinf(course.life):
        found = _of_endless_runs(walker, course, end, budget)
        if found is not None:
            return found
    first = _first_walk(walker, course, end, budget)
    if first.complete and course.end is not None:
        return _of_whole_runs(walker, course, first, end, budget)
    if course.steady:
        found = _of_long_run(course, first)
    else:
        found = _of_pieces(walker, course, first, most_alive, budget) if course.piecewise else None
    return found or _by_formula(course, first, kept, most_alive)


def _first_walk(walker: Walker, course: Course, end: int, budget: Budget) -> CappedWalk:
    """Return a walk from the begin on: as far as the budget goes, or, where pieces may follow, no further than it needs to."""
    if course.steady:
        return walker(0, course.begin, end, budget.left)
    first = walker(0, course.begin, end, budget.left // 4)
    needed = first.cost * ((end - course.begin) / (first.end - course.begin))
    if first.complete or _SAFETY * needed > budget.left:
        return first
    return walker(0, course.begin, end, budget.left)


def _of_whole_runs(
    walker: Walker, course: Course, first: CappedWalk, end: int, budget: Budget
) -> CappedRun:
    walks, cost = [first], max(first.cost, 1)
    while len(walks) < _MOST_WALKS and budget.left >= _SAFETY * cost:
        walk = walker(len(walks), course.begin, end, budget.left)
        if not walk.complete:
            break
        walks.append(walk)
    edges = _edges(course.since, end)
    records, lived = _batches(walks, edges)
    count, seconds = len(walks), (end - course.since) / SECOND
    sd, sd_lived = math.sqrt(_variance(records)), math.sqrt(_variance(lived))
    mean, error = float(records.sum()) / count, sd / math.sqrt(count)
    alive = Estimate(float(lived.sum()) / count / seconds, sd_lived / math.sqrt(count) / seconds)
    rate = Estimate(mean / seconds, error / seconds)
    visits = sum(len(each.times) for each in walks)
    return CappedRun(mean, sd, error, rate, alive, SIMULATED, count, visits)


def _of_long_run(course: Course, walk: CappedWalk) -> CappedRun | None:
    """Return what a run comes to that goes on as its begin does once that has settled, None where it has not."""
    settled = walk.begin + (walk.end - walk.begin) // 4
    if math.isinf(course.life):
        is_settled = walk.alive_at(settled) >= _FULL * walk.alive_at(walk.end)
    else:
        is_settled = settled - walk.begin >= _SETTLING * course.life * SECOND
    settled = max(settled, course.since)
    if not is_settled or settled >= walk.end:
        return None
    records, lived = _batches([walk], _edges(settled, walk.end))
    seconds = (walk.end - settled) / SECOND
    variance, error = _variance(records), math.sqrt(_variance(records)) / seconds
    rate = Estimate(float(records.sum()) / seconds, error)
    alive = Estimate(float(lived.sum()) / seconds, math.sqrt(_variance(lived)) / seconds)
    if course.end is None:
        return CappedRun(math.inf, math.inf, math.inf, rate, alive, SIMULATED, 1, len(walk.times))
    length = (course.end - course.since) / SECOND
    total = _begun(course, walk) + rate.mean * (course.end - walk.end) / SECOND
    sd = math.sqrt(variance / seconds * length)
    over_all = Estimate(total / length, error)
    return CappedRun(total, sd, error * length, over_all, alive, SIMULATED, 1, len(walk.times))


def _of_endless_runs(walker: Walker, course: Course, end: int, budget: Budget) -> CappedRun | None:
    """Return what a run comes to by how runs differ, None where one can be walked to its end, or has not settled."""
    found, most = [], budget.left // _ENDLESS_WALKS
    for number in range(_ENDLESS_WALKS):
        walk = walker(number, course.begin, end, most)
        one = None if walk.complete and course.end is not None else _of_long_run(course, walk)
        if one is None:
            return None
        found.append(one)
    rate, alive = _of_runs([each.rate for each in found]), _of_runs([each.alive for each in found])
    visits = sum(each.visits for each in found)
    if course.end is None:
        infinite = math.inf
        return CappedRun(infinite, infinite, infinite, rate, alive, SIMULATED, len(found), visits)
    records = _of_runs([Estimate(each.records, each.error) for each in found])
    count = len(found)
    apart = count * records.error**2 - sum(each.error**2 for each in found) / count
    within = sum(each.sd**2 for each in found) / count
    sd = math.sqrt(max(apart, 0.0) + within)
    return CappedRun(records.mean, sd, records.error, rate, alive, SIMULATED, count, visits)


def _of_runs(figures: list[Estimate]) -> Estimate:
    """Return the mean of a figure over runs, with its error."""
    values = np.array([each.mean for each in figures])
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values)))


def _of_pieces(
    walker: Walker, course: Course, first: CappedWalk, most_alive: float, budget: Budget
) -> CappedRun | None:
    """Return what a run comes to whose pieces are walked, each from some lives before it on; None where too few can be."""
    end = course.since + WEEK if course.end is None else course.end
    lived = float(first.lived_until(np.array([first.end]))[0]) * SECOND
    pace = first.cost / max(lived, 1.0) * most_alive  # visits a microsecond, at most
    before = int(min(_SETTLING * course.life, 1e9) * SECOND)
    affordable = budget.left / max(pace, 1e-12)
    count = min(int(affordable / max(2 * before, 1)), _PIECES)
    if count < _LEAST_PIECES or not math.isfinite(course.life):
        return None
    stratum = (end - course.since) // count
    length = min(int(affordable / count) - before, stratum)
    rates, alive, visits = [], [], len(first.times)
    for number in range(count):
        if budget.left <= 0:
            return None
        offset = int((number + 1) * _GOLDEN % 1.0 * (stratum - length))
        since = course.since + number * stratum + offset
        begin = max(since - before, course.begin)
        walk = walker(number + 1, begin, since + length, 4 * budget.visits)
        edges = np.array([since, walk.end])
        seconds = max(walk.end - since, 1) / SECOND
        rates.append(float(np.diff(walk.records_until(edges))[0]) / seconds)
        alive.append(float(np.diff(walk.lived_until(edges))[0]) / seconds)
        visits += len(walk.times)
    rate, level = _of_neighbours(rates), _of_neighbours(alive)
    total = (end - course.since) / SECOND
    if course.end is None:
        return CappedRun(math.inf, math.inf, math.inf, rate, level, SIMULATED, count, visits)
    sd = rate.error * total * math.sqrt(count * length / (end - course.since))
    return CappedRun(
        rate.mean * total, sd, rate.error * total, rate, level, SIMULATED, count, visits
    )


def _by_formula(course: Course, walk: CappedWalk, kept: float, most_alive: float) -> CappedRun:
    """Return what a run comes to of which only a begin can be walked."""
    alive, visits = Estimate(most_alive, math.nan), len(walk.times)
    if course.end is None:
        rate = Estimate(kept, math.nan)
        return CappedRun(math.inf, math.inf, math.inf, rate, alive, FORMULA, 1, visits)
    begun = _begun(course, walk)
    left = course.end - max(walk.end, course.since)
    total, length = begun + kept * left / SECOND, (course.end - course.since) / SECOND
    rate = Estimate(total / length, math.nan)
    return CappedRun(total, math.nan, math.nan, rate, alive, FORMULA, 1, visits)


def _begun(course: Course, walk: CappedWalk) -> float:
    """Return how many records of a run have been walked."""
    return float(np.diff(walk.records_until(np.array([course.since, walk.end])))[0])


def _edges(since: int, until: int) -> Ints:
    steps = np.arange(_BATCHES + 1)
    return since + ((until - since) * (steps / _BATCHES)).astype(np.int64)


def _batches(walks: list[CappedWalk], edges: Ints) -> tuple[Floats, Floats]:
    """Return the records between edges, and the seconds lived there, of each walk: float64[walks, batches]."""
    records = np.array([np.diff(each.records_until(edges)) for each in walks])
    return records, np.array([np.diff(each.lived_until(edges)) for each in walks])


def _variance(batches: Floats) -> float:
    """Return the variance of the sum of a walk's batches: by those of several walks, or by neighbours where there is but one.

    Batches that are too short depend on each other: the largest of the variances by short and by long ones is taken.
    """
    walks = len(batches)
    found = []
    for count in (_BATCHES, _FEW_BATCHES, *([1] if walks >= _MANY_WALKS else [])):
        sums = batches.reshape(walks, count, -1).sum(axis=2)
        if walks > 1:
            found.append(float(sums.var(axis=0, ddof=1).sum()))
        else:
            found.append(float((np.diff(sums[0]) ** 2).mean()) / 2 * count)
    return max(found)


def _of_neighbours(values: list[float]) -> Estimate:
    """Return the mean of values in order, with the error by how much neighbours differ (Wolter, "Introduction to variance estimation", section 8.2)."""
    squares = float((np.diff(values) ** 2).mean()) / 2
    return Estimate(float(np.mean(values)), math.sqrt(squares / len(values)))
