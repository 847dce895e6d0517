"""What the workers of a long run without a cap came to, counted by the visits of its windows and by nothing of what foretells it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.inspection.observing import Observation
from datagen.instants import SECOND
from datagen.randomness import visit_bits
from datagen.running.plan import Plan
from datagen.running.record_sample import sizes_by_emitter
from datagen.running.rendering import RenderingJob
from datagen.simulation.build import build_machine
from datagen.simulation.worker_keys import bits_of, populations_of
from datagen.spec.generator import Generator
from tests.support.explanations import NOW

Array = NDArray[Any]
_RENDERED = 30_000  # records whose bytes are measured, at most


@dataclass(frozen=True)
class Population:
    """The n workers of a population that began before some instant, and were followed to their ends.

    `begins` and `ends` are seconds from the start of the run, float64[n]; `visits`, float64[n, S], those of each state, and `records`,
    float64[n, E], those of each emitter. `times` are those of all their records, `owners` the rows of the
    workers who made them, and `kinds` the numbers of their emitters.
    """

    begins: Array
    ends: Array
    visits: Array
    records: Array
    times: Array
    owners: Array
    kinds: Array

    @property
    def lives(self) -> Array:
        """Return how long they lived, seconds: float64[n]."""
        return np.asarray(self.ends - self.begins)


@dataclass(frozen=True)
class CountedRun:
    """What was counted of each population, the mean bytes of a record, None where none was rendered, and how many never came to their end."""

    populations: tuple[Population, ...]
    size: float | None
    unended: int


@dataclass
class _Log:
    """All visits of a run so far, and its records."""

    visits: list[tuple[Array, ...]]
    records: list[tuple[Array, ...]]
    alive: Array
    started: Array
    seeds: Array
    sizes: list[float]
    rendered: int = 0


def _model(plan: Plan) -> Generator:
    assert isinstance(plan.spec, Generator)
    return plan.spec


def counted_run(plan: Plan, since: float, until: float, most: int = 400_000) -> CountedRun:
    """Return what workers came to that began before `until` seconds; bytes are those of records after `since` seconds.

    Those that are not at their end after so many visits in all are counted as unended. How long a last visit lasts is its draw: no delay
    may look at values.
    """
    plan = replace(
        _until(plan, until), max_records=None, duration=None, until=None, max_workers=None
    )
    start = plan.start_at(NOW)
    begin = start.instant.micros
    names = [each.name for each in _model(plan).emitters]
    log = _Log([], [], np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint64), [])
    rendering = RenderingJob.of(plan).rendering()
    rendering.begin(begin)
    end, made = begin + int(until * SECOND), 0
    for window, batch in Observation(plan).windows(start):
        columns = window.workers, window.visits, window.states, window.times
        log.visits.append(tuple(each[window.order] for each in columns))
        log.alive, log.started, log.seeds = window.alive, window.started, window.seeds
        made += len(window)
        for group in batch.groups:
            rows = group.rows
            emitters = np.full(len(rows), names.index(group.emitter))
            log.records.append((batch.workers[rows], emitters, batch.times[rows]))
        late = len(batch) and batch.times[-1] >= begin + since * SECOND
        if late and log.rendered < _RENDERED:
            for _, records, size in sizes_by_emitter(batch, rendering.render(batch).payload):
                log.rendered += records
                log.sizes.append(size)
        if made >= most or (len(window) and window.times.max() >= end and _all_ended(log, end)):
            break
    return _counted(plan, log, begin, end)


def _until(plan: Plan, seconds: float) -> Plan:
    """Return a plan whose workers stop coming some time after so many seconds."""
    arrivals = []
    for each in _model(plan).arrivals:
        mean = each.interarrival.mean_duration()
        curve = each.curve(plan.schedule, "arrivals")
        high = 1.0 if curve is None else float(curve.minute_heights.mean())
        if each.limits.total is None and mean > 0:
            count = seconds / mean * high
            limits = each.limits.model_copy(
                update={"total": int(1.05 * count + 10 * count**0.5) + 20}
            )
            arrivals.append(replace(each, limits=limits))
        else:
            arrivals.append(each)
    return replace(plan, spec=_model(plan).with_arrivals(arrivals))


def _all_ended(log: _Log, end: int) -> bool:
    """Return whether those that are alive began after an instant."""
    workers = np.concatenate([each[0] for each in log.visits])
    numbers = np.concatenate([each[1] for each in log.visits])
    times = np.concatenate([each[3] for each in log.visits])
    early = workers[(numbers == 0) & (times < end)]
    return not np.isin(log.alive, early).any()


def _counted(plan: Plan, log: _Log, begin: int, end: int) -> CountedRun:
    workers, numbers, states, times = (
        np.concatenate(each) for each in zip(*log.visits, strict=True)
    )
    order = np.lexsort((numbers, workers))
    workers, numbers, states, times = (each[order] for each in (workers, numbers, states, times))
    lasts = np.flatnonzero(np.append(workers[1:] != workers[:-1], True))
    firsts = np.append(0, lasts[:-1] + 1)
    ids, begins = workers[firsts], times[firsts]
    ends = times[lasts].copy()
    known = [each.name for each in _model(plan).states]
    machine = build_machine(_model(plan), 0, start=begin)
    bits = visit_bits(bits_of(log.seeds, ids), numbers[lasts])
    ends += machine.delays(bits, states[lasts], times[lasts])
    own = begins < end
    unended = int(np.isin(ids[own], log.alive).sum())
    kinds = zip(*log.records, strict=True) if log.records else [[np.empty(0, np.int64)]] * 3
    makers, emitters, instants = (np.concatenate(each) for each in kinds)
    found = []
    for number in range(len(_model(plan).arrivals)):
        mine = own & (populations_of(ids) == number)
        keys = ids[mine]
        visits = np.zeros((len(keys), len(known)))
        inside = np.isin(workers, keys)
        np.add.at(visits, (keys.searchsorted(workers[inside]), states[inside]), 1)
        records = np.zeros((len(keys), len(_model(plan).emitters)))
        making = np.isin(makers, keys)
        owners = keys.searchsorted(makers[making])
        np.add.at(records, (owners, emitters[making]), 1)
        found.append(
            Population(
                (begins[mine] - begin) / SECOND,
                (ends[mine] - begin) / SECOND,
                visits,
                records,
                (instants[making] - begin) / SECOND,
                owners,
                emitters[making],
            )
        )
    size = sum(log.sizes) / log.rendered if log.rendered else None
    return CountedRun(tuple(found), size, unended)
