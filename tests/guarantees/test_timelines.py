"""Machines whose paths look at a timeline make what a plain machine makes, however their stream is cut.

Those of test_language_machines look at so much else that most of them are timed anyway. These are not: between two edges they
need no instants, and those that look at periods alone are walked by a machine that looks at nothing.
"""

import json
import random
from pathlib import Path
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
from tests.support.helpers import invoke
from tests.support.language_machines import RandomMachine, process_form, with_timeline
from tests.support.plain_machine import plain_run

Spec = dict[str, Any]


def seeds(turn: int) -> list[Any]:
    """Return four machines, and every third of the next 300: each of them is held to one of the three properties."""
    others = range(4 + turn, 304, 3)
    return [*range(4), *(pytest.param(each, marks=pytest.mark.long) for each in others)]


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
        for seed in range(100)
    ]
    looking = [each for each in machines if each.phases is not None]
    assert len(looking) > 85
    assert sum(not each.decisions.variables for each in looking if each.decisions) > 45


@pytest.mark.parametrize("seed", seeds(0))
def test_records_are_those_of_a_plain_machine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, whatever the windows, wherever it is resumed, in whatever order others make its windows."""
    chance = random.Random(seed)
    raw, workers = spec_of(chance), chance.choice([1, 4, 30])
    expected, _ = plain_run(raw, 7, START, workers, END)
    stream = Stream(parse_spec(raw, "test.json")[0], workers)
    for way in (stream.resumed, stream.resumed, stream.handed_over):
        by_arrays_or_one_by_one(chance, monkeypatch)
        assert lines_of(way(chance)) == expected


@pytest.mark.parametrize("seed", seeds(1))
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


@pytest.mark.parametrize("seed", seeds(2))
def test_populations_go_through_the_same_phases(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the windows: those of all populations end at each edge."""
    chance = random.Random(seed)
    raw = spec_of(chance)
    raw["populations"] = [
        {"name": name, "start": chance.choice(raw["states"])["name"], "interarrival": raw["interarrival"], **cap}
        for name, cap in (("one", {}), ("other", {"max": chance.choice([2, "none"])}))
    ]  # fmt: skip
    del raw["interarrival"]
    raw["states"] = [*raw["states"][1:], raw["states"][0]]
    made = []
    for _ in range(3):
        by_arrays_or_one_by_one(chance, monkeypatch)
        stream = Stream(parse_spec(raw, "test.json")[0], chance.choice([5, 5]))
        made += [lines_of(stream.resumed(chance)), lines_of(stream.handed_over(chance))]
    assert all(each == made[0] for each in made)
    goes_nowhere = any(each["delay"] == FAULTY for each in raw["states"])
    assert goes_nowhere or len(made[0]) > 5


SHOP: Spec = {
    "timeline": {
        "outage": {"at": "+30S", "for": "20S", "ramp": "10S"},
        "fixed": {"at": "2027-03-12T00:00:40", "for": "5S"},
    },
    "interarrival": {"type": "exponential", "mean": 0.2},
    "states": [
        {"name": "request", "emitter": "access", "variables": [{"name": "path", "type": "enum", "values": ["/a", "/b", "/c"]}],
         "delay": {"type": "lognormal", "median": {"expr": "0.2 * (1 + 10 * ramp('outage'))"}, "sigma": 0.4},
         "transitions": [{"next": "failed", "probability": 0.6, "when": "during('outage')"},
                         {"next": "request", "probability": 0.2}, {"next": "stop", "probability": 0.2}]},
        {"name": "failed", "emitter": "access", "delay": 3, "transitions": [{"next": "request", "probability": 1}]}],
    "emitters": [{"name": "access", "dimensions": [
        {"name": "who", "type": "expression", "expr": "[worker, visit]"},
        {"name": "path", "type": "variable", "variable": "path"},
        {"name": "bytes", "type": "int", "distribution": {"type": "lognormal", "mu": 9, "sigma": 1}},
        {"name": "state", "type": "expression", "expr": "state"},
        {"name": "out", "type": "expression", "expr": "during('outage')"},
        {"name": "fixed", "type": "expression", "expr": "progress('fixed')"}]}],
}  # fmt: skip
RUN = ("--seed", "3", "-q")


