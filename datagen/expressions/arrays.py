"""Computes with the values of a field, column by column, as a template asks for it.

An expression is a tree over one field. Where arrays cannot give what Python would give for sure, it
raises `NotVectorizable`, and the values are computed one by one. In texts and tests null stands for a
record at which Python raises an error; whoever reads them has it told by rendering that record.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.scalar import (
    AddressColumn,
    FloatColumn,
    InstantColumn,
    IntColumn,
    TextColumn,
    UuidColumn,
)
from datagen.columns.strftime import TimePattern

Vector = Any  # int64[n], float64[n], bool[n], a string array of n, or one value for all
_EXACT = 1 << 53  # doubles hold every whole number up to here


class NotVectorizable(Exception):  # noqa: N818 - no error: a way that is not taken
    """Arrays cannot give what Python would."""


class Expression(Protocol):
    """Gives a value for each of the values of a column."""

    def of(self, column: Column) -> Vector:
        """Compute; the column is typed and full. Raises NotByArrays."""


@dataclass(frozen=True, eq=False)
class FieldRef:
    """The value of the field."""

    def of(self, column: Column) -> Vector:
        if isinstance(column, IntColumn | FloatColumn):
            return column.values
        if isinstance(column, TextColumn | AddressColumn | UuidColumn):
            return column.text
        raise NotVectorizable


@dataclass(frozen=True, eq=False)
class Literal:
    """One value, whatever the field holds."""

    value: Any

    def of(self, column: Column) -> Vector:
        del column
        return self.value


@dataclass(frozen=True, eq=False)
class DefaultText:
    """An instant by a pattern, or as in JSON."""

    pattern: TimePattern | None = None

    def of(self, column: Column) -> Vector:
        if not isinstance(column, InstantColumn):
            raise NotVectorizable
        return column.text if self.pattern is None else column.strftime(self.pattern)


@dataclass(frozen=True, eq=False)
class Seconds:
    """An instant as seconds since 1970."""

    def of(self, column: Column) -> Vector:
        if not isinstance(column, InstantColumn) or _largest(column.values) >= _EXACT:
            raise NotVectorizable
        return column.values / 1_000_000


@dataclass(frozen=True, eq=False)
class ToInt:
    """A number without its decimals."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        values = _numbers(self.inner.of(column))
        if values.dtype.kind == "i":
            return values
        if _largest(values) >= 2.0**63:
            raise NotVectorizable
        return values.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Round:
    """A number rounded by Python's rules."""

    inner: Expression
    decimals: int

    def of(self, column: Column) -> Vector:
        values = _numbers(self.inner.of(column))
        if values.dtype.kind == "i":
            return values
        return np.array([round(value, self.decimals) for value in values.tolist()], np.float64)


@dataclass(frozen=True, eq=False)
class ToFloat:
    """A number as a double."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        return _numbers(self.inner.of(column)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """A number and a constant, joined by an operator; `swapped`, the constant stands in front."""

    sign: str
    inner: Expression
    constant: float
    swapped: bool = False

    def of(self, column: Column) -> Vector:
        values = _numbers(self.inner.of(column))
        whole = values.dtype.kind == "i" and isinstance(self.constant, int)
        self._check(values, whole)
        operands = (self.constant, values) if self.swapped else (values, self.constant)
        with np.errstate(all="ignore"):
            return _finite(_OPERATORS[self.sign](*operands))

    def _check(self, values: Vector, whole: bool) -> None:
        divisors = values if self.swapped else np.array([self.constant])
        if self.sign in ("/", "//", "%") and not divisors.all():
            raise NotVectorizable
        if whole and self.sign in ("+", "-", "*"):
            reach = [int(values.min()), int(values.max())] if len(values) else []
            if any(_OPERATORS[self.sign](each, self.constant) not in _HALF for each in reach):
                raise NotVectorizable
        elif _largest(values) >= _EXACT and values.dtype.kind == "i":
            raise NotVectorizable


_HALF = range(-(1 << 62), 1 << 62)
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


@dataclass(frozen=True, eq=False)
class Replace:
    """A text with one part of it replaced by another."""

    inner: Expression
    old: str
    new: str

    def of(self, column: Column) -> Vector:
        return pc.replace_substring(text_of(self.inner.of(column)), self.old, self.new)


@dataclass(frozen=True, eq=False)
class ChangeCase:
    """A text in upper or lower case."""

    inner: Expression
    upper: bool

    def of(self, column: Column) -> Vector:
        texts = text_of(self.inner.of(column))
        if json_text.bytes_of(texts).max(initial=0) > 127:
            raise NotVectorizable
        return (pc.ascii_upper if self.upper else pc.ascii_lower)(texts)


@dataclass(frozen=True, eq=False)
class Concat:
    """Texts one after the other."""

    parts: tuple[Expression, ...]

    def of(self, column: Column) -> Vector:
        found = [part.of(column) for part in self.parts]
        texts = [each if isinstance(each, str) else text_of(each) for each in found]
        return json_text.join(["", *texts], len(column))


@dataclass(frozen=True, eq=False)
class IfElse:
    """One of two texts."""

    test: Expression
    then: Expression
    other: Expression

    def of(self, column: Column) -> Vector:
        which = pa.array(_each(self.test.of(column), len(column)))
        return pc.if_else(which, self.then.of(column), self.other.of(column))


@dataclass(frozen=True, eq=False)
class Length:
    """How many characters a text has."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        texts = self.inner.of(column)
        if not isinstance(texts, pa.StringArray):
            raise NotVectorizable
        return pc.utf8_length(texts).to_numpy().astype(np.int64)


