"""Turns a checked replay into the source of its records, and what can be known of these before a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from datagen.columns.column_type import NOTHING, ColumnType, union
from datagen.disorder.effects import Effect
from datagen.errors import Problem, SpecError
from datagen.instants import NAIVE
from datagen.language import Expression
from datagen.one_line import counted
from datagen.replay.spec import ReplaySpec
from datagen.sources import Chunk, RecordPosition, Source, SourceError
from datagen.sources.base import DECLARABLE_TYPES, FILE_START, FIRST_READ_BYTES
from datagen.sources.file_names import split_file_name
from datagen.sources.moving import TimeField
from datagen.sources.time_parsing import time_column_type
from datagen.sources.times import Around, SourceTimes
from datagen.spec.document import Template
from datagen.spec.record_schema import RecordSchema
from datagen.spec.time_form import TimeForm
from datagen.timeline import Timeline

SAMPLE = 1_000  # records that are read before a run, to check them and to find their columns
_OF_READING = {"source", "sample", "_unlearnt", "_size", "_sampled", "_rest", "_learnt"}


class ReplaySource:
    """A checked specification and the source that it names; with `unread`, the source must not be read yet."""

    style = NAIVE
    tables: Mapping[str, Any] = MappingProxyType({})
    has_workers = False
    arrivals = ()

    def __init__(self, spec: ReplaySpec, source: Source, *, unread: bool = False) -> None:
        self.spec, self.source, self.unread = spec, source, unread
        self.name = "stdin" if spec.source_file == "-" else split_file_name(spec.source_file)[0]
        self._size: Callable[[], int] = lambda: FIRST_READ_BYTES
        self._sampled: list[Chunk] = []  # of what can be read only once: chunks to read again
        self._rest: Iterator[Chunk] | None = None
        self._learnt = False

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy in another process needs: what is known of the records; it cannot read any."""
        return {name: value for name, value in vars(self).items() if name not in _OF_READING}

    @property
    def schema_known(self) -> bool:
        """Return whether the source may be read before the run."""
        return not self.unread

    @property
    def child_documents(self) -> tuple[Any, ...]:
        """Return nothing: it is made of one file."""
        return ()

    @property
    def source_files(self) -> tuple[str, ...]:
        """Return the source as it is named in the specification."""
        return (self.spec.source_file,)

    @property
    def source_state(self) -> tuple[int, ...]:
        """Return what changes when the source does. Raises OSError."""
        return self.source.state()

    def unresumable(self) -> str:
        """Return why no run can be resumed, or "" if one can."""
        what = "stdin" if self.spec.source_file == "-" else self.spec.source_file
        text = "can be read only once, so the run cannot be resumed"
        return f"{what} {text}" if self.read_once else ""

    @property
    def clock(self) -> str:
        """Return the name of the field that is the instant of a record."""
        return self.spec.time_fields[0]

    @property
    def run_timeline(self) -> Timeline:
        """Return the periods of a run, which begins them once its start is known."""
        return self.spec.run_timeline

    def mean_durations(self) -> Iterator[tuple[str, float]]:
        yield from ()

    @property
    def templates(self) -> Mapping[str, Template]:
        """Return the named templates."""
        return self.spec.templates

    @property
    def time(self) -> TimeForm | None:
        """Return how outputs call and write the instants of records: nothing, or what is refused."""
        return self.spec.time

    @property
    def labels(self) -> Mapping[str, Expression]:
        """Return what the truth labels the events of the records with."""
        return self.spec.labels

    @property
    def disorder(self) -> Sequence[Effect]:
        """Return what a network does to the records."""
        return self.spec.disorder

    @property
    def read_once(self) -> bool:
        """Return whether the source can be read only once."""
        return self.source.read_once

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        """Read the source from a position on, about `size()` bytes at a time. Raises SourceError.

        What can be read only once is read on from where it was, whatever the position.
        """
        if not self.read_once:
            self._learn()
            yield from self.source.chunks(begin, size)
            return
        self._size = size
        while self._sampled:
            yield self._sampled.pop(0)
        if self._rest is None:
            self._rest = self.source.chunks(begin, self._current_size)
        for chunk in self._rest:  # noqa: UP028 - it stays open when the caller stops
            yield chunk

    def _current_size(self) -> int:
        return self._size()

    def _learn(self) -> None:
        """Let times be read and written as the first records show it, where one alone does not."""
        if self._learnt or not any(parser.learns for parser in self.spec.time_parsers):
            return
        self._learnt = True
        options = self.source.options
        clock, seen = self._best_start(options.clock)
        others: dict[str, list[SourceTimes]] = {}
        for chunk, times in zip(self._unlearnt, seen, strict=True):
            rows = chunk.rows.slice(0, len(times))
            for group in rows.field_groups(times.micros)[0]:
                for each in group.moving.values():
                    for name, found in each.times_of():
                        others.setdefault(name, []).append(found)
        parsed = (replace(each, parser=each.parser.like(others.get(each.name, ())))
                  for each in options.others)  # fmt: skip
        clock = replace(clock, parser=clock.parser.like(seen))
        self.source.read_as(replace(options, clock=clock, others=tuple(parsed)))

    def _best_start(self, clock: TimeField) -> tuple[TimeField, list[SourceTimes]]:
        """Return the clock with the year of its first time, by which most fits, and its first times."""
        usual = self._sampled_times(clock)
        if not any(times.doubtful for times in usual):
            return clock, usual
        for parser in clock.parser.starts():
            candidate = replace(clock, parser=parser)
            seen = self._sampled_times(candidate)
            if not any(times.doubtful for times in seen):
                return candidate, seen
        return clock, usual

    def _sampled_times(self, clock: TimeField) -> list[SourceTimes]:
        """Return the times of the first records, as one parser reads them."""
        options = replace(self.source.options, clock=clock)
        seen: list[SourceTimes] = []
        before: int | None = None
        for chunk in self._unlearnt:
            times, _ = chunk.rows.read_as(options).times(Around(before))
            before = int(times.micros[-1]) if len(times) else before
            seen.append(times)
        return seen

    @cached_property
    def sample(self) -> tuple[Chunk, ...]:
        """Return the first records, in the order of the file. Raises SourceError."""
        if not self.read_once:
            self._learn()
        options = self.source.options
        return tuple(replace(each, rows=each.rows.read_as(options)) for each in self._unlearnt)

    @cached_property
    def _unlearnt(self) -> tuple[Chunk, ...]:
        """Return the first records as each of them is read by itself. Raises SourceError."""
        chunks = self.chunks if self.read_once else self.source.unsorted.chunks
        sample, left = [], SAMPLE
        for chunk in chunks(FILE_START, lambda: FIRST_READ_BYTES):
            if self.read_once:
                self._sampled.append(chunk)
            sample.append(chunk if len(chunk) <= left else chunk.part(0, left))
            left -= len(sample[-1])
            if left <= 0 or chunk.problem:
                break
        return tuple(sample)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields: all, or those of the first records. Raises SourceError."""
        names = self.source.names
        if names is not None:
            return names
        groups = (each for chunk in self.sample for each in chunk.rows.field_groups()[0])
        seen = dict.fromkeys(name for group in groups for name in group.names)
        return tuple(dict.fromkeys([*seen, *self.spec.types]))

    @cached_property
    def column_types(self) -> Mapping[str, ColumnType]:
        """Return the column type of each field, as far as the first records show. Raises SourceError."""
        seen: dict[str, list[ColumnType]] = {}
        for chunk in self.sample:
            for name, column_type in chunk.rows.column_types().items():
                seen.setdefault(name, []).append(column_type)
        known = {name: union(each) for name, each in seen.items()}
        known |= {name: DECLARABLE_TYPES[kind] for name, kind in self.spec.types.items()}
        known |= self._time_types()
        return {name: known.get(name, NOTHING) for name in self.fields}

    def _time_types(self) -> dict[str, ColumnType]:
        """Return the column types of the fields with times, as the first record shows them."""
        first = self.sample[0].rows if self.sample and len(self.sample[0]) else None
        times = first.slice(0, 1).times()[0] if first is not None else None
        clock = self.source.options.clock
        kind = self.spec.types.get(clock.name)
        known = {clock.name: time_column_type(clock.parser, kind, times)}
        for chunk in self.sample if self.source.options.others else ():
            for group in chunk.rows.field_groups()[0]:
                for name, field in group.moving.items():
                    if field.column_type is not None:
                        known.setdefault(name, field.column_type)
        return {name: kind for name, kind in known.items() if name in self.fields}

    @cached_property
    def record_schema(self) -> RecordSchema:
        """Return the columns of the records; none where the source is unread. Raises SpecError."""
        try:
            columns = {} if self.unread else self.column_types
        except SourceError as error:
            raise SpecError([Problem((), error.text, error.file)]) from error
        return RecordSchema(columns, {self.name: columns})

    def described(self) -> str:
        """Return one line about what is replayed."""
        size = "not read" if self.unread else counted(len(self.fields), "field")
        return f"a replay of {self.spec.source_file} ({self.spec.resolved_format}, {size})"
