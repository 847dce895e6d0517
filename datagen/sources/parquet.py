"""Turns Parquet, whose columns have types of which JSON has fewer, into records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
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
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.base import (
    Chunk,
    FieldGroup,
    ReadOptions,
    RecordPosition,
    Rows,
    Source,
    SourceError,
    consecutive_lines,
    why_unreadable,
)
from datagen.sources.moving import (
    Move,
    MovingField,
    MovingRead,
    TimeField,
    TimeMember,
    moving_fields,
    read_moving,
)
from datagen.sources.time_parsing import read_timestamps, read_values
from datagen.sources.times import (
    FIRST,
    Around,
    RowProblem,
    SourceTimes,
    TimeParser,
    TimesRead,
    first_problem,
)
from datagen.validation import quoted

_CHUNK_ROWS = 16_384  # of a chunk
_LARGEST = np.finfo(np.float64).max


class Parquet(Source):
    """A Parquet file."""

    label = "Parquet"
    needs_plain_file = True

    def __init__(self, file: str, options: ReadOptions, stdin: BinaryIO) -> None:
        del stdin
        super().__init__(file, options)

    @cached_property
    def names(self) -> tuple[str, ...]:
        for field in self._schema:
            if arrow_column_type(field.type) is None:
                text = f"the column {quoted(field.name)} is of the type {field.type}"
                raise SourceError(self.file, f"{text}, which has no equivalent in JSON")
            if self._schema.names.count(field.name) > 1:
                raise SourceError(self.file, f"has two columns {quoted(field.name)}")
        return tuple(self._schema.names)

    def holds_time(self, name: str) -> bool:
        if name in self.names:
            return True
        fields = self._schema
        for step in name.split("."):
            place = fields.get_field_index(step)
            if place < 0:
                return False
            kind = fields.field(place).type
            fields = kind if pa.types.is_struct(kind) else pa.struct([])
        return True

    @cached_property
    def _schema(self) -> Any:
        with self._file() as file:
            return file.schema_arrow

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        del size
        first = 0
        with self._file() as file:
            for batch in self._batches(file):
                last = first + batch.num_rows
                if last > begin.record:
                    part = batch.slice(max(begin.record - first, 0))
                    number = last - part.num_rows
                    lines = consecutive_lines(number + 1, part.num_rows)
                    yield Chunk(
                        ArrowRows(part, self.options), RecordPosition(number), lines, unit="row"
                    )
                first = last

    def count_records(self, read_bytes: int, records: int) -> float:
        del read_bytes, records
        with self._file() as file:
            return float(file.metadata.num_rows)

    def from_arrow(self, batch: Any) -> Rows:
        return ArrowRows(batch, self.options)

    def _batches(self, file: Any) -> Iterator[Any]:
        try:
            yield from file.iter_batches(batch_size=_CHUNK_ROWS, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _file(self) -> Any:
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - for those who read such files

        try:
            return ParquetFile(self.file, pre_buffer=False)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> SourceError:
        return SourceError(self.file, f"cannot be read as Parquet: {why_unreadable(error)}")


@dataclass(frozen=True)
class ArrowRows(Rows):
    """Records as an Arrow record batch."""

    batch: Any
    options: ReadOptions

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def slice(self, first: int, last: int) -> "ArrowRows":
        return ArrowRows(self.batch.slice(first, last - first), self.options)

    def take(self, rows: Ints) -> "ArrowRows":
        return ArrowRows(self.batch.take(pa.array(rows)), self.options)

    def read_as(self, options: ReadOptions) -> "ArrowRows":
        return replace(self, options=options)

    def times(self, around: Around = FIRST) -> TimesRead:
        field = self.options.clock
        return _read_times(field.parser, self._values(field.path(self.batch.schema.names)), around)

    def field_groups(
        self, clock: Ints | None = None
    ) -> tuple[tuple[FieldGroup, ...], RowProblem | None]:
        names = tuple(self.batch.schema.names)
        moving, problems = self._moving(clock)
        columns = {
            name: arrow_column(values)
            for name, values in zip(names, self.batch.columns, strict=True)
            if name != self.options.clock.name and name not in moving
        }
        return (FieldGroup(None, names, columns, moving),), first_problem(problems)

    def _moving(self, clock: Ints | None) -> tuple[dict[str, MovingField], list[RowProblem]]:
        """Return the columns that hold times besides the clock, and structs that hold times."""

        def read(field: TimeField, path: tuple[str, ...]) -> MovingRead:
            values = self._values(path)
            empty = values.is_null().to_numpy(zero_copy_only=False)
            some = values.filter(pa.array(~empty))
            index = np.where(empty, NULL, 0)
            return read_moving(field, index, partial(_read_times, field.parser, some), clock)

        def objects(name: str, members: tuple[TimeMember, ...]) -> MovingField:
            return _MovingStructs(self.batch.column(name), members)

        return moving_fields(self.options.times, self.batch.schema.names, read, objects)

    def _values(self, path: tuple[str, ...]) -> Any:
        """Return the values at a path."""
        name, *inner = path
        values = self.batch.column(name)
        for step in inner:
            values = pc.struct_field(values, [values.type.get_field_index(step)])
        return _plain_array(values)

    def column_types(self) -> dict[str, ColumnType]:
        times = {each.name for each in self.options.times}
        return {
            field.name: arrow_column_type(field.type) or NOTHING
            for field in self.batch.schema
            if field.name not in times
        }

    def to_arrow(self) -> Any:
        return pa.record_batch(list(map(_plain_array, self.batch.columns)), self.batch.schema.names)


@dataclass(frozen=True)
class _MovingStructs:
    """Structs some of whose members are times."""

    values: Any
    members: tuple[TimeMember, ...]
    column_type: None = None

    def take(self, rows: Ints) -> "_MovingStructs":
        values = self.values.take(pa.array(rows))
        return _MovingStructs(values, tuple(each.take(rows) for each in self.members))

    def times_of(self) -> Iterator[tuple[str, SourceTimes]]:
        for member in self.members:
            if member.times is not None:
                yield from member.times.times_of()

    def moved(self, move: Move) -> Column:
        values = self.values if move.rows is None else self.values.take(pa.array(move.rows))
        members = {
            each.path: move.clock.column() if each.times is None else each.times.moved(move)
            for each in self.members
        }
        return _struct_column(values, members)


def _read_times(parser: TimeParser, values: Any, around: Around) -> TimesRead:
    if pa.types.is_timestamp(values.type):
        return read_timestamps(values, parser.zone, around)
    if pa.types.is_string(values.type) and not values.null_count:
        return parser.read_texts(values, True, around)
    return read_values(parser, values.to_pylist(), around)


def arrow_column_type(kind: Any) -> ColumnType | None:
    """Return the column type of an Arrow type; None: JSON has no such values."""
    if pa.types.is_dictionary(kind):
        return arrow_column_type(kind.value_type)
    if pa.types.is_struct(kind):
        return _struct_type(kind)
    if _is_list(kind):
        elements = arrow_column_type(kind.value_type)
        return None if elements is None else list_type(elements)
    return next((column_type for is_one, column_type in _SIMPLE_TYPES if is_one(kind)), None)


_SIMPLE_TYPES = (
    (pa.types.is_null, NOTHING),
    (pa.types.is_boolean, BOOL),
    (pa.types.is_integer, INT),
    (pa.types.is_floating, FLOAT),
    (pa.types.is_timestamp, INSTANT),
    (pa.types.is_string, TEXT),
    (pa.types.is_large_string, TEXT),
    (pa.types.is_decimal, TEXT),
    (pa.types.is_date, TEXT),
    (pa.types.is_time, TEXT),
)


def _struct_type(kind: Any) -> ColumnType | None:
    """Return the type of objects; None where that of some member is none."""
    members = {field.name: arrow_column_type(field.type) for field in kind}
    known = {name: member for name, member in members.items() if member is not None}
    return object_type(known) if len(known) == len(members) else None


def _is_list(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def arrow_column(values: Any) -> Column:
    """Return the column of an Arrow array, of a type that has a column type."""
    values = _plain_array(values)
    column = _without_nulls(values)
    empty = values.is_null(nan_is_null=pa.types.is_floating(values.type))
    return column.with_nulls(empty.to_numpy(zero_copy_only=False))


def _plain_array(values: Any) -> Any:
    """Return an array without dictionaries and of few types of texts and lists."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _plain_array(values.dictionary_decode())
    if pa.types.is_large_string(kind) or _becomes_text(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pc.cast(values, pa.list_(kind.value_type))
    return values


def _becomes_text(kind: Any) -> bool:
    """Return whether JSON has only texts for the values of a type."""
    types = pa.types
    return any(is_one(kind) for is_one in (types.is_decimal, types.is_date, types.is_time))


def _without_nulls(values: Any) -> Column:  # noqa: PLR0911 - one line a type
    """Return the column of values, with anything where there is none."""
    kind, types = values.type, pa.types
    if types.is_null(kind):
        return nulls(len(values))
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
        times, outside = read_timestamps(filled)
        return TextColumn(pc.cast(filled, pa.string())) if outside else times.column()
    if types.is_struct(kind):
        return _objects(values, {})
    if types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy()
        return ListColumn(lengths.astype(np.int64), arrow_column(values.flatten()))
    return TextColumn(pc.fill_null(values, ""))


Members = Mapping[tuple[str, ...], Column]  # columns that replace some inside of structs, by path


def _struct_column(values: Any, members: Members) -> Column:
    """Return the column of structs, some members of which are given; null where the struct is."""
    empty = values.is_null().to_numpy(zero_copy_only=False)
    return _objects(values, members).with_nulls(empty)


def _objects(values: Any, members: Members) -> Column:
    columns: dict[str, Column] = {}
    for place, field in enumerate(values.type):
        inner = {path[1:]: each for path, each in members.items() if path[0] == field.name}
        part = pc.struct_field(values, [place])
        if () in inner:
            columns[field.name] = inner[()]
        else:
            columns[field.name] = _struct_column(part, inner) if inner else arrow_column(part)
    return ObjectColumn(list(columns), list(columns.values()), len(values))


def _integers(values: Any) -> Column:
    try:
        return IntColumn(pc.cast(values, pa.int64()).to_numpy())
    except pa.ArrowInvalid:  # beyond 63 bits
        return LiteralColumn(values.to_pylist())
