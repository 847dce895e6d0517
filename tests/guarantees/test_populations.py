"""Populations keep the guarantees: resumed, in parts and processes, in both forms, typed and not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datagen.batch import Batch
from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from datagen.spec.parsing import parse_spec
from datagen.targets.message_keys import LabelTemplate, label_texts, unknown_fields
from tests.support.disorder import batches_of
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


BOUNDED: Spec = {
    **SPEC,
    "timeline": {
        "campaign": {"at": "+1M", "for": "20S"},
        "again": {"at": "+10S", "for": "5S", "every": "20S"},
    },
    "populations": [
        {"name": "people", "start": "home", "interarrival": exponential(0.5), "from": "+20S", "until": "+40S"},
        {"name": "intruder", "start": "scan", "total": 2, "during": "campaign", "interarrival": constant(5)},
        {"name": "bots", "start": "home", "interarrival": exponential(1), "during": "again", "max": 2},
    ],
}  # fmt: skip


def starts_of(made: list[bytes]) -> dict[str, list[str]]:
    """Return the first instants of the workers of each population."""
    found: dict[str, dict[str, str]] = {}
    for each in map(json.loads, made):
        found.setdefault(each["who"].split("/")[0], {}).setdefault(each["who"], each["time"][11:])
    return {name: list(each.values()) for name, each in found.items()}


def test_nobody_comes_outside_bounds() -> None:
    """Within them as many as the time brings; a total is exact."""
    starts = starts_of(lines("-r", "2M", "-m", "none", spec=BOUNDED))
    assert starts["people"][0] == "00:00:20.000"
    assert all("00:00:20" <= each < "00:00:40" for each in starts["people"])
    assert 20 < len(starts["people"]) < 60
    assert starts["intruder"] == ["00:01:00.000", "00:01:05.000"]
    assert all(float(each[6:]) % 20 >= 10 and float(each[6:]) % 20 < 15 for each in starts["bots"])
    assert len(starts["bots"]) > 5


def test_bounds_are_those_of_the_first_start(tmp_path: Path) -> None:
    """In resumed runs, in parts, and with a warm-up."""
    whole = lines("-r", "2M", "-m", "5", spec=BOUNDED)
    resumed: list[bytes] = []
    for _ in range(8):
        resumed += lines("-r", "15S", "-m", "5", "--resume", str(tmp_path / "at"), spec=BOUNDED)
    assert resumed == whole
    warm = starts_of(lines("-r", "2M", "-m", "none", "--warm-up", "10M", spec=BOUNDED))
    assert warm["intruder"] == ["00:01:00.000", "00:01:05.000"]
    assert warm["people"][0] == "00:00:20.000"


def test_population_is_a_name_in_patterns_and_keys(tmp_path: Path) -> None:
    """Where no field has that name; also in expressions."""
    pattern = {"type": "pattern", "pattern": "{population}|{who}|{population ~ '!'}"}
    made = lines("-r", "20S", "-m", "5", spec={**SPEC, "format": pattern})
    shown = [each.decode().split("|") for each in made]
    assert {each[0] for each in shown} == {"people", "intruder", "bots"}
    assert all(each[1].startswith(each[0] + "/") and each[2] == each[0] + "!" for each in shown)
    dimension = {"name": "population", "type": "string:static", "value": "own"}
    emitters = [{**each, "dimensions": [*each["dimensions"], dimension]} for each in EMITTERS]
    own = lines("-r", "20S", "-m", "5", spec={**SPEC, "emitters": emitters, "format": pattern})
    assert {each.split(b"|")[0] for each in own} == {b"own"}
    labels = label_texts(LabelTemplate("{population}-{emitter}"), next(_batches()))
    assert {each.split("-")[0] for each in labels if each} <= {"people", "intruder", "bots"}


def _batches() -> Iterator[Batch]:
    spec, _ = parse_spec(SPEC, "x.json")
    assert list(unknown_fields(LabelTemplate("{population}"), spec)) == []
    yield from batches_of(spec, 500)
