"""Turns a plan into samples: the first records of every emitter, in the format of the run."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from datagen.batch import Batch, Group, Section
from datagen.formats import JsonLines
from datagen.formats.rendered import RecordBytes
from datagen.inspection.observing import Observation
from datagen.instants import Instant
from datagen.running.plan import Plan, Start
from datagen.spec.generator import Generator
from datagen.spec.state_graph import reachable

PATIENCE = 10.0  # seconds
COMPLETE, UNREACHABLE, RARE, ENDED = "complete", "unreachable", "rare", "ended"


@dataclass
class EmitterSample:
    """Records of an emitter: the text of each in the format, without the end of its line.

    Where there are fewer than asked for, `why` is the reason: no worker can come to a state that makes them, they are
    rare, or the run has ended.
    """

    emitter: str
    records: list[str] = field(default_factory=list)
    why: str = COMPLETE


@dataclass(frozen=True)
class Samples:
    """Samples of all emitters: `asked` records of each, found among the first `looked_at` of the stream.

    `reached` is the instant of the last of these. `header` comes before the records of a file. Where the format of the run is
    no text, the records are in JSON, and `instead_of` is its type. `seconds` is how long it took.
    """

    emitters: tuple[EmitterSample, ...]
    asked: int
    header: str = ""
    instead_of: str | None = None
    looked_at: int = 0
    reached: Instant | None = None
    seconds: float = 0.0


def sample(
    observation: Observation,
    start: Start,
    asked: int,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    most: float = math.inf,
) -> Samples:
    """Return so many records of every emitter: the first of each in the clean stream, at simulated speed.

    They are the same for the same seed and start. It ends once there are all, with the run, after so many seconds
    of a clock, or once `most` records or more were looked at. Raises RunError.
    """
    plan, began = observation.plan, clock()
    writer = _Writer(plan)
    found = {each.emitter: each for each in _expected(plan)}
    looked_at, last = 0, None

    def given_up() -> bool:
        return looked_at >= most or clock() - began >= patience

    if not _complete(found, asked):
        for _, batch in observation.windows(start, given_up):
            for group in batch.groups:
                own = found.setdefault(group.emitter, EmitterSample(group.emitter))
                own.records += writer.texts(batch, group, asked - len(own.records), looked_at)
            looked_at += len(batch)
            last = int(batch.times[-1]) if len(batch) else last
            if _complete(found, asked):
                break
    seconds = clock() - began
    for each in found.values():
        if each.why == COMPLETE and len(each.records) < asked:
            each.why = RARE if given_up() else ENDED
    reached = None if last is None else Instant(last, plan.style)
    emitters, header = tuple(found.values()), writer.header
    return Samples(emitters, asked, header, writer.instead_of, looked_at, reached, seconds)


def _expected(plan: Plan) -> Iterator[EmitterSample]:
    """Yield an empty sample for each emitter that is known beforehand."""
    spec = plan.spec
    if not isinstance(spec, Generator):
        return
    states = [spec.states[each] for each in reachable(spec.graph())]
    reached = {name for state in states for name in state.emitter}
    for each in spec.emitters:
        yield EmitterSample(each.name, why=COMPLETE if each.name in reached else UNREACHABLE)


def _complete(found: Mapping[str, EmitterSample], asked: int) -> bool:
    """Return whether there is nothing more to wait for."""
    waiting = [each for each in found.values() if each.why != UNREACHABLE]
    return bool(found) and all(len(each.records) >= asked for each in waiting)


class _Writer:
    """Makes the texts of single records: in the format of a plan's first target where that is text, else in JSON."""

    def __init__(self, plan: Plan) -> None:
        form = next(iter(plan.formats), JsonLines())
        formatter, self.instead_of = form.compile(plan.spec), None
        if not formatter.encoding.has_newline:  # of columns, or binary
            formatter, self.instead_of = JsonLines().compile(plan.spec), form.type
        self.header = formatter.encoding.header.decode().removesuffix("\n")
        self._formatter, self._part = formatter, plan.events_part

    def texts(self, batch: Batch, group: Group, count: int, before: int) -> list[str]:
        """Return the texts of the first records of a group, at most so many; `before` its batch come others.

        Raises RunError for a record that cannot be written.
        """
        rows = group.rows[: max(count, 0)]
        if not len(rows):
            return []
        places = np.arange(len(rows))
        sections = tuple(
            Section(each.names, each.columns, places if each.index is None else each.index[places])
            for each in group.sections
        )
        picked = replace(
            batch,
            times=batch.times[rows],
            workers=batch.workers[rows],
            groups=(Group(group.emitter, places, sections),),
            faults={},
            origins=None if batch.origins is None else batch.origins.take(rows),
            events=self._part.index + (before + rows) * self._part.count,
        )
        payload = self._formatter.render(picked)
        assert isinstance(payload, RecordBytes)
        if payload.stopped is not None:
            raise payload.stopped[1]
        ends = payload.ends.tolist()
        data = bytes(payload.data)
        texts = [data[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
        return [each.decode().removesuffix("\n") for each in texts]
