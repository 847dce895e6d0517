"""What all formats of times share: how a column of times becomes instants that keep their format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column_type import ColumnType
from datagen.columns.json_text import Text
from datagen.instants import YEAR_10000
from datagen.sources.time_forms import INT64_END, FixedWidthFormat, SourceTimes
from datagen.sources.time_layouts import iso_of
from datagen.validation import quoted

OUTSIDE_YEARS = "is outside of the years 1 to 9999"
DEFAULT_FORMAT = FixedWidthFormat(iso_of(3))  # of no times at all


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row, in words that go on after its location."""

    row: int
    text: str


TimesRead = tuple[SourceTimes, RowProblem | None]  # times up to the first mistake, and that


class TimeFormat:
    """The base of the family: how the times of a source are written.

    `column_type` is that of the column of times; `only_texts` tells that JSON numbers are no such times.
    """

    column_type: ClassVar[ColumnType]
    only_texts: ClassVar[bool] = False

    def read_texts(self, texts: Text, quoted: bool) -> TimesRead:
        """Read a string array; numbers in it are written as numbers, or `quoted` as texts."""
        raise NotImplementedError

    def read_numbers(self, values: Sequence[int | float]) -> TimesRead:
        """Read JSON numbers, at least one."""
        nothing = SourceTimes(np.empty(0, dtype=np.int64), None, (DEFAULT_FORMAT,))
        return nothing, RowProblem(0, f"expected a text, not {quoted(values[0])}")


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
