"""`time` of a specification or a target: what the instant of a record is called and how it is written, in the output only."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.helpers import Outcome, invoke
from tests.support.routing import ORDERS, Spec, folder  # noqa: F401 - a fixture

START = "2027-03-28T00:59:58Z"  # two seconds before clocks in Berlin go on


def run(*flags: str, **keys: Any) -> Outcome:
    """Run four records of the orders."""
    return invoke("-n", "4", "--seed", "1", "-s", START, "-q", *flags, spec={**ORDERS, **keys})


def records(*flags: str, **keys: Any) -> list[Spec]:
    """Return the records of a run that has to go well."""
    outcome = run(*flags, **keys)
    assert outcome.status == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def instants() -> list[datetime]:
    """Return the instants of the records."""
    return [datetime.fromisoformat(each["time"]) for each in records()]


@pytest.mark.parametrize("flags", [(), ("-j", "2")])
def test_it_has_another_name(flags: tuple[str, ...]) -> None:
    """At its place, and nothing else changes."""
    found = records(*flags, time={"name": "@timestamp"})
    assert [next(iter(each)) for each in found] == ["@timestamp"] * 4
    renamed = [{"time": each.pop("@timestamp"), **each} for each in found]
    assert renamed == records()


@pytest.mark.parametrize(
    ("form", "unit"), [("epoch", 1), ("epoch_ms", 10**3), ("epoch_us", 10**6), ("epoch_ns", 10**9)]
)
def test_epochs_are_numbers(form: str, unit: int) -> None:
    """In JSON and in columns."""
    wanted = [int(each.timestamp() * unit) for each in instants()]
    assert [each["time"] for each in records(time={"format": form})] == wanted
    run(time={"format": form}, target={"type": "file", "path": "x.parquet"})
    column = pq.ParquetFile("x.parquet").read().column("time")
    assert (column.type, column.to_pylist()) == (pa.int64(), wanted)


def test_zone_has_daylight_saving() -> None:
    """Both offsets, on both sides of the change."""
    texts = [each["time"] for each in records(time={"timezone": "Europe/Berlin"})]
    assert texts[0] == "2027-03-28T01:59:58.000+01:00"
    assert texts[-1].endswith("+02:00")
    assert [datetime.fromisoformat(each) for each in texts] == instants()


def test_pattern_of_strftime_is_text() -> None:
    """In the time zone, if there is one."""
    time = {"name": "ts", "format": "%d.%m.%Y %H:%M %z", "timezone": "Europe/Berlin"}
    assert records(time=time)[0]["ts"] == "28.03.2027 01:59 +0100"


def test_csv_has_the_name_in_its_header() -> None:
    """And the values below it."""
    lines = run("--csv", time={"name": "ts", "format": "epoch"}).out.decode().splitlines()
    assert lines[0] == "ts,id,total,sku,qty"
    assert lines[1].startswith(f"{int(instants()[0].timestamp())},")


def test_pattern_knows_it_as_time() -> None:
    """A pattern names no field in its output: only how it is written changes."""
    form = {"type": "pattern", "pattern": "{time}"}
    out = run(format=form, time={"name": "ts", "format": "epoch"}).out.decode().split()
    assert out == [str(int(each.timestamp())) for each in instants()]


def test_each_target_has_its_own() -> None:
    """The target's wins over that of the specification; what they look at stays as it was."""
    targets = [
        {"type": "file", "path": "a.jsonl", "time": {"name": "a"}, "when": "time > instant('2027-03-28T00:59:59Z')"},
        {"type": "file", "path": "b.jsonl"},
    ]  # fmt: skip
    outcome = run(time={"name": "b", "format": "epoch"}, target={"type": "tee", "targets": targets})
    assert outcome.status == 0, outcome.err
    a, b = (
        [json.loads(line) for line in Path(f"{name}.jsonl").read_text().splitlines()]
        for name in "ab"
    )
    assert all(next(iter(each)) == "a" for each in a)
    assert 0 < len(a) < 4
    assert [each["b"] for each in b] == [int(each.timestamp()) for each in instants()]


def test_skewed_clocks_stay_so() -> None:
    """What is written is the instant that the record tells of."""
    disorder = [{"type": "skew", "offset": -40}]
    plain = [datetime.fromisoformat(each["time"]) for each in records(disorder=disorder)]
    found = [each["time"] for each in records(disorder=disorder, time={"format": "epoch_ms"})]
    assert [datetime.fromtimestamp(each / 1000, UTC) for each in found] == plain


MISTAKES: list[tuple[Spec, str]] = [
    ({"time": {}}, 'time: expected at least one of "name", "format" and "timezone"'),
    ({"time": {"name": "sku"}}, 'time.name: the emitter "line" has a field "sku" already'),
    ({"time": {"name": ""}}, "time.name: expected the name of the field"),
    ({"time": {"timezone": "Europe/Berln"}}, "time.timezone"),
    ({"time": {"format": "%Q"}}, "time.format"),
    ({"time": {"nme": "x"}}, 'did you mean "name"?'),
    ({"time": "x"}, "time: expected an object"),
    ({"target": {"type": "null", "time": {"name": "qty"}}}, 'target.time.name: the emitter "line" has a field "qty"'),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "text"), MISTAKES, ids=lambda each: json.dumps(each)[:40])
def test_mistakes_are_told(keys: Spec, text: str) -> None:
    """At their keys."""
    outcome = run(**keys)
    assert outcome.status == 1
    assert text in outcome.err


def test_a_replay_has_none() -> None:
    """Its times are written as its file has them."""
    Path("x.csv").write_text("t,n\n2027-03-12,2\n")
    spec = {
        "type": "replay",
        "source_file": "x.csv",
        "time_field": "t",
        "time": {"format": "epoch"},
    }
    outcome = invoke("-q", spec=spec)
    assert "time: a replay writes times as its file does" in outcome.err


def test_streams_of_tables_have_the_name() -> None:
    """The schema comes before the first record."""
    outcome = run(format="arrow_stream", time={"name": "ts"})
    assert pa.ipc.open_stream(io.BytesIO(outcome.out)).schema.names[0] == "ts"
