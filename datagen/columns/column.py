"""Holds the values of a field for many records as typed arrays, and writes them as JSON text.

A column has a value, null or nothing (the field is missing) for each of its n rows. `json_text`
gives a string array of n, computed once; what it holds for a missing row means nothing. `text` is the
same without the quotes and escapes of JSON, and null where there is no value.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.columns import json_text
from datagen.columns.column_type import FLOAT, NOTHING, ColumnType
from datagen.columns.datetimes import to_datetimes
from datagen.columns.format_spec import FormatSpec
from datagen.columns.json_text import Text
from datagen.columns.strftime import TimePattern
from datagen.instants import Style, iso_bytes

NULL = -1
MISSING = -2


class Column:
    """The base of the family."""

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def present(self) -> Mask | None:
        """Tell which rows are not missing: bool[n], or None for all."""
        return None

    @cached_property
    def json_text(self) -> Text:
        """Return the JSON text of each row."""
        raise NotImplementedError

    @cached_property
    def text(self) -> Text:
        """Return the bare text of each row: that of a string as it is, else as in JSON."""
        return self.json_text

    @property
    def float_text(self) -> Text:
        """Return the text of each row in a column of doubles, null where there is none."""
        values = self.arrow(FLOAT)
        texts = json_text.of_floats(pc.fill_null(values, 0.0).to_numpy() + 0.0)  # never -0.0
        return pc.if_else(values.is_null(), None, texts) if values.null_count else texts

    def written(self, write: "Callable[[Column], Text]") -> Text:
        """Return `write` of the values, null where there is none; done once where values are few."""
        if write not in self._written:
            self._written[write] = write(self)
        return self._written[write]

    def timed(self, pattern: TimePattern) -> Text:
        """Write instants by a pattern; null for what is none."""
        del pattern
        return pa.nulls(len(self), pa.string())

    def formatted(self, spec: FormatSpec) -> Text:
        """Write values by a format spec."""
        return spec.of_texts(self.text)

    def arrow(self, column_type: ColumnType) -> Any:
        """Return an Arrow array of the type of a column type that all values have."""
        return self.json_text if column_type.kind == "json" else self.text

    @cached_property
    def _written(self) -> "dict[Callable[[Column], Text], Text]":
        return {}

    def listed(self, absent: Any) -> list[Any]:
        """Return the values as `plain` does, and after them what -2 and -1 stand for; kept."""
        if absent not in self._listed:
            self._listed[absent] = [*self.plain(absent), absent, None]
        return self._listed[absent]

    @cached_property
    def _listed(self) -> dict[Any, list[Any]]:
        return {}

    def plain(self, absent: Any) -> list[Any]:
        """Return the values as Python holds them, instants as datetimes; `absent` where one is missing."""
        del absent
        values: list[Any] = self.text.to_pylist()
        return values

    def part(self, name: str) -> "Column":
        """Return what each row, an object, holds under a name; null for rows that are none."""
        del name
        return GatheredColumn(self, np.full(len(self), NULL))

    def take(self, rows: Ints) -> "Column":
        """Return the column of these rows; -1 gives null, -2 nothing."""
        return GatheredColumn(self, rows)


class IntColumn(Column):
    """Whole numbers: int64[n]."""

    def __init__(self, values: Ints) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        return pc.cast(pa.array(self.values), pa.string())

    def plain(self, absent: Any) -> list[Any]:
        del absent
        values: list[Any] = self.values.tolist()
        return values

    def formatted(self, spec: FormatSpec) -> Text:
        return spec.of_ints(self.values) if spec.numeric else super().formatted(spec)

    def arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind in ("int", "float"):
            return pc.cast(pa.array(self.values), column_type.arrow, safe=False)
        return super().arrow(column_type)


class FloatColumn(Column):
    """Numbers: float64[n], all finite."""

    def __init__(self, values: Floats) -> None:
        self.values = values + 0.0  # never -0.0

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        return json_text.of_floats(self.values)

    def plain(self, absent: Any) -> list[Any]:
        del absent
        values: list[Any] = self.values.tolist()
        return values

    def formatted(self, spec: FormatSpec) -> Text:
        return spec.of_floats(self.values) if spec.numeric else super().formatted(spec)

    def arrow(self, column_type: ColumnType) -> Any:
        return pa.array(self.values) if column_type.kind == "float" else super().arrow(column_type)


class TextColumn(Column):
    """Texts: a string array."""

    def __init__(self, values: Text) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        return json_text.of_strings(self.values)

    @cached_property
    def text(self) -> Text:
        return self.values


class InstantColumn(Column):
    """Instants: int64[n], microseconds since 1970, all written in one style."""

    def __init__(self, values: Ints, style: Style) -> None:
        self.values = values
        self.style = style

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        return json_text.of_equal_widths(iso_bytes(self.values, self.style))

    @cached_property
    def text(self) -> Text:
        return json_text.unquoted(self.json_text)

    def timed(self, pattern: TimePattern) -> Text:
        return pattern.text(self.values, self.style)

    def plain(self, absent: Any) -> list[Any]:
        del absent
        return to_datetimes(self.values, self.style)

    def arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind == "instant":
            return pa.array(self.values).view(column_type.arrow)
        return super().arrow(column_type)


class AddressColumn(Column):
    """IPv4 addresses: uint64[n], each below 2**32."""

    def __init__(self, values: Bits) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        front, back = _address_halves()
        high = front.take(pa.array(self.values >> np.uint64(16)))
        low = back.take(pa.array(self.values & np.uint64(0xFFFF)))
        return pc.binary_join_element_wise(high, low, ".")

    @cached_property
    def text(self) -> Text:
        return json_text.unquoted(self.json_text)


class UuidColumn(Column):
    """Version 4 UUIDs: two uint64[n], the high and the low half."""

    def __init__(self, high: Bits, low: Bits) -> None:
        self.high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
        self.low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)

    def __len__(self) -> int:
        return len(self.high)

    @cached_property
    def json_text(self) -> Text:
        table, groups = _hex_groups(), np.empty((len(self), 38), dtype="S1")
        groups[:, (0, 37)] = b'"'
        groups[:, (9, 14, 19, 24)] = b"-"
        words = [(half >> np.uint64(shift)) & np.uint64(0xFFFF) for half in (self.high, self.low)
                 for shift in (48, 32, 16, 0)]  # fmt: skip
        for word, place in zip(words, (1, 5, 10, 15, 20, 25, 29, 33), strict=True):
            groups[:, place : place + 4] = table[word]
        return json_text.of_equal_widths(groups.view("S38"))

    @cached_property
    def text(self) -> Text:
        return json_text.unquoted(self.json_text)


class LiteralColumn(Column):
    """Any JSON values, as Python holds them: few, and gathered by index."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = tuple(values)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> Text:
        return pa.array([json_text.of_value(value) for value in self.values], pa.string())

    @cached_property
    def text(self) -> Text:
        return pa.array([json_text.bare_text(value) for value in self.values], pa.string())

    def written(self, write: Callable[[Column], Text]) -> Text:
        if write not in self._written:
            texts = write(self)
            empty = [value is None for value in self.values]
            self._written[write] = pc.if_else(pa.array(empty), None, texts) if any(empty) else texts
        return self._written[write]

    def formatted(self, spec: FormatSpec) -> Text:
        if not spec.numeric:
            return super().formatted(spec)
        texts = [None if value is None else spec.of_value(value) for value in self.values]
        return pa.array(texts, pa.string())

    def arrow(self, column_type: ColumnType) -> Any:
        return pa.array([column_type.plain(value) for value in self.values], column_type.arrow)

    def plain(self, absent: Any) -> list[Any]:
        del absent
        return list(self.values)

    def part(self, name: str) -> Column:
        parts = [value.get(name) if isinstance(value, dict) else None for value in self.values]
        gone = [isinstance(value, dict) and name not in value for value in self.values]
        places = np.where(gone, MISSING, np.arange(len(parts)))
        return LiteralColumn(parts).take(places)


