"""Turns the windows of a replay into batches: its fields, moved in time, some of them null."""

from collections.abc import Callable

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.batch import Batch, Group
from datagen.batch import Section as Shown
from datagen.columns.column import MISSING, NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.errors import Path
from datagen.instants import Style
from datagen.position import Cursor
from datagen.randomness import draw, seed_word, stream_key, uniform, visit_bits, worker_bits
from datagen.replay.cursor import ReplayCursor
from datagen.replay.passes import ReplayLoop, Window
from datagen.replay.recording import ReplaySource
from datagen.sources import Section


class ReplayRecords:
    """Makes the batches of a replay."""

    def __init__(
        self, recording: ReplaySource, seed: int, style: Style, *, whole: bool = False
    ) -> None:
        """Prepare a replay; `whole`: each record has the fields of all, missing ones too."""
        self.width = 200.0
        self.unit = "passes"
        self._recording, self._seed, self._style = recording, seed, style
        self._whole = whole
        self._injected = {
            each.field: (each.null_probability, stream_key("replay", "null", each.field))
            for each in recording.keys.null_injection
        }

    def prepare(self) -> list[tuple[Path, str]]:
        """Find nothing wrong: all has been checked."""
        return []

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> ReplayLoop:
        """Return the passes of a run, or the rest of them."""
        passes = ReplayLoop(self._recording, self._seed, start, end, stopped, whole=self._whole)
        if isinstance(before, ReplayCursor):
            passes.go_on(before)
        return passes

    def cursor(self, stream: ReplayLoop) -> ReplayCursor:
        """Return where a replay stands."""
        return stream.position

    def batch(self, window: Window) -> Batch:
        """Return the records of a window."""
        groups = [self._group(window, section) for section in window.sections]
        found = tuple(group for group in groups if len(group.rows))
        micros, turns = window.stamps.micros, window.turns
        return Batch(micros, turns, 1, self._style, found, window.pause, cursor=window.before)

    def _group(self, window: Window, section: Section) -> Group:
        rows, local = _rows_of(window, section)
        whole = len(rows) == len(window.stamps)
        stamps = window.stamps if whole else window.stamps.take(rows)
        injected = [name for name in section.names if name in self._injected]
        bits = self._bits(window, rows) if injected else None
        columns = []
        for name in section.names:
            if name == self._recording.keys.time_field:
                columns.append(stamps.column())
                continue
            column = section.columns[name]
            column = column if local is None else column.take(local)
            if bits is not None and name in self._injected:
                column = _with_nulls(column, bits, *self._injected[name])
            columns.append(column)
        others = self._missing(section)
        columns += [LiteralColumn([]).take(np.full(len(rows), MISSING)) for _ in others]
        shown = Shown((*section.names, *others), tuple(columns))
        return Group(self._recording.name, rows, (shown,))

    def _bits(self, window: Window, rows: Ints) -> Bits:
        seed = seed_word(self._seed)
        return visit_bits(worker_bits(seed, window.turns[rows]), window.numbers[rows])

    def _missing(self, section: Section) -> list[str]:
        """Return the fields of the table that these records do not have."""
        if not self._whole:
            return []
        return [name for name in self._recording.fields if name not in section.names]


def _rows_of(window: Window, section: Section) -> tuple[Ints, Ints | None]:
    """Return the rows of a window that have the fields of a section, and their rows in its columns."""
    size = len(window.stamps)
    if window.index is None:
        return (np.arange(size) if section.rows is None else section.rows), None
    if section.rows is None:
        return np.arange(size), window.index
    places = np.full(int(section.rows.max(initial=0)) + 2, -1)
    places[section.rows] = np.arange(len(section.rows))
    local = places[np.minimum(window.index, len(places) - 1)]
    rows = np.flatnonzero(local >= 0)
    return rows, local[rows]


def _with_nulls(column: Column, bits: Bits, chance: float, key: np.uint64) -> Column:
    """Let values, where there are any, become null with a chance."""
    drawn = uniform(draw(bits, key)) < chance
    if column.present is not None:
        drawn &= column.present
    return column.take(np.where(drawn, NULL, np.arange(len(column)))) if drawn.any() else column
