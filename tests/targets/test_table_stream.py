"""Tables on stdout: record batches of one size, whatever they were written in, and at once on the real clock."""

import errno
import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.errors import ReaderGoneError, TargetError
from datagen.formats.columnar import ArrowStream
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordTable, Rendered
from datagen.targets.stdout import StdoutTarget
from datagen.targets.table_stream import TableStream
from tests.support.files import Disk
from tests.support.helpers import invoke
from tests.support.machines import ENDING

ROOT = Path(__file__).parents[2]
SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])
FLAGS = ("--seed", "3", "-s", "2027-03-12")


def table(first: int, last: int, batch: int = 100) -> RecordTable:
    """Return rows for record batches of a size."""
    form = ArrowStream(batch=batch)
    encoding = Encoding(file_encoder=lambda stream: form.encoder(SCHEMA, stream))
    numbers = pa.array(np.arange(first, last))
    rows = pa.RecordBatch.from_arrays([numbers, numbers.cast(pa.string())], schema=SCHEMA)
    return RecordTable(rows, encoding)


def written(data: bytes) -> list[pa.RecordBatch]:
    """Return the record batches of a stream."""
    return list(pa.ipc.open_stream(data))


def stream_of(*ends: int, batch: int = 100) -> tuple[TableStream, list[bytes]]:
    """Return a stream to which rows have been written, up to some ends, and its bytes."""
    data: list[bytes] = []
    stream = TableStream(table(0, 0, batch), lambda each: data.append(bytes(each)))
    for first, last in zip([0, *ends], ends, strict=False):
        stream.add(table(first, last, batch), prompt=False)
    return stream, data


@pytest.mark.parametrize("ends", [(250,), (1, 99, 100, 101, 250), (100, 200, 250), (249, 250)])
def test_batches_have_one_size(ends: tuple[int, ...]) -> None:
    """And the same bytes, however the rows came."""
    stream, data = stream_of(*ends)
    assert stream.delivered == 200
    stream.close()
    assert stream.delivered == 250
    assert [each["n"].to_pylist() for each in written(b"".join(data))] == [
        [*range(100)], [*range(100, 200)], [*range(200, 250)]
    ]  # fmt: skip
    expected, whole = stream_of(250)
    expected.close()
    assert data == whole


def test_nothing_waits_long_on_the_real_clock() -> None:
    """A piece leaves once the last one is a tenth of a second ago."""
    now, data = [0.0], []
    stream = TableStream(table(0, 0), lambda each: data.append(bytes(each)), lambda: now[0])
    for last, second, count in ((5, 0.05, 0), (9, 0.11, 9), (11, 0.2, 9), (12, 0.22, 12)):
        now[0] = second
        before = {5: 0, 9: 5, 11: 9, 12: 11}[last]
        stream.add(table(before, last), prompt=True)
        assert stream.delivered == count
    stream.close()
    assert [len(each) for each in written(b"".join(data))] == [9, 3]


def test_text_has_no_encoder() -> None:
    """Which a format of columns must have."""
    with pytest.raises(TypeError, match="for a target that takes bytes"):
        TableStream(RecordTable(table(0, 1).table, Encoding()), lambda _: None)


def test_sink_flushes_on_the_real_clock_alone() -> None:
    """Else where a batch ends would depend on how the run was made."""
    for live, count in ((False, 0), (True, 5)):
        out = io.BytesIO()
        sink = StdoutTarget().open(out)
        if live:
            sink.expect_real_clock()
        sink.write(Rendered((table(0, 5),)))
        sink.flush()
        assert sink.delivered == count
        sink.close()
        assert (sink.delivered, sink.bytes) == (5, len(out.getvalue()))
        assert [len(each) for each in written(out.getvalue())] == [5]


