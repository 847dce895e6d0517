"""The node of expressions that calls a function of the language by columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.expressions.nodes import Expression, PlainText
from datagen.expressions.vectors import NotVectorizable, Rows, Vector, to_booleans


class Found(Protocol):
    """The values of a function, and where it has none: bool[n], None for nowhere."""

    @property
    def column(self) -> Column: ...

    @property
    def faults(self) -> Mask | None: ...


Compute = Callable[[Callable[[str], Column], int], Found]


@dataclass(frozen=True, eq=False)
class FunctionCall:
    """A function of values of these kinds, which it knows as a0, a1, ...; `compute` returns what it is now."""

    operands: tuple[tuple[Expression, str], ...]
    compute: Callable[[], Compute]

    def evaluate(self, rows: Rows) -> Vector:
        columns = {
            f"a{place}": _column(rows, expression, kind)
            for place, (expression, kind) in enumerate(self.operands)
        }
        found = self.compute()(columns.__getitem__, rows.count)
        if found.faults is not None:
            rows.doubt(found.faults)
        has_value = found.column.apply(_all_true)
        if has_value.null_count:
            rows.doubt(to_booleans(has_value.is_null()))
        values = found.column.vector
        if values is None:
            raise NotVectorizable
        return values


def _all_true(column: Column) -> Any:
    return pa.array(np.ones(len(column), dtype=bool))


def _column(rows: Rows, expression: Expression, kind: str) -> Column:
    """Return the values of an expression as a column. Raises NotVectorizable where they are of another kind."""
    if kind == "instant" and isinstance(expression, PlainText):
        return rows.columns[expression.name]
    values = expression.evaluate(rows)
    if isinstance(values, pa.StringArray) and kind == "text":
        return TextColumn(values)
    if not isinstance(values, np.ndarray) or _KINDS.get(values.dtype.kind) != kind:
        raise NotVectorizable
    return _COLUMNS[kind](values)


def _of_booleans(values: Mask) -> Column:
    return _TRUTHS.take(values.astype(np.int64))


_TRUTHS = LiteralColumn([False, True], lasting=True)
_KINDS: Mapping[str, str] = {"i": "int", "f": "float", "b": "bool"}
_COLUMNS: Mapping[str, Callable[[Any], Column]] = {
    "int": IntColumn, "float": FloatColumn, "bool": _of_booleans,
}  # fmt: skip
