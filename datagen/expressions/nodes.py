"""The nodes of expressions: trees that compute with the fields of records, by arrays.

A node is evaluated over columns by name, all of n rows. Where arrays cannot promise what Python would
compute, it doubts rows, or raises `NotVectorizable` for all of them; `evaluation` then computes these
value by value. So it does for rows in which a field has no value: whatever stands there.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import INSTANT
from datagen.columns.strftime import TimePattern
from datagen.expressions.vectors import (
    EXACT,
    NotVectorizable,
    Rows,
    Vector,
    as_texts,
    is_number,
    is_text,
    largest,
    repeated,
    to_booleans,
    to_texts,
)


class Expression(Protocol):
    """Computes a value for each row."""

    def evaluate(self, rows: Rows) -> Vector:
        """Return the value of each of n rows, or one for all. Raises NotVectorizable."""


# leaves


@dataclass(frozen=True, eq=False)
class FieldRef:
    """The value of a field: a number, a text or a boolean."""

    name: str

    def evaluate(self, rows: Rows) -> Vector:
        values = rows.columns[self.name].vector
        if values is None:
            raise NotVectorizable
        return values


@dataclass(frozen=True, eq=False)
class Literal:
    """A constant."""

    value: Any

    def evaluate(self, rows: Rows) -> Vector:
        del rows
        return self.value


@dataclass(frozen=True, eq=False)
class PlainText:
    """The text of a field, as it is written."""

    name: str

    def evaluate(self, rows: Rows) -> Vector:
        return _without_nulls(rows, rows.columns[self.name].apply(_text))


@dataclass(frozen=True, eq=False)
class TimeText:
    """The text of a field of instants by a pattern."""

    name: str
    pattern: TimePattern

    def evaluate(self, rows: Rows) -> Vector:
        return _without_nulls(rows, rows.columns[self.name].apply(self._texts))

    def _texts(self, column: Column) -> TextArray:
        return column.strftime(self.pattern)


@dataclass(frozen=True, eq=False)
class Micros:
    """A field of instants as microseconds since 1970, int64[n]."""

    name: str

    def evaluate(self, rows: Rows) -> Vector:
        micros = rows.columns[self.name].to_arrow(INSTANT)
        if micros.type != INSTANT.arrow_type:
            raise NotVectorizable
        return pc.fill_null(micros.view(pa.int64()), 0).to_numpy()


@dataclass(frozen=True, eq=False)
class Seconds:
    """Microseconds as seconds, float64[n]."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        micros: Ints = self.inner.evaluate(rows)
        if largest(micros) >= EXACT:
            rows.doubt(np.abs(micros) >= EXACT)
        return micros / 1_000_000


def _text(column: Column) -> TextArray:
    return column.text


def _without_nulls(rows: Rows, texts: TextArray) -> TextArray:
    if not texts.null_count:
        return texts
    rows.doubt(to_booleans(texts.is_null()))
    return pc.fill_null(texts, "")


# texts


@dataclass(frozen=True, eq=False)
class Replace:
    """A text in which one text is replaced by another."""

    inner: Expression
    old: str
    new: str

    def evaluate(self, rows: Rows) -> Vector:
        texts = to_texts(self.inner.evaluate(rows))
        return pc.replace_substring(texts, self.old, self.new)


@dataclass(frozen=True, eq=False)
class ChangeCase:
    """A text in upper or lower case."""

    inner: Expression
    upper: bool

    def evaluate(self, rows: Rows) -> Vector:
        texts = to_texts(self.inner.evaluate(rows))
        if json_text.bytes_of(texts).max(initial=0) > 127:
            rows.doubt(to_booleans(pc.not_equal(pc.utf8_length(texts), pc.binary_length(texts))))
        return (pc.ascii_upper if self.upper else pc.ascii_lower)(texts)


@dataclass(frozen=True, eq=False)
class Concat:
    """Texts one after the other."""

    parts: tuple[Expression, ...]

    def evaluate(self, rows: Rows) -> Vector:
        values = [part.evaluate(rows) for part in self.parts]
        texts = [each if isinstance(each, str) else to_texts(each) for each in values]
        return json_text.join(["", *texts], rows.count)


@dataclass(frozen=True, eq=False)
class Length:
    """The number of characters of a text."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        texts = as_texts(self.inner.evaluate(rows))
        return pc.utf8_length(texts).to_numpy().astype(np.int64)


@dataclass(frozen=True, eq=False)
class ToJson:
    """The JSON text of a value."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        values = self.inner.evaluate(rows)
        return json_text.of_strings(values) if is_text(values) else to_texts(values)


# choices


@dataclass(frozen=True, eq=False)
class IfElse:
    """One of two texts."""

    test: Expression
    then: Expression
    other: Expression

    def evaluate(self, rows: Rows) -> Vector:
        which = pa.array(repeated(self.test.evaluate(rows), rows.count))
        return pc.if_else(which, self.then.evaluate(rows), self.other.evaluate(rows))


