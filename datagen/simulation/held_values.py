"""The values of the variables that decide paths, as workers hold them along their walks.

A row has a value of each variable; workers and visits name rows by number. So what is walked ahead and cut
anywhere costs one number a visit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import INT
from datagen.columns.scalar import IntColumn
from datagen.columns.typed_values import (
    TypedValues,
    ValueType,
    empty_values,
    joined_values,
    values_of_column,
    values_of_list,
)
from datagen.fields import Context, Draw
from datagen.language.column_values import values_of
from datagen.simulation.fixed_values import FixedValues
from datagen.simulation.machine import Setter
from datagen.simulation.setting import too_large

UNSET = 0  # the row of workers to whom nothing has happened yet
_PICKS = ValueType(INT)
_LEAST = 4096  # rows that may be of no use any more


class Variable:
    """How the values of a variable are held: as places among fixed values, or by their type."""

    def __init__(self, name: str, fixed: FixedValues | None, value_type: ValueType) -> None:
        self.name, self._fixed = name, fixed
        self.type = value_type if fixed is None else _PICKS
        self._column_type = value_type.column_type
        self.is_scalar = (
            fixed is not None or value_type.uniform
        )  # functions take values as they are held

    @cached_property
    def _scalars(self) -> list[Any]:
        """Return the fixed values as functions take them, then what -2 and -1 stand for: null."""
        assert self._fixed is not None
        return [*values_of(self._fixed.column, self._column_type), None, None]

    def raw_and_scalar(self, values: TypedValues) -> tuple[list[Any], list[Any]]:
        """Return values as Python objects: as `of_raw` takes them, and as functions of expressions do."""
        if self._fixed is None:
            raw = values.to_list()
            return raw, raw
        assert not isinstance(values.values, list)
        picks = np.where(values.absent < 0, values.absent, values.values).tolist()
        return picks, [self._scalars[pick] for pick in picks]

    def of_raw(self, raw: list[Any]) -> TypedValues:
        """Return values of Python objects as they are held."""
        if self._fixed is None:
            return values_of_list(raw, self.type)
        picks = np.array([NULL if each is None else each for each in raw], dtype=np.int64)
        return TypedValues(self.type, np.maximum(picks, 0), np.minimum(picks, 0))

    def made(self, setter: Setter, draw: Draw) -> TypedValues:
        """Return what a setter gives at each visit of a draw."""
        if self._fixed is None:
            column = setter.field.column(draw)
            large = too_large(column, self.type.column_type) if setter.computed else None
            return values_of_column(
                column if large is None else column.with_nulls(large), self.type
            )
        picks = self._fixed.picks(setter, draw)
        assert picks is not None
        return TypedValues(self.type, np.maximum(picks, 0), np.minimum(picks, 0))

    def drawn(
        self, setter: Setter, context: Context, bits: Bits, times: Ints, workers: Ints
    ) -> TypedValues:
        """Return what a setter that looks at no value gives at visits of workers: uint64[n], int64[n] twice."""
        scopes = (({"worker": IntColumn(workers)}, None),)
        return self.made(setter, Draw(bits, times, None, setter.path, context, scopes=scopes))

    def column(self, values: TypedValues) -> Column:
        """Return values that are held as a column."""
        if self._fixed is None:
            return values.column()
        return self._fixed.at(np.where(values.absent < 0, values.absent, values.values))


@dataclass
class Rows:
    """Some rows: the values of each variable, by name, and where something has set it, bool[n]."""

    values: dict[str, TypedValues]
    is_set: dict[str, Mask]

    def take(self, rows: Ints) -> "Rows":
        """Return some of the rows, int64[m], none of them below 0."""
        return Rows(
            {name: each.take(rows) for name, each in self.values.items()},
            {name: each[rows] for name, each in self.is_set.items()},
        )

    def put(self, name: str, rows: Ints, values: TypedValues) -> None:
        """Set a variable in some rows, int64[m]."""
        self.values[name].put(rows, values)
        self.is_set[name][rows] = True


def unset_rows(variables: Sequence[Variable], count: int) -> Rows:
    """Return rows in which nothing is set."""
    nulls = np.full(count, NULL)
    return Rows(
        {each.name: empty_values(each.type, nulls) for each in variables},
        {each.name: np.zeros(count, dtype=bool) for each in variables},
    )


class Seen(Mapping[str, Column]):
    """The variables that decide as some rows hold them: a value for each of the rows."""

    def __init__(
        self,
        variables: Mapping[str, Variable],
        rows: Rows,
        own: Ints,
        firsts: Mapping[str, TypedValues] = MappingProxyType({}),
    ) -> None:
        """Take rows of some variables; `firsts` has what some are before anything has set them: one row each."""
        self._variables, self._rows, self._own, self._firsts = variables, rows, own, firsts

    def __getitem__(self, name: str) -> Column:
        values = self._rows.values[name].take(self._own)
        if name in self._firsts:
            unset = np.flatnonzero(~self._rows.is_set[name][self._own])
            values.put(unset, self._firsts[name].take(np.zeros_like(unset)))
        return self._variables[name].column(values)

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


class HeldValues:
    """All rows that workers and visits name; the first is that of workers to whom nothing has happened."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self._rows, self._count = unset_rows(variables, 1), 1

    def __len__(self) -> int:
        return self._count

    def take(self, rows: Ints) -> Rows:
        """Return the values of some rows: int64[n]."""
        return self._rows.take(rows)

    def append(self, parts: Sequence[Rows]) -> None:
        """Add rows, whose numbers follow those that are there."""
        every = [self._rows, *parts]
        self._rows = Rows(
            {
                name: joined_values([each.values[name] for each in every])
                for name in self._rows.values
            },
            {
                name: np.concatenate([each.is_set[name] for each in every])
                for name in self._rows.values
            },
        )
        self._count += sum(_length(each) for each in parts)

    def keep(self, named: Sequence[Ints]) -> list[Ints]:
        """Forget the rows that nobody names, where these are many; return the numbers that the others have now.

        int64[n] for each of the arrays of numbers.
        """
        most = 2 * sum(map(len, named)) + _LEAST
        if self._count <= most:
            return list(named)
        is_kept = np.zeros(self._count, dtype=bool)
        is_kept[UNSET] = True
        for each in named:
            is_kept[each] = True
        kept, numbers = np.flatnonzero(is_kept), np.cumsum(is_kept) - 1
        self._rows, self._count = self._rows.take(kept), len(kept)
        return [numbers[each] for each in named]


def _length(rows: Rows) -> int:
    return len(next(iter(rows.is_set.values()), ()))
