"""The formats of times: each turns instants into texts or numbers as a source writes them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.columns.strftime import TimePattern
from datagen.instants import NAIVE, SECOND, YEAR_1, YEAR_10000, Style
from datagen.sources.time_layouts import Layout, iso_utc_layout

INT64_END = 1 << 63


class TextInstantColumn(InstantColumn):
    """Instants whose text is given."""

    def __init__(self, values: Ints, texts: TextArray, style: Style) -> None:
        super().__init__(values, style)
        self._texts = texts

    @cached_property
    def json_text(self) -> TextArray:
        return json_text.of_strings(self._texts)

    @cached_property
    def text(self) -> TextArray:
        return self._texts


class MixedIntColumn(IntColumn):
    """Whole numbers in a column of numbers that may have decimals: no `.0` is added to them."""

    @property
    def float_text(self) -> TextArray:
        return self.text


class DecimalColumn(Column):
    """Numbers whose digits are given, as a string array."""

    def __init__(self, texts: TextArray) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @cached_property
    def json_text(self) -> TextArray:
        return self._texts

    @property
    def float_text(self) -> TextArray:
        return self._texts

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind in ("int", "float"):
            return pc.cast(pc.cast(self._texts, pa.float64()), column_type.arrow_type, safe=False)
        return super().to_arrow(column_type)


@dataclass(frozen=True)
class FixedWidthFormat:
    """Texts of a layout."""

    layout: Layout
    column_type: ClassVar[ColumnType] = INSTANT

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1 - self.layout.offset, YEAR_10000 - self.layout.offset

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        return TextInstantColumn(
            micros, self.layout.write(micros, rest), _style(self.layout.offset)
        )


@dataclass(frozen=True)
class StrptimeFormat:
    """Texts of a strptime pattern whose widths vary, with so many decimals of a second."""

    pattern: str
    offset: int
    digits: int
    column_type: ClassVar[ColumnType] = INSTANT

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1 - self.offset, YEAR_10000 - self.offset

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        del rest
        style = _style(self.offset)
        if self.digits in (0, 6):
            return TextInstantColumn(
                micros, TimePattern(self.pattern).format_instants(micros, style), style
            )
        front, back = self.pattern.split("%f", 1)
        digits = pc.utf8_slice_codeunits(
            TimePattern("%f").format_instants(micros, style), 0, self.digits
        )
        pieces = [
            TimePattern(each).format_instants(micros, style) if each else ""
            for each in (front, back)
        ]
        texts = json_text.join([pieces[0], digits, pieces[1]], len(micros))
        return TextInstantColumn(micros, texts, style)


@dataclass(frozen=True)
class NumberFormat:
    """Numbers of some unit (nanoseconds) since 1970, with so many decimals; maybe `as_texts`."""

    unit: int
    digits: int = 0
    as_texts: bool = False

    @property
    def column_type(self) -> ColumnType:
        if self.as_texts:
            return TEXT
        return FLOAT if self.digits else INT

    @property
    def limits(self) -> tuple[int, int]:
        if self.unit > 1:
            return YEAR_1, YEAR_10000
        return max(YEAR_1, -INT64_END // 1000 + 1), min(YEAR_10000, INT64_END // 1000 - 1)

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        unit, factor = (self.unit // 1000, 1) if self.unit > 1 else (1, 1000)
        units, fraction = np.divmod(micros, unit)
        units, fraction = units * factor, fraction * 1000
        fraction = fraction if rest is None else fraction + rest
        if not self.digits:
            numbers = MixedIntColumn(units + fraction if factor > 1 else units)
            return TextColumn(numbers.text) if self.as_texts else numbers
        if len(micros) and micros.min() < 0:
            texts = pa.array(self._one_by_one(micros, rest), pa.string())
        else:
            most = len(str(self.unit)) - 1
            digits = pc.cast(pa.array(fraction // 10 ** (most - self.digits)), pa.string())
            digits = pc.utf8_lpad(digits, self.digits, "0")
            texts = pc.binary_join_element_wise(pc.cast(pa.array(units), pa.string()), digits, ".")
        return TextColumn(texts) if self.as_texts else DecimalColumn(texts)

    def _one_by_one(self, micros: Ints, rest: Ints | None) -> list[str]:
        nanos = micros.astype(object) * 1000 + (0 if rest is None else rest.astype(object))
        step = 10 ** (len(str(self.unit)) - 1 - self.digits)
        return [str((Decimal(each // step) / 10**self.digits).quantize(Decimal(10) ** -self.digits))
                for each in nanos.tolist()]  # fmt: skip


@dataclass(frozen=True)
class FloatFormat:
    """JSON numbers with a fraction, of some unit (nanoseconds) since 1970: to the microsecond."""

    unit: int
    column_type: ClassVar[ColumnType] = FLOAT

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1, YEAR_10000

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        del rest
        return FloatColumn(micros / (self.unit / 1000))


@dataclass(frozen=True)
class ArrowInstantFormat:
    """Timestamps of Parquet, written as ISO 8601 with the decimals of their unit."""

    digits: int
    suffix: str
    column_type: ClassVar[ColumnType] = INSTANT

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1, YEAR_10000

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        texts = iso_utc_layout(max(self.digits, 3), self.suffix).write(micros, rest)
        return TextInstantColumn(micros, texts, Style(0, self.suffix))


def _style(offset: int) -> Style:
    """Return the style of instants at an offset from UTC, as patterns see it."""
    if not offset:
        return NAIVE
    minutes = abs(offset) // (60 * SECOND)
    return Style(offset, f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}")


DEFAULT_FORMAT = FixedWidthFormat(iso_utc_layout(3))  # where a source has no times
