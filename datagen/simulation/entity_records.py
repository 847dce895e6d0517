"""Turns the members of a pool into batches: the counterpart of `source.Simulation` for `--entities`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch, Group, Handover, Section
from datagen.errors import Path
from datagen.fields.draw import Context, OnMembers
from datagen.fields.member_sets import made_member_sets
from datagen.fields.members import members_of
from datagen.instants import Style
from datagen.part import Part
from datagen.position import Cursor
from datagen.randomness import seed_word
from datagen.simulation.faults import WindowFaults
from datagen.spec.entities import attribute_lists, numbered_pools
from datagen.spec.entity_table import EntityTable
from datagen.spec.scopes import compiled_expressions


class EntityParameters(Protocol):
    """What it takes to know of a run besides the specification."""

    @property
    def seed(self) -> int:
        """Return the seed."""

    @property
    def part(self) -> Part:
        """Return which members are written."""


@dataclass
class MemberStream:
    """The members of a part, in windows of ids, up to those born at `end`, or to a last one."""

    source: "EntityRecords"
    end: int
    window_size: int = 64
    exhausted: bool = False

    def request_window_size(self, records: int) -> None:
        """Ask for windows of about this many records. It has no effect on the records."""
        self.window_size = max(records, 1)

    def windows(self) -> Iterator[Ints]:
        """Yield the ids of one window after the other."""
        part, place, size = self.source.part, 0, self.source.size_before(self.end)
        while part.index + place * part.count < size:
            last = min(place + self.window_size, -(-(size - part.index) // part.count))
            yield part.index + np.arange(place, last) * part.count
            place = last
        self.exhausted = True

    def jump(self, by: int, until: int) -> None:
        """Jump nowhere: members have no present."""

    def close(self) -> None:
        """Close; nothing is held."""


class EntityRecords:
    """Makes the batches of members; `width` is about how many bytes a record has, `unit` what they are called."""

    width = 200.0
    unit = "member"
    counts_depend = False  # on values

    def __init__(self, table: EntityTable, parameters: EntityParameters, style: Style) -> None:
        """Prepare a run; instants are written in a style."""
        self.part, self._table, self._style = parameters.part, table, style
        seed, pools = seed_word(parameters.seed), table.spec.entities
        self._entities = members_of(pools, numbered_pools(table.spec), seed)
        self._context = Context(
            seed,
            style,
            expressions=compiled_expressions(table.spec, style).by_place,
            tables=table.spec.tables,
            entities=self._entities,
        )
        self._start = 0

    def prepare(self, on_members: OnMembers | None = None) -> list[tuple[Path, str]]:
        """Make every fixed set of values of attributes; return the paths and mistakes of those that cannot be made."""
        del on_members
        return list(made_member_sets(attribute_lists(self._table.spec.entities), self._context))

    def start_stream(self, start: int) -> None:
        """Take note of when the stream starts: microseconds since 1970."""
        self._start = start
        self._table.run_timeline.begin(start, self._context.style)
        for each in self._entities.values():
            each.begin(start)

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> MemberStream:
        """Return the members, up to those born before an instant."""
        del start, stopped, before
        return MemberStream(self, end)

    def size_before(self, end: int) -> int:
        """Return how many members there are for a run that ends before an instant."""
        pool, table = self._table.pool, self._table
        if pool.growth is not None and not table.at_start:
            births = pool.growth.births(self._start)
            return int(births.count(np.array([end - 1]))[0])
        numbered = table.name in numbered_pools(table.spec)
        return 1 << 62 if numbered else pool.size

    def cursor(self, stream: Any) -> Any:
        """Return no position: no run goes on from one."""
        del stream

    def counts(self, window: Ints, since: int) -> tuple[int, int]:
        """Return how many members a window has; none comes before the start."""
        del since
        return len(window), len(window)

    def batch(self, window: Ints) -> Batch:
        """Return the records of members: at the instants at which they are born, or at the start."""
        pool, values = (
            self._table.pool,
            self._entities[self._table.name].values(window, self._context),
        )
        times = np.full(len(window), self._start)
        if pool.growth is not None:
            times = np.maximum(pool.growth.births(self._start).born(window), times)
        columns = tuple(values[name] for name in pool.names)
        rows = np.arange(len(window))
        group = Group(self._table.name, rows, (Section(pool.names, columns),))
        places, faults = window // self.part.count, WindowFaults()
        faults.note_columns(rows, group.sections)
        return Batch(times, places, 0, self._style, (group,), faults=faults.rows(lambda: rows))

    @property
    def prepared(self) -> Any:
        """Return what `prepare` has made, and the start, for another process."""
        return self._context.member_sets, self._start

    def prepare_with(self, prepared: Any) -> None:
        """Take what `prepare` has made in another process."""
        member_sets, start = prepared
        self._context.member_sets.update(member_sets)
        self.start_stream(start)

    def hand_over(self, window: Ints) -> Handover:
        """Return what it takes to make the records of a window in another process: the window."""
        return Handover(window)

    def batch_of(self, work: Ints) -> Batch:
        """Return the records of a window that another process has handed over."""
        return self.batch(work)
