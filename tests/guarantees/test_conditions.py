"""Paths that look at values, through the whole program: forms, jobs, parts, checkpoints, ends without a way on."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.test_value_walk import random_spec
from tests.support.conditions import NUMBER, Spec, spec_of_values
from tests.support.helpers import invoke
from tests.support.plain_machine import plain_lines

RUN = ("-s", "2027-03-12", "--seed", "1", "-q")
COUNT: Spec = {"name": "count", "type": "expression", "initial": 0, "expr": "count + n"}
HOUR: Spec = {"name": "hour", "type": "expression", "expr": "hour(time)"}
SPECS = {
    "plain": spec_of_values("n > 3"),
    "memory": spec_of_values("count % 3 == 0", NUMBER, COUNT),
    "timed": spec_of_values("hour(time) < 1 or n > 3 and hour == 1", NUMBER, HOUR),
    "delay": spec_of_values("n > 3", delay={"type": "exponential", "mean": {"expr": "1 + n"}}),
}


def records_of(spec: Spec, *flags: str) -> list[bytes]:
    """Return the lines of a run."""
    outcome = invoke(*RUN, *flags, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.out.splitlines()


@pytest.mark.parametrize("seed", range(6))
def test_records_are_those_of_the_plain_machine(seed: int) -> None:
    """Byte for byte: the walk and the records make the same values."""
    spec = random_spec(random.Random(seed))
    variables = ["n", "kind", "word", "count", "sum"]
    spec["emitters"][0]["dimensions"] = [
        {"name": name, "type": "variable", "variable": name} for name in variables
    ]
    start = 1_804_809_600_000_000  # 2027-03-12
    expected = plain_lines(spec, 1, start, 20, start + 10_000_000)
    found = records_of(spec, "-r", "10S", "-m", "20")
    assert [each.decode() for each in found] == expected


@pytest.mark.parametrize("name", SPECS)
def test_jobs_parts_and_prefixes(name: str) -> None:
    """The same records however they are made."""
    spec = SPECS[name]
    every = records_of(spec, "-n", "3000", "-m", "7")
    assert records_of(spec, "-n", "700", "-m", "7") == every[:700]
    assert records_of(spec, "-n", "3000", "-m", "7", "-j", "2") == every
    parts = [records_of(spec, "-r", "60S", "-m", "none", "--part", f"{k}/3") for k in (0, 1, 2)]
    together = [line for part in parts for line in part]
    assert sorted(together) == sorted(records_of(spec, "-r", "60S", "-m", "none"))


@pytest.mark.parametrize("name", SPECS)
def test_resumed_runs_go_on(name: str, tmp_path: Path) -> None:
    """From checkpoints at odd places: what workers hold is known there."""
    file, out = tmp_path / "spec.json", tmp_path / "out.json"
    target = {"type": "file", "path": str(out)}
    file.write_text(json.dumps({**SPECS[name], "target": target}))
    for count in ("137", "1", "500", "62"):
        flags = ("-c", str(file), "-n", count, "-m", "9", "--resume", str(tmp_path / "at"))
        first = () if (tmp_path / "at").exists() else RUN[:4]
        assert invoke(*flags, *first, "-q").status == 0
    assert out.read_bytes().splitlines() == records_of(SPECS[name], "-n", "700", "-m", "9")


def test_both_forms_take_the_same_paths() -> None:
    """A gateway is what the transitions of a state are."""
    spec = spec_of_values("n > 3")
    variables = spec["states"][0]["variables"]
    process = {
        "states": [
            {"name": "begin", "type": "event:start:timer", "next": "a",
             "cardinality_distribution": spec["interarrival"]},
            {"name": "a", "type": "activity", "emitter": "e", "next": "wait", "variables": variables},
            {"name": "wait", "type": "event:intermediate:timer", "next": "which",
             "cardinality_distribution": {"type": "exponential", "mean": {"expr": "1 + n"}}},
            {"name": "which", "type": "gateway:exclusive", "transitions": [
                {"next": "b", "when": "n > 3"}, {"next": "end", "when": "else"}]},
            {"name": "b", "type": "activity", "emitter": "e", "next": "a"},
            {"name": "end", "type": "event:end"},
        ],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "time", "type": "clock"}, *spec["emitters"][0]["dimensions"]]}],
    }  # fmt: skip
    spec["states"][0]["delay"] = {"type": "exponential", "mean": {"expr": "1 + n"}}
    spec["states"][1] |= {"delay": 0, "transitions": [{"next": "a", "probability": 1}]}
    classic = [json.loads(line) for line in records_of(spec, "-n", "300")]
    other = [json.loads(line) for line in records_of(process, "-n", "300")]
    assert [{**each, "time": each["time"] + "+00:00"} for each in classic] == other
    assert {each["state"] for each in classic} == {"a", "b"}


def ends(spec: Spec, *flags: str) -> Any:
    """Return how a run ends."""
    return invoke(*RUN, "-n", "5000", *flags, spec=spec)


@pytest.mark.parametrize("flags", [(), ("-m", "1"), ("-m", "none"), ("-j", "2")])
def test_a_run_ends_where_a_worker_can_go_nowhere(flags: tuple[str, ...]) -> None:
    """With the state and the values; the records before that instant are delivered."""
    spec = spec_of_values("n > 0")
    del spec["states"][0]["transitions"][1]
    outcome = ends(spec, *flags)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == 'state "a": no transition can be taken: n = 0'
    assert 0 < len(outcome.records) < 5000
    without = invoke(*RUN, "-n", str(len(outcome.records)), *flags, spec=spec)
    assert (without.status, without.out) == (0, outcome.out)


def test_a_run_ends_where_a_delay_cannot_be_computed() -> None:
    """A null, or a parameter that is not allowed; the record of the visit itself is delivered."""
    spec = spec_of_values(None, delay={"type": "exponential", "mean": {"expr": "n"}})
    outcome = ends(spec)
    assert outcome.status == 1
    text = 'state "a": the delay cannot be computed: n = 0'
    assert outcome.err.splitlines()[-1] == text
    spec["states"][0]["variables"] = [NUMBER | {"percent_nulls": 5}]
    spec["states"][0]["delay"]["mean"] = {"expr": "1 + n"}
    assert ends(spec).err.splitlines()[-1] == text.replace("0", "null")


def test_children_see_the_variables_of_the_files_that_run_them(tmp_path: Path) -> None:
    """In a condition of a gateway, and so do copies."""
    child = {
        "states": [
            {"name": "in", "type": "event:start:message", "next": "large?"},
            {"name": "large?", "type": "gateway:exclusive", "transitions": [
                {"next": "check", "when": "n > 4"}, {"next": "out", "when": "else"}]},
            {"name": "check", "type": "activity", "emitter": "e", "next": "out"},
            {"name": "out", "type": "event:end"},
        ],
    }  # fmt: skip
    root = {
        "states": [
            {"name": "begin", "type": "event:start:timer", "next": "a",
             "cardinality_distribution": {"type": "constant", "value": 1}},
            {"name": "a", "type": "activity", "next": "first", "variables": [NUMBER]},
            {"name": "first", "type": "subprocess", "states": "child.json", "next": "second"},
            {"name": "second", "type": "subprocess", "states": "child.json", "next": "end"},
            {"name": "end", "type": "event:end"},
        ],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "time", "type": "clock"}, {"name": "n", "type": "variable", "variable": "n"}]}],
    }  # fmt: skip
    for name, spec in (("child", child), ("root", root)):
        (tmp_path / f"{name}.json").write_text(json.dumps(spec))
    outcome = invoke(*RUN, "-n", "400", "-c", str(tmp_path / "root.json"))
    numbers = [each["n"] for each in outcome.records]
    assert outcome.status == 0
    assert set(numbers) == {5, 6, 7, 8, 9}
    assert numbers[::2] == numbers[1::2]  # each in both copies
    child["states"][1]["transitions"][0]["when"] = "m > 4"  # type: ignore[index]
    (tmp_path / "child.json").write_text(json.dumps(child))
    wrong = invoke("--validate", "-c", str(tmp_path / "root.json"))
    assert "child.json: states[1].transitions[0].when: column 1: no value" in wrong.err


@pytest.mark.long
def test_frequencies_of_conditional_transitions() -> None:
    """P(b | n) of two conditions and an else, by a chi-squared test of a million visits at 1e-4."""
    spec = spec_of_values("n > 3")
    spec["states"][0]["transitions"] = [
        {"next": "b", "when": "n > 6", "probability": 0.3},  # n: 7, 8, 9
        {"next": "c", "when": "n % 2 == 0", "probability": 0.1},  # n: 0, 2, 4, 6, 8
        {"next": "stop", "probability": 0.2},
        {"next": "c", "when": "else"},  # n: 1, 3, 5
    ]
    last = {"emitter": "e", "transitions": [{"next": "stop", "probability": 1}]}
    spec["states"][1:] = [{"name": "b", **last}, {"name": "c", **last}]
    records = [json.loads(line) for line in records_of(spec, "-n", "1000000", "-m", "none")]
    chi, cells = 0.0, 0
    for n in range(10):
        weights = {"b": 0.3 * (n > 6), "c": 0.1 * (n % 2 == 0) + (n in {1, 3, 5}), "stop": 0.2}
        own = [each["state"] for each in records if each["n"] == n]
        total = own.count("a")
        seen = {name: own.count(name) for name in "bc"}
        seen["stop"] = total - sum(seen.values())
        for name, weight in weights.items():
            expected = total * weight / sum(weights.values())
            assert weight or not seen[name]
            chi += (seen[name] - expected) ** 2 / expected if expected else 0.0
            cells += bool(weight)
    assert cells - 10 == 11  # degrees of freedom
    assert chi < 37.4  # the 1 - 1e-4 quantile
