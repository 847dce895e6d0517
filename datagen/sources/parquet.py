"""Parquet: columns with types, of which JSON has fewer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    NOTHING,
    TEXT,
    ColumnType,
    list_type,
    object_type,
)
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.base import Chunk, Place, Rows, Section, Source, SourceError, Wanted, counted
from datagen.sources.time_parsing import Flaw, Read, of_timestamps, of_values
from datagen.validation import quoted

_ROWS = 16_384  # at once
_LARGEST = np.finfo(np.float64).max


class Parquet(Source):
    """A Parquet file."""

    def __init__(self, file: str, wanted: Wanted, stdin: BinaryIO) -> None:
        del stdin
        super().__init__(file, wanted)

    @cached_property
    def names(self) -> tuple[str, ...]:
        for field in self._schema:
            if column_type_of(field.type) is None:
                text = f"the column {quoted(field.name)} is of the type {field.type}"
                raise SourceError(self.file, f"{text}, which JSON has nothing for")
            if self._schema.names.count(field.name) > 1:
                raise SourceError(self.file, f"has two columns {quoted(field.name)}")
        return tuple(self._schema.names)

    @cached_property
    def _schema(self) -> Any:
        with self._file() as file:
            return file.schema_arrow

    def column_types(self, rows: Rows) -> dict[str, ColumnType]:
        del rows
        return {
            field.name: column_type_of(field.type) or NOTHING
            for field in self._schema
            if field.name != self.wanted.time_field
        }

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        del size
        first = 0
        with self._file() as file:
            for batch in self._batches(file):
                last = first + batch.num_rows
                if last > begin.record:
                    part = batch.slice(max(begin.record - first, 0))
                    number = last - part.num_rows
                    lines = counted(number + 1, part.num_rows)
                    yield Chunk(ArrowRows(part, self.wanted), Place(number), lines, unit="row")
                first = last

    def restored(self, stored: Any) -> Rows:
        return ArrowRows(stored, self.wanted)

    def _batches(self, file: Any) -> Iterator[Any]:
        try:
            yield from file.iter_batches(batch_size=_ROWS, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _file(self) -> Any:
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - for those who read such files

        try:
            return ParquetFile(self.file, pre_buffer=False)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> SourceError:
        reason = getattr(error, "strerror", None) or str(error).split("\n", maxsplit=1)[0]
        return SourceError(self.file, f"cannot be read as Parquet: {reason}")


@dataclass(frozen=True)
class ArrowRows:
    """Records as an Arrow record batch."""

    batch: Any
    wanted: Wanted

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def slice(self, first: int, last: int) -> "ArrowRows":
        return ArrowRows(self.batch.slice(first, last - first), self.wanted)

    def take(self, rows: Ints) -> "ArrowRows":
        return ArrowRows(self.batch.take(pa.array(rows)), self.wanted)

    def times(self) -> Read:
        values = _plain(self.batch.column(self.wanted.time_field))
        if pa.types.is_timestamp(values.type):
            return of_timestamps(values)
        if pa.types.is_string(values.type) and not values.null_count:
            return self.wanted.time_format.of_texts(values, quoted=True)
        return of_values(self.wanted.time_format, values.to_pylist())

    def sections(self) -> tuple[tuple[Section, ...], Flaw | None]:
        names = tuple(self.batch.schema.names)
        columns = {
            name: column_of(values)
            for name, values in zip(names, self.batch.columns, strict=True)
            if name != self.wanted.time_field
        }
        return (Section(None, names, columns),), None

    def stored(self) -> Any:
        return pa.record_batch(list(map(_plain, self.batch.columns)), self.batch.schema.names)


def column_type_of(kind: Any) -> ColumnType | None:  # noqa: PLR0911 - one line a type
    """Return the column type of an Arrow type; None: there is no such value."""
    types = pa.types
    if types.is_null(kind):
        return NOTHING
    if types.is_boolean(kind):
        return BOOL
    if types.is_integer(kind):
        return INT
    if types.is_floating(kind):
        return FLOAT
    if types.is_dictionary(kind):
        return column_type_of(kind.value_type)
    if types.is_timestamp(kind):
        return INSTANT
    if types.is_struct(kind):
        members = {field.name: column_type_of(field.type) for field in kind}
        known = {
            name: column_type for name, column_type in members.items() if column_type is not None
        }
        return object_type(known) if len(known) == len(members) else None
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        elements = column_type_of(kind.value_type)
        return None if elements is None else list_type(elements)
    text = (types.is_string, types.is_large_string, types.is_decimal, types.is_date, types.is_time)
    return TEXT if any(is_one(kind) for is_one in text) else None


def column_of(values: Any) -> Column:
    """Return the column of an Arrow array of a type that has a column_type."""
    values = _plain(values)
    column = _without_nulls(values)
    empty = values.is_null(nan_is_null=pa.types.is_floating(values.type))
    if not pc.any(empty).as_py():
        return column
    mask = empty.to_numpy(zero_copy_only=False)
    return column.take(np.where(mask, NULL, np.arange(len(values))))


def _plain(values: Any) -> Any:
    """Return an array without dictionaries and of few types of texts and lists."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _plain(values.dictionary_decode())
    if pa.types.is_large_string(kind) or _written(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pc.cast(values, pa.list_(kind.value_type))
    return values


def _written(kind: Any) -> bool:
    """Return whether values of a type become texts."""
    types = pa.types
    return any(is_one(kind) for is_one in (types.is_decimal, types.is_date, types.is_time))


def _without_nulls(values: Any) -> Column:  # noqa: PLR0911 - one line a type
    """Return the column of values; what stands where there is none means nothing."""
    kind, types = values.type, pa.types
    if types.is_null(kind):
        return LiteralColumn([None] * len(values))
    if types.is_boolean(kind):
        numbers = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
        return LiteralColumn([False, True]).take(numbers.astype(np.int64))
    if types.is_integer(kind):
        return _integers(pc.fill_null(values, 0))
    if types.is_floating(kind):
        floats = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False).astype(np.float64)
        return FloatColumn(np.clip(np.nan_to_num(floats, nan=0.0), -_LARGEST, _LARGEST))
    if types.is_timestamp(kind):
        filled = pc.fill_null(values, pa.scalar(0, pa.int64()).cast(kind))
        stamps, outside = of_timestamps(filled)
        return TextColumn(pc.cast(filled, pa.string())) if outside else stamps.column()
    if types.is_struct(kind):
        parts = {
            field.name: column_of(pc.struct_field(values, [n])) for n, field in enumerate(kind)
        }
        return ObjectColumn(list(parts), list(parts.values()), len(values))
    if types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy()
        return ListColumn(lengths.astype(np.int64), column_of(values.flatten()))
    return TextColumn(pc.fill_null(values, ""))


def _integers(values: Any) -> Column:
    try:
        return IntColumn(pc.cast(values, pa.int64()).to_numpy())
    except pa.ArrowInvalid:  # beyond 63 bits
        return LiteralColumn(values.to_pylist())
