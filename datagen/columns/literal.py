"""Columns of any JSON values, held as Python objects."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import MISSING, NULL, Column, GatheredColumn
from datagen.columns.column_type import ColumnType
from datagen.columns.format_spec import FormatSpec


class LiteralColumn(Column):
    """Any JSON values, null among them, as Python objects; usually few, which others gather by index."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = tuple(values)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def json_text(self) -> TextArray:
        return pa.array([json_text.of_value(value) for value in self.values], pa.string())

    @cached_property
    def text(self) -> TextArray:
        return pa.array([json_text.plain_text(value) for value in self.values], pa.string())

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        if function not in self._applied:
            texts = function(self)
            empty = [value is None for value in self.values]
            self._applied[function] = (
                pc.if_else(pa.array(empty), None, texts) if any(empty) else texts
            )
        return self._applied[function]

    def format(self, spec: FormatSpec) -> TextArray:
        if not spec.numeric:
            return super().format(spec)
        texts = [None if value is None else spec.format_value(value) for value in self.values]
        return pa.array(texts, pa.string())

    def to_arrow(self, column_type: ColumnType) -> Any:
        return pa.array(
            [column_type.for_arrow(value) for value in self.values], column_type.arrow_type
        )

    def to_python(self, absent: Any) -> list[Any]:
        del absent
        return list(self.values)

    def member(self, name: str) -> Column:
        if name not in self._members:
            self._members[name] = self._make_member(name)
        return self._members[name]

    def _make_member(self, name: str) -> Column:
        parts = [value.get(name) if isinstance(value, dict) else None for value in self.values]
        missing = [isinstance(value, dict) and name not in value for value in self.values]
        column = LiteralColumn(parts)
        return (
            column.take(np.where(missing, MISSING, np.arange(len(parts))))
            if any(missing)
            else column
        )

    @cached_property
    def _members(self) -> dict[str, Column]:
        return {}


def merged_literals(columns: Sequence[Column]) -> Column | None:
    """Return one column of the values of several, None where some hold other than literal values."""
    literals = [column for column in columns if isinstance(column, LiteralColumn)]
    if not literals or len(literals) < len(columns):
        return None
    if len(literals) == 1:
        return literals[0]
    return LiteralColumn([value for column in literals for value in column.values])


def nulls(rows: int) -> Column:
    """Return a column of nothing but nulls."""
    return GatheredColumn(LiteralColumn([]), np.full(rows, NULL))