class ObjectColumn(Column):
    """Nested objects: a column for each name, all of n rows."""

    def __init__(self, names: Sequence[str], columns: Sequence[Column], rows: int) -> None:
        self.names = tuple(names)
        self.columns = tuple(columns)
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    @cached_property
    def json_text(self) -> Text:
        return json_text.of_object(members(self.names, self.columns), self.rows)

    def arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind != "object":
            return super().arrow(column_type)
        parts = [self.part(name).arrow(member) for name, member in column_type.members]
        return pa.StructArray.from_arrays(parts, fields=list(column_type.arrow))

    def plain(self, absent: Any) -> list[Any]:
        rows: list[Any] = [{} for _ in range(self.rows)]
        for name, column in zip(self.names, self.columns, strict=True):
            for row, value in zip(rows, column.plain(absent), strict=True):
                if value is not absent:
                    row[name] = value
        return rows

    def part(self, name: str) -> Column:
        if name in self.names:
            return self.columns[self.names.index(name)]
        return GatheredColumn(self, np.full(self.rows, MISSING))


class ListColumn(Column):
    """Lists: how many elements each of n rows has, and all elements in one column, in order."""

    def __init__(self, lengths: Ints, elements: Column) -> None:
        self.lengths = lengths
        self.elements = elements

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def json_text(self) -> Text:
        return pc.binary_join_element_wise(
            "[", pc.binary_join(self._lists(self.elements.json_text), ","), "]", ""
        )

    def arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind != "list":
            return super().arrow(column_type)
        return self._lists(self.elements.arrow(column_type.elements or NOTHING))

    def plain(self, absent: Any) -> list[Any]:
        elements = iter(self.elements.plain(absent))
        lists = [list(islice(elements, length)) for length in self.lengths.tolist()]
        return [[value for value in each if value is not absent] for each in lists]

    def _lists(self, elements: Any) -> Any:
        """Return lists of elements, an Arrow array; those that are missing are left out."""
        offsets, present = np.concatenate([[0], np.cumsum(self.lengths)]), self.elements.present
        if present is not None:
            offsets = np.concatenate([[0], np.cumsum(present)])[offsets]
            elements = elements.filter(pa.array(present))
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), elements)


