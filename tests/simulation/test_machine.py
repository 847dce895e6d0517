"""Routes of a machine, and the tables that a specification makes."""

import math

import numpy as np
import pytest

from datagen.distributions.weights import cumulative
from datagen.simulation.machine import Routes
from datagen.spec.state_graph import STOP
from tests.support.machines import constant, machine_of, spec_of

ROUTES = Routes([([1, STOP], [0.25, 0.75]), ([0], [1.0])])


def test_next_state_is_the_first_whose_chances_reach_the_uniform() -> None:
    """Also where rows have different numbers of next states."""
    u, states = np.array([0.0, 0.25, 0.26, 0.999]), np.array([0, 0, 0, 1])
    assert ROUTES.follow(u, states).tolist() == [1, 1, STOP, 0]


@pytest.mark.parametrize("rows", [1, 100])
def test_walk_is_one_step_after_the_other(rows: int) -> None:
    """After the end there is only STOP; few rows and many, which are walked in other ways."""
    u = np.repeat([[0.1], [0.5], [0.9], [0.1]], rows, axis=1)
    found = ROUTES.walk(u, np.zeros(rows, dtype=np.int64))
    assert found.tolist() == [[state] * rows for state in (0, 1, 0, STOP, STOP)]


def chances(
    rng: np.random.Generator, states: int, most: int
) -> list[tuple[list[int], list[float]]]:
    """Return random routes, some with thresholds close to each other or of no chance."""
    rows = []
    for _ in range(states):
        count = int(rng.integers(1, most + 1))
        nexts = rng.integers(-1, states, count).tolist()
        rows.append((nexts, np.round(rng.exponential(1.0, count) ** 3, 2).tolist()))
        rows[-1][1][0] += 0.001
    return rows


@pytest.mark.parametrize("most_places", [0, 1 << 18])
@pytest.mark.parametrize("most", [3, 40, 3000])
def test_tables_give_the_next_states_of_a_plain_search(
    most: int, most_places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the thresholds and beside them; with a table of all places, and without one."""
    monkeypatch.setattr("datagen.simulation.machine._MAX_TABLE", most_places)
    rows = chances(np.random.default_rng(most), 12, most)
    routes = Routes(rows)
    for state, (nexts, weights) in enumerate(rows):
        ends = cumulative(np.array(weights))
        ends[-1] = math.inf
        below, above = np.nextafter(ends, 0.0), np.nextafter(ends, 1.0)
        u = np.concatenate([ends, below, above, np.arange(1, 500) / 500, [2.0**-53, 1 - 2.0**-53]])
        u = u[(u > 0.0) & (u < 1.0)]
        plain = np.array(nexts)[np.searchsorted(ends, u)].tolist()
        states = np.full(len(u), state)
        assert routes.follow(u, states).tolist() == plain
        assert routes.walk(u[None], states)[1].tolist() == plain
        assert routes.walk(u[None, :20], states[:20])[1].tolist() == plain[:20]


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
