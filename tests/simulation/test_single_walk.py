"""Which machines few workers of which are walked one after the other; test_value_walk compares the paths."""

import pytest

from datagen.instants import NAIVE
from datagen.part import WHOLE
from datagen.simulation.source import Simulation
from datagen.spec.parsing import parse_spec
from tests.support.conditions import NUMBER, Spec, spec_of_values
from tests.support.machines import pool_of

LIST: Spec = {"name": "m", "type": "list", "elements": [NUMBER],
              "length_distribution": {"type": "constant", "value": {"expr": "n"}},
              "selection_distribution": {"type": "constant", "value": 0}}  # fmt: skip


OWN: Spec = {"type": "constant", "value": {"expr": "n"}}


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule, max_workers, part = 1, None, 5, WHOLE


@pytest.mark.parametrize(
    ("spec", "singly"),
    [
        (spec_of_values("n > 3"), True),
        (spec_of_values("m > 3", NUMBER, {"name": "m", "type": "expression", "expr": "n + 1"}), True),
        (spec_of_values("hour(time) > 3 and n"), True),
        (spec_of_values("hour(time) > 3", delay=OWN), False),  # a delay of its own at each instant
        (spec_of_values("m|length > 3", NUMBER, LIST), False),  # drawn by parameters of its own
    ],
)  # fmt: skip
def test_workers_are_walked_singly_where_functions_say_all(spec: Spec, singly: bool) -> None:
    """Not where values are made by arrays only, nor where instants and delays of values decide."""
    parsed, _ = parse_spec(spec, "test.json")
    simulation = Simulation(parsed, Parameters(), NAIVE)
    assert simulation.prepare() == []
    machine = pool_of(simulation.begin(0, 10, lambda: False)).state.machine
    assert machine.values is not None
    assert machine.values.walks_few is singly