class GatheredColumn(Column):
    """Rows of another column, by index: int64[n]; -1 is null, -2 missing."""

    def __init__(self, source: Column, index: Ints) -> None:
        self.source = source
        self.index = index

    def __len__(self) -> int:
        return len(self.index)

    @property
    def present(self) -> Mask | None:
        inner = self.source.present
        if inner is None and (not len(self.index) or self.index.min() > MISSING):
            return None
        mask: Mask = self.index != MISSING
        return (
            mask if inner is None else mask & (inner[np.maximum(self.index, 0)] | (self.index < 0))
        )

    @cached_property
    def json_text(self) -> Text:
        return self._gathered(self.source.json_text, "null")

    def keyed(self, name: str) -> Text | str | None:
        """Return each row as a member of an object, made from the source; None where it is not small.

        One text stands for all rows where they are the same.
        """
        if 2 * len(self.source) > len(self.index):
            return None
        member = json_text.Member(name, self.source.json_text, self.source.present)
        keyed = json_text.join(json_text.member_pieces([member]), len(self.source))
        if len(self.source) == 1 and self.index.min() == 0:
            text: str = keyed[0].as_py()
            return text
        return self._gathered(keyed, f",{json_text.of_value(name)}:null")

    def _gathered(self, texts: Text, null: str) -> Text:
        """Gather texts of the source; a missing row gives an empty one."""
        if not len(self.index) or self.index.min() >= 0:
            return texts.take(pa.array(self.index))
        extended = pa.concat_arrays([texts, pa.array([null, ""], texts.type)])
        return extended.take(
            pa.array(np.where(self.index < 0, len(texts) - 1 - self.index, self.index))
        )

    @cached_property
    def text(self) -> Text:
        return self.source.text.take(self._rows)

    def written(self, write: Callable[[Column], Text]) -> Text:
        return self.source.written(write).take(self._rows)

    def arrow(self, column_type: ColumnType) -> Any:
        if not len(self.index) or self.index.max() < 0:
            return pa.nulls(len(self.index), column_type.arrow)
        return self.source.arrow(column_type).take(self._rows)

    def plain(self, absent: Any) -> list[Any]:
        values = self.source.listed(absent)
        return [values[place] for place in self.index.tolist()]

    @cached_property
    def _rows(self) -> Any:
        empty = self.index < 0
        return pa.array(self.index, mask=empty) if empty.any() else pa.array(self.index)

    def part(self, name: str) -> Column:
        return self.source.part(name).take(self.index)

    def take(self, rows: Ints) -> Column:
        if not len(self.index):
            return GatheredColumn(self.source, rows)
        return GatheredColumn(
            self.source, np.where(rows < 0, rows, self.index[np.maximum(rows, 0)])
        )


