"""Turns a column of times, in whatever form a source writes them, into instants that keep the form."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.strftime import TimePattern
from datagen.instants import DAY, EPOCH, YEAR_1, YEAR_10000
from datagen.sources.time_forms import (
    INT64_END,
    ArrowInstantFormat,
    FixedWidthFormat,
    FloatFormat,
    InstantFormat,
    NumberFormat,
    Stamps,
    StrptimeFormat,
)
from datagen.sources.time_layouts import Layout, iso_layout, iso_of, pattern_layout, pattern_regex
from datagen.validation import did_you_mean, quoted

UNITS = {"nanos": 1, "micros": 1_000, "millis": 1_000_000,
         "seconds": 1_000_000_000, "posix": 1_000_000_000, "epoch": 1_000_000_000}  # fmt: skip
_NUMBER = r"^(?P<whole>-?[0-9]{1,18}[0-9]?)(?:\.(?P<part>[0-9]{1,9}))?$"
_OUTSIDE = "is outside of the years 1 to 9999"


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a row, in words that go on after the place."""

    row: int
    text: str


Read = tuple[Stamps, Flaw | None]


@dataclass(frozen=True)
class TimeFormat:
    """The base of the family: `column_type` is that of the column of a table."""

    column_type: ColumnType

    def of_texts(self, texts: TextArray, quoted: bool) -> Read:
        """Read texts; numbers among them are written as numbers, or `quoted` as texts."""
        raise NotImplementedError

    def of_numbers(self, values: Sequence[int | float]) -> Read:
        """Read JSON numbers."""
        return _nothing(), Flaw(0, f"expected a text, not {quoted(values[0])}")


