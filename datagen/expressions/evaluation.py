"""Turns an expression over fields into its value for each record: by arrays, else value by value.

A null means that Python would raise an error at this record. It stays null in what is computed from it;
whoever finds it renders that record by itself, and so learns what is wrong.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns import json_text
from datagen.columns.column import ABSENT, Column, Columns
from datagen.columns.combinations import combinations
from datagen.expressions.nodes import Expression
from datagen.expressions.vectors import NotVectorizable, Rows, to_booleans, to_texts

_MAX_CACHED, _MAX_CHARACTERS = 100_000, 20_000_000
_SIMPLE = frozenset((str, int, float, bool, type(None), type(ABSENT)))


class CachedFunction:
    """A function of values that remembers its results."""

    def __init__(self, compute: Callable[..., Any]) -> None:
        self._compute = compute
        self._results: dict[Any, Any] = {}
        self._characters = 0

    def __call__(self, *values: Any) -> Any:
        types = tuple(map(type, values))
        if not _SIMPLE.issuperset(types):
            return self._compute(*values)
        key = values, types
        if key in self._results:
            return self._results[key]
        if len(self._results) >= _MAX_CACHED or self._characters > _MAX_CHARACTERS:
            self._results.clear()
            self._characters = 0
        result = self._results[key] = self._compute(*values)
        self._characters += len(result) if isinstance(result, str) else 0
        return result


class Evaluation:
    """An expression over the fields `names`, evaluated as an Arrow array of texts or booleans.

    `compute` gives the same for single values, in this order, for null (None) and for a missing field
    (ABSENT); it gives None where Python raises an error.
    """

    def __init__(
        self,
        expression: Expression,
        names: Sequence[str],
        compute: Callable[..., Any],
        arrow_type: Any,
    ) -> None:
        self.names = tuple(names)
        self._expression, self._compute = expression, CachedFunction(compute)
        self._arrow_type = arrow_type

    def evaluate(self, columns: Columns) -> Any:
        """Return the value of each row, null where Python raises an error."""
        if len(self.names) > 1:
            return self._values({name: columns[name] for name in self.names})
        column = columns[self.names[0]]
        values = column.apply(self._values_of_one)  # of each value of its source
        if not values.null_count:
            return values
        without_value, present = self._of_null, column.present
        if present is not None:
            without_value = pc.if_else(pa.array(present), without_value, self._of_missing)
        has_value = column.apply(_all_true).is_valid()  # what is gathered by no index stays null
        return pc.if_else(has_value, values, without_value)

    def _values_of_one(self, column: Column) -> Any:
        return self._values({self.names[0]: column})

    def _values(self, columns: Columns) -> Any:
        rows = Rows(columns, len(columns[self.names[0]]))
        for column in columns.values():
            has_value = column.apply(_all_true)
            if has_value.null_count:
                rows.doubt(to_booleans(has_value.is_null()))
        try:
            values = self._by_arrays(rows)
        except NotVectorizable:
            return self._one_by_one(columns, rows.count)
        if rows.doubtful is None:
            return values
        places = np.flatnonzero(rows.doubtful)
        doubted = {name: column.take(places) for name, column in columns.items()}
        found = self._one_by_one(doubted, len(places))
        return pc.replace_with_mask(values, pa.array(rows.doubtful), found)

    def _by_arrays(self, rows: Rows) -> Any:
        values = self._expression.evaluate(rows)
        if self._arrow_type == pa.bool_():
            return pa.array(np.full(rows.count, values) if np.isscalar(values) else values)
        if isinstance(values, str):
            return json_text.join(["", values], rows.count)
        return to_texts(values)

    def _one_by_one(self, columns: Columns, count: int) -> Any:
        given = [columns[name] for name in self.names]
        which = None
        if len(given) > 1 and (found := combinations((each.origin[1] for each in given), count)):
            firsts, which = found
            given = [each.take(firsts) for each in given]
        rows = zip(*(each.to_python(ABSENT) for each in given), strict=True)
        results = pa.array([self._compute(*row) for row in rows], self._arrow_type)
        return results if which is None else results.take(pa.array(which))

    @cached_property
    def _of_null(self) -> Any:
        return pa.scalar(self._compute(None), self._arrow_type)

    @cached_property
    def _of_missing(self) -> Any:
        return pa.scalar(self._compute(ABSENT), self._arrow_type)


def _all_true(column: Column) -> Any:
    return pa.array(np.ones(len(column), dtype=bool))
