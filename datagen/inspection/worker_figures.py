"""Turns a population of a specification into figures of its workers: from the absorbing chain, or else by simulation."""

import math
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.zones import WEEK, week_and_offset, week_start
from datagen.inspection.explanation import EXACT, SIMULATED, Level, PopulationFigures
from datagen.instants import SECOND
from datagen.simulation.chain import long_run_visits
from datagen.simulation.dry_run import Lives, Visits, walk
from datagen.simulation.forecast import Forecast, UncappedRun
from datagen.simulation.moments import Moments, WorkerChain, WorkerMoments
from datagen.spec.generator import Generator
from datagen.spec.state_graph import endless_from

_WORKERS = 4096  # that are simulated
_FEWER = (512, 64)  # if these do not come to their ends in as many visits as make sense, and
_MOST_STEPS = 20_000  # visits of each of them
_VISITS = 131_072  # of all of them
_LONG_RUN = 24  # visits of a worker that never ends, on average: the later half of its time counts
_AGES = 256  # at which a worker has records, for the rate over a week
_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE
_STEP = 10 * _MINUTE  # of a week between two looks at a rate
_SAME = 1e-9


@dataclass(frozen=True)
class Workers:
    """The figures of a population, what a worker comes to, the sample of lives that says when, and the run without a cap.

    Of workers that never end the visits are those of a second, in a long run.
    """

    figures: PopulationFigures
    moments: WorkerMoments
    lives: Lives
    run: UncappedRun

    @property
    def endless(self) -> bool:
        """Return whether its workers never end."""
        return math.isinf(self.figures.life.mean) and math.isinf(self.figures.records.mean)