@dataclass(frozen=True, eq=False)
class Choice:
    """One of two values of the same type: numbers or texts."""

    test: Expression
    then: Expression
    other: Expression

    def evaluate(self, rows: Rows) -> Vector:
        which = repeated(self.test.evaluate(rows), rows.count)
        then, other = self.then.evaluate(rows), self.other.evaluate(rows)
        if all(isinstance(each, str) or is_text(each) for each in (then, other)):
            return json_text.join(["", pc.if_else(pa.array(which), then, other)], rows.count)
        if not (is_number(then) and is_number(other)) or _kind(then) != _kind(other):
            raise NotVectorizable
        return np.where(which, then, other)


@dataclass(frozen=True, eq=False)
class Junction:
    """`left and right` (`every`) or `left or right`: one of two values of the same type."""

    left: Expression
    right: Expression
    every: bool

    def evaluate(self, rows: Rows) -> Vector:
        left = Literal(self.left.evaluate(rows))  # evaluated once
        then, other = (self.right, left) if self.every else (left, self.right)
        return Choice(Truth(left), then, other).evaluate(rows)


def _kind(numbers: Any) -> str:
    return str(np.asarray(numbers).dtype.kind)


# booleans


@dataclass(frozen=True, eq=False)
class Compare:
    """Values compared, each with the next: `eq`, `ne`, `lt`, `lteq`, `gt` or `gteq`."""

    operators: tuple[str, ...]
    parts: tuple[Expression, ...]

    def evaluate(self, rows: Rows) -> Vector:
        values = [each.evaluate(rows) for each in self.parts]
        pairs = zip(self.operators, values, values[1:], strict=False)
        return np.logical_and.reduce([_compared(rows, *pair) for pair in pairs])


@dataclass(frozen=True, eq=False)
class IsOneOf:
    """Whether a value equals one of several."""

    inner: Expression
    values: tuple[Expression, ...]

    def evaluate(self, rows: Rows) -> Vector:
        value = self.inner.evaluate(rows)
        equal = [_compared(rows, "eq", value, each.evaluate(rows)) for each in self.values]
        return np.logical_or.reduce(equal)


def _compared(rows: Rows, name: str, left: Vector, right: Vector) -> Any:
    compare_numbers, compare_texts = _COMPARISONS[name]
    if all(is_text(each) or isinstance(each, str) for each in (left, right)):
        return to_booleans(compare_texts(left, right))
    if is_number(left) and is_number(right):
        _doubt_inexact(rows, left, right)
        return compare_numbers(left, right)
    if name not in ("eq", "ne") or any(map(_is_boolean, (left, right))):
        raise NotVectorizable
    return np.full(rows.count, name == "ne")  # values of two types are never equal


_COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "eq": (operator.eq, pc.equal),
    "ne": (operator.ne, pc.not_equal),
    "lt": (operator.lt, pc.less),
    "lteq": (operator.le, pc.less_equal),
    "gt": (operator.gt, pc.greater),
    "gteq": (operator.ge, pc.greater_equal),
}


def _is_boolean(values: Vector) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind == "b"


def _doubt_inexact(rows: Rows, left: Any, right: Any) -> None:
    """Doubt where a whole number that no double holds is compared with a double."""
    sides = np.asarray(left), np.asarray(right)
    if sides[0].dtype.kind == sides[1].dtype.kind:
        return
    for each in sides:
        if each.dtype.kind not in "fb" and largest(each) >= EXACT:
            rows.doubt(np.broadcast_to(np.abs(each.astype(np.float64)) >= EXACT, rows.count))


@dataclass(frozen=True, eq=False)
class Contains:
    """Whether a text contains another."""

    inner: Expression
    part: str

    def evaluate(self, rows: Rows) -> Vector:
        texts = as_texts(self.inner.evaluate(rows))
        return to_booleans(pc.match_substring(texts, self.part))


@dataclass(frozen=True, eq=False)
class Truth:
    """Whether a value is true for Python: not 0, not empty, not false."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        values = self.inner.evaluate(rows)
        if is_text(values):
            return to_booleans(pc.not_equal(values, ""))
        return repeated(values, rows.count).astype(bool)


@dataclass(frozen=True, eq=False)
class Not:
    """The opposite of a boolean."""

    inner: Expression

    def evaluate(self, rows: Rows) -> Vector:
        return ~repeated(self.inner.evaluate(rows), rows.count)


@dataclass(frozen=True, eq=False)
class AnyAll:
    """Whether all of several booleans are true (`every`), or any of them."""

    parts: tuple[Expression, ...]
    every: bool

    def evaluate(self, rows: Rows) -> Vector:
        join = np.logical_and if self.every else np.logical_or
        return join.reduce([repeated(part.evaluate(rows), rows.count) for part in self.parts])
