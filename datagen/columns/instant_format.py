"""How instants are written: by a name, as ISO 8601 or as a number since 1970, or by a strftime pattern."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.column_type import INSTANT, INT, TEXT, ColumnType
from datagen.columns.scalar import InstantColumn, IntColumn, TextColumn
from datagen.columns.strftime import TimePattern
from datagen.instants import Style
from datagen.validation import UnicodeText, invalid_value

_DIGITS: Mapping[str, int] = {"iso": 3, "iso_us": 6}
_PER_SECOND: Mapping[str, int] = {
    "epoch": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9,
}  # fmt: skip
_MICROS = 10**6  # a second
_MOST = np.iinfo(np.int64).max // 1000  # microseconds whose nanoseconds have 64 bits: up to 2262
NAMES = (*_DIGITS, *_PER_SECOND)


@dataclass(frozen=True)
class InstantFormat:
    """A way to write instants: one of `NAMES`, else a pattern. Raises ValueError for a directive that does not exist."""

    text: str

    def __post_init__(self) -> None:
        if self.text not in NAMES:
            TimePattern(self.text)

    @property
    def column_type(self) -> ColumnType:
        """Return the type of its columns: instants, whole numbers or texts."""
        if self.text in _DIGITS:
            return INSTANT
        return INT if self.text in _PER_SECOND else TEXT

    def column(self, micros: Ints, style: Style) -> Column:
        """Return the column of instants, microseconds since 1970: int64[n].

        Numbers are rounded down; nanoseconds of instants before 1677 or after 2262 are the first or the last that 64 bits hold.
        """
        if self.text in _DIGITS:
            return InstantColumn(micros, replace(style, digits=_DIGITS[self.text]))
        if self.text not in _PER_SECOND:
            return TextColumn(TimePattern(self.text).format_instants(micros, style))
        unit = _PER_SECOND[self.text]
        if unit > _MICROS:
            return IntColumn(np.clip(micros, -_MOST, _MOST) * (unit // _MICROS))
        return IntColumn(micros // (_MICROS // unit))


ISO = InstantFormat("iso")


def _known_format(text: str) -> str:
    try:
        InstantFormat(text)
    except ValueError as error:
        raise invalid_value(str(error)) from error
    return text


FormatName = Annotated[UnicodeText, AfterValidator(_known_format)]  # of an InstantFormat
