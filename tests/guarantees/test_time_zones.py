"""Runs in a time zone: what is written in every format, into which files, and what goes on after a kill."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.processes import activity, end, process_of, start

AUTUMN = ("--seed", "1", "-s", "2027-10-31T01:30", "--timezone", "Europe/Berlin")
FIELDS: list[Spec] = [
    {"name": "here", "type": "clock"},
    {"name": "there", "type": "clock", "timezone": "America/New_York"},
    {"name": "text", "type": "clock", "format": "%H:%M %z %Z %s", "timezone": "Australia/Lord_Howe"},
    {"name": "any", "type": "timestamp",
     "distribution": {"type": "uniform", "min": "2027-03-28T01:30", "max": "2027-03-28T03:30"}},
    {"name": "own", "type": "timestamp", "timezone": "Asia/Tokyo",
     "distribution": {"type": "constant", "value": "2027-03-28T01:30"}},
    {"name": "utc", "type": "timestamp", "distribution": {"type": "constant", "value": "2027-07-01T00:00Z"}},
]  # fmt: skip
SPEC = spec_of({"a": (constant(0), {"stop": 1})}, constant(1200), FIELDS)


def run(*flags: str, spec: Spec = SPEC, given: tuple[str, ...] = AUTUMN) -> Outcome:
    """Run over the end of summer time."""
    outcome = invoke(*given, "-q", *flags, spec=spec)
    assert (outcome.status, outcome.err) == (0, "")
    return outcome


def test_times_are_those_of_the_clocks_of_the_zone() -> None:
    """The hour that comes twice has two offsets; a field's own zone wins over that of the run."""
    found = run("-n", "9").records
    assert [each["time"][11:] for each in found[1:7]] == [
        "01:50:00.000+02:00", "02:10:00.000+02:00", "02:30:00.000+02:00",
        "02:50:00.000+02:00", "02:10:00.000+01:00", "02:30:00.000+01:00",
    ]  # fmt: skip
    assert [each["here"] for each in found] == [each["time"] for each in found]
    assert found[0]["there"] == "2027-10-30T19:30:00.000-04:00"
    assert found[0]["text"] == "10:30 +1100 +11 1824939000"
    assert {each["own"] for each in found} == {"2027-03-28T01:30:00.000+09:00"}
    assert {each["utc"] for each in found} == {"2027-07-01T02:00:00.000+02:00"}


def test_random_instants_exist_in_local_time() -> None:
    """Between bounds that are local; the hour that clocks leave out has no records."""
    texts = [each["any"] for each in run("-n", "2000").records]
    assert {(text[11:13], text[-6:]) for text in texts} == {("01", "+01:00"), ("03", "+02:00")}
    assert min(texts) >= "2027-03-28T01:30"
    assert max(texts) <= "2027-03-28T03:30:00.001"
    before = sum(text < "2027-03-28T02" for text in texts)
    assert 900 < before < 1100


def test_bounds_that_do_not_exist_are_the_instant_of_the_change() -> None:
    """All of them at once: whatever the distribution, nothing is written but that instant."""
    low, middle, high = (f"2027-03-28T02:{minute}" for minute in ("10", "20", "50"))
    distributions: list[Spec] = [
        {"type": "constant", "value": low}, {"type": "uniform", "min": low, "max": high},
        {"type": "triangular", "min": low, "mode": middle, "max": high},
        {"type": "histogram", "edges": [low, middle, high], "weights": [1, 1]},
        {"type": "choice", "values": [low, high]}, {"type": "normal", "mean": low, "stddev": 0},
    ]  # fmt: skip
    fields = [{"name": f"f{n}", "type": "timestamp", "distribution": each}
              for n, each in enumerate(distributions)]  # fmt: skip
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(1), fields)
    for record in run("-n", "5", spec=spec).records:
        assert {*record.values()} - {record["time"]} == {"2027-03-28T03:00:00.000+02:00"}


def test_a_set_of_timestamps_has_the_zone_too() -> None:
    """`cardinality`: sampled, and chosen from all that are possible."""
    minutes = ["2027-03-28T01:59", "2027-03-28T03:00", "2027-03-28T02:30"]
    fields = [{"name": name, "type": "timestamp", "timezone": "Europe/Berlin", "cardinality": 2,
               "cardinality_distribution": {"type": "uniform", "min": 0, "max": 1},
               "distribution": each}
              for name, each in (("all", {"type": "choice", "values": minutes}),
                                 ("some", {"type": "normal", "mean": minutes[0], "stddev": 9e6}))]  # fmt: skip
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(1), fields)
    found = run("-n", "50", spec=spec, given=("--seed", "1", "-s", "2027-03-12")).records
    assert {each["all"] for each in found} == {
        "2027-03-28T01:59:00.000+01:00", "2027-03-28T03:00:00.000+02:00"
    }  # fmt: skip
    assert len({each["some"] for each in found}) == 2


