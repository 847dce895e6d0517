"""Turns JSON values into columns, and compares their types with those of columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columns.column import ABSENT, MISSING, NULL, Column, concat_columns
from datagen.columns.column_type import NOTHING, ColumnType, type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.base import DECLARABLE_TYPES


def json_column(values: Sequence[Any]) -> tuple[Column, int | None]:
    """Return the column of JSON values, ABSENT among them, and the first row with an infinite number."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return _uniform_column(next(iter(kinds)), values)
    index = np.empty(len(values), dtype=np.int64)
    parts: list[Column] = []
    before, infinite = 0, []
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        rows = [row for row, value in enumerate(values) if type(value) is kind]
        if kind in (type(None), type(ABSENT)):
            index[rows] = NULL if kind is type(None) else MISSING
            continue
        column, row = _uniform_column(kind, [values[row] for row in rows])
        infinite += [] if row is None else [rows[row]]
        index[rows] = np.arange(before, before + len(rows))
        before += len(rows)
        parts.append(column)
    return concat_columns(parts or [LiteralColumn([])]).take(index), min(infinite, default=None)


def has_type(value: Any, kind: str) -> bool:
    """Return whether a value is of a type that `types` can ask for."""
    column_type = type_of_value(value)
    return (
        union([column_type, DECLARABLE_TYPES[kind]]) == DECLARABLE_TYPES[kind]
        and column_type != NOTHING
    )


def includes(known: ColumnType | None, column_type: ColumnType) -> bool:
    """Return whether a column of a type can hold all values of another."""
    if known is None:
        return False
    if column_type.kind == "nothing" or known.kind == "json":
        return True
    if known.elements is not None and column_type.elements is not None:
        return includes(known.elements, column_type.elements)
    members = dict(known.members)
    inside = all(includes(members.get(name), member) for name, member in column_type.members)
    kinds = known.kind, column_type.kind
    return inside and (known.kind == column_type.kind or kinds == ("float", "int"))


def _uniform_column(kind: type, values: Sequence[Any]) -> tuple[Column, int | None]:
    """Return the column of values of one Python type, and the first that holds an infinite number."""
    if kind in (type(None), type(ABSENT)):
        filler = NULL if kind is type(None) else MISSING
        return LiteralColumn([]).take(np.full(len(values), filler)), None
    if kind is float:
        floats = np.array(values, dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(floats))
        return FloatColumn(floats), int(bad[0]) if len(bad) else None
    if kind in _COLUMNS:
        try:
            return _COLUMNS[kind](values), None
        except (OverflowError, UnicodeEncodeError):  # beyond 64 bits, half a surrogate pair
            return LiteralColumn(values), None
    infinite = (row for row, value in enumerate(values) if _holds_infinity(value))
    return LiteralColumn(values), next(infinite, None)


_COLUMNS: Mapping[type, Callable[[Sequence[Any]], Column]] = {
    bool: lambda values: LiteralColumn([False, True]).take(np.array(values, dtype=np.int64)),
    int: lambda values: IntColumn(np.array(values, dtype=np.int64)),
    str: lambda values: TextColumn(pa.array(values, pa.string())),
}


def _holds_infinity(value: Any) -> bool:
    """Return whether a value holds a number beyond the largest double."""
    if isinstance(value, float):
        return not np.isfinite(value)
    below = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(map(_holds_infinity, below))
