"""What every source shares: records in chunks, in order, with their places in the file.

A source is opened anew for each pass over it. To add one, write a file here and list it in
`__init__.py`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT, ColumnType
from datagen.errors import RunError
from datagen.sources.time_parsing import Flaw, Read, TimeFormat

SMALL = 1 << 16  # bytes that are read at first, so that the first records come at once
LARGE = 1 << 22  # and later
KINDS = {"int": INT, "float": FLOAT, "bool": BOOL, "text": TEXT}  # that `types` can ask for


class SourceError(RunError):
    """A source cannot be read: `text` says why."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__(f"{file}: {text}")
        self.file, self.text = file, text


@dataclass(frozen=True)
class Place:
    """Where a record begins: its number in the pass, its byte (of the text inside) and its line."""

    record: int = 0
    byte: int = 0
    line: int = 1


FIRST = Place()


@dataclass(frozen=True)
class Section:
    """The fields of some rows (None: of all), in the order in which these records hold them.

    The time is one of the names, and has no column.
    """

    rows: Ints | None
    names: tuple[str, ...]
    columns: Mapping[str, Column]


class Rows(Protocol):
    """Some records as their source holds them."""

    def __len__(self) -> int: ...

    def slice(self, first: int, last: int) -> "Rows":
        """Return the rows first .. last - 1."""

    def take(self, rows: Ints) -> "Rows":
        """Return these rows."""

    def times(self) -> Read:
        """Read the times, up to the first that is none."""

    def sections(self) -> tuple[tuple[Section, ...], Flaw | None]:
        """Return all other fields, and what is wrong with the first row that has a mistake."""

    def stored(self) -> Any:
        """Return an Arrow record batch that holds all that the rows are made of."""


@dataclass(frozen=True)
class Chunk:
    """Neighbouring records: where they begin, and how to tell the line of each.

    `flaw` says what is wrong with the record right after the last, if it cannot be read.
    """

    rows: Rows
    begin: Place
    lines: Callable[[], Ints]
    flaw: str = ""
    flawed_line: int = 0
    unit: str = "line"  # what lines are, for a person

    def __len__(self) -> int:
        return len(self.rows)

    def slices(self, most: int) -> "Iterator[Chunk]":
        """Cut it into chunks of at most so many records, of about one size."""
        size = len(self)
        count = max(-(-size // max(most, 1)), 1)
        edges = [size * place // count for place in range(count + 1)]
        for first, last in pairwise(edges):
            if count == 1:
                yield self
                return
            flaw = self.flaw if last == size else ""
            yield self.part(first, last, flaw)

    def part(self, first: int, last: int, flaw: str = "") -> "Chunk":
        """Return the records first .. last - 1."""
        return replace(
            self,
            rows=self.rows.slice(first, last),
            begin=replace(self.begin, record=self.begin.record + first),
            lines=lambda: self.lines()[first:],
            flaw=flaw,
        )

    def place(self, row: int) -> str:
        """Tell where a row is; the one after the last is that which cannot be read."""
        line = self.flawed_line if row == len(self) else int(self.lines()[row])
        return f"{self.unit} {line}"


@dataclass(frozen=True)
class Wanted:
    """What is asked of a source: which field is the time, and of which types others are."""

    time_field: str
    time_format: TimeFormat
    types: Mapping[str, str]


class Source:
    """The base of the family: a file, or what can be read only once (`once`)."""

    once = False

    def __init__(self, file: str, wanted: Wanted) -> None:
        self.file, self.wanted = file, wanted

    @property
    def names(self) -> tuple[str, ...] | None:
        """Return the names of all fields, where the source says so. Raises SourceError."""
        raise NotImplementedError

    def column_types(self, rows: Rows) -> dict[str, ColumnType]:
        """Return the column types of the fields but the time, where the first rows are these."""
        raise NotImplementedError

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        """Read from a place on, about `size()` bytes at a time. Raises SourceError."""
        raise NotImplementedError

    def restored(self, stored: Any) -> Rows:
        """Return the rows that an Arrow record batch holds."""
        raise NotImplementedError

    def error(self, place: str, text: str) -> SourceError:
        """Make the error that shows a place."""
        return SourceError(self.file, f"{place}: {text}")

    def state(self) -> tuple[int, ...]:
        """Return what changes when the file does: its size, and the nanosecond of its last change."""
        if self.once:
            return ()
        found = os.stat(self.file)
        return found.st_size, found.st_mtime_ns

    def heed(self, stopped: Callable[[], bool]) -> None:
        """Stop waiting for more when `stopped` tells that nobody waits."""

    def close(self) -> None:
        """Let go of what is held."""

    def misfit(self, rows: Rows, column_types: Mapping[str, ColumnType]) -> Flaw | None:
        """Find the first row with a field that is not in a table, or of another type: its name."""
        del rows, column_types
        return None


def counted(first: int, size: int) -> Callable[[], Ints]:
    """Return lines that follow each other."""
    return lambda: np.arange(first, first + size)
