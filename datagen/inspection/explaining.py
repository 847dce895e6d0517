"""Turns a plan into what is said of it before it is run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from datagen.arrays import Floats
from datagen.inspection.explanation import (
    EmitterFigures,
    Explanation,
    Lead,
    RunFigures,
    StateFigures,
    together,
)
from datagen.inspection.record_sizes import RecordSizes, record_sizes
from datagen.inspection.run_figures import run_figures
from datagen.inspection.worker_figures import Workers, with_deviation, workers_of
from datagen.instants import SECOND
from datagen.running.cap_warning import cap_warnings, held_rates, span_of, trial_machines
from datagen.running.plan import Plan, Start
from datagen.running.rate import rated
from datagen.simulation.build import openings_of
from datagen.simulation.forecast import Span, UncappedRun, seconds_of
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.moments import worker_chain
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.state import State
from datagen.spec.state_graph import STOP, StateGraph, reachable, traps, warnings

_HARDLY_EVER = 1e-7  # the share of arrivals that wait with the cap that is advised


def explained(plan: Plan, start: Start) -> Explanation:
    """Return what is known of a run of a model before it is made. Raises RunError, SpecError."""
    plan = rated(plan)
    spec = plan.spec
    assert isinstance(spec, Generator)
    emitters_of = [list(state.emitter) for state in spec.states]
    listing = [each.name for each in spec.emitters if each.for_each is not None]
    sizes = record_sizes(plan, start, listing)
    made = _records_of_visits(spec, sizes, listing)
    records = np.array(
        [sum(map(each.__getitem__, own)) for each, own in zip(made, emitters_of, strict=True)],
        dtype=np.float64,
    )
    workers = _workers(plan, spec, start, records)
    if listing:
        workers = _sampled(workers, sizes)
    counts = _counts(workers, len(spec.states))
    of_states = counts * records
    shares = _shares(emitters_of, counts, made)
    size = sum(shares.get(name, 0.0) * (sizes.size(name) or sizes.mean) for name in shares)
    cap = tuple(cap_warnings(plan, start, waiting=_HARDLY_EVER))
    graph = spec.graph()
    figures = tuple(each.figures for each in workers)
    return Explanation(
        plan.file,
        spec.described(),
        _zone(workers),
        figures,
        tuple(_states(spec, graph, counts, of_states)),
        tuple(EmitterFigures(name, shares[name], sizes.size(name)) for name in shares),
        size,
        together([each.rate for each in figures]),
        together([each.alive for each in figures]),
        _run(plan, spec, start, workers, size, held=bool(cap)),
        cap,
        (*([plan.wish_note] if plan.wish_note else []), *_notes(graph, workers, listing)),
    )


def _records_of_visits(
    spec: Generator, sizes: RecordSizes, listing: Sequence[str]
) -> list[dict[str, float]]:
    """Return how many records each emitter of a state makes at a visit, of each state."""
    return [
        {name: sizes.of_visit(state.name, name, listing) for name in state.emitter}
        for state in spec.states
    ]


def _sampled(workers: Sequence[Workers], sizes: RecordSizes) -> list[Workers]:
    return [with_deviation(each, *sizes.deviation(number)) for number, each in enumerate(workers)]


def _workers(plan: Plan, spec: Generator, start: Start, records: Floats) -> list[Workers]:
    chain = worker_chain(spec, records)
    machines = trial_machines(plan, spec, start, None) if any(decisions_of(spec.states)) else None
    span = Span(start.time_range.simulated_from, start=start.instant.micros)
    found = []
    for number, (arrivals, first) in enumerate(zip(spec.arrivals, spec.firsts, strict=True)):
        curve = arrivals.curve(plan.schedule, "arrivals")
        run = UncappedRun(spec, span, curve, plan.part, number, machines)
        found.append(workers_of(arrivals, first, chain, records, run))
    return found


def _counts(workers: Sequence[Workers], states: int) -> Floats:
    """Return how often a worker is in each state: of all populations together, by their arrivals."""
    weights = np.array(
        [each.figures.arrivals.mean if each.figures.arrivals else 0.0 for each in workers]
    )
    if not np.isfinite(weights).all() or not weights.any():
        weights = np.ones(len(workers))
    visits = np.zeros(states)
    for weight, each in zip(weights / weights.sum(), workers, strict=True):
        visits += weight * each.moments.visits
    return visits


def _shares(
    emitters_of: Sequence[Sequence[str]], visits: Floats, made: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    """Return the share of each emitter among all records, of which each visit of a state has so many."""
    found: dict[str, float] = {}
    for state, own in enumerate(emitters_of):
        for name in own:
            found[name] = found.get(name, 0.0) + float(visits[state] * made[state][name])
    total = sum(found.values())
    return {name: each / total if total else 0.0 for name, each in found.items()}


def _states(
    spec: Generator, graph: StateGraph, visits: Floats, records: Floats
) -> list[StateFigures]:
    reached, total = reachable(graph), float(records.sum())
    trapped = {state for trap in traps(graph, reached) for state in trap}
    found = []
    for number, state in enumerate(spec.states):
        kind = "" if number in reached else "not reached"
        kind = "never left for the end" if number in trapped else kind
        found.append(
            StateFigures(
                state.name,
                tuple(state.emitter),
                float(visits[number]),
                float(records[number]),
                float(records[number]) / total if total else 0.0,
                state.delay.mean_duration(),
                _leads(state, graph.nodes[number].nexts),
                kind,
            )
        )
    return found


def _leads(state: State, nexts: Sequence[int]) -> tuple[Lead, ...]:
    """Return where a state leads; `nexts` are the numbers of the states, or STOP."""
    chances = sum(each.probability or 0.0 for each in state.transitions)
    return tuple(
        Lead(
            None if number == STOP else each.next,
            (each.probability or 0.0) / chances if chances else None,
            None if each.when is None else getattr(each.when, "text", str(each.when)),
        )
        for each, number in zip(state.transitions, nexts, strict=True)
    )


def _run(
    plan: Plan,
    spec: Generator,
    start: Start,
    workers: Sequence[Workers],
    size: float,
    *,
    held: bool,
) -> RunFigures:
    """Return what the run makes; `size` is the mean bytes of a record, by which a limit of bytes is one of about so many records."""
    if plan.max_bytes is not None:
        plan = replace(plan, max_records=round(plan.max_bytes / max(size, 1.0)), max_bytes=None)
    span = span_of(plan, start)
    covered = start.time_range
    seconds = None if span.seconds is None else (covered.end - covered.begin) / SECOND
    curves = [each.curve(plan.schedule, "arrivals") for each in spec.arrivals]
    if span.records is not None:
        machines = (
            trial_machines(plan, spec, start, None) if any(decisions_of(spec.states)) else None
        )
        seconds = seconds_of(spec, span, curves, plan.part, machines)
    if held:
        return _held_run(plan, start, workers, seconds, span.records)
    times = []
    for each, curve in zip(spec.arrivals, curves, strict=True):
        distribution = each.interarrival.starting_at(span.first_start)
        own = None if curve is None else curve.starting_at(span.first_start)
        openings = openings_of(each, spec, start.instant.micros, plan.style)
        times.append(Interarrivals(np.uint64(0), distribution, own, plan.part, None, openings))
    begin = covered.simulated_from
    warm_up = (covered.begin - begin) / SECOND
    return run_figures(workers, spec.arrivals, times, begin, warm_up, seconds, span.records)


def _held_run(
    plan: Plan, start: Start, workers: Sequence[Workers], seconds: float | None, records: int | None
) -> RunFigures:
    """Return what a run comes to that a cap holds back: how its records vary is not known."""
    free = [each.figures.rate.mean for each in workers]
    kept = held_rates(plan, start)
    rate = sum(one if each is None else each for one, each in zip(free, kept, strict=True))
    if records is not None:
        lasting = records / rate if rate else None
        return RunFigures("records", lasting, records, 0.0, held_back=True)
    if seconds is None:
        return RunFigures("", None, math.inf, math.inf, held_back=True)
    return RunFigures("time", seconds, rate * seconds, math.nan, held_back=True)


def _zone(workers: Sequence[Workers]) -> str:
    zones = [str(each.timezone) for one in workers for each in one.run.curves if each.timezone]
    return zones[-1] if zones else "UTC"


def _notes(graph: StateGraph, workers: Sequence[Workers], listing: Sequence[str]) -> list[str]:
    """Return what else is to be known: of the states, and of how figures were found."""
    found = []
    for path, text in warnings(graph):
        place = path[1] if len(path) > 1 else None
        name = (
            f'"{graph.nodes[place].name}": '
            if isinstance(place, int) and not text.startswith("no worker")
            else ""
        )
        found.append(f"{name}{text}")
    for each in workers:
        if each.figures.workers:
            who = "" if each.figures.name is None else f"population {each.figures.name}: "
            if math.isinf(each.figures.life.mean):
                found.append(
                    f"{who}visits are those of {each.figures.workers:,} simulated workers, as far as they were followed"
                )
                continue
            found.append(
                f"{who}paths depend on values or on the time; {each.figures.workers:,} workers were simulated, "
                f"so that their mean records are known to {each.figures.error:.2g}"
            )
    if listing:
        found.append(
            f"records of {', '.join(listing)} go over lists, as long as in a sample of the stream"
        )
    return found
