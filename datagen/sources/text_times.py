"""Turns texts, ISO 8601 or of a strptime pattern, into instants and the format of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import INSTANT, ColumnType
from datagen.instants import DAY, YEAR_1
from datagen.sources.completion import Completed, LocalTimes, in_order, near_clock
from datagen.sources.cycles import LEAP_YEAR, Cycle
from datagen.sources.time_dates import Parts, days_of
from datagen.sources.time_forms import DEFAULT_FORMAT, TextFormat
from datagen.sources.time_layouts import Layout, clock_micros, iso_layout
from datagen.sources.time_patterns import text_pattern
from datagen.sources.time_writing import form_of
from datagen.sources.times import FIRST, Around, RowProblem, SourceTimes, TimeParser, TimesRead
from datagen.validation import quoted

_PADDED = "mdHIMSyj"  # parts whose padding two digits may not show


@dataclass(frozen=True)
class TextTimeParser(TimeParser):
    """Parses ISO 8601 (`pattern` is None) or texts of a strptime pattern.

    `zone` is where times without an offset are from, None: UTC. As far as the first records of the file show
    it, `pads` is how it pads numbers, and `start` the year (or month, week, day) that these are in.
    """

    pattern: str | None
    zone: str | None = None
    pads: tuple[tuple[str, str], ...] = ()
    start: int | None = None
    column_type: ClassVar[ColumnType] = INSTANT
    only_texts: ClassVar[bool] = True

    def read_texts(self, texts: TextArray, as_texts: bool, around: Around = FIRST) -> TimesRead:
        del as_texts
        if texts.null_count:
            row = int(np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False))[0])
            times, problem = self.read_texts(texts.slice(0, row), True, around.part(row))
            return times, problem or RowProblem(row, "has no time")
        return _TextReader(self, texts).read(around)

    def read_numbers(self, values: Sequence[int | float]) -> TimesRead:
        nothing = SourceTimes(np.empty(0, dtype=np.int64), None, (DEFAULT_FORMAT,))
        return nothing, RowProblem(0, f"expected a text, not {quoted(values[0])}")

    def like(self, times: Sequence[SourceTimes]) -> "TextTimeParser":
        if self.pattern is None:
            return self
        usual = dict(text_pattern(self.pattern).pads)
        pads: dict[str, str] = {}
        for each in times:
            for found in each.formats:
                for part in found.form.parts if isinstance(found, TextFormat) else ():
                    if part.kind in _PADDED and part.style != usual.get(part.kind, "0"):
                        pads.setdefault(part.kind, part.style)
        return replace(self, pads=tuple(pads.items()))

    def starts(self) -> Iterator["TextTimeParser"]:
        cycle = self.cycle
        if cycle is not None:
            numbers = range(cycle.default, cycle.default + cycle.candidates)
            yield from (replace(self, start=number) for number in numbers)

    @property
    def learns(self) -> bool:
        return self.pattern is not None

    @property
    def cycle(self) -> Cycle | None:
        """Return what the texts leave out."""
        return None if self.pattern is None else text_pattern(self.pattern).cycle

    @property
    def has_offset(self) -> bool:
        """Return whether all texts tell their offset from UTC."""
        return self.pattern is not None and text_pattern(self.pattern).has_offset

    def layout(self, text: str) -> Layout | None:
        """Return the layout of a text, if it has one."""
        if self.pattern is None:
            return iso_layout(text)
        return text_pattern(self.pattern).layout(text, dict(self.pads))

    def mistake(self, text: str) -> str:
        """Return what is wrong with a text, for a person."""
        if self.pattern is None:
            return f"time {quoted(text)} is not an ISO 8601 instant"
        name = text_pattern(self.pattern).unknown_zone(text)
        if name:
            return f'time {quoted(text)}: the zone {quoted(name)} stands for no single offset; use "%z"'
        return f"time {quoted(text)} is not of the form {quoted(self.pattern)}"


class _TextReader:
    """Reads texts, length by length and layout by layout."""

    def __init__(self, parser: TextTimeParser, texts: TextArray) -> None:
        self._parser, self._texts = parser, texts
        size = len(texts)
        self._local, self._rest, self._offsets = np.zeros((3, size), dtype=np.int64)
        self._weekday = np.full(size, -1, dtype=np.int64)
        self._zoned = np.zeros(size, dtype=bool)
        self._format_index = np.full(size, -1, dtype=np.int64)
        self._formats: dict[TextFormat, int] = {}

    def read(self, around: Around) -> TimesRead:
        lengths = pc.binary_length(self._texts).to_numpy()
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            if length:
                self._read_length(rows, length)
        bad = np.flatnonzero(self._format_index < 0)
        size = int(bad[0]) if len(bad) else len(self._format_index)
        completed = self._completed(size, around)
        bad = np.flatnonzero(completed.micros < YEAR_1 + DAY)
        for row in (completed.bad, int(bad[0]) if len(bad) else None):
            if row is not None and row < size:
                size, completed = row, self._completed(row, around)
        times = SourceTimes(
            completed.micros,
            self._rest[:size] if self._rest[:size].any() else None,
            tuple(self._formats) or (DEFAULT_FORMAT,),
            self._format_index[:size] if len(self._formats) > 1 else None,
            completed.before_moved,
            completed.doubtful,
        )
        if size == len(self._texts):
            return times, None
        return times, RowProblem(size, self._parser.mistake(self._texts[size].as_py()))

    def _completed(self, size: int, around: Around) -> Completed:
        """Return the instants of the first texts."""
        zone, weekday = self._parser.zone, self._weekday[:size]
        zoned = self._zoned[:size] if zone is not None else None
        named = weekday if size and weekday.min() >= 0 else None
        local = LocalTimes(self._local[:size], self._offsets[:size], zone, zoned, named)
        if around.clock is not None:
            return near_clock(local, self._parser.cycle, around.clock[:size])
        return in_order(local, self._parser.cycle, self._parser.start, around.before)

    def _read_length(self, rows: Ints, length: int) -> None:
        """Read the texts of some rows, all of one length in bytes.

        Whatever looks like the first text that is left is read by its layout, again and again.
        """
        part = self._texts if len(rows) == len(self._texts) else self._texts.take(pa.array(rows))
        data = json_text.bytes_of(part).reshape(len(rows), length)
        left = np.arange(len(rows))
        while len(left):
            layout = self._parser.layout(part[int(left[0])].as_py())
            if layout is None:
                return
            parts, good = layout.read(data[left])
            local, rest = self._local_times(parts, good)
            self._store(rows[left[good]], local[good], layout)
            if rest is not None:
                self._rest[rows[left[good]]] = rest[good]
            if "weekday" in parts:
                self._weekday[rows[left[good]]] = parts["weekday"][good]
            if not good[0]:  # a date that does not exist
                return
            left = left[~good]

    def _local_times(self, parts: Parts, good: Any) -> tuple[Ints, Ints | None]:
        """Return local times, in their cycle where the year is left out, and the nanoseconds within."""
        size = len(good)
        micros, rest = clock_micros(parts, size)
        cycle = self._parser.cycle
        if cycle is None or cycle.months:
            year = np.full(size, 2000)  # of cycles: all dates exist in it
            days = days_of(parts if cycle is None else {**parts, "Y": year}, good)
            if cycle is not None:
                days = days - LEAP_YEAR
        else:
            days = parts.get("weekday", np.zeros(size, dtype=np.int64))
        return micros + days * DAY, rest

    def _store(self, rows: Any, local: Any, layout: Layout) -> None:
        """Record the local times of some rows, their offset and their format."""
        zone = self._parser.zone if layout.offset is None else None
        self._local[rows], self._zoned[rows] = local, zone is not None
        if layout.offset:
            self._offsets[rows] = layout.offset
        found = TextFormat(form_of(layout), layout.offset or 0, zone)
        self._format_index[rows] = self._formats.setdefault(found, len(self._formats))
