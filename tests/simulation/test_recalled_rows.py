"""What workers of another run hold is made again from the visits that they remember."""

from typing import Any

import numpy as np

from datagen.columns.column_type import INT
from datagen.columns.typed_values import ValueType
from datagen.fields import Context
from datagen.simulation.build import build_machine
from datagen.simulation.held_values import Variable
from datagen.simulation.recalled_rows import recalled_rows
from datagen.simulation.remembered_values import RememberedValues
from datagen.simulation.states import WorkerStates, WorkerValues
from datagen.spec.parsing import parse_spec

SPEC: dict[str, Any] = {
    "interarrival": 1,
    "states": [{"name": "a", "emitter": "e", "delay": 1, "variables": [
        {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 1000}},
        {"name": "twice", "type": "expression", "expr": "2 * n"}],
        "transitions": [{"next": "a", "probability": 1, "when": "n > 1 and twice > 1"}, {"next": "stop", "probability": 1}]}],
    "emitters": [{"name": "e", "dimensions": []}],
}  # fmt: skip


def test_what_is_drawn_is_drawn_again_and_what_is_computed_is_remembered() -> None:
    """Of a worker that remembers nothing nothing is set."""
    machine = build_machine(parse_spec(SPEC, "test.json")[0], 1)
    variables = {name: Variable(name, None, ValueType(INT)) for name in ("n", "twice")}
    memory = np.full((3, len(machine.variable_groups), 3), -1)
    memory[:2] = np.array([[[4, 0, 99]], [[7, 0, 100]]])
    zeros = np.zeros(3, dtype=np.int64)
    workers = WorkerStates(np.arange(3), zeros, zeros, zeros, memory, zeros)
    remembered = RememberedValues({name: each.type for name, each in variables.items()})
    held = WorkerValues(np.arange(2), np.array([10, 20]), np.zeros(2, dtype=np.int64))
    remembered.resume({"twice": held})
    rows = recalled_rows(machine, variables, remembered, workers, Context(machine.seed))
    again = recalled_rows(machine, variables, remembered, workers, Context(machine.seed))
    assert rows.values["twice"].to_list()[:2] == [10, 20]
    assert rows.values["n"].to_list() == again.values["n"].to_list()
    assert len({*rows.values["n"].to_list()[:2]}) == 2
    assert [rows.is_set[name].tolist() for name in ("n", "twice")] == [[True, True, False]] * 2
