"""Gathers rows of several columns at once."""

from collections.abc import Sequence

from datagen.arrays import Ints
from datagen.columns.column import Column, GatheredColumn
from datagen.columns.pieces import taken


def take_all(columns: Sequence[Column], rows: Ints) -> list[Column]:
    """Return these rows of each column, int64[n]: -1 is null, -2 missing. What shares an index still does."""
    indices: dict[int, Ints] = {}
    gathered: list[Column] = []
    for column in columns:
        source, index = column.origin
        if index is not None and id(index) not in indices:
            indices[id(index)] = taken(index, rows)
        gathered.append(GatheredColumn(source, rows if index is None else indices[id(index)]))
    return gathered
