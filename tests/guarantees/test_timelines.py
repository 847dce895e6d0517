"""Machines whose paths look at a timeline make what a plain machine makes, however their stream is cut.

Those of test_language_machines look at so much else that most of them are timed anyway. These are not: between two edges they
need no instants, and those that look at periods alone are walked by a machine that looks at nothing.
"""

import random
from typing import Any

import pytest

from datagen.part import Part
from datagen.simulation.build import build_machine
from datagen.spec.parsing import parse_spec
from tests.guarantees.test_language_machines import (
    END,
    START,
    Made,
    Stream,
    by_arrays_or_one_by_one,
    lines_of,
)
from tests.support.plain_machine import plain_run

Spec = dict[str, Any]
SEEDS = [*range(8), *(pytest.param(each, marks=pytest.mark.long) for each in range(8, 300))]
TIMELINES: list[Spec] = [
    {"outage": {"at": "+2S", "for": "1.5S", "ramp": "0.7S"}, "often": {"at": "+0.3S", "for": "0.4S", "every": "1S"}},
    {"outage": {"at": "2027-03-12T00:00:03", "for": "1S"}, "often": {"at": "+2S", "for": "0.001S", "every": "0.5S"}},
    {"outage": {"at": "+0S", "for": "1S", "every": "2S", "ramp": "0.6S"}, "often": {"at": "00:00", "for": "2S", "every": "1D"}},
    {"outage": {"at": "+1S", "for": "0.5S", "ramp": "1S"}, "often": {"at": "+4S", "for": "9H"}},
]  # fmt: skip
WHENS = [
    "during('outage')",
    "not during('often')",
    "during('often') and not during('outage')",
    "ramp('outage') > 0",
]
MOVING = ["ramp('outage') > 0.4", "(progress('outage') or 0) > 0.5"]  # within a ramp or a period
VALUES = ["kind == 'x'", "hits > 2", "during('outage') or kind == 'y'", "visit % 2 == 0"]
DELAYS: list[Any] = [
    0.7, {"type": "exponential", "mean": 0.4}, {"type": "exponential", "mean": {"expr": "0.1 + 2 * during('outage')"}},
    {"type": "constant", "value": {"expr": "0.3 if during('often') else 1.1"}},
    {"type": "uniform", "min": 0, "max": {"expr": "1 - 0.5 * during('often')"}},
    {"type": "lognormal", "median": {"expr": "0.3 * (1 + 4 * ramp('outage'))"}, "sigma": 0.3},
    {"type": "choice", "values": [0.1, {"expr": "0.5 + during('outage')"}, 2], "weights": [1, 1, 1]},
]  # fmt: skip
FAULTY = {"type": "exponential", "mean": {"expr": "1 / (0 if during('outage') else 1)"}}


def spec_of(chance: random.Random) -> Spec:
    """Return a machine; of some the paths look at values, too, and some workers can go nowhere."""
    by_values, moving = chance.random() < 0.4, chance.random() < 0.4
    whens = [*WHENS, *(MOVING if moving else ()), *(VALUES if by_values else ())]
    names = [f"s{place}" for place in range(chance.randint(1, 4))]
    states = [_state(chance, name, names, whens) for name in names]
    if by_values:
        states[0]["variables"] = [
            {"name": "kind", "type": "enum", "values": ["x", "y", "z"]},
            {"name": "hits", "type": "expression", "initial": 0, "expr": "hits + during('often')"}]  # fmt: skip
    if chance.random() < 0.1:
        chance.choice(states)["delay"] = FAULTY
    fields = [
        {"name": "out", "type": "expression", "expr": "[state, visit, worker, during('outage')]"}
    ]
    return {
        "timeline": chance.choice(TIMELINES),
        "interarrival": {"type": "exponential", "mean": chance.choice([0.05, 0.3])},
        "states": states,
        "emitters": [{"name": "e", "dimensions": fields}],
    }


def _state(chance: random.Random, name: str, names: list[str], whens: list[str]) -> Spec:
    ways: list[Spec] = [
        {
            "next": chance.choice([*names, "stop"]),
            "probability": chance.choice([0.2, 1]),
            "when": when,
        }
        for when in chance.sample(whens, chance.choice([0, 1, 2]))
    ]
    last = chance.choice([{"when": "else"}, {}]) if ways else {}
    ways += [{"next": "stop", "probability": 0.4, **last}]
    if "when" not in ways[-1]:
        ways += [{"next": chance.choice(names), "probability": 0.6}]
    return {"name": name, "emitter": "e", "delay": chance.choice(DELAYS), "transitions": ways}


def test_most_of_them_need_no_instants_between_edges() -> None:
    """All whose paths look at the timeline at all."""
    machines = [
        build_machine(parse_spec(spec_of(random.Random(seed)), "test.json")[0], 7)
        for seed in range(300)
    ]
    looking = [each for each in machines if each.phases is not None]
    assert len(looking) > 270
    assert sum(not each.decisions.variables for each in looking if each.decisions) > 150


@pytest.mark.parametrize("seed", SEEDS)
def test_records_are_those_of_a_plain_machine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, whatever the windows, wherever it is resumed, in whatever order others make its windows."""
    chance = random.Random(seed)
    raw, workers = spec_of(chance), chance.choice([1, 4, 30])
    expected, _ = plain_run(raw, 7, START, workers, END)
    stream = Stream(parse_spec(raw, "test.json")[0], workers)
    for way in (stream.resumed, stream.resumed, stream.handed_over):
        by_arrays_or_one_by_one(chance, monkeypatch)
        assert lines_of(way(chance)) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_together_are_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cap makes workers wait for each other."""
    chance = random.Random(seed)
    raw = spec_of(chance)
    spec, _ = parse_spec(raw, "test.json")
    expected, ended = plain_run(raw, 7, START, 1 << 40, END)
    whole = Stream(spec, None).resumed(chance)
    assert lines_of(whole) == expected
    together: Made = []
    for index in range(3):
        by_arrays_or_one_by_one(chance, monkeypatch)
        together += Stream(spec, None, Part(index, 3)).resumed(chance)
    until = END if ended is None else ended
    some = (each for each in together if each[0] < until)
    assert sorted(some, key=lambda each: each[:2]) == whole
