"""What a visit is, as values of expressions: its instant, its worker, its number, its state."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.fields.draw import VISIT_TYPES
from datagen.instants import Style
from datagen.simulation.machine import Machine
from datagen.simulation.worker_keys import numbers_of, populations_of


class SomeVisits(Protocol):
    """Visits of which it is known whose, which, where and when they are: int64[n] each."""

    @property
    def workers(self) -> Ints:
        """Return the keys of the workers."""

    @property
    def visits(self) -> Ints:
        """Return the numbers of the visits."""

    @property
    def states(self) -> Ints:
        """Return the states."""

    @property
    def times(self) -> Ints:
        """Return the instants, microseconds since 1970."""


class VisitNames(Mapping[str, Column]):
    """The names of some visits of a window, its rows int64[n]: a value for each; `emitter` is null where there is none.

    It is that of the state of each visit, unless one is given.
    """

    def __init__(
        self,
        machine: Machine,
        style: Style,
        window: SomeVisits,
        visits: Ints,
        emitter: str | None = None,
    ) -> None:
        self._machine, self._style = machine, style
        self._window, self._visits, self._emitter = window, visits, emitter

    def __getitem__(self, name: str) -> Column:
        window, visits = self._window, self._visits
        match name:
            case "time":
                return InstantColumn(window.times[visits], self._style)
            case "worker":
                return IntColumn(numbers_of(window.workers[visits]))
            case "visit":
                return IntColumn(window.visits[visits])
            case "state":
                names = LiteralColumn(self._machine.names, lasting=True)
                return names.take(window.states[visits])
            case "emitter":
                return self._emitters() if self._emitter is None else self._always(self._emitter)
            case "population":
                names = LiteralColumn(self._machine.populations, lasting=True)
                return names.take(populations_of(window.workers[visits]))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(VISIT_TYPES)

    def __len__(self) -> int:
        return len(VISIT_TYPES)

    def _emitters(self) -> Column:
        names = LiteralColumn([each.name for each in self._machine.emitters])
        return names.take(self._machine.emitter_of[self._window.states[self._visits]])

    def _always(self, text: str | None) -> Column:
        zeros = np.zeros(len(self._visits), dtype=np.int64)
        return LiteralColumn([text]).take(zeros)
