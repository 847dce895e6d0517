"""Processes of the tests' own: the states of the process form, as short as they can be written."""

from typing import Any

from tests.support.machines import Spec, exponential


def start(following: str, every: Spec | None = None) -> Spec:
    """Return the start, called `start`."""
    wait = every or exponential(1)
    return {"name": "start", "type": "event:start:timer", "cardinality_distribution": wait, "next": following}  # fmt: skip


def timer(name: str, wait: Spec, following: str) -> Spec:
    """Return a timer."""
    return {"name": name, "type": "event:intermediate:timer", "cardinality_distribution": wait, "next": following}  # fmt: skip


def activity(name: str, following: str, *variables: Spec, emitter: str | None = "e") -> Spec:
    """Return an activity, which emits unless told."""
    return {"name": name, "type": "activity", "variables": list(variables), "emitter": emitter, "next": following}  # fmt: skip


def gateway(name: str, **chances: float) -> Spec:
    """Return a gateway."""
    transitions = [{"next": key, "probability": chance} for key, chance in chances.items()]
    return {"name": name, "type": "gateway:exclusive", "transitions": transitions}


def end(name: str = "end") -> Spec:
    """Return an end."""
    return {"name": name, "type": "event:end"}


def process_of(*states: Spec, **dimensions: list[Spec]) -> Spec:
    """Return a process; without dimensions its one emitter, `e`, shows the clock."""
    emitters = dimensions or {"e": [clock("time")]}
    return {
        "states": list(states),
        "emitters": [{"name": name, "dimensions": each} for name, each in emitters.items()],
    }


def clock(name: str) -> Spec:
    """Return a field, or a variable, that holds the clock."""
    return {"name": name, "type": "clock"}


def static(name: str, value: str) -> Spec:
    """Return a field, or a variable, with one text."""
    return {"name": name, "type": "string:static", "value": value}


def shown(name: str) -> Spec:
    """Return a field that shows the variable of its name."""
    return {"name": name, "type": "variable", "variable": name}


def counter(name: str, **keys: Any) -> Spec:
    """Return a counter."""
    return {"name": name, "type": "counter", **keys}
