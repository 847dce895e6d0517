"""What every source shares: records in chunks, in order, with their positions in the file.

A source is opened anew for each pass over it. To add one, write a file here, list it in
`__init__.py` and its endings in `file_names.py`.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol, Self

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT, ColumnType
from datagen.errors import RunError
from datagen.one_line import first_line
from datagen.sources.file_names import split_file_name
from datagen.sources.moving import MovingField, TimeField
from datagen.sources.times import FIRST, Around, RowProblem, TimesRead

FIRST_READ_BYTES = 1 << 16  # few, so that the first records come at once
MAX_READ_BYTES = 1 << 22
DECLARABLE_TYPES = {
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "text": TEXT,
}  # that `types` can ask for


class SourceError(RunError):
    """A source cannot be read: which file, and why."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__(f"{file}: {text}")
        self.file, self.text = file, text


@dataclass(frozen=True)
class RecordPosition:
    """Where a record begins: its number, from 0, its byte (of the uncompressed text) and its line, from 1."""

    record: int = 0
    byte: int = 0
    line: int = 1


FILE_START = RecordPosition()


@dataclass(frozen=True)
class FieldGroup:
    """The fields of some rows, in the order in which these records hold them.

    `rows`, int64[n], are the rows; None: all. The clock is one of the names, and has no column unless it
    is nested. What holds other times, or nested ones, is among `moving` instead.
    """

    rows: Ints | None
    names: tuple[str, ...]
    columns: Mapping[str, Column]
    moving: Mapping[str, MovingField] = field(default_factory=dict)


@dataclass(frozen=True)
class SchemaMismatch:
    """A row with a field that is in no column, or not of the column's type."""

    row: int
    field: str


class Rows(Protocol):
    """Some records of a source, before they are turned into columns."""

    def __len__(self) -> int: ...

    def slice(self, first: int, last: int) -> Self:
        """Return the rows first .. last - 1."""

    def take(self, rows: Ints) -> Self:
        """Return these rows: int64[n]."""

    def read_as(self, options: "ReadOptions") -> Self:
        """Return the same rows, to be read in another way."""

    def times(self, around: Around = FIRST) -> TimesRead:
        """Return the times up to the first row with a mistake, and that mistake."""

    def field_groups(
        self, clock: Ints | None = None
    ) -> tuple[tuple[FieldGroup, ...], RowProblem | None]:
        """Return all other fields, and what is wrong with the first row that has a mistake.

        `clock` is the instants of the rows: int64[n], microseconds.
        """

    def column_types(self) -> dict[str, ColumnType]:
        """Return the column types of the fields but the time, as far as these rows show them."""

    def schema_mismatch(self, column_types: Mapping[str, ColumnType]) -> SchemaMismatch | None:
        """Return the first row with a field that is not among these, or of another type."""
        del column_types
        return None

    def to_arrow(self) -> Any:
        """Return an Arrow record batch with all that the rows are made of: `from_arrow` takes it."""


@dataclass(frozen=True)
class Chunk:
    """Neighbouring records: where they begin, and how to find the line of each.

    `lines()` is int64[n]. `problem` says what is wrong with the record right after the last, if it
    cannot be read, and `problem_line` where that is. `unit` is what lines are, for a person.
    """

    rows: Rows
    begin: RecordPosition
    lines: Callable[[], Ints]
    problem: str = ""
    problem_line: int = 0
    unit: str = "line"

    def __len__(self) -> int:
        return len(self.rows)

    def slices(self, max_size: int) -> "Iterator[Chunk]":
        """Cut it into chunks of at most so many records, of about one size."""
        size = len(self)
        count = max(-(-size // max(max_size, 1)), 1)
        edges = [size * place // count for place in range(count + 1)]
        for first, last in pairwise(edges):
            if count == 1:
                yield self
                return
            problem = self.problem if last == size else ""
            yield self.part(first, last, problem)

    def part(self, first: int, last: int, problem: str = "") -> "Chunk":
        """Return the records first .. last - 1."""
        return replace(
            self,
            rows=self.rows.slice(first, last),
            begin=replace(self.begin, record=self.begin.record + first),
            lines=lambda: self.lines()[first:],
            problem=problem,
        )

    def location(self, row: int) -> str:
        """Return where a row is, for a person; the one after the last is that which cannot be read."""
        line = self.problem_line if row == len(self) else int(self.lines()[row])
        return f"{self.unit} {line}"


@dataclass(frozen=True)
class ReadOptions:
    """How a source is to be read: which field is the clock, which others are times, and other types.

    `delimiter` is what separates the cells of CSV.
    """

    clock: TimeField
    types: Mapping[str, str]
    others: tuple[TimeField, ...] = ()
    delimiter: str = ","

    @property
    def times(self) -> tuple[TimeField, ...]:
        """Return the fields with times, the clock first."""
        return (self.clock, *self.others)


class Source:
    """The base of the family: a file, or what can be read only once (`read_once`), such as a pipe.

    `needs_plain_file` is for formats that are no text: they are read from files only, are compressed
    inside and have types of their own. `label` is what messages call such a format.
    """

    label = ""
    needs_plain_file = False
    read_once = False

    def __init__(self, file: str, options: ReadOptions) -> None:
        self.file, self.options = file, options

    @property
    def names(self) -> tuple[str, ...] | None:
        """Return the names of all fields, where the source says so. Raises SourceError."""
        raise NotImplementedError

    def holds_time(self, name: str) -> bool:
        """Return whether a field with a time may be in its records: by name, or by a path into objects.

        Raises SourceError.
        """
        return name in (self.names or ())

    @property
    def unsorted(self) -> "Source":
        """Return the source with its records in the order of the file."""
        return self

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        """Read from a position on, about `size()` bytes at a time. Raises SourceError."""
        raise NotImplementedError

    def count_records(self, read_bytes: int, records: int) -> float | None:
        """Return about how many records there are, None where that is not known.

        The first `records` took so many bytes of the uncompressed text.
        """
        compressed = split_file_name(self.file)[2]
        if self.read_once or compressed or not read_bytes:
            return None
        return records * os.stat(self.file).st_size / read_bytes

    def notes(self, sample: "Sequence[Chunk]") -> Iterator[str]:
        """Yield what a user should know of the first records."""
        del sample
        yield from ()

    def from_arrow(self, batch: Any) -> Rows:
        """Return the rows that an Arrow record batch holds, as `to_arrow` makes it."""
        raise NotImplementedError

    def error(self, location: str, text: str) -> SourceError:
        """Return an error that shows a location."""
        return SourceError(self.file, f"{location}: {text}")

    def state(self) -> tuple[int, ...]:
        """Return what changes when the file does: its size, and the nanosecond of its last change."""
        if self.read_once:
            return ()
        status = os.stat(self.file)
        return status.st_size, status.st_mtime_ns

    def read_as(self, options: ReadOptions) -> None:
        """Read what is to come in another way."""
        self.options = options

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Wait for more of a pipe only until `stopped` returns true."""

    def close(self) -> None:
        """Close what is open."""


def why_unreadable(error: Exception) -> str:
    """Return why the system or Arrow cannot read a file, on one line."""
    return getattr(error, "strerror", None) or first_line(str(error))


def consecutive_lines(first: int, size: int) -> Callable[[], Ints]:
    """Return the lines `first`, `first` + 1, ... of as many records, as a chunk takes them."""
    return lambda: np.arange(first, first + size)