@dataclass(frozen=True)
class TextTimes(TimeFormat):
    """ISO 8601, or a pattern of strptime."""

    pattern: str | None

    def of_texts(self, texts: TextArray, quoted: bool) -> Read:
        del quoted
        if texts.null_count:
            row = int(np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False))[0])
            stamps, flaw = self.of_texts(texts.slice(0, row), quoted=True)
            return stamps, flaw or Flaw(row, "has no time")
        return _Reading(self, texts).read()

    def layout(self, text: str) -> Layout | None:
        """Return the layout of a text, if it has one."""
        if self.pattern is None:
            return iso_layout(text)
        regex = pattern_regex(self.pattern)
        return None if regex is None else pattern_layout(regex, text)

    def single(self, text: str) -> tuple[int, InstantFormat] | None:
        """Read one text the slow way."""
        if self.pattern is None:
            return None
        try:
            moment = datetime.strptime(text, self.pattern)  # noqa: DTZ007 - counts as UTC
        except ValueError:
            return None
        offset = (moment.utcoffset() or timedelta()) // timedelta(microseconds=1)
        micros = (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        digits = _decimals(self.pattern, text) if "%f" in self.pattern else 0
        return micros - offset, StrptimeFormat(self.pattern, offset, digits)

    @property
    def what(self) -> str:
        """Say what the texts should be."""
        return f"of the form {quoted(self.pattern)}" if self.pattern else "an ISO 8601 instant"


class _Reading:
    """The reading of texts, layout by layout."""

    def __init__(self, time_format: TextTimes, texts: TextArray) -> None:
        self._format, self._texts = time_format, texts
        size = len(texts)
        self._micros = np.zeros(size, dtype=np.int64)
        self._rest = np.zeros(size, dtype=np.int64)
        self._which = np.full(size, -1, dtype=np.int64)
        self._forms: dict[InstantFormat, int] = {}
        self._single: dict[str, tuple[int, InstantFormat] | None] = {}

    def read(self) -> Read:
        lengths = pc.binary_length(self._texts).to_numpy()
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            self._of_length(rows, length)
        bad = np.flatnonzero((self._which < 0) | (self._micros < YEAR_1 + DAY))
        size = int(bad[0]) if len(bad) else len(self._which)
        rest = self._rest[:size]
        stamps = Stamps(
            self._micros[:size],
            rest if rest.any() else None,
            tuple(self._forms) or (FixedWidthFormat(iso_of(3)),),
            self._which[:size] if len(self._forms) > 1 else None,
        )
        if not len(bad):
            return stamps, None
        text = self._texts[size].as_py()
        return stamps, Flaw(size, f"time {quoted(text)} is not {self._format.what}")

    def _of_length(self, rows: Ints, length: int) -> None:
        part = self._texts if len(rows) == len(self._texts) else self._texts.take(pa.array(rows))
        if not length:
            return
        held = json_text.bytes_of(part).reshape(len(rows), length)
        left = np.arange(len(rows))
        while len(left):
            text = part[int(left[0])].as_py()
            layout = self._format.layout(text)
            if layout is None:
                good = self._one_by_one(rows[left], part.take(pa.array(left)).to_pylist())
            else:
                (micros, rest), good = layout.read(held[left])
                self._note(rows[left[good]], micros[good], FixedWidthFormat(layout))
                if rest is not None:
                    self._rest[rows[left[good]]] = rest[good]
                if not good[0]:  # a date that does not exist
                    return
            if not good.any():
                return
            left = left[~good]
            if layout is None:
                return

    def _one_by_one(self, rows: Ints, texts: list[str]) -> Any:
        good = np.zeros(len(rows), dtype=bool)
        for place, text in enumerate(texts):
            if text not in self._single:
                self._single[text] = self._format.single(text)
            found = self._single[text]
            if found is not None:
                good[place] = True
                self._note(rows[place], found[0], found[1])
        return good

    def _note(self, rows: Any, micros: Any, form: InstantFormat) -> None:
        self._micros[rows] = micros
        self._which[rows] = self._forms.setdefault(form, len(self._forms))


@dataclass(frozen=True)
class NumberTimes(TimeFormat):
    """Numbers of some unit (nanoseconds) since 1970."""

    unit: int

    def of_texts(self, texts: TextArray, quoted: bool) -> Read:
        parts = pc.extract_regex(texts, _NUMBER)
        most = len(str(self.unit)) - 1
        decimals = pc.fill_null(pc.binary_length(pc.struct_field(parts, [1])), 0).to_numpy()
        bad = parts.is_null().to_numpy(zero_copy_only=False) | (decimals > most)
        size = int(np.flatnonzero(bad)[0]) if bad.any() else len(texts)
        flaw = None if size == len(texts) else Flaw(size, self._not_a_number(texts[size].as_py()))
        parts, decimals = parts.slice(0, size), decimals[:size]
        whole = _whole_numbers(pc.struct_field(parts, [0]))
        outside = np.flatnonzero(np.abs(whole) >= _most(self.unit))
        if len(outside) or len(whole) < size:
            size = int(outside[0]) if len(outside) else len(whole)
            flaw = Flaw(size, self._outside(texts[size].as_py()))
            parts, decimals, whole = parts.slice(0, size), decimals[:size], whole[:size]
        fraction = np.zeros(size, dtype=np.int64)
        if decimals.any():
            digits = pc.fill_null(pc.struct_field(parts, [1]), "")
            digits = pc.utf8_rpad(pc.if_else(pc.equal(digits, ""), "0", digits), most, "0")
            minus = pc.starts_with(texts.slice(0, size), "-").to_numpy(zero_copy_only=False)
            fraction = np.where(minus, -1, 1) * pc.cast(digits, pa.int64()).to_numpy()
        stamps = _scaled(whole, fraction, self.unit)
        kinds = np.unique(decimals).tolist() or [0]
        forms = tuple(NumberFormat(self.unit, each, quoted) for each in kinds)
        which = np.searchsorted(kinds, decimals) if len(kinds) > 1 else None
        return replace(stamps, forms=forms, which=which), flaw

    def of_numbers(self, values: Sequence[int | float]) -> Read:
        most = _most(self.unit)
        for row, value in enumerate(values):
            if not -most < value < most:
                stamps, _ = self.of_numbers(values[:row])
                return stamps, Flaw(row, self._outside(value))
        whole = np.array([type(value) is int for value in values], dtype=bool)
        ints = np.array([value if type(value) is int else 0 for value in values], dtype=np.int64)
        stamps = _scaled(ints, np.zeros_like(ints), self.unit)
        if whole.all():
            return replace(stamps, forms=(NumberFormat(self.unit),)), None
        floats = np.rint(np.array(values, dtype=np.float64) * (self.unit / 1000)).astype(np.int64)
        micros = np.where(whole, stamps.micros, floats)
        forms = (NumberFormat(self.unit), FloatFormat(self.unit))
        return Stamps(micros, stamps.rest, forms, np.where(whole, 0, 1)), None

    def _not_a_number(self, text: str | None) -> str:
        if text is None:
            return "has no time"
        return (
            f"time {quoted(text)} is not a number with at most {len(str(self.unit)) - 1} decimals"
        )

    def _outside(self, value: Any) -> str:
        return f"time {quoted(value)} {_OUTSIDE}: is the time_format another one?"


def of_timestamps(values: Any) -> Read:
    """Read an Arrow array of timestamps."""
    if values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0])
        return of_timestamps(values.slice(0, row))[0], Flaw(row, "has no time")
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[values.type.unit]
    numbers = pc.cast(values.cast(pa.timestamp(values.type.unit)), pa.int64()).to_numpy()
    form = ArrowInstantFormat(digits, "Z" if values.type.tz else "")
    most = _most(10 ** (9 - digits))
    bad = np.flatnonzero((numbers >= most) | (numbers <= -most))
    size = int(bad[0]) if len(bad) else len(numbers)
    stamps = _scaled(numbers[:size], np.zeros(size, dtype=np.int64), 10 ** (9 - digits))
    return replace(stamps, forms=(form,)), Flaw(size, f"time {_OUTSIDE}") if len(bad) else None


