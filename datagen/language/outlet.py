"""Turns vectors into the columns of records."""

from typing import Any

import numpy as np

from datagen.columns.column import NULL, Column
from datagen.columns.column_type import NOTHING, ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.instants import Style
from datagen.language.values import has_instants
from datagen.language.vectors import Vector, as_objects, from_list


def to_column(vector: Vector, column_type: ColumnType, style: Style) -> Column:
    """Return the column of values of a type; instants are written in a style, also within lists and objects."""
    if column_type.kind in ("list", "object") and has_instants(column_type):
        return _nested(as_objects(vector).or_none(), column_type, style)
    return vector.column(style)


def column_of(values: list[Any], column_type: ColumnType, style: Style) -> Column:
    """Return the column of Python objects of a type, null as None, as expressions have them."""
    return to_column(from_list(values, column_type), column_type, style)


def _nested(values: list[Any], column_type: ColumnType, style: Style) -> Column:
    there = [value is not None for value in values]
    if column_type.kind == "list":
        elements = [each for value in values for each in value or ()]
        lengths = np.array([len(value or ()) for value in values], dtype=np.int64)
        inner = column_of(elements, column_type.elements or NOTHING, style)
        column: Column = ListColumn(lengths, inner)
    else:
        members = [
            column_of([value and value.get(name) for value in values], member, style)
            for name, member in column_type.members
        ]
        names = [name for name, _ in column_type.members]
        column = ObjectColumn(names, members, len(values))
    if all(there):
        return column
    return column.take(np.where(there, np.arange(len(values)), NULL))
