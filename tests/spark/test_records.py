"""Parts and slices are the records of the command line, with the columns that Parquet has."""

import json
import os
import pickle
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from datagen.errors import SpecError, UsageError
from datagen.instants import SECOND, parse_instant
from datagen.part import Part
from datagen.running.pipeline import Run
from datagen.spark.cursor_files import CursorFiles
from datagen.spark.options import source_options
from datagen.spark.records import PartedRecords
from tests.guarantees.golden import PRESETS
from tests.spark.sources import START, part, records_of, table
from tests.support.helpers import invoke
from tests.support.shapes import SPECS

BEGIN = parse_instant(START).micros
FEW = ("clickstream", "kubernetes_json")
MOST = [each if each in FEW else pytest.param(each, marks=pytest.mark.long) for each in PRESETS]


def written(
    folder: Path, spec: str, *flags: str, workers: str = "none", ending: str = "arrow"
) -> Any:
    """Return what the command line writes to a file of columns, as a table."""
    path, target = folder / f"x.{ending}", folder / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(path)}), encoding="utf-8")
    limits = ("-s", START, "--seed", "1", "-m", workers, "-q")
    outcome = invoke("-c", spec, "-t", str(target), *limits, *flags)
    assert outcome.status == 0, outcome.err
    read = {"arrow": feather.read_table, "parquet": parquet.read_table}[ending]
    return read(path).combine_chunks()


def file_of(spec: Any, folder: Path) -> str:
    """Return the path of a specification that is written to a file."""
    path = folder / "spec.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return str(path)


def times_of(records: PartedRecords, index: int) -> list[int]:
    """Return the instants of a part's records, microseconds since 1970."""
    plan = replace(records.plan, part=Part(index, records.parts))
    return [time for batch in Run(plan).batches() for time in batch.times.tolist()]


def slices(
    records: PartedRecords, index: int, cuts: list[int], files: CursorFiles | None = None
) -> list[Any]:
    """Return a part in slices between the cuts, each as a table."""
    return [
        table(records.of_slice(index, begin, end, files), records.schema)
        for begin, end in pairwise(cuts)
    ]


@pytest.mark.parametrize("preset", MOST)
def test_parts_are_those_of_the_command_line(preset: str, tmp_path: Path) -> None:
    """Values and types of all columns, read back from Parquet; they have come through a pickle."""
    records = pickle.loads(pickle.dumps(records_of(preset, records=700, parts=3)))
    for index in range(3):
        flags = ("-n", "700", "--part", f"{index}/3")
        expected = written(tmp_path, preset, *flags, ending="parquet")
        made = part(records, index)
        assert made.schema.equals(expected.schema)
        assert made.equals(expected)
        assert len(made) == (234, 233, 233)[index]


@pytest.mark.parametrize("name", SPECS)
def test_specifications_of_all_shapes_travel(name: str, tmp_path: Path) -> None:
    """Every type of field is there on the executors."""
    path = file_of(SPECS[name], tmp_path)
    options = {"records": 300, "parts": 2, "max_workers": 9}  # which schedules of workers need
    records = pickle.loads(pickle.dumps(records_of(path, **options)))
    for index in range(2):
        flags = ("-n", "300", "--part", f"{index}/2")
        assert part(records, index).equals(written(tmp_path, path, *flags, workers="9"))


SLOW = ("payments", "example", "shop", "ssh_auth")  # records in ten seconds


@pytest.mark.parametrize("preset", MOST)
def test_slices_are_the_whole(preset: str, tmp_path: Path) -> None:
    """Wherever the cuts are, with cursors and without, after a warm-up; also between records of one instant."""
    seconds = {"support_tickets": 86_400}.get(preset, 600 if preset in SLOW else 10)
    records = records_of(preset, duration=f"{seconds}S", warm_up="10S", parts=2)
    files = CursorFiles(str(tmp_path), records.key)
    whole, times = part(records, 1), times_of(records, 1)
    third = len(times) // 3
    assert third > 1
    cuts = [
        BEGIN,
        BEGIN + 1,
        times[third],
        times[third] + 1,
        times[2 * third],
        BEGIN + seconds * SECOND,
    ]
    sizes = [sum(begin <= time < end for time in times) for begin, end in pairwise(cuts)]
    for kept in (None, files, files):  # at last from cursors that are all there
        made = slices(records, 1, cuts, kept)
        assert pa.concat_tables(made).combine_chunks().equals(whole)
        assert [len(each) for each in made] == sizes
    assert len(list(tmp_path.iterdir())) == len(sizes)


