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
    sd = math.sqrt(max(variance, 0.0))  # what is certain has none, but for rounding
    return RunFigures("time", seconds, mean, sd, asymptotic)


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
    brought, end = _Brought(workers), warm_up + seconds
    ages = np.concatenate([[0.0], np.geomspace(end * _SHORTEST, end, _PIECES)])
    edges = begin + np.minimum((end - ages[::-1]) * SECOND, 2.0**62).astype(np.int64)
    with np.errstate(over="ignore"):
        counts = times.expected(edges[:-1], edges[1:])
    total = arrivals.limits.total
    if total is not None:  # they come until all have come; worker 0 is the first
        counts = np.diff(np.minimum(np.cumsum(counts), total - 1), prepend=0.0)
    middles = (ages[:-1] + ages[1:])[::-1] / 2
    means, squares = brought.between(middles - seconds, middles)
    first, of_first = brought.between(np.array([warm_up or -1.0]), np.array([end]))
    by_chance = arrivals.interarrival.type == "exponential"
    average, square = duration_moments(arrivals.interarrival)
    spread = 1.0 if by_chance else square / average**2 - 1 if average else 0.0
    variance = float((counts * (squares - means**2 + spread * means**2)).sum())
    variance += float(of_first[0] - first[0] ** 2)
    return float((counts * means).sum()) + float(first[0]), variance, by_chance


class _Brought:
    """How many records a worker brings between two ages: the mean and the mean square.

    The sample of lives says when; how many in all is known better, from the chain.
    """

    def __init__(self, workers: Workers) -> None:
        self._lives, known = workers.lives, workers.figures.records
        whole = self._lives.mean_records(math.inf)
        square = self._lives.mean_square(-1.0, math.inf)
        exact = math.isfinite(known.mean) and whole > 0
        self._scale = known.mean / whole if exact else 1.0
        bounded = exact and math.isfinite(known.sd) and square > 0
        self._of_squares = (known.sd**2 + known.mean**2) / square if bounded else 1.0

    def between(self, since: Floats, until: Floats) -> tuple[Floats, Floats]:
        """Return both: float64[n], float64[n] -> float64[n], float64[n]. From an age below 0 on, all count."""
        lives, pairs = self._lives, list(zip(since.tolist(), until.tolist(), strict=True))
        means = [
            lives.mean_records(b) - (lives.mean_records(a) if a >= 0 else 0.0) for a, b in pairs
        ]
        squares = [lives.mean_square(min(a, -1.0) if a < 0 else a, b) for a, b in pairs]
        return (
            self._scale * np.array(means, dtype=np.float64),
            self._of_squares * np.array(squares, dtype=np.float64),
        )
