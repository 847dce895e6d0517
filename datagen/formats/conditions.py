"""Pieces of a plan that depend on what fields hold: values that are computed, and texts that are chosen.

What depends on one field is computed once for each of its values where these are few. Null stands
for a record at which Python would raise an error, as in `expressions`; it passes through whatever
is made of it, and only there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.expressions.arrays import Expression, NotVectorizable, text_of
from datagen.formats.column_plan import Columns, Segment

ABSENT = object()  # the value of a field that is missing
_MOST_KEPT = 100_000


class CachedFunction:
    """Gives one value from one value of a field, or null where that raises an error; keeps them."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self._compute = compute
        self._kept: dict[tuple[type, Any], Any] = {}

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, str | int | float):
            return self._compute(value)
        key = type(value), value
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._compute(value)
        return self._kept[key]


class Computed:
    """Writes what an expression gives: by arrays, else value by value; null for an error."""

    def __init__(self, expression: Expression, single: Callable[[Any], Any], of_type: Any) -> None:
        self._expression, self._single, self.of_type = expression, CachedFunction(single), of_type

    def __call__(self, column: Column) -> Any:
        if not isinstance(column, LiteralColumn):
            try:
                return self._by_arrays(column)
            except NotVectorizable:
                pass
        return pa.array(list(map(self._single, column.to_python(ABSENT))), self.of_type)

    def _by_arrays(self, column: Column) -> Any:
        values = self._expression.of(column)
        if self.of_type == pa.bool_():
            return pa.array(np.full(len(column), values) if np.isscalar(values) else values)
        return (
            json_text.join(["", values], len(column))
            if isinstance(values, str)
            else text_of(values)
        )

    @cached_property
    def of_null(self) -> Any:
        """Return what null gives."""
        return pa.scalar(self._single(None), self.of_type)

    @cached_property
    def of_missing(self) -> Any:
        """Return what a missing field gives."""
        return pa.scalar(self._single(ABSENT), self.of_type)

    def over(self, column: Column) -> Any:
        """Return a value for each row, also where there is no value of the field."""
        found = column.apply(self)
        if not found.null_count:
            return found
        gaps, present = self.of_null, column.present
        if present is not None:
            gaps = pc.if_else(pa.array(present), gaps, self.of_missing)
        return pc.if_else(column.apply(_full).is_valid(), found, gaps)


def _full(column: Column) -> Any:
    return pa.array(np.ones(len(column), dtype=bool))


@dataclass(frozen=True, eq=False)
class ComputedText:
    """A text that is computed from one field."""

    name: str
    computed: Computed

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def texts(self, columns: Columns, rows: int) -> TextArray:
        del rows
        return self.computed.over(columns[self.name])


@dataclass(frozen=True, eq=False)
class AlwaysFails:
    """A text whose making always raises an error."""

    names: tuple[str, ...] = ()

    def texts(self, columns: Columns, rows: int) -> TextArray:
        del columns
        return pa.nulls(rows, pa.string())


class Test(Protocol):
    """Tells of each record whether something is so."""

    @property
    def names(self) -> Iterable[str]:
        """Return the fields that it reads."""

    def holds(self, columns: Columns, rows: int) -> Any:
        """Return a boolean array of n."""


@dataclass(frozen=True, eq=False)
class ComputedTest:
    """Something about one field."""

    name: str
    computed: Computed

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def holds(self, columns: Columns, rows: int) -> Any:
        del rows
        return self.computed.over(columns[self.name])


@dataclass(frozen=True, eq=False)
class FixedTest:
    """The same for all records."""

    value: bool | None
    names: tuple[str, ...] = ()

    def holds(self, columns: Columns, rows: int) -> Any:
        del columns
        return pa.array([self.value] * rows, pa.bool_())


@dataclass(frozen=True, eq=False)
class NotTest:
    """The opposite."""

    inner: Test

    @property
    def names(self) -> Iterable[str]:
        return self.inner.names

    def holds(self, columns: Columns, rows: int) -> Any:
        return pc.invert(self.inner.holds(columns, rows))


@dataclass(frozen=True, eq=False)
class AllTests:
    """Whether all are so, or with `any`, any of them; what follows the one that decides is not asked."""

    parts: Sequence[Test]
    any: bool = False

    @property
    def names(self) -> Iterator[str]:
        return (name for part in self.parts for name in part.names)

    def holds(self, columns: Columns, rows: int) -> Any:
        found = [part.holds(columns, rows) for part in self.parts]
        if self.any:
            return reduce(lambda one, other: pc.if_else(one, True, other), found)
        return reduce(lambda one, other: pc.if_else(one, other, False), found)


@dataclass(frozen=True, eq=False)
class Conditional:
    """One of two texts, by what holds."""

    test: Test
    then: tuple[Segment, ...]
    other: tuple[Segment, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        parts = [*self.test.names, *(n for each in (*self.then, *self.other) for n in each.names)]
        return tuple(dict.fromkeys(parts))

    def texts(self, columns: Columns, rows: int) -> TextArray:
        which = self.test.holds(columns, rows)
        then, other = (_joined(each, columns, rows) for each in (self.then, self.other))
        return pc.if_else(which, then, other)


def _joined(pieces: Sequence[Segment], columns: Columns, rows: int) -> Any:
    texts = [piece.texts(columns, rows) for piece in pieces]
    if all(isinstance(each, str) for each in texts):
        return "".join(texts)
    return json_text.join(texts, rows)
