"""Turns a checked replay into the source of its records, and tells what is wrong with this.

What can be seen of the source before a run is checked with the keys: that it is there, its names, and
the first records. What can be read only once is not touched until somebody needs it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from pydantic import ValidationError

from datagen.columns.column_type import NOTHING, ColumnType, union
from datagen.errors import Path, Problem, SpecError
from datagen.instants import NAIVE
from datagen.replay.spec import ReplaySpec
from datagen.sources import SOURCES, Chunk, Parquet, Place, Sorted, Source, SourceError, parts_of
from datagen.sources.base import FIRST, KINDS, SMALL
from datagen.sources.time_forms import Stamps
from datagen.sources.time_parsing import Flaw, column_type_of
from datagen.spec.document import Template
from datagen.spec.record_schema import RecordSchema
from datagen.validation import did_you_mean, in_document_order, problems_of, quoted

SAMPLE = 1_000  # records that are looked at before a run


class ReplaySource:
    """A specification with its source at hand; `unread` where this must not be touched."""

    def __init__(self, keys: ReplaySpec, source: Source, *, unread: bool = False) -> None:
        self.keys, self.source, self.unread = keys, source, unread
        self.name = "stdin" if keys.source_file == "-" else parts_of(keys.source_file)[0]
        self._size: Callable[[], int] = lambda: SMALL
        self._ahead: list[Chunk] = []
        self._rest: Iterator[Chunk] | None = None

    style = NAIVE
    has_workers = False

    @property
    def schema_known(self) -> bool:
        """Return whether the source may be read before the run."""
        return not self.unread

    @property
    def source_files(self) -> tuple[str, ...]:
        """Return the source as it is named in the specification."""
        return (self.keys.source_file,)

    @property
    def source_state(self) -> tuple[int, ...]:
        """Return what changes when the source does. Raises OSError."""
        return self.source.state()

    def unresumable(self) -> str:
        """Return why no run can go on where another ended, or nothing."""
        what = "stdin" if self.keys.source_file == "-" else self.keys.source_file
        text = "can be read only once, so that no run can go on with it"
        return f"{what} {text}" if self.once else ""

    def means(self) -> Iterator[tuple[str, float]]:
        yield from ()

    @property
    def templates(self) -> Mapping[str, Template]:
        """Return the named templates."""
        return self.keys.templates

    @property
    def once(self) -> bool:
        """Return whether the source can be read only once."""
        return self.source.once

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        """Read the source from a place on; what can be read only once goes on where it was."""
        if not self.once:
            yield from self.source.chunks(begin, size)
            return
        self._size = size
        while self._ahead:
            yield self._ahead.pop(0)
        if self._rest is None:
            self._rest = self.source.chunks(begin, self._aimed)
        for chunk in self._rest:  # noqa: UP028 - it stays open, whoever has had enough
            yield chunk

    def _aimed(self) -> int:
        return self._size()

    @cached_property
    def sample(self) -> tuple[Chunk, ...]:
        """Return the first records. Raises SourceError."""
        unsorted = self.source.source if isinstance(self.source, Sorted) else self.source
        chunks = self.chunks if self.once else unsorted.chunks
        found, left = [], SAMPLE
        for chunk in chunks(FIRST, lambda: SMALL):
            if self.once:
                self._ahead.append(chunk)
            found.append(chunk if len(chunk) <= left else chunk.part(0, left))
            left -= len(found[-1])
            if left <= 0 or chunk.flaw:
                break
        return tuple(found)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields: all, or those of the first records."""
        names = self.source.names
        if names is not None:
            return names
        sections = (each for chunk in self.sample for each in chunk.rows.sections()[0])
        seen = dict.fromkeys(name for section in sections for name in section.names)
        return tuple(dict.fromkeys([*seen, *self.keys.types]))

    @cached_property
    def column_types(self) -> Mapping[str, ColumnType]:
        """Return the column type of each field, as far as the first records tell."""
        first = self.sample[0].rows if self.sample and len(self.sample[0]) else None
        stamps = first.slice(0, 1).times()[0] if first is not None else None
        kind = self.keys.types.get(self.keys.time_field)
        column_types: dict[str, list[ColumnType]] = {}
        for chunk in self.sample:
            for name, column_type in self.source.column_types(chunk.rows).items():
                column_types.setdefault(name, []).append(column_type)
        whole = {name: union(each) for name, each in column_types.items()}
        whole |= {name: KINDS[kind] for name, kind in self.keys.types.items()}
        whole[self.keys.time_field] = column_type_of(self.source.wanted.time_format, kind, stamps)
        return {name: whole.get(name, NOTHING) for name in self.fields}

    @cached_property
    def record_schema(self) -> RecordSchema:
        """Return the columns of the records. Raises SpecError."""
        try:
            columns = {} if self.unread else self.column_types
        except SourceError as error:
            raise SpecError([Problem((), error.text, error.file)]) from error
        return RecordSchema(columns, {self.name: columns})

    def described(self) -> str:
        """Return in a line what is replayed."""
        size = "not read" if self.unread else f"{len(self.fields)} fields"
        return f"a replay of {self.keys.source_file} ({self.keys.kind}, {size})"


