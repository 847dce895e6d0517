"""Files of older programs: when their records come, and what is set when.

Small specifications with constant waits show each rule; those from the field agree with the arithmetic
of `tests.support.lives`, at fixed seeds.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.simulation.build import build_machine
from datagen.simulation.paths import walk
from datagen.simulation.states import unstarted_workers
from datagen.spec.parsing import parse_spec
from tests.support.helpers import Outcome, invoke
from tests.support.lives import exact
from tests.support.machines import Spec, constant, spec_of
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

AT = ("-s", "2025-01-01", "--seed", "1", "-q")
TEMPLATES: Spec = {"templates": {"t": {"body": "{{ time }}"}}}
ENTRY = [{"name": "since", "type": "clock", "format": "%S"}]


def run(spec: Spec, *arguments: str, n: int = 4) -> Outcome:
    """Run a specification that is right."""
    outcome = invoke(*AT, "-n", str(n), *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def seconds(spec: Spec, *arguments: str, n: int = 4) -> list[float]:
    """Return the seconds since the start at which records come, by the field `time`."""
    times = [record["time"] for record in run(spec, *arguments, n=n).records]
    return [float(time[14:16]) * 60 + float(time[17:23]) for time in times]


def classic(dimensions: list[Spec] | None = None, **keys: Any) -> Spec:
    """Return a classic file: `a` of 2 s, then `b` of 10 s; a worker each 40 s."""
    spec = spec_of(
        {"a": (constant(2), {"b": 1}), "b": (constant(10), {"stop": 1})},
        constant(40), [clock("time")] if dimensions is None else dimensions,
    )  # fmt: skip
    return spec | keys


def with_entry(spec: Spec) -> Spec:
    """Return it with variables that its second state sets on entry."""
    states = [spec["states"][0], {**spec["states"][1], "variables_on_entry": ENTRY}]
    return {**spec, "states": states}


def silent(spec: Spec) -> Spec:
    """Return it with a third state, between the two, that emits nothing."""
    first, second = spec["states"]
    between = {**first, "name": "c"}
    del between["emitter"]
    first = {**first, "transitions": [{"next": "c", "probability": 1}]}
    return {**spec, "states": [first, between, second]}


# the order within a visit

RECORD_FIRST, DELAY_FIRST = [0, 2, 40, 42], [2, 12, 42, 52]
ORDERS = {
    "nothing": (classic([]), RECORD_FIRST),
    "templates alone": (classic([], **TEMPLATES), RECORD_FIRST),
    "a place for the time alone": (classic(), RECORD_FIRST),
    "no templates": (classic(templates={}), RECORD_FIRST),
    "a place and templates": (classic(**TEMPLATES), DELAY_FIRST),
    "generator:clock and templates": (classic([{"name": "time", "type": "generator:clock"}], **TEMPLATES), DELAY_FIRST),
    "a place and a silent state": (silent(classic()), [2, 14, 42, 54]),
    "a silent state alone": (silent(classic([])), [0, 4, 40, 44]),
    "variables on entry": (with_entry(classic()), DELAY_FIRST),
}  # fmt: skip


@pytest.mark.parametrize("name", ORDERS)
def test_a_classic_file_waits_first_by_its_signs(name: str) -> None:
    """Before each record the delay of its own state, and none after the last: or the other way round."""
    spec, expected = ORDERS[name]
    assert seconds(spec) == expected
    told = "a worker waits before the record" in invoke("--validate", "-v", spec=spec).err
    assert told is (expected[0] == 2)


def test_a_place_is_enough_at_one_of_several_emitters() -> None:
    """The order is one for the file; who has no place begins with the time."""
    spec = silent(classic())
    spec["states"][2]["emitter"] = "f"
    spec["emitters"] += [{"name": "f", "dimensions": [static("x", "y")]}]
    spec["emitters"][0]["dimensions"].insert(0, static("v", "w"))
    assert run(spec, n=2).records == [
        {"v": "w", "time": "2025-01-01T00:00:02.000+00:00"},
        {"time": "2025-01-01T00:00:14.000+00:00", "x": "y"},
    ]
    assert [list(record) for record in run(spec, n=2).records] == [["v", "time"], ["time", "x"]]


def test_a_worker_that_waits_first_ends_with_its_last_record() -> None:
    """With one at most, the next begins there."""
    spec = classic(**TEMPLATES) | {"interarrival": constant(1)}
    assert seconds(spec, "-m", "1") == [2, 12, 14, 24]
    assert seconds(classic() | {"interarrival": constant(1)}, "-m", "1") == [0, 2, 12, 14]


def test_classic_variables_are_set_on_entry_and_before_the_record() -> None:
    """Those on entry hold during the wait, the others belong to the record; both of one name may be."""
    spec = with_entry(classic([shown("since"), clock("time"), shown("both"), shown("at")]))
    first, second = spec["states"]
    first["variables"] = [*ENTRY, static("both", "first")]
    first["variables_on_entry"] = [static("at", "entry of a")]
    second["variables_on_entry"] = [*ENTRY, static("both", "on entry")]
    second["variables"] = [static("both", "second")]
    assert [list(record.values()) for record in run(spec, n=2).records] == [
        ["02", "2025-01-01T00:00:02.000+00:00", "first", "entry of a"],
        ["02", "2025-01-01T00:00:12.000+00:00", "second", "entry of a"],
    ]
    assert "warning" not in invoke("--validate", spec=spec).err


def test_a_state_that_neither_waits_nor_sets_on_entry_is_one_visit() -> None:
    """Also of a file that waits first; and one that sets on entry without a wait sets all the same."""
    spec = with_entry(classic([clock("time"), shown("since")])) | {"interarrival": constant(7)}
    for state in spec["states"]:
        state["delay"] = constant(0)
    records = run(spec, "--no-progress", n=4).records
    assert [record["since"] for record in records] == [None, "00", None, "07"]
    made = parse_spec(spec, "test")[0]
    assert [state.name for state in made.states] == ["a", "b", "b (2)"]


# the field `time`


@pytest.mark.parametrize(
    ("given", "suffix"), [("2025-01-01", "+00:00"), ("2025-01-01T00:00Z", "Z")]
)
def test_a_placed_time_is_written_as_in_a_process(given: str, suffix: str) -> None:
    """Three decimals, with an offset, as are the other instants of the file."""
    spec = classic([static("v", "w"), clock("time"), clock("at")])
    outcome = invoke("-s", given, "-n", "1", "-q", spec=spec)
    instant = f"2025-01-01T00:00:00.000{suffix}"
    assert outcome.out.decode() == f'{{"v":"w","time":"{instant}","at":"{instant}"}}\n'
    csv = invoke("-s", given, "-n", "1", "-q", "--csv", spec=spec).out.decode()
    assert csv == f"v,time,at\nw,{instant},{instant}\n"


def test_a_file_with_variables_on_entry_has_no_time_of_its_own() -> None:
    """Unless an emitter has a field of that name, which may then be of any type."""
    assert run(with_entry(classic([shown("since")])), n=2).records == [
        {"since": None},
        {"since": "02"},
    ]
    assert run(with_entry(classic([static("time", "x")])), n=1).records == [{"time": "x"}]
    empty = classic([])
    empty["states"][0]["variables_on_entry"] = []
    assert run(empty, n=1).out == b"{}\n"


def test_only_a_clock_places_the_time() -> None:
    """Anything else of that name is an error, as ever."""
    outcome = invoke("--validate", spec=classic([static("time", "x")]))
    assert (outcome.status, '"time" is the clock' in outcome.err) == (1, True)
    assert run(classic([clock("time") | {"format": "%S"}]), n=2).records == [{"time": "00"}, {"time": "02"}]  # fmt: skip


@pytest.mark.parametrize("ending", ["parquet", "arrow", "avro"])
def test_columns_have_the_types_of_the_words(ending: str, tmp_path: Path) -> None:
    """The time is an instant wherever it stands; `static` is typed by its value."""
    values = {"s": "x", "i": 7, "f": 0.5, "b": True}
    fields = [{"name": name, "type": "static", "value": value} for name, value in values.items()]
    spec = classic([*fields, clock("time"), shown("v"), shown("c")]) | {"constants": {"c": 3}}
    spec["states"][0]["variables"] = [{"name": "v", "type": "generator:static", "value": False}]
    schema = json.loads(invoke("--avro-schema", spec=spec).out)
    types = {each["name"]: each["type"][-1] for each in schema["fields"]}
    assert list(types) == ["s", "i", "f", "b", "time", "v", "c"]
    assert types.pop("time")["logicalType"] == "timestamp-micros"
    assert list(types.values()) == ["string", "long", "double", "boolean", "boolean", "long"]
    path = tmp_path / f"records.{ending}"
    run({**spec, "target": {"type": "file", "path": str(path)}}, n=2)
    assert path.stat().st_size > 0


# the process form


def test_a_timer_sets_before_and_after_it_waits() -> None:
    """What the record before it shows is what was set then."""
    nap = timer("nap", constant(3), "b") | {
        "variables_on_entry": [static("v", "waiting"), clock("t") | {"format": "%S"}],
        "variables": [static("w", "waited"), clock("u") | {"format": "%S"}],
    }
    spec = process_of(
        start("a", constant(20)), activity("a", "nap", static("v", "a"), static("w", "a")), nap,
        activity("b", "end"), end(), e=[shown(name) for name in "vwtu"],
    )  # fmt: skip
    assert [list(record.values()) for record in run(spec).records] == [
        ["a", "a", None, None], ["waiting", "waited", "00", "03"],
        ["a", "a", None, None], ["waiting", "waited", "20", "23"],
    ]  # fmt: skip


def test_a_gateway_sets_before_it_chooses_and_a_start_when_it_starts() -> None:
    """An activity sets on entry, then its variables: the later counts."""
    spec = process_of(
        start("g", constant(5)) | {"variables_on_entry": [counter("n"), static("v", "start")]},
        gateway("g", a=1) | {"variables_on_entry": [static("g", "entry"), static("h", "entry")],
                             "variables": [static("h", "gateway")]},
        activity("a", "end", static("x", "late"))
        | {"variables_on_entry": [static("x", "early"), static("y", "early")]},
        end(), e=[shown(name) for name in ("n", "v", "g", "h", "x", "y")],
    )  # fmt: skip
    assert [list(record.values()) for record in run(spec, n=2).records] == [
        [n, "start", "entry", "gateway", "late", "early"] for n in (0, 1)
    ]
    assert invoke("--validate", spec=spec).err == "stdin: ok: 4 states, 1 emitter\n"


def test_sets_on_entry_that_cannot_be_made_are_named_where_they_stand() -> None:
    """By the list of the file, in either form."""
    few = {"name": "v", "type": "int", "distribution": constant(1), "cardinality": 2,
           "cardinality_distribution": constant(0)}  # fmt: skip
    spec = process_of(start("a"), activity("a", "end") | {"variables_on_entry": [few]}, end())
    problem = "variables_on_entry[0].cardinality: only 1 different values are possible, not 2"
    assert f"states[1].{problem}" in invoke(*AT, "-n", "1", spec=spec).err
    old = classic([])
    old["states"][1]["variables_on_entry"] = [few]
    assert f"states[1].{problem}" in invoke(*AT, "-n", "1", spec=old).err


def test_an_interarrival_beside_typed_states_does_not_count() -> None:
    """Whatever it is; the warning says which counts."""
    spec = process_of(start("a", constant(5)), activity("a", "end"), end())
    outcome = run(spec | {"interarrival": 7})
    assert outcome.out == run(spec).out
    assert "warning: stdin: interarrival: has no effect" in outcome.err


# names that come twice


def test_of_two_dimensions_the_later_counts_in_the_place_of_the_first() -> None:
    """In emitters of either form and in objects; what a format knows of columns follows."""
    twice = [static("v", "first"), static("w", "x"), {"name": "v", "type": "static", "value": 2}]
    both = [*twice, {"name": "o", "type": "object", "dimensions": twice}]
    for spec in (
        classic(both),
        process_of(start("a"), activity("a", "end"), end(), e=both),
    ):
        record = run(spec, n=1).out.decode()
        assert record.endswith('"v":2,"w":"x","o":{"v":2,"w":"x"}}\n')
        told = invoke("--validate", spec=spec).err
        assert told.count('is called "v" already; its place counts') == 2
        assert "\nx" not in invoke("--avro-schema", spec=spec).err
        assert run(spec, "--csv", n=1).out.decode().count("v") == 2  # a header, and within JSON


def test_a_counter_that_is_not_shown_takes_no_numbers() -> None:
    """Two of one name have each a sequence of its own; that of the later is shown."""
    spec = classic([counter("n"), counter("n", start=5)])
    assert [record["n"] for record in run(spec).records] == [5, 6, 7, 8]
    spec = classic([shown("n")])
    spec["states"][0]["variables"] = [counter("n"), counter("n", start=5)]
    assert [record["n"] for record in run(spec).records] == [5, 5, 6, 6]


# all of it through a resumed run


@pytest.mark.parametrize("workers", ["1", "50"])
def test_a_resumed_run_of_an_old_file_goes_on(workers: str, tmp_path: Path) -> None:
    """Byte by byte, in the middle of waits and with what was set on entry."""
    spec = with_entry(classic([shown("since"), clock("time"), counter("n"), shown("at")]))
    spec |= {"interarrival": {"type": "exponential", "mean": 0.3}, "constants": {"at": "first"}}
    spec["states"][1]["variables"] = [counter("at")]
    whole = run(spec, "-m", workers, n=600).out
    file = str(tmp_path / "checkpoint")
    parts = [run(spec, "-m", workers, "--resume", file, n=150).out for _ in range(4)]
    assert b"".join(parts) == whole


# files from the field

FOLDER = Path(__file__).parents[3] / "shared" / "compat" / "history"
CLASSIC = sorted(FOLDER.glob("classic_*.json"))
PROCESSES = [
    file for file in sorted(FOLDER.glob("process_*.json")) if b"subprocess" not in file.read_bytes()
]
FIELD = [*CLASSIC, *PROCESSES[::4]]
WORKERS = 30_000


def near(values: NDArray[Any], mean: float) -> bool:
    """Return whether the mean of values is as near as it should be: 1 %, and 3.89 standard errors."""
    error = values.std() / len(values) ** 0.5
    return bool(abs(values.mean() - mean) <= 0.01 * mean + 3.89 * error + 1e-9)


@pytest.mark.statistical
@pytest.mark.skipif(not FIELD, reason="no specifications from the field beside the project")
@pytest.mark.parametrize("file", FIELD, ids=lambda file: str(file.stem))
def test_lives_agree_with_arithmetic(file: Path) -> None:
    """Records a worker, the wait before its first, the gap between two, and the shares of states.

    Of 30,000 whole lives: records within 3 %, shares within 0.01.
    """
    raw = json.loads(file.read_text(encoding="utf-8"))
    expected, spec = exact(raw), parse_spec(raw, file.name)[0]
    machine = build_machine(spec, 1)
    workers = unstarted_workers(0, WORKERS, len(machine.variable_groups))
    paths = walk(machine, workers, 1 << 60, 1 << 60)
    shown = machine.emitter_of[paths.states] >= 0
    owners, times = np.repeat(np.arange(WORKERS), paths.counts)[shown], paths.times[shown] / 1e6
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    assert len(times) / WORKERS == pytest.approx(expected.records, rel=0.03)
    assert near(times[first], expected.first_wait)
    same = np.diff(owners) == 0
    if expected.gap is None:
        assert not same.any()
    else:
        assert near(np.diff(times)[same], expected.gap)
    places = np.array([spec.variables_path(state)[1] for state in range(len(machine.names))])
    found = np.bincount(places[paths.states[shown]].astype(int), minlength=len(raw["states"]))
    for place, share in expected.shares.items():
        assert found[place] / len(times) == pytest.approx(share, abs=0.01)
