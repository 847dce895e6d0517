"""Turns batches into records in the formats of a run, with the texts that its targets ask for besides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from datagen.arrays import Ints, TextArray
from datagen.batch import Batch, FaultRows, merged_faults
from datagen.disorder.copies import Copies
from datagen.disorder.corrupt import corrupted
from datagen.disorder.decide import Disorder
from datagen.disorder.effects import Effect
from datagen.disorder.skewed import expanded
from datagen.formats import Format, Formatter
from datagen.formats.narrowed import compiled
from datagen.formats.rendered import Payload, RecordBytes, Rendered
from datagen.instants import Style
from datagen.language import Expression
from datagen.part import Part
from datagen.running.batch_source import BatchSource, batch_source_of
from datagen.running.disordering import disorder_of
from datagen.running.plan import Plan
from datagen.running.run_name import RunName
from datagen.targets.message_keys import Label, label_texts
from datagen.targets.passing import Filter, Passing
from datagen.truth.labels import EventTexts, OfEvents, compiled_labels


class Events(NamedTuple):
    """The events of a clean batch: their instants, int64[n], and what the truth says of each, whatever becomes of it."""

    times: Ints
    texts: TextArray


class Written(NamedTuple):
    """A batch without its fields, once its records are written: these, and the copies of which they are, where there is disorder.

    Where the truth is told, so are the `events`.
    """

    batch: Batch
    rendered: Rendered
    copies: Copies | None = None
    events: Events | None = None


class Rendering:
    """The formats of a run, ready to write, and the disorder that its records come in."""

    def __init__(
        self,
        spec: Any,
        formats: Sequence[Format],
        labels: Mapping[str, Label],
        style: Style,
        disorder: Disorder | None = None,
        events: OfEvents | None = None,
        numbered: Part | None = None,
        run: RunName | None = None,
    ) -> None:
        """Prepare; `numbered` is the part of the stream by which events are numbered, `run` names the run.

        Both are there where records, or what goes with them, show that.
        """
        self._run_name, self._run = run, ""
        self._labels = {
            name: each.compiled(spec, style) if isinstance(each, Passing) else each
            for name, each in labels.items()
        }
        self._style, self._disorder = style, disorder
        self._events, self._numbered = events, numbered
        self._formats, self._formatters, self._formatter_of = _formatters(spec, formats)

    def begin(self, start: int) -> None:
        """Take note of when the stream starts, microseconds since 1970."""
        if self._disorder is not None:
            self._disorder.begin(start)
        if self._run_name is not None:
            self._run = self._run_name.of(start)

    def written(self, batch: Batch, event: int = 0) -> Written:
        """Return a batch as it leaves: its records, or the copies that disorder makes of them, in each format.

        `event` is how many events come before those of the batch.
        """
        if self._numbered is not None:
            places = event + np.arange(len(batch))
            numbers = self._numbered.index + places * self._numbered.count
            batch = replace(batch, events=numbers)
        if self._run:
            batch = replace(batch, run=self._run)
        if self._disorder is None:
            rendered = self.render(batch)
            return Written(batch.written(rendered.faults), rendered)
        copies, events = self._disorder.copies(batch), None
        if self._events is not None:
            events = Events(batch.times, self._events.of(batch))
        leaving = copies.leaving()
        batch = expanded(batch, leaving)
        rendered = self._with_disorder(self.render(batch), batch, leaving)
        return Written(batch.written(rendered.faults), rendered, copies, events)

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have `render` come back early once `stopped` is true."""
        for each in self._formatters:
            each.stop_when(stopped)

    def render(self, batch: Batch) -> Rendered:
        """Return the records of a batch in each format, up to the first that could not be written."""
        payloads = tuple(each.render(batch) for each in self._formatters)
        labels: dict[str, Any] = {}
        faults: list[FaultRows] = []
        for name, label in self._labels.items():
            if isinstance(label, Filter):
                labels[name], failed = label.of(batch)
                faults.append(failed)
            else:
                labels[name] = label_texts(label, batch)
        complete = Rendered(
            payloads,
            batch.times,
            labels,
            self._style,
            self._formatter_of,
            filter_faults=merged_faults(faults),
        )
        return complete if complete.stopped is None else complete.rows(0, complete.stopped[0])

    def _with_disorder(self, rendered: Rendered, batch: Batch, leaving: Copies) -> Rendered:
        """Return the records of copies that leave, corrupted where an effect says so, with their arrivals."""
        count = len(rendered)
        payloads = rendered.payloads
        if leaving.corruptions:
            corruptions = leaving.take(np.arange(count)).corruptions
            payloads = tuple(
                corrupted(each, corruptions, of) if isinstance(each, RecordBytes) else each
                for each, of in zip(payloads, self._formats, strict=True)
            )
        told = (batch.times + leaving.skews)[:count]
        return replace(rendered, payloads=payloads, times=leaving.arrivals[:count], told=told)

    def preface(self) -> Rendered | None:
        """Return no records, where something comes before the first."""
        if not any(each.encoding.has_preamble for each in self._formatters):
            return None
        empty = tuple(each.empty() for each in self._formatters)
        return Rendered(empty, payload_indices=self._formatter_of)

    def rendered(self, answer: "Answer") -> Rendered:
        """Return the records that another process has rendered."""
        payloads = tuple(
            replace(payload, encoding=formatter.encoding)
            for payload, formatter in zip(answer.payloads, self._formatters, strict=True)
        )
        return Rendered(
            payloads, answer.times, answer.labels, self._style, self._formatter_of, answer.told
        )


