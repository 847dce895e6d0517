"""Columns of one simple type: numbers, texts, instants, IPv4 addresses and UUIDs."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Bits, Floats, Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.columns.datetimes import to_datetimes
from datagen.columns.digits import float_pieces, int_pieces
from datagen.columns.format_spec import FormatSpec
from datagen.columns.instant_parts import instant_parts
from datagen.columns.lazy import lazy_property
from datagen.columns.pieces import Part, Piece, joined_at
from datagen.columns.strftime import TimePattern
from datagen.instants import Style, iso_bytes

_UUID = np.dtype(
    {
        "names": [f"group {place}" for place in range(8)],
        "formats": [np.uint32] * 8,
        "offsets": [1, 5, 10, 15, 20, 25, 29, 33],
        "itemsize": 38,
    }
)


class IntColumn(Column):
    """Whole numbers: int64[n]."""

    is_full = True

    def __init__(self, values: Ints) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @property
    def vector(self) -> Any:
        return self.values

    @lazy_property
    def json_text(self) -> TextArray:
        return pc.cast(pa.array(self.values), pa.string())

    def json_parts(self) -> list[Part]:
        return int_pieces(self.values) or super().json_parts()

    def to_python(self, absent: Any) -> list[Any]:
        del absent
        values: list[Any] = self.values.tolist()
        return values

    def format(self, spec: FormatSpec) -> TextArray:
        return spec.format_ints(self.values) if spec.numeric else super().format(spec)

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind in ("int", "float"):
            return pc.cast(pa.array(self.values), column_type.arrow_type, safe=False)
        return super().to_arrow(column_type)


class FloatColumn(Column):
    """Numbers: float64[n], all finite."""

    is_full = True

    def __init__(self, values: Floats) -> None:
        self.values = values + 0.0  # never -0.0

    def __len__(self) -> int:
        return len(self.values)

    @property
    def vector(self) -> Any:
        return self.values

    @lazy_property
    def json_text(self) -> TextArray:
        return json_text.of_floats(self.values)

    def json_parts(self) -> list[Part]:
        return float_pieces(self.values) or super().json_parts()

    def to_python(self, absent: Any) -> list[Any]:
        del absent
        values: list[Any] = self.values.tolist()
        return values

    def format(self, spec: FormatSpec) -> TextArray:
        return spec.format_floats(self.values) if spec.numeric else super().format(spec)

    def to_arrow(self, column_type: ColumnType) -> Any:
        return (
            pa.array(self.values) if column_type.kind == "float" else super().to_arrow(column_type)
        )


class TextColumn(Column):
    """Texts: a string array."""

    def __init__(self, values: TextArray) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @property
    def vector(self) -> TextArray:
        return self.text

    @lazy_property
    def json_text(self) -> TextArray:
        return json_text.of_strings(self.values)

    def json_parts(self) -> list[Part]:
        if json_text.needs_escapes(self.values):
            return super().json_parts()
        return ['"', Piece(self.values), '"']

    @lazy_property
    def text(self) -> TextArray:
        return self.values


class InstantColumn(Column):
    """Instants: int64[n], microseconds since 1970, all written in one style."""

    def __init__(self, values: Ints, style: Style) -> None:
        self.values = values
        self.style = style

    def __len__(self) -> int:
        return len(self.values)

    @lazy_property
    def json_text(self) -> TextArray:
        return json_text.from_fixed_width(iso_bytes(self.values, self.style))

    def json_parts(self) -> list[Part]:
        styles = self.style.split(self.values)
        parts = instant_parts(self.values, styles[0][0]) if styles[0][1] is None else None
        return parts or super().json_parts()

    @lazy_property
    def text(self) -> TextArray:
        return json_text.unquote(self.json_text)

    def strftime(self, pattern: TimePattern) -> TextArray:
        return pattern.format_instants(self.values, self.style)

    def to_python(self, absent: Any) -> list[Any]:
        del absent
        return to_datetimes(self.values, self.style)

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind == "instant":
            return pa.array(self.values).view(column_type.arrow_type)
        return super().to_arrow(column_type)


class AddressColumn(Column):
    """IPv4 addresses: uint64[n], each below 2**32."""

    def __init__(self, values: Bits) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @property
    def vector(self) -> TextArray:
        return self.text

    @lazy_property
    def json_text(self) -> TextArray:
        places = np.empty((len(self), 2), dtype=np.int32)
        places[:, 0] = self.values >> np.uint64(16)
        places[:, 1] = (self.values & np.uint64(0xFFFF)) + np.uint64(0x10000)
        return joined_at(_address_halves(), places)

    @lazy_property
    def text(self) -> TextArray:
        return json_text.unquote(self.json_text)


class UuidColumn(Column):
    """Version 4 UUIDs: two uint64[n], the high and the low half."""

    def __init__(self, high: Bits, low: Bits) -> None:
        self.high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
        self.low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)

    def __len__(self) -> int:
        return len(self.high)

    @property
    def vector(self) -> TextArray:
        return self.text

    @lazy_property
    def json_text(self) -> TextArray:
        characters = np.empty(len(self), dtype=_UUID)
        each = characters.view("S1").reshape(-1, 38)
        each[:, (0, 37)] = b'"'
        each[:, (9, 14, 19, 24)] = b"-"
        table = _hex_groups()
        for half, places in ((self.high, range(4)), (self.low, range(4, 8))):
            words = half.astype("<u8").view("<u2").reshape(-1, 4)
            for word, place in zip((3, 2, 1, 0), places, strict=True):
                characters[f"group {place}"] = table[words[:, word]]
        return json_text.from_fixed_width(characters)

    @lazy_property
    def text(self) -> TextArray:
        return json_text.unquote(self.json_text)


@lru_cache(maxsize=1)
def _address_halves() -> TextArray:
    """Return `"a.b` for each 16 bits of an address, then `.a.b"` for each."""
    high = pa.array([str(octet) for octet in range(256)]).take(pa.array(np.arange(65536) >> 8))
    low = pa.array([str(octet) for octet in range(256)]).take(pa.array(np.arange(65536) & 255))
    pairs = pc.binary_join_element_wise(high, low, ".")
    front, back = (
        pc.binary_join_element_wise(*parts, "") for parts in (('"', pairs), (".", pairs, '"'))
    )
    return pa.concat_arrays([front, back])


@lru_cache(maxsize=1)
def _hex_groups() -> NDArray[np.uint32]:
    """Return the four hexadecimal digits of each 16 bits: uint32[65536], which hold them as bytes."""
    digits = np.frombuffer(b"0123456789abcdef", dtype="S1")
    values = np.arange(65536)
    groups = np.stack([digits[(values >> shift) & 15] for shift in (12, 8, 4, 0)], axis=1)
    return groups.view(np.uint32).ravel()
