"""Records as columns: what simulations and replays make, and what formats and targets take."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.errors import DatagenError, dotted
from datagen.instants import Style
from datagen.one_line import printable
from datagen.position import Cursor

EMITTER = "emitter"  # in keys and templates, the name of the emitter, besides the fields
POPULATION = "population"  # there and in patterns, that of the worker's population
EVENT = "@event"  # in keys and patterns, the number of the event in the clean stream
RUN = "@run"  # in keys, the name of the run: the same for all its parts and resumed runs
EVENT_NUMBER = "event_number"  # the same in templates, whose names are letters
BESIDES = (POPULATION, EVENT, EVENT_NUMBER)  # what may be shown of a record besides its fields


@dataclass(frozen=True)
class Section:
    """Neighbouring fields of records, evaluated together: their names and columns.

    Without `index`, the columns have a row for each of the n records. With it, int64[n], they have fewer,
    and the i-th record has row index[i].
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    index: Ints | None = None


@dataclass(frozen=True)
class Group:
    """The records of one emitter within a batch: their rows in the batch, int64[n], and their fields."""

    emitter: str
    rows: Ints
    sections: tuple[Section, ...]

    def column(self, name: str) -> Column | None:
        """Return the field of this name, n values; None: the emitter has no such field."""
        for section in self.sections:
            if name in section.names:
                column = section.columns[section.names.index(name)]
                return column if section.index is None else column.take(section.index)
        return None

    def with_columns(self, columns: Mapping[str, Column]) -> "Group":
        """Return the group with columns of all records of the batch, by name, where no field is called so."""
        fields = {name for section in self.sections for name in section.names}
        added = tuple(
            Section((name,), (column.take(self.rows),))
            for name, column in columns.items()
            if name not in fields
        )
        return replace(self, sections=(*self.sections, *added))

    def between(self, first: int, last: int) -> "Group":
        """Return those of the rows first .. last - 1 of the batch, which are the rows 0 .. of another."""
        mine = np.flatnonzero((self.rows >= first) & (self.rows < last))
        sections = tuple(
            replace(each, index=mine if each.index is None else each.index[mine])
            for each in self.sections
        )
        return Group(self.emitter, self.rows[mine] - first, sections)


@dataclass(frozen=True)
class Waits:
    """The arrivals of a window that had to wait for a place, in order, one at a time.

    `dues` and `starts`, int64[n], are the instants from which and until which each waited. The last may
    be waiting still: its start is later than all instants, and the next window has it again. `expected`
    returns how many arrivals a time would bring on average: begins and ends, int64[n] -> float64[n].
    """

    dues: Ints
    starts: Ints
    expected: Callable[[Ints, Ints], Floats]


@dataclass(frozen=True)
class Origins:
    """Whose visits the n records of a batch are of: what draws and names of records follow from.

    `workers` and `visits` are the numbers of workers and of their visits, `places` those of records among the records of a
    visit, from 0: int64[n] each. `bits`, uint64[n], are the random bits of visits; `states` and `populations` have n
    names, or nulls. In a replay, a pass stands for a worker and a record for a visit.
    """

    workers: Ints
    visits: Ints
    places: Ints
    bits: Bits
    states: Column
    populations: Column

    def take(self, rows: Ints) -> "Origins":
        """Return those of some records, int64[m]."""
        return Origins(
            self.workers[rows],
            self.visits[rows],
            self.places[rows],
            self.bits[rows],
            self.states.take(rows),
            self.populations.take(rows),
        )


class LazyOrigins:
    """The origins of the records of a batch, made when they are asked for: most runs never do."""

    def __init__(self, make: "Callable[[], Origins] | _Once", rows: slice = slice(None)) -> None:
        self._whole = make if isinstance(make, _Once) else _Once(make)
        self._rows = rows

    @cached_property
    def made(self) -> Origins:
        """Return them; they are made once for all parts of a batch."""
        whole = self._whole.made
        if self._rows == slice(None):
            return whole
        return whole.take(np.arange(len(whole.visits))[self._rows])

    def take(self, rows: Ints) -> "LazyOrigins":
        """Return those of some records, int64[m]."""
        return LazyOrigins(lambda: self.made.take(rows))

    def between(self, first: int, last: int) -> "LazyOrigins":
        """Return those of the records first .. last - 1, however often parts are taken of parts."""
        begin, end = self._rows.start or 0, self._rows.stop
        last = begin + last if end is None else min(begin + last, end)
        return LazyOrigins(self._whole, slice(begin + first, last))


class _Once:
    """What is made once."""

    def __init__(self, make: Callable[[], Origins]) -> None:
        self._make = make

    @cached_property
    def made(self) -> Origins:
        return self._make()


class FaultPlace(NamedTuple):
    """Where a value could not be computed: the path of names of the field generator, the expression's text."""

    path: tuple[str, ...]
    expression: str

    def __str__(self) -> str:
        return f'{dotted(self.path)}: "{printable(self.expression, 60)}"'


