"""Writes some rows of a column as JSON, at the cost of these rows and not of all that they are gathered from."""

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.columns.column import MISSING, Column, ConcatenatedColumn
from datagen.columns.nested import LazyObjectColumn, ListColumn, ObjectColumn

# whole objects and lists have no distribution to hold them against
_WHOLE = {ListColumn: "[...]", ObjectColumn: "{...}", LazyObjectColumn: "{...}"}


def shown_texts(column: Column, rows: Ints) -> TextArray:
    """Return the JSON texts of rows, int64[n]: -1 is null, -2 missing. Objects and lists that are made anew are not written out."""
    source, index = column.origin
    if index is not None:
        rows = np.where(rows < 0, rows, index[np.maximum(rows, 0)])
    if source.lasting or not len(rows):
        return source.take(rows).json_text
    if isinstance(source, ConcatenatedColumn):
        return _of_parts(source, rows)
    for kind, text in _WHOLE.items():
        if isinstance(source, kind):
            texts = np.where(rows == MISSING, "", np.where(rows < 0, "null", text))
            return pa.array(texts, pa.string())
    present = np.unique(rows[rows >= 0])
    few = source.take(present).json_text
    places = np.where(rows < 0, len(few) - 1 - rows, np.searchsorted(present, rows))
    return pa.concat_arrays([few, pa.array(["null", ""], few.type)]).take(pa.array(places))


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
