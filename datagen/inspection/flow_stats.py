"""Turns the windows of a run into figures of its transitions and delays, beside what the specification says."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.distributions.base import Distribution
from datagen.inspection.number_tally import NumberSummary, NumberTally
from datagen.inspection.transitions import UNSEEN, StepCollector, Steps, counts_of
from datagen.instants import SECOND
from datagen.running.plan import Plan
from datagen.simulation.build import build_machine
from datagen.simulation.visits import Visits
from datagen.simulation.worker_keys import numbers_of, populations_of
from datagen.spec.generator import Generator
from datagen.spec.populations import Arrivals
from datagen.spec.state import State
from datagen.spec.state_graph import STOP

_ROUNDING = 1e-6  # seconds, of a delay
END = "stop"


@dataclass(frozen=True)
class TransitionFigures:
    """How often a state was followed by another one, or the end, among `visits` of it whose end was seen.

    `expected` is its probability, None where it has no fixed one: then `why` is the reason. `errors` is how many standard
    errors lie between the two.
    """

    state: str
    next: str
    visits: int
    count: int
    expected: float | None
    errors: float | None
    why: str = ""

    @property
    def observed(self) -> float:
        """Return the share of the visits."""
        return self.count / self.visits if self.visits else 0.0


@dataclass(frozen=True)
class TimeFigures:
    """How long something took, seconds: the delay of a state, or the time between two workers of a population.

    `expected` is its mean, None where it has no fixed one: then `why` is the reason. `errors` is how many standard errors
    of the observed mean lie between the two.
    """

    what: str
    numbers: NumberSummary
    expected: float | None
    errors: float | None
    why: str = ""


class FlowStatistics:
    """Takes the windows of a run of a model, all of them and in order."""

    def __init__(self, plan: Plan, spec: Generator, start: int) -> None:
        """Prepare for a run that starts at an instant, microseconds since 1970."""
        self._plan, self._spec = plan, spec
        self._machine = build_machine(spec, plan.seed, None, plan.part, start)
        self._steps = StepCollector()
        states = len(self._machine.names)
        self._counts = np.zeros((states, states + 1), dtype=np.int64)
        self._delays = [NumberTally() for _ in spec.states]
        self._varies = np.array([any(each.delay.expressions()) for each in spec.states])
        populations = len(spec.arrivals)
        self._between = [NumberTally() for _ in range(populations)]
        self._last_start: list[Ints] = [np.empty(0, dtype=np.int64)] * populations
        self._waited = False

    def add(self, window: Visits) -> None:
        """Add a window."""
        self._add_steps(self._steps.add(window))
        self._waited = self._waited or any(len(each.dues) for each in window.waits)
        first = window.visits == 0
        populations = populations_of(window.workers[first])
        for number, tally in enumerate(self._between):
            own = populations == number
            order = np.argsort(numbers_of(window.workers[first][own]))
            starts = np.concatenate([self._last_start[number], window.times[first][own][order]])
            tally.add(np.diff(starts) / SECOND)
            self._last_start[number] = starts[-1:]

    def finish(self) -> None:
        """Add what the last window leaves: visits under way count by how long they will last."""
        self._add_steps(self._steps.finish())
        self._add_delays(self._steps.under_way)

    def transitions(self) -> Iterator[TransitionFigures]:
        """Yield the figures of each transition, in the order of the specification; of states that were visited."""
        numbers = {state.name: number for number, state in enumerate(self._spec.states)}
        for state, counts in zip(self._spec.states, self._counts, strict=False):
            visits = int(counts.sum())
            if not visits:
                continue
            nexts = [numbers.get(each.next, STOP) for each in state.transitions]
            total = sum(each.probability for each in state.transitions)
            shares: dict[int, float] = {}
            for number, each in zip(nexts, state.transitions, strict=True):
                shares[number] = shares.get(number, 0.0) + each.probability / total
            why = transition_reason(state)
            for number, share in shares.items():
                yield _transition(
                    state.name,
                    END if number == STOP else self._spec.states[number].name,
                    visits,
                    int(counts[number]),
                    share,
                    why,
                )

    def delays(self) -> Iterator[TimeFigures]:
        """Yield the figures of each delay that takes time, of states that were visited."""
        for state, tally in zip(self._spec.states, self._delays, strict=True):
            numbers = tally.summary()
            if numbers.count and (state.delay.can_take_time() or any(state.delay.expressions())):
                yield _time(
                    state.name, numbers, state.delay.mean_duration(), delay_reason(state.delay)
                )

    def interarrivals(self) -> Iterator[TimeFigures]:
        """Yield the figures of the time between the workers of each population that has several."""
        for arrivals, tally in zip(self._spec.arrivals, self._between, strict=True):
            numbers, mean = tally.summary(), arrivals.interarrival.mean_duration()
            if numbers.count:
                mean *= self._plan.part.count
                yield _time(
                    arrivals.name or "workers", numbers, mean, self._arrival_reason(arrivals)
                )

    def _add_steps(self, steps: Steps) -> None:
        self._counts += counts_of(steps, len(self._counts))
        self._add_delays(steps)

    def _add_delays(self, steps: Steps) -> None:
        """Add how long visits lasted: by their draws where that is not seen, so that long ones do not go missing."""
        inside = steps.states < len(self._delays)  # a state that ends the run is none
        unseen = steps.durations == UNSEEN
        if unseen.any():
            drawn = self._steps.drawn_durations(self._machine, steps)
            inside[inside] &= ~(unseen[inside] & self._varies[steps.states[inside]])
            durations = np.where(unseen, drawn, steps.durations)
        else:
            durations = steps.durations
        seconds: Floats = durations / SECOND
        for state in np.unique(steps.states[inside]).tolist():
            self._delays[state].add(seconds[inside & (steps.states == state)])

    def _arrival_reason(self, arrivals: Arrivals) -> str:
        """Return why there is no fixed time between the workers of a population, or ""."""
        if self._waited:
            return "waits"
        if arrivals.curve(self._plan.schedule, "arrivals") is not None:
            return "schedule"
        if arrivals.bounded:
            return "periods"
        return delay_reason(arrivals.interarrival)


def transition_reason(state: State) -> str:
    """Return why the transitions of a state have no fixed probabilities, or ""."""
    return "conditions" if any(each.when is not None for each in state.transitions) else ""


def delay_reason(delay: Distribution) -> str:
    """Return why a delay has no fixed mean, or ""."""
    if any(delay.expressions()):
        return "values"
    if delay.hours is not None:
        return "open hours"
    if delay.curve is not None:
        return "curve"
    return "" if math.isfinite(delay.mean_duration()) else "infinite"


def _transition(
    state: str, following: str, visits: int, count: int, share: float, why: str
) -> TransitionFigures:
    if why:
        return TransitionFigures(state, following, visits, count, None, None, why)
    error = math.sqrt(share * (1 - share) / visits)
    difference = count / visits - share
    errors = (
        difference / error if error else math.copysign(math.inf, difference) if difference else 0.0
    )
    return TransitionFigures(state, following, visits, count, share, errors)


def _time(what: str, numbers: NumberSummary, mean: float, why: str) -> TimeFigures:
    if why:
        return TimeFigures(what, numbers, None, None, why)
    return TimeFigures(what, numbers, mean, numbers.errors_from(mean, _ROUNDING))
