"""A specification becomes a machine: numbers in place of names."""

import numpy as np

from datagen.simulation.machine import Machine
from tests.support.machines import Spec, constant, machine_of

SHOP: Spec = {
    "states": [
        {"name": "silent", "delay": constant(1), "transitions": [{"next": "speaks", "probability": 1}],
         "variables": [{"name": "a", "type": "uuid"}, {"name": "b", "type": "uuid"}]},
        {"name": "speaks", "emitter": "second", "delay": constant(2),
         "transitions": [{"next": "stop", "probability": 1}], "variables": [{"name": "c", "type": "uuid"}]},
    ],
    "emitters": [
        {"name": "first", "dimensions": []},
        {"name": "second", "dimensions": [
            {"name": each, "type": "variable", "variable": each} for each in "abc"]},
    ],
    "interarrival": constant(1),
}  # fmt: skip


def machine(seed: int = 1) -> Machine:
    """Return the machine of the shop."""
    return machine_of(SHOP, seed)


def test_states_and_emitters_have_the_numbers_of_their_places() -> None:
    """A state without an emitter has none: -1."""
    assert machine().names == ("silent", "speaks")
    assert [each.name for each in machine().emitters] == ["first", "second"]
    assert machine().emitter_of.tolist() == [-1, 1]


def test_variables_that_the_same_states_set_are_a_group() -> None:
    """They are remembered together; `sets` says which state sets which group."""
    made = machine()
    assert [(group.states, group.variables) for group in made.variable_groups] == [
        ((0,), ("a", "b")),
        ((1,), ("c",)),
    ]
    assert made.sets.tolist() == [[True, False], [False, True]]


def test_a_variable_has_a_stream_of_its_own_in_each_state() -> None:
    """Its path names the state and the variable, so that another state changes nothing."""
    assert machine().setters["c"][1].path == ("states", "speaks", "variables", "c")


def test_seed_is_that_of_the_machine() -> None:
    """The same seed makes the same machine, another one another."""
    assert machine(1).seed == machine(1).seed != machine(2).seed
    assert machine().seed.dtype == np.uint64
