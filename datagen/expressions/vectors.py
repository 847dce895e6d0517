"""The values that expressions compute with by arrays, and how they become numbers, booleans and texts.

Where arrays cannot promise what Python would compute, rows are doubted or these raise `NotVectorizable`.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column import Columns

Vector = Any  # int64[n], float64[n], bool[n], a string array of n, or one value for all
EXACT = 1 << 53  # doubles hold every integer up to here


class NotVectorizable(Exception):  # noqa: N818 - no error: callers go on value by value
    """Arrays cannot compute what Python would."""


class Rows:
    """The n rows for which an expression is evaluated, and their columns by name.

    Rows that are doubted, `doubtful`, bool[n], or None, are computed value by value; so what nodes make of
    them means nothing.
    """

    def __init__(self, columns: Columns, count: int) -> None:
        self.columns, self.count = columns, count
        self.doubtful: Mask | None = None

    def doubt(self, rows: Mask) -> None:
        """Take note of rows at which arrays cannot promise what Python would compute: bool[n]."""
        if rows.any():
            self.doubtful = rows if self.doubtful is None else self.doubtful | rows


def is_text(values: Vector) -> bool:
    """Return whether values are a string array."""
    return isinstance(values, pa.StringArray)


def is_number(values: Vector) -> bool:
    """Return whether values are int64[n], float64[n] or one number for all."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "if"
    return isinstance(values, int | float)


def as_numbers(values: Vector) -> Any:
    """Return values that are int64[n] or float64[n]. Raises NotVectorizable for all others."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "if":
        return values
    raise NotVectorizable


def as_texts(values: Vector) -> TextArray:
    """Return values that are a string array. Raises NotVectorizable for all others."""
    if is_text(values):
        return values
    raise NotVectorizable


def to_texts(values: Vector) -> TextArray:
    """Return the plain texts of values. Raises NotVectorizable, also for a single value."""
    if is_text(values):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return pa.array(["false", "true"]).take(pa.array(values.astype(np.int8)))
    values = as_numbers(values)
    if values.dtype.kind == "i":
        return pc.cast(pa.array(values), pa.string())
    return json_text.of_floats(values + 0.0)  # never -0.0


def repeated(values: Vector, rows: int) -> Any:
    """Return an array of n: the values, or the truth of a single one n times."""
    return values if isinstance(values, np.ndarray) else np.full(rows, bool(values))


def to_booleans(array: Any) -> Any:
    """Return an Arrow array of booleans without nulls as bool[n]."""
    return array.to_numpy(zero_copy_only=False)


def largest(values: Any) -> float:
    """Return the largest absolute value of numbers, 0 where there are none."""
    if values.dtype.kind == "f":
        return float(np.abs(values).max(initial=0))
    return float(max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0)))))
