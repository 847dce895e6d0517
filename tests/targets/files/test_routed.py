"""Files by the values of fields: each record once, in the file of its value, however many are open, through interruptions."""

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.targets.delivered import Position
from datagen.targets.files import routed
from datagen.targets.files.path_pattern import FIELD
from datagen.targets.files.plain import FileSink
from datagen.targets.files.routed import Kind, RoutedSink
from datagen.targets.sink import Sink
from tests.support.helpers import Outcome, invoke
from tests.support.records import rendered
from tests.support.routing import ORDERS, Spec, folder  # noqa: F401 - a fixture

FLAGS = ("--seed", "1", "-s", "2027-03-12", "-q")


def run(path: str, *flags: str, **keys: Any) -> Outcome:
    """Run the orders into files."""
    spec = {**ORDERS, "target": {"type": "file", "path": path, **keys}}
    return invoke(*FLAGS, *flags, spec=spec)


def records() -> list[dict[str, Any]]:
    """Return all records of a run of 400."""
    outcome = invoke(*FLAGS, "-n", "400", spec=ORDERS)
    return [json.loads(line) for line in outcome.out.splitlines()]


def contents() -> dict[str, bytes]:
    """Return all files, those of locks and checkpoints left out."""
    paths = [
        each
        for each in Path().rglob("*")
        if each.is_file() and each.name not in {"c.json", "s.json"}
    ]
    return {str(each): each.read_bytes() for each in paths}


def test_each_value_has_its_file() -> None:
    """With the records in order, and folders made."""
    assert run("{emitter}/{sku}.jsonl", "-n", "400").status == 0
    for name, data in contents().items():
        emitter, sku = re.fullmatch(r"(\w+)/(\w+).jsonl", name).groups()  # type: ignore[union-attr]
        wanted = [each for each in records() if each.get("sku", "_") == sku]
        assert [json.loads(line) for line in data.splitlines()] == wanted
        assert (emitter == "order") == (sku == "_")
    assert len(contents()) == 4


def test_each_emitter_has_its_columns() -> None:
    """In texts and in tables."""
    run("{emitter}.csv", "-n", "400")
    run("{emitter}.parquet", "-n", "400")
    assert Path("order.csv").read_text().startswith("time,id,total\n")
    assert Path("line.csv").read_text().startswith("time,sku,qty\n")
    assert pq.ParquetFile("line.parquet").schema_arrow.names == ["time", "sku", "qty"]
    rows = (
        pq.ParquetFile("order.parquet").read().num_rows
        + pq.ParquetFile("line.parquet").read().num_rows
    )
    assert rows == 400