def of_values(time_format: TimeFormat, values: Sequence[Any]) -> Read:
    """Read JSON values, texts and numbers: up to the first that is no time."""
    kinds = {type(value) for value in values}
    if not values or kinds == {str}:
        try:
            return time_format.of_texts(pa.array(values, pa.string()), quoted=True)
        except UnicodeEncodeError:
            kinds = {str, object}
    if kinds <= {int, float}:
        return time_format.of_numbers(values)
    parts, flaws = [], []
    for kind in (str, int, None):
        rows = [row for row, value in enumerate(values) if _kind(value) is kind]
        if kind is None:
            flaws += [Flaw(row, f"time {quoted(values[row])} is none") for row in rows[:1]]
        elif rows and len(rows) < len(values):
            stamps, flaw = of_values(time_format, [values[row] for row in rows])
            parts.append((np.array(rows[: len(stamps)], dtype=np.int64), stamps))
            flaws += [replace(flaw, row=rows[flaw.row])] if flaw else []
        elif rows:  # texts that are none to Arrow
            flaws.append(Flaw(0, f"time {quoted(values[0])} is none"))
    first = min(flaws, key=lambda flaw: flaw.row) if flaws else None
    return _together(parts, len(values) if first is None else first.row), first


def _together(parts: Sequence[tuple[Ints, Stamps]], size: int) -> Stamps:
    """Put stamps of different rows, of which the first so many are wanted, together."""
    micros, rest, which = np.zeros((3, size), dtype=np.int64)
    forms: tuple[InstantFormat, ...] = ()
    for rows, stamps in parts:
        wanted = rows < size
        micros[rows[wanted]] = stamps.micros[wanted]
        rest[rows[wanted]] = 0 if stamps.rest is None else stamps.rest[wanted]
        places = np.zeros(len(rows), np.int64) if stamps.which is None else stamps.which
        which[rows[wanted]] = places[wanted] + len(forms)
        forms += stamps.forms
    return Stamps(
        micros, rest if rest.any() else None, forms or (FixedWidthFormat(iso_of(3)),), which
    )