def test_slice_goes_on_from_the_last_cursor(tmp_path: Path) -> None:
    """What is before it is not made again: a cursor that was moved shows."""
    records = records_of("clickstream", duration="1H")
    files = CursorFiles(str(tmp_path), records.key)
    cuts = [BEGIN + minutes * 60 * SECOND for minutes in (0, 2, 4)]
    first, _ = slices(records, 0, cuts, files)
    for path in tmp_path.iterdir():
        path.rename(str(path).replace(str(cuts[1]), str(cuts[0])))
    again = table(records.of_slice(0, cuts[0], cuts[1], files), records.schema)
    assert len(first) > 10_000
    assert len(again) == 0


def test_slice_of_nothing_has_a_cursor(tmp_path: Path) -> None:
    """Also where no record is in it."""
    records = records_of("payments", parts=2)
    (first, *_) = times_of(records_of("payments", parts=2, records=1), 0)
    files = CursorFiles(str(tmp_path), records.key)
    assert list(records.of_slice(0, first + 1, first + 2, files)) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_slice_that_is_not_read_to_its_end_leaves_no_cursor(tmp_path: Path) -> None:
    """A task that fails in the middle has not reached its end."""
    records = records_of("clickstream")
    files = CursorFiles(str(tmp_path), records.key)
    batches = records.of_slice(0, BEGIN, BEGIN + 600 * SECOND, files)
    next(batches)
    del batches
    assert list(tmp_path.iterdir()) == []


def test_streams_have_their_own_keys(tmp_path: Path) -> None:
    """Whatever changes a record changes the names of cursors; how long a stream is does not."""
    key = records_of("payments").key
    assert records_of("payments", duration="1D", emitter="payment").key == key
    changed: list[dict[str, Any]] = [
        {"seed": 2}, {"start": "2027-03-13"}, {"warm_up": "1H"}, {"max_workers": 50},
        {"timezone": "UTC"}, {"schedule": "payments", "max_workers": 50}, {"spec": "example"},
    ]  # fmt: skip
    keys = [records_of(**{"spec": "payments", **each}).key for each in changed]
    assert len({key, *keys}) == len(changed) + 1


def test_emitter_has_its_own_columns() -> None:
    """Its records, in order, without what other emitters have; together they are all."""
    options: dict[str, Any] = {"spec": "kubernetes_json", "duration": "20S"}
    everything = records_of(**options)
    rows = [repr(row) for row in part(everything, 0).to_pylist()]
    emitters = everything.plan.spec.record_schema.emitters
    found: list[str] = []
    for emitter, columns in emitters.items():
        made = part(records_of(**options, emitter=emitter), 0)
        assert made.schema.names == list(columns)
        others = dict.fromkeys(everything.schema.names)
        own = [repr({**others, **row}) for row in made.to_pylist()]
        among = {*own}
        assert own == [row for row in rows if row in among]
        found += own
    assert len(emitters) > 2
    assert len(found) == len(rows) > 1000


def test_replay_travels(tmp_path: Path) -> None:
    """The file that it replays is read by each task; the parts have every other record."""
    source = tmp_path / "x.csv"
    lines = [f"2020-01-01T00:00:{second:02},{second}" for second in range(10)]
    source.write_text("\n".join(["time,number", *lines, ""]), encoding="utf-8")
    spec = {"type": "replay", "source_file": str(source), "time_field": "time", "loop": False}
    records = pickle.loads(
        pickle.dumps(records_of(file_of(spec, tmp_path), duration="1D", parts=2))
    )
    numbers = [part(records, index)["number"].to_pylist() for index in range(2)]
    assert numbers == [list("02468"), list("13579")]
    cuts = [BEGIN, BEGIN + 4 * SECOND, BEGIN + 86_400 * SECOND]
    files = CursorFiles(str(tmp_path / "state"), records.key)
    files.create()
    made = [each["number"].to_pylist() for each in slices(records, 0, cuts, files)]
    assert made == [list("02"), list("468")]


