"""The base of all columns: the values of a field for many records, as typed arrays.

A column has a value, null or nothing (the field is missing) for each of its n rows. Other modules of
the package add one class for each kind of value; here are the base, and the columns made of other
columns: rows gathered by index, and columns one after the other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import FLOAT, ColumnType
from datagen.columns.faults import Faults, joined_faults
from datagen.columns.format_spec import FormatSpec
from datagen.columns.lazy import lazy_property
from datagen.columns.pieces import Part, Piece, joined, parts_at, taken
from datagen.columns.strftime import TimePattern

NULL, MISSING = -1, -2  # what an index holds for a row without a value
_MAX_KEPT_ROWS = 65_536  # of lasting columns, one after the other
ABSENT = object()  # what takes the place of a missing value among Python objects
T = TypeVar("T")


class Column:
    """The values of a field for n records. `text` and `json_text` are computed once.

    `lasting` is true of columns that come again in later windows, such as the values of an enum: what is
    made of them is worth keeping.
    """

    lasting: bool = False
    clock: Any = None  # where instants of records are shown: what has made it, a Clock

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def present(self) -> Mask | None:
        """Return which rows are not missing: bool[n], or None for all."""
        return None

    @property
    def origin(self) -> "tuple[Column, Ints | None]":
        """Return the column whose rows these are, and by which index; None: all of them, in order."""
        return self, None

    @lazy_property
    def faults(self) -> Faults:
        """Return for which rows what made them could not be computed, by place; the values of visits tell none."""
        return {}

    @lazy_property
    def json_text(self) -> TextArray:
        """Return the JSON text of each row; empty where the field is missing."""
        raise NotImplementedError

    def json_parts(self) -> list[Part]:
        """Return the parts that make up the JSON text of each row."""
        return [Piece(self.json_text, None, "null")]

    def member_text(self, key: str) -> TextArray:
        """Return the JSON text of each row after a key; empty where the field is missing."""
        return self.kept(key, lambda: self._member_text(key))

    @lazy_property
    def text(self) -> TextArray:
        """Return the plain text of each row: a string as it is, else as in JSON; null for no value."""
        return self.json_text

    @lazy_property
    def longest_text(self) -> int:
        """Return how many bytes the longest text has, or more."""
        return int(pc.max(pc.binary_length(self.text)).as_py() or 0)

    @property
    def vector(self) -> Any:
        """Return what expressions compute with by arrays: int64[n], float64[n], bool[n], a string array.

        A row without a value has any there. None: the values are others, or of several types.
        """
        return None

    @property
    def is_full(self) -> bool:
        """Return whether each row surely has a value, which `vector` then is."""
        return False

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

    def kept(self, key: Any, make: Callable[[], T]) -> T:
        """Return what `make` gives, made once for each key: it lasts as long as the column."""
        kept: dict[Any, T] = self._kept
        return kept[key] if key in kept else kept.setdefault(key, make())

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process gets; what is kept is made again there."""
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}

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

    def list_parts(self) -> "tuple[Ints, Column]":
        """Return how many elements each row has, int64[n], and the elements of all, in order; a row that is no list has none."""
        return np.zeros(len(self), dtype=np.int64), self.take(np.empty(0, dtype=np.int64))

    def take(self, rows: Ints) -> "Column":
        """Return the column of these rows, int64[n]: -1 is null, -2 missing."""
        return GatheredColumn(self, rows)

    def with_nulls(self, rows: Mask | None) -> "Column":
        """Return the column with null in some rows: bool[n], None for none."""
        if rows is None or not rows.any():
            return self
        return self.take(np.where(rows, NULL, np.arange(len(self))))

    @lazy_property
    def _applied(self) -> "dict[Callable[[Column], TextArray], TextArray]":
        return {}

    def _member_text(self, key: str) -> TextArray:
        texts, present = pc.binary_join_element_wise(key, self.json_text, ""), self.present
        if present is None:
            return texts
        index = np.where(present, np.arange(len(self)), MISSING)
        return joined([Piece(texts, index)], len(self))

    @lazy_property
    def _kept(self) -> dict[Any, Any]:
        return {}

    @lazy_property
    def _lookups(self) -> dict[Any, list[Any]]:
        return {}


