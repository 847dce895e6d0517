"""Events are the records of the command: the same values, anew by each iteration, as dicts, batches and tables."""

import importlib
import json
import sys
import threading
from datetime import UTC, datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

import datagen
from tests.guarantees.test_disorder import EFFECTS, spec_with
from tests.support.helpers import invoke
from tests.support.machines import Spec

ROOT = Path(__file__).parents[2]
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
SAME: dict[str, Any] = {"seed": 3, "start": "2027-03-12T10:00:00"}
FLAGS = ("--seed", "3", "-s", "2027-03-12T10:00:00", "-q")


def as_json(value: Any) -> Any:
    """Return a value as the command writes it, in a run whose start has no offset."""
    if isinstance(value, datetime):
        assert value.tzinfo is UTC
        assert type(value) is datetime
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return value


@pytest.mark.parametrize("preset", PRESETS)
def test_dicts_are_the_objects_of_json(preset: str) -> None:
    """Keys in the same order, the same values of the same types; only instants are more than their texts."""
    expected = invoke("-c", preset, "-n", "300", *FLAGS).records
    found = list(datagen.generate(preset, records=300, **SAME))
    assert [list(each) for each in found] == [list(each) for each in expected]
    texts = json.dumps(expected).replace('+00:00"', '"')
    assert [{k: as_json(v) for k, v in each.items()} for each in found] == json.loads(texts)
    kinds = [[type(as_json(value)) for value in each.values()] for each in found]
    assert kinds == [[type(value) for value in each.values()] for each in expected]


@pytest.mark.parametrize("preset", PRESETS)
def test_tables_are_the_rows_of_parquet(preset: str, tmp_path: Path) -> None:
    """The same columns with the same types; missing and null are null."""
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(tmp_path / "x.parquet")}))
    assert invoke("-c", preset, "-n", "700", "-t", str(target), *FLAGS).status == 0
    events = datagen.generate(preset, records=700, **SAME)
    expected = parquet.read_table(tmp_path / "x.parquet")
    assert events.to_arrow().equals(expected)
    assert events.schema.equals(expected.schema)
    assert [{k: v for k, v in each.items() if v is not None} for each in expected.to_pylist()] == [
        whole(each, expected.schema) for each in events
    ]


def whole(record: Spec, schema: pa.Schema) -> Spec:
    """Return a record without nulls, and with the members that nested objects lack as nulls."""
    batch = pa.RecordBatch.from_pylist([record], schema=schema)
    return {name: value for name, value in batch.to_pylist()[0].items() if value is not None}


@pytest.mark.parametrize("name", EFFECTS)
def test_records_in_disorder_come_in_the_order_of_the_command(name: str) -> None:
    """Late, twice, lost and skewed."""
    spec = spec_with(EFFECTS[name])
    expected = invoke("-n", "900", "-m", "none", *FLAGS, spec=spec).records
    events = datagen.generate(spec, records=900, max_workers="none", **SAME)
    found = [{k: as_json(v) for k, v in each.items()} for each in events]
    assert found == expected
    assert events.to_arrow()["n"].to_pylist() == [each["n"] for each in expected]


def test_missing_is_absent_and_null_is_none() -> None:
    """Also in nested objects, whose values belong to one record each."""
    spec = spec_with(None)
    some = {"type": "int:static", "value": 5, "percent_missing": 50, "percent_nulls": 20}
    inner = {"name": "box", "type": "object", "dimensions": [{"name": "some", **some}]}
    kinds = {"name": "kind", "type": "enum", "values": [{"a": [1]}],
             "cardinality_distribution": {"type": "constant", "value": 0}}  # fmt: skip
    spec["emitters"][0]["dimensions"] += [{"name": "some", **some}, inner, kinds]
    found = list(datagen.generate(spec, records=200, **SAME))
    expected = invoke("-n", "200", *FLAGS, spec=spec).records
    assert [{k: as_json(v) for k, v in each.items()} for each in found] == expected
    for held in (found, [each["box"] for each in found]):
        assert {each.get("some", "absent") for each in held} == {5, None, "absent"}
    found[0]["kind"]["a"].append(2)
    assert found[1]["kind"] == {"a": [1]}


def test_batches_have_32768_rows() -> None:
    """Whatever the windows were; the last one has the rest."""
    events = datagen.generate("clickstream", records=100_000, **SAME)
    assert [len(each) for each in events.batches()] == [32_768, 32_768, 32_768, 1_696]
    assert len(datagen.generate("clickstream", records=0, **SAME).to_arrow()) == 0


