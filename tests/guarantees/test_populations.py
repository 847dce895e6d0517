"""Populations keep the guarantees: resumed, in parts and processes, in both forms, typed and not."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential

BEGINNING = ("--seed", "3", "-s", "2027-03-12")
UNIFORM = {"type": "uniform", "min": 1, "max": 9}
STATES: list[Spec] = [
    {"name": "home", "emitter": "page", "delay": exponential(2),
     "variables": [{"name": "level", "type": "expression", "expr": "(level or 0) + 1"},
                   {"name": "total", "type": "expression", "expr": "total + level", "initial": 0}],
     "transitions": [{"next": "home", "probability": 0.6, "when": "level < 4"},
                     {"next": "stop", "probability": 0.4}]},
    {"name": "scan", "emitter": "probe", "delay": exponential(0.2),
     "variables": [{"name": "level", "type": "int", "distribution": UNIFORM}],
     "transitions": [{"next": "scan", "probability": 0.9}, {"next": "home", "probability": 0.1}]},
]  # fmt: skip
EMITTERS: list[Spec] = [
    {"name": "page", "dimensions": [
        {"name": "who", "type": "expression", "expr": "population ~ '/' ~ worker"},
        {"name": "total", "type": "variable", "variable": "total"},
        {"name": "n", "type": "counter"}]},
    {"name": "probe", "dimensions": [
        {"name": "who", "type": "expression", "expr": "population ~ '/' ~ worker"},
        {"name": "by", "type": "counter", "per": "population"},
        {"name": "level", "type": "variable", "variable": "level"}]},
]  # fmt: skip
SPEC: Spec = {
    "states": STATES,
    "emitters": EMITTERS,
    "populations": [
        {"name": "people", "start": "home", "interarrival": exponential(0.5), "max": 20},
        {"name": "intruder", "start": "scan", "interarrival": constant(7), "total": 4},
        {"name": "bots", "start": "home", "interarrival": exponential(1)},
    ],
}


def lines(*arguments: str, spec: Any = SPEC) -> list[bytes]:
    """Return the records of a run."""
    outcome = invoke(*BEGINNING, *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.out.splitlines()


WHOLE = ("-r", "2M", "-m", "5")


@pytest.fixture(scope="module")
def whole() -> list[bytes]:
    """Return the records of a run in one go."""
    return lines(*WHOLE)


def test_resumed_run_makes_the_same(whole: list[bytes], tmp_path: Path) -> None:
    """At any instant, with counters, values and workers of all populations."""
    found: list[bytes] = []
    for _ in range(8):
        found += lines("-r", "15S", "-m", "5", "--resume", str(tmp_path / "at"))
    assert found == whole


def test_windows_do_not_show(whole: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """However small they are; nor does a number of records."""
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(64, 1 << 20))
    assert lines(*WHOLE) == whole
    assert lines("-n", "100", "-m", "5") == whole[:100]


@pytest.mark.long
def test_processes_make_the_same(whole: list[bytes]) -> None:
    """Counters and values are handed over."""
    assert lines(*WHOLE, "-j", "3") == whole


def test_parts_have_workers_of_each_population() -> None:
    """Together they have all, without caps."""
    spec = {**SPEC, "populations": [{**each, "max": "none"} for each in SPEC["populations"]]}

    def known(*arguments: str) -> list[tuple[str, str]]:
        made = [json.loads(line) for line in lines("-r", "1M", *arguments, spec=spec)]
        return [(each["time"], each["who"]) for each in made]

    parts = [known("--part", f"{index}/3") for index in range(3)]
    assert sorted(each for part in parts for each in part) == sorted(known())
    assert all(
        {who.split("/")[0] for _, who in part} == {"people", "intruder", "bots"} for part in parts
    )


def test_populations_are_named_in_records(whole: list[bytes]) -> None:
    """A total is exact, and what others do changes nothing but counters."""
    made = [json.loads(line) for line in whole]
    assert {each["who"] for each in made if each["who"].startswith("intruder")} == {f"intruder/{n}" for n in range(4)}  # fmt: skip
    spec = {**SPEC, "populations": SPEC["populations"][1:]}
    alone = [json.loads(line) for line in lines(*WHOLE, spec=spec)]

    def without_counters(records: list[Spec]) -> list[Spec]:
        return [{key: each[key] for key in each if key != "n"} for each in records]

    assert without_counters(alone) == without_counters([each for each in made if not each["who"].startswith("people")])  # fmt: skip


def test_process_form_has_the_same_populations() -> None:
    """Those of further starts have the draws of their names."""
    timer = "event:intermediate:timer"
    process: Spec = {
        "emitters": EMITTERS[:1],
        "states": [
            {"name": "people", "type": "event:start:timer", "cardinality_distribution": exponential(0.5), "next": "home"},
            {"name": "bots", "type": "event:start:timer", "cardinality_distribution": exponential(1), "max": 3, "next": "home"},
            {"name": "home", "type": "activity", "emitter": "page", "variables": STATES[0]["variables"], "next": "wait"},
            {"name": "wait", "type": timer, "cardinality_distribution": exponential(2), "next": "which"},
            {"name": "which", "type": "gateway:exclusive",
             "transitions": [{**STATES[0]["transitions"][0], "next": "home"}, {"next": "end", "probability": 0.4}]},
            {"name": "end", "type": "event:end"},
        ],
    }  # fmt: skip
    classic = {
        "states": STATES[:1],
        "emitters": EMITTERS[:1],
        "populations": [
            {"name": "bots", "start": "home", "interarrival": exponential(1), "max": 3}
        ],
    }
    bots = [json.loads(line) for line in lines("-r", "1M", spec=process) if b'"bots/' in line]
    expected = [json.loads(line) for line in lines("-r", "1M", spec=classic)]
    assert [(each["who"], each["total"]) for each in bots] == [(each["who"], each["total"]) for each in expected]  # fmt: skip
    unnamed = [
        json.loads(line) for line in lines("-r", "1M", spec=process) if b'"bots/' not in line
    ]
    assert {each["who"].split("/")[0] for each in unnamed} == {""}
