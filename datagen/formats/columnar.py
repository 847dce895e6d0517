"""Turns records into Arrow tables for files of Parquet or Arrow: one schema for all emitters."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import AfterValidator

from datagen.batch import Batch, Group
from datagen.columns.column_type import ColumnType
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.encoding import Encoding, FileEncoder, Output
from datagen.formats.rendered import Payload, RecordTable
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.validation import Integer, invalid_value, quoted

_MAX_RECORDS = 10_000_000
_MAX_DEPTH = 60  # readers of Arrow give up at 64
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"  # a message of no bytes


def _record_count(value: int) -> int:
    if not 1 <= value <= _MAX_RECORDS:
        raise invalid_value(
            f"expected a number of records from 1 to {_MAX_RECORDS:,}, not {quoted(value)}"
        )
    return value


RecordCount = Annotated[Integer, AfterValidator(_record_count)]


class Columnar(Format):
    """The base of formats whose files are tables of columns."""

    needs_schema: ClassVar[bool] = True
    outputs: ClassVar[Output] = Output.FILES

    def compile(self, spec: Specification) -> Formatter:
        return TableFormatter(self, spec.record_schema)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        for text in column_problems(spec.record_schema.columns):
            yield (), text

    def notes(self, spec: Specification) -> Iterator[str]:
        yield from spec.record_schema.clashes()

    def encoder(self, schema: Any, stream: Any) -> FileEncoder:
        """Return the encoder of a file with an Arrow schema, which it writes to a binary stream."""
        raise NotImplementedError


@FORMATS.register
class Parquet(Columnar):
    """Row groups of columns, encoded and compressed."""

    type: Literal["parquet"] = "parquet"
    compression: Literal["zstd", "snappy", "gzip", "none"] = "zstd"
    row_group: RecordCount = 131_072
    ending = ".parquet"

    def encoder(self, schema: Any, stream: Any) -> FileEncoder:
        return ParquetEncoder(self, schema, stream)


@FORMATS.register
class Arrow(Columnar):
    """The file format of Arrow's interprocess communication, also known as Feather."""

    type: Literal["arrow"] = "arrow"
    compression: Literal["none", "lz4", "zstd"] = "none"
    batch: RecordCount = 65_536
    ending = ".arrow"

    def encoder(self, schema: Any, stream: Any) -> FileEncoder:
        return ArrowEncoder(self, schema, stream)


@FORMATS.register
class ArrowStream(Columnar):
    """The streaming format of Arrow's interprocess communication, for whoever reads stdout."""

    type: Literal["arrow_stream"] = "arrow_stream"
    batch: RecordCount = 32_768
    outputs: ClassVar[Output] = Output.STREAM

    def encoder(self, schema: Any, stream: Any) -> FileEncoder:
        return ArrowStreamEncoder(self, schema, stream)


class TableFormatter(Formatter):
    """Makes Arrow record batches with the columns of all emitters."""

    def __init__(self, form: Columnar, record_schema: RecordSchema) -> None:
        self._columns = record_schema.columns
        file_encoder = partial(form.encoder, arrow_schema(record_schema.columns))
        self.encoding = Encoding(is_json=False, has_newline=False, file_encoder=file_encoder)

    def render(self, batch: Batch) -> Payload:
        return RecordTable(record_batch(batch, self._columns), self.encoding)

    def empty(self) -> Payload:
        return RecordTable(no_records(self._columns), self.encoding)


class ParquetEncoder(FileEncoder):
    """Writes each piece as a row group."""

    def __init__(self, form: Parquet, schema: Any, stream: Any) -> None:
        from pyarrow import parquet  # noqa: PLC0415 - it takes 0.1 s

        self.max_records = form.row_group
        self._writer = parquet.ParquetWriter(stream, schema, compression=form.compression)

    def write_piece(self, records: Sequence[RecordTable]) -> None:
        table = pa.Table.from_batches([each.table for each in records])
        self._writer.write_table(table, row_group_size=max(len(table), 1))

    def write_footer(self) -> None:
        self._writer.close()

    def discard(self) -> None:
        self._writer.is_open = (
            False  # or it would try to write a footer when it is garbage-collected
        )


