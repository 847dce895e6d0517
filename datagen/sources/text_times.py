"""Turns texts, ISO 8601 or of a strptime pattern, into instants and the format of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import INSTANT, ColumnType
from datagen.instants import DAY, EPOCH, YEAR_1
from datagen.sources.time_forms import DEFAULT_FORMAT, FixedWidthFormat, StrptimeFormat
from datagen.sources.time_layouts import Layout, iso_layout, pattern_layout, pattern_regex
from datagen.sources.times import InstantFormat, RowProblem, SourceTimes, TimeParser, TimesRead
from datagen.validation import quoted


@dataclass(frozen=True)
class TextTimeParser(TimeParser):
    """Parses ISO 8601 (`pattern` is None) or texts of a strptime pattern."""

    pattern: str | None
    column_type: ClassVar[ColumnType] = INSTANT
    only_texts: ClassVar[bool] = True

    def read_texts(self, texts: TextArray, as_texts: bool) -> TimesRead:
        del as_texts
        if texts.null_count:
            row = int(np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False))[0])
            times, problem = self.read_texts(texts.slice(0, row), as_texts=True)
            return times, problem or RowProblem(row, "has no time")
        return _TextReader(self, texts).read()

    def read_numbers(self, values: Sequence[int | float]) -> TimesRead:
        nothing = SourceTimes(np.empty(0, dtype=np.int64), None, (DEFAULT_FORMAT,))
        return nothing, RowProblem(0, f"expected a text, not {quoted(values[0])}")

    def layout(self, text: str) -> Layout | None:
        """Return the layout of a text, if it has one."""
        if self.pattern is None:
            return iso_layout(text)
        regex = pattern_regex(self.pattern)
        return None if regex is None else pattern_layout(regex, text)

    def read_one(self, text: str) -> tuple[int, InstantFormat] | None:
        """Read one text of a pattern whose widths vary: its microseconds and its format."""
        if self.pattern is None:
            return None
        try:
            parsed = datetime.strptime(text, self.pattern)  # noqa: DTZ007 - counts as UTC
        except ValueError:
            return None
        offset = (parsed.utcoffset() or timedelta()) // timedelta(microseconds=1)
        micros = (parsed.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        digits = _decimals(self.pattern, text) if "%f" in self.pattern else 0
        return micros - offset, StrptimeFormat(self.pattern, offset, digits)

    @property
    def expected(self) -> str:
        """Return what the texts should be, for a person."""
        return f"of the form {quoted(self.pattern)}" if self.pattern else "an ISO 8601 instant"


class _TextReader:
    """Reads texts, length by length and layout by layout."""

    def __init__(self, parser: TextTimeParser, texts: TextArray) -> None:
        self._parser, self._texts = parser, texts
        size = len(texts)
        self._micros = np.zeros(size, dtype=np.int64)
        self._rest = np.zeros(size, dtype=np.int64)
        self._format_index = np.full(size, -1, dtype=np.int64)
        self._formats: dict[InstantFormat, int] = {}
        self._known: dict[str, tuple[int, InstantFormat] | None] = {}

    def read(self) -> TimesRead:
        lengths = pc.binary_length(self._texts).to_numpy()
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            if length:
                self._read_length(rows, length)
        bad = np.flatnonzero((self._format_index < 0) | (self._micros < YEAR_1 + DAY))
        size = int(bad[0]) if len(bad) else len(self._format_index)
        rest = self._rest[:size]
        times = SourceTimes(
            self._micros[:size],
            rest if rest.any() else None,
            tuple(self._formats) or (DEFAULT_FORMAT,),
            self._format_index[:size] if len(self._formats) > 1 else None,
        )
        if not len(bad):
            return times, None
        text = self._texts[size].as_py()
        return times, RowProblem(size, f"time {quoted(text)} is not {self._parser.expected}")

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
                self._read_one_by_one(rows[left], part.take(pa.array(left)).to_pylist())
                return
            (micros, rest), good = layout.read(data[left])
            self._store(rows[left[good]], micros[good], FixedWidthFormat(layout))
            if rest is not None:
                self._rest[rows[left[good]]] = rest[good]
            if not good[0]:  # a date that does not exist
                return
            left = left[~good]

    def _read_one_by_one(self, rows: Ints, texts: list[str]) -> None:
        known = self._known
        for row, text in zip(rows.tolist(), texts, strict=True):
            if text not in known:
                known[text] = self._parser.read_one(text)
            time = known[text]
            if time is not None:
                self._store(row, *time)

    def _store(self, rows: Any, micros: Any, instant_format: InstantFormat) -> None:
        """Record the instants of one row, or of some, and their format."""
        self._micros[rows] = micros
        self._format_index[rows] = self._formats.setdefault(instant_format, len(self._formats))


def _decimals(pattern: str, text: str) -> int:
    """Return how many decimals of a second a text of a pattern has."""
    front, back = (re.sub(r"%(.)", lambda match: "%" if match[1] == "%" else "\0", part)
                   for part in pattern.split("%f", 1))  # fmt: skip
    regex = [re.escape(part).replace("\0", ".+?") for part in (front, back)]
    match = re.fullmatch(rf"{regex[0]}(\d{{1,6}}){regex[1]}", text)
    return len(match[1]) if match else 6
