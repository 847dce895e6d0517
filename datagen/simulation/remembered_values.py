"""What workers remember of computed variables: the values, as a visit alone does not say what they were made of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column
from datagen.columns.typed_values import (
    ANY,
    TypedValues,
    ValueType,
    empty_values,
    joined_values,
    values_of_column,
    values_of_list,
)
from datagen.simulation.states import WorkerValues
from datagen.simulation.worker_index import NOBODY, may_come_again, places_of

ValueTypes = Mapping[str, ValueType]


@dataclass(frozen=True)
class _Remembered:
    """The numbers of workers, rising, and a value of each."""

    workers: Ints
    values: TypedValues


class RememberedValues:
    """For each computed variable the value that each worker has, carried from window to window."""

    def __init__(self, types: ValueTypes) -> None:
        self._types = types
        self._known: dict[str, _Remembered] = {}

    def of(self, variable: str, workers: Ints) -> TypedValues:
        """Return the value of each worker; null where a run of another specification has none."""
        known = self._of(variable)
        places = places_of(workers, known.workers)
        return known.values.take(np.where(places < len(known.workers), places, NULL))

    def record(self, variable: str, workers: Ints, column: Column) -> None:
        """Remember the values of some workers, rising numbers, in place of those that they had."""
        known = self._of(variable)
        others = np.flatnonzero(~np.isin(known.workers, workers, assume_unique=True))
        now = values_of_column(column, self.type_of(variable))
        if len(others):
            workers = np.concatenate([known.workers[others], workers])
            order = np.argsort(workers)
            now = joined_values([known.values.take(others), now]).take(order)
            workers = workers[order]
        self._known[variable] = _Remembered(workers, now)

    def type_of(self, variable: str) -> ValueType:
        """Return the type of a variable's values."""
        return self._types.get(variable, ANY)

    def prune(self, alive: Ints, started: Ints) -> None:
        """Forget the values of workers that have ended; those from `started` on are new."""
        for variable, known in self._known.items():
            kept = may_come_again(known.workers, alive, started)
            if not kept.all():
                rows = np.flatnonzero(kept)
                self._known[variable] = _Remembered(known.workers[rows], known.values.take(rows))

    def snapshot(self) -> Mapping[str, WorkerValues]:
        """Return the state as it is now."""
        return {
            name: WorkerValues(known.workers, known.values.values, known.values.absent)
            for name, known in self._known.items()
        }

    def resume(self, values: Mapping[str, WorkerValues]) -> None:
        """Continue from the state of another run."""
        self._known = {
            name: _Remembered(each.workers, self._typed(name, each))
            for name, each in values.items()
        }

    def _of(self, variable: str) -> _Remembered:
        if variable not in self._known:
            nothing = empty_values(self.type_of(variable), NOBODY)
            self._known[variable] = _Remembered(NOBODY, nothing)
        return self._known[variable]

    def _typed(self, variable: str, found: WorkerValues) -> TypedValues:
        """Return values as their type holds them; null where a run of another specification has others."""
        of = self.type_of(variable)
        if isinstance(found.values, list) is (of.dtype is None):
            return TypedValues(of, found.values, found.absent)
        absent = found.absent
        try:
            made = values_of_list(found.to_list(), of)
        except (TypeError, ValueError, OverflowError):
            return empty_values(of, np.full(len(absent), NULL))
        return TypedValues(of, made.values, absent)
