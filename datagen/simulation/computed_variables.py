"""Computes the variables of a window that are made of others or of themselves, and has workers remember them."""

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.fields import Draw
from datagen.simulation.circles import compute_circle
from datagen.simulation.machine import Setter
from datagen.simulation.setting import set_values
from datagen.simulation.variable_store import HeldVariables, VariableStore


def compute_variables(store: VariableStore) -> None:
    """Compute all of them, each after those that it is made of."""
    for computation in store.machine.computations:
        if computation.circle:
            compute_circle(store, computation.variables)
        else:
            for name in computation.variables:
                values = store.group_of(name)
                values.evaluate([name], store.context, store.counters, _Computing(store))
    for name in store.machine.computed:
        _remember(store, name)


class _Computing:
    """The values of variables whose others are all known."""

    def __init__(self, store: VariableStore) -> None:
        self._store = store

    def remembered(self, variable: str, workers: Ints) -> Column:
        return self._store.remembered.of(variable, workers).column()

    def made(self, setter: Setter, state: int, visits: Ints, draw: Draw) -> Column:
        held = HeldVariables(self._store, setter, state, visits)
        return set_values(self._store, setter, visits, draw, held)


def _remember(store: VariableStore, variable: str) -> None:
    """Carry what holds after the window on to later ones."""
    window, values = store.visits, store.group_of(variable)
    lasts = np.flatnonzero(np.diff(window.worker_rows, append=-1))
    rows = values.rows_of(lasts)
    lasts, rows = lasts[rows >= 0], rows[rows >= 0]
    store.remembered.record(variable, window.workers[lasts], values.column(variable).take(rows))
