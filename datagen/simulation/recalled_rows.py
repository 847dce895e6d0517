"""Makes again what workers of another run hold, from the visits that they remember."""

from collections.abc import Mapping

import numpy as np

from datagen.fields import Context
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.held_values import Rows, Variable, unset_rows
from datagen.simulation.machine import Machine
from datagen.simulation.remembered_values import RememberedValues
from datagen.simulation.states import WorkerStates


def recalled_rows(
    machine: Machine,
    variables: Mapping[str, Variable],
    remembered: RememberedValues,
    workers: WorkerStates,
    context: Context,
) -> Rows:
    """Return the values of variables that n workers hold: n rows.

    `remembered` has those that are made of others, which the visit that set them does not say.
    """
    rows = unset_rows(list(variables.values()), len(workers))
    bits = worker_bits(machine.seed, workers.numbers)
    for name, variable in variables.items():
        visits, states, times = workers.memory[:, machine.group_of[name]].T
        known = np.flatnonzero(visits >= 0)
        if name in machine.computed:
            rows.put(name, known, remembered.of(name, workers.numbers[known]))
            continue
        for state in np.unique(states[visits >= 0]).tolist():
            own = np.flatnonzero(states == state)
            setter, of_visits = machine.setters[name][state], visit_bits(bits[own], visits[own])
            made = variable.drawn(setter, context, of_visits, times[own], workers.numbers[own])
            rows.put(name, own, made)
    return rows
