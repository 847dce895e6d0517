"""Turns the fields of records into one text each by a plan of columns: constants, fields, conditions.

A plan is compiled once for an emitter. It knows no single records: each piece gives a text for all
records of a group at once. Pieces whose fields were set at the same visits are joined once a visit
where that is less work, and then gathered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import Group
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.format_spec import FormatSpec
from datagen.columns.strftime import TimePattern

Columns = Mapping[str, Column]


class Writer(Protocol):
    """Gives the text of each value of a column; compared by value, for its texts are kept."""

    def __call__(self, column: Column) -> TextArray: ...


@dataclass(frozen=True)
class PlainText:
    """The value as people read it: a string as it is, anything else as in JSON."""

    def __call__(self, column: Column) -> TextArray:
        return column.text


@dataclass(frozen=True)
class AsJson:
    """The JSON text of the value."""

    def __call__(self, column: Column) -> TextArray:
        return column.json_text


@dataclass(frozen=True)
class Timed:
    """An instant by a strftime pattern."""

    pattern: TimePattern

    def __call__(self, column: Column) -> TextArray:
        return column.strftime(self.pattern)


@dataclass(frozen=True)
class Formatted:
    """A value by a format spec of Python."""

    spec: FormatSpec

    def __call__(self, column: Column) -> TextArray:
        return column.format(self.spec)


@dataclass(frozen=True)
class Quoted:
    """A cell of CSV: quoted where it holds a delimiter, a quote or a line end, or reads like null.

    `kind` is that of the column: `json` is JSON text, `float` always has a point.
    """

    delimiter: str = ","
    null: str = ""
    kind: str = "text"

    def __call__(self, column: Column) -> TextArray:
        texts = _AS.get(self.kind, PlainText())(column)
        special = pc.equal(texts, self.null)
        held = np.bincount(json_text.bytes_of(texts), minlength=256)
        if held[[ord(character) for character in f'{self.delimiter}"\r\n']].any():
            pattern = f'[{_escaped(self.delimiter)}"\r\n]'
            special = pc.or_(special, pc.match_substring_regex(texts, pattern))
        if not pc.any(special).as_py():
            return texts
        doubled = pc.replace_substring(texts, '"', '""')
        return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), texts)


def _as_floats(column: Column) -> TextArray:
    return column.float_text


_AS: Mapping[str, Writer] = {"json": AsJson(), "float": _as_floats}


class Segment(Protocol):
    """Gives a part of the text of each record of a group."""

    @property
    def names(self) -> Iterable[str]:
        """Return the fields that it reads."""

    def texts(self, columns: Columns, rows: int) -> TextArray | str:
        """Return a text for each of n rows (no nulls), or one for all."""


@dataclass(frozen=True)
class Constant:
    """The same text in each record."""

    text: str
    names: tuple[str, ...] = ()

    def texts(self, columns: Columns, rows: int) -> str:
        del columns, rows
        return self.text


@dataclass(frozen=True)
class FieldSegment:
    """The value of a field; `default` where it is null or missing."""

    name: str
    write: Writer
    default: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def texts(self, columns: Columns, rows: int) -> TextArray:
        del rows
        texts = columns[self.name].apply(self.write)
        return pc.fill_null(texts, self.default) if texts.null_count else texts


class ColumnPlan:
    """A row of pieces, whose texts are joined: the fields it may read are those of one emitter."""

    def __init__(self, pieces: Iterable[Segment]) -> None:
        self.pieces = tuple(_merged(pieces))

    def texts(self, group: Group) -> TextArray:
        """Return the text of each record of a group: a string array of n."""
        rows = len(group.rows)
        views = {name: section for section in group.sections for name in section.names}
        found: list[Any] = []
        for section, run in _runs(self.pieces, views):
            if section is None or section.index is None:
                whole = _Whole(group)
                found += [piece.texts(whole, rows) for piece in run]
            else:
                few = len(section.columns[0])
                columns = dict(zip(section.names, section.columns, strict=True))
                joined = json_text.join([piece.texts(columns, few) for piece in run], few)
                found.append(joined.take(pa.array(section.index)))
        return json_text.join(found, rows)


class _Whole(Mapping[str, Column]):
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


def _runs(
    pieces: Sequence[Segment], views: Mapping[str, Any]
) -> Iterator[tuple[Any, list[Segment]]]:
    """Cut pieces into runs that read one section with an index, or none such; yield both."""
    run: list[Segment] = []
    current: Any = None
    constants: list[Segment] = []  # after the last field: they go with what comes next, or alone
    for piece in pieces:
        sections = {id(views[name]): views[name] for name in piece.names}
        if not sections:
            constants.append(piece)
            continue
        one = next(iter(sections.values())) if len(sections) == 1 else None
        indexed = one if one is not None and one.index is not None else None
        if indexed is current:
            run += [*constants, piece]
        else:
            if run:
                yield current, run
            if constants:
                yield None, constants
            run, current = [piece], indexed
        constants = []
    if run:
        yield current, run
    if constants:
        yield None, constants


def _merged(pieces: Iterable[Segment]) -> Iterator[Segment]:
    """Put constants that follow each other together."""
    text = ""
    for piece in pieces:
        if isinstance(piece, Constant):
            text += piece.text
            continue
        if text:
            yield Constant(text)
        text = ""
        yield piece
    if text:
        yield Constant(text)


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
