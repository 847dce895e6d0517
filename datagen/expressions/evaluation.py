"""Turns an expression over a field into its value for each record: by arrays, else value by value.

A null means that Python would raise an error at this record. It stays null in what is computed from it;
whoever finds it renders that record by itself, and so learns what is wrong.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns import json_text
from datagen.columns.column import ABSENT, Column, Columns
from datagen.columns.literal import LiteralColumn
from datagen.expressions.nodes import Expression
from datagen.expressions.vectors import NotVectorizable, to_texts

_MAX_CACHED, _MAX_CHARACTERS = 100_000, 20_000_000


class CachedFunction:
    """A function of one value that remembers its results."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self._compute = compute
        self._results: dict[tuple[type, Any], Any] = {}
        self._characters = 0

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, str | int | float):
            return self._compute(value)
        key = type(value), value
        if key not in self._results:
            if len(self._results) >= _MAX_CACHED or self._characters > _MAX_CHARACTERS:
                self._results.clear()
                self._characters = 0
            result = self._results[key] = self._compute(value)
            self._characters += len(result) if isinstance(result, str) else 0
        return self._results[key]


class Evaluation:
    """An expression over the field `name`, evaluated as an Arrow array of texts or booleans.

    `compute` gives the same for a single value, for null (None) and for a missing field (ABSENT);
    it gives None where Python raises an error.
    """

    def __init__(
        self, expression: Expression, name: str, compute: Callable[[Any], Any], arrow_type: Any
    ) -> None:
        self.name = name
        self._expression, self._compute = expression, CachedFunction(compute)
        self._arrow_type = arrow_type

    def evaluate(self, columns: Columns) -> Any:
        """Return the value of each row, null where Python raises an error."""
        column = columns[self.name]
        values = column.apply(self._values)
        if not values.null_count:
            return values
        without_value, present = self._of_null, column.present
        if present is not None:
            without_value = pc.if_else(pa.array(present), without_value, self._of_missing)
        has_value = column.apply(_all_true).is_valid()  # what is gathered by no index stays null
        return pc.if_else(has_value, values, without_value)

    def _values(self, column: Column) -> Any:
        if not isinstance(column, LiteralColumn):  # which has values of any type, and nulls
            try:
                return self._by_arrays(column)
            except NotVectorizable:
                pass
        return pa.array(list(map(self._compute, column.to_python(ABSENT))), self._arrow_type)

    def _by_arrays(self, column: Column) -> Any:
        rows = len(column)
        values = self._expression.evaluate({self.name: column}, rows)
        if self._arrow_type == pa.bool_():
            return pa.array(np.full(rows, values) if np.isscalar(values) else values)
        return json_text.join(["", values], rows) if isinstance(values, str) else to_texts(values)

    @cached_property
    def _of_null(self) -> Any:
        return pa.scalar(self._compute(None), self._arrow_type)

    @cached_property
    def _of_missing(self) -> Any:
        return pa.scalar(self._compute(ABSENT), self._arrow_type)


def _all_true(column: Column) -> Any:
    return pa.array(np.ones(len(column), dtype=bool))
