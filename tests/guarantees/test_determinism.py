"""The bytes depend on spec, seed, start and -m, and on nothing else."""

import copy
import gzip
import io
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datagen.cli.signals import Interruption
from datagen.curves.curve import CURVES, Curve
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.running.clock import RealClock
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke

START = "2027-03-12"
SPEC: dict[str, Any] = {
    "states": [
        {
            "name": "enter",
            "emitter": "visit",
            "variables": [
                {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 99}},
                {"name": "since", "type": "clock"},
                {"name": "ticket", "type": "counter", "percent_nulls": 10},
            ],
            "delay": {"type": "exponential", "mean": 3},
            "transitions": [{"next": "look", "probability": 0.9}, {"next": "stop", "probability": 0.1}],
        },
        {
            "name": "look",
            "emitter": "look",
            "variables": [
                {"name": "page", "type": "enum", "values": ["a", {"b": 1.5}, None],
                 "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}},
            ],
            "delay": {"type": "lognormal", "mu": 0, "sigma": 1},
            "transitions": [{"next": "look", "probability": 0.8}, {"next": "stop", "probability": 0.2}],
        },
    ],
    "emitters": [
        {"name": "visit", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "number", "type": "counter"},
        ]},
        {"name": "look", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "since", "type": "variable", "variable": "since"},
            {"name": "ticket", "type": "variable", "variable": "ticket"},
            {"name": "page", "type": "variable", "variable": "page", "percent_missing": 20},
            {"name": "cost", "type": "float", "precision": 2, "percent_nulls": 30,
             "distribution": {"type": "gamma", "shape": 2, "scale": 10}},
            {"name": "tags", "type": "list", "length_distribution": {"type": "poisson", "mean": 1},
             "selection_distribution": {"type": "uniform", "min": 0, "max": 1},
             "elements": [
                 {"type": "string", "length_distribution": {"type": "constant", "value": 4}},
                 {"type": "counter", "increment": 2},
             ]},
            {"name": "id", "type": "uuid"},
        ]},
    ],
    "interarrival": {"type": "exponential", "mean": 0.05},
}  # fmt: skip


