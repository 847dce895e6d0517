"""Random machines that count: in sequences that generators share, value by value, in several records at a visit."""

import random
from typing import Any

Spec = dict[str, Any]
EVEN = {"type": "uniform", "min": 0, "max": 2}
# all that count in one agree on these; "late" looks at what "first" gives
SEQUENCES: dict[str, Spec] = {
    "first": {"sequence": "first"},
    "second": {"sequence": "second", "start": 1000, "increment": -3},
    "kinds": {"sequence": "kinds", "per": "kind"},
    "late": {"sequence": "late", "per": "n % 3", "start": 5},
}


def random_spec(chance: random.Random) -> Spec:
    """Return a machine of random states, variables, emitters and counters; it keeps some 30 workers."""
    names = [f"s{place}" for place in range(chance.randint(1, 4))]
    emitters = [_emitter(chance, f"e{place}") for place in range(3)]
    states = [_state(chance, name, names) for name in names]
    known = {each["name"] for state in states for each in state["variables"]}
    states[0]["variables"] += [each(chance) for name, each in SETTERS.items() if name not in known]
    return {
        "states": states,
        "emitters": emitters,
        "interarrival": {"type": "exponential", "mean": 0.3},
    }


def _state(chance: random.Random, name: str, names: list[str]) -> Spec:
    chosen = chance.sample(["e0", "e1", "e2"], chance.randint(1, 3))
    if name == names[0] and "e0" not in chosen:
        chosen.append("e0")  # lists that nothing sets would leave no records
    nexts = [*chance.sample(names, chance.randint(1, len(names))), "stop"]
    wait = chance.choice([{"type": "constant", "value": 1}, {"type": "exponential", "mean": 2}])
    return {
        "name": name,
        "emitter": chosen if len(chosen) > 1 or chance.random() < 0.5 else chosen[0],
        "variables": [each(chance) for each in SETTERS.values() if chance.random() < 0.6],
        "delay": wait,
        "transitions": [{"next": each, "probability": 1 / len(nexts)} for each in nexts],
    }


def counter(chance: random.Random, *names: str) -> Spec:
    """Return a counter, of one of some sequences; now and then it has no value."""
    own = SEQUENCES[chance.choice(names)] if names else {}
    missing = {"percent_missing": chance.choice([0, 0, 20]), "percent_nulls": chance.choice([0, 0, 20])}  # fmt: skip
    return {"type": "counter", **own, **missing}


def _kind(chance: random.Random) -> Spec:
    values = ["x", chance.choice(["y", 5, True]), chance.choice([None, "z", [1], {"a": 1}])]
    return {"name": "kind", "type": "enum", "values": values, "cardinality_distribution": EVEN,
            "percent_missing": chance.choice([0, 10])}  # fmt: skip


def _number(chance: random.Random) -> Spec:
    return {"name": "n", **counter(chance, "first")}


def _lines(chance: random.Random) -> Spec:
    line = {
        "type": "object",
        "dimensions": [
            {
                "name": "sku",
                "type": "enum",
                "values": ["p", "q", None],
                "cardinality_distribution": EVEN,
            },
            {"name": "id", **counter(chance, "second", "kinds")},
            {"name": "own", **counter(chance)},
        ],
    }
    return {"name": "lines", **_list(chance, line), "percent_nulls": chance.choice([0, 20])}


def _numbers(chance: random.Random) -> Spec:
    return {
        "name": "numbers",
        **_list(chance, counter(chance, "first"), counter(chance, "second", "kinds")),
    }


def _list(chance: random.Random, *elements: Spec) -> Spec:
    return {"type": "list", "elements": list(elements), "length_distribution": EVEN,
            "selection_distribution": {"type": "uniform", "min": 0, "max": len(elements) - 1}}  # fmt: skip


def _total(_: random.Random) -> Spec:
    return {"name": "total", "type": "expression", "initial": 0, "expr": "total + (n or 0) % 7"}


def _switch(chance: random.Random) -> Spec:
    cases = {"x": counter(chance, "second"), "y": counter(chance, "kinds")}
    default = chance.choice([{"default": counter(chance, "second")}, {}])
    return {"name": "choice", "type": "switch", "on": "kind", "cases": cases, **default}


def _part(chance: random.Random) -> Spec:
    per = chance.choice(["kind", "n", "total % 2", "above"])
    return {
        "name": "part",
        "type": "object",
        "dimensions": [
            {"name": "above", "type": "expression", "expr": "worker % 2"},
            {"name": "own", "type": "counter", "per": per},
            {"name": "late", **counter(chance, "late")},
        ],
    }


SETTERS = {
    "kind": _kind, "n": _number, "lines": _lines, "numbers": _numbers, "total": _total,
    "choice": _switch, "part": _part,
}  # fmt: skip


def _emitter(chance: random.Random, name: str) -> Spec:
    elements = None if name == "e0" else chance.choice([None, "lines", "numbers"])
    shown = [{"name": each, "type": "variable", "variable": each} for each in SETTERS]
    own: list[Spec] = [
        {"name": "a", **counter(chance, "first", "second")},
        {"name": "b", **counter(chance, "late", "kinds", "first")},
        {
            "name": "c",
            "type": "counter",
            "per": chance.choice(["a", "kind", "worker % 3", "total"]),
        },
        {"name": "d", **_list(chance, counter(chance, "kinds"), counter(chance, "first"))},
        {"name": "e", **counter(chance)},
        {"name": "u", "type": "uuid"},
    ]
    if elements:
        own += [
            {"name": "i", "type": "expression", "expr": "item_number"},
            {"name": "item", "type": "expression", "expr": "item"},
            {"name": "per_item", "type": "counter", "per": "item"},
        ]
    some = [
        each for each in own if elements is None or each["name"] != "item" or chance.random() < 0.5
    ]
    for_each = {"for_each": elements} if elements else {}
    return {"name": name, **for_each, "dimensions": [*chance.sample(shown, 3), *some]}
