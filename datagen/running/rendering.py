"""Turns batches into records in the formats of a run, with the texts that its targets ask for besides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from datagen.batch import Batch
from datagen.formats import Format, Formatter
from datagen.formats.rendered import Payload, Rendered
from datagen.instants import Style
from datagen.part import Part
from datagen.running.batch_source import BatchSource, batch_source_of
from datagen.running.plan import Plan
from datagen.targets.message_keys import Label, label_texts


class Rendering:
    """The formats of a run, ready to write; `encodings` are what is the same for all records."""

    def __init__(
        self, spec: Any, formats: Sequence[Format], labels: Mapping[str, Label], style: Style
    ) -> None:
        self._labels, self._style = labels, style
        self._formatters, self._formatter_of = _formatters(spec, formats)

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have `render` come back early once `stopped` is true."""
        for each in self._formatters:
            each.stop_when(stopped)

    def render(self, batch: Batch) -> Rendered:
        """Return the records of a batch in each format, up to the first that could not be written."""
        payloads = tuple(each.render(batch) for each in self._formatters)
        labels = {name: label_texts(label, batch) for name, label in self._labels.items()}
        complete = Rendered(payloads, batch.times, labels, self._style, self._formatter_of)
        return complete if complete.stopped is None else complete.rows(0, complete.stopped[0])

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
        times = answer.batch.times[: len(payloads[0])]
        return Rendered(payloads, times, answer.labels, self._style, self._formatter_of)


@dataclass(frozen=True)
class Answer:
    """The records of a batch that another process has rendered, and the batch without its fields."""

    batch: Batch
    payloads: tuple[Payload, ...]
    labels: Mapping[str, Sequence[str | None]]


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
    prepared: Any

    max_workers: ClassVar = None  # only walking needs it
    schedule: ClassVar = None

    @classmethod
    def of(cls, plan: Plan, prepared: Any) -> "RenderingJob":
        """Return the job of a plan; `prepared` is that of its source of batches."""
        return cls(
            plan.spec,
            plan.seed,
            plan.style,
            plan.part,
            plan.formats,
            plan.target.labels(),
            plan.needs_schema,
            prepared,
        )

    def start(self) -> Callable[[Any], Answer]:
        """Return what turns the work of a window, as it is handed over, into its records."""
        source: BatchSource[Any] = batch_source_of(self.spec, self, self.style)
        source.prepare_with(self.prepared)
        rendering = Rendering(self.spec, self.formats, self.labels, self.style)

        def answer(work: Any) -> Answer:
            batch = source.batch_of(work)
            rendered = rendering.render(batch)
            return Answer(batch.written(rendered.faults), rendered.payloads, rendered.labels)

        return answer


def _formatters(spec: Any, formats: Sequence[Format]) -> tuple[list[Formatter], tuple[int, ...]]:
    """Return a formatter for each different format, and which of them each target wants."""
    different: list[Format] = []
    for each in formats:
        if each not in different:
            different.append(each)
    return [each.compile(spec) for each in different], tuple(map(different.index, formats))
