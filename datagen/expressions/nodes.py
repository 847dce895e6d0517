"""The nodes of expressions: trees that compute with the fields of records, by arrays.

A node is evaluated over columns by name, all of n rows and without nulls. Where arrays cannot promise
what Python would compute, it raises `NotVectorizable`; `evaluation` then computes value by value.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns import json_text
from datagen.columns.column import Columns
from datagen.columns.scalar import InstantColumn
from datagen.columns.strftime import TimePattern
from datagen.expressions.vectors import (
    EXACT,
    NotVectorizable,
    Vector,
    as_numbers,
    as_texts,
    finite,
    is_text,
    largest,
    repeated,
    to_booleans,
    to_texts,
)


class Expression(Protocol):
    """Computes a value for each row."""

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        """Return the value of each of n rows, or one for all. Raises NotVectorizable."""


# leaves


@dataclass(frozen=True, eq=False)
class FieldRef:
    """The value of a field: a number or a text."""

    name: str

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        del rows
        values = columns[self.name].vector
        if values is None:
            raise NotVectorizable
        return values


@dataclass(frozen=True, eq=False)
class Literal:
    """A constant."""

    value: Any

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        del columns, rows
        return self.value


@dataclass(frozen=True, eq=False)
class InstantText:
    """The text of a field of instants, by a pattern or as in JSON."""

    name: str
    pattern: TimePattern | None = None

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        del rows
        column = _instants(columns, self.name)
        return column.text if self.pattern is None else column.strftime(self.pattern)


@dataclass(frozen=True, eq=False)
class EpochSeconds:
    """A field of instants as seconds since 1970, float64[n]."""

    name: str

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        del rows
        column = _instants(columns, self.name)
        if largest(column.values) >= EXACT:
            raise NotVectorizable
        return column.values / 1_000_000


def _instants(columns: Columns, name: str) -> InstantColumn:
    column = columns[name]
    if not isinstance(column, InstantColumn):
        raise NotVectorizable
    return column


# numbers


@dataclass(frozen=True, eq=False)
class ToInt:
    """A number without its decimals."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = as_numbers(self.inner.evaluate(columns, rows))
        if values.dtype.kind == "i":
            return values
        if largest(values) >= 2.0**63:
            raise NotVectorizable
        return values.astype(np.int64)


@dataclass(frozen=True, eq=False)
class ToFloat:
    """A number as a double."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        return as_numbers(self.inner.evaluate(columns, rows)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Round:
    """A number rounded by Python's rules."""

    inner: Expression
    decimals: int

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = as_numbers(self.inner.evaluate(columns, rows))
        if values.dtype.kind == "i":
            return values
        return np.array([round(value, self.decimals) for value in values.tolist()], np.float64)


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """A number and a constant, joined by `+`, `-`, `*`, `/`, `//` or `%`; `swapped`: the constant is on the left."""

    operator: str
    inner: Expression
    constant: float
    swapped: bool = False

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = as_numbers(self.inner.evaluate(columns, rows))
        self._check(values)
        operands = (self.constant, values) if self.swapped else (values, self.constant)
        with np.errstate(all="ignore"):
            return finite(_OPERATORS[self.operator](*operands))

    def _check(self, values: Vector) -> None:
        """Raise NotVectorizable for a division by zero and where 64 bits may not be enough."""
        divisors = values if self.swapped else np.array([self.constant])
        if self.operator in ("/", "//", "%") and not divisors.all():
            raise NotVectorizable
        if values.dtype.kind != "i" or not len(values):
            return
        if isinstance(self.constant, int) and self.operator in ("+", "-", "*"):
            extremes = (int(values.min()), int(values.max()))
            if any(
                _OPERATORS[self.operator](each, self.constant) not in _SAFE for each in extremes
            ):
                raise NotVectorizable
        elif largest(values) >= EXACT:
            raise NotVectorizable


_SAFE = range(-(1 << 62), 1 << 62)
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


# texts