def unpacked(paths: dict[str, bytes]) -> dict[str, bytes]:
    """Return what compressed files hold."""
    return {name: gzip.decompress(data) for name, data in paths.items()}


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("{total}.jsonl", dict),
        ("{qty}-{sku}.jsonl", dict),
        ("{qty}-{sku}.jsonl.gz", unpacked),
        ("%H%M/{sku}{qty}.csv", dict),
    ],
)
def test_few_open_files_hold_the_same(
    path: str,
    seen: Callable[..., dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """One that is closed to make room goes on when it is opened again."""
    run(path, "-n", "400")
    many = seen(contents())
    (tmp_path / "few").mkdir()
    monkeypatch.chdir(tmp_path / "few")
    monkeypatch.setattr(routed, "MOST_OPEN", 3)
    assert run(path, "-n", "400").status == 0
    assert seen(contents()) == many


def test_tables_that_come_back_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with a footer is complete when it is closed; all of them hold each record once."""
    monkeypatch.setattr(routed, "MOST_OPEN", 2)
    run("{sku}{qty}.parquet", "-n", "400")
    tables = {name: pq.ParquetFile(name).read().to_pylist() for name in contents()}
    assert any(re.search(r"-\d+\.parquet", name) for name in tables)
    found = sorted(
        (str(each["time"]), str(each.get("qty"))) for rows in tables.values() for each in rows
    )
    assert len(found) == 400
    for name, rows in tables.items():
        assert {f"{each['sku'] or '_'}{each['qty'] or '_'}" for each in rows} == {name[:2]}


def test_too_many_values_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the number, before the disk is full of files."""
    monkeypatch.setattr(routed, "MOST_ROUTES", 10)
    outcome = run("{total}.jsonl", "-n", "400")
    assert outcome.status == 1
    assert "more than 10 files: the fields in the path have too many values" in outcome.err


PATHS = ["{sku}.jsonl", "{emitter}.csv", "{sku}{qty}.jsonl.gz", "%H%M/{sku}.csv", "%H%M-{sku}.jsonl.gz", "{emitter}/%H%M.parquet"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_in_several_runs_as_in_one(
    path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each goes on where the one before stopped, and the files are the same bytes."""
    flags = ("--resume", "c.json")
    assert run(path, *flags, "--until", "2027-03-12T00:10").status == 0
    whole = contents()
    (tmp_path / "again").mkdir()
    monkeypatch.chdir(tmp_path / "again")
    for until in ("00:01:07", "00:04", "00:10"):
        assert run(path, *flags, "--until", f"2027-03-12T{until}").status == 0
    assert contents() == whole


def test_files_of_a_period_get_their_names_together() -> None:
    """Until its time is over, all have `.part` names."""
    run("%H%M/{emitter}.csv", "--until", "2027-03-12T00:01:30", "--resume", "c.json")
    assert sorted(contents()) == [
        "0000/line.csv",
        "0000/order.csv",
        "0001/line.csv.part",
        "0001/order.csv.part",
    ]


class Breaking(FileSink):
    """A file whose disk is full at once."""

    def write(self, records: Rendered) -> None:
        """Write one record, and fail."""
        super().write(records.rows(0, 1))
        raise TargetError(self._path, "is full", self.delivered)


def some(keys: str) -> Rendered:
    """Return a record for each letter, which is its route."""
    found = rendered([b"%s%d\n" % (key.encode(), place) for place, key in enumerate(keys)])
    return Rendered(found.payloads, found.times, {"route": [*keys]})


def test_a_write_that_is_cut_short_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """A later run begins with the first record that is missing, and leaves out those behind it that are there."""
    pattern = f"{tmp_path}/{FIELD}.txt"

    def broken(path: str, at: Position | None) -> Sink:
        kind = Breaking if path.endswith("b.txt") else FileSink
        return kind(path, "overwrite", at)

    sink = RoutedSink(pattern, Kind(broken))
    with pytest.raises(TargetError):
        sink.write(some("abababa"))
    position = sink.position()
    assert position.records == 3  # a0, b1 and a2 are there, b3 is not
    sink.suspend(0)
    position = Position(position.records, json.loads(json.dumps(position.state)))
    later = RoutedSink(pattern, Kind(lambda path, at: FileSink(path, "overwrite", at)), position)
    rest = some("abababa").rows(3, 7)
    later.write(rest)
    later.close()
    assert (tmp_path / "a.txt").read_text().split() == ["a0", "a2", "a4", "a6"]
    assert (tmp_path / "b.txt").read_text().split() == ["b1", "b3", "b5"]


MISTAKES = [
    ("{skuu}.csv", 'no emitter has a field "skuu"; did you mean "sku"?'),
    ("a}.csv", "a brace is written"),
    ("{}.csv", "names no field"),
]


@pytest.mark.parametrize(("path", "text"), MISTAKES)
def test_mistakes_are_told(path: str, text: str) -> None:
    """At the path."""
    outcome = run(path, "-n", "4")
    assert (outcome.status, contents()) == (1, {})
    assert f"target.path: {text}" in outcome.err or text in outcome.err


def test_no_folder_no_files() -> None:
    """The constant part of a path is made by its user."""
    assert 'there is no folder "away"' in run("away/{sku}.csv", "-n", "4").err


def test_appended_files_are_not_resumed() -> None:
    """What they held before is not known any more."""
    outcome = run("{sku}.csv", "-n", "4", "--resume", "c.json", mode="append")
    assert outcome.status != 0
    assert "what its files held before is not known any more" in outcome.err


def test_links_lie_in_the_folder(tmp_path: Path) -> None:
    """Without time in the path, records are appended to what is there."""
    Path("a.jsonl").write_text("before")
    run("{sku}.jsonl", "-n", "400", mode="append")
    lines = Path("a.jsonl").read_text().splitlines()
    assert lines[0] == "before"
    assert len(lines) > 10
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".lock")]
