"""The formats of times: each turns instants into texts or numbers as a source writes them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column import Column, concat_columns
from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.lazy import lazy_property
from datagen.columns.pieces import Part, Piece
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.curves.zones import zone_of
from datagen.instants import DAY, NAIVE, SECOND, YEAR_1, YEAR_10000, Style
from datagen.sources.time_layouts import iso_utc_layout
from datagen.sources.time_writing import TextForm, form_of

INT64_END = 1 << 63


class TextInstantColumn(InstantColumn):
    """Instants whose text is given."""

    def __init__(self, values: Ints, texts: TextArray, style: Style) -> None:
        super().__init__(values, style)
        self._texts = texts

    @lazy_property
    def json_text(self) -> TextArray:
        return json_text.of_strings(self._texts)

    def json_parts(self) -> list[Part]:
        return [Piece(self.json_text, None, "null")]

    @lazy_property
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

    @lazy_property
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
class TextFormat:
    """Texts of a form, at an offset from UTC (microseconds) or in a time zone."""

    form: TextForm
    offset: int = 0
    zone: str | None = None
    column_type: ClassVar[ColumnType] = INSTANT

    @property
    def limits(self) -> tuple[int, int]:
        if self.zone is not None:  # whatever the offset is then
            return YEAR_1 + DAY, YEAR_10000 - DAY
        return YEAR_1 - self.offset, YEAR_10000 - self.offset

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        if self.zone is None:
            texts = self.form.write(micros + self.offset, rest)
            return TextInstantColumn(micros, texts, _style(self.offset))
        local = zone_of(self.zone).local_times(micros)
        return _of_offsets(micros, local - micros, self.form.write(local, rest))


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
class ExponentFormat:
    """Numbers of some unit (nanoseconds) since 1970 in exponent notation, such as `1.59E+09`.

    They have `digits` decimals, or as many more as the instant needs, and at least `width` digits in the
    exponent, which follow `letter` and, with `plus`, a sign even if it is not negative. Maybe `as_texts`.
    """

    unit: int
    digits: int
    letter: str
    plus: bool
    width: int
    as_texts: bool = False

    @property
    def column_type(self) -> ColumnType:
        return TEXT if self.as_texts else FLOAT

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1, YEAR_10000

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        nanos = micros.astype(object) * 1000 + (0 if rest is None else rest.astype(object))
        texts = pa.array(map(self._text, nanos.tolist()), pa.string())
        return TextColumn(texts) if self.as_texts else DecimalColumn(texts)

    def _text(self, nanos: int) -> str:
        places = len(str(self.unit)) - 1
        sign, digits = "-" * (nanos < 0), str(abs(nanos))
        exponent = len(digits) - 1 - places if nanos else 0
        decimals = digits[1:].rstrip("0").ljust(self.digits, "0")
        mark = self.letter + ("-" if exponent < 0 else "+" * self.plus)
        point = "." * bool(decimals)
        return f"{sign}{digits[0]}{point}{decimals}{mark}{abs(exponent):0{self.width}d}"


@dataclass(frozen=True)
class ArrowInstantFormat:
    """Timestamps of Parquet, written as ISO 8601 with the decimals of their unit, maybe in a time zone."""

    digits: int
    suffix: str
    zone: str | None = None
    column_type: ClassVar[ColumnType] = INSTANT

    @property
    def limits(self) -> tuple[int, int]:
        return self._format.limits

    def column(self, micros: Ints, rest: Ints | None) -> Column:
        if self.zone is not None:
            return self._format.column(micros, rest)
        texts = self._format.form.write(micros, rest)
        return TextInstantColumn(micros, texts, Style(0, self.suffix))

    @property
    def _format(self) -> TextFormat:
        return TextFormat(form_of(iso_utc_layout(max(self.digits, 3), self.suffix)), 0, self.zone)


def _style(offset: int) -> Style:
    """Return the style of instants at an offset from UTC, as patterns see it."""
    if not offset:
        return NAIVE
    minutes = abs(offset) // (60 * SECOND)
    return Style(offset, f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}")


def _of_offsets(micros: Ints, offsets: Ints, texts: TextArray) -> Column:
    """Return the column of instants with their texts, each row at its offset from UTC."""
    distinct, places = np.unique(offsets, return_inverse=True)
    columns = [TextInstantColumn(micros, texts, _style(offset)) for offset in distinct.tolist()]
    if len(columns) == 1:
        return columns[0]
    rows = places * len(micros) + np.arange(len(micros))
    return (
        concat_columns(columns).take(rows) if columns else TextInstantColumn(micros, texts, NAIVE)
    )


DEFAULT_FORMAT = TextFormat(form_of(iso_utc_layout(3)))  # where a source has no times