def time_format(text: str) -> TimeFormat:
    """Return the format of a name or a strptime pattern. Raises ValueError for anything else."""
    if text in UNITS:
        return NumberTimes(INT, UNITS[text])
    if text == "iso":
        return TextTimes(INSTANT, None)
    if "%" not in text:
        known = did_you_mean(text, [*UNITS, "iso"])
        more = "" if known.endswith("?") else " or a pattern of strptime such as %d/%b/%Y:%H:%M:%S"
        raise ValueError(f"no time format {quoted(text)}{known}{more}")
    TimePattern(text)
    if text.replace("%%", "").count("%f") > 1:
        raise ValueError(f'{quoted(text)} has "%f" twice')
    sample = datetime(2027, 3, 12, 1, 2, 3, tzinfo=UTC).strftime(text)
    try:
        datetime.strptime(sample, text)  # noqa: DTZ007 - thrown away
    except (ValueError, re.error) as error:
        raise ValueError(f"{quoted(text)} is no pattern of strptime: {error}") from None
    return TextTimes(INSTANT, text)


def column_type_of(time_format: TimeFormat, kind: str | None, sample: Stamps | None) -> ColumnType:
    """Return the column type of the column: a number with a fraction where the first one has."""
    if kind == "text":
        return TEXT
    forms = sample.forms if sample is not None and len(sample) else ()
    first = forms[0] if forms and (sample is None or sample.which is None) else None
    if sample is not None and sample.which is not None and len(sample):
        first = forms[int(sample.which[0])]
    if isinstance(first, NumberFormat) and first.quoted:
        return TEXT
    fraction = isinstance(first, FloatFormat) or (
        isinstance(first, NumberFormat) and first.digits > 0
    )
    if isinstance(first, ArrowInstantFormat):
        return INSTANT
    return FLOAT if fraction else time_format.column_type


def _kind(value: Any) -> type | None:
    if isinstance(value, str):
        return str
    return int if isinstance(value, int | float) and not isinstance(value, bool) else None


def _nothing() -> Stamps:
    return Stamps(np.empty(0, dtype=np.int64), None, (FixedWidthFormat(iso_of(3)),))


def _most(unit: int) -> int:
    """Return a bound of whole numbers whose instants certainly are within four-digit years."""
    return YEAR_10000 * 1000 // unit if unit > 1 else INT64_END - 1000


def _whole_numbers(texts: TextArray) -> Ints:
    """Read whole numbers of up to 19 digits, up to the first that 64 bits do not hold."""
    try:
        values: Ints = pc.cast(texts, pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        numbers = [int(text) for text in texts.to_pylist()]
        fitting = itertools.takewhile(lambda value: abs(value) < INT64_END, numbers)
        values = np.array(list(fitting), dtype=np.int64)
    return values


def _scaled(whole: Ints, fraction: Ints, unit: int) -> Stamps:
    """Make instants of whole units and nanoseconds."""
    if unit > 1:
        micros, nanos = whole * (unit // 1000), fraction
    else:
        micros, nanos = np.zeros_like(whole), whole
    rest = nanos % 1000
    return Stamps(micros + nanos // 1000, rest if rest.any() else None, ())


def _decimals(pattern: str, text: str) -> int:
    """Return how many decimals of a second a text has."""
    front, back = (re.sub(r"%(.)", lambda found: "%" if found[1] == "%" else "\0", part)
                   for part in pattern.split("%f", 1))  # fmt: skip
    regex = [re.escape(part).replace("\0", ".+?") for part in (front, back)]
    match = re.fullmatch(rf"{regex[0]}(\d{{1,6}}){regex[1]}", text)
    return len(match[1]) if match else 6
