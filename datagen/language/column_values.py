"""Turns columns into the values of expressions as Python holds them, and back."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.column import ABSENT, Column, GatheredColumn
from datagen.columns.column_type import ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import Style
from datagen.language.values import loading

_TRUTHS = LiteralColumn([False, True], lasting=True)
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


def column_of(values: list[Any], column_type: ColumnType, style: Style) -> Column:
    """Return a column of values, without instants within lists and objects."""
    if column_type.kind not in ("int", "float", "bool", "text", "instant"):
        return LiteralColumn(values)
    nulls = np.array([each is None for each in values], dtype=bool)
    filled: list[Any] = [_FILLERS[column_type.kind] if each is None else each for each in values]
    match column_type.kind:
        case "int":
            column: Column = IntColumn(np.array(filled, dtype=np.int64))
        case "float":
            column = FloatColumn(np.array(filled, dtype=np.float64))
        case "instant":
            column = InstantColumn(np.array(filled, dtype=np.int64), style)
        case "bool":
            return GatheredColumn(_TRUTHS, np.where(nulls, -1, np.array(filled, dtype=np.int64)))
        case _:
            texts = [each.encode("utf-8", "replace").decode() for each in filled]
            column = TextColumn(pa.array(texts, pa.string()))
    return column.with_nulls(nulls)


_FILLERS = {"int": 0, "float": 0.0, "bool": False, "text": "", "instant": 0}