FaultRows = Mapping[FaultPlace, Ints]  # the rows at each place, int64[k], rising


@dataclass(frozen=True)
class Batch:
    """The n records of a batch, in order.

    `times` (microseconds since 1970) and `workers`, the keys of these, are int64[n]; the rows of the groups are together all
    of 0 .. n - 1. `alive` is how many workers there are after the last record, `style` how instants are
    written. With `pause`, the next batch may take long to come. `cursor` is the position of the run
    before the batch, if it can be resumed from there; batches that follow each other may have the same.
    With `failure`, the records after these cannot be made, and that is why.
    `waits` are those of its window, of each population whose arrivals can have to wait. `faults` are the rows for which a value could
    not be computed; row n is the first of the next batch: what was to be computed for a visit without a record
    belongs to the record after it. `origins` are those of the records, where these come from a model or a file of records.
    `events`, int64[n], are the numbers of their events, and `run` is the name of the run, where these are asked for.
    """

    times: Ints
    workers: Ints
    alive: int
    style: Style
    groups: tuple[Group, ...]
    pause: bool = False
    cursor: Cursor | None = None
    failure: DatagenError | None = None
    waits: tuple[Waits, ...] = ()
    faults: FaultRows = field(default_factory=dict)
    origins: LazyOrigins | None = None
    events: Ints | None = None
    run: str | None = None

    def __len__(self) -> int:
        return len(self.times)

    def written(self, faults: FaultRows) -> "Batch":
        """Return the batch without fields, once its records are written, which had these faults besides its own."""
        both = merged_faults([self.faults, faults]) if faults else self.faults
        return replace(self, groups=(), faults=both, origins=None, events=None)

    def with_names(self, names: Collection[str]) -> "Batch":
        """Return the batch with what some of BESIDES and RUN stand for among the fields of records, where none has that name."""
        columns: dict[str, Column] = {}
        if POPULATION in names and self.origins is not None:
            columns[POPULATION] = self.origins.made.populations
        if self.events is not None:
            numbers = IntColumn(self.events)
            columns |= {each: numbers for each in (EVENT, EVENT_NUMBER) if each in names}
        if RUN in names and self.run is not None:
            columns[RUN] = LiteralColumn([self.run]).take(np.zeros(len(self), dtype=np.int64))
        return replace(self, groups=tuple(each.with_columns(columns) for each in self.groups))

    def rows(self, first: int, last: int) -> "Batch":
        """Return the records first .. last - 1."""
        if first == 0 and last == len(self):
            return self
        return replace(
            self,
            times=self.times[first:last],
            workers=self.workers[first:last],
            groups=tuple(group.between(first, last) for group in self.groups),
            cursor=None if first else self.cursor,
            faults=faults_between(self.faults, first, last + (last == len(self))),
            origins=None if self.origins is None else self.origins.between(first, last),
            events=None if self.events is None else self.events[first:last],
        )

    def of_emitters(self, emitters: Collection[str]) -> tuple["Batch", Ints]:
        """Return the records of some emitters, without faults, and their rows in this batch, rising: int64[m]."""
        own = [group for group in self.groups if group.emitter in emitters]
        nothing: Ints = np.empty(0, dtype=np.int64)
        rows = np.sort(np.concatenate([nothing, *(group.rows for group in own)]))
        groups = (replace(group, rows=rows.searchsorted(group.rows)) for group in own)
        found = replace(
            self,
            times=self.times[rows],
            workers=self.workers[rows],
            groups=tuple(groups),
            faults={},
            origins=None if self.origins is None else self.origins.take(rows),
            events=None if self.events is None else self.events[rows],
        )
        return found, rows


def merged_faults(several: Iterable[FaultRows]) -> FaultRows:
    """Return all rows of the same batch, each once a place."""
    found: dict[FaultPlace, list[Ints]] = {}
    for faults in several:
        for place, rows in faults.items():
            if len(rows):
                found.setdefault(place, []).append(rows)
    return {
        place: np.unique(np.concatenate(rows)) if len(rows) > 1 else np.sort(rows[0])
        for place, rows in found.items()
    }


def faults_between(faults: FaultRows, first: int, last: int) -> FaultRows:
    """Return those of the rows first .. last - 1, as rows 0 .. ."""
    some = {
        place: rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)] - first
        for place, rows in faults.items()
    }
    return {place: rows for place, rows in some.items() if len(rows)}


@dataclass(frozen=True)
class Handover:
    """A window that another process makes the batch of: `work` is all that this takes there.

    What the batch has besides, `cursor` and `waits`, stays here; both are as in Batch. `event` is the number of its
    first event among all of the stream, where it is known.
    """

    work: Any
    cursor: Cursor | None = None
    waits: tuple[Waits, ...] = ()
    event: int = 0
