"""Paths that look at values are those of a plain walk, whatever the windows, and wherever a run is cut."""

import json
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datagen.columns.column import ABSENT
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn
from datagen.columns.truth import truth_of
from datagen.instants import NAIVE
from datagen.part import WHOLE, Part
from datagen.simulation import held_values, value_walk
from datagen.simulation.cursor import machine_cursor
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from tests.simulation.test_workers import SECOND, START, visits_of
from tests.support.machines import pool_of
from tests.support.plain_machine import PlainMachine
from tests.support.reference import Visit, plain_visits

Spec = dict[str, Any]


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule = 1, None

    def __init__(self, most: int | None, part: Part) -> None:
        self.max_workers, self.part = most, part


def random_spec(chance: random.Random) -> Spec:
    """Return a machine of random states, variables and conditions, each with a way out of every state."""
    names = [f"s{place}" for place in range(chance.randint(1, 4))]
    states = [_state(chance, name, names) for name in names]
    known = [each["name"] for state in states for each in state["variables"]]
    missing = [each for name, each in SETTERS.items() if name not in known]
    states[-1]["variables"] += [each(chance) for each in missing]
    return {
        "states": states,
        "emitters": [{"name": "e", "dimensions": []}],
        "interarrival": {"type": "exponential", "mean": chance.choice([0.2, 1])},
        **({"variable_defaults": {"n": 3}} if chance.random() < 0.3 else {}),
    }


def _state(chance: random.Random, name: str, names: list[str]) -> Spec:
    variables = [each for each in SETTERS.values() if chance.random() < 0.5]
    return {
        "name": name,
        "emitter": "e",
        "variables": [each(chance) for each in variables],
        "delay": chance.choice(
            [
                {"type": "constant", "value": 0.5},
                {"type": "exponential", "mean": 1},
                {"type": "lognormal", "median": {"expr": "1 + count"}, "sigma": 0.3},
                {"type": "constant", "value": {"expr": "0.1 + visit % 3"}},
            ]
        ),
        "transitions": _transitions(chance, [*names, "stop"]),
    }


def _number(chance: random.Random) -> Spec:
    return {
        "name": "n",
        "type": chance.choice(["int", "float"]),
        "distribution": {"type": "uniform", "min": 0, "max": 10},
        "percent_nulls": chance.choice([0, 20]),
        "percent_missing": chance.choice([0, 20]),
    }


def _kind(chance: random.Random) -> Spec:
    shares = {"type": "uniform", "min": 0, "max": 2}
    return {
        "name": "kind", "type": "enum", "values": ["x", "y", chance.choice(["z", None, 5])],
        "cardinality_distribution": shares,
    }  # fmt: skip


def _word(chance: random.Random) -> Spec:
    return {
        "name": "word", "type": "string", "chars": "ab",
        "length_distribution": {"type": "uniform", "min": 1, "max": chance.choice([1, 3])},
    }  # fmt: skip


def _count(chance: random.Random) -> Spec:
    return {
        "name": "count", "type": "expression", "initial": 0,
        "expr": chance.choice(["count + 1", "0 if count > 3 else count + 1"]),
    }  # fmt: skip


def _sum(chance: random.Random) -> Spec:
    return {"name": "sum", "type": "expression", "expr": chance.choice(["count * 2", "visit"])}


SETTERS = {"n": _number, "kind": _kind, "word": _word, "count": _count, "sum": _sum}


def _transitions(chance: random.Random, targets: list[str]) -> list[Spec]:
    if chance.random() < 0.3:
        return [{"next": "stop", "probability": 0.5}, {"next": targets[0], "probability": 0.5}]
    whens = [
        "n == 5",
        "not n",
        "kind == 'x'",
        "kind",
        "word == 'a'",
        "n",
        "visit % 2",
        "count == 2",
        "sum == 4",
        "count",
    ]
    ways: list[Spec] = [
        {"next": chance.choice(targets), "probability": chance.choice([0.1, 0.5, 1]), "when": when}
        for when in chance.sample(whens, chance.randint(1, 3))
    ]
    if chance.random() < 0.5:
        ways.append({"next": "stop", "when": "else"})
    else:
        ways.append({"next": "stop", "probability": 0.3})
    return ways


def simulation_of(spec: Generator, most: int | None, part: Part = WHOLE) -> Simulation:
    """Return the simulation of a specification, prepared."""
    made = Simulation(spec, Parameters(most, part), NAIVE)
    assert made.prepare() == []
    return made


def plain_of(raw: Spec, most: int, end: int, part: Part = WHOLE) -> list[Visit]:
    """Return the visits of a plain walk."""
    plain = PlainMachine(raw, 1)
    return plain_visits(replace(plain.machine, part=part), START, most, end, step=plain.step)