@dataclass(frozen=True)
class Answer:
    """The records of a batch that another process has rendered, and the batch without its fields, as in Written."""

    batch: Batch
    payloads: tuple[Payload, ...]
    labels: Mapping[str, Sequence[str | None]]
    times: Ints
    told: Ints | None
    copies: Copies | None
    events: Events | None


@dataclass(frozen=True)
class RenderingJob:
    """All that another process needs to know of a run, to make its batches and render them."""

    spec: Any
    seed: int
    style: Style
    part: Part
    formats: tuple[Format, ...]
    labels: Mapping[str, Label]
    needs_schema: bool
    prepared: Any = None
    effects: tuple[Effect, ...] = ()
    truth_labels: Mapping[str, Expression] | None = None  # None: the truth is not told
    begins: int = 0  # when the stream starts
    numbered: Part | None = None  # by which events are numbered, where records show that
    run: RunName | None = None

    max_workers: ClassVar = None  # only walking needs it
    schedule: ClassVar = None

    @classmethod
    def of(cls, plan: Plan, prepared: Any = None, start: int = 0) -> "RenderingJob":
        """Return the job of a plan; `prepared` is that of its source of batches, `start` that of the stream."""
        return cls(
            plan.spec,
            plan.seed,
            plan.style,
            plan.part,
            plan.formats,
            plan.target.needed_labels(),
            plan.needs_schema,
            prepared,
            plan.effects,
            plan.labels if plan.truth is not None else None,
            start,
            plan.events_part if plan.numbers_events else None,
            plan.run_name,
        )

    def rendering(self) -> Rendering:
        """Return what renders batches. Where the truth is told, it tells of their events."""
        disorder = texts = None
        if self.truth_labels is not None:
            compiled = compiled_labels(self.truth_labels, self.spec, self.style)
            texts = EventTexts(compiled, self.style)
        if self.effects or texts is not None or self.numbered is not None:
            disorder = disorder_of(self.effects, self.spec, self.seed, self.style)
        return Rendering(
            self.spec,
            self.formats,
            self.labels,
            self.style,
            disorder,
            texts,
            self.numbered,
            self.run,
        )

    def start(self) -> Callable[[Any, int], Answer]:
        """Return what turns the work of a window, as it is handed over, into its records.

        It gets how many events come before it, too.
        """
        source: BatchSource[Any] = batch_source_of(self.spec, self, self.style)
        source.prepare_with(self.prepared)
        rendering = self.rendering()
        rendering.begin(self.begins)

        def answer(work: Any, event: int) -> Answer:
            written = rendering.written(source.batch_of(work), event)
            return Answer(
                written.batch,
                written.rendered.payloads,
                written.rendered.labels,
                written.rendered.times,
                written.rendered.told,
                written.copies,
                written.events,
            )

        return answer


def raise_failure(batch: Batch, rendered: Rendered) -> None:
    """Raise what prevents the records after these, if anything does."""
    failure = rendered.stopped[1] if rendered.stopped else batch.failure
    if failure:
        raise failure


def _formatters(
    spec: Any, formats: Sequence[Format]
) -> tuple[list[Format], list[Formatter], tuple[int, ...]]:
    """Return the different formats, a formatter for each, and which of them each target wants."""
    different: list[Format] = []
    for each in formats:
        if each not in different:
            different.append(each)
    made = [compiled(each, spec) for each in different]
    return different, made, tuple(map(different.index, formats))