class _StackedColumn(Column):
    """Columns one after the other."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)

    def __len__(self) -> int:
        return sum(map(len, self.columns))

    @property
    def present(self) -> Mask | None:
        masks = [column.present for column in self.columns]
        if all(mask is None for mask in masks):
            return None
        return np.concatenate(
            [
                np.ones(len(column), bool) if mask is None else mask
                for column, mask in zip(self.columns, masks, strict=True)
            ]
        )

    @cached_property
    def json_text(self) -> Text:
        return pa.concat_arrays([column.json_text for column in self.columns])

    @cached_property
    def text(self) -> Text:
        return pa.concat_arrays([column.text for column in self.columns])

    def written(self, write: Callable[[Column], Text]) -> Text:
        return pa.concat_arrays([column.written(write) for column in self.columns])

    def arrow(self, column_type: ColumnType) -> Any:
        return pa.concat_arrays([column.arrow(column_type) for column in self.columns])

    def plain(self, absent: Any) -> list[Any]:
        return [value for column in self.columns for value in column.plain(absent)]

    def part(self, name: str) -> Column:
        return stack([column.part(name) for column in self.columns])


def stack(columns: Sequence[Column]) -> Column:
    """Put columns one after the other; what several of them gather from is kept once."""
    if len(columns) == 1:
        return columns[0]
    sources: dict[int, tuple[Column, int]] = {}
    places, total = [], 0
    for column in columns:
        gathered = (
            column
            if isinstance(column, GatheredColumn)
            else GatheredColumn(column, np.arange(len(column)))
        )
        source = gathered.source
        if id(source) not in sources:
            sources[id(source)] = source, total
            total += len(source)
        offset = sources[id(source)][1]
        places.append(np.where(gathered.index < 0, gathered.index, gathered.index + offset))
    parts = [source for source, _ in sources.values()]
    return GatheredColumn(
        parts[0] if len(parts) == 1 else _StackedColumn(parts), np.concatenate(places)
    )


def nulls(rows: int) -> Column:
    """Return a column of nothing but nulls."""
    return GatheredColumn(LiteralColumn([]), np.full(rows, NULL))


def members(names: Sequence[str], columns: Sequence[Column]) -> list[json_text.Member]:
    """Return what an object's JSON text is made of: key, texts, and which rows have it."""
    return [
        json_text.Member(name, column.json_text, column.present)
        for name, column in zip(names, columns, strict=True)
    ]


def later_members(names: Sequence[str], columns: Sequence[Column]) -> list[json_text.Member]:
    """Return members that have others before them, keys and values in one where that is less work."""
    found = []
    for name, column in zip(names, columns, strict=True):
        keyed = column.keyed(name) if isinstance(column, GatheredColumn) else None
        if keyed is None:
            found += members((name,), (column,))
        else:
            found.append(json_text.Member(name, None, None, keyed))
    return found


@lru_cache(maxsize=1)
def _address_halves() -> tuple[Text, Text]:
    """Return `"a.b` and `a.b"` for each 16 bits of an address."""
    high = pa.array([str(octet) for octet in range(256)]).take(pa.array(np.arange(65536) >> 8))
    low = pa.array([str(octet) for octet in range(256)]).take(pa.array(np.arange(65536) & 255))
    pairs = pc.binary_join_element_wise(high, low, ".")
    return pc.binary_join_element_wise('"', pairs, ""), pc.binary_join_element_wise(pairs, '"', "")


@lru_cache(maxsize=1)
def _hex_groups() -> NDArray[Any]:
    digits = np.frombuffer(b"0123456789abcdef", dtype="S1")
    values = np.arange(65536)
    return np.stack([digits[(values >> shift) & 15] for shift in (12, 8, 4, 0)], axis=1)