def test_each_iteration_starts_anew_with_what_was_drawn() -> None:
    """A seed and the present are fixed when the events are made."""
    before = datetime.now(UTC)
    events = datagen.generate("example", records=50)
    assert before <= events.start <= datetime.now(UTC)
    first, again = list(events), list(events)
    assert first == again
    assert repr(events).endswith(
        f': seed={events.seed}, start="{events.start:%Y-%m-%dT%H:%M:%S.%f}">'
    )
    start = f"{events.start:%Y-%m-%dT%H:%M:%S.%f}"
    assert list(datagen.generate("example", records=50, seed=events.seed, start=start)) == first
    assert datagen.generate("example", records=50).seed != events.seed


def test_start_may_be_a_datetime() -> None:
    """Of any zone."""
    start = datetime.fromisoformat("2027-03-12T11:00:00+01:00")
    events = datagen.generate("example", records=5, seed=3, start=start)
    assert events.start == start
    assert [each["time"] for each in events] == [
        each["time"] for each in datagen.generate("example", records=5, **SAME)
    ]


def test_iterations_may_be_interleaved() -> None:
    """Of the same events, and of others; none waits for another, or is left open."""
    one = datagen.generate("shop", records=3000, **SAME)
    other = datagen.generate("clickstream", records=3000, **SAME)
    rows = list(zip_longest(one, other, one))
    assert [each[0] for each in rows] == [each[2] for each in rows] == list(one)
    assert [each[1] for each in rows] == list(other)
    assert threading.active_count() == 1 or not any(
        each.name.startswith("relay") for each in threading.enumerate()
    )


@pytest.mark.parametrize("same", [True, False])
def test_two_threads_at_once(same: bool) -> None:
    """Each gets what it would get alone, be it of the same events or of others.

    The shop has all that threads might share: tables, templates, expressions and variables; it takes a dozen windows.
    """
    one = datagen.generate("shop", records=4000, **SAME)
    several = [one, one if same else datagen.generate("clickstream", records=20_000, **SAME)]
    found: list[Any] = [None, None]

    def take(place: int) -> None:
        found[place] = several[place].to_arrow(), list(islice(several[place], 500))

    threads = [threading.Thread(target=take, args=(place,)) for place in (0, 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for events, (table, records) in zip(several, found, strict=True):
        assert table.equals(events.to_arrow())
        assert records == list(islice(events, 500))


def test_without_a_limit_only_iterating_is_possible() -> None:
    """A table would have no end."""
    events = datagen.generate("example", **SAME)
    assert len(list(islice(events, 10))) == 10
    assert len(next(events.batches())) == 32_768
    for convert in (events.to_arrow, events.to_reader, events.to_pandas, events.to_polars):
        with pytest.raises(
            datagen.Error, match="have no end: give records, duration, until or bytes"
        ):
            convert()


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({"duration": "2M"}, ("-r", "2M")),
        ({"until": "2027-03-12T10:01:00"}, ("--until", "2027-03-12T10:01:00")),
        ({"bytes": "20kB"}, ("--bytes", "20kB")),
        ({"bytes": 20_000, "part": "1/3"}, ("--bytes", "20000", "--part", "1/3")),
        ({"duration": "2M", "rate": "30/s"}, ("-r", "2M", "--rate", "30/s")),
        ({"records": 90, "rate": "1MB/D"}, ("-n", "90", "--rate", "1MB/D")),
        ({"records": 40, "part": "1/3"}, ("-n", "40", "--part", "1/3")),
        ({"records": 40, "warm_up": "1H", "max_workers": 20}, ("-n", "40", "--warm-up", "1H", "-m", "20")),
        ({"records": 40, "timezone": "Europe/Berlin"}, ("-n", "40", "--timezone", "Europe/Berlin")),
    ],
)  # fmt: skip
def test_arguments_mean_what_flags_mean(given: dict[str, Any], flags: tuple[str, ...]) -> None:
    """The number of records, and one text of each."""
    expected = invoke("-c", "clickstream", *flags, *FLAGS).records
    found = list(datagen.generate("clickstream", **given, **SAME))
    assert [each["session"] for each in found] == [each["session"] for each in expected]


def test_bytes_are_those_of_the_format_of_a_specification(tmp_path: Path) -> None:
    """Of its text on stdout, for a limit and for a rate; disorder counts as it leaves."""
    effect = {"type": "duplicate", "share": 0.3, "delay": {"type": "constant", "value": 5}}
    spec = {**spec_with([effect]), "format": "csv"}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    out = invoke("-c", str(path), "--bytes", "5kB", "--rate", "90kB/H", *FLAGS).out
    events = datagen.generate(path, bytes="5kB", rate="90kB/H", **SAME)
    assert [each["n"] for each in events] == [
        int(line.split(b",")[1]) for line in out.splitlines()[1:]
    ]
    assert len(events.to_arrow()) == len(list(events)) > 50
    with pytest.raises(datagen.Error, match="records in the format parquet have no size"):
        datagen.generate({**spec, "format": "parquet"}, bytes="5kB")


