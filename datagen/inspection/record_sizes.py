"""Measures what records of each emitter take as text, and how long their lists are, by a sample of the stream."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from datagen.arrays import Floats
from datagen.formats.rendered import RecordBytes
from datagen.inspection.observing import Observation
from datagen.running.plan import Plan, Start
from datagen.running.rendering import RenderingJob

SAMPLE = 12_000  # records, or more: windows are taken whole


@dataclass
class RecordSizes:
    """What a sample had: records and bytes of each emitter, and visits of each state, by its number."""

    records: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, float] = field(default_factory=dict)
    visits: Counter[int] = field(default_factory=Counter)

    def size(self, emitter: str) -> float | None:
        """Return the mean bytes of a record of an emitter, None where there was none."""
        count = self.records[emitter]
        return self.sizes[emitter] / count if count else None

    @property
    def mean(self) -> float:
        """Return the mean bytes of a record of the sample."""
        count = self.records.total()
        return sum(self.sizes.values()) / count if count else 0.0

    def of_visits(self, emitters_of: Sequence[Sequence[str]], listing: Sequence[str]) -> Floats:
        """Return how many records a visit of each state has: float64[S], given the emitters of each, and those that go over lists."""
        lengths = {name: self._length(name, emitters_of) for name in listing}
        return np.array(
            [sum(lengths.get(each, 1.0) for each in own) for own in emitters_of], dtype=np.float64
        )

    def _length(self, name: str, emitters_of: Sequence[Sequence[str]]) -> float:
        lists = sum(
            self.visits[state] * list(own).count(name) for state, own in enumerate(emitters_of)
        )
        return self.records[name] / lists if lists else 0.0


def record_sizes(plan: Plan, start: Start) -> RecordSizes:
    """Return what the first records of a stream take in the format of its first target. Raises RunError, SpecError."""
    sampled = replace(
        plan, max_records=None, duration=None, until=None, warm_up=0, effects=(), truth=None, checkpointing=None,
    )  # fmt: skip
    found = RecordSizes()
    rendering = RenderingJob.of(sampled).rendering()
    rendering.begin(start.instant.micros)
    for window, batch in Observation(sampled).windows(sampled.start_at(start.moment)):
        if plan.spec.has_workers:
            found.visits.update(dict(enumerate(np.bincount(window.states).tolist())))
        rendered = rendering.render(batch)
        payload = rendered.payload
        if isinstance(payload, RecordBytes):
            sizes = np.diff(payload.ends, prepend=0).astype(np.float64)
        else:
            sizes = np.full(len(rendered), payload.size / max(len(rendered), 1))
        for group in batch.groups:
            rows = group.rows[group.rows < len(rendered)]
            found.records[group.emitter] += len(rows)
            found.sizes[group.emitter] = found.sizes.get(group.emitter, 0.0) + float(
                sizes[rows].sum()
            )
        if found.records.total() >= SAMPLE:
            break
    return found
