"""Instants together with the formats in which a source has them, so that they are written the same way.

A parser reads times and finds the format of each: decimals, separators, offset from UTC, text or number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from datagen.arrays import Ints, TextArray
from datagen.columns.clock import within
from datagen.columns.column import Column, concat_columns
from datagen.columns.column_type import ColumnType


class InstantFormat(Protocol):
    """How some times are written."""

    @property
    def column_type(self) -> ColumnType:
        """Return the type of the column that `column` makes."""

    @property
    def limits(self) -> tuple[int, int]:
        """Return the instants [first, last), in microseconds, that can be written."""

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        """Return the column of instants: microseconds since 1970, nanoseconds within them (None: all 0)."""


@dataclass(frozen=True)
class SourceTimes:
    """The instants of n rows, and their formats.

    `micros`, int64[n], are microseconds since 1970, `rest`, int64[n], the nanoseconds within them (None:
    all 0). `format_index`, int64[n], is the place of each row's format in `formats`; None: all have the
    first. `before_moved` is how many microseconds later the records before these are than was thought,
    because the year that they left out was another; `doubtful`: there may be a year that fits better.
    """

    micros: Ints
    rest: Ints | None
    formats: tuple[InstantFormat, ...]
    format_index: Ints | None = None
    before_moved: int = 0
    doubtful: bool = False

    def __len__(self) -> int:
        return len(self.micros)

    @property
    def limits(self) -> tuple[int, int]:
        """Return the instants [first, last), in microseconds, that all formats can write."""
        limits = [each.limits for each in self.formats]
        return max(first for first, _ in limits), min(last for _, last in limits)

    def nanos(self, row: int) -> int:
        """Return the instant of a row in nanoseconds since 1970."""
        return int(self.micros[row]) * 1000 + (0 if self.rest is None else int(self.rest[row]))

    def format_of(self, row: int) -> InstantFormat:
        """Return the format of a row."""
        return self.formats[0 if self.format_index is None else int(self.format_index[row])]

    def take(self, rows: Ints | slice) -> "SourceTimes":
        """Return these rows."""
        return SourceTimes(
            self.micros[rows],
            None if self.rest is None else self.rest[rows],
            self.formats,
            None if self.format_index is None else self.format_index[rows],
        )

    def moved(self, nanos: int) -> "SourceTimes":
        """Return the same instants, later by so many nanoseconds."""
        micros, rest = divmod(nanos, 1000)
        if self.rest is None and not rest:
            return replace(self, micros=self.micros + micros)
        return self.later(micros, rest)

    def later(self, micros: Ints | int, nanos: Ints | int) -> "SourceTimes":
        """Return the same instants, each later by so many microseconds and nanoseconds."""
        added = nanos + (np.zeros_like(self.micros) if self.rest is None else self.rest)
        moved, rest = self.micros + micros + added // 1000, added % 1000
        return replace(self, micros=moved, rest=rest if rest.any() else None)

    def column(self) -> Column:
        """Return the column of all instants, each in its format."""
        if self.format_index is None:
            return self.formats[0].column(self.micros, self.rest)
        order = np.argsort(self.format_index, kind="stable")
        parts = []
        for place, each in enumerate(self.formats):
            rows = np.flatnonzero(self.format_index == place)
            rest = None if self.rest is None else self.rest[rows]
            if len(rows):
                parts.append(each.column(self.micros[rows], rest))
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return concat_columns(parts).take(back)

    def clock_column(self) -> Column:
        """Return the column of the times at which records say they were made, which knows its clock."""
        column = self.column()
        column.clock = self
        return column

    def column_off(self, rows: Ints, micros: Ints) -> Column:
        """Return the column at rows, off by so many microseconds, as a Clock does."""
        later = self.take(rows).later(micros, 0)
        return replace(later, micros=within(later.micros, self.limits)).clock_column()


@dataclass(frozen=True)
class Around:
    """What decides what times leave out: the instant of the record `before` them (None: they are the first).

    Or, of a field that is not the clock, the instants of their own records: int64[n]. All in microseconds.
    """

    before: int | None = None
    clock: Ints | None = None

    def part(self, size: int) -> "Around":
        """Return the same for the first rows only."""
        return self if self.clock is None else Around(None, self.clock[:size])

    def take(self, rows: Sequence[int]) -> "Around":
        """Return the same for some rows only."""
        return (
            self if self.clock is None else Around(None, self.clock[np.array(rows, dtype=np.int64)])
        )


FIRST = Around()


@dataclass(frozen=True)
class RowProblem:
    """A row and what is wrong with it: the end of a message that begins with the row's location."""

    row: int
    text: str


TimesRead = tuple[SourceTimes, RowProblem | None]  # times up to the first mistake, and that


def first_problem(problems: Sequence[RowProblem]) -> RowProblem | None:
    """Return the problem of the lowest row, of several of one row the first."""
    return min(problems, key=lambda problem: problem.row, default=None)


class TimeParser:
    """The base of the family: turns what a source has for times into instants and their formats.

    `column_type` is that of the column of times; with `only_texts`, JSON numbers are no such times. `zone`
    is the time zone of times without an offset, None: UTC.
    """

    column_type: ClassVar[ColumnType]
    only_texts: ClassVar[bool] = False
    zone: str | None = None

    def starts(self) -> Iterator["TimeParser"]:
        """Yield the parsers that take the first time for one of another year, month, week or day."""
        yield from ()

    @property
    def learns(self) -> bool:
        """Return whether the first records of a file say more than each alone."""
        return False

    def like(self, times: Sequence[SourceTimes]) -> "TimeParser":
        """Return a parser whose times are written like these, the first of a file."""
        del times
        return self

    @property
    def has_offset(self) -> bool:
        """Return whether all times tell their offset from UTC, so that a time zone has no effect."""
        raise NotImplementedError

    def read_texts(self, texts: TextArray, as_texts: bool, around: Around = FIRST) -> TimesRead:
        """Read a string array; numbers in it are written as numbers again, or `as_texts`."""
        raise NotImplementedError

    def read_numbers(self, values: Sequence[int | float]) -> TimesRead:
        """Read JSON numbers, at least one."""
        raise NotImplementedError
