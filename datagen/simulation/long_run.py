"""Turns a specification into what its populations come to on average, in the long run and without a cap.

Exact from the chain of the states where paths look at nothing, else from a bounded walk of workers with a seed of
their own. Nothing of it depends on how long a run is.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Floats, Ints, Mask
from datagen.curves.curve import Curve
from datagen.curves.factors import Trend
from datagen.curves.product import product_of
from datagen.curves.zones import WEEK
from datagen.instants import DAY, SECOND, Style
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.build import build_machine, openings_of, population_seed
from datagen.simulation.chain import chain_of, long_run_pace, trap_paces
from datagen.simulation.dry_run import sampled_lives
from datagen.simulation.machine import Machine
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.state_graph import STOP, endless_from

YEAR = 365 * DAY  # over which what differs from week to week is looked at
_WORKERS = 32_768  # that are walked
_VISITS = 1_000_000  # of them, at most
_FEW_WORKERS = 1024  # that never end, and of each about
_VISITS_OF_EACH = 64
_LONG = 1e10  # seconds
_GOLDEN = (5**0.5 - 1) / 2  # whose multiples, without their whole parts, are spread evenly

TrialMachines = Callable[[], Sequence[Machine]]  # a machine of each population


@dataclass(frozen=True)
class LongRun:
    """What a population comes to: how often workers arrive, how long one lives and what it brings until it ends.

    Of those that may never end, `reward` is what one brings a second, and `seconds` is infinite. `arrivals` a second may be infinite, too, and
    are no more than those of the first year.
    """

    arrivals: float
    seconds: float
    reward: float
    endless: bool

    @property
    def alive(self) -> float:
        """Return how many are alive on average."""
        return self.arrivals * self.seconds

    @property
    def pace(self) -> float:
        """Return what one worker brings a second while it lives."""
        return self.reward if self.endless else self.reward / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Lives:
    """How populations live: the specification, the schedule of the run and its very first start.

    `rewards` are what each emitter brings at a visit, `mean_reward` that of any; without them each second that a worker lives
    brings 1. `machines` walk workers whose paths look at values.
    """

    spec: Generator
    schedule: Curve | None
    start: int
    style: Style
    rewards: Mapping[str, float] | None
    machines: TrialMachines
    mean_reward: float = 1.0

    def of(self, number: int) -> LongRun:
        """Return what a population comes to."""
        spec, first = self.spec, self.spec.firsts[number]
        endless, arrivals = endless_from(spec.graph(), first), self._arrivals(number)
        if self._looks_at_values:
            return self._walked(number, arrivals, endless=endless)
        if endless:
            timed = any(state.delay.temporal for state in spec.states)
            if timed and self.rewards is not None:
                return self._walked(number, arrivals, endless=True)
            pace = 1.0 if self.rewards is None else long_run_pace(spec, first, self._per_visit)
            return LongRun(arrivals, math.inf, pace, endless=True)
        return self._by_chain(number, arrivals)

    def pace_with(self, seed: int, number: int, workers: int) -> float | None:
        """Return what the first workers of a population that never end bring a second in a run with a seed, each on average.

        They differ by where they settle; for many of them it is the pace of `of`. None where that is not known before they live.
        """
        timed = any(state.delay.temporal for state in self.spec.states)
        if self.rewards is None or timed or self._looks_at_values:
            return None
        spec, first = self.spec, self.spec.firsts[number]
        paces = np.full(len(spec.states), np.nan)
        for trap in trap_paces(spec, first, self._per_visit):
            paces[trap.states] = trap.pace
        machine = build_machine(spec, seed, start=self.start)
        own = population_seed(machine.seed, spec.arrivals[number].name)
        states = _settled(replace(machine, first=first, seed=own), workers, np.isfinite(paces))
        return None if states is None else float(paces[states].mean())

    @property
    def _looks_at_values(self) -> bool:
        return any(True for _ in decisions_of(self.spec.states))

    @property
    def _per_visit(self) -> Floats:
        """Return what a visit of each state brings: float64[S]."""
        rewards = self.rewards or {}
        each = [sum(rewards.get(name, 0.0) for name in state.emitter) for state in self.spec.states]
        return np.array(each, dtype=float)

    def _by_chain(self, number: int, arrivals: float) -> LongRun:
        first = self.spec.firsts[number]
        chain = chain_of(self.spec, self._per_visit)
        if chain is None:
            return self._walked(number, arrivals, endless=False)
        seconds = float(chain.seconds[first])
        if any(state.delay.temporal for state in self.spec.states):
            seconds = self._walked(number, arrivals, endless=False).seconds
        reward = seconds if self.rewards is None else float(chain.records[first])
        return LongRun(arrivals, seconds, reward, endless=False)

    def _walked(self, number: int, arrivals: float, *, endless: bool) -> LongRun:
        """Return the same by walking workers, that begin all over a week as often as they come then."""
        machine = self._machine(number)
        mean = self.mean_reward
        if not endless:
            lives = sampled_lives(machine, None, self._begins(number), _LONG, most_visits=_VISITS)
            seconds = lives.mean_life(_LONG)
            reward = seconds if self.rewards is None else mean * lives.mean_records(_LONG)
            return LongRun(arrivals, seconds, reward, endless=False)
        if self.rewards is None:
            return LongRun(arrivals, math.inf, 1.0, endless=True)
        begins = self._begins(number)[:_FEW_WORKERS]
        lives = sampled_lives(
            machine, None, begins, _LONG, most_visits=_FEW_WORKERS * _VISITS_OF_EACH
        )
        if (
            lives.pace and machine.time_dependent
        ):  # the same time of each, as visits last as long as they begin
            half = _VISITS_OF_EACH / lives.pace / 8
            lives = sampled_lives(machine, None, begins, 2 * half, most_visits=_VISITS)
            found = (lives.mean_records(2 * half) - lives.mean_records(half)) / half
        else:
            found = lives.pace
        return LongRun(arrivals, math.inf, mean * found, endless=True)

    def _machine(self, number: int) -> Machine:
        if self._looks_at_values:
            machine = self.machines()[number]
            if machine.phases is not None and machine.phases.enter_quiet(
                self.start, self.start + YEAR
            ):
                assert machine.values is not None
                return machine.values.plain() or machine
            return machine
        made = build_machine(self.spec, 0, start=self.start)
        return replace(made, first=self.spec.firsts[number])

    def _begins(self, number: int) -> Ints:
        """Return instants at which workers begin, in a week: more of them where more arrive."""
        shares = (np.arange(_WORKERS) * _GOLDEN) % 1.0
        instants = self.start + np.arange(0, WEEK, 10 * 60 * SECOND)
        heights = _steady_product(self._curves(number), self.start).heights(instants)
        if not heights.sum() > 0:
            heights = np.ones(len(instants))
        passed = np.concatenate([[0.0], np.cumsum(heights)])
        edges = np.append(instants, self.start + WEEK).astype(float)
        begins: Ints = np.interp(shares * passed[-1], passed, edges).astype(np.int64)
        return begins

    def _curves(self, number: int) -> list[Curve]:
        """Return the curves that the arrivals of a population follow."""
        arrivals = self.spec.arrivals[number]
        found = (arrivals.interarrival.curve, arrivals.curve(self.schedule, "arrivals"))
        return [each for each in found if each is not None]

    def _arrivals(self, number: int) -> float:
        """Return how many workers of a population arrive a second, on average."""
        arrivals = self.spec.arrivals[number]
        mean = arrivals.interarrival.mean_duration()
        height = mean_height(self._curves(number), self.start)
        return height * self.open_seconds(number) / (YEAR / SECOND) / mean if mean else math.inf

    def open_seconds(self, number: int) -> float:
        """Return for how long of the first year workers of a population may come."""
        openings = openings_of(self.spec.arrivals[number], self.spec, self.start, self.style)
        if openings is None:
            return YEAR / SECOND
        self.spec.run_timeline.begin(self.start, self.style)
        end = self.start + YEAR
        within = openings.within(self.start, end)
        return sum(min(b, end) - max(a, self.start) for a, b in within) / SECOND


def mean_height(curves: Iterable[Curve], start: int) -> float:
    """Return the mean height of the product of curves: over a week, or where weeks differ over 365 days from the start.

    A trend counts as it is at the start, which is 1.
    """
    found = _steady_product(curves, start)
    return float(found.heights_over(start, start + YEAR).mean()) if found.members else 1.0


def _settled(machine: Machine, workers: int, traps: Mask) -> Ints | None:
    """Return the state in which each of the first workers has come to a trap: int64[n]; None if one ends, or comes to none."""
    states = np.full(workers, machine.first)
    bits = worker_bits(machine.seed, np.arange(workers))
    for visit in range(_VISITS_OF_EACH):
        rows = np.flatnonzero(~traps[states])
        if not len(rows):
            return states
        of_visits = visit_bits(bits[rows], np.full(len(rows), visit))
        states[rows] = machine.next_states(of_visits, states[rows])
        if (states == STOP).any():
            return None
    return None


def _steady_product(curves: Iterable[Curve], start: int) -> Curve:
    """Return the product of curves without their trends, in a run with this first start."""
    members = [each for curve in curves for each in curve.members if not isinstance(each, Trend)]
    return product_of(each.starting_at(start) for each in members)
