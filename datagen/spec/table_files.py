"""Reads a file of rows whole, as a table: typed columns, of which none is a clock."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.column import ABSENT, MISSING, Column
from datagen.columns.column_type import ColumnType, union
from datagen.columns.literal import nulls
from datagen.fields.tables import joined_columns
from datagen.sources import SOURCES
from datagen.sources.base import (
    FILE_START,
    MAX_READ_BYTES,
    Chunk,
    ReadOptions,
    Rows,
    Source,
    SourceError,
)
from datagen.sources.json_columns import json_column
from datagen.sources.jsonlines import ObjectRows
from datagen.sources.moving import TimeField
from datagen.sources.time_parsing import time_parser

MAX_ROWS = 5_000_000
_NO_CLOCK = TimeField("\0", time_parser("iso"))  # no column has such a name
_KINDS = {  # of cells, by what all of them match; a number with a zero before it is a text, such as a postcode
    "int": r"^(|-?(0|[1-9][0-9]{0,17}))$",
    "float": r"^(|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)$",
    "bool": r"^(|true|false)$",
}


@dataclass(frozen=True)
class TableRows:
    """The n rows of a table: a column and a type for each name."""

    columns: Mapping[str, Column]
    types: Mapping[str, ColumnType]
    rows: int


def read_table(file: str, kind: str, delimiter: str, types: Mapping[str, str]) -> TableRows:
    """Return the rows of a file of a source format; `types` are those asked for, by name.

    Those of cells without one are found: int, float, bool or text. Raises SourceError.
    """
    options = ReadOptions(_NO_CLOCK, types, (), delimiter)
    source = SOURCES[kind](file, options, io.BytesIO())
    try:
        names = source.names
        chunks: list[Chunk] = []
        total = 0
        for chunk in source.chunks(FILE_START, lambda: MAX_READ_BYTES):
            if chunk.problem:
                raise source.error(chunk.location(len(chunk)), chunk.problem)
            chunks.append(chunk)
            total += len(chunk)
            if total > MAX_ROWS:
                raise SourceError(file, f"has more than {MAX_ROWS:,} rows")
    finally:
        source.close()
    if not total:
        raise SourceError(file, "has no rows")
    cells = kind in ("csv", "tsv")
    if cells and names is not None:
        source.read_as(ReadOptions(_NO_CLOCK, {**_kinds_of(chunks, names), **types}, (), delimiter))
    return _joined([_part(source, chunk) for chunk in chunks])


def rows_of(objects: Sequence[Mapping[str, object]]) -> TableRows:
    """Return rows that a specification lists."""
    rows = ObjectRows([dict(each) for each in objects], ReadOptions(_NO_CLOCK, {}))
    return TableRows(_columns(rows), rows.column_types(), len(rows))


def _kinds_of(chunks: Sequence[Chunk], names: Sequence[str]) -> dict[str, str]:
    """Return of which type all cells of each column are, those of texts left out."""
    kinds: dict[str, str] = {}
    for name in names:
        cells = [chunk.rows.to_arrow().column(name) for chunk in chunks]
        if all(_is_blank(each) for each in cells):
            continue
        for kind, pattern in _KINDS.items():
            if all(
                pc.all(pc.match_substring_regex(each, pattern)).as_py() in (True, None)
                for each in cells
            ):
                kinds[name] = kind
                break
    return kinds


def _is_blank(cells: pa.Array) -> bool:
    return pc.all(pc.equal(cells, "")).as_py() in (True, None)


def _part(source: Source, chunk: Chunk) -> TableRows:
    rows = chunk.rows.read_as(source.options)
    _, problem = rows.field_groups(np.zeros(len(rows), dtype=np.int64))
    if problem is not None:
        raise source.error(chunk.location(problem.row), problem.text)
    return TableRows(_columns(rows), rows.column_types(), len(rows))


def _columns(rows: Rows) -> dict[str, Column]:
    """Return a column for each name; a field that a row does not have is missing there."""
    if isinstance(rows, ObjectRows):
        names = dict.fromkeys(name for record in rows.records for name in record)
        return {
            name: json_column([record.get(name, ABSENT) for record in rows.records])[0]
            for name in names
        }
    groups, _ = rows.field_groups(np.zeros(len(rows), dtype=np.int64))
    return dict(groups[0].columns)


def _joined(parts: Sequence[TableRows]) -> TableRows:
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns = {
        name: joined_columns([part.columns.get(name) or _missing(part.rows) for part in parts])
        for name in names
    }
    types = {
        name: union(part.types[name] for part in parts if name in part.types) for name in names
    }
    return TableRows(columns, types, sum(part.rows for part in parts))


def _missing(rows: int) -> Column:
    return nulls(rows).take(np.full(rows, MISSING))