def output(*arguments: str, spec: Any = SPEC) -> bytes:
    """Return the bytes of a run."""
    outcome = invoke("--seed", "7", "-s", START, *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.out


def run_with_windows(
    window: Any, records: int, raw: Any = SPEC, schedule: Curve | None = None
) -> bytes:
    """Return the bytes of a run whose windows are forced."""
    spec, _ = parse_spec(raw, "test.json")
    plan = Plan(spec, "test.json", StdoutTarget(), JsonLines(), parse_instant(START), 7, 100,
                max_records=records, schedule=schedule)  # fmt: skip
    out = io.BytesIO()
    Run(plan, window).deliver(out, Interruption())
    return out.getvalue()


def test_two_runs_are_the_same() -> None:
    """The same command gives the same bytes; another seed does not."""
    assert output("-n", "3000") == output("-n", "3000")
    assert invoke("--seed", "8", "-s", START, "-n", "3000", spec=SPEC).out != output("-n", "3000")


@pytest.mark.parametrize("few", [0, 1, 10, 777])
def test_fewer_records_are_a_prefix(few: int) -> None:
    """`-n` cuts the stream and changes nothing before the cut."""
    lines = output("-n", "3000").splitlines(keepends=True)
    assert output("-n", str(few)) == b"".join(lines[:few])


def test_consecutive_durations_leave_no_gap() -> None:
    """`-r` is half open: 20 seconds are the records of the first 20 seconds, no more, no less."""
    whole = [
        line for line in output("-r", "40S").splitlines() if line < b'{"time":"2027-03-12T00:00:20'
    ]
    assert output("-r", "20S").splitlines() == whole


def _tiny(pool: Pool) -> None:
    pool.span, pool.window_size = 20_000, 5


def _large(pool: Pool) -> None:
    pool.span, pool.window_size = 10**10, 30_000


@pytest.mark.parametrize("records", [600, pytest.param(3000, marks=pytest.mark.long)])
def test_windows_do_not_show(records: int) -> None:
    """Tiny, large and random windows give the same bytes."""
    chance = random.Random(3)

    def wild(pool: Pool) -> None:
        pool.span, pool.window_size = int(10 ** chance.uniform(3, 8)), chance.randint(1, 3000)

    expected = output("-n", str(records))
    for window in (_tiny, _large, wild):
        assert run_with_windows(window, records) == expected


DAY: Any = {"type": "gmm_temporal", "timezone": "Asia/Kolkata", "days": {
    "5": [{"utc_hour": 5.6, "sigma": 0.01, "weight": 3}, {"utc_hour": 5.5, "sigma": 1, "weight": 0.3}],
}}  # fmt: skip


@pytest.mark.parametrize("applies_to", [None, "workers", "arrivals"])
@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("records", [100, pytest.param(500, marks=pytest.mark.long)])
def test_windows_do_not_show_where_times_follow_curves(
    records: int, timed: bool, applies_to: str | None
) -> None:
    """Variables, counters and clocks too, of workers that start in turn, in rounds and ahead."""
    spec = copy.deepcopy(SPEC)
    if timed:
        spec["states"][1]["delay"] = {**DAY, "mean": 1}
    schedule = CURVES.parse({**DAY, "applies_to": applies_to}) if applies_to else None
    expected = run_with_windows(None, records, spec, schedule)
    assert len(expected.splitlines()) == records
    chance = random.Random(4)

    def wild(pool: Pool) -> None:
        pool.span, pool.window_size = int(10 ** chance.uniform(3, 8)), chance.randint(1, 3000)
        pool.state.round_size = chance.choice([1, 64, 300])

    for window in (_tiny, _large, wild):
        assert run_with_windows(window, records, spec, schedule) == expected


def test_real_clock_gives_the_same_bytes() -> None:
    """Paced by an injected clock, the records are those of the simulated one."""
    now = itertools.accumulate(itertools.repeat(0.0005))
    slept: list[float] = []
    spec, _ = parse_spec(SPEC, "test.json")
    start = parse_instant(START)
    plan = Plan(spec, "test.json", StdoutTarget(), JsonLines(), start, 7, 100, max_records=500)
    out = io.BytesIO()
    clock = RealClock(start.micros, monotonic=lambda: next(now), sleep=slept.append)
    Run(plan).deliver(out, Interruption(), clock)
    assert out.getvalue() == output("-n", "500")
    assert slept


def test_file_and_stdout_are_the_same(tmp_path: Path) -> None:
    """A target changes nothing, compressed or not."""
    expected = output("-n", "2000")
    for name in ("out.jsonl", "out.jsonl.gz", "out.jsonl.zst"):
        target = tmp_path / "target.json"
        target.write_text(json.dumps({"type": "file", "path": str(tmp_path / name)}))
        assert output("-n", "2000", "-t", str(target)) == b""
    assert (tmp_path / "out.jsonl").read_bytes() == expected
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == expected
    with pa.input_stream(str(tmp_path / "out.jsonl.zst")) as stream:
        assert stream.read() == expected


def test_edited_field_leaves_the_others_alone() -> None:
    """Changing, adding or removing one field moves no other value."""
    edited = copy.deepcopy(SPEC)
    dimensions = edited["emitters"][1]["dimensions"]
    dimensions[4]["distribution"] = {"type": "constant", "value": 1}
    del dimensions[6]
    dimensions.insert(0, {"name": "extra", "type": "uuid"})
    before = [json.loads(line) for line in output("-n", "1000").splitlines()]
    after = [json.loads(line) for line in output("-n", "1000", spec=edited).splitlines()]
    for one, other in zip(before, after, strict=True):
        for gone in ("cost", "id"):
            one.pop(gone, None)
        for new in ("cost", "extra"):
            other.pop(new, None)
        assert one == other


def test_another_start_moves_only_the_times() -> None:
    """Nothing but instants depends on `-s`."""
    other = invoke("--seed", "7", "-s", "1999-12-31T23:59:59.5Z", "-n", "1000", spec=SPEC)
    for one, two in zip(output("-n", "1000").splitlines(), other.out.splitlines(), strict=True):
        first, second = json.loads(one), json.loads(two)
        for instant in ("time", "since"):
            assert (instant in first) == (instant in second)
            first.pop(instant, None)
            second.pop(instant, None)
        assert first == second


def test_time_never_falls() -> None:
    """Records come out in the order of their instants."""
    times = [json.loads(line)["time"] for line in output("-n", "3000").splitlines()]
    assert times == sorted(times)


def test_instants_are_written_as_the_start() -> None:
    """Without an offset, with Z, or with an offset: as given."""
    for suffix in ("", "Z", "+01:00"):
        outcome = invoke("--seed", "7", "-s", f"2027-03-12T00:00:00{suffix}", "-n", "1", spec=SPEC)
        assert outcome.records[0]["time"] == f"2027-03-12T00:00:00.000{suffix}"


def test_clock_ends_with_the_year_9999() -> None:
    """What comes before is delivered, then the run fails with a sentence."""
    outcome = invoke("--seed", "7", "-s", "9999-12-31T23:59:50", spec=SPEC)
    assert outcome.status == 1
    assert "the clock would pass the end of the year 9999" in outcome.err
    assert outcome.records[-1]["time"] >= "9999-12-31T23:59:59"
