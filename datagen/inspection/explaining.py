"""Turns a plan into what is said of it before it is run."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from datagen.arrays import Floats
from datagen.errors import UsageError
from datagen.inspection.explanation import (
    CappedFigures,
    EmitterFigures,
    Explanation,
    Lead,
    ReplayExplanation,
    RunFigures,
    StateFigures,
    together,
)
from datagen.inspection.held_run import held_run
from datagen.inspection.record_sizes import RecordSizes, record_sizes
from datagen.inspection.run_figures import run_figures
from datagen.inspection.worker_figures import Workers, with_deviation, workers_of
from datagen.instants import SECOND
from datagen.running.cap_warning import (
    cap_sentence,
    held_back,
    prepared_source,
    span_of,
    trial_machines,
)
from datagen.running.plan import Plan, Start
from datagen.running.rate import rated
from datagen.simulation.build import openings_of
from datagen.simulation.forecast import Span, TrialMachines, UncappedRun, seconds_of
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.moments import worker_chain
from datagen.simulation.source import Simulation
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.state import State
from datagen.spec.state_graph import (
    STOP,
    StateGraph,
    UnsetVariable,
    doubtful_states,
    path_without,
    reachable,
    traps,
    unset_variables,
)

_LONGEST_PATH = 8  # states that are named
_HOUR = 3600.0  # seconds
_HARDLY_EVER = 1e-7  # the share of arrivals that wait with the cap that is advised


def described(plan: Plan, start: Start) -> Explanation | ReplayExplanation:
    """Return what is known of a run before it is made, of a model or of a replay. Raises RunError, SpecError, UsageError."""
    found = explained(plan, start) if isinstance(plan.spec, Generator) else _replayed(plan, start)
    begins_now = plan.real_clock and plan.start is None and plan.resumed_from is None
    if not begins_now or found.run.seconds is None:
        return found
    return replace(found, run=replace(found.run, here=found.run.seconds / plan.speed))


def _replayed(plan: Plan, start: Start) -> ReplayExplanation:
    # a model reads no source: it needs none of this
    from datagen.inspection.explained_replay import replay_explained  # noqa: PLC0415
    from datagen.replay.source import ReplaySource  # noqa: PLC0415

    if not isinstance(plan.spec, ReplaySource):
        raise UsageError("a table of entities has no run to explain")
    size = math.nan if plan.spec.read_once else record_sizes(plan, start, ()).mean
    return replay_explained(plan, start, size)


def explained(plan: Plan, start: Start) -> Explanation:
    """Return what is known of a run of a model before it is made. Raises RunError, SpecError."""
    plan = rated(plan)
    spec = plan.spec
    assert isinstance(spec, Generator)
    emitters_of = [list(state.emitter) for state in spec.states]
    listing = [each.name for each in spec.emitters if each.for_each is not None]
    source = prepared_source(plan, spec) if any(decisions_of(spec.states)) else None
    machines = None if source is None else trial_machines(plan, spec, start, source)
    sizes = record_sizes(plan, start, listing)
    made = _records_of_visits(spec, sizes, listing)
    records = np.array(
        [sum(map(each.__getitem__, own)) for each, own in zip(made, emitters_of, strict=True)],
        dtype=np.float64,
    )
    workers = _workers(plan, spec, start, records, machines)
    if listing:
        workers = _sampled(workers, sizes)
    counts = _counts(workers, len(spec.states))
    of_states = counts * records
    shares = _shares(emitters_of, counts, made)
    size = sum(shares.get(name, 0.0) * (sizes.size(name) or sizes.mean) for name in shares)
    graph = spec.graph()
    figures = tuple(each.figures for each in workers)
    limited = _limited_by_records(plan, size)
    run, capped, cap = _capped(limited, spec, start, workers, records, source)
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
        run,
        cap,
        capped,
        (*_wish_notes(plan), *_notes(graph, workers, listing)),
    )


def _wish_notes(plan: Plan) -> Iterator[str]:
    if plan.wish_note:
        yield plan.wish_note


def _limited_by_records(plan: Plan, size: float) -> Plan:
    """Return a plan whose limit of bytes, if it has one, is one of about so many records, given the mean bytes of one."""
    if plan.max_bytes is None:
        return plan
    return replace(plan, max_records=round(plan.max_bytes / max(size, 1.0)), max_bytes=None)


def _capped(
    plan: Plan,
    spec: Generator,
    start: Start,
    workers: Sequence[Workers],
    records: Floats,
    source: Simulation | None,
) -> tuple[RunFigures, tuple[CappedFigures, ...], tuple[str, ...]]:
    """Return what the run comes to, what caps leave of populations that they hold back, and what is said of these."""
    held = list(held_back(plan, start, source))
    run = _run(plan, spec, start, workers, source, held)
    if not any(held):
        return run, (), ()
    figures = [each.figures for each in workers]
    found = held_run(plan, start, records, figures, held, run, source)
    pairs = [(one, each) for one, each in zip(held, found.capped, strict=True) if one and each]
    said = [
        cap_sentence(plan, one, each.rate.mean, _HARDLY_EVER)
        for one, each in pairs
        if not one.as_wished
    ]
    return found.run, tuple(each for _, each in pairs), tuple(said)


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


def _workers(
    plan: Plan, spec: Generator, start: Start, records: Floats, machines: TrialMachines | None
) -> list[Workers]:
    chain = worker_chain(spec, records)
    span = Span(start.time_range.simulated_from, start=start.instant.micros)
    found = []
    for number, arrivals in enumerate(spec.arrivals):
        curve = arrivals.curve(plan.schedule, "arrivals")
        run = UncappedRun(spec, span, curve, plan.part, number, machines)
        found.append(workers_of(spec, number, chain, records, run))
    return found


def _counts(workers: Sequence[Workers], states: int) -> Floats:
    """Return how often a worker is in each state: of all populations together, by their arrivals.

    Where some never end it is how often one of these is there in an hour of a long run, with what others bring in that time. If more and
    more of them come, these count alone.
    """
    endless = [each for each in workers if each.endless]
    growing = [each for each in endless if each.figures.total is None]
    counted = growing or workers
    weights = np.array([_weight(each, growing=bool(growing)) for each in counted])
    if not np.isfinite(weights).all() or not weights.any():
        weights = np.ones(len(counted))
    visits = np.zeros(states)
    for weight, each in zip(weights.tolist(), counted, strict=True):
        visits += weight * each.moments.visits
    of = [each.endless or not endless for each in counted]
    return visits * (_HOUR if endless else 1.0) / float(weights[of].sum() or 1.0)


def _weight(workers: Workers, *, growing: bool) -> float:
    """Return how many workers of a population come in a second, or are there of those that never end and are so many."""
    figures = workers.figures
    if workers.endless and not growing:
        return float(figures.total or 0)
    return figures.arrivals.mean if figures.arrivals else 0.0


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
    source: Simulation | None,
    held: Sequence[object],
) -> RunFigures:
    """Return what a run comes to of the populations that are not held back; a run of which none is has its length."""
    span = span_of(plan, start)
    covered = start.time_range
    seconds = None if span.seconds is None else (covered.end - covered.begin) / SECOND
    curves = [each.curve(plan.schedule, "arrivals") for each in spec.arrivals]
    if span.records is not None and not any(held):
        machines = None if source is None else trial_machines(plan, spec, start, source)
        seconds = seconds_of(spec, span, curves, plan.part, machines)
    free, arrivals, times = [], [], []
    for each, curve, own_workers, waits in zip(spec.arrivals, curves, workers, held, strict=True):
        if waits is not None:
            continue
        distribution = each.interarrival.starting_at(span.first_start)
        own = None if curve is None else curve.starting_at(span.first_start)
        openings = openings_of(each, spec, start.instant.micros, plan.style)
        times.append(Interarrivals(np.uint64(0), distribution, own, plan.part, None, openings))
        free.append(own_workers)
        arrivals.append(each)
    begin = covered.simulated_from
    warm_up = (covered.begin - begin) / SECOND
    return run_figures(free, arrivals, times, begin, warm_up, seconds, span.records)


def _zone(workers: Sequence[Workers]) -> str:
    zones = [str(each.timezone) for one in workers for each in one.run.curves if each.timezone]
    return zones[-1] if zones else "UTC"


def _notes(graph: StateGraph, workers: Sequence[Workers], listing: Sequence[str]) -> list[str]:
    """Return what else is to be known: of the states, and of how figures were found."""
    found = []
    for path, text in doubtful_states(graph):
        place = path[1] if len(path) > 1 else None
        name = (
            f'"{graph.nodes[place].name}": '
            if isinstance(place, int) and not text.startswith("no worker")
            else ""
        )
        found.append(f"{name}{text}")
    found.extend(_unset(graph, each) for each in unset_variables(graph))
    for each in workers:
        who = "" if each.figures.name is None else f"population {each.figures.name}: "
        count = each.figures.workers
        if each.endless:
            how = f", as {count:,} simulated ones made them" if count else ""
            found.append(
                f"{who}visits and records are those of an hour of a worker, in a long run{how}"
            )
        elif count:
            found.append(
                f"{who}paths depend on values or on the time; {count:,} workers were simulated, "
                f"so that their mean records are known to {each.figures.error:.2g}"
            )
    if listing:
        found.append(
            f"records of {', '.join(listing)} go over lists, as long as in a sample of the stream"
        )
    return found


def _unset(graph: StateGraph, unset: UnsetVariable) -> str:
    """Return what is wrong with a variable, with a path on which it is unset; of a long one the middle is left out."""
    names = [graph.nodes[each].name for each in path_without(graph, unset.state, unset.name)]
    if len(names) > _LONGEST_PATH:
        half = _LONGEST_PATH // 2
        names = [*names[:half], "...", *names[-half:]]
    return f'"{graph.nodes[unset.state].name}": {unset.sentence(" -> ".join(names))}'
