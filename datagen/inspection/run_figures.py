"""Turns what workers come to into what a run makes of it, which begins empty, with worker 0 of each population at its start."""

import math
from collections.abc import Sequence

import numpy as np

from datagen.arrays import Floats
from datagen.inspection.explanation import RunFigures
from datagen.inspection.worker_figures import Workers
from datagen.instants import SECOND
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.moments import duration_moments
from datagen.spec.populations import Arrivals

_PIECES = 400  # of the time of a run, the shorter the nearer to its end
_SHORTEST = 1e-7  # of its length


def run_figures(
    workers: Sequence[Workers],
    arrivals: Sequence[Arrivals],
    interarrivals: Sequence[Interarrivals],
    begin: int,
    warm_up: float,
    seconds: float | None,
    records: int | None,
) -> RunFigures:
    """Return what a run makes in so many seconds after a warm-up, or how long it takes for so many records, without caps."""
    if seconds is None and records is None:
        return RunFigures("", None, math.inf, math.inf)
    if records is not None:
        return RunFigures("records", seconds, float(records), 0.0)
    assert seconds is not None
    mean = variance = 0.0
    asymptotic = False
    for each, own, times in zip(workers, arrivals, interarrivals, strict=True):
        some, of_some, by_chance = _of_population(each, own, times, begin, warm_up, seconds)
        mean, variance, asymptotic = mean + some, variance + of_some, asymptotic or not by_chance
    return RunFigures("time", seconds, mean, math.sqrt(variance), asymptotic)


def _of_population(
    workers: Workers,
    arrivals: Arrivals,
    times: Interarrivals,
    begin: int,
    warm_up: float,
    seconds: float,
) -> tuple[float, float, bool]:
    """Return the mean of a population's records, their variance, and whether arrivals come by chance alone.

    Those of exponential interarrival times are a compound Poisson process: its variance is that of the arrivals times the mean of the
    square of what each brings. Of others it is that of a long run, lambda T (Var R + c^2 E[R]^2) (Cox, "Renewal Theory", 1962, section 8.3).
    """
    records, end = workers.moments.records, warm_up + seconds
    shape = _Shape(workers)
    ages = np.concatenate([[0.0], np.geomspace(end * _SHORTEST, end, _PIECES)])
    edges = begin + np.minimum((end - ages[::-1]) * SECOND, 2.0**62).astype(np.int64)
    with np.errstate(over="ignore"):
        counts = times.expected(edges[:-1], edges[1:])
    total = arrivals.limits.total
    if total is not None and counts.sum() > total - 1:  # they come in turn until all have come
        before = np.minimum(np.cumsum(counts), total - 1)
        counts = np.diff(before, prepend=0.0)
    middles = (ages[:-1] + ages[1:])[::-1] / 2
    within = shape(middles) - shape(middles - seconds)
    first = shape(np.array([end])) - shape(np.array([warm_up or -1.0]))
    mean = records.mean * (float((counts * within).sum()) + float(first[0]))
    by_chance = arrivals.interarrival.type == "exponential"
    average, square = duration_moments(arrivals.interarrival)
    spread = 1.0 if by_chance else square / average**2 - 1 if average else 0.0
    one = records.sd**2 + spread * records.mean**2
    return mean, (float((counts * within).sum()) + 1) * one, by_chance


class _Shape:
    """Which share of its records a worker has up to an age, by the sample of lives."""

    def __init__(self, workers: Workers) -> None:
        lives = workers.lives
        self._lives, self._all = lives, max(lives.mean_records(math.inf), 1e-300)

    def __call__(self, ages: Floats) -> Floats:
        found = [
            self._lives.mean_records(each) / self._all if each >= 0 else 0.0
            for each in ages.tolist()
        ]
        return np.minimum(np.array(found, dtype=np.float64), 1.0)