def records_of(*flags: str, spec: Spec = SHOP) -> list[Any]:
    """Return the records of a run."""
    outcome = invoke(*RUN, *flags, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.records


def times_of(records: list[Any], key: str) -> tuple[str, str]:
    """Return the first and the last time of day of the records of which something is so."""
    times = [each["time"][11:19] for each in records if each[key] not in (False, None)]
    return times[0], times[-1]


def test_offsets_count_from_the_start_of_the_stream_also_in_a_warm_up_and_a_part() -> None:
    """Instants stay where they are; the warm-up comes before the start."""
    for flags in ((), ("--warm-up", "20S"), ("--part", "1/2", "-m", "none")):
        records = records_of("-s", "2027-03-12", "-r", "70S", *flags)
        assert times_of(records, "out") == ("00:00:30", "00:00:49")
        assert times_of(records, "fixed") == ("00:00:40", "00:00:44")
    later = records_of("-s", "2027-03-12T00:00:05", "-r", "70S")
    assert times_of(later, "out") == ("00:00:35", "00:00:54")
    assert times_of(later, "fixed") == ("00:00:40", "00:00:44")


def test_resumed_runs_give_the_bytes_of_one(tmp_path: Path) -> None:
    """However many there are, each on as many processes as it likes."""
    whole = invoke(*RUN, "-s", "2027-03-12", "-r", "70S", spec=SHOP).out
    spec, checkpoint = tmp_path / "shop.json", tmp_path / "run.ck"
    spec.write_text(json.dumps(SHOP))
    parts: list[bytes] = []
    for length, jobs in (("13S", "1"), ("9S", "2"), ("20S", "1"), ("28S", "2")):
        flags = ("-c", str(spec), "--resume", str(checkpoint), "-r", length, "-j", jobs)
        done = invoke(*RUN, *flags, *(() if parts else ("-s", "2027-03-12")))
        assert done.status == 0, done.err
        parts.append(done.out)
    assert b"".join(parts) == whole


def test_an_incident_has_a_twin_without_it() -> None:
    """Until it begins to rise both are the same; after it each worker has the same values at each visit."""
    never = {**SHOP, "timeline": {**SHOP["timeline"], "outage": {"at": "+9000D", "for": "1S"}}}
    flags = ("-s", "2027-03-12", "-r", "120S", "-m", "none")
    with_it, without = records_of(*flags), records_of(*flags, spec=never)
    before = [each for each in with_it if each["time"] < "2027-03-12T00:00:20"]
    assert before == without[: len(before)]
    assert len(before) > 80
    assert with_it[len(before) :] != without[len(before) :]
    values = {
        tuple(each["who"]): (each["bytes"], each["path"])
        for each in without
        if each["state"] == "request"
    }
    both = [each for each in with_it if tuple(each["who"]) in values and each["state"] == "request"]
    assert [(each["bytes"], each["path"]) for each in both] == [
        values[tuple(each["who"])] for each in both
    ]
    assert len(both) > 400
    starts = [[each["time"] for each in run if each["who"][1] == 0] for run in (with_it, without)]
    assert starts[0] == starts[1]  # no cap, so that nobody waits


def test_both_forms_and_any_process_count_make_the_same_records() -> None:
    """A gateway asks what a transition does, when its activity and its timer are over."""
    for seed in range(40, 43):
        chance = random.Random(seed)
        spec = with_timeline(chance, RandomMachine(chance, numbered=True).spec)
        for emitter in spec["emitters"]:  # as the process form names states itself
            emitter["dimensions"] = [
                each for each in emitter["dimensions"] if each["name"] != "visit_of"
            ]
        flags = ("-s", "2027-03-12T00:00Z", "--seed", "7", "-r", "6S", "-m", "20", "-q")
        classic, process = (invoke(*flags, spec=each) for each in (spec, process_form(spec)))
        assert process.status == classic.status
        assert process.out == classic.out
        if seed == 40:
            assert invoke(*flags, "-j", "2", spec=spec).out == classic.out


REPLAYED = "ts,x\n2020-01-01T00:00:00,1\n2020-01-01T00:00:30,2\n2020-01-01T00:00:45,3\n2020-01-01T00:01:45,4\n"
PATTERN = "{during('outage')} {1 + ramp('outage'):.2f} {progress('outage')}\n"
TEMPLATE = "{{ during('outage') }} {{ '%.2f'|format(1 + ramp('outage')) }} {{ progress('outage') }}"


def test_patterns_and_templates_look_at_the_time_of_the_record(tmp_path: Path) -> None:
    """As expressions of fields do; a replay calls it what its source does."""
    pattern, source = tmp_path / "p.txt", tmp_path / "a.csv"
    pattern.write_text(PATTERN)
    source.write_text(REPLAYED)
    fields = [
        {"name": name, "type": "expression", "expr": f"{name}('outage')"}
        for name in ("during", "ramp", "progress")
    ]
    made = {**SHOP, "emitters": [{"name": "access", "dimensions": fields}]}
    replay = {"type": "replay", "source_file": str(source), "time_field": "ts", "loop": False}
    flags = ("-s", "2027-03-12", "-r", "70S")
    records = records_of(*flags, spec=made)
    expected = [
        f"{json.dumps(each['during'])} {1 + each['ramp']:.2f} {'' if each['progress'] is None else each['progress']}"
        for each in records
    ]
    for spec, lines in (
        (made, expected),
        ({**replay, "timeline": SHOP["timeline"]}, ["false 1.00 ", "true 2.00 0.0", "true 2.00 0.75", "false 1.00 "]),
    ):  # fmt: skip
        whole = {**spec, "templates": {"t": {"body": TEMPLATE}}}
        run = flags if "states" in spec else flags[:2]
        for way in (("-f", str(pattern)), ("--template", "t"), ("--template", "t", "-j", "2")):
            out = invoke(*RUN, *run, *way, spec=whole)
            assert out.status == 0, out.err
            assert out.out.decode().splitlines() == lines


def test_a_period_that_a_pattern_or_a_template_misspells_is_told(tmp_path: Path) -> None:
    """Before the run."""
    pattern = tmp_path / "p.txt"
    pattern.write_text(PATTERN.replace("progress('outage')", "progress('outag')"))
    done = invoke("-n", "1", "-f", str(pattern), spec=SHOP)
    assert 'no period "outag"; did you mean "outage"?' in done.err
    body = TEMPLATE.replace("during('outage')", "during('outag')")
    done = invoke("-n", "1", "--validate", spec={**SHOP, "templates": {"t": {"body": body}}})
    assert 'templates.t.body: line 1: no period "outag"; did you mean "outage"?' in done.err
