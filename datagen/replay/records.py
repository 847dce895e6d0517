"""Turns the windows of a replay into batches: its fields, moved in time, some of them null."""

from collections.abc import Callable
from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.batch import Batch, Group, Handover, LazyOrigins, Origins, Section
from datagen.columns.column import MISSING, Column
from datagen.columns.literal import LiteralColumn, nulls
from datagen.errors import Path
from datagen.instants import Style
from datagen.part import WHOLE, Part
from datagen.position import Cursor
from datagen.randomness import draw, seed_word, stream_key, uniform, visit_bits, worker_bits
from datagen.replay.cursor import ReplayCursor
from datagen.replay.passes import ReplayLoop
from datagen.replay.source import ReplaySource
from datagen.replay.window import ReplayWindow
from datagen.sources import FieldGroup
from datagen.sources.moving import Move, MovingClock
from datagen.sources.times import SourceTimes


class ReplayRecords:
    """Makes the batches of a replay.

    `width` is about how many bytes a record has; `unit` is what the passes, in the place of workers, are
    called.
    """

    width = 200.0
    unit = "pass"
    counts_depend = False  # on values

    def __init__(
        self,
        replay: ReplaySource,
        seed: int,
        style: Style,
        *,
        needs_schema: bool = False,
        part: Part = WHOLE,
    ) -> None:
        """Prepare a part of a replay; with `needs_schema` each record has the fields of all, missing ones too."""
        self._replay, self._seed, self._style, self._part = replay, seed, style, part
        self._start = 0
        self._needs_schema, self._clock = needs_schema, replay.spec.time_fields[0]
        self._null_injections = {
            each.field: (each.null_probability, stream_key("replay", "null", each.field))
            for each in replay.spec.null_injection
        }

    def prepare(self, on_members: object = None) -> list[tuple[Path, str]]:
        """Return no mistakes: all has been checked before."""
        del on_members
        return []

    def start_stream(self, start: int) -> None:
        """Take note of when the stream starts, however late a run resumes it: microseconds since 1970."""
        self._start = start
        self._replay.run_timeline.begin(start, self._style)

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> ReplayLoop:
        """Return the passes of a run from an instant, or from a cursor, to another instant.

        Raises TypeError for a cursor that is not of a replay.
        """
        loop = ReplayLoop(
            self._replay,
            self._seed,
            start,
            end,
            stopped,
            needs_schema=self._needs_schema,
            part=self._part,
        )
        if before is not None:
            if not isinstance(before, ReplayCursor):
                raise TypeError(f"no cursor of a replay: {before}")
            loop.resume(before)
        return loop

    def cursor(self, stream: ReplayLoop) -> ReplayCursor:
        """Return the position of a run between two windows."""
        return stream.cursor

    def counts(self, window: ReplayWindow, since: int) -> tuple[int, int]:
        """Return how many records a window has, and how many of them are not before an instant."""
        micros = window.times.micros
        return len(micros), int(np.count_nonzero(micros >= since))

    def batch(self, window: ReplayWindow) -> Batch:
        """Return the records of a window."""
        groups = [self._group(window, fields) for fields in window.field_groups]
        present = tuple(group for group in groups if len(group.rows))
        return Batch(
            window.times.micros,
            window.pass_numbers,
            1,
            self._style,
            present,
            window.pause,
            cursor=window.before,
            origins=LazyOrigins(lambda: self._origins(window)),
        )

    @property
    def prepared(self) -> Any:
        """Return the start of the stream: all else is in the windows."""
        return self._start

    def prepare_with(self, prepared: Any) -> None:
        """Take the start of the stream."""
        self.start_stream(prepared)

    def hand_over(self, window: ReplayWindow) -> Handover:
        """Return what it takes to make the records of a window in another process: the window."""
        return Handover(window, window.before)

    def batch_of(self, work: ReplayWindow) -> Batch:
        """Return the records of a window that another process has handed over."""
        return self.batch(work)

    def _group(self, window: ReplayWindow, fields: FieldGroup) -> Group:
        """Return the records of a window that have the fields of a group."""
        rows, index = _rows_of(window, fields)
        every = len(rows) == len(window.times)
        times = window.times if every else window.times.take(rows)
        injected = [name for name in fields.names if name in self._null_injections]
        bits = self._bits(window, rows) if injected else None
        columns = []
        for name in fields.names:
            if name == self._clock and name not in fields.moving:
                columns.append(times.clock_column())
                continue
            if name in fields.moving:
                column = MovingClock(
                    fields.moving[name], _move(window, rows, index, times)
                ).column()
            else:
                column = fields.columns[name] if index is None else fields.columns[name].take(index)
            if bits is not None and name in self._null_injections:
                column = _inject_nulls(column, bits, *self._null_injections[name])
            columns.append(column)
        others = self._missing(fields)
        columns += [LiteralColumn([]).take(np.full(len(rows), MISSING)) for _ in others]
        section = Section((*fields.names, *others), tuple(columns))
        return Group(self._replay.name, rows, (section,))

    def _bits(self, window: ReplayWindow, rows: Ints) -> Bits:
        """Return the random bits of some records: a pass stands for a worker, a record for a visit."""
        seed = seed_word(self._seed)
        return visit_bits(worker_bits(seed, window.pass_numbers[rows]), window.numbers[rows])

    def _origins(self, window: ReplayWindow) -> Origins:
        """Return where the records of a window come from."""
        rows = np.arange(len(window.times))
        none, bits = nulls(len(rows)), self._bits(window, rows)
        return Origins(window.pass_numbers, window.numbers, np.zeros_like(rows), bits, none, none)

    def _missing(self, fields: FieldGroup) -> list[str]:
        """Return the fields of the schema that these records do not have."""
        if not self._needs_schema:
            return []
        return [name for name in self._replay.fields if name not in fields.names]


def _rows_of(window: ReplayWindow, fields: FieldGroup) -> tuple[Ints, Ints | None]:
    """Return the rows of a window that have the fields of a group, and their rows in its columns.

    None for the latter: the columns have these rows already.
    """
    size = len(window.times)
    if window.index is None:
        return (np.arange(size) if fields.rows is None else fields.rows), None
    if fields.rows is None:
        return np.arange(size), window.index
    places = np.full(int(fields.rows.max(initial=0)) + 2, -1)
    places[fields.rows] = np.arange(len(fields.rows))
    local = places[np.minimum(window.index, len(places) - 1)]
    rows = np.flatnonzero(local >= 0)
    return rows, local[rows]


def _move(window: ReplayWindow, rows: Ints, index: Ints | None, clock: SourceTimes) -> Move:
    """Return where some records of a window go, as their fields that hold times need it."""
    zeros = np.zeros(len(window.times), dtype=np.int64)
    micros, nanos = (zeros, zeros) if window.shift is None else window.shift
    return Move(index, clock, micros[rows], nanos[rows])


def _inject_nulls(column: Column, bits: Bits, probability: float, key: np.uint64) -> Column:
    """Make values, where there are any, null with a probability."""
    drawn = uniform(draw(bits, key)) < probability
    if column.present is not None:
        drawn &= column.present
    return column.with_nulls(drawn)
