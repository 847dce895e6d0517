"""Turns the fields of records into one text each by a column plan: a row of segments.

A plan is compiled once for an emitter. It never looks at single records: each segment returns a text
for all records of a group at once. Segments whose fields belong to one section with an index are
joined once for each of its rows, and then gathered, where these are at most half as many as the records.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import Group, Section
from datagen.columns import json_text
from datagen.columns.column import Column, Columns
from datagen.columns.format_spec import FormatSpec
from datagen.columns.gathering import take_all
from datagen.columns.pieces import Part, Piece, joined
from datagen.columns.strftime import TimePattern


class Writer(Protocol):
    """Returns the text of each value of a column. Equal writers give equal texts: columns cache them."""

    def __call__(self, column: Column) -> TextArray: ...


@dataclass(frozen=True)
class PlainText:
    """The plain text of the value: a string as it is, anything else as in JSON."""

    def __call__(self, column: Column) -> TextArray:
        return column.text


@dataclass(frozen=True)
class JsonText:
    """The JSON text of the value."""

    def __call__(self, column: Column) -> TextArray:
        return column.json_text


@dataclass(frozen=True)
class TimeText:
    """An instant by a strftime pattern."""

    pattern: TimePattern

    def __call__(self, column: Column) -> TextArray:
        return column.strftime(self.pattern)


@dataclass(frozen=True)
class FormattedText:
    """A value by a format spec of Python."""

    spec: FormatSpec

    def __call__(self, column: Column) -> TextArray:
        return column.format(self.spec)


class Segment:
    """A part of the text of each record of a group.

    `may_fail` says whether there may be no text for some record: null.
    """

    may_fail: ClassVar[bool] = True

    @property
    def names(self) -> Iterable[str]:
        """Return the fields that it reads."""
        raise NotImplementedError

    def texts(self, columns: Columns, rows: int) -> TextArray | str:
        """Return a text for each of n rows, or one for all."""
        raise NotImplementedError

    def part(self, columns: Columns, rows: int) -> Part:
        """Return the same to be joined with others, if it cannot fail."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Segment):
    """The same text in each record."""

    text: str
    names: tuple[str, ...] = ()
    may_fail: ClassVar[bool] = False

    def texts(self, columns: Columns, rows: int) -> str:
        del columns, rows
        return self.text

    def part(self, columns: Columns, rows: int) -> str:
        return self.texts(columns, rows)


@dataclass(frozen=True)
class FieldSegment(Segment):
    """The value of a field; `default` where it is null or missing."""

    name: str
    write: Writer
    default: str = ""
    may_fail: ClassVar[bool] = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def texts(self, columns: Columns, rows: int) -> TextArray:
        return joined([self.part(columns, rows)], rows)

    def part(self, columns: Columns, rows: int) -> Piece:
        del rows
        source, index = columns[self.name].origin
        texts = source.apply(self.write)
        if texts.null_count:
            texts = pc.fill_null(texts, self.default)
        return Piece(texts, index, self.default, self.default)


class ColumnPlan:
    """A row of segments, whose texts are joined; they read the fields of one emitter."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments = tuple(_merge_constants(segments))

    def texts(self, group: Group) -> TextArray:
        """Return the text of each record of a group, null where a segment fails: a string array of n."""
        rows = len(group.rows)
        if not any(segment.may_fail for segment in self.segments):
            return joined(self.parts(group), rows)
        texts: list[Any] = []
        for section, run in self._runs(group):
            if section is None or section.index is None:
                columns = _GroupColumns(group)
                texts += [segment.texts(columns, rows) for segment in run]
            else:
                own = dict(zip(section.names, section.columns, strict=True))
                size = len(section.columns[0])
                joined_run = json_text.join([segment.texts(own, size) for segment in run], size)
                texts.append(joined_run.take(pa.array(section.index)))
        return json_text.join(texts, rows)

    def parts(self, group: Group) -> list[Part]:
        """Return the parts of the texts of a group's records, if no segment can fail."""
        rows = len(group.rows)
        parts: list[Part] = []
        for section, run in self._runs(group):
            if section is None or section.index is None:
                columns: Columns = _GroupColumns(group)
                parts += [segment.part(columns, rows) for segment in run]
                continue
            size = len(section.columns[0])
            few = 2 * size <= rows
            at_rows = section.columns if few else take_all(section.columns, section.index)
            columns = dict(zip(section.names, at_rows, strict=True))
            run_parts = [segment.part(columns, size if few else rows) for segment in run]
            parts += [Piece(joined(run_parts, size), section.index)] if few else run_parts
        return parts

    def _runs(self, group: Group) -> Iterator[tuple[Section | None, list[Segment]]]:
        by_field = {name: section for section in group.sections for name in section.names}
        return _runs_by_section(self.segments, by_field)


class _GroupColumns(Mapping[str, Column]):
    """The columns of a group, a value for each record."""

    def __init__(self, group: Group) -> None:
        self._group = group

    def __getitem__(self, name: str) -> Column:
        column = self._group.column(name)
        if column is None:
            raise KeyError(name)
        return column

    def __iter__(self) -> Iterator[str]:
        return (name for section in self._group.sections for name in section.names)

    def __len__(self) -> int:
        return sum(len(section.names) for section in self._group.sections)


def _runs_by_section(
    segments: Sequence[Segment], by_field: Mapping[str, Section]
) -> Iterator[tuple[Section | None, list[Segment]]]:
    """Yield runs of segments, each with the one section with an index that it reads, or None."""
    run: list[Segment] = []
    current: Section | None = None
    constants: list[Segment] = []  # after the last field: they go with what comes next, or alone
    for segment in segments:
        if not tuple(segment.names):
            constants.append(segment)
            continue
        section = _indexed_section(segment, by_field)
        if section is current:
            run += [*constants, segment]
        else:
            if run:
                yield current, run
            if constants:
                yield None, constants
            run, current = [segment], section
        constants = []
    if run:
        yield current, run
    if constants:
        yield None, constants


def _indexed_section(segment: Segment, by_field: Mapping[str, Section]) -> Section | None:
    """Return the section that a segment reads, if it is one alone and has an index."""
    sections = {id(by_field[name]): by_field[name] for name in segment.names}
    first = next(iter(sections.values()))
    return first if len(sections) == 1 and first.index is not None else None


def _merge_constants(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Yield the segments, with adjacent constants merged."""
    text = ""
    for segment in segments:
        if isinstance(segment, Constant):
            text += segment.text
            continue
        if text:
            yield Constant(text)
        text = ""
        yield segment
    if text:
        yield Constant(text)
