"""Specifications with pools of entities."""

from typing import Any

from tests.support.fields import START, floats, uniform
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant

PRODUCTS: Spec = {
    "count": 50,
    "pick": {"type": "zipf", "exponent": 1},
    "attributes": [
        {"name": "sku", "type": "expression", "expr": "'P' ~ id"},
        {"name": "price", **floats(uniform(1, 100), precision=2)},
        {"name": "double", "type": "expression", "expr": "price * 2"},
    ],
}
USERS: Spec = {
    "count": 200_000,
    "attributes": [
        {"name": "token", "type": "uuid"},
        {"name": "favourite", "type": "entity", "entity": "products"},
    ],
}


def picked(entity: str, **keys: Any) -> Spec:
    """Return an `entity` field."""
    return {"type": "entity", "entity": entity, **keys}


def shop(dimensions: list[Spec], variables: list[Spec] | None = None, **entities: Any) -> Spec:
    """Return a specification whose workers make a record about every second, five each on average."""
    state = {
        "name": "s",
        "emitter": "e",
        "variables": variables or [],
        "delay": {"type": "exponential", "mean": 1},
        "transitions": [{"next": "s", "probability": 0.8}, {"next": "stop", "probability": 0.2}],
    }
    return {
        "entities": {"products": PRODUCTS, "users": USERS, **entities},
        "states": [state],
        "emitters": [{"name": "e", "dimensions": dimensions}],
        "interarrival": constant(0.5),
    }


def run(spec: Spec, n: int = 500, *flags: str) -> Outcome:
    """Run a specification with seed 5."""
    return invoke("--seed", "5", "-s", START, "-n", str(n), *flags, spec=spec)


def made(spec: Spec, n: int = 500, *flags: str) -> list[dict[str, Any]]:
    """Return the records of a run that must succeed."""
    outcome = run(spec, n, *flags)
    assert outcome.status == 0, outcome.err
    return outcome.records


def said(spec: Spec) -> list[str]:
    """Return what is said of a specification that is wrong."""
    outcome = run(spec, 1)
    assert outcome.status == 1
    assert outcome.out == b""
    assert "internal error" not in outcome.err
    return [line.removeprefix("stdin: ") for line in outcome.err.splitlines()]