@pytest.mark.parametrize("most", [1, 5, 10_000])
@pytest.mark.parametrize("seed", range(8))
def test_paths_equal_a_plain_walk(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit, its instant and its order, whatever the windows; all workers at once, and one by one."""
    raw = random_spec(random.Random(seed))
    spec, _ = parse_spec(raw, "test.json")
    simulation, end = simulation_of(spec, most), START + 12 * SECOND
    expected = plain_of(raw, most, end)
    assert len(expected) > 5
    for few, forgotten in ((0, 8), (96, 4096), (1_000_000, 8)):
        monkeypatch.setattr(value_walk, "_FEW", few)
        monkeypatch.setattr(held_values, "_LEAST", forgotten)
        for windows in ("own", "huge", "random", *(["tiny"] if most < few < 100 else [])):
            assert (
                visits_of(pool_of(simulation.begin(START, end, lambda: False)), windows) == expected
            )


@pytest.mark.parametrize("most", [2, 10_000])
@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_timed_paths_equal_a_plain_walk(
    seed: int, looks: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a delay or a condition depends on the instant, starts are assumed in rounds, or workers start one by one."""
    raw = random_spec(random.Random(seed))
    raw["states"][0]["delay"] = {
        "type": "gmm_temporal", "mean": 2, "days": {"4": [{"utc_hour": 2, "sigma": 3, "weight": 1}]},
    }  # fmt: skip
    if looks:
        late = {"next": "stop", "when": "epoch(time) % 2 < 0.5 or count > 3"}
        raw["states"][0]["transitions"].append(late)
        raw["states"][-1]["delay"] = {"type": "exponential", "mean": 0.7}
    if seed % 2:  # then few workers can be walked one by one
        for state in raw["states"][1:]:
            state["delay"] = {"type": "exponential", "mean": 0.3}
    spec, _ = parse_spec(raw, "test.json")
    simulation, end = simulation_of(spec, most), START + 10 * SECOND
    expected = plain_of(raw, most, end)
    for few in (0, 1_000_000):
        monkeypatch.setattr(value_walk, "_FEW", few)
        for windows in ("own", "random"):
            assert (
                visits_of(pool_of(simulation.begin(START, end, lambda: False)), windows) == expected
            )


@pytest.mark.parametrize("seed", range(6))
def test_parts_equal_a_plain_walk(seed: int) -> None:
    """Each has its own workers."""
    raw = random_spec(random.Random(seed))
    spec, _ = parse_spec(raw, "test.json")
    for index in range(3):
        simulation, end = simulation_of(spec, 9, Part(index, 3)), START + 15 * SECOND
        found = visits_of(pool_of(simulation.begin(START, end, lambda: False)), "random")
        assert found == plain_of(raw, 9, end, Part(index, 3))


def test_truth_is_that_of_python() -> None:
    """Of numbers, texts and lists; null and missing ones are not true."""
    values = [0, 1, "", "x", [], [0], None, ABSENT, True, False, 0.5]
    expected = [bool(each) and each is not ABSENT for each in values]
    assert truth_of(LiteralColumn(values)).tolist() == expected
    numbers = FloatColumn(np.array([0.0, 2.5])).take(np.array([1, -1, 0, -2]))
    assert truth_of(numbers).tolist() == [True, False, False, False]


@pytest.mark.parametrize("seed", range(8))
def test_resumed_paths_go_on(seed: int) -> None:
    """From the cursor of any window: what workers hold is made again from the visits that they remember."""
    assert_goes_on(random_spec(random.Random(seed)))


def test_resumed_paths_look_at_members_picked_by_a_condition() -> None:
    """Such a member is remembered by its value, though it is one of few."""
    pools = {
        "kinds": {"count": 9, "attributes": [
            {"name": "size", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9}}]}
    }  # fmt: skip
    kind = {"name": "kind", "type": "entity", "entity": "kinds", "where": "size < 8"}
    transitions = [{"next": "stop", "when": "kind.size > 5"}, {"next": "a", "when": "else"}]
    state = {"name": "a", "emitter": "e", "delay": "1S", "variables": [kind]}
    assert_goes_on(
        {
            "entities": pools,
            "states": [{**state, "transitions": transitions}],
            "emitters": [{"name": "e", "dimensions": []}],
            "interarrival": {"type": "exponential", "mean": 0.2},
        }
    )


@pytest.mark.parametrize("field", [
    {"type": "entity", "entity": "kinds"}, {"type": "row", "table": "rows"}])  # fmt: skip
@pytest.mark.parametrize("few", [0, 1_000_000])
def test_paths_look_at_what_is_picked_by_worker(
    field: Spec, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pick of `each` is made for the worker whose visit it is, by arrays and one by one, and again on resume."""
    monkeypatch.setattr(value_walk, "_FEW", few)
    sizes = [{"size": each} for each in range(9)]
    size = {"name": "size", "type": "expression", "expr": "id"}
    kind = {"name": "kind", **field, "pick": "each"}
    transitions = [{"next": "stop", "when": "visit > kind.size"}, {"next": "b", "when": "else"}]
    a = {"name": "a", "emitter": "e", "delay": "1S", "transitions": transitions}
    assert_goes_on(
        {
            "tables": {"rows": {"rows": sizes}},
            "entities": {"kinds": {"count": 9, "attributes": [size]}},
            "states": [{**a, "variables": [kind]}, {**a, "name": "b"}],
            "emitters": [{"name": "e", "dimensions": []}],
            "interarrival": {"type": "exponential", "mean": 0.2},
        }
    )


def assert_goes_on(raw: Spec) -> None:
    """Check that what is walked from the cursor of any window is what was walked after it."""
    spec, _ = parse_spec(raw, "test.json")
    simulation, end = simulation_of(spec, 20), START + 15 * SECOND
    pool = simulation.begin(START, end, lambda: False)
    cursors = [simulation.cursor(pool)]
    windows = []
    for window in pool.windows():
        simulation.batch(window)
        windows.append(window)
        cursors.append(machine_cursor(json.loads(json.dumps(simulation.cursor(pool).to_json()))))
    columns = [(each.times, each.workers, each.visits, each.states) for each in windows]
    for number in range(1, len(cursors), max(len(cursors) // 5, 1)):
        other = simulation_of(spec, 20)
        found = visits_of(
            pool_of(other.begin(START, end, lambda: False, cursors[number])), "random"
        )
        expected = [
            row
            for window, own in zip(windows[number:], columns[number:], strict=True)
            for row in zip(*(each[window.order].tolist() for each in own), strict=True)
        ]
        assert found == expected
