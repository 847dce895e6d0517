"""Segments of a column plan that are computed from fields, and texts that are chosen by conditions.

Null stands for a record at which Python would raise an error, as in `expressions`. It passes through
whatever is made of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import Columns
from datagen.expressions.evaluation import Evaluation
from datagen.formats.column_plan import Segment


@dataclass(frozen=True, eq=False)
class ComputedText(Segment):
    """A text that is computed from fields."""

    evaluation: Evaluation

    @property
    def names(self) -> tuple[str, ...]:
        return self.evaluation.names

    def texts(self, columns: Columns, rows: int) -> TextArray:
        del rows
        return self.evaluation.evaluate(columns)


@dataclass(frozen=True, eq=False)
class AlwaysFails(Segment):
    """A text that is computed from no field, with an error."""

    names: tuple[str, ...] = ()

    def texts(self, columns: Columns, rows: int) -> TextArray:
        del columns
        return pa.nulls(rows, pa.string())


class Condition(Protocol):
    """Decides for each record whether something is true."""

    @property
    def names(self) -> Iterable[str]:
        """Return the fields that it reads."""

    def evaluate(self, columns: Columns, rows: int) -> Any:
        """Return a boolean array of n."""


@dataclass(frozen=True, eq=False)
class ComputedCondition:
    """A condition on fields."""

    evaluation: Evaluation

    @property
    def names(self) -> tuple[str, ...]:
        return self.evaluation.names

    def evaluate(self, columns: Columns, rows: int) -> Any:
        del rows
        return self.evaluation.evaluate(columns)


@dataclass(frozen=True, eq=False)
class ConstantCondition:
    """The same for all records."""

    value: bool | None
    names: tuple[str, ...] = ()

    def evaluate(self, columns: Columns, rows: int) -> Any:
        del columns
        return pa.array([self.value] * rows, pa.bool_())


@dataclass(frozen=True, eq=False)
class NotCondition:
    """The opposite of a condition."""

    inner: Condition

    @property
    def names(self) -> Iterable[str]:
        return self.inner.names

    def evaluate(self, columns: Columns, rows: int) -> Any:
        return pc.invert(self.inner.evaluate(columns, rows))


@dataclass(frozen=True, eq=False)
class AnyAllCondition:
    """Whether all conditions hold (`every`), or any; those after the one that decides do not count."""

    parts: Sequence[Condition]
    every: bool

    @property
    def names(self) -> Iterator[str]:
        return (name for part in self.parts for name in part.names)

    def evaluate(self, columns: Columns, rows: int) -> Any:
        values = [part.evaluate(columns, rows) for part in self.parts]
        if self.every:
            return reduce(lambda one, other: pc.if_else(one, other, False), values)
        return reduce(lambda one, other: pc.if_else(one, True, other), values)


@dataclass(frozen=True, eq=False)
class ConditionalText(Segment):
    """One of two texts, chosen by a condition."""

    condition: Condition
    then: tuple[Segment, ...]
    other: tuple[Segment, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        segments = (*self.then, *self.other)
        names = [*self.condition.names, *(name for each in segments for name in each.names)]
        return tuple(dict.fromkeys(names))

    def texts(self, columns: Columns, rows: int) -> TextArray:
        which = self.condition.evaluate(columns, rows)
        then, other = (_joined(each, columns, rows) for each in (self.then, self.other))
        return pc.if_else(which, then, other)


def _joined(segments: Sequence[Segment], columns: Columns, rows: int) -> Any:
    texts = [segment.texts(columns, rows) for segment in segments]
    if all(isinstance(each, str) for each in texts):
        return "".join(texts)
    return json_text.join(texts, rows)