class _Sample:
    """What workers come to that are walked: records and seconds of each, float64[n], and the visits of all of them, float64[S].

    `weights`, float64[n], are how likely a worker begins when each does.
    """

    def __init__(self, begins: Ints, weights: Floats, records: Floats) -> None:
        self._begins, self._weights, self._of_visits = begins, weights, records
        self._records, self._seconds = np.zeros(len(begins)), np.zeros(len(begins))
        self._visits = np.zeros(len(records))
        self._going_on = len(begins)

    def add(self, visits: Visits) -> None:
        """Count a visit of each of some workers."""
        own, rows = visits.states < len(self._of_visits), visits.rows
        states = visits.states[own]
        self._records[rows[own]] += self._of_visits[states]
        self._seconds[rows] = (visits.ends - self._begins[rows]) / SECOND
        weights = self._weights[rows[own]]
        self._visits += np.bincount(states, weights, minlength=len(self._visits))
        self._going_on = int(np.count_nonzero(~visits.over))

    @property
    def ended(self) -> bool:
        """Return whether nearly all have come to their ends."""
        return self._going_on < max(len(self._begins) // 100, 1)

    def moments(self) -> WorkerMoments:
        """Return what one comes to."""
        shares = self._weights / self._weights.sum()
        return WorkerMoments(
            self._visits / self._weights.sum(),
            _moments(self._records, shares),
            _moments(self._seconds, shares),
        )

    @property
    def workers(self) -> int:
        """Return of how many workers with the same weights the means would be known as well."""
        return round(float(self._weights.sum() ** 2 / (self._weights**2).sum()))


def _moments(values: Floats, shares: Floats) -> Moments:
    mean = float((shares * values).sum())
    return Moments(mean, math.sqrt(float((shares * (values - mean) ** 2).sum())))


def workers_of(
    spec: Generator, number: int, chain: WorkerChain | None, records: Floats, run: UncappedRun
) -> Workers:
    """Return the figures of a population, by its number.

    `records`, float64[S], are how many a visit of each state brings; the `run` is one without an end.
    """
    arrivals, first = spec.arrivals[number], spec.firsts[number]
    begins = run.begins(_WORKERS)
    sample = _Sample(begins, _weights(run, begins), records)
    exact = chain.moments(first) if chain is not None else None
    lives = run.walked(_WORKERS, None if exact else sample.add)
    if exact is None and endless_from(spec.graph(), first):
        by_chance = chain is not None
        visits = (
            long_run_visits(spec, first) if by_chance else _visits_by_walk(run, lives, len(records))
        )
        found, workers = WorkerMoments(visits, _NO_END, _NO_END), 0 if by_chance else _WORKERS
    elif exact is None:
        found, workers = _simulated(run, records, sample)
    else:
        found, workers = exact, 0
    figures = PopulationFigures(
        arrivals.name,
        arrivals.start,
        found.records,
        found.life,
        *_levels(run, lives, found, steady=arrivals.limits.total is None, exact=exact is not None),
        arrivals.limits.total,
        SIMULATED if workers else EXACT,
        workers,
        found.records.sd / math.sqrt(workers) if workers else 0.0,
    )
    return Workers(figures, found, lives, run)


def _levels(
    run: UncappedRun, lives: Lives, found: WorkerMoments, *, steady: bool, exact: bool
) -> tuple[Level | None, Level, Level]:
    """Return arrivals and records a second, and how many are alive; of populations of which only so many come there are none."""
    if not steady:
        return None, _NOTHING, _NOTHING
    return (
        _level(run, np.zeros(1, dtype=np.int64), run.rate),
        _rate(run, lives, found.records.mean),
        _alive(run.forecast(lives), exact=exact and not run.curves),
    )


def _simulated(run: UncappedRun, records: Floats, sample: _Sample) -> tuple[WorkerMoments, int]:
    """Return what the workers of a sample come to, or of fewer that are walked further, and how many these are."""
    if not sample.ended:
        sample = _of_fewer(run, records, sample)
    found = sample.moments()
    if not sample.ended:
        found = replace(found, records=_NO_END, life=_NO_END)
    return found, sample.workers


_NO_END, _NOTHING = Moments(math.inf, math.inf), Level(0.0, 0.0, 0.0)


def _weights(run: UncappedRun, begins: Ints) -> Floats:
    """Return how likely workers begin at instants: as the curves of their arrivals say, where it matters when they begin."""
    weights = np.ones(len(begins))
    for curve in run.curves if run.timed else ():
        weights *= curve.heights(begins)
    return weights if weights.any() else np.ones(len(begins))


def _of_fewer(run: UncappedRun, records: Floats, sample: _Sample) -> _Sample:
    """Return a sample of fewer workers, each of which is walked further, until they come to their ends."""
    for workers in _FEWER:
        begins = run.begins(workers)
        sample = _Sample(begins, _weights(run, begins), records)
        for each in walk(run.machine, begins, np.full(workers, 2.0**62), 0, _VISITS, _MOST_STEPS):
            sample.add(each)
        if sample.ended:
            break
    return sample


def _visits_by_walk(run: UncappedRun, lives: Lives, states: int) -> Floats:
    """Return how often a second a worker that never ends is in each state, by the later half of a walk of the same time for all."""
    begins, visits = run.begins(_WORKERS), np.zeros(states)
    seconds = float(lives.walked.sum()) / max(lives.visits, 1) * _LONG_RUN
    half = begins + seconds * SECOND / 2
    until: Floats = (begins + seconds * SECOND).astype(np.float64)
    for each in walk(run.machine, begins, until, 0, _WORKERS * 2 * _LONG_RUN):
        late = (each.times >= half[each.rows]) & (each.times < until[each.rows])
        own = each.states[late & (each.states < states)]
        visits += np.bincount(own, minlength=states)
    return visits / max(seconds / 2 * _WORKERS, 1e-300)


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


def _alive(forecast: Forecast, *, exact: bool) -> Level:
    counts = forecast.counts
    if exact and len(counts) == 1 and math.isfinite(forecast.alive):
        return Level(float(counts[0]), float(counts[0]), float(counts[0]))
    if not math.isfinite(forecast.alive):
        return Level(forecast.alive, forecast.alive, forecast.alive)
    return Level(float(counts.mean()), float(counts.min()), float(counts.max()))


def _rate(run: UncappedRun, lives: Lives, records: float) -> Level:
    """Return records a second over a week: each of an arrival comes at an age of it."""
    mean = run.rate * records if records else 0.0
    if not run.repeats or not len(lives.records) or not math.isfinite(mean):
        return Level(mean, mean, mean)
    if run.timed:  # ages depend on when a worker begins
        begins = lives.begins[lives.owners]
        times = begins - _monday(run) + (lives.records * SECOND).astype(np.int64)
        hours = np.bincount(
            times % WEEK // _HOUR, _weights(run, lives.begins)[lives.owners], minlength=168
        )
        return _of_profile(run, hours.astype(np.float64), mean)
    places = ((np.arange(_AGES) + 0.5) / _AGES * len(lives.records)).astype(np.int64)
    return _level(run, (lives.records[places] * SECOND).astype(np.int64), mean)


def _level(run: UncappedRun, ages: Ints, mean: float) -> Level:
    """Return how something changes over a week that follows from arrivals so long ago."""
    if not run.curves or not run.repeats:
        return Level(mean, mean, mean)
    instants = _monday(run) + np.arange(0, WEEK, _STEP)
    heights = np.ones((len(instants), len(ages)))
    for curve in run.curves:
        heights *= curve.heights((instants[:, None] - ages[None, :]).ravel()).reshape(heights.shape)
    return _of_profile(run, heights.mean(axis=1), mean)


def _of_profile(run: UncappedRun, profile: Floats, mean: float) -> Level:
    """Return what changes over a week as a profile of it, in equal steps, does."""
    profile = profile * (mean / profile.mean() if profile.any() else 0.0)
    days = profile.reshape(7, -1)
    low, high = int(profile.argmin()), int(profile.argmax())
    daily = bool(np.abs(days - days[0]).max() <= _SAME * max(float(profile.max()), 1e-300))
    step = WEEK // len(profile)
    return Level(
        mean,
        float(profile[low]),
        float(profile[high]),
        _minute(run, low * step),
        _minute(run, high * step),
        daily,
        tuple(profile.reshape(168, -1).mean(axis=1).tolist()),
    )


def _monday(run: UncappedRun) -> int:
    """Return the begin of the first week that a run sees."""
    return week_start(week_and_offset(run.begin)[0])


def _minute(run: UncappedRun, place: int) -> int:
    """Return the minute of the week, on the clock of the curve, of a time after its begin in UTC."""
    instant = np.array([_monday(run) + place])
    local = run.curves[-1].local_times(instant) if run.curves else instant
    _, offset = week_and_offset(int(local[0]))
    return offset // _MINUTE
