"""Turns numbers of a unit since 1970, in texts or from JSON, into instants and the format of each."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns.column_type import INT, ColumnType
from datagen.instants import YEAR_10000
from datagen.sources.time_forms import INT64_END, ExponentFormat, FloatFormat, NumberFormat
from datagen.sources.times import FIRST, Around, RowProblem, SourceTimes, TimeParser, TimesRead
from datagen.validation import quoted

UNITS = {"nanos": 1, "micros": 1_000, "millis": 1_000_000,
         "seconds": 1_000_000_000, "posix": 1_000_000_000, "epoch": 1_000_000_000}  # fmt: skip
OUTSIDE_YEARS = "is outside of the years 1 to 9999"
_EXPONENT = (
    r"-?[0-9]{1,19}(?:\.(?P<part>[0-9]+))?(?P<letter>[eE])(?P<sign>[+-]?)(?P<exponent>[0-9]{1,3})"
)
_NUMBER = r"^(?P<units>-?[0-9]{1,18}[0-9]?)(?:\.(?P<part>[0-9]{1,9}))?$"


@dataclass(frozen=True)
class NumberTimeParser(TimeParser):
    """Parses numbers of a unit, given in nanoseconds, since 1970."""

    unit: int
    column_type: ClassVar[ColumnType] = INT

    @property
    def has_offset(self) -> bool:
        return True

    def read_texts(self, texts: TextArray, as_texts: bool, around: Around = FIRST) -> TimesRead:
        del around
        exponents = pc.match_substring_regex(texts, "[eE]")
        if pc.any(exponents).as_py():
            return self._read_exponents(texts, as_texts)
        return self._read_plain(texts, as_texts)

    def _read_plain(self, texts: TextArray, as_texts: bool) -> TimesRead:
        parts = pc.extract_regex(texts, _NUMBER)
        decimals = pc.fill_null(pc.binary_length(pc.struct_field(parts, [1])), 0).to_numpy()
        bad = parts.is_null().to_numpy(zero_copy_only=False) | (decimals > self._max_decimals)
        size, problem = len(texts), None
        if bad.any():
            size = int(np.flatnonzero(bad)[0])
            problem = RowProblem(size, self._not_a_number(texts[size].as_py()))
        units = _integers(pc.struct_field(parts.slice(0, size), [0]))
        outside = np.flatnonzero(np.abs(units) >= max_units(self.unit))
        if len(outside) or len(units) < size:
            size = int(outside[0]) if len(outside) else len(units)
            problem = RowProblem(size, self._outside(texts[size].as_py()))
        parts, decimals, units = parts.slice(0, size), decimals[:size], units[:size]
        times = times_of_units(units, self._fraction(texts, parts, decimals), self.unit)
        kinds = np.unique(decimals).tolist() or [0]
        formats = tuple(NumberFormat(self.unit, each, as_texts) for each in kinds)
        format_index = np.searchsorted(kinds, decimals) if len(kinds) > 1 else None
        return replace(times, formats=formats, format_index=format_index), problem

    def _read_exponents(self, texts: TextArray, as_texts: bool) -> TimesRead:
        """Read numbers some of which have an exponent: these one by one, as plain numbers."""
        plain: list[str | None] = texts.to_pylist()
        formats: dict[int, ExponentFormat] = {}
        for row, text in enumerate(plain):
            match = re.fullmatch(_EXPONENT, text or "", re.ASCII)
            if text and match:
                number = Decimal(text)
                if abs(number) < max_units(self.unit) * 10:
                    plain[row] = f"{_without_zeros(number, self._max_decimals):f}"
                    digits, width = len(match["part"] or ""), len(match["exponent"])
                    plus = match["sign"] == "+"
                    formats[row] = ExponentFormat(
                        self.unit, digits, match["letter"], plus, width, as_texts
                    )
        times, problem = self._read_plain(pa.array(plain, pa.string()), as_texts)
        if problem is not None and texts[problem.row].is_valid:
            shown = texts[problem.row].as_py()
            problem = replace(problem, text=self._not_a_number(shown))
        index = np.zeros(len(times), np.int64) if times.format_index is None else times.format_index
        known = list(dict.fromkeys([*times.formats, *formats.values()]))
        for row, each in formats.items():
            if row < len(times):
                index[row] = known.index(each)
        return replace(times, formats=tuple(known), format_index=index), problem

    def read_numbers(self, values: Sequence[int | float]) -> TimesRead:
        most = max_units(self.unit)
        for row, value in enumerate(values):
            if not -most < value < most:
                times, _ = self.read_numbers(values[:row])
                return times, RowProblem(row, self._outside(value))
        is_int = np.array([type(value) is int for value in values], dtype=bool)
        ints = np.array([value if type(value) is int else 0 for value in values], dtype=np.int64)
        times = times_of_units(ints, np.zeros_like(ints), self.unit)
        if is_int.all():
            return replace(times, formats=(NumberFormat(self.unit),)), None
        floats = np.rint(np.array(values, dtype=np.float64) * (self.unit / 1000)).astype(np.int64)
        micros = np.where(is_int, times.micros, floats)
        formats = (NumberFormat(self.unit), FloatFormat(self.unit))
        return SourceTimes(micros, times.rest, formats, np.where(is_int, 0, 1)), None

    @property
    def _max_decimals(self) -> int:
        """Return how many decimals there are down to the nanosecond."""
        return len(str(self.unit)) - 1

    def _fraction(self, texts: TextArray, parts: Any, decimals: Ints) -> Ints:
        """Return the decimals of numbers in nanoseconds, with the signs of the numbers: int64[n]."""
        if not decimals.any():
            return np.zeros(len(parts), dtype=np.int64)
        digits = pc.fill_null(pc.struct_field(parts, [1]), "")
        digits = pc.if_else(pc.equal(digits, ""), "0", digits)
        digits = pc.utf8_rpad(digits, self._max_decimals, "0")
        minus = pc.starts_with(texts.slice(0, len(parts)), "-").to_numpy(zero_copy_only=False)
        fraction: Ints = np.where(minus, -1, 1) * pc.cast(digits, pa.int64()).to_numpy()
        return fraction

    def _not_a_number(self, text: str | None) -> str:
        if text is None:
            return "has no time"
        return f"time {quoted(text)} is not a number with at most {self._max_decimals} decimals"

    def _outside(self, value: Any) -> str:
        return f"time {quoted(value)} {OUTSIDE_YEARS}: is the time_format wrong?"


def max_units(unit: int) -> int:
    """Return a bound of numbers of a unit (nanoseconds) that are certainly in four-digit years."""
    return YEAR_10000 * 1000 // unit if unit > 1 else INT64_END - 1000


def times_of_units(units: Ints, fraction: Ints, unit: int) -> SourceTimes:
    """Return the instants, without formats, of numbers of a unit and nanoseconds within it.

    int64[n], int64[n]; the unit is 1 or a multiple of 1000 nanoseconds.
    """
    if unit > 1:
        micros, nanos = units * (unit // 1000), fraction
    else:
        micros, nanos = np.zeros_like(units), units
    rest = nanos % 1000
    return SourceTimes(micros + nanos // 1000, rest if rest.any() else None, ())


def _without_zeros(number: Decimal, decimals: int) -> Decimal:
    """Return a number without zeros at its end beyond so many decimals; digits there stay."""
    rounded = round(number, decimals)
    return rounded if rounded == number else number


def _integers(texts: TextArray) -> Ints:
    """Read whole numbers of up to 19 digits, up to the first that 64 bits do not hold."""
    try:
        values: Ints = pc.cast(texts, pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        numbers = [int(text) for text in texts.to_pylist()]
        fitting = itertools.takewhile(lambda value: abs(value) < INT64_END, numbers)
        values = np.array(list(fitting), dtype=np.int64)
    return values
