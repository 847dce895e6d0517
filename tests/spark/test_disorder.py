"""Spark gets the records in disorder, and the truth about them, as the command line gives these."""

import json
import pickle
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datagen.errors import SpecError, UsageError
from datagen.instants import SECOND, UTC_STYLE, Instant
from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from datagen.spark.cursor_files import CursorFiles
from datagen.spark.records import PartedRecords
from tests.guarantees.test_disorder import CORRUPT, EFFECTS, spec_with
from tests.guarantees.test_truth import LOST, OUTAGE, TOLD
from tests.spark.sources import START, part, records_of, table
from tests.spark.test_records import BEGIN, file_of, written
from tests.support.helpers import invoke
from tests.support.machines import Spec, exponential
from tests.support.processes import activity, end, gateway, process_of, start, timer

ALL = [*EFFECTS["all"], OUTAGE, LOST]


def in_process_form(spec: Spec) -> Spec:
    """Return a specification in the process form, of records like those of the other one."""
    user = {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 50}}
    kept = {name: spec[name] for name in ("disorder", "timeline", "labels")}
    states = (
        start("a", spec["interarrival"]),
        activity("a", "rest", user),
        timer("rest", exponential(2), "more"),
    )
    process = process_of(*states, gateway("more", a=0.7, end=0.3), end())
    return {**process, **kept, "emitters": spec["emitters"]}


def spec_file(folder: Path, **keys: Any) -> str:
    """Return the path of a specification with all effects, labels and a timeline."""
    return file_of({**spec_with(ALL), **TOLD, **keys}, folder)


def of(path: str, **options: Any) -> PartedRecords:
    """Return records as they come to an executor."""
    made: PartedRecords = pickle.loads(pickle.dumps(records_of(path, **options)))
    return made


