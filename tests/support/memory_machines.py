"""Random machines whose variables are made of others and of themselves, with nulls and missing values."""

from random import Random
from typing import Any

Spec = dict[str, Any]
NUMBERS, TEXTS, LISTS = ("i", "j", "x", "y", "z"), ("s", "t"), ("many",)
NAMES = (*NUMBERS, *TEXTS, *LISTS, "o")


def random_machine(random: Random) -> Spec:
    """Return a specification of up to four states; each sets some variables, most show some."""
    states = [f"state {number}" for number in range(random.randint(1, 4))]
    initials: dict[str, Any] = {name: random.choice([0, 1, 2.5]) for name in NUMBERS}
    initials |= {
        "s": "",
        "t": "t",
        "many": [],
    }
    made = [_state(random, name, states, initials) for name in states]
    made[0].setdefault("emitter", "e")
    emitters = [
        {"name": "e", "dimensions": _dimensions(random)},
        {"name": "f", "dimensions": _dimensions(random)},
    ]
    spec = {
        "states": made,
        "emitters": emitters,
        "interarrival": {"type": "exponential", "mean": 0.2},
    }
    first: dict[str, Any] = {
        name: random.choice([5, 1.5]) for name in NUMBERS if random.random() < 0.2
    }
    # a name that no state sets is read as null; with a default there is none
    known = {each["name"] for state in made for each in state["variables"]}
    first |= {name: initials.get(name, {"p": 1}) for name in NAMES if name not in known}
    return {**spec, "variable_defaults": first}


def _state(random: Random, name: str, states: list[str], initials: dict[str, Any]) -> Spec:
    nexts = random.sample(states, random.randint(1, len(states)))
    chances = [0.9 / len(nexts)] * len(nexts)
    names = random.sample(NAMES, random.randint(0, len(NAMES)))
    state = {
        "name": name,
        "variables": [_variable(random, each, initials) for each in names],
        "delay": random.choice([{"type": "exponential", "mean": 3}, {"type": "constant", "value": 1}]),
        "transitions": [
            *({"next": each, "probability": chance} for each, chance in zip(nexts, chances, strict=True)),
            {"next": "stop", "probability": 0.1},
        ],
    }  # fmt: skip
    if random.random() < 0.8:
        state["emitter"] = random.choice("ef")
    return state


def _variable(random: Random, name: str, initials: dict[str, Any]) -> Spec:
    if name == "o":
        parts = [
            {"name": "p", **_number(random)},
            {"name": "q", "type": "expression", "expr": f"p + {_read(random)}"},
        ]
        return {"name": name, "type": "object", "dimensions": parts, **_absences(random)}
    made = _plain(random, name) if random.random() < 0.4 else _expression(random, name)
    expr = made.get("expr", "")
    if made["type"] == "expression" and name in expr.replace("(", " ").replace(")", " ").split():
        made["initial"] = initials[name]
        return {"name": name, **made}
    return {"name": name, **made, **_absences(random)}


def _plain(random: Random, name: str) -> Spec:
    if name in NUMBERS:
        return _number(random)
    values: list[Any] = ["a", "b", "<é>"] if name in TEXTS else [[], [1.5], [2.5, 3.5]]
    return {
        "type": "enum",
        "values": values,
        "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2.99},
    }


def _number(random: Random) -> Spec:
    kinds: list[Spec] = [
        {"type": "int", "distribution": {"type": "uniform", "min": -5, "max": 9}},
        {
            "type": "float",
            "distribution": {"type": "normal", "mean": 0, "stddev": 2},
            "precision": 3,
        },
        {"type": "counter"},
    ]
    return random.choice(kinds)


def _expression(random: Random, name: str) -> Spec:
    if name in TEXTS:
        return {"type": "expression", "expr": f"{random.choice(TEXTS)} ~ '-' ~ {_read(random)}"}
    if name in LISTS:
        return {"type": "expression", "expr": f"many + [ {_number_expr(random, 1)} ]"}
    made: Spec = {"type": "expression", "expr": _number_expr(random, 2)}
    return made | ({"precision": 2} if random.random() < 0.3 else {})


def _number_expr(random: Random, depth: int) -> str:
    if not depth or random.random() < 0.2:
        return _read(random)
    left, right = _number_expr(random, depth - 1), _number_expr(random, depth - 1)
    forms = (
        f"( {left} + {right} )", f"( {left} - {right} )", f"( {left} * 0.5 )", f"( {left} / {right} )",
        f"( {left} if state == 'state 0' else {right} )", f"( {left} if {_read(random)} == {_read(random)} else {right} )",
    )  # fmt: skip
    return random.choice(forms)


def _read(random: Random) -> str:
    return random.choice([*NUMBERS, *NUMBERS, "visit", "worker", "0.25"])


def _absences(random: Random) -> Spec:
    every = [
        {},
        {},
        {"percent_nulls": 30},
        {"percent_missing": 30},
        {"percent_nulls": 20, "percent_missing": 40},
    ]
    return dict(random.choice(every))


def _dimensions(random: Random) -> list[Spec]:
    shown = random.sample(NAMES, random.randint(3, len(NAMES)))
    fields: list[Spec] = [{"name": each, "type": "variable", "variable": each} for each in shown]
    return [
        *fields,
        {"name": "made", "type": "expression", "expr": f"[ {_read(random)} , {_read(random)} ]"},
    ]