def test_rate_that_is_out_of_reach_is_an_error() -> None:
    """As soon as events are asked for."""
    with pytest.raises(datagen.Error, match="the rate 10000/s is out of reach: -m 5 leaves"):
        datagen.generate("clickstream", rate="10000/s", max_workers=5, **SAME)


def test_schedule_and_disorder_may_be_handed_over() -> None:
    """They take the place of those of the specification, which stays as it is."""
    spec = spec_with(EFFECTS["late"])
    given: dict[str, Any] = {"duration": "1M", "max_workers": "none", **SAME}
    plain = len(list(datagen.generate(spec, disorder="none", **given)))
    assert (
        len(list(datagen.generate(spec, disorder=[{"type": "drop", "share": 0.5}], **given)))
        < plain
    )
    assert spec == spec_with(EFFECTS["late"])
    quiet = {"type": "weekly", "applies_to": "arrivals", "hours": [0.1] * 168}
    with pytest.raises(datagen.Error, match="specification: schedule"):
        datagen.generate(spec, schedule=quiet, **given)


def test_tables_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    """pandas has the types of Arrow, Polars and DuckDB the same rows; a reader is read as it is made."""
    pandas, polars, duckdb = map(importlib.import_module, ("pandas", "polars", "duckdb"))
    events = datagen.generate("clickstream", records=40_000, **SAME)
    table, frame, other = events.to_arrow(), events.to_pandas(), events.to_polars()
    assert all(isinstance(each, pandas.ArrowDtype) for each in frame.dtypes)
    assert frame["time"].tolist() == table["time"].to_pylist()
    assert other.schema["time"] == polars.Datetime("us", "UTC")
    assert other["session"].to_list() == table["session"].to_pylist()
    own = duckdb.connect()
    own.register("events", events.to_reader())
    counted = own.sql("SELECT count(*), count(DISTINCT session) FROM events").fetchall()
    assert counted == [(40_000, len(set(table["session"].to_pylist())))]
    assert capsys.readouterr() == ("", "")


def test_polars_and_pandas_share_the_memory_of_columns() -> None:
    """Nothing is copied."""
    numpy = importlib.import_module("numpy")
    events = datagen.generate(spec_with(None), records=20_000, **SAME)
    table = events.to_arrow()
    events.to_arrow = lambda: table  # type: ignore[method-assign]
    frame, other = events.to_pandas(), events.to_polars()
    own = table["n"].chunk(0)
    assert frame["n"].array._pa_array.chunk(0).buffers()[1].address == own.buffers()[1].address
    assert other["n"].to_arrow().buffers()[1].address == own.buffers()[1].address
    assert numpy.shares_memory(other["n"].to_numpy(allow_copy=False), own.to_numpy())


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remedy."""
    monkeypatch.setitem(sys.modules, package, None)
    events = datagen.generate("example", records=5, **SAME)
    with pytest.raises(ImportError, match=f"this needs {package}: pip install {package}"):
        getattr(events, f"to_{package}")()


def test_run_that_fails_gives_what_was_before() -> None:
    """The records until there, then the error, by whichever way; a reader passes it on."""
    spec = spec_with(None)
    spec["emitters"][0]["dimensions"][0]["start"] = (1 << 63) - 20
    events = datagen.generate(spec, records=50, **SAME)
    assert len(list(events)) == 50
    with pytest.raises(datagen.Error, match="does not fit in a 64-bit column"):
        events.to_arrow()
    with pytest.raises(datagen.Error, match="does not fit in a 64-bit column"):
        events.to_reader().read_all()


def test_warnings_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed."""
    spec = spec_with(None)
    state = {
        "name": "b",
        "delay": {"type": "constant", "value": 1},
        "transitions": [{"next": "stop", "probability": 1}],
    }
    spec["states"].append(state)
    given = {"duration": "1H", "max_workers": 1, **SAME}
    (warning,) = datagen.generate(spec, records=1, **SAME).warnings
    assert "-m 1 holds arrivals back" in datagen.generate(spec, **given).warnings[1].text
    assert (warning.file, warning.path) == ("specification", ("states", 1))
    assert warning.text == 'no worker can reach "b"'
    assert capsys.readouterr() == ("", "")


def test_replay_is_read_anew(tmp_path: Path) -> None:
    """A file of records, once for each iteration."""
    path = tmp_path / "in.jsonl"
    rows = [{"time": f"2027-01-01T00:00:0{second}", "a": second} for second in range(5)]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in rows), encoding="utf-8")
    spec = {
        "type": "replay",
        "source_file": str(path),
        "source_format": "ndjson",
        "time_field": "time",
    }
    expected = invoke("-n", "12", *FLAGS, spec=spec)
    events = datagen.generate(spec, records=12, **SAME)
    assert [each["a"] for each in events] == [each["a"] for each in expected.records]
    assert events.to_arrow()["a"].to_pylist() == [each["a"] for each in expected.records]
