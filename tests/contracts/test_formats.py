"""What holds for every registered format: it writes the records that JSON has, and tells them once."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from pyarrow import parquet

from datagen.cli.signals import Interruption
from datagen.formats import FORMATS
from datagen.formats.base import any_format
from datagen.formats.encoding import Output
from datagen.instants import parse_instant
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.compatibility import mismatch
from datagen.targets.memory import MemorySink, MemoryTarget
from tests.guarantees.golden import FOLDER, golden_format
from tests.guarantees.golden import FORMATS as GOLDEN
from tests.support.files import run
from tests.support.machines import Spec, constant, spec_of
from tests.support.tsv import postgresql

TEXTS = ["", "plain", 'a "b", c', "tab\there", "Zoë ☃", None]
HEADER = "# time;n;word\n"
SPEC: Spec = {
    **spec_of({"a": (constant(1), {"a": 1})}, constant(1), [
        {"name": "n", "type": "counter"},
        {"name": "word", "type": "enum", "values": TEXTS,
         "cardinality_distribution": {"type": "uniform", "min": 0, "max": len(TEXTS) - 1}},
    ]),
    "templates": {"t": {"body": "{{ n }};{{ word|tojson }}", "header": HEADER}},
}  # fmt: skip
EXAMPLES: dict[str, str | Spec] = {
    **{kind: kind for kind in ("json", "csv", "tsv", "avro", "parquet", "arrow", "arrow_stream")},
    "pattern": {"type": "pattern", "pattern": "{n};{word!json}"},
    "template": {"type": "template", "name": "t"},
}
Rows = list[tuple[int, str | None]]


def cells(rows: Iterable[Sequence[str | None]]) -> Rows:
    """Return what is in cells under a line of names."""
    names, *rest = rows
    assert list(names) == ["time", "n", "word"]
    return [(int(n or ""), word) for _, n, word in rest]


def texts(data: bytes) -> Rows:
    """Read lines of a number and a text in JSON; nothing stands for null."""
    pairs = [line.split(";", 1) for line in data.decode().splitlines()]
    return [(int(n), json.loads(word or "null")) for n, word in pairs]


def under_a_header(data: bytes) -> Rows:
    """Read such lines below their header, which is there as soon as there is a record."""
    assert data.startswith(HEADER.encode())
    return texts(data.removeprefix(HEADER.encode()))


def rows_of(records: Iterable[Any]) -> Rows:
    """Return the row of each record."""
    return [(record["n"], record["word"]) for record in records]


READERS: dict[str, Callable[[bytes], Rows]] = {
    "json": lambda data: rows_of(map(json.loads, data.splitlines())),
    "csv": lambda data: cells(csv.reader(io.StringIO(data.decode(), newline=""))),
    "tsv": lambda data: cells(postgresql(data.decode())),
    "avro": lambda data: rows_of(fastavro.reader(io.BytesIO(data))),
    "parquet": lambda data: rows_of(parquet.read_table(pa.BufferReader(data)).to_pylist()),
    "arrow": lambda data: rows_of(pa.ipc.open_file(data).read_all().to_pylist()),
    "arrow_stream": lambda data: rows_of(pa.ipc.open_stream(data).read_all().to_pylist()),
    "pattern": texts,
    "template": under_a_header,
}


def run_into(kind: str, records: int, seed: int = 1) -> MemorySink:
    """Run in a format with the target in memory; return what it got."""
    spec, _ = parse_spec(SPEC, "test.json")
    target, start = MemoryTarget(), parse_instant("2027-03-12")
    plan = Plan(spec, "test.json", target, any_format(EXAMPLES[kind]), start, seed, 100, records)
    Run(plan).deliver(io.BytesIO(), Interruption())
    return target.sink


def in_a_file(kind: str, path: Path, *arguments: str) -> bytes:
    """Run in a format with a file as the target, or stdout; return what it holds."""
    if Output.STREAM in FORMATS[kind].outputs:
        return run(*arguments, spec={**SPEC, "format": EXAMPLES[kind]}).out
    target = {"type": "file", "path": str(path), "format": EXAMPLES[kind]}
    outcome = run(*arguments, spec={**SPEC, "target": target})
    assert outcome.status == 0, outcome.err
    return path.read_bytes()


def without_nulls(rows: Rows) -> Rows:
    """Return rows as formats show them that have one text for null and for nothing."""
    return [(n, word or "") for n, word in rows]


def test_every_format_is_tested() -> None:
    """A new format needs an example here, and a reader that is not ours."""
    assert set(EXAMPLES) == set(READERS) == set(FORMATS)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("records", [0, 500])
def test_every_record_is_rendered_and_counted(kind: str, records: int) -> None:
    """Also none at all; the counts are those of what the target got."""
    sink = run_into(kind, records)
    assert sum(map(len, sink.payloads)) == sink.delivered == len(sink.times) == records
    assert sink.bytes == sum(payload.size for payload in sink.payloads)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("records", [0, 500])
def test_files_hold_the_records_of_json(kind: str, records: int, tmp_path: Path) -> None:
    """Read by software of others: a header stands once, and an empty run leaves a valid file."""
    path = tmp_path / f"x{FORMATS[kind].ending}"
    found = READERS[kind](in_a_file(kind, path, "-n", str(records)))
    wanted = READERS["json"](run("-n", str(records), spec=SPEC).out)
    assert len(found) == records
    assert without_nulls(found) == without_nulls(wanted)


@pytest.mark.parametrize(
    "kind", [kind for kind in EXAMPLES if Output.LINES in FORMATS[kind].outputs]
)
def test_runs_that_continue_make_one_file(kind: str, tmp_path: Path) -> None:
    """The second run writes no second header."""
    path, checkpoint = tmp_path / "x", str(tmp_path / "ck")
    one = in_a_file(kind, tmp_path / "one", "-n", "60")
    in_a_file(kind, path, "-n", "25", "--resume", checkpoint)
    assert in_a_file(kind, path, "-n", "35", "--resume", checkpoint) == one


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"pattern", "template"}))
def test_memory_takes_every_format(kind: str) -> None:
    """It only keeps what it gets."""
    assert mismatch(any_format(kind), MemoryTarget().accepted()) == ""


@pytest.mark.parametrize("name", GOLDEN)
def test_format_gives_its_golden_records(name: str) -> None:
    """Bytes that change, change on purpose."""
    assert golden_format(name) == (FOLDER / name).read_bytes()
