"""The nodes of expressions that compute with numbers."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.expressions.nodes import Expression
from datagen.expressions.vectors import (
    EXACT,
    NotVectorizable,
    Rows,
    Vector,
    as_numbers,
    is_number,
    largest,
)
from datagen.rounding import rounded


@dataclass(frozen=True, eq=False)
class ToInt:
    """A number without its decimals."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        values = as_numbers(self.inner.evaluate(rows))
        if values.dtype.kind == "i":
            return values
        if largest(values) >= 2.0**63:
            beyond = np.abs(values) >= 2.0**63
            rows.doubt(beyond)
            values = np.where(beyond, 0.0, values)
        return values.astype(np.int64)


@dataclass(frozen=True, eq=False)
class ToFloat:
    """A number as a double."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        return as_numbers(self.inner.evaluate(rows)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Round:
    """A number rounded by Python's rules."""

    inner: Expression
    decimals: int

    def evaluate(self, rows: Rows) -> Vector:
        values = as_numbers(self.inner.evaluate(rows))
        if values.dtype.kind == "i":
            return values
        return rounded(values, self.decimals)


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """Two numbers joined by `+`, `-`, `*`, `/`, `//` or `%`."""

    operator: str
    left: Expression
    right: Expression

    def evaluate(self, rows: Rows) -> Vector:
        left, right = self.left.evaluate(rows), self.right.evaluate(rows)
        if not (is_number(left) and is_number(right)):
            raise NotVectorizable
        self._doubt(rows, left, right)
        with np.errstate(all="ignore"):
            values = as_numbers(_OPERATORS[self.operator](left, right))
        if values.dtype.kind == "f":
            beyond = ~np.isfinite(values)
            if beyond.any():
                rows.doubt(beyond)
                values = np.where(beyond, 0.0, values)
        return values

    def _doubt(self, rows: Rows, left: Any, right: Any) -> None:
        """Doubt where there is a division by zero, and where 64 bits may not be enough."""
        if self.operator in ("/", "//", "%"):
            rows.doubt(np.broadcast_to(np.equal(right, 0), rows.count))
        if _is_whole(left) and _is_whole(right) and self.operator in ("+", "-", "*"):
            if not self._is_safe(left, right):
                sizes = np.abs(np.asarray(left, np.float64)), np.abs(np.asarray(right, np.float64))
                join = operator.mul if self.operator == "*" else operator.add
                rows.doubt(np.broadcast_to(join(*sizes) >= _LARGEST, rows.count))
            return
        for each in (left, right):
            if _is_whole(each) and largest(np.asarray(each)) >= EXACT:
                inexact = np.abs(np.asarray(each, np.float64)) >= EXACT
                rows.doubt(np.broadcast_to(inexact, rows.count))

    def _is_safe(self, left: Any, right: Any) -> bool:
        """Return whether 64 bits are surely enough for whatever there is on both sides."""
        join = _OPERATORS[self.operator]
        return all(
            abs(join(one, other)) < _LARGEST
            for one in _extremes(left)
            for other in _extremes(right)
        )


_LARGEST = 1 << 62
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _is_whole(values: Any) -> bool:
    return isinstance(values, int) or (isinstance(values, np.ndarray) and values.dtype.kind == "i")


def _extremes(values: Any) -> tuple[int, ...]:
    """Return the smallest and the largest of whole numbers."""
    if isinstance(values, int):
        return (values,)
    return (int(values.min()), int(values.max())) if len(values) else (0,)