@pytest.mark.parametrize("limit", [("-r", "3M"), ("-n", "1000")])
def test_parts_are_those_of_the_command_line(
    limit: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order in which they leave, with the same types; a part in each partition, in windows of any size."""
    path = spec_file(tmp_path)
    options: dict[str, Any] = {"duration": "3M"} if limit[0] == "-r" else {"records": 1000}
    records, times = of(path, **options, parts=3), []
    for index in range(3):
        expected = written(tmp_path, path, *limit, "--part", f"{index}/3")
        made = part(records, index)
        assert made.equals(expected)
        times += made["time"].to_pylist()
        monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(40, 1 << 20))
        assert part(records, index).equals(expected)
        monkeypatch.undo()
    assert times != sorted(times)
    clean = [part(of(path, **options, parts=3, disorder="none"), index) for index in range(3)]
    assert all(each["n"].to_pylist() == sorted(each["n"].to_pylist()) for each in clean)


@pytest.mark.parametrize("form", ["states", "process"])
@pytest.mark.parametrize("limit", [("-r", "3M"), ("-n", "800")])
def test_truth_of_a_part_is_that_of_the_command_line(
    limit: tuple[str, str], form: str, tmp_path: Path
) -> None:
    """Row by row, with instants to the microsecond and labels of their types; records are those of the partition."""
    spec = {**spec_with(ALL), **TOLD}
    path = file_of(spec if form == "states" else in_process_form(spec), tmp_path)
    options: dict[str, Any] = {"duration": "3M"} if limit[0] == "-r" else {"records": 800}
    truth, file = of(path, **options, parts=2, rows="truth"), tmp_path / "t.jsonl"
    for index in range(2):
        flags = ("-s", START, "--seed", "1", "-m", "none", "-q", "--part", f"{index}/2", *limit)
        assert invoke("-c", path, "--truth", str(file), *flags).status == 0
        lines = [
            json.loads(line.replace(b"+00:00", b"")) for line in file.read_bytes().splitlines()
        ]
        file.unlink()
        rows = part(truth, index)
        assert rows.schema.equals(truth.schema)
        assert [shown(row) for row in rows.to_pylist()] == lines
        assert len(lines) > 200
        made = part(of(path, **options, parts=2), index)
        numbers = [number for row in rows["records"].to_pylist() for number in row]
        assert sorted(numbers) == list(range(len(made)))
        assert part(truth, index).equals(rows)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a line of the truth has it, whose instants have milliseconds."""

    def text(time: Any) -> str:
        micros = int(time.timestamp() // 1) * SECOND + time.microsecond
        return str(Instant(micros, UTC_STYLE))[:23]

    return {**row, "time": text(row["time"]), "arrivals": [*map(text, row["arrivals"])]}


def test_truth_without_labels_has_no_column_of_them(tmp_path: Path) -> None:
    """A struct without members could not be written to Parquet. A clean stream has its truth, too."""
    path = spec_file(tmp_path, labels={}, disorder=[])
    rows = part(of(path, records=10, rows="truth"), 0)
    assert rows.schema.names == [
        "event", "time", "population", "worker", "visit", "state", "emitter", "arrivals", "records",
        "late_by", "skewed_by", "effects",
    ]  # fmt: skip
    assert rows["records"].to_pylist() == [[number] for number in range(10)]
    assert rows["effects"].to_pylist() == [[]] * 10


def test_slices_are_the_whole(tmp_path: Path) -> None:
    """Whatever leaves between two offsets, with cursors and without, also cuts at an arrival, after a warm-up."""
    path = spec_file(tmp_path)
    records = of(path, duration="150S", warm_up="20S", parts=2)
    files = CursorFiles(str(tmp_path / "state"), records.key)
    files.create()
    whole = part(records, 1)
    truth = part(of(path, duration="150S", warm_up="20S", parts=2, rows="truth"), 1)
    flat = sorted(
        int(each.timestamp() * SECOND + 0.5)
        for row in truth["arrivals"].to_pylist()
        for each in row
    )
    arrivals = [each for each in flat if BEGIN <= each < BEGIN + 150 * SECOND]
    assert len(arrivals) == len(whole) > 500
    cuts = [BEGIN, arrivals[100], arrivals[100] + 1, arrivals[400], BEGIN + 100 * SECOND]
    cuts += [BEGIN + 100 * SECOND + 1, BEGIN + 150 * SECOND]
    sizes = [sum(begin <= each < until for each in arrivals) for begin, until in pairwise(cuts)]
    for kept in (None, files, files):
        made = [
            table(records.of_slice(1, begin, until, kept), records.schema)
            for begin, until in pairwise(cuts)
        ]
        assert [len(each) for each in made] == sizes
        assert pa.concat_tables(made).combine_chunks().equals(whole)
    assert len(list((tmp_path / "state").iterdir())) == len(sizes)


def test_slice_goes_on_from_what_was_under_way(tmp_path: Path) -> None:
    """And not from the start: a cursor that was moved shows."""
    records = of(spec_file(tmp_path), duration="1H")
    files = CursorFiles(str(tmp_path / "state"), records.key)
    files.create()
    cuts = [BEGIN + seconds * SECOND for seconds in (0, 1800, 1900)]
    for begin, until in pairwise(cuts):
        table(records.of_slice(0, begin, until, files), records.schema)
    for each in (tmp_path / "state").iterdir():
        each.rename(str(each).replace(str(cuts[1]), str(cuts[0])))
    assert len(table(records.of_slice(0, cuts[0], cuts[1], files), records.schema)) == 0


def test_key_of_cursors_differs_with_disorder(tmp_path: Path) -> None:
    """A cursor of the clean stream is none of the other."""
    path = spec_file(tmp_path)
    assert of(path).key != of(path, disorder="none").key
    assert of(path, duration="1H").key == of(path).key


def test_target_of_the_truth_means_nothing(tmp_path: Path) -> None:
    """No file is written, and parts need no names of their own."""
    path = spec_file(tmp_path, truth=str(tmp_path / "t.jsonl"))
    assert len(part(of(path, records=9, parts=3), 0)) == 3
    assert not (tmp_path / "t.jsonl").exists()


def test_disorder_of_a_file(tmp_path: Path) -> None:
    """As the flag has it."""
    file = tmp_path / "late.json"
    file.write_text(json.dumps(EFFECTS["late"]), encoding="utf-8")
    path = spec_file(tmp_path)
    made = part(of(path, records=500, disorder=str(file)), 0)
    assert made.equals(written(tmp_path, path, "-n", "500", "--disorder", str(file)))


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """On the driver, in one line."""
    path = spec_file(tmp_path)
    for options, text in (
        ({"rows": "true"}, 'rows: expected "records" or "truth", not "true"'),
        ({"rows": "truth", "emitter": "e"}, "emitter: the truth is about the records of all emitters"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=f"^{re.escape(text)}"):
            of(path, **options)
    with pytest.raises(UsageError, match=r"^about [\d,]+ records a second would be under way"):
        of(path, memory="1000")
    with pytest.raises(SpecError, match="corrupt"):
        of(spec_file(tmp_path, disorder=[CORRUPT]))
