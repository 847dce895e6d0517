"""Turns fields that hold times, also inside objects, into columns of these at other instants."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, Mask
from datagen.columns.column import NULL, Column, concat_columns
from datagen.columns.column_type import JSON, TEXT, ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import TextColumn
from datagen.errors import ClockLimitError
from datagen.sources.times import Around, RowProblem, SourceTimes, TimeParser, TimesRead


@dataclass(frozen=True)
class Move:
    """Where n records go: `clock` is their clock there.

    `rows`, int64[n], are which they are of those that were read, None: all. `micros` and `nanos`, int64[n]
    each, are together how much later they are.
    """

    rows: Ints | None
    clock: SourceTimes
    micros: Ints
    nanos: Ints


class _EmptyText(TextColumn):
    """An empty text in the place of a time: null in a column of instants or numbers."""

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type in (TEXT, JSON):
            return super().to_arrow(column_type)
        return pa.nulls(len(self), column_type.arrow_type)


EMPTY_TEXT: Column = _EmptyText(pa.array([""]))


@dataclass(frozen=True)
class TimeField:
    """A field that holds a time, and how it is written; a dot in its name leads into an object."""

    name: str
    parser: TimeParser

    def path(self, names: Container[str]) -> tuple[str, ...]:
        """Return the way to it in records with these names: a name with a dot may be one of them."""
        return (self.name,) if self.name in names else tuple(self.name.split("."))


class MovingField(Protocol):
    """A field whose values depend on where the clock goes."""

    @property
    def column_type(self) -> ColumnType | None:
        """Return the type of its column, None: that of the values in the source."""

    def take(self, rows: Ints) -> "MovingField":
        """Return the same for some rows only: int64[n]."""

    def times_of(self) -> Iterator[tuple[str, SourceTimes]]:
        """Yield the times besides the clock, with the name of their field."""

    def moved(self, move: Move) -> Column:
        """Return the values of records that go elsewhere. Raises ClockLimitError."""


@dataclass(frozen=True)
class MovingTimes:
    """The times of a field: row r has `times[index[r]]`, no value where that is -1 or -2.

    The rows of `filler`, if there is one, are those after the times.
    """

    name: str
    times: SourceTimes
    index: Ints
    column_type: ColumnType
    filler: Column | None = None

    def take(self, rows: Ints) -> "MovingTimes":
        return replace(self, index=self.index[rows])

    def has_time(self, rows: Ints | None) -> Mask:
        """Return which of some rows have a time: bool[n]."""
        index = self.index if rows is None else self.index[rows]
        timed: Mask = (index >= 0) & (index < len(self.times))
        return timed

    def times_of(self) -> Iterator[tuple[str, SourceTimes]]:
        yield self.name, self.times

    def moved(self, move: Move) -> Column:
        index = self.index if move.rows is None else self.index[move.rows]
        timed = np.flatnonzero(self.has_time(move.rows))
        times = self.times.take(index[timed]).later(move.micros[timed], move.nanos[timed])
        first, last = times.limits
        if len(timed) and (times.micros.min() < first or times.micros.max() >= last):
            raise ClockLimitError(f"{self.name}: a time would be outside of the years 1 to 9999")
        places = np.where(index < 0, index, index - len(self.times) + len(timed))
        places[timed] = np.arange(len(timed))
        columns = [times.column()] if len(timed) else []  # no times: none shows their type
        columns += [] if self.filler is None else [self.filler]
        return concat_columns(columns or [LiteralColumn([])]).take(places)


@dataclass(frozen=True)
class MovingClock:
    """A field whose values depend on where the clock goes, and where n records go."""

    field: MovingField
    move: Move

    def column(self) -> Column:
        """Return the values, which know their clock. Raises ClockLimitError."""
        column = self.field.moved(self.move)
        column.clock = self
        return column

    def column_off(self, rows: Ints, micros: Ints) -> Column:
        """Return the column at rows, off by so many microseconds, as a Clock does. Raises ClockLimitError."""
        move = self.move
        return MovingClock(
            self.field,
            Move(
                rows if move.rows is None else move.rows[rows],
                replace(move.clock.take(rows), micros=move.clock.micros[rows] + micros),
                move.micros[rows] + micros,
                move.nanos[rows],
            ),
        ).column()


MovingRead = tuple[MovingTimes, RowProblem | None]  # times, and the first row that has none


@dataclass(frozen=True)
class TimeMember:
    """A time inside of objects: the way to it, and its times; None: it is the clock."""

    path: tuple[str, ...]
    times: MovingTimes | None

    def take(self, rows: Ints) -> "TimeMember":
        """Return the same for some rows only: int64[n]."""
        return self if self.times is None else TimeMember(self.path, self.times.take(rows))


def moving_fields(
    fields: Sequence[TimeField],
    names: Container[str],
    read: Callable[[TimeField, tuple[str, ...]], MovingRead],
    objects: Callable[[str, tuple[TimeMember, ...]], MovingField],
) -> tuple[dict[str, MovingField], list[RowProblem]]:
    """Return the fields with times besides the clock, the first, and the objects that hold times.

    `read` reads a field at a path, `objects` makes what holds objects of a name. `names` are those of
    records. The problems are the first of each field.
    """
    moving: dict[str, MovingField] = {}
    inside: dict[str, list[TimeMember]] = {}
    problems = []
    for place, field in enumerate(fields):
        path, times = field.path(names), None
        if place:
            times, problem = read(field, path)
            problems += [] if problem is None else [problem]
        if len(path) > 1:
            inside.setdefault(path[0], []).append(TimeMember(path[1:], times))
        elif times is not None:
            moving[field.name] = times
    moving |= {name: objects(name, tuple(members)) for name, members in inside.items()}
    return moving, problems


def read_moving(
    field: TimeField,
    index: Ints,
    read: Callable[[Around], TimesRead],
    clock: Ints | None,
    filler: Column | None = None,
) -> MovingRead:
    """Return the times of a field, and the first row that has no time though it has a value.

    `index`, int64[n], is 0 for the rows that have one, which `read` reads, else as in `MovingTimes`; 1 is
    for the filler. `clock` is the instants of all rows: int64[n], microseconds.
    """
    rows = np.flatnonzero(index == 0)
    times, problem = read(Around(None, None if clock is None else clock[rows]))
    places = np.where(index == 1, len(times), index)
    places[rows] = NULL
    places[rows[: len(times)]] = np.arange(len(times))
    column_type = times.format_of(0).column_type if len(times) else field.parser.column_type
    if problem is not None:
        problem = RowProblem(int(rows[problem.row]), f"{field.name}: {problem.text}")
    return MovingTimes(field.name, times, places, column_type, filler), problem
