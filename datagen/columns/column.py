"""The base of all columns: the values of a field for many records, as typed arrays.

A column has a value, null or nothing (the field is missing) for each of its n rows. Other modules of
the package add one class for each kind of value; here are the base, and the columns made of other
columns: rows gathered by index, and columns one after the other.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import FLOAT, ColumnType
from datagen.columns.format_spec import FormatSpec
from datagen.columns.strftime import TimePattern

NULL, MISSING = -1, -2  # what an index holds for a row without a value
ABSENT = object()  # what takes the place of a missing value among Python objects


class Column:
    """The values of a field for n records. `text` and `json_text` are computed once."""

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def present(self) -> Mask | None:
        """Return which rows are not missing: bool[n], or None for all."""
        return None

    @cached_property
    def json_text(self) -> TextArray:
        """Return the JSON text of each row; undefined where the field is missing."""
        raise NotImplementedError

    @cached_property
    def text(self) -> TextArray:
        """Return the plain text of each row: a string as it is, else as in JSON; null for no value."""
        return self.json_text

    @cached_property
    def longest_text(self) -> int:
        """Return how many bytes the longest text has, or more."""
        return int(pc.max(pc.binary_length(self.text)).as_py() or 0)

    @property
    def vector(self) -> Any:
        """Return what expressions compute with by arrays: int64[n], float64[n], a string array or None."""
        return None

    @property
    def float_text(self) -> TextArray:
        """Return the text of each row in a column of doubles, null where there is none."""
        values = self.to_arrow(FLOAT)
        texts = json_text.of_floats(pc.fill_null(values, 0.0).to_numpy() + 0.0)  # never -0.0
        return pc.if_else(values.is_null(), None, texts) if values.null_count else texts

    def apply(self, function: "Callable[[Column], TextArray]") -> TextArray:
        """Return `function` of the values, null where there is none.

        It is computed once per function, and for gathered rows once per value of their source.
        """
        if function not in self._applied:
            self._applied[function] = function(self)
        return self._applied[function]

    def strftime(self, pattern: TimePattern) -> TextArray:
        """Return the texts of instants by a pattern; null for values that are no instants."""
        del pattern
        return pa.nulls(len(self), pa.string())

    def format(self, spec: FormatSpec) -> TextArray:
        """Return the texts of values by a format spec."""
        return spec.format_texts(self.text)

    def to_arrow(self, column_type: ColumnType) -> Any:
        """Return the values as an Arrow array; all of them are of this column type."""
        return self.json_text if column_type.kind == "json" else self.text

    def lookup(self, absent: Any) -> list[Any]:
        """Return the values of `to_python`, then `absent` and None for the indices -2 and -1; computed once."""
        if absent not in self._lookups:
            self._lookups[absent] = [*self.to_python(absent), absent, None]
        return self._lookups[absent]

    def to_python(self, absent: Any) -> list[Any]:
        """Return the values as Python objects, instants as datetimes; `absent` where one is missing."""
        del absent
        values: list[Any] = self.text.to_pylist()
        return values

    def member(self, name: str) -> "Column":
        """Return a member of each row, which is an object; null for rows that are not."""
        del name
        return GatheredColumn(self, np.full(len(self), NULL))

    def take(self, rows: Ints) -> "Column":
        """Return the column of these rows, int64[n]: -1 is null, -2 missing."""
        return GatheredColumn(self, rows)

    def with_nulls(self, rows: Mask) -> "Column":
        """Return the column with null in some rows: bool[n]."""
        return self.take(np.where(rows, NULL, np.arange(len(self)))) if rows.any() else self

    @cached_property
    def _applied(self) -> "dict[Callable[[Column], TextArray], TextArray]":
        return {}

    @cached_property
    def _lookups(self) -> dict[Any, list[Any]]:
        return {}


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
    def json_text(self) -> TextArray:
        return self._gathered(self.source.json_text, "null")

    def joined_member(self, name: str) -> TextArray | str | None:
        """Return each row as a complete member of an object: `,"name":value`, or "" where it is missing.

        One text stands for all rows if they are the same. None: the source is not much smaller than
        the rows, so that joining name and value there saves nothing.
        """
        if 2 * len(self.source) > len(self.index):
            return None
        member = json_text.Member(name, self.source.json_text, self.source.present)
        joined = json_text.join(json_text.member_pieces([member]), len(self.source))
        if len(self.source) == 1 and self.index.min() == 0:
            text: str = joined[0].as_py()
            return text
        return self._gathered(joined, f",{json_text.of_value(name)}:null")

    def _gathered(self, texts: TextArray, null: str) -> TextArray:
        """Return texts of the source for each row: `null` where it is null, empty where it is missing."""
        if not len(self.index) or self.index.min() >= 0:
            return texts.take(pa.array(self.index))
        extended = pa.concat_arrays([texts, pa.array([null, ""], texts.type)])
        return extended.take(
            pa.array(np.where(self.index < 0, len(texts) - 1 - self.index, self.index))
        )

    @cached_property
    def text(self) -> TextArray:
        return self.source.text.take(self._rows)

    @cached_property
    def longest_text(self) -> int:
        return self.source.longest_text

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        return self.source.apply(function).take(self._rows)

    def to_arrow(self, column_type: ColumnType) -> Any:
        if not len(self.index) or self.index.max() < 0:
            return pa.nulls(len(self.index), column_type.arrow_type)
        return self.source.to_arrow(column_type).take(self._rows)

    def to_python(self, absent: Any) -> list[Any]:
        values = self.source.lookup(absent)
        return [values[place] for place in self.index.tolist()]

    @cached_property
    def _rows(self) -> Any:
        empty = self.index < 0
        return pa.array(self.index, mask=empty) if empty.any() else pa.array(self.index)

    def member(self, name: str) -> Column:
        return self.source.member(name).take(self.index)

    def take(self, rows: Ints) -> Column:
        if not len(self.index):
            return GatheredColumn(self.source, rows)
        return GatheredColumn(
            self.source, np.where(rows < 0, rows, self.index[np.maximum(rows, 0)])
        )


def concat_columns(columns: Sequence[Column]) -> Column:
    """Return columns one after the other; a source from which several of them gather is held once."""
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
        parts[0] if len(parts) == 1 else _ConcatenatedColumn(parts), np.concatenate(places)
    )


class _ConcatenatedColumn(Column):
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
    def json_text(self) -> TextArray:
        return pa.concat_arrays([column.json_text for column in self.columns])

    @cached_property
    def text(self) -> TextArray:
        return pa.concat_arrays([column.text for column in self.columns])

    @cached_property
    def longest_text(self) -> int:
        return max(column.longest_text for column in self.columns)

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        return pa.concat_arrays([column.apply(function) for column in self.columns])

    def to_arrow(self, column_type: ColumnType) -> Any:
        return pa.concat_arrays([column.to_arrow(column_type) for column in self.columns])

    def to_python(self, absent: Any) -> list[Any]:
        return [value for column in self.columns for value in column.to_python(absent)]

    def member(self, name: str) -> Column:
        if name not in self._members:
            self._members[name] = concat_columns([column.member(name) for column in self.columns])
        return self._members[name]

    @cached_property
    def _members(self) -> dict[str, Column]:
        return {}


Columns = Mapping[str, Column]
