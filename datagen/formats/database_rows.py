"""Turns records into rows of tables for a database: one table for each emitter, with columns of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.batch import Batch, Group
from datagen.columns.column_type import JSON, TEXT, ColumnType
from datagen.errors import Path
from datagen.formats.base import Format, Formatter
from datagen.formats.emitter_tables import EmitterTables
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import NO_INTS, Payload, RecordTables
from datagen.spec.record_schema import Specification
from datagen.validation import quoted

_NUL, _REPLACEMENT = "\0", "\N{REPLACEMENT CHARACTER}"
_NESTED = ("object", "list", "json")
Columns = Mapping[str, ColumnType]


class DatabaseRows(Format):
    """Rows of tables; what is nested is JSON text. Made by the targets that have tables: no specification names it."""

    type: Literal["rows of tables"] = "rows of tables"
    keeps_nul: bool = False  # else another character is in the place of each
    needs_schema: ClassVar[bool] = True
    outputs: ClassVar[Output] = Output.TABLES

    def compile(self, spec: Specification) -> Formatter:
        return RowFormatter(flat_columns(spec), keeps_nul=self.keeps_nul)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        names = {name for columns in spec.record_schema.emitters.values() for name in columns}
        for name in (*spec.record_schema.emitters, *sorted(names)):
            if any("\ud800" <= character <= "\udfff" for character in name):
                yield (), f"{quoted(name)} contains a lone surrogate, which no database can hold"

    def notes(self, spec: Specification) -> Iterator[str]:
        yield from spec.record_schema.clashes()


def flat_columns(spec: Specification) -> Mapping[str, Columns]:
    """Return the columns of the table of each emitter: of what is nested, the type is `json`."""
    return {
        emitter: {
            name: JSON if column_type.kind in _NESTED else column_type
            for name, column_type in columns.items()
        }
        for emitter, columns in spec.record_schema.emitters.items()
    }


class RowFormatter(Formatter):
    """Makes an Arrow record batch of the records of each emitter."""

    def __init__(self, columns: Mapping[str, Columns], *, keeps_nul: bool) -> None:
        self._columns, self._keeps_nul = columns, keeps_nul
        self.encoding = Encoding(is_json=False, has_newline=False, columns=columns)

    def render(self, batch: Batch) -> Payload:
        table_of, row_of = np.empty((2, len(batch)), dtype=np.int64)
        for place, group in enumerate(batch.groups):
            table_of[group.rows], row_of[group.rows] = place, np.arange(len(group.rows))
        names = tuple(group.emitter for group in batch.groups)
        tables = tuple(self._table(group) for group in batch.groups)
        return RecordTables(EmitterTables(names, tables, table_of, row_of), self.encoding)

    def empty(self) -> Payload:
        return RecordTables(EmitterTables((), (), NO_INTS, NO_INTS), self.encoding)

    def _table(self, group: Group) -> Any:
        columns = self._columns[group.emitter]
        arrays = [self._array(group, *each) for each in columns.items()]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _array(self, group: Group, name: str, column_type: ColumnType) -> Any:
        column = group.column(name)
        if column is None:
            return pa.nulls(len(group.rows), column_type.arrow_type)
        array = column.to_arrow(column_type)
        is_text = column_type.kind in (TEXT.kind, "nothing")  # JSON has no NUL, only \u0000
        return array if self._keeps_nul or not is_text else without_nul(array)


def without_nul(texts: Any) -> Any:
    """Return texts, an Arrow array of strings, with U+FFFD in the place of each NUL."""
    data = texts.buffers()[2]
    if data is None or np.frombuffer(data, dtype=np.uint8).all():
        return texts
    return pc.replace_substring(texts, pattern=_NUL, replacement=_REPLACEMENT)
