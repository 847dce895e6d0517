"""Specifications whose paths depend on values."""

from typing import Any

from datagen.simulation.build import build_machine
from datagen.simulation.machine import Machine
from datagen.spec.parsing import parse_spec

Spec = dict[str, Any]
NUMBER = {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 9}}


def spec_of_values(when: str | None, *variables: Spec, delay: Spec | None = None) -> Spec:
    """Return a machine: from `a`, which sets variables, to `b` where a condition is true; else it ends.

    Without a condition, from `a` to `b`.
    """
    on: list[Spec] = [{"next": "b", "probability": 1}]
    if when is not None:
        on = [{"next": "b", "when": when}, {"next": "stop", "when": "else"}]
    return {
        "states": [
            {
                "name": "a",
                "emitter": "e",
                "variables": list(variables) or [NUMBER],
                "delay": delay or {"type": "exponential", "mean": 1},
                "transitions": on,
            },
            {
                "name": "b",
                "emitter": "e",
                "delay": {"type": "exponential", "mean": 1},
                "transitions": [
                    {"next": "a", "probability": 0.5},
                    {"next": "stop", "probability": 0.5},
                ],
            },
        ],
        "emitters": [
            {"name": "e", "dimensions": [
                {"name": "state", "type": "expression", "expr": "state"},
                *({"name": each["name"], "type": "variable", "variable": each["name"]}
                  for each in (variables or [NUMBER])),
            ]}
        ],
        "interarrival": {"type": "exponential", "mean": 0.5},
    }  # fmt: skip


def machine_of_values(when: str | None) -> Machine:
    """Return the machine of such a specification."""
    return build_machine(parse_spec(spec_of_values(when), "test.json")[0], 1)