def table_of(data: bytes) -> list[dict[str, Any]]:
    """Read Arrow."""
    found: list[dict[str, Any]] = pa.ipc.open_file(data).read_all().to_pylist()
    return found


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "parquet": lambda data: parquet.read_table(pa.BufferReader(data)).to_pylist(),
    "arrow": table_of,
    "avro": lambda data: [each for each in fastavro.reader(io.BytesIO(data)) if isinstance(each, dict)],
}  # fmt: skip


@pytest.mark.parametrize("kind", READERS)
def test_columns_of_instants_stay_instants(kind: str, tmp_path: Path) -> None:
    """A column has one type for all zones: the instant, in UTC."""
    path = tmp_path / f"x.{kind}"
    run("-n", "9", spec={**SPEC, "target": {"type": "file", "path": str(path)}})
    rows = READERS[kind](path.read_bytes())
    for row, record in zip(rows, run("-n", "9").records, strict=True):
        for name in ("time", "here", "there", "any", "own", "utc"):
            assert row[name].utcoffset() == timedelta()
            difference = row[name] - datetime.fromisoformat(record[name]).astimezone(UTC)
            assert timedelta() <= difference < timedelta(milliseconds=1)


def test_text_formats_have_the_text_of_json(tmp_path: Path) -> None:
    """CSV and TSV as they are; patterns and templates by strftime, by arrays and by Jinja2."""
    found = run("-n", "9").records
    times = [each["time"] for each in found]
    for flag, delimiter in (("--csv", ","), ("--tsv", "\t")):
        lines = run("-n", "9", flag).out.decode().splitlines()[1:]
        assert [line.split(delimiter)[0] for line in lines] == times
    (tmp_path / "p").write_text("{time} {time:%Y-%m-%dT%H:%M:%S%:z|%Z} {there:%Z}")
    pattern = run("-n", "9", "-f", str(tmp_path / "p")).out.decode().splitlines()
    zones = ["CEST" if each.endswith("+02:00") else "CET" for each in times]
    body = "{{ time }} {{ time.strftime('%Y-%m-%dT%H:%M:%S%:z') }} {{ there.strftime('%Z') }}"
    slow = body + "{{ [time.strftime('%Z')][0] }}{% for x in [time] %}{{ x }}{% endfor %}"
    spec = {**SPEC, "templates": {"fast": {"body": body}, "slow": {"body": slow}}}
    fast = run("-n", "9", "--template", "fast", spec=spec).out.decode().splitlines()
    assert fast == [f"{each} {each.replace('.000', '')} EDT" for each in times]
    assert pattern == [
        f"{time} {time.replace('.000', '')}|{zone} EDT"
        for time, zone in zip(times, zones, strict=True)
    ]
    assert run("-n", "9", "--template", "slow", spec=spec).out.decode().splitlines() == [
        f"{line}{zone}{time}" for line, zone, time in zip(fast, zones, times, strict=True)
    ]


def test_start_with_an_offset_and_the_process_form() -> None:
    """The start says when, the zone how it is written; both forms."""
    spec = process_of(start("a", constant(3600)), activity("a", "end"), end())
    for given in ("2027-03-28T00:00:00Z", "2027-03-28T01:00"):
        flags = ("--seed", "1", "-s", given, "--timezone", "Europe/Berlin", "-n", "3")
        assert [each["time"] for each in run(spec=spec, given=flags).records] == [
            "2027-03-28T01:00:00.000+01:00", "2027-03-28T03:00:00.000+02:00",
            "2027-03-28T04:00:00.000+02:00",
        ]  # fmt: skip


def test_end_is_local_too() -> None:
    """`--until` without an offset; the line that repeats the run names all of it."""
    outcome = invoke(*AUTUMN, "--until", "2027-10-31T03:00", spec=SPEC)
    assert outcome.records[-1]["time"] == "2027-10-31T02:50:00.000+01:00"
    first = outcome.err.splitlines()[0]
    assert first == (
        "repeat with: --seed 1 -s 2027-10-31T01:30:00.000000+02:00 --timezone Europe/Berlin"
    )
    again = first.removeprefix("repeat with: ").split()
    assert invoke(*again, "--until", "2027-10-31T02:00Z", "-q", spec=SPEC).out == outcome.out


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("%Y%m%dT%H.json", ["20271031T01", "20271031T02", "20271031T03"]),
        ("%Y%m%dT%H%z.json", ["20271031T01+0200", "20271031T02+0200", "20271031T02+0100", "20271031T03+0100"]),
        ("%d.json", ["31"]),
        ("%H%M.json", ["0130", "0150", "0210", "0210-1", "0230", "0230-1", "0250", "0250-1", "0310"]),
    ],
)  # fmt: skip
def test_files_are_named_by_local_time(path: str, names: list[str], tmp_path: Path) -> None:
    """None is lost where clocks go back: a name that comes again gets a number."""
    spec = {**SPEC, "target": {"type": "file", "path": str(tmp_path / path)}}
    run("-n", "9", spec=spec)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        f"{name}.json" for name in names
    )
    lines = [line for each in tmp_path.iterdir() for line in each.read_bytes().splitlines(True)]
    assert sorted(lines) == sorted(run("-n", "9").out.splitlines(keepends=True))