@dataclass(frozen=True, eq=False)
class ToJson:
    """The JSON text of a value."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        values = self.inner.of(column)
        return (
            json_text.of_strings(values) if isinstance(values, pa.StringArray) else text_of(values)
        )


@dataclass(frozen=True, eq=False)
class Compare:
    """A value beside a constant: whether they are equal, or which is greater."""

    sign: str
    inner: Expression
    constant: Any

    def of(self, column: Column) -> Vector:
        values = self.inner.of(column)
        if isinstance(values, pa.StringArray):
            if not isinstance(self.constant, str):
                return _unlike(self.sign, len(values))
            return _booleans(_COMPARISONS[self.sign][1](values, self.constant))
        values = _numbers(values)
        if not isinstance(self.constant, int | float):
            return _unlike(self.sign, len(values))
        if abs(self.constant) >= _EXACT:
            raise NotVectorizable
        return _COMPARISONS[self.sign][0](values, self.constant)


_COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "eq": (operator.eq, pc.equal),
    "ne": (operator.ne, pc.not_equal),
    "lt": (operator.lt, pc.less),
    "lteq": (operator.le, pc.less_equal),
    "gt": (operator.gt, pc.greater),
    "gteq": (operator.ge, pc.greater_equal),
}


def _unlike(sign: str, rows: int) -> Vector:
    """Compare with a constant of another kind."""
    if sign not in ("eq", "ne"):
        raise NotVectorizable
    return np.full(rows, sign == "ne")


@dataclass(frozen=True, eq=False)
class Contains:
    """Whether a text holds another."""

    inner: Expression
    part: str

    def of(self, column: Column) -> Vector:
        texts = self.inner.of(column)
        if not isinstance(texts, pa.StringArray):
            raise NotVectorizable
        return _booleans(pc.match_substring(texts, self.part))


@dataclass(frozen=True, eq=False)
class Truth:
    """Whether the value is neither 0 nor empty nor false."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        values = self.inner.of(column)
        if isinstance(values, pa.StringArray):
            return _booleans(pc.not_equal(values, ""))
        return _each(values, len(column)).astype(bool)


@dataclass(frozen=True, eq=False)
class Not:
    """Whether it is not so."""

    inner: Expression

    def of(self, column: Column) -> Vector:
        return ~_each(self.inner.of(column), len(column))


@dataclass(frozen=True, eq=False)
class AnyAll:
    """Whether all of several are so, or any of them."""

    parts: tuple[Expression, ...]
    every: bool

    def of(self, column: Column) -> Vector:
        join = np.logical_and if self.every else np.logical_or
        return join.reduce([_each(part.of(column), len(column)) for part in self.parts])


def text_of(values: Vector) -> TextArray:
    """Write values as people read them. Raises NotByArrays for a single one."""
    if isinstance(values, pa.StringArray):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return pa.array(["false", "true"]).take(pa.array(values.astype(np.int8)))
    values = _numbers(values)
    if values.dtype.kind == "i":
        return pc.cast(pa.array(values), pa.string())
    return json_text.of_floats(_finite(values) + 0.0)


def _numbers(values: Vector) -> Any:
    if isinstance(values, np.ndarray) and values.dtype.kind in "if":
        return values
    raise NotVectorizable


def _each(values: Vector, rows: int) -> Any:
    """Return a boolean for each row, also where one stands for all."""
    return values if isinstance(values, np.ndarray) else np.full(rows, bool(values))


def _finite(values: Any) -> Any:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise NotVectorizable
    return values


def _largest(values: Any) -> float:
    return (
        float(np.abs(values).max(initial=0))
        if values.dtype.kind == "f"
        else float(max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0)))))
    )


def _booleans(found: Any) -> Any:
    return found.to_numpy(zero_copy_only=False)