@pytest.mark.parametrize(
    ("error", "kind"),
    [(OSError(errno.ENOSPC, "full"), TargetError), (BrokenPipeError(), ReaderGoneError)],
)
def test_cut_batch_is_taken_back(
    error: OSError, kind: type[TargetError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the file holds is readable, and its rows are those that count."""
    with (tmp_path / "x").open("wb", buffering=0) as stream:
        sink = StdoutTarget().open(stream)
        sink.write(Rendered((table(0, 150),)))
        monkeypatch.setattr("datagen.targets.descriptor.os.write", Disk(stream.fileno(), 50, error))
        with pytest.raises(kind):
            sink.write(Rendered((table(150, 250),)))
        monkeypatch.undo()
    data = (tmp_path / "x").read_bytes()
    assert sink.delivered == 100
    assert sink.bytes == len(data)
    assert [len(each) for each in written(data)] == [100]


@pytest.mark.parametrize("flags", [(), ("-j", "2"), ("--no-disorder",)])
def test_flag_gives_the_batches_of_the_library(flags: tuple[str, ...]) -> None:
    """Byte for byte, whichever process makes them."""
    outcome = invoke("-c", "clickstream", "-n", "40000", "--arrow", *FLAGS, *flags)
    batches = list(
        datagen.generate("clickstream", records=40_000, seed=3, start="2027-03-12").batches()
    )
    found = written(outcome.out)
    assert [each.num_rows for each in found] == [32_768, 7_232]
    assert all(one.equals(other) for one, other in zip(found, batches, strict=True))
    assert outcome.out == invoke("-c", "clickstream", "-n", "40000", "--arrow", *FLAGS).out


def test_empty_run_has_a_schema() -> None:
    """As a file of columns has one."""
    reader = pa.ipc.open_stream(invoke("-n", "0", "--arrow", *FLAGS, spec=ENDING).out)
    assert reader.read_all().num_rows == 0
    assert "time" in reader.schema.names


def test_member_of_a_tee_may_be_a_stream(tmp_path: Path) -> None:
    """Beside files of any other format, on either clock."""
    stdout: Any = {"type": "stdout", "format": "arrow_stream"}
    target = {
        "type": "tee",
        "targets": [stdout, {"type": "file", "path": str(tmp_path / "x.jsonl")}],
    }
    for clock in (FLAGS, ("--speed", "100")):
        outcome = invoke("-n", "20", *clock, "-q", spec={**ENDING, "target": target})
        assert (outcome.status, outcome.err) == (0, "")
        rows = sum(each.num_rows for each in written(outcome.out))
        assert rows == len((tmp_path / "x.jsonl").read_bytes().splitlines()) == 20


@pytest.mark.parametrize("flags", [("--resume", "x"), ("--csv",), ("-t", "null")])
def test_what_makes_no_sense_is_refused(flags: tuple[str, ...], tmp_path: Path) -> None:
    """In one line."""
    outcome = invoke("--arrow", "-n", "5", *FLAGS, *flags, spec=ENDING)
    expected = {
        "--resume": "--resume: records in arrow_stream are one stream, which ends with the run\n",
        "--csv": "argument --csv: not allowed with argument --arrow\n",
        "-t": "null: arrow_stream is for stdout: leave out --arrow\n",
    }[flags[0]]
    assert outcome.err.endswith(expected)
    assert (outcome.out, outcome.err.count("\n")) == (b"", 1)
    assert not os.path.exists("x")


READER = """
import sys, duckdb, pyarrow
clicks = pyarrow.ipc.open_stream(sys.stdin.buffer)
for row in duckdb.sql("SELECT event, count(*) FROM clicks GROUP BY event ORDER BY event").fetchall():
    print(*row)
"""


def test_duckdb_reads_a_pipe() -> None:
    """Two processes with a pipe between them, as in a shell: the records are those of JSON."""
    words = [sys.executable, str(ROOT / "generator.py"), "-c", "clickstream", "-n", "70000", *FLAGS, "-q", "--arrow"]  # fmt: skip
    reader = [sys.executable, "-c", READER]
    with (
        subprocess.Popen(words, stdout=subprocess.PIPE) as making,
        subprocess.Popen(
            reader, stdin=making.stdout, stdout=subprocess.PIPE, text=True
        ) as querying,
    ):
        assert making.stdout is not None
        making.stdout.close()  # the reader has it
        out, _ = querying.communicate(timeout=60)
    assert (making.returncode, querying.returncode) == (0, 0)
    records = invoke("-c", "clickstream", "-n", "70000", *FLAGS, "-q").records
    counts = Counter(each["event"] for each in records)
    assert out.splitlines() == [f"{event} {count}" for event, count in sorted(counts.items())]