def parse_replay(
    raw: Any, file: str, stdin: BinaryIO, *, taken: bool = False, unread: bool = False
) -> tuple[ReplaySource, list[Problem]]:
    """Check a specification, and the source that it names; give it and its warnings.

    `taken` tells that stdin was the specification; with `unread` nothing that can be read only once is
    touched. Raises SpecError.
    """
    try:
        keys = ReplaySpec.model_validate(raw)
    except ValidationError as error:
        raise SpecError(in_document_order(problems_of(error, file), raw)) from None
    for path, text in _unreachable(keys, taken):
        raise SpecError([Problem(path, text, file)])
    recording = _opened(keys, stdin, unread)
    try:
        found = [Problem(path, text, file) for path, text in _mistakes(recording)]
        if not found and not recording.once:
            found = [Problem((), text, keys.source_file) for text in _flaws(recording)]
    except SourceError as error:
        found = [Problem((), error.text, error.file)]
    if found:
        raise SpecError(in_document_order(found, raw))
    note = f"{keys.source_file} can be read only once: what it holds is not checked"
    return recording, [Problem((), note, file)] if recording.unread else []


def _unreachable(keys: ReplaySpec, taken: bool) -> Iterator[tuple[Path, str]]:
    """Yield why the source cannot be read as it is asked."""
    name = keys.source_file
    if name == "-" and taken:
        yield ("source_file",), '"-" is stdin, which is the specification: give this as -c FILE'
        return
    if name != "-" and not os.path.exists(name):
        yield ("source_file",), f"{quoted(name)}: there is no such file"
        return
    if os.path.isdir(name):
        yield ("source_file",), f"{quoted(name)} is a folder, not a file"
        return
    once = name == "-" or not os.path.isfile(name)
    what = "stdin" if name == "-" else quoted(name)
    if once and keys.loop:
        yield ("loop",), f'{what} can be read only once: say "loop": false'
    if once and SOURCES[keys.kind] is Parquet:
        yield ("source_format",), f"{what} can be read only once, which Parquet does not allow"
    if SOURCES[keys.kind] is Parquet and keys.types:
        yield ("types",), "Parquet has types of its own"
    if SOURCES[keys.kind] is Parquet and parts_of(name)[2]:
        yield ("source_file",), "Parquet is compressed inside: unpack the file"


def _opened(keys: ReplaySpec, stdin: BinaryIO, unread: bool) -> ReplaySource:
    source = SOURCES[keys.kind](keys.source_file, keys.wanted, stdin)
    unread = unread and source.once
    return ReplaySource(keys, Sorted(source) if keys.sort else source, unread=unread)


def _mistakes(recording: ReplaySource) -> Iterator[tuple[Path, str]]:
    """Yield the fields of the specification that the source does not have."""
    keys = recording.keys
    if recording.unread or (recording.once and recording.source.names is None):
        return
    known = recording.fields
    named = recording.source.names is not None
    what = (
        f"{keys.source_file} has no column"
        if named
        else f"none of the first {SAMPLE:,} records has a field"
    )
    wanted: list[tuple[Path, str]] = [(("time_field",), keys.time_field)] if named else []
    wanted += [(("types", name), name) for name in keys.types]
    wanted += [(("null_injection", place, "field"), each.field)
               for place, each in enumerate(keys.null_injection)]  # fmt: skip
    for path, name in wanted:
        if name not in known:
            yield path, f"{what} {quoted(name)}{did_you_mean(name, known)}"


def _flaws(recording: ReplaySource) -> Iterator[str]:
    """Yield what is wrong with the first records: the first mistake."""
    last: Last | None = None
    size = 0
    for chunk in recording.sample:
        stamps, flaw = read_times(chunk, last, ordered=not recording.keys.sort)
        part = chunk.part(0, len(stamps))
        _, other = part.rows.sections()
        flaw = other or flaw
        if flaw is not None:
            yield f"{chunk.place(flaw.row)}: {flaw.text}"
            return
        size += len(chunk)
        last = Last(stamps.nanos(-1), part) if len(stamps) else last
    if not size and recording.keys.loop:
        yield 'holds no records: there is nothing to replay; with "loop": false that is no mistake'


@dataclass(frozen=True)
class Last:
    """The last record before a chunk: its time in nanoseconds, and the chunk that it ends."""

    nanos: int
    chunk: Chunk


def read_times(
    chunk: Chunk, last: Last | None, *, ordered: bool = True
) -> tuple[Stamps, Flaw | None]:
    """Read the times of a chunk up to the first mistake; its row may be right after the last one.

    Where they should be in order, a time before the one of the record before it is a mistake; `last`
    is what came before the chunk.
    """
    stamps, flaw = chunk.rows.times()
    if flaw is None and chunk.flaw:
        flaw = Flaw(len(chunk), chunk.flaw)
    row = _unsorted(stamps, last) if ordered else None
    if row is None:
        return stamps, flaw
    text = stamps.take(slice(row, row + 1)).column().text[0].as_py()
    before = chunk.place(row - 1) if row or last is None else last.chunk.place(len(last.chunk) - 1)
    what = f'time {text} is before the one of {before}; "sort": true puts records in order'
    return stamps.take(slice(0, row)), Flaw(row, what)


def _unsorted(stamps: Stamps, last: Last | None) -> int | None:
    """Return the first row whose time is before that of the row before it."""
    if not len(stamps):
        return None
    if last is not None and stamps.nanos(0) < last.nanos:
        return 0
    steps = np.diff(stamps.micros)
    falls = steps < 0
    if stamps.rest is not None:
        falls |= (steps == 0) & (np.diff(stamps.rest) < 0)
    return int(np.argmax(falls)) + 1 if falls.any() else None
