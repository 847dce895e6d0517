"""The values that expressions compute with by arrays, and how they become numbers, booleans and texts.

Where arrays cannot promise what Python would compute, these raise `NotVectorizable`.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text

Vector = Any  # int64[n], float64[n], bool[n], a string array of n, or one value for all
EXACT = 1 << 53  # doubles hold every integer up to here


class NotVectorizable(Exception):  # noqa: N818 - no error: callers go on value by value
    """Arrays cannot compute what Python would."""


def is_text(values: Vector) -> bool:
    """Return whether values are a string array."""
    return isinstance(values, pa.StringArray)


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
    return json_text.of_floats(finite(values) + 0.0)  # never -0.0


def repeated(values: Vector, rows: int) -> Any:
    """Return an array of n: the values, or the truth of a single one n times."""
    return values if isinstance(values, np.ndarray) else np.full(rows, bool(values))


def to_booleans(array: Any) -> Any:
    """Return an Arrow array of booleans without nulls as bool[n]."""
    return array.to_numpy(zero_copy_only=False)


def finite(values: Any) -> Any:
    """Return the numbers themselves. Raises NotVectorizable where one is infinite or NaN."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise NotVectorizable
    return values


def largest(values: Any) -> float:
    """Return the largest absolute value of numbers, 0 where there are none."""
    if values.dtype.kind == "f":
        return float(np.abs(values).max(initial=0))
    return float(max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0)))))
