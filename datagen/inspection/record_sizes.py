"""Measures what records of each emitter take as text, and how many there are where emitters go over lists, by a sample of the stream."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch
from datagen.formats.rendered import Rendered
from datagen.inspection.observing import Observation
from datagen.running.plan import Plan, Start
from datagen.running.record_sample import sizes_by_emitter
from datagen.running.rendering import RenderingJob
from datagen.simulation.worker_keys import numbers_of, populations_of
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator

SAMPLE = 12_000  # records, or more: windows are taken whole
SLOW_SAMPLE = 3_000  # where paths depend on values, which are made one by one
_WORKERS = 50  # at a time: so few that many come to their end, as records may be longer the older a worker is


@dataclass
class RecordSizes:
    """What a sample had: records and bytes of each emitter, visits of each state, and records of an emitter at visits of a state.

    States go by their names. `workers` has the key of each record's worker, by windows: int64[n] each.
    """

    records: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, float] = field(default_factory=dict)
    visits: Counter[str] = field(default_factory=Counter)
    of_states: Counter[tuple[str, str]] = field(default_factory=Counter)
    workers: list[Ints] = field(default_factory=list)

    def size(self, emitter: str) -> float | None:
        """Return the mean bytes of a record of an emitter, None where there was none."""
        count = self.records[emitter]
        return self.sizes[emitter] / count if count else None

    @property
    def mean(self) -> float:
        """Return the mean bytes of a record of the sample."""
        count = self.records.total()
        return sum(self.sizes.values()) / count if count else 0.0

    def of_visit(self, state: str, emitter: str, listing: Collection[str]) -> float:
        """Return how many records an emitter makes at a visit of a state: one, but for those that go over lists."""
        if emitter not in listing:
            return 1.0
        visits = self.visits[state]
        return self.of_states[state, emitter] / visits if visits else 0.0

    def deviation(self, population: int) -> tuple[float, int]:
        """Return the standard deviation of the records of workers of a population, and of how many it is.

        Those are taken that began in the first half of the sample, as far as they went.
        """
        keys = np.concatenate([*self.workers, np.zeros(0, dtype=np.int64)])
        own = numbers_of(keys[populations_of(keys) == population])
        begun = own[: len(own) // 2].max(initial=-1)
        counts = np.bincount(own[own <= begun])
        return (float(counts.std()), len(counts)) if len(counts) else (0.0, 0)

    def add(self, batch: Batch, rendered: Rendered) -> None:
        """Count the records of a batch."""
        for emitter, records, size in sizes_by_emitter(batch, rendered.payload):
            self.records[emitter] += records
            self.sizes[emitter] = self.sizes.get(emitter, 0.0) + size
        self.workers.append(batch.workers)


def record_sizes(plan: Plan, start: Start, listing: Collection[str]) -> RecordSizes:
    """Return what the first records of a stream take in the format of its first target, and of emitters that go over lists how many.

    Raises RunError, SpecError.
    """
    spec = plan.spec
    values = isinstance(spec, Generator) and any(True for _ in decisions_of(spec.states))
    most, limit = (SLOW_SAMPLE, SLOW_SAMPLE) if values else (SAMPLE, 2 * SAMPLE)
    workers = _WORKERS if plan.max_workers is None else min(plan.max_workers, _WORKERS)
    sampled = replace(
        plan, max_records=limit, max_bytes=None, max_workers=workers, duration=None, until=None, warm_up=0, effects=(), truth=None,
        checkpointing=None,
    )  # fmt: skip
    found = RecordSizes()
    rendering = RenderingJob.of(sampled).rendering()
    rendering.begin(start.instant.micros)
    names = [state.name for state in spec.states] if isinstance(spec, Generator) else []
    for window, batch in Observation(sampled).windows(sampled.start_at(start.moment)):
        if names:
            states = window.states
            if found.records.total() + len(batch) >= limit and len(batch):  # cut off there
                states = states[window.times <= batch.times[-1]]
            counts = np.bincount(states, minlength=len(names)).tolist()
            found.visits.update(dict(zip(names, counts, strict=False)))
        if listing:
            _count_lists(found, batch, listing)
        found.add(batch, rendering.render(batch))
        if found.records.total() >= most:
            break
    return found


def _count_lists(found: RecordSizes, batch: Batch, listing: Collection[str]) -> None:
    """Count the records of emitters that go over lists by the states of their visits."""
    states: Sequence[str] = batch.origins.made.states.to_python(None) if batch.origins else []
    for group in batch.groups:
        if group.emitter in listing and states:
            found.of_states.update((states[row], group.emitter) for row in group.rows.tolist())
