"""Turns a plan that is to come to a rate into one whose workers are scaled so that it does.

The factor follows from the long run of the populations, and never from how long this run is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

import numpy as np

from datagen.arrays import Floats
from datagen.errors import UsageError
from datagen.one_line import counted
from datagen.rate_wish import RateWish
from datagen.running.cap_warning import enough_workers, rounded, trial_machines
from datagen.running.clock import Moment
from datagen.running.plan import Plan, Start
from datagen.running.record_sample import RECORDS, RecordSample, record_sample
from datagen.simulation.forecast import Span, forecast
from datagen.simulation.long_run import YEAR, Lives, LongRun
from datagen.simulation.queue import kept_share
from datagen.spec.generator import Generator
from datagen.spec.populations import Arrivals
from datagen.spec.scaling import Lever, Scaling, levers, rounded_factor, scaled_number

_LOWEST, _HIGHEST = 1e-15, 1e15  # factors
_HALVINGS = 80  # of the logarithm between them
_MOST_LIMIT = 1e9  # workers
_NEAR = 0.98  # of what is asked for, which is as much
_HEIGHTS = 256  # of a schedule that are told apart
_ENDLESS = 100  # workers of a sample that never end
_MOST_OF_SAMPLE = 20_000  # workers
_MOST_LOOKED_AT = 100_000  # workers that never end; more of them level out
_UNITS = {"records": "records/s", "bytes": "bytes/s", "workers": "workers"}
_SECONDS = YEAR / 1e6


def rated(plan: Plan) -> Plan:
    """Return the plan with its workers scaled to what it is to come to; the same where it is to come to nothing.

    A plan that goes on from a checkpoint has been scaled before. Raises UsageError where the rate is out of reach.
    """
    if plan.wish is None or plan.scaling is not None:
        return plan
    start = plan.start_at(Moment.present())
    with np.errstate(all="ignore"):
        wanted = _Wanted(plan, plan.wish, start)
        scaled = plan.scaled(wanted.scaling())
        return replace(scaled, wish_note=wanted.note(scaled))


@dataclass(frozen=True)
class _Population:
    """A population, and what a factor does to it; `cap` is that of the run before, and `heights` those of its schedule."""

    arrivals: Arrivals
    lever: Lever
    run: LongRun
    cap: int | None
    heights: Floats

    @property
    def is_linear(self) -> bool:
        """Return whether the factor multiplies what it brings."""
        return self.lever is not Lever.CAP or self.run.endless

    def rate(self, factor: float) -> float:
        """Return what it brings a second at a factor."""
        run, total = self.run, self.arrivals.limits.total
        if total is not None:
            number = total * (factor if self.lever is Lever.TOTAL else 1.0)
            return number * run.reward if run.endless else 0.0
        if self.lever is Lever.ARRIVALS:
            return factor * run.arrivals * run.reward * (_SECONDS if run.endless else 1.0)
        most = (self.cap or 0) * factor
        limits = np.maximum(most * np.minimum(self.heights, 1.0), 1.0)
        if run.endless:
            return most * float(np.minimum(self.heights, 1.0).mean()) * run.reward
        if math.isinf(run.arrivals):
            return float(limits.mean()) * run.pace
        limits, times = np.unique(np.floor(np.minimum(limits, _MOST_LIMIT)), return_counts=True)
        shares = [kept_share(run.alive, int(each)) for each in limits]
        return float(np.average(shares, weights=times)) * run.arrivals * run.reward

    def most(self, factor: float) -> float:
        """Return what it brings a second at a factor where its cap stays: no more than that many workers bring."""
        if self.cap is None or self.lever is not Lever.ARRIVALS:
            return self.rate(factor)
        return min(self.rate(factor), self.cap * self.run.pace)


class _Wanted:
    """What a plan is to come to, and by what that can be had."""

    def __init__(self, plan: Plan, wish: RateWish, start: Start) -> None:
        assert isinstance(plan.spec, Generator)
        self._plan, self._wish, self._start, self._spec = plan, wish, start, plan.spec
        self._levers = levers(plan.spec, plan.schedule)
        self._machines = trial_machines(plan, plan.spec, start, None)

    def scaling(self) -> Scaling:
        """Return by how much workers are multiplied, and the cap then. Raises UsageError."""
        wish, most = self._wish, self._plan.max_workers
        if wish.unit == "factor":
            return Scaling(wish.text, rounded_factor(wish.amount), most)
        factor = rounded_factor(self._factor())
        if self._plan.cap_is_given:
            self._check_reach(factor)
            return Scaling(wish.text, factor, most)
        scaled = Scaling(wish.text, factor, self._scaled_cap(factor))
        return replace(scaled, max_workers=self._raised(scaled))

    def note(self, scaled: Plan) -> str | None:
        """Return what a run comes to whose workers never end, where their whole number does not come to the wish."""
        if self._wish.unit == "factor" or not any(each.run.endless for each in self._populations):
            return None
        assert isinstance(scaled.spec, Generator)
        assert scaled.scaling is not None
        found, count, differ = 0.0, 0, False
        for number, each in enumerate(self._populations):
            arrivals = scaled.spec.arrivals[number]
            most = arrivals.limits.total or arrivals.cap(scaled.max_workers)
            if not each.run.endless or most is None:
                found += each.rate(scaled.scaling.factor)
                continue
            open_share = 1.0 if arrivals.limits.total else float(np.minimum(each.heights, 1).mean())
            pace = self._pace_with(scaled.seed, number, most)
            differ = differ or not math.isclose(pace, each.run.pace, rel_tol=1e-6)
            found, count = found + most * open_share * pace, count + most
        return self._sentence(found, count, differ=differ)

    def _pace_with(self, seed: int, number: int, workers: int) -> float:
        """Return what each of so many workers that never end brings a second, on average, with a seed."""
        found = None
        if workers <= _MOST_LOOKED_AT:
            found = self._lives.pace_with(seed, number, workers)
        return self._populations[number].run.pace if found is None else found

    def _sentence(self, found: float, count: int, *, differ: bool) -> str | None:
        """Return what so many workers that never end come to, where that is not the wish."""
        off = found / self._wish.amount - 1
        if not count or abs(off) <= 1 - _NEAR:
            return None
        who, come = counted(count, "worker"), "ends comes" if count == 1 else "end come"
        figure = f"about {rounded(found, digits=3)} {_UNITS[self._wish.unit]}"
        share = f"{rounded(100 * abs(off))} % {'more' if off > 0 else 'less'}"
        why = "their number is a whole one"
        if differ:
            why = "with this seed they settle so; many level out"
        return f"the rate {self._wish.text}: {who} that never {come} to {figure}, {share}: {why}"

    @cached_property
    def _populations(self) -> list[_Population]:
        lives = self._lives
        found = []
        for number, (each, lever) in enumerate(zip(self._spec.arrivals, self._levers, strict=True)):
            cap = each.cap(self._plan.max_workers)
            found.append(_Population(each, lever, lives.of(number), cap, self._heights(each)))
        return found

    @cached_property
    def _lives(self) -> Lives:
        """Return how the populations live, and what their records bring in the unit of the wish."""
        spec, start = self._spec, self._start.instant.micros
        ones = {each.name: 1.0 for each in spec.emitters}
        lives = Lives(spec, self._plan.schedule, start, self._plan.style, ones, self._machines)
        counted = any(each.for_each for each in spec.emitters)
        if self._wish.unit == "workers":
            return replace(lives, rewards=None)
        if self._wish.unit == "records" and not counted:
            return lives
        sample = self._sample(lives)
        if self._wish.unit == "records":
            return replace(lives, rewards=sample.records, mean_reward=sample.mean_records)
        return replace(lives, rewards=sample.bytes, mean_reward=sample.mean_bytes)

    def _sample(self, lives: Lives) -> RecordSample:
        """Return a sample of records, of workers of each population as they come."""
        runs = [lives.of(number) for number in range(len(self._spec.arrivals))]
        weights = [each.arrivals if 0 < each.arrivals < math.inf else 1.0 for each in runs]
        records = [
            weight * each.reward
            for weight, each in zip(weights, runs, strict=True)
            if not each.endless
        ]
        times = RECORDS / max(sum(records), 1e-9)
        workers = [
            _ENDLESS if each.endless else min(max(round(times * weight), 1), _MOST_OF_SAMPLE)
            for weight, each in zip(weights, runs, strict=True)
        ]
        return record_sample(self._plan, self._start, workers)

    def _heights(self, arrivals: Arrivals) -> Floats:
        """Return how high the schedule is that lowers the cap of a population: even shares of the time."""
        curve = arrivals.curve(self._plan.schedule, "workers")
        if curve is None:
            return np.ones(1)
        start = self._start.instant.micros
        heights = curve.starting_at(start).heights_over(start, start + YEAR)
        return np.quantile(heights, (np.arange(_HEIGHTS) + 0.5) / _HEIGHTS)

    def _factor(self) -> float:
        """Return by how much workers are to be multiplied. Raises UsageError where no number does it."""
        for reason in self._reasons():
            self._refuse(reason)
        wanted, some = self._wish.amount, self._populations
        fixed = sum(each.rate(1.0) for each in some if each.lever is Lever.NOTHING)
        scaled = [each for each in some if each.lever is not Lever.NOTHING]
        if fixed >= wanted:
            self._refuse(f"those with a total bring {self._figure(fixed)} by themselves")
        if all(each.is_linear for each in scaled):
            slope = sum(each.rate(1.0) for each in scaled)
            if not 0 < slope < math.inf:
                self._refuse("its workers bring nothing, or infinitely much, on average")
            return (wanted - fixed) / slope
        return self._halved(scaled, wanted - fixed)

    def _halved(self, scaled: Sequence[_Population], wanted: float) -> float:
        """Return the factor at which populations come to what is wanted, where it does not just multiply it."""
        low, high = _LOWEST, _HIGHEST
        for _ in range(_HALVINGS):
            middle = math.sqrt(low * high)
            if sum(each.rate(middle) for each in scaled) < wanted:
                low = middle
            else:
                high = middle
        found = sum(each.rate(high) for each in scaled)
        if not found >= _NEAR * wanted:
            text = "no more workers arrive, however many the schedule lets in"
            self._refuse(f"it is {self._figure(found)} at most: {text}")
        return high

    def _reasons(self) -> Iterator[str]:
        """Yield why a rate cannot be met, whatever it is."""
        for each in self._populations:
            run, who = each.run, each.arrivals.prefix
            if each.lever is Lever.CAP and each.cap is None:
                yield f'{who}workers never end, so that ever more of them come; give a "total", or -m instead of none'
            if (
                each.lever is Lever.CAP
                and each.arrivals.limits.max is None
                and self._plan.cap_is_given
            ):
                text = f"{who}-m {self._plan.max_workers} says how many workers there are"
                yield f"{text}; leave it out"
            if each.lever is not Lever.NOTHING and math.isinf(run.reward):
                what = "lives" if self._wish.unit == "workers" else "has records"
                yield f"{who}a worker {what} without end on average"

    def _check_reach(self, factor: float) -> None:
        """Refuse a cap that was asked for and that leaves less, however often workers come.

        Of populations that have a cap of their own, that one is warned of.
        """
        found = sum(each.most(factor) for each in self._populations)
        held = [each for each in self._populations if each.arrivals.limits.max is None]
        held = [each for each in held if each.most(factor) < each.rate(factor)]
        if found >= _NEAR * self._wish.amount or not held:
            return
        enough = enough_workers(max(factor * each.run.alive for each in held))
        remedy = "leave it out" if enough is None else f"use -m {enough} or leave it out"
        self._refuse(
            f"-m {self._plan.max_workers_text} leaves {self._figure(found)} at most; {remedy}"
        )

    def _scaled_cap(self, factor: float) -> int | None:
        """Return the cap of the run, multiplied where it is what says how many workers there are."""
        most = self._plan.max_workers
        return most if most is None or not self._cap_counts else scaled_number(most, factor)

    @property
    def _cap_counts(self) -> bool:
        """Return whether the cap of the run says how many workers there are of some population."""
        return any(
            each.lever is Lever.CAP and each.arrivals.limits.max is None
            for each in self._populations
        )

    def _raised(self, scaling: Scaling) -> int | None:
        """Return the cap with which hardly an arrival waits, of populations that have none of their own."""
        most, start = scaling.max_workers, self._start.instant.micros
        if most is None or self._cap_counts:
            return most
        plan = self._plan.scaled(scaling)
        assert isinstance(plan.spec, Generator)
        for number, each in enumerate(self._populations):
            limits = each.arrivals.limits
            if each.lever is not Lever.ARRIVALS or limits.max is not None:
                continue
            curve = each.arrivals.curve(plan.schedule, "arrivals")
            curve = None if curve is None else curve.starting_at(start)
            found = forecast(
                plan.spec,
                most,
                Span(start),
                curve,
                population=number,
                trial_machines=self._machines,
            )
            if found is not None:
                enough = enough_workers(found.alive)
                if enough is None:
                    return None
                most = max(most, enough)
        return most

    def _figure(self, amount: float) -> str:
        return f"about {rounded(amount)} {_UNITS[self._wish.unit]}"

    def _refuse(self, reason: str) -> NoReturn:
        raise UsageError(f"the rate {self._wish.text} is out of reach: {reason}")