class ArrowEncoder(FileEncoder):
    """Writes each piece as a record batch."""

    def __init__(self, form: Arrow, schema: Any, stream: Any) -> None:
        self.max_records = form.batch
        codec = None if form.compression == "none" else form.compression
        options = pa.ipc.IpcWriteOptions(compression=codec)
        self._writer = pa.ipc.new_file(stream, schema, options=options)

    def write_piece(self, records: Sequence[RecordTable]) -> None:
        for batch in _whole(records):
            self._writer.write_batch(batch)

    def write_footer(self) -> None:
        self._writer.close()


class ArrowStreamEncoder(FileEncoder):
    """Writes the schema at once, and each piece as a record batch, each of them as one piece of bytes."""

    def __init__(self, form: ArrowStream, schema: Any, stream: Any) -> None:
        self.max_records = form.batch
        self._stream = stream
        self._stream.write(memoryview(schema.serialize()))

    def write_piece(self, records: Sequence[RecordTable]) -> None:
        for batch in _whole(records):
            self._stream.write(memoryview(batch.serialize()))

    def write_footer(self) -> None:
        self._stream.write(memoryview(_END_OF_STREAM))


def _whole(records: Sequence[RecordTable]) -> list[Any]:
    """Return tables as one, a list of at most one record batch."""
    parts = [each.table for each in records]
    # one alone would be written with the bytes by which its buffers are longer than needed
    table = pa.Table.from_batches([*parts, parts[0].slice(0, 0)])
    batches: list[Any] = table.combine_chunks().to_batches()
    return batches


def column_problems(columns: Mapping[str, ColumnType]) -> Iterator[str]:
    """Yield what no file of columns can hold: names that are not Unicode, and too deep a nesting."""
    for name, column_type in columns.items():
        if _depth(column_type) > _MAX_DEPTH:
            yield f"the field {quoted(name)} is nested more than {_MAX_DEPTH} deep"
        for each in (name, *_names(column_type)):
            if not each.isascii() and any("\ud800" <= character <= "\udfff" for character in each):
                yield f"{quoted(each)} is not a valid column name: it contains a lone surrogate"


def _depth(column_type: ColumnType) -> int:
    below = [part for _, part in column_type.members if column_type.kind == "object"]
    below += [column_type.elements] if column_type.elements is not None else []
    return 1 + max(map(_depth, below), default=0)


def _names(column_type: ColumnType) -> Iterator[str]:
    for name, part in column_type.members if column_type.kind == "object" else ():
        yield name
        yield from _names(part)
    if column_type.elements is not None:
        yield from _names(column_type.elements)


def arrow_schema(columns: Mapping[str, ColumnType]) -> Any:
    """Return the Arrow schema of columns."""
    return pa.schema([(name, column_type.arrow_type) for name, column_type in columns.items()])


def record_batch(batch: Batch, columns: Mapping[str, ColumnType]) -> Any:
    """Return the records of a batch, in order, as an Arrow record batch; what a record lacks is null."""
    if not batch.groups:
        return no_records(columns)
    schema = arrow_schema(columns)
    structs = [_struct(group, columns, schema) for group in batch.groups]
    return pa.RecordBatch.from_struct_array(in_order(batch, structs))


def no_records(columns: Mapping[str, ColumnType]) -> Any:
    """Return an Arrow record batch of no records."""
    return pa.RecordBatch.from_pylist([], schema=arrow_schema(columns))


def _struct(group: Group, columns: Mapping[str, ColumnType], schema: Any) -> Any:
    """Return the records of one emitter as an Arrow array of structs."""
    arrays = []
    for name, column_type in columns.items():
        column = group.column(name)
        arrays.append(
            pa.nulls(len(group.rows), column_type.arrow_type)
            if column is None
            else column.to_arrow(column_type)
        )
    return pa.StructArray.from_arrays(arrays, fields=list(schema))
