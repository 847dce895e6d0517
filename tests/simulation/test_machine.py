"""Routes of a machine, and the tables that a specification makes."""

import math

import numpy as np

from datagen.simulation.machine import Routes
from datagen.spec.state_graph import STOP
from tests.support.machines import constant, machine_of, spec_of

ROUTES = Routes([([1, STOP], [0.25, 0.75]), ([0], [1.0])])


def test_next_state_is_the_first_whose_chances_reach_the_uniform() -> None:
    """Also where rows have different numbers of next states."""
    u, states = np.array([0.0, 0.25, 0.26, 0.999]), np.array([0, 0, 0, 1])
    assert ROUTES.follow(u, states).tolist() == [1, 1, STOP, 0]


def test_walk_is_one_step_after_the_other() -> None:
    """After the end there is only STOP."""
    assert ROUTES.walk([0.1, 0.5, 0.9, 0.1], 0) == [0, 1, 0, STOP, STOP]


def test_last_chance_reaches_one() -> None:
    """However the chances add up in floating point."""
    third = Routes([([0, 1, 2], [1 / 3] * 3)])
    assert third.follow(np.array([math.nextafter(1, 0)]), np.array([0])).tolist() == [2]


def test_variables_set_by_the_same_states_are_one_group() -> None:
    """Only those that some emitter shows."""
    spec = spec_of({"a": (constant(1), {"b": 1}), "b": (constant(1), {"stop": 1})}, constant(1))
    clocks = [{"name": name, "type": "clock"} for name in "xyz"]
    spec["states"][0]["variables"] = clocks
    spec["states"][1]["variables"] = clocks[1:2]
    spec["emitters"][0]["dimensions"] = [
        {"name": name, "type": "variable", "variable": name} for name in "xy"
    ]
    machine = machine_of(spec)
    groups = [(group.states, group.variables) for group in machine.variable_groups]
    assert groups == [((0,), ("x",)), ((0, 1), ("y",))]
    assert machine.sets.tolist() == [[True, True], [False, True]]
