"""Columns in which records say when they were made, as a clock that is off would have it.

Such a column has a `clock`; those that it is a part of have not, and are searched for it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column, ConcatenatedColumn, GatheredColumn, concat_columns
from datagen.columns.instant_format import ISO, InstantFormat
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.instants import Style


class Clock(Protocol):
    """What has made a column that shows the instants of n records."""

    def column_off(self, rows: Ints, micros: Ints) -> Column:
        """Return the column at rows, int64[m], whose instants are each later by so many microseconds, int64[m].

        Those that could not be written are the first or the last that can.
        """


@dataclass(frozen=True)
class InstantClock:
    """Instants of records, int64[n], microseconds since 1970, in a style, as a format writes them."""

    micros: Ints
    style: Style
    format: InstantFormat = ISO

    def column(self) -> Column:
        """Return the column of the instants, which knows its clock."""
        column = self.remembered()
        column.clock = self
        return column

    def remembered(self) -> Column:
        """Return the column of what somebody remembers: another clock changes nothing there."""
        return self.format.column(self.micros, self.style)

    def column_off(self, rows: Ints, micros: Ints) -> Column:
        moved = within(self.micros[rows] + micros, self.style.limits)
        return InstantClock(moved, self.style, self.format).column()


def within(micros: Ints, limits: tuple[int, int]) -> Ints:
    """Return instants, int64[n], or the nearest ones within limits [first, last)."""
    return np.clip(micros, limits[0], limits[1] - 1)


def shows_clock(column: Column) -> bool:
    """Return whether a column, or a part of it, has a clock."""
    if column.clock is not None:
        return True
    match column:
        case GatheredColumn():
            return shows_clock(column.source)
        case ObjectColumn():
            return any(map(shows_clock, column.columns))
        case ListColumn():
            return shows_clock(column.elements)
        case ConcatenatedColumn():
            return any(map(shows_clock, column.columns))
    return False


def clocks_off(column: Column, rows: Ints, micros: Ints) -> Column:
    """Return a column at rows, int64[m], with its clocks off by so many microseconds at each: int64[m]."""
    if column.clock is not None:
        clock: Clock = column.clock
        return clock.column_off(rows, micros)
    if not shows_clock(column):
        return column.take(rows)
    match column:
        case GatheredColumn():
            own = column.index[rows]
            there = own >= 0
            moved = clocks_off(column.source, own[there], micros[there])
            return moved.take(np.where(there, np.cumsum(there) - 1, own))
        case ObjectColumn():
            members = [clocks_off(each, rows, micros) for each in column.columns]
            return ObjectColumn(column.names, members, len(rows))
        case ListColumn():
            lengths = column.lengths[rows]
            begins = (np.cumsum(column.lengths) - column.lengths)[rows]
            elements = np.repeat(begins - (np.cumsum(lengths) - lengths), lengths)
            elements += np.arange(len(elements))
            moved = clocks_off(column.elements, elements, np.repeat(micros, lengths))
            return ListColumn(lengths, moved)
        case ConcatenatedColumn():
            return _parts_off(column.columns, rows, micros)
    raise TypeError(f"no column with a clock: {type(column).__name__}")


def _parts_off(parts: tuple[Column, ...], rows: Ints, micros: Ints) -> Column:
    """Return the same of columns one after the other."""
    ends = np.cumsum([len(each) for each in parts])
    owners = ends.searchsorted(rows, side="right")
    found, places = [], []
    for number, part in enumerate(parts):
        own = np.flatnonzero(owners == number)
        found.append(clocks_off(part, rows[own] - (ends[number] - len(part)), micros[own]))
        places.append(own)
    back = np.empty(len(rows), dtype=np.int64)
    back[np.concatenate(places)] = np.arange(len(rows))
    return concat_columns(found).take(back)
