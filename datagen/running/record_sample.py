"""Measures what the records of a specification take, by making some: with a seed of its own, always the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch
from datagen.formats.encoding import Output
from datagen.formats.jsonlines import JsonLines
from datagen.formats.rendered import Payload, RecordBytes
from datagen.part import WHOLE
from datagen.running.batch_source import batch_source_of, prepare
from datagen.running.plan import Plan, Start
from datagen.spec.generator import Generator
from datagen.spec.populations import Limits

RECORDS = 20_000
_MOST_VISITS = 400_000
_WINDOW = 4096  # visits
_SEED = 0


@dataclass(frozen=True)
class RecordSample:
    """Records and their bytes, of each emitter for each visit at which it may make some; and of all emitters alike.

    An emitter that has made none, or had no visit, counts as any.
    """

    records: dict[str, float]
    bytes: dict[str, float]
    mean_records: float
    mean_bytes: float


def record_sample(plan: Plan, start: Start, workers: Sequence[int]) -> RecordSample:
    """Return what the records of so many workers of each population come to, as text of the first target's format.

    A format of columns has no text: then they are those of JSON. Raises SpecError.
    """
    spec = plan.spec
    assert isinstance(spec, Generator)
    cohort = [
        replace(each, limits=Limits.model_construct(total=count, max="none"))
        for each, count in zip(spec.arrivals, workers, strict=True)
    ]
    spec = spec.with_arrivals(cohort)
    sampled = replace(
        plan, spec=spec, seed=_SEED, max_workers=None, schedule=None, part=WHOLE, effects=()
    )
    source = batch_source_of(spec, sampled, plan.style)
    prepare(source, plan.file)
    source.start_stream(start.instant.micros)
    form = plan.measured if Output.LINES in plan.measured.outputs else JsonLines()
    formatter = form.compile(spec)
    begin = start.instant.micros
    stream = source.begin(begin, plan.style.limits[1], lambda: False)
    stream.request_window_size(_WINDOW)
    tally = _Tally(spec)
    for window in stream.windows():
        batch = source.batch(window)
        tally.add_visits(np.bincount(window.states, minlength=len(spec.states)))
        payload = formatter.render(batch)
        for emitter, records, size in sizes_by_emitter(batch, payload):
            tally.add_records(emitter, records, int(size))
        if batch.failure or len(payload) < len(batch) or tally.is_enough:
            break
    stream.close()
    return tally.sample()


def sizes_by_emitter(batch: Batch, payload: Payload) -> Iterator[tuple[str, int, float]]:
    """Yield of each emitter of a batch how many records there are, and their bytes; rows of a table take the same."""
    if isinstance(payload, RecordBytes):
        sizes = np.diff(payload.ends, prepend=0).astype(np.float64)
    else:
        sizes = np.full(len(payload), payload.size / max(len(payload), 1))
    for group in batch.groups:
        rows = group.rows[group.rows < len(payload)]
        yield group.emitter, len(rows), float(sizes[rows].sum())


class _Tally:
    """Counts the visits of each emitter, its records and their bytes."""

    def __init__(self, spec: Generator) -> None:
        self._emitters = [state.emitter for state in spec.states]
        self._names = [each.name for each in spec.emitters]
        self._emissions = dict.fromkeys(self._names, 0)
        self._records = dict.fromkeys(self._names, 0)
        self._bytes = dict.fromkeys(self._names, 0)
        self._visits = 0

    @property
    def is_enough(self) -> bool:
        """Return whether there are as many records as a sample has, or visits without them."""
        return sum(self._records.values()) >= RECORDS or self._visits >= _MOST_VISITS

    def add_visits(self, of_states: Ints) -> None:
        """Add the visits of each state: int64[S]."""
        self._visits += int(of_states.sum())
        for names, count in zip(self._emitters, of_states.tolist(), strict=False):
            for name in names:
                self._emissions[name] += count

    def add_records(self, emitter: str, records: int, size: int) -> None:
        """Add records of an emitter, and their bytes."""
        self._records[emitter] += records
        self._bytes[emitter] += size

    def sample(self) -> RecordSample:
        """Return what there is a visit."""
        emissions = max(sum(self._emissions.values()), 1)
        records, size = (sum(each.values()) / emissions for each in (self._records, self._bytes))
        return RecordSample(
            {name: self._per_visit(name, self._records, records) for name in self._names},
            {name: self._per_visit(name, self._bytes, size) for name in self._names},
            records,
            size,
        )

    def _per_visit(self, name: str, counts: dict[str, int], otherwise: float) -> float:
        emissions = self._emissions[name]
        return counts[name] / emissions if emissions else otherwise