class GatheredColumn(Column):
    """Rows of another column, by index: int64[n]; -1 is null, -2 missing."""

    def __init__(self, source: Column, index: Ints) -> None:
        self.source = source
        self.index = index

    def __len__(self) -> int:
        return len(self.index)

    @lazy_property
    def present(self) -> Mask | None:
        inner = self.source.present
        if inner is None and (not len(self.index) or self.index.min() > MISSING):
            return None
        mask: Mask = self.index != MISSING
        return (
            mask if inner is None else mask & (inner[np.maximum(self.index, 0)] | (self.index < 0))
        )

    @property
    def origin(self) -> tuple[Column, Ints | None]:
        return self.source, self.index

    @lazy_property
    def faults(self) -> Faults:
        of_rows = self.source.faults.items()
        return {key: np.append(each, [False, False])[self.index] for key, each in of_rows}

    @lazy_property
    def json_text(self) -> TextArray:
        return self._gathered(self.source.json_text, "null")

    def json_parts(self) -> list[Part]:
        if self.source.lasting or 2 * len(self.source) <= len(self.index):
            return [Piece(self.source.json_text, self.index, "null")]
        return parts_at(self.source.json_parts(), self.index, "null")

    def _gathered(self, texts: TextArray, null: str) -> TextArray:
        """Return texts of the source for each row: `null` where it is null, empty where it is missing."""
        if not len(self.index) or self.index.min() >= 0:
            return texts.take(pa.array(self.index))
        extended = pa.concat_arrays([texts, pa.array([null, ""], texts.type)])
        return extended.take(
            pa.array(np.where(self.index < 0, len(texts) - 1 - self.index, self.index))
        )

    @lazy_property
    def text(self) -> TextArray:
        return self.source.text.take(self._rows)

    @lazy_property
    def longest_text(self) -> int:
        return self.source.longest_text

    @lazy_property
    def vector(self) -> Any:
        values = self.source.vector
        if values is None or not len(values):
            return None
        places = np.maximum(self.index, 0)
        return values[places] if isinstance(values, np.ndarray) else values.take(pa.array(places))

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        return self.source.apply(function).take(self._rows)

    def to_arrow(self, column_type: ColumnType) -> Any:
        if not len(self.index) or self.index.max() < 0:
            return pa.nulls(len(self.index), column_type.arrow_type)
        return self.source.to_arrow(column_type).take(self._rows)

    def to_python(self, absent: Any) -> list[Any]:
        values = self.source.lookup(absent)
        return [values[place] for place in self.index.tolist()]

    @lazy_property
    def _rows(self) -> Any:
        empty = self.index < 0
        return pa.array(self.index, mask=empty) if empty.any() else pa.array(self.index)

    def member(self, name: str) -> Column:
        return self.source.member(name).take(self.index)

    def list_parts(self) -> tuple[Ints, Column]:
        lengths, elements = self.source.list_parts()
        begins = np.append(np.cumsum(lengths) - lengths, 0)
        index = np.maximum(self.index, NULL)  # a source may have no rows; one for null is appended
        own: Ints = np.append(lengths, 0)[index]
        rows = np.repeat(begins[index] - (np.cumsum(own) - own), own) + np.arange(own.sum())
        return own, elements.take(rows)

    def take(self, rows: Ints) -> Column:
        return GatheredColumn(self.source, taken(self.index, rows))


def concat_columns(columns: Sequence[Column]) -> Column:
    """Return columns one after the other; a source from which several of them gather is held once."""
    if len(columns) == 1:
        return columns[0]
    sources: dict[int, tuple[Column, int]] = {}
    places, total = [], 0
    for column in columns:
        source, index = column.origin
        if id(source) not in sources:
            sources[id(source)] = source, total
            total += len(source)
        begin = sources[id(source)][1]
        if index is None:
            places.append(np.arange(begin, begin + len(source)))
        else:
            places.append(np.where(index < 0, index, index + begin))
    parts = tuple(source for source, _ in sources.values() if len(source)) or (
        columns[0].origin[0],
    )
    keep = total <= _MAX_KEPT_ROWS and all(each.lasting for each in parts)
    source = parts[0].kept(parts[1:], lambda: _lasting(parts)) if keep else _concatenation(parts)
    if len(sources) == len(columns) and all(each.origin[1] is None for each in columns):
        return source
    return GatheredColumn(source, np.concatenate(places))


def with_faults(column: Column, faults: Faults) -> Column:
    """Return the same values with these faults in place of their own."""
    return ConcatenatedColumn((column,), faults)


def _concatenation(parts: Sequence[Column]) -> Column:
    return parts[0] if len(parts) == 1 else ConcatenatedColumn(parts)


def _lasting(parts: tuple[Column, ...]) -> Column:
    column = _concatenation(parts)
    column.lasting = True
    return column


class ConcatenatedColumn(Column):
    """Columns one after the other; their faults, unless others are given."""

    def __init__(self, columns: Sequence[Column], faults: Faults | None = None) -> None:
        self.columns = tuple(columns)
        self._rows, self._faults = sum(map(len, columns)), faults

    def __len__(self) -> int:
        return self._rows

    @lazy_property
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

    @lazy_property
    def json_text(self) -> TextArray:
        return pa.concat_arrays([column.json_text for column in self.columns])

    @lazy_property
    def text(self) -> TextArray:
        return pa.concat_arrays([column.text for column in self.columns])

    @lazy_property
    def faults(self) -> Faults:
        if self._faults is not None:
            return self._faults
        return joined_faults([(column.faults, len(column)) for column in self.columns])

    @lazy_property
    def longest_text(self) -> int:
        return max((column.longest_text for column in self.columns), default=0)

    @lazy_property
    def is_full(self) -> bool:
        return all(column.is_full for column in self.columns)

    @lazy_property
    def vector(self) -> Any:
        vectors = [column.vector for column in self.columns]
        if all(isinstance(each, pa.StringArray) for each in vectors):
            return pa.concat_arrays(vectors)
        kinds = {each.dtype for each in vectors if isinstance(each, np.ndarray)}
        alike = len(kinds) == 1 and all(isinstance(each, np.ndarray) for each in vectors)
        return np.concatenate(vectors) if alike else None

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        if function not in self._applied:
            self._applied[function] = pa.concat_arrays(
                [column.apply(function) for column in self.columns]
            )
        return self._applied[function]

    def to_arrow(self, column_type: ColumnType) -> Any:
        return pa.concat_arrays([column.to_arrow(column_type) for column in self.columns])

    def to_python(self, absent: Any) -> list[Any]:
        return [value for column in self.columns for value in column.to_python(absent)]

    def member(self, name: str) -> Column:
        if name not in self._members:
            self._members[name] = concat_columns([column.member(name) for column in self.columns])
        return self._members[name]

    def list_parts(self) -> tuple[Ints, Column]:
        parts = [column.list_parts() for column in self.columns]
        lengths = np.concatenate([lengths for lengths, _ in parts])
        return lengths, concat_columns([elements for _, elements in parts])

    @lazy_property
    def _members(self) -> dict[str, Column]:
        return {}


Columns = Mapping[str, Column]
