"""Turns numbers of a unit since 1970, in texts or from JSON, into instants and the format of each."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns.column_type import INT, ColumnType
from datagen.instants import YEAR_10000
from datagen.sources.time_forms import INT64_END, FloatFormat, NumberFormat
from datagen.sources.times import RowProblem, SourceTimes, TimeParser, TimesRead
from datagen.validation import quoted

UNITS = {"nanos": 1, "micros": 1_000, "millis": 1_000_000,
         "seconds": 1_000_000_000, "posix": 1_000_000_000, "epoch": 1_000_000_000}  # fmt: skip
OUTSIDE_YEARS = "is outside of the years 1 to 9999"
_NUMBER = r"^(?P<units>-?[0-9]{1,18}[0-9]?)(?:\.(?P<part>[0-9]{1,9}))?$"


@dataclass(frozen=True)
class NumberTimeParser(TimeParser):
    """Parses numbers of a unit, given in nanoseconds, since 1970."""

    unit: int
    column_type: ClassVar[ColumnType] = INT

    def read_texts(self, texts: TextArray, as_texts: bool) -> TimesRead:
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


def _integers(texts: TextArray) -> Ints:
    """Read whole numbers of up to 19 digits, up to the first that 64 bits do not hold."""
    try:
        values: Ints = pc.cast(texts, pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        numbers = [int(text) for text in texts.to_pylist()]
        fitting = itertools.takewhile(lambda value: abs(value) < INT64_END, numbers)
        values = np.array(list(fitting), dtype=np.int64)
    return values