def test_target_and_format_of_a_specification_mean_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records go to Spark, also where another target could not be opened here."""
    monkeypatch.delenv("NOWHERE", raising=False)
    target = {"type": "kafka", "bootstrap_servers": "${NOWHERE}", "topic": "t"}
    spec = {**SPECS["shop"], "target": target}
    assert len(part(records_of(file_of(spec, tmp_path), records=5), 0)) == 5


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"spec": "nope"}, "nope: there is no such file"),
        ({"start": "x"}, "start x: not an ISO 8601 instant"),
        ({"until": "x"}, "until x: not an ISO 8601 instant"),
        ({"until": "2027-03-11"}, "--until 2027-03-11: this is before the start"),
        ({"timezone": "Mars"}, "--timezone Mars: "),
        ({"schedule": "nope"}, "nope: there is no such file"),
        ({"emitter": "paiment"}, 'emitter: there is no "paiment"; did you mean "payment"?'),
        ({"max_workers": 2, "parts": 3}, "--part 0/3: -m 2 is less than a worker for each"),
    ],
)
def test_wrong_option_is_told(options: dict[str, Any], text: str) -> None:
    """When the source is made, in one line."""
    with pytest.raises((UsageError, SpecError), match=f"^{re.escape(text)}") as caught:
        records_of(**{"spec": "payments", **options})
    assert "\n" not in str(caught.value)


def test_stream_that_can_be_read_once_is_refused(tmp_path: Path) -> None:
    """A task may run again."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    spec = {"type": "replay", "source_file": str(pipe), "time_field": "time", "loop": False}
    with pytest.raises(UsageError, match=r"pipe\.csv can be read only once"):
        records_of(file_of(spec, tmp_path), duration="1D")


def test_column_that_no_file_can_hold_is_told(tmp_path: Path) -> None:
    """As for Parquet: before anything runs."""
    spec = json.loads(json.dumps(SPECS["shop"]))
    spec["emitters"][0]["dimensions"].append(
        {"name": "\ud800", "type": "int", "distribution": {"type": "constant", "value": 1}}
    )
    with pytest.raises(SpecError, match="is not a valid column name"):
        records_of(file_of(spec, tmp_path))


def test_rate_is_that_of_the_command_line(tmp_path: Path) -> None:
    """The same rows, of all parts together; the factor travels, and is told where it is not what was asked for."""
    for rate in ("40/s", "1GB/D"):
        records = pickle.loads(
            pickle.dumps(records_of("example", duration="1M", parts=2, rate=rate))
        )
        flags = ("-r", "1M", "--rate", rate)
        for index in range(2):
            expected = written(tmp_path, "example", *flags, "--part", f"{index}/2")
            assert part(records, index).equals(expected)
        factor = records.plan.scaling.factor if records.plan.scaling else 0.0
        options = source_options({"spec": "example", "start": START, "rate": rate})
        assert records.repeat(options.request) == f"seed=1 rate=x{factor:.6g}"
        again = records_of("example", duration="1M", parts=2, rate=f"x{factor:.6g}")
        assert part(again, 0).equals(part(records, 0))
    assert (
        again.repeat(source_options({"spec": "example", "start": START, "seed": "1"}).request) == ""
    )
    with pytest.raises(UsageError, match="workers never end, so that ever more of them come"):
        records_of("syslog_app", duration="1M", rate="5/s")
    made = records_of("syslog_app", duration="1M", rate="x0.37", max_workers=37)
    expected = written(tmp_path, "syslog_app", "-r", "1M", "--rate", "x0.37", workers="37")
    assert part(made, 0).equals(expected)
