"""Turns columns into the values of expressions as Python holds them."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.column import ABSENT, Column
from datagen.columns.column_type import ColumnType
from datagen.language.values import loading

_BY_ARROW = ("int", "float", "bool", "text")


def values_of(column: Column, column_type: ColumnType) -> list[Any]:
    """Return the value of each row as `values` describes it; what is missing is null."""
    if column_type.kind in _BY_ARROW:
        values: list[Any] = column.to_arrow(column_type).to_pylist()
        return values
    if column_type.kind == "instant":
        micros: list[Any] = pc.cast(column.to_arrow(column_type), pa.int64()).to_pylist()
        return micros
    load = loading(column_type)
    found = [None if each is ABSENT else each for each in column.to_python(ABSENT)]
    return found if load is None else [None if each is None else load(each) for each in found]
