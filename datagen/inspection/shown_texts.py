"""Writes some rows of a column as JSON, at the cost of these rows and not of all that they are gathered from."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns.column import MISSING, Column, ConcatenatedColumn
from datagen.columns.nested import LazyObjectColumn, ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn, UuidColumn

LENGTH = "length "  # what stands before that of a list
# whole objects have no distribution to hold them against
_WHOLE = (ObjectColumn, LazyObjectColumn)
# some rows of a column as one of its kind: int64[n]
_SOME: dict[type[Column], Callable[[Any, Ints], Column]] = {
    IntColumn: lambda column, rows: IntColumn(column.values[rows]),
    FloatColumn: lambda column, rows: FloatColumn(column.values[rows]),
    TextColumn: lambda column, rows: TextColumn(column.values.take(pa.array(rows))),
    InstantColumn: lambda column, rows: InstantColumn(column.values[rows], column.style),
    UuidColumn: lambda column, rows: UuidColumn(column.high[rows], column.low[rows]),
}


def shown_texts(column: Column, rows: Ints) -> TextArray:
    """Return the JSON texts of rows, int64[n]: -1 is null, -2 missing. Of lists that are made anew these are lengths; objects are not written out."""
    source, index = column.origin
    if index is not None:
        rows = np.where(rows < 0, rows, index[np.maximum(rows, 0)])
    if source.lasting or not len(rows):
        return source.take(rows).json_text
    if isinstance(source, ConcatenatedColumn):
        return _of_parts(source, rows)
    if isinstance(source, ListColumn):
        numbers = shown_texts(IntColumn(source.lengths), rows)
        lengths = pc.binary_join_element_wise(LENGTH, numbers, "")
        return pc.if_else(pa.array(rows >= 0), lengths, numbers)
    if isinstance(source, _WHOLE):
        texts = np.where(rows == MISSING, "", np.where(rows < 0, "null", "{...}"))
        return pa.array(texts, pa.string())
    some = _SOME.get(type(source), Column.take)
    if rows.min() >= 0:
        return some(source, rows).json_text
    present = rows >= 0
    texts = some(source, rows[present]).json_text
    places = np.where(present, np.cumsum(present) - 1, len(texts) - 1 - rows)
    return pa.concat_arrays([texts, pa.array(["null", ""], texts.type)]).take(pa.array(places))


def _of_parts(source: ConcatenatedColumn, rows: Ints) -> TextArray:
    """Return the same of columns one after the other."""
    ends = np.cumsum([len(each) for each in source.columns])
    owners = np.searchsorted(ends, rows, side="right")
    order = np.argsort(owners, kind="stable")
    texts = []
    for owner in np.unique(owners).tolist():
        own = rows[order][owners[order] == owner]
        begin = int(ends[owner] - len(source.columns[owner]))
        texts.append(shown_texts(source.columns[owner], np.where(own < 0, own, own - begin)))
    back = np.empty(len(rows), dtype=np.int64)
    back[order] = np.arange(len(rows))
    return pa.concat_arrays(texts).take(pa.array(back))