@dataclass(frozen=True, eq=False)
class Replace:
    """A text in which one text is replaced by another."""

    inner: Expression
    old: str
    new: str

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        texts = to_texts(self.inner.evaluate(columns, rows))
        return pc.replace_substring(texts, self.old, self.new)


@dataclass(frozen=True, eq=False)
class ChangeCase:
    """A text in upper or lower case."""

    inner: Expression
    upper: bool

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        texts = to_texts(self.inner.evaluate(columns, rows))
        if json_text.bytes_of(texts).max(initial=0) > 127:
            raise NotVectorizable
        return (pc.ascii_upper if self.upper else pc.ascii_lower)(texts)


@dataclass(frozen=True, eq=False)
class Concat:
    """Texts one after the other."""

    parts: tuple[Expression, ...]

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = [part.evaluate(columns, rows) for part in self.parts]
        texts = [each if isinstance(each, str) else to_texts(each) for each in values]
        return json_text.join(["", *texts], rows)


@dataclass(frozen=True, eq=False)
class IfElse:
    """One of two texts."""

    test: Expression
    then: Expression
    other: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        which = pa.array(repeated(self.test.evaluate(columns, rows), rows))
        then, other = self.then.evaluate(columns, rows), self.other.evaluate(columns, rows)
        return pc.if_else(which, then, other)


@dataclass(frozen=True, eq=False)
class Length:
    """The number of characters of a text."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        texts = as_texts(self.inner.evaluate(columns, rows))
        return pc.utf8_length(texts).to_numpy().astype(np.int64)


@dataclass(frozen=True, eq=False)
class ToJson:
    """The JSON text of a value."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = self.inner.evaluate(columns, rows)
        return json_text.of_strings(values) if is_text(values) else to_texts(values)


# booleans


@dataclass(frozen=True, eq=False)
class Compare:
    """A value compared with a constant: `eq`, `ne`, `lt`, `lteq`, `gt` or `gteq`."""

    operator: str
    inner: Expression
    constant: Any

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = self.inner.evaluate(columns, rows)
        compare_numbers, compare_texts = _COMPARISONS[self.operator]
        if is_text(values):
            if not isinstance(self.constant, str):
                return self._compare_types(len(values))
            return to_booleans(compare_texts(values, self.constant))
        values = as_numbers(values)
        if not isinstance(self.constant, int | float):
            return self._compare_types(len(values))
        if abs(self.constant) >= EXACT:
            raise NotVectorizable
        return compare_numbers(values, self.constant)

    def _compare_types(self, rows: int) -> Vector:
        """Return the comparison with a constant of another type, which is never equal."""
        if self.operator not in ("eq", "ne"):
            raise NotVectorizable
        return np.full(rows, self.operator == "ne")


_COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "eq": (operator.eq, pc.equal),
    "ne": (operator.ne, pc.not_equal),
    "lt": (operator.lt, pc.less),
    "lteq": (operator.le, pc.less_equal),
    "gt": (operator.gt, pc.greater),
    "gteq": (operator.ge, pc.greater_equal),
}


@dataclass(frozen=True, eq=False)
class Contains:
    """Whether a text contains another."""

    inner: Expression
    part: str

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        texts = as_texts(self.inner.evaluate(columns, rows))
        return to_booleans(pc.match_substring(texts, self.part))


@dataclass(frozen=True, eq=False)
class Truth:
    """Whether a value is true for Python: not 0, not empty, not false."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        values = self.inner.evaluate(columns, rows)
        if is_text(values):
            return to_booleans(pc.not_equal(values, ""))
        return repeated(values, rows).astype(bool)


@dataclass(frozen=True, eq=False)
class Not:
    """The opposite of a boolean."""

    inner: Expression

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        return ~repeated(self.inner.evaluate(columns, rows), rows)


@dataclass(frozen=True, eq=False)
class AnyAll:
    """Whether all of several booleans are true (`every`), or any of them."""

    parts: tuple[Expression, ...]
    every: bool

    def evaluate(self, columns: Columns, rows: int) -> Vector:
        join = np.logical_and if self.every else np.logical_or
        return join.reduce([repeated(part.evaluate(columns, rows), rows) for part in self.parts])
