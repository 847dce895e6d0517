"""The process form: what its states do, its records, and that it is the classic machine."""

import json
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from datagen.spec.generator import CompiledGenerator
from datagen.spec.parsing import parse_spec
from tests.guarantees.golden import SPECS
from tests.support.helpers import Outcome, invoke
from tests.support.machines import (
    BURSTS,
    CROWDED,
    ENDING,
    NEVER_ENDING,
    NO_DURATION,
    SYNCHRONOUS,
    Spec,
    constant,
    exponential,
)
from tests.support.processes import (
    activity,
    clock,
    counter,
    end,
    gateway,
    process_of,
    shown,
    start,
    static,
    timer,
)

AT = ("-s", "2025-01-01", "--seed", "1")
CLASSIC = {
    "ending": ENDING, "never-ending": NEVER_ENDING, "no duration": NO_DURATION,
    "synchronous": SYNCHRONOUS, "crowded": CROWDED, "bursts": BURSTS,
}  # fmt: skip
NUMBER: Spec = {"name": "x", "type": "float", "distribution": {"type": "uniform", "min": 0, "max": 1}}  # fmt: skip
CHAIN = [activity("a", "wait"), timer("wait", constant(2), "b"), activity("b", "end"), end()]


def run(spec: Spec, *arguments: str, n: int = 6) -> Outcome:
    """Run a process that is right."""
    outcome = invoke(*AT, "-n", str(n), "-q", *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def seconds(spec: Spec, *arguments: str, n: int = 6) -> list[float]:
    """Return the seconds since the start at which records come, by their field `time`."""
    first = np.datetime64("2025-01-01")
    times = [record["time"][:23] for record in run(spec, *arguments, n=n).records]
    return [float((np.datetime64(time) - first) / np.timedelta64(1, "s")) for time in times]


# what states do


def test_activities_take_no_time_and_timers_wait() -> None:
    """Two records of a worker are as far apart as the timer between them says."""
    spec = process_of(start("a", constant(10)), *CHAIN)
    assert seconds(spec) == [0, 2, 10, 12, 20, 22]


def test_a_worker_ends_at_once_after_its_last_activity() -> None:
    """With one worker at most, the next one starts at the instant of the last record."""
    spec = process_of(start("a", constant(0.5)), *CHAIN)
    assert seconds(spec, "-m", "1") == [0, 2, 2, 4, 4, 6]


def test_a_worker_lives_on_through_a_timer_before_its_end() -> None:
    """The last timer keeps its place taken."""
    spec = process_of(start("a", constant(0.5)), activity("a", "wait"), timer("wait", constant(2), "end"), end())  # fmt: skip
    assert seconds(spec, "-m", "1") == [0, 2, 4, 6, 8, 10]


def test_variables_are_set_before_the_record_and_kept() -> None:
    """An activity shows what it has just set; one without an emitter sets all the same."""
    spec = process_of(
        start("set", constant(10)),
        activity("set", "a", static("v", "early"), counter("n"), emitter=None),
        activity("a", "b", static("w", "own")),
        activity("b", "end", static("v", "late")),
        end(),
        e=[shown("v"), shown("w"), shown("n")],
    )
    assert [list(record.values()) for record in run(spec).records] == [
        [value, "own", number] for number in range(3) for value in ("early", "late")
    ]


def test_the_later_of_two_variables_counts() -> None:
    """An activity that sets one twice shows the second; the first is not evaluated at all."""
    twice = [counter("n"), static("n", "text"), counter("n", start=7)]
    spec = process_of(start("a"), activity("a", "end", *twice), end(), e=[shown("n")])
    assert [record["n"] for record in run(spec).records] == [7, 8, 9, 10, 11, 12]
    lines = run(spec, "--csv").out.decode().splitlines()
    assert lines == ["n", "7", "8", "9", "10", "11", "12"]


def test_gateways_may_follow_each_other_and_come_first() -> None:
    """Their chances multiply; each choice is independent of the one before it."""
    spec = process_of(
        start("one", constant(1)), gateway("one", two=0.5, c=0.5), gateway("two", a=0.5, b=0.5),
        *(activity(name, "end", static("v", name)) for name in "abc"), end(), e=[shown("v")],
    )  # fmt: skip
    found = [record["v"] for record in run(spec, n=4000).records]
    counts = np.array([found.count(name) for name in "abc"])
    assert stats.chisquare(counts, [1000, 1000, 2000]).pvalue > 1e-4


def test_probabilities_a_hundredth_off_are_divided_out() -> None:
    """0.33 three times is a third each."""
    spec = process_of(
        start("pick"), gateway("pick", a=0.33, b=0.33, c=0.33),
        *(activity(name, "end", static("v", name)) for name in "abc"), end(), e=[shown("v")],
    )  # fmt: skip
    found = [record["v"] for record in run(spec, n=9000).records]
    assert stats.chisquare([found.count(name) for name in "abc"]).pvalue > 1e-4


def test_several_ends_and_a_timer_before_the_first_activity() -> None:
    """Where the file puts the start does not matter, nor how many ends there are."""
    spec = process_of(
        end("one"), activity("a", "pick"), gateway("pick", one=0.5, other=0.5),
        timer("wait", constant(3), "a"), start("wait", constant(10)), end("other"),
    )  # fmt: skip
    assert seconds(spec, n=3) == [3, 13, 23]


def test_visits_are_activities_with_what_follows_them() -> None:
    """An activity takes the timer and the gateway after it along; what is entered otherwise stands alone."""
    spec = process_of(
        start("first"), gateway("first", a=0.5, nap=0.5), timer("nap", constant(1), "pick"),
        activity("a", "rest"), timer("rest", constant(2), "pick"), gateway("pick", b=0.5, nap=0.5),
        activity("b", "again"), gateway("again", first=0.5, end=0.5), end(),
    )  # fmt: skip
    made = parse_spec(spec, "test")[0]
    assert isinstance(made, CompiledGenerator)
    states = {state.name: state for state in made.states}
    assert set(states) == {"first", "a", "nap", "b"}
    assert made.states[0].name == "first"
    assert [states[name].delay.mean() for name in ("a", "nap", "b")] == [2, 1, 0]
    assert [each.next for each in states["a"].transitions] == ["b", "nap"]
    assert [each.next for each in states["b"].transitions] == ["first", "end"]
    assert [spec["states"][each.index]["name"] for each in made.merged] == [*states]


# records


def test_records_hold_the_dimensions_and_nothing_else() -> None:
    """There is no `time` unless an emitter has one, under any name and at any place."""
    spec = process_of(
        start("a", constant(1)), activity("a", "b", static("v", "x")), activity("b", "end", emitter="f"), end(),
        e=[shown("v"), clock("at"), clock("time") | {"format": "%H:%M"}], f=[],
    )  # fmt: skip
    assert run(spec, n=2).out == (
        b'{"v":"x","at":"2025-01-01T00:00:00.000+00:00","time":"00:00"}\n{}\n'
    )


@pytest.mark.parametrize("first", [NUMBER, static("x", "y"), shown("v"), counter("x"), clock("x")])
def test_a_first_dimension_may_be_missing(first: Spec) -> None:
    """The comma goes where it belongs, whichever fields a record has."""
    half = {"percent_missing": 50, "percent_nulls": 20}
    dimensions = [{**first, "name": "a", **half}, {**first, "name": "b", **half}, shown("w")]
    spec = process_of(
        start("a"), activity("a", "end", static("v", "x"), static("w", "y") | half), end(), e=dimensions
    )  # fmt: skip
    lines = run(spec, n=400).out.decode().splitlines()
    assert {tuple(json.loads(line)) for line in lines} == {
        (*(("a",) * a), *(("b",) * b), *(("w",) * w)) for a in (0, 1) for b in (0, 1) for w in (0, 1)
    }  # fmt: skip
    assert all(json.dumps(json.loads(line), separators=(",", ":")) == line for line in lines)


@pytest.mark.parametrize(("given", "suffix"), [
    ("2025-01-01", "+00:00"), ("2025-01-01T00:00:00Z", "Z"), ("2025-01-01T01:00:00+01:00", "+01:00"),
    ("2025-01-01T00:00:00+00:00", "+00:00"),
])  # fmt: skip
def test_instants_are_written_with_an_offset(given: str, suffix: str) -> None:
    """UTC where the start has none; one that it has is kept."""
    spec = process_of(start("a", constant(1)), activity("a", "end"), end())
    outcome = invoke("-s", given, "--seed", "1", "-n", "1", spec=spec)
    hour = "01" if suffix == "+01:00" else "00"
    assert outcome.records == [{"time": f"2025-01-01T{hour}:00:00.000{suffix}"}]
    assert re.search(rf"-s \S+{re.escape(suffix)}\n", outcome.err)


@pytest.mark.parametrize("arguments", [("-s", "2025-01-01"), ("-s", "now"), ()])
def test_a_run_is_repeated_by_its_own_line(arguments: tuple[str, ...]) -> None:
    """Byte for byte, on the real clock too."""
    spec = process_of(start("a", exponential(0.001)), activity("a", "end"), end())
    once = invoke(*arguments, "-n", "20", spec=spec)
    again = re.findall(r"repeat with: (.*)", once.err)[0].split()
    assert invoke(*again, "-n", "20", "-q", spec=spec).out == once.out
    assert all(record["time"].endswith("+00:00") for record in once.records)


def test_durations_are_half_open() -> None:
    """A record at the very end belongs to the next run."""
    spec = process_of(start("a", constant(1)), activity("a", "end"), end())
    assert len(invoke(*AT, "-r", "10S", "-q", spec=spec).records) == 10


def test_other_formats_know_the_dimensions_only() -> None:
    """CSV has no column `time`, and a pattern that names it is refused, unless an emitter has it."""
    spec = process_of(start("a", constant(1)), activity("a", "end", static("v", "x")), end(), e=[shown("v"), clock("at")])  # fmt: skip
    assert run(spec, "--csv", n=1).out == b"v,at\nx,2025-01-01T00:00:00.000+00:00\n"
    pattern = spec | {"format": {"type": "pattern", "pattern": "{at:%H:%M:%S %z} {v}"}}
    assert run(pattern, n=1).out == b"00:00:00 +0000 x\n"
    outcome = invoke(
        *AT, "-n", "1", spec=spec | {"format": {"type": "pattern", "pattern": "{time}"}}
    )
    assert (outcome.status, 'no emitter has a field "time"' in outcome.err) == (1, True)


def test_a_key_of_a_message_is_a_dimension() -> None:
    """`time` is none of them here."""
    target = {"type": "kafka", "endpoint": "localhost:9", "topic": "t", "topic_key": "time"}
    spec = process_of(start("a", constant(1)), activity("a", "end"), end(), e=[clock("at")])
    outcome = invoke("--validate", spec=spec | {"target": target})
    assert outcome.status == 1
    assert 'target.topic_key: no emitter has a field "time"' in outcome.err
    spec["emitters"][0]["dimensions"][0]["name"] = "time"
    assert invoke("--validate", spec=spec | {"target": target}).status == 0


def test_validation_tells_what_takes_time() -> None:
    """With -v: the start and the timers, by the words of the form."""
    outcome = invoke("--validate", "-v", spec=process_of(start("a", constant(10)), *CHAIN))
    assert outcome.err == (
        "stdin: ok: 5 states, 1 emitter\n"
        'event:start:timer "start": a mean of 10 s\n'
        'event:intermediate:timer "wait": a mean of 2 s\n'
        "target: stdout\n"
    )


def test_a_specification_may_say_that_it_is_one() -> None:
    """`"type": "generator"` changes nothing, in either form."""
    spec = process_of(start("a"), *CHAIN)
    for each in (spec, ENDING):
        assert run({"type": "generator", **each}).out == run(each).out


# the same machine as that of the classic form


def rewritten(classic: Spec) -> Spec:
    """Write a classic specification as a process: each state an activity, a timer and a gateway."""
    states = [start(classic["states"][0]["name"], classic["interarrival"]), end("stop")]
    for state in classic["states"]:
        name = state["name"]
        chances = {each["next"]: each["probability"] for each in state["transitions"]}
        states += [
            {"type": "activity", "next": f"{name} waits", "name": name, "emitter": state["emitter"],
             "variables": state.get("variables", [])},
            timer(f"{name} waits", state["delay"], f"{name} goes on"),
            gateway(f"{name} goes on", **chances),
        ]  # fmt: skip
    emitters = [
        {**each, "dimensions": [clock("time"), *each["dimensions"]]} for each in classic["emitters"]
    ]
    return {"states": states, "emitters": emitters}


@pytest.mark.parametrize("name", CLASSIC)
def test_a_classic_specification_as_a_process_gives_the_same_bytes(name: str) -> None:
    """A visit is an activity, a timer and a gateway: what the classic form calls a state."""
    arguments = ("-s", "2025-01-01T00:00:00+00:00", "--seed", "9", "-n", "3000", "-q")
    expected = invoke(*arguments, spec=CLASSIC[name])
    assert invoke(*arguments, spec=rewritten(CLASSIC[name])).out == expected.out


def test_the_visits_of_a_preset_as_a_process_keep_their_values() -> None:
    """Variables, nested fields, sets and nulls too."""
    payments = json.loads((SPECS / "payments.json").read_text(encoding="utf-8"))
    for state in payments["states"]:
        state.setdefault("emitter", None)
        state.setdefault("delay", constant(0))
    arguments = ("-s", "2025-01-01T00:00Z", "--seed", "9", "-n", "3000", "-q")
    expected = invoke(*arguments, spec=payments)
    assert expected.status == 0
    assert invoke(*arguments, spec=rewritten(payments)).out == expected.out


def branched(classic: Spec) -> Spec:
    """Write it so that the way is chosen before the wait: other visits, other draws, the same chances."""
    states = [start(classic["states"][0]["name"], classic["interarrival"]), end("stop")]
    for state in classic["states"]:
        name = state["name"]
        ways = {f"{name} to {each['next']}": each for each in state["transitions"]}
        states += [
            activity(name, f"{name} goes on"),
            gateway(f"{name} goes on", **{way: each["probability"] for way, each in ways.items()}),
            *(timer(way, state["delay"], each["next"]) for way, each in ways.items()),
        ]
    emitters = [{"name": "e", "dimensions": [clock("time") | {"format": "%s.%f"}]}]
    return {"states": states, "emitters": emitters}


def gaps(spec: Spec, seed: int) -> NDArray[Any]:
    """Return the seconds between the records of workers that come one after the other."""
    spec = {**spec, "emitters": [{"name": "e", "dimensions": [clock("at") | {"format": "%s.%f"}]}]}
    lines = invoke("-s", "2025-01-01", "--seed", str(seed), "-n", "40000", "-m", "1", spec=spec)
    times = [record["at"].split(".") for record in lines.records]
    return np.diff([1_000_000 * int(whole) + int(rest) for whole, rest in times])


@pytest.mark.statistical
def test_a_process_that_chooses_before_it_waits_has_the_same_instants_in_distribution() -> None:
    """Gaps by two-sample Kolmogorov-Smirnov (p > 1e-4 at fixed seeds), their mean within 3 %.

    The gaps of one worker after the other hold its delays, its length (how often it goes on) and
    the interarrival times, which the next one waits for where the one before ended early.
    """
    for name in ("ending", "never-ending", "bursts"):
        one, other = gaps(CLASSIC[name], 1), gaps(branched(CLASSIC[name]), 2)
        assert stats.ks_2samp(one, other).pvalue > 1e-4, name
        assert other.mean() == pytest.approx(one.mean(), rel=0.03), name
        assert not np.array_equal(one, other), name
