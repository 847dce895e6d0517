"""Turns a population of a specification into figures of its workers: from the absorbing chain, or else by simulation."""

import math
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.zones import WEEK, week_and_offset, week_start
from datagen.inspection.explanation import EXACT, SIMULATED, Level, PopulationFigures
from datagen.instants import SECOND
from datagen.simulation.dry_run import Lives, walk
from datagen.simulation.forecast import Forecast, UncappedRun
from datagen.simulation.moments import Moments, WorkerChain, WorkerMoments
from datagen.spec.populations import Arrivals

_WORKERS = 4096  # that are simulated
_AGES = 256  # at which a worker has records, for the rate over a week
_MINUTE = 60 * SECOND
_STEP = 10 * _MINUTE  # of a week between two looks at a rate
_SAME = 1e-9


@dataclass(frozen=True)
class Workers:
    """The figures of a population, what a worker comes to, the sample of lives that says when, and the run without a cap."""

    figures: PopulationFigures
    moments: WorkerMoments
    lives: Lives
    run: UncappedRun


def workers_of(
    arrivals: Arrivals, first: int, chain: WorkerChain | None, records: Floats, run: UncappedRun
) -> Workers:
    """Return the figures of a population whose workers begin in a state.

    `records`, float64[S], are how many a visit of each state brings; the `run` is one without an end.
    """
    lives = run.walked(_WORKERS)
    exact = chain.moments(first) if chain is not None else None
    found, ended = (exact, True) if exact else _walked(run, records)
    forecast = run.forecast(lives)
    steady = arrivals.limits.total is None
    records_of = found.records if ended else Moments(math.inf, math.inf)
    rate = _rate(run, lives, records_of.mean) if steady else Level(0.0, 0.0, 0.0)
    figures = PopulationFigures(
        arrivals.name,
        arrivals.start,
        records_of,
        found.life if ended else Moments(math.inf, math.inf),
        _level(run, np.zeros(1, dtype=np.int64), run.rate) if steady else None,
        rate,
        _alive(forecast, exact=exact is not None and not run.curves)
        if steady
        else Level(0.0, 0.0, 0.0),
        arrivals.limits.total,
        EXACT if exact else SIMULATED,
        0 if exact else _WORKERS,
        0.0 if exact else found.records.sd / math.sqrt(_WORKERS),
    )
    return Workers(figures, found, lives, run)


def with_deviation(workers: Workers, sd: float, count: int) -> Workers:
    """Return workers whose records are as they were in a sample of so many, as emitters go over lists."""
    figures, found = workers.figures, workers.moments
    if not count or math.isinf(figures.records.mean):
        return workers
    records = Moments(found.records.mean, sd)
    sampled = replace(
        figures, records=records, method=SIMULATED, workers=count, error=sd / math.sqrt(count)
    )
    return replace(workers, figures=sampled, moments=replace(found, records=records))


def _walked(run: UncappedRun, records: Floats) -> tuple[WorkerMoments, bool]:
    """Return what workers come to that are walked, and whether they come to their end."""
    begins = run.begins(_WORKERS)
    made, lived, visits = np.zeros(_WORKERS), np.zeros(_WORKERS), np.zeros(len(records))
    going_on = _WORKERS
    for each in walk(run.machine, begins, np.full(_WORKERS, 2.0**62)):
        states = each.states[each.states < len(records)]
        made[each.rows] += records[np.minimum(each.states, len(records) - 1)]
        lived[each.rows] = (each.ends - begins[each.rows]) / SECOND
        visits += np.bincount(states, minlength=len(records))
        going_on = int(np.count_nonzero(~each.over))
    moments = WorkerMoments(
        visits / _WORKERS, Moments(float(made.mean()), float(made.std())), Moments(float(lived.mean()), float(lived.std()))
    )  # fmt: skip
    return moments, going_on < _WORKERS // 100


def _alive(forecast: Forecast, *, exact: bool) -> Level:
    counts = forecast.counts
    if exact and len(counts) == 1 and math.isfinite(forecast.alive):
        return Level(float(counts[0]), float(counts[0]), float(counts[0]))
    if not math.isfinite(forecast.alive):
        return Level(forecast.alive, forecast.alive, forecast.alive)
    return Level(float(counts.mean()), float(counts.min()), float(counts.max()))


def _rate(run: UncappedRun, lives: Lives, records: float) -> Level:
    """Return records a second over a week: each of an arrival comes at an age of it."""
    if not run.curves or not run.repeats or not len(lives.records):
        mean = run.rate * records if records else 0.0
        return Level(mean, mean, mean)
    places = ((np.arange(_AGES) + 0.5) / _AGES * len(lives.records)).astype(np.int64)
    ages = (lives.records[places] * SECOND).astype(np.int64)
    return _level(run, ages, run.rate * records if records else 0.0)


def _level(run: UncappedRun, ages: Ints, mean: float) -> Level:
    """Return how something changes over a week that follows from arrivals so long ago."""
    if not run.curves or not run.repeats:
        return Level(mean, mean, mean)
    instants = _monday(run) + np.arange(0, WEEK, _STEP)
    heights = np.ones((len(instants), len(ages)))
    for curve in run.curves:
        heights *= curve.heights((instants[:, None] - ages[None, :]).ravel()).reshape(heights.shape)
    profile = heights.mean(axis=1)
    profile *= mean / profile.mean() if profile.any() else 0.0
    days = profile.reshape(7, -1)
    low, high = int(profile.argmin()), int(profile.argmax())
    daily = bool(np.abs(days - days[0]).max() <= _SAME * max(float(profile.max()), 1e-300))
    return Level(
        mean,
        float(profile[low]),
        float(profile[high]),
        _minute(run, low),
        _minute(run, high),
        daily,
    )


def _monday(run: UncappedRun) -> int:
    """Return the begin of the first week that a run sees."""
    return week_start(week_and_offset(run.begin)[0])


def _minute(run: UncappedRun, place: int) -> int:
    """Return the minute of the week, on the clock of the curve, of one of its looks."""
    instant = np.array([_monday(run) + place * _STEP])
    _, offset = week_and_offset(int(run.curves[-1].local_times(instant)[0]))
    return offset // _MINUTE
