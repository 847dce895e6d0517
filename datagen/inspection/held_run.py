"""Turns a run that a cap holds back into its figures: those of populations that it does not hold back stay what they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from datagen.arrays import Floats
from datagen.formats.variable_texts import VariableTexts
from datagen.inspection.capped_run import CappedRun, Course, Walker, capped_run
from datagen.inspection.capped_walk import Budget, CappedWalk, capped_walk
from datagen.inspection.explanation import (
    EXACT,
    FORMULA,
    SIMULATED,
    CappedFigures,
    PopulationFigures,
    RunFigures,
)
from datagen.instants import SECOND
from datagen.running.cap_warning import HeldBack, span_of
from datagen.running.plan import Plan, Start
from datagen.simulation.source import Simulation
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator

# of all populations that are walked: visits, and how many of them a window takes as long as
_BUDGET, _BUDGET_BY_VALUES = (150_000, 500), (10_000, 200)


@dataclass(frozen=True)
class HeldRun:
    """The figures of a run that a cap holds back, and of its populations: None for each that is not held back."""

    run: RunFigures
    capped: tuple[CappedFigures | None, ...]


def held_run(
    plan: Plan,
    start: Start,
    records: Floats,
    populations: Sequence[PopulationFigures],
    held: Sequence[HeldBack | None],
    free: RunFigures,
    source: Simulation | None,
) -> HeldRun:
    """Return the figures of a run of which some populations are held back.

    `records`, float64[S], are how many a visit of each state has; `free` is what the other populations come to. `source` is
    prepared where paths depend on values, else it may be None.
    """
    spec = plan.spec
    assert isinstance(spec, Generator)
    kept = [
        each.rate.mean if one is None else one.kept
        for each, one in zip(populations, held, strict=True)
    ]
    asked, rate = span_of(plan, start).records, math.fsum(kept)
    covered = start.time_range
    end = covered.end if covered.bounded else None
    if asked is not None:
        lasting = asked / rate if rate > 0 else math.inf
        last = covered.begin + lasting * SECOND
        end = max(int(last), covered.begin + 1) if last < covered.end else end
    found = _walked(_Walkers(plan, spec, start, records, source), spec, end, populations, held)
    figures = tuple(
        None if one is None else _figures(each, one)
        for each, one in zip(populations, found, strict=True)
    )
    runs = [each for each in found if each is not None]
    if asked is None:
        return HeldRun(_in_time(runs, free), figures)
    seconds = None if end is None else (end - covered.begin) / SECOND
    others = math.fsum(each for each, one in zip(kept, held, strict=True) if one is None)
    return HeldRun(_for_records(asked, rate, seconds, runs, others), figures)


def _walked(
    walkers: "_Walkers",
    spec: Generator,
    end: int | None,
    populations: Sequence[PopulationFigures],
    held: Sequence[HeldBack | None],
) -> list[CappedRun | None]:
    """Return what a run that ends at an instant comes to of each population that is held back."""
    by_values = any(True for _ in decisions_of(spec.states))
    visits, window = _BUDGET_BY_VALUES if by_values else _BUDGET
    populations_held = sum(each is not None for each in held)
    found: list[CappedRun | None] = []
    for number, (each, one) in enumerate(zip(populations, held, strict=True)):
        if one is None:
            found.append(None)
            continue
        course = walkers.course(number, end, each.life.mean)
        budget = Budget(visits // populations_held, window)
        walker, places = walkers.walker(number, budget), float(one.places)
        found.append(capped_run(walker, course, one.kept, places, budget, walkers.latest))
    return found


def _figures(population: PopulationFigures, run: CappedRun) -> CappedFigures:
    return CappedFigures(population.name, run.rate, run.alive, run.method, run.walks, run.visits)


def _method(runs: Sequence[CappedRun]) -> str:
    """Return how the figures of some runs together were found: as the least of them were."""
    methods = {each.method for each in runs}
    return next((each for each in (FORMULA, SIMULATED) if each in methods), EXACT)


def _in_time(runs: Sequence[CappedRun], free: RunFigures) -> RunFigures:
    """Return what a run makes in its time, or without an end."""
    if free.limited_by != "time":
        return replace(free, held_back=True, method=_method(runs))
    return replace(
        free,
        records=free.records + math.fsum(each.records for each in runs),
        sd=math.hypot(free.sd, *(each.sd for each in runs)),
        held_back=True,
        method=_method(runs),
        error=math.hypot(*(each.error for each in runs)),
    )


def _for_records(
    asked: int, rate: float, seconds: float | None, runs: Sequence[CappedRun], free: float
) -> RunFigures:
    """Return how long a run takes for so many records: a time that is about so long, in `seconds`, has been walked.

    `free` is how many records a second the other populations make, `rate` how many all do, by the formula of a queue.
    """
    method = _method(runs)
    if seconds is None or not rate > 0:
        return RunFigures(
            "records", None, float(asked), 0.0, held_back=True, method=method, error=math.nan
        )
    made = math.fsum([free * seconds, *(each.records for each in runs)])
    pace = made / seconds if made > 0 else rate  # what the walks made, not the formula
    error = math.hypot(*(each.error for each in runs)) / pace
    lasting = seconds + (asked - made) / pace
    return RunFigures(
        "records", lasting, float(asked), 0.0, held_back=True, method=method, error=error
    )


class _Walkers:
    """What walks the populations of a plan: those of its `source`, where paths look at sets of values that are prepared there."""

    def __init__(
        self,
        plan: Plan,
        spec: Generator,
        start: Start,
        records: Floats,
        source: Simulation | None,
    ) -> None:
        self._spec, self._start, self._records = spec, start, records
        texts = VariableTexts(spec.variable_types)
        self._simulation = source or Simulation(spec, plan, plan.style, texts)
        self._simulation.start_stream(start.instant.micros)
        self.latest = start.time_range.end

    def walker(self, number: int, budget: Budget) -> Walker:
        """Return what walks a population within a budget."""

        def walk(seed: int, begin: int, end: int, most: int) -> CappedWalk:
            span = begin, end
            return capped_walk(self._simulation, number, seed, self._records, span, budget, most)

        return walk

    def course(self, number: int, end: int | None, life: float) -> Course:
        """Return the time of a population in the run, which ends at an instant."""
        machine, (_, curve) = (
            self._simulation.trial_machine(number, 0),
            self._simulation.limit_of(number),
        )
        times = machine.interarrivals
        open_ended = times.openings is None and self._spec.arrivals[number].limits.total is None
        steady = (
            times.time_independent
            and curve is None
            and not machine.time_dependent
            and machine.phases is None
        )
        covered = self._start.time_range
        return Course(
            covered.simulated_from, covered.begin, end, life, steady and open_ended, open_ended
        )
