"""Turns a specification and how long a run is into how many workers would be alive without a cap.

That is the arrival rate times E[min(life, T)] at the end T of the run; with a curve, what arrives during
a life, at its peak (the queue M(t)/G/infinity: Eick, Massey and Whitt, "The physics of the Mt/G/inf
queue", Operations Research 41 (1993), 731-742). What is easily seen to be below the cap is not computed.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import Curve
from datagen.curves.product import product_of
from datagen.curves.zones import WEEK
from datagen.instants import SECOND
from datagen.part import WHOLE, Part
from datagen.simulation.build import build_machine
from datagen.simulation.chain import chain_of
from datagen.simulation.dry_run import Lives, Watch, sampled_lives
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.machine import Machine
from datagen.simulation.queue import kept_share, waiting_share
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.state_graph import reachable, traps

TrialMachines = Callable[[], Sequence[Machine]]  # a machine of each population

WAITING = 0.01  # the share of arrivals that may wait without a word
_LOOKS = ((128, 2.0), (4096, 1.0))  # workers walked; how many times as many there may be
_MANY_VISITS = 24  # on average, by values: then there are
_FEW_LIVES = 512  # workers that are walked, at most
_AT_ONCE = 32  # lives of the sample that are to be alive at an instant, or else
_IN_A_SPAN = 128  # that are to begin in a span of time
_LIVES = 256  # of the sample, and
_INSTANTS = 672  # of a week, every quarter of an hour, for the peak of a curve
_SHORTEST, _LONGEST = 1e-6, 10_000 * 365 * 86_400.0  # seconds of a run
_LAST = 253_402_214_400 * SECOND  # the last day of the year 9999, after which zones know nothing
_YEAR = 365 * 86_400.0
_YEARS = 10 * _YEAR  # seconds of a curve that are looked at, at most
_INSTANTS_OF_ALL = 2048  # of a run whose curve differs from week to week
_LEAST_MEAN = 1e-12  # seconds between arrivals: less is none
_HALVINGS = 60  # of the logarithm of its length
_GOLDEN = (5**0.5 - 1) / 2  # whose multiples, without their whole parts, are spread evenly


@dataclass(frozen=True)
class Span:
    """The time of a run: its beginning, microseconds since 1970, and its end.

    That is after so many `seconds`, or after so many `records`, or never where both are None. `start` is the
    first start of the stream, where that is another instant.
    """

    begin: int
    seconds: float | None = None
    records: int | None = None
    start: int | None = None

    @property
    def first_start(self) -> int:
        """Return the first start of the stream."""
        return self.begin if self.start is None else self.start

    @property
    def looked_at(self) -> int:
        """Return the end of the time over which curves are looked at that differ from week to week."""
        seconds = _YEAR if self.seconds is None else min(self.seconds, _YEARS)
        return min(self.begin + int(seconds * SECOND), _LAST)


@dataclass(frozen=True)
class Forecast:
    """How many workers would be alive without a cap, and how many records a second they would make.

    Both may be infinite, or not known: where that depends on values. Where paths look at a timeline they are those
    `outside_periods`, if there is such a time in the run. `counts`, float64[n], are the workers alive at instants of the run's last week, or
    only one where that is always the same; `pace` is how many records a second one worker makes that never
    ends.
    """

    counts: Floats
    rate: float
    pace: float
    outside_periods: bool = False

    @property
    def depends_on_values(self) -> bool:
        """Return whether nothing is known, as no walk of workers that look at values comes to an end."""
        return math.isnan(self.alive)

    @property
    def alive(self) -> float:
        """Return the workers at the peak."""
        return float(self.counts.max())

    def held(self, most: int) -> float:
        """Return how many records a second a cap leaves, on average; as many workers start as end."""
        if not math.isfinite(self.rate):
            return most * self.pace
        if math.isinf(self.alive):
            return 0.0
        kept = sum(float(each) * kept_share(float(each), most) for each in self.counts)
        return self.rate * kept / float(self.counts.sum())


def forecast(
    spec: Generator,
    most: int,
    span: Span,
    curve: Curve | None = None,
    part: Part = WHOLE,
    population: int = 0,
    trial_machines: TrialMachines | None = None,
) -> Forecast | None:
    """Return what there would be of a population without a cap, or None where hardly an arrival waits under it.

    `most` is the cap at its highest, `curve` the one that the rate of arrivals follows. Both cap and
    span are those of a `part` of the stream, whose arrivals are more regular: fewer of them wait. Machines whose
    paths look at values come from `trial_machines`; without these nothing is known of them.
    """
    arrivals, first = spec.arrivals[population], spec.firsts[population]
    mean, total = arrivals.interarrival.mean_duration(), arrivals.limits.total
    if not _LEAST_MEAN < mean < math.inf:  # then it is the cap alone that says how many there are
        return None
    if total is not None:
        if part.share(total) <= most:
            return None
        span = replace(span, seconds=min(span.seconds or math.inf, total * mean))
    run = UncappedRun(spec, span, curve, part, population, trial_machines)
    if span.records is not None and spec.states[first].emitter and span.records <= most:
        return None  # each that starts makes a record at once
    if waiting_share(run.most_alive(), most) <= WAITING:
        return None
    if run.depends_on_values and trial_machines is None:
        return _UNKNOWN
    return _by_lives(run, most)


def seconds_of(
    spec: Generator,
    span: Span,
    curves: Sequence[Curve | None],
    part: Part,
    trial_machines: TrialMachines | None = None,
) -> float | None:
    """Return how long a run takes without caps; `curves` are those of the arrivals of each population."""
    if span.records is None:
        return span.seconds
    runs = [
        UncappedRun(spec, span, curve, part, number, trial_machines)
        for number, curve in enumerate(curves)
    ]
    lives = [run.walked(_LOOKS[0][0]) for run in runs]

    def records(seconds: float) -> float:
        return sum(run.records_in(each, seconds) for run, each in zip(runs, lives, strict=True))

    return _first_with(records, span.records)


def _first_with(records: Callable[[float], float], count: int) -> float:
    """Return after how many seconds there are so many records."""
    low, high = _SHORTEST, _LONGEST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if records(middle) < count:
            low = middle
        else:
            high = middle
    return high


def _by_lives(run: "UncappedRun", most: int) -> Forecast | None:
    """Return what lives come to, of more and more workers, or None where hardly an arrival waits."""
    found = Forecast(np.zeros(1), 0.0, 0.0)
    visits = 0.0
    for workers, times in _LOOKS:
        lives = run.walked(workers if visits < _MANY_VISITS else _FEW_LIVES)
        visits = lives.visits / workers if run.depends_on_values else 0.0
        if run.is_unknown(lives) and waiting_share(run.least_of(lives), most) <= WAITING:
            return _UNKNOWN
        if waiting_share(run.most_of(lives) * times, most) <= WAITING:
            return None
        found = run.forecast(lives)
        if waiting_share(found.alive * times, most) <= WAITING:
            return None
    return found


_UNKNOWN = Forecast(np.array([math.nan]), math.nan, math.nan)


def _time_before(edge: float, until: Floats, length: float) -> Floats:
    """Return how much of the time from 0 on until some instants is before an edge: that of each turn of a length."""
    turns = np.zeros_like(until) if math.isinf(length) else np.floor(until / length)
    within = until if math.isinf(length) else until - turns * length
    found: Floats = turns * edge + np.minimum(within, edge)
    return found


class UncappedRun:
    """A run of a part without a cap; seconds between arrivals are on the clock of their curves."""

    def __init__(
        self,
        spec: Generator,
        span: Span,
        curve: Curve | None,
        part: Part,
        population: int,
        trial_machines: TrialMachines | None = None,
    ) -> None:
        self._spec, self._span, self._part = spec, span, part
        self._arrivals, self._first = spec.arrivals[population], spec.firsts[population]
        self._interarrival = self._arrivals.interarrival.starting_at(span.first_start)
        curves = (self._interarrival.curve, curve)
        self.curves = [each.starting_at(span.first_start) for each in curves if each is not None]
        self._curve = self.curves[-1] if curve is not None else None
        self.repeats = all(member.repeats for each in self.curves for member in each.members)
        self._number, self._trial_machines = population, trial_machines
        self._chain = None if self.depends_on_values else chain_of(spec)
        mean = max(self._interarrival.mean_duration() * part.count, _LEAST_MEAN)
        self._mean, heights = mean, np.ones(1)
        for each in self.curves if self.repeats else ():
            heights = heights * each.minute_heights
        if not self.repeats:
            heights = product_of(self.curves).heights_over(span.begin, span.looked_at)
        self.rate, self._peak = float(heights.mean()) / mean, float(heights.max()) / mean

    @property
    def begin(self) -> int:
        """Return the begin of the run, microseconds since 1970."""
        return self._span.begin

    @property
    def depends_on_values(self) -> bool:
        """Return whether paths depend on values, so that nothing is known of lives before they are walked."""
        return any(True for _ in decisions_of(self._spec.states))

    def is_unknown(self, lives: Lives) -> bool:
        """Return whether no walk has come to an end, though one may, so that nothing is known of what is left."""
        if not self.depends_on_values or not np.isinf(lives.ends).any():
            return False
        graph = self._spec.graph()
        return not traps(graph, reachable(graph))

    def most_alive(self) -> float:
        """Return a number that is easily seen to be above how many are alive; it may be infinite."""
        seconds, chain = self._span.seconds, self._chain
        started = math.inf if seconds is None else self._peak * seconds
        if chain is None or self._has_curves:
            return started
        return min(started, self._peak * float(chain.seconds[self._first]))

    def most_of(self, lives: Lives) -> float:
        """Return the same by a sample of lives: as many as if all arrivals came at the highest rate."""
        return math.inf if self.timed else self._peak * lives.mean_life(self._seconds(lives))

    def least_of(self, lives: Lives) -> float:
        """Return how many are alive if nobody lives longer than it was walked, where no walk came to an end."""
        return self.rate * float(lives.walked.mean())

    def walked(self, workers: int, watch: Watch | None = None) -> Lives:
        """Return a sample of lives that begin during the run; `watch` gets all visits of them."""
        seconds = self._span.seconds or _LONGEST
        begins = self.begins(workers)
        return sampled_lives(self.machine, self._chain, begins, seconds, self._kinds, None, watch)

    @cached_property
    def _kinds(self) -> Ints:
        """Return which of the states that no worker leaves for its end each is one of: int64[S], 0 for others."""
        graph = self._spec.graph()
        found = np.zeros(len(self._spec.states) + 1, dtype=np.int64)
        for number, trap in enumerate(traps(graph, reachable(graph))):
            found[list(trap)] = number + 1
        return found

    def begins(self, workers: int) -> Ints:
        """Return when the workers of a sample begin: all over the run where lives depend on that."""
        spread = self._spread(self._span.seconds or _LONGEST) * self.timed
        shares = (np.arange(workers) * _GOLDEN) % 1.0  # even, in no order
        begins: Ints = self._span.begin + (shares * spread).astype(np.int64)
        return begins

    def forecast(self, lives: Lives) -> Forecast:
        """Return what the run comes to, by a sample of lives where the chain does not say it."""
        seconds, chain = self._seconds(lives), self._chain
        if chain is None or self.timed or seconds < min(lives.ends.max(), _LONGEST):
            life, records = lives.mean_life(seconds), lives.mean_records(seconds)
        else:
            life, records = (float(each[self._first]) for each in (chain.seconds, chain.records))
        if self.timed:
            alive = self._alive_when_timed(lives, seconds)
        else:
            alive = (
                self._alive_by_curve(lives, seconds)
                if self.curves
                else np.array([self.rate * life])
            )
        return Forecast(alive, self.rate * records, lives.pace, self.outside_periods)

    def _spread(self, seconds: float | None) -> float:
        """Return the time over which lives are looked at, microseconds."""
        return min((seconds or _LONGEST) * SECOND, WEEK if self.repeats else _YEAR * SECOND)

    @property
    def _has_curves(self) -> bool:
        """Return whether some delay follows a curve."""
        return any(state.delay.temporal for state in self._spec.states)

    @cached_property
    def timed(self) -> bool:
        """Return whether lives depend on when they begin."""
        return self._has_curves or (self.depends_on_values and self.machine.time_dependent)

    @cached_property
    def machine(self) -> Machine:
        if self._trial_machines is None:
            made = build_machine(self._spec, 0, start=self._span.first_start)
            return replace(made, first=self._first)
        machine, span = self._trial_machines()[self._number], self._span
        end = _LAST if span.seconds is None else span.begin + int(span.seconds * SECOND)
        if machine.phases is not None and machine.phases.enter_quiet(span.begin, end):
            assert machine.values is not None
            return machine.values.plain() or machine
        return machine

    @property
    def outside_periods(self) -> bool:
        """Return whether the lives are those outside of all periods that paths look at."""
        return bool(self._spec.deciders.uses) and not self.timed

    @cached_property
    def interarrivals(self) -> Interarrivals:
        return Interarrivals(self.machine.seed, self._interarrival, self._curve, self._part)

    def records_in(self, lives: Lives, seconds: float) -> float:
        """Return how many records there are in so many seconds, on average."""
        found = lives.records_in(seconds)
        if (total := self._arrivals.limits.total) is not None:  # nobody arrives any more
            found -= lives.records_in(max(seconds - total * self._mean, 0.0))
        return self.rate * found

    def _seconds(self, lives: Lives) -> float:
        """Return how long the run is."""
        span = self._span
        if span.records is None:
            return span.seconds or _LONGEST
        return _first_with(lambda seconds: self.records_in(lives, seconds), span.records)

    def _alive_when_timed(self, lives: Lives, seconds: float) -> Floats:
        """Return how many are alive throughout a week where lives depend on when they begin.

        Those of the sample begin all over the run, or week; what is alive of each week before adds up. Where
        weeks differ it is a year.
        """
        length = self._spread(self._span.seconds) / SECOND
        rates = np.full(len(lives.begins), 1 / self._mean)
        for curve in self.curves:
            rates *= curve.heights(lives.begins)
        offsets = (lives.begins - self._span.begin) / SECOND
        ends = np.minimum(lives.ends, seconds)
        if seconds >= _LONGEST and np.isinf(lives.ends).any():
            return np.array([math.inf])
        again = length if self.repeats and length * SECOND >= WEEK else math.inf
        at_once = float(ends.mean()) * len(ends) / length
        count = _INSTANTS if at_once >= _AT_ONCE else max(len(ends) // _IN_A_SPAN, 1)
        edges, lived = length * np.arange(count + 1) / count, []
        for edge in edges:
            before, until = (_time_before(edge, each, again) for each in (offsets, offsets + ends))
            lived.append(float(((until - before) * rates).mean()) * length)
        counts: Floats = np.diff(lived) / np.diff(edges)
        return counts

    def _alive_by_curve(self, lives: Lives, seconds: float) -> Floats:
        """Return how many are alive throughout the last week of a run: what arrives during a life.

        Where weeks differ it is the whole run.
        """
        step = max(len(lives.ends) // _LIVES, 1)
        ends = np.sort(lives.ends)[step // 2 :: step]
        if seconds >= _LONGEST:
            if np.isinf(ends).any():
                return np.array([math.inf])
            seconds = float(ends.max()) + (WEEK / SECOND if self.repeats else _YEAR)
        seconds = max(min(seconds, _YEARS, (_LAST - self._span.begin) / SECOND), _SHORTEST)
        last, count = int(seconds * SECOND), _INSTANTS if self.repeats else _INSTANTS_OF_ALL
        length = min(seconds * SECOND, WEEK if self.repeats else math.inf)
        instants = last - (length * np.arange(count) / count).astype(np.int64)
        ages = np.minimum(ends * SECOND, 2.0**62).astype(np.int64)
        since = np.maximum(instants[:, None] - ages[None, :], 0)
        until = np.broadcast_to(instants[:, None], since.shape)
        begin, expected = self._span.begin, self.interarrivals.expected
        grown: Floats = expected(begin + since.ravel(), begin + until.ravel())
        return np.asarray(grown.reshape(since.shape).mean(axis=1))