@pytest.mark.parametrize("path", ["%Y%m%dT%H.json", "%H%M.json", "%d%z.json", "all.json"])
def test_resumed_runs_are_one(path: str, tmp_path: Path) -> None:
    """In pieces of 35 minutes, over the end of summer time: the files of one run."""
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    for folder, lengths in ((whole, ["210M"]), (pieces, ["35M"] * 6)):
        folder.mkdir()
        spec = {**SPEC, "target": {"type": "file", "path": str(folder / path)}}
        for length in lengths:
            run("-r", length, "--resume", str(tmp_path / f"{folder.name}.ck"), spec=spec)
    found = {each.name.removesuffix(".part"): each.read_bytes() for each in pieces.iterdir()}
    assert found == {each.name.removesuffix(".part"): each.read_bytes() for each in whole.iterdir()}


def test_resuming_in_another_zone_is_refused(tmp_path: Path) -> None:
    """As with all flags that change bytes; with --resume-anyway the new zone counts."""
    checkpoint = ("--resume", str(tmp_path / "ck"))
    run("-n", "2", *checkpoint)
    base = ("-n", "1", "-q", *checkpoint)
    for zone in ((), ("--timezone", "Asia/Tokyo")):
        outcome = invoke(*base, *zone, spec=SPEC)
        assert outcome.status == 1
        assert "--timezone changed since the previous run (use --resume-anyway" in outcome.err
    start = ("-s", "2027-10-31T01:30", "--timezone", "Europe/Paris")  # the very same start
    outcome = invoke(*base, *start, spec=SPEC)
    assert "--timezone changed since the previous run" in outcome.err
    same = ("--timezone", "Europe/Berlin")
    assert invoke(*base, *same, spec=SPEC).records[0]["time"] == "2027-10-31T02:10:00.000+02:00"
    outcome = invoke(*base, "--timezone", "Asia/Tokyo", "--resume-anyway", spec=SPEC)
    assert outcome.records[0]["time"] == "2027-10-31T09:30:00.000+09:00"
    assert json.loads((tmp_path / "ck").read_bytes())["run"]["start"]["zone"] == "Asia/Tokyo"


def test_replay_starts_in_the_zone_and_keeps_its_form(tmp_path: Path) -> None:
    """Its times are written as the source has them."""
    source = tmp_path / "x.csv"
    source.write_text("t\n2020-01-01T00:00:00Z\n2020-01-01T01:00:00Z\n")
    spec = {"type": "replay", "source_file": str(source), "time_field": "t", "loop": False}
    (tmp_path / "r.json").write_text(json.dumps(spec))
    flags = ("-c", str(tmp_path / "r.json"), "-s", "2027-07-01", "--timezone", "Europe/Berlin")
    assert [each["t"] for each in run(given=flags).records] == [
        "2027-06-30T22:00:00Z", "2027-06-30T23:00:00Z"
    ]  # fmt: skip


def test_zone_that_does_not_exist() -> None:
    """As a flag and as a key: one line with the nearest."""
    outcome = invoke("-c", "example", "-n", "1", "--timezone", "Europe/Berlni")
    assert outcome.status == 2
    assert '--timezone Europe/Berlni: no time zone "Europe/Berlni"; did you mean' in outcome.err
    for kind in ({"type": "clock"}, {"type": "timestamp", "distribution": constant(0)}):
        spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(1), [
            {"name": "x", **kind, "timezone": "CET1"}])  # fmt: skip
        told = invoke("--validate", spec=spec).err
        assert 'emitters[0].dimensions[0].timezone: no time zone "CET1"; ' in told


def test_windows_and_columns_do_not_matter() -> None:
    """The bytes of a run of thousands, over two changes, are those of its records one by one."""
    flags = ("-n", "20000", "--seed", "1", "-s", "2027-01-01", "--timezone", "Europe/Berlin")
    found = run(given=flags).records
    instants = [datetime.fromisoformat(each["time"]) for each in found]
    assert {b - a for a, b in pairwise(instants)} == {timedelta(minutes=20)}
    assert {each["time"][-6:] for each in found} == {"+01:00", "+02:00"}
