"""What states set of the variables that decide paths, in order, and what these are before."""

from typing import Any

from datagen.columns.column_type import INT
from datagen.columns.typed_values import ValueType
from datagen.fields import Context
from datagen.simulation.build import build_machine
from datagen.simulation.held_values import Variable
from datagen.simulation.walk_setters import before_set, fixed_of, setters_of
from datagen.spec.parsing import parse_spec

SPEC: dict[str, Any] = {
    "interarrival": 1,
    "variable_defaults": {"other": 5},
    "states": [
        {"name": "a", "emitter": "e", "delay": 1, "variables": [
            {"name": "kind", "type": "enum", "values": ["x", "y"]},
            {"name": "count", "type": "expression", "initial": 3, "expr": "count + 1"}],
         "transitions": [{"next": "b", "probability": 1, "when": "count < 9 and kind == 'x'"}, {"next": "stop", "probability": 1}]},
        {"name": "b", "delay": 1, "variables": [
            {"name": "count", "type": "expression", "initial": 3, "expr": "count + other"}],
         "transitions": [{"next": "stop", "probability": 1}]}],
    "emitters": [{"name": "e", "dimensions": [{"name": "count", "type": "variable", "variable": "count"}]}],
}  # fmt: skip
MACHINE = build_machine(parse_spec(SPEC, "test.json")[0], 1)
CONTEXT = Context(MACHINE.seed)


def test_setters_come_in_the_order_of_the_state() -> None:
    """Those of the variables that are asked for only; defaults before all others."""
    assert [name for name, _ in setters_of(MACHINE, 0, ["count", "kind", "other"])] == ["other", "kind", "count"]  # fmt: skip
    assert [name for name, _ in setters_of(MACHINE, 1, ["count", "kind"])] == ["count"]


def test_values_that_are_computed_are_not_fixed() -> None:
    """An enum picks among values that are there before the run."""
    fixed = fixed_of(MACHINE, "kind", CONTEXT)
    assert fixed is not None
    assert fixed_of(MACHINE, "count", CONTEXT) is None


def test_a_variable_that_names_itself_begins_with_its_initial() -> None:
    """It is that before anything has set it; of one that does not nothing is known."""
    variables = {"count": Variable("count", None, ValueType(INT))}
    own = setters_of(MACHINE, 0, ["kind", "count"])
    [kind, count] = [before_set(MACHINE, variables, own, setter, CONTEXT) for _, setter in own]
    assert kind == {}
    assert count["count"].to_list() == [3]
