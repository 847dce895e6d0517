"""Files that are none without their end: which paths they have, and that they are whole on any ending."""

import contextlib
import csv
import errno
import gzip
import io
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from pyarrow import parquet

from datagen.cli.signals import Interruption
from datagen.errors import TargetError
from datagen.formats import FORMATS, JsonLines
from datagen.formats.avro import AvroEncoder
from datagen.formats.columnar import ArrowEncoder, ParquetEncoder
from datagen.formats.encoding import FileEncoder
from datagen.formats.rendered import Rendered
from datagen.instants import SECOND, parse_instant
from datagen.running.clock import RealClock
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets import Sink
from datagen.targets.files.target import FileTarget
from tests.support.broker import until
from tests.support.files import deliver_until_signal, no_room
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec, constant
from tests.support.tables import columns_of, seen, told

ROOT = Path(__file__).parents[3]
SLOW: Spec = {**ENDING, "interarrival": constant(30)}
START = "2027-03-12T05:20:00"
KINDS = ("parquet", "arrow", "avro")
SMALL = {"parquet": {"row_group": 100}, "arrow": {"batch": 100}, "avro": {}}
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, by readers that are not ours."""
    data = path.read_bytes()
    if data.startswith(b"Obj\x01"):
        return list(fastavro.reader(io.BytesIO(data)))  # type: ignore[arg-type]
    if data.startswith(b"ARROW1"):
        rows: list[dict[str, Any]] = pa.ipc.open_file(data).read_all().to_pylist()
        return rows
    found: list[dict[str, Any]] = parquet.read_table(io.BytesIO(data)).to_pylist()
    return found


def run(*arguments: str, spec: Spec = SLOW) -> Outcome:
    """Run the program with everything fixed but the target and the limits."""
    return invoke("--seed", "1", "-s", START, *arguments, spec=spec)


def file(path: Path | str, **keys: Any) -> Spec:
    """Return a file target."""
    return {"type": "file", "path": str(path), **keys}


def to(target: Spec, spec: Spec = SLOW) -> Spec:
    """Return a specification with a target."""
    return {**spec, "target": target}


def small(path: Path | str, **keys: Any) -> Spec:
    """Return a file target with small pieces."""
    kind = str(path).rsplit(".", 1)[1]
    return file(path, format={"type": kind, **SMALL[kind]}, **keys)


def same(rows: list[dict[str, Any]], records: list[dict[str, Any]]) -> bool:
    """Return whether rows are these JSON records."""
    columns = columns_of(SLOW)
    return seen(rows, columns) == told(records, columns)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks of Avro, which have no option, be as small as the other pieces."""
    monkeypatch.setattr(AvroEncoder, "max_records", 100)


# Pipes and devices --------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True], ids=["pipe", "link"])
@pytest.mark.parametrize("kind", KINDS)
def test_pipe_gets_the_bytes_of_a_file(kind: str, linked: bool, tmp_path: Path) -> None:
    """It is written to, and stays what it is, also behind a link."""
    path, pipe = tmp_path / f"plain.{kind}", tmp_path / f"x.{kind}"
    os.mkfifo(tmp_path / "pipe" if linked else pipe)
    if linked:
        pipe.symlink_to("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    outcome = run("-n", "1000", spec=to(small(pipe)))
    reader.join()
    assert outcome.status == 0, outcome.err
    assert run("-n", "1000", spec=to(small(path))).status == 0
    assert len(read(path)) == 1000
    if kind != "avro":  # whose marker between blocks is made of what a file is called
        assert got == [path.read_bytes()]
    assert pipe.is_fifo()
    assert pipe.is_symlink() is linked
    assert {each.name for each in tmp_path.iterdir()} <= {path.name, pipe.name, "pipe"}


@pytest.mark.parametrize("kind", KINDS)
def test_reader_of_a_pipe_that_goes_away_ends_the_run(kind: str, tmp_path: Path) -> None:
    """Without a word, as on stdout."""
    pipe = tmp_path / f"x.{kind}"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: pipe.open("rb").close())
    reader.start()
    outcome = run("-n", "100000", "-q", spec=to(small(pipe)))
    reader.join()
    assert outcome.status == 0
    assert outcome.err == ""


@pytest.mark.parametrize("kind", KINDS)
def test_device_is_written_to(kind: str, tmp_path: Path) -> None:
    """And not replaced."""
    path = tmp_path / f"x.{kind}"
    path.symlink_to(os.devnull)
    assert run("-n", "100", spec=to(file(path))).status == 0
    assert path.is_char_device()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    """The file that it leads to is replaced when the new one is whole."""
    (tmp_path / "held").mkdir()
    path = tmp_path / "x.parquet"
    path.symlink_to(Path("held", "real.parquet"))
    assert run("-n", "100", spec=to(file(path))).status == 0
    assert path.is_symlink()
    assert len(read(tmp_path / "held" / "real.parquet")) == 100
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["20.json", "20.json.part", "20.parquet"])
def test_pipe_in_the_place_of_a_file_by_time_is_refused(name: str, tmp_path: Path) -> None:
    """Each of them is replaced when it is complete."""
    os.mkfifo(tmp_path / name)
    path = tmp_path / f"%M{Path(name.removesuffix('.part')).suffix}"
    outcome = run("-n", "1", spec=to(file(path)))
    assert outcome.status == 1
    assert f'"{name}" is not a regular file; 0 records were delivered' in outcome.err
    assert (tmp_path / name).is_fifo()


@pytest.mark.parametrize("name", ["x", "x.gz", "x.parquet"])
def test_wait_for_a_reader_ends_with_a_signal_at_once(name: str, tmp_path: Path) -> None:
    """There is nothing to be delivered yet."""
    os.mkfifo(tmp_path / name)
    command = [sys.executable, str(ROOT / "generator.py"), "-s", START]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(json.dumps(to(file(tmp_path / name))).encode())
        process.stdin.close()
        assert process.stderr.readline().startswith(b"repeat with")
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=Interruption.GRACE / 2) == 129


# Endings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_signal_leaves_a_whole_file(kind: str, tmp_path: Path) -> None:
    """SIGTERM in the middle of a run: status 143, and the records that the summary counts."""
    path = tmp_path / f"x.{kind}"
    command = [sys.executable, str(ROOT / "generator.py"), "--seed", "1", "-s", START]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(json.dumps(to(small(path))).encode())
        process.stdin.close()
        part = tmp_path / f"x.{kind}.part"
        until(lambda: part.exists() and part.stat().st_size > 10_000)
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read().decode()
    assert process.returncode == 143, said
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    rows = read(path)
    assert f"\n{len(rows):,} records, {path.stat().st_size:,} bytes in " in said
    assert same(rows, run("-n", str(len(rows))).records)


@pytest.mark.parametrize("kind", KINDS)
def test_signal_finishes_the_file_of_an_hour(kind: str, tmp_path: Path) -> None:
    """All that came before it is in files without `.part`."""
    spec, _ = parse_spec(SLOW, "test.json")
    target = FileTarget.model_validate(file(tmp_path / f"%H%M.{kind}"))
    whole = Run(Plan(spec, "test.json", target, None, parse_instant(START), 1, 100))
    deliver_until_signal(whole)
    held = sorted(tmp_path.iterdir())
    assert len(held) > 1
    assert {path.suffix for path in held} == {f".{kind}"}
    assert sum(len(read(path)) for path in held) == whole.summary.delivered > 0
    assert whole.summary.bytes == sum(path.stat().st_size for path in held)


def test_failure_of_another_target_leaves_a_whole_file(tmp_path: Path) -> None:
    """The full device ends the run; the others hold what they were given."""
    (tmp_path / "full").symlink_to("/dev/full")
    targets = [small(tmp_path / f"x.{kind}") for kind in KINDS]
    outcome = run(
        "-n", "500", spec=to({"type": "tee", "targets": [*targets, file(tmp_path / "full")]})
    )
    assert outcome.status == 1
    assert "/full: No space left on device" in outcome.err
    for kind in KINDS:
        rows = read(tmp_path / f"x.{kind}")
        assert len(rows) > 0
        assert same(rows, run("-n", str(len(rows))).records)


@pytest.mark.parametrize("kind", KINDS)
def test_file_of_a_run_that_did_not_begin_is_not_there(kind: str, tmp_path: Path) -> None:
    """A run that another target stops before its first record leaves the older file alone."""
    path = tmp_path / f"x.{kind}"
    path.write_text("old")
    targets = [file(path), file(tmp_path / "no" / "x.json")]
    outcome = run("-n", "5", spec=to({"type": "tee", "targets": targets}))
    assert outcome.status == 1
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(path.name, "old")]


# Failures -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def room(size: int) -> Iterator[None]:
    """Let files be this large at most, as on a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kind", KINDS)
def test_full_disk_leaves_a_file_that_can_be_read(kind: str, tmp_path: Path) -> None:
    """Room is asked for in time: what was written before has its end, under `.part`, and is counted."""
    path = tmp_path / f"x.{kind}"
    with room(1_060_000):
        outcome = run("-n", "20000", spec=to(small(path)))
    part = tmp_path / f"x.{kind}.part"
    rows = read(part)
    assert (outcome.status, [each.name for each in tmp_path.iterdir()]) == (1, [part.name])
    assert 0 < len(rows) < 20_000
    assert same(rows, run("-n", str(len(rows))).records)
    assert outcome.err.endswith(f"{part}: File too large; {len(rows)} records were delivered\n")
    assert f"\n{len(rows):,} records, " in outcome.err
    assert f" {part.stat().st_size:,} bytes in " in outcome.err


@pytest.mark.parametrize("kind", KINDS)
def test_write_that_fails_is_not_counted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system cannot be asked for room, only what can be read is delivered."""
    monkeypatch.delattr(os, "posix_fallocate")
    path = tmp_path / f"x.{kind}"
    with room(20_000):
        outcome = run("-n", "20000", spec=to(small(path)))
    part = tmp_path / f"x.{kind}.part"
    assert (outcome.status, [each.name for each in tmp_path.iterdir()]) == (1, [part.name])
    if kind == "avro":
        rows = read(part)
        assert len(rows) > 0
    else:
        rows = []
        with pytest.raises((pa.ArrowInvalid, OSError)):
            read(part)
    assert outcome.err.endswith(f"{part}: File too large; {len(rows)} records were delivered\n")
    assert f"\n{len(rows):,} records, " in outcome.err


@pytest.mark.parametrize("kind", KINDS)
def test_end_that_cannot_be_written_is_told(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without its end has delivered nothing; one of Avro needs none."""

    def fail(_: FileEncoder) -> None:
        raise OSError(errno.ENOSPC, "full")

    for encoder in (ParquetEncoder, ArrowEncoder, AvroEncoder):
        monkeypatch.setattr(encoder, "write_footer", fail)
    outcome = run("-n", "250", spec=to(small(tmp_path / f"x.{kind}")))
    count = 250 if kind == "avro" else 0
    part = tmp_path / f"x.{kind}.part"
    text = f"{part}: No space left on device; {count} records were delivered\n"
    assert (outcome.status, outcome.err.endswith(text)) == (1, True)
    assert [each.name for each in tmp_path.iterdir()] == [part.name]


@FULL
@pytest.mark.parametrize("kind", KINDS)
def test_full_device_is_told(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was delivered, and nothing else is said."""
    part = tmp_path / f"x.{kind}.part"
    monkeypatch.setattr("datagen.targets.files.footer.os.posix_fallocate", no_room)
    outcome = run("-n", "9", "-q", spec=to(file(tmp_path / f"x.{kind}")))
    assert outcome.status == 1
    assert outcome.err.splitlines() == [
        f"{part}: No space left on device; 0 records were delivered"
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("late", [False, True])
def test_second_signal_leaves_a_whole_file(
    kind: str, late: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is heard before or after a piece is written; the counts are what the file holds."""
    encoder: type[FileEncoder] = {
        "parquet": ParquetEncoder,
        "arrow": ArrowEncoder,
        "avro": AvroEncoder,
    }[kind]
    write, calls = encoder.write_piece, itertools.count()

    def interrupted(self: Any, records: Any) -> None:
        again = next(calls) == 2
        if again and not late:
            raise KeyboardInterrupt
        write(self, records)
        if again:
            raise KeyboardInterrupt

    monkeypatch.setattr(encoder, "write_piece", interrupted)
    path = tmp_path / f"x.{kind}"
    outcome = run("-n", "1000", spec=to(small(path)))
    rows = read(path)
    assert outcome.status == 130
    assert len(rows) >= (300 if late else 200)
    assert f"\n{len(rows):,} records, " in outcome.err


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no/x", '{0}: there is no folder "{1}/no"; 0 records were delivered'),
        ("taken/x", '{0}: there is no folder "{1}/taken"; 0 records were delivered'),
        ("folder", "{0}: Is a directory; 0 records were delivered"),
        ("x" * 250, "{0}.part: File name too long; 0 records were delivered"),
    ],
)
def test_file_that_cannot_be_made(kind: str, path: str, said: str, tmp_path: Path) -> None:
    """It is told before the run."""
    (tmp_path / "taken").write_text("a file")
    (tmp_path / f"folder.{kind}").mkdir()
    whole = f"{tmp_path}/{path}.{kind}"
    outcome = run("-n", "7", "-q", spec=to(file(whole)))
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == said.format(whole, tmp_path)


# While it is written ------------------------------------------------------------------------------


def opened(path: Path, spec: Spec = SLOW) -> tuple[Sink, Rendered]:
    """Open a file target; give it with what it is to know before the first record."""
    target = FileTarget.model_validate(file(path))
    (form,) = target.formats(None)
    empty = form.compile(parse_spec(spec, "test.json")[0]).empty()
    return target.open(io.BytesIO()), Rendered((empty,))


@pytest.mark.parametrize("kind", KINDS)
def test_file_has_another_name_until_it_is_whole(kind: str, tmp_path: Path) -> None:
    """The older file stays until then; nobody else can write the new one."""
    path, part = tmp_path / f"x.{kind}", tmp_path / f"x.{kind}.part"
    path.write_text("old")
    part.write_text("of a run that was killed")
    sink, nothing = opened(path)
    sink.write(nothing)
    heard: list[str] = []
    sink.set_warning_handler(heard.append)
    assert heard == [f"replacing {part}, left over from an unfinished run"]
    assert path.read_text() == "old"
    with pytest.raises(TargetError, match=re.escape(f"{part}: it is already being written; 0")):
        opened(path)
    sink.close()
    assert (read(path), part.exists()) == ([], False)


@pytest.mark.parametrize("parts", [2, 256])
@pytest.mark.parametrize("kind", KINDS)
def test_real_clock_makes_the_same_file(
    kind: str, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slice by slice, joined or not, pieces hold as many records, and the bytes are the same."""
    monkeypatch.setattr("datagen.targets.files.footer._MAX_PARTS", parts)
    spec, _ = parse_spec(SLOW, "test.json")
    now = itertools.accumulate(itertools.repeat(0.9))
    start = parse_instant(START)
    paths = [tmp_path / f"{name}.{kind}" for name in ("live", "simulated")]
    clocks = (RealClock(start.micros, lambda: next(now), lambda _: None), None)
    for path, clock in zip(paths, clocks, strict=True):
        target = FileTarget.model_validate(small(path))
        plan = Plan(spec, "test.json", target, None, start, 1, 100, duration=3600 * SECOND)
        Run(plan).deliver(io.BytesIO(), Interruption(), clock)
    live, simulated = (path.read_bytes() for path in paths)
    assert live == simulated


@pytest.mark.parametrize("kind", KINDS)
def test_large_records_make_pieces_of_fewer(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for a full piece never takes more memory than that."""
    monkeypatch.setattr("datagen.targets.files.footer.MAX_BUFFERED", 100)
    path = tmp_path / f"x.{kind}"
    assert run("-n", "300", spec=to(file(path))).status == 0
    assert same(read(path), run("-n", "300").records)
    if kind == "parquet":
        assert parquet.ParquetFile(path).num_row_groups > 1


# Paths --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_path_of_time_makes_a_whole_file_for_each_hour(kind: str, tmp_path: Path) -> None:
    """One after the other they are all records; a run that appends takes other names."""
    spec = to(file(tmp_path / f"%H.{kind}", mode="append"))
    assert [run("-r", "3H", spec=spec).status for _ in range(2)] == [0, 0]
    names = [f"0{hour}{again}.{kind}" for hour in (5, 6, 7, 8) for again in ("", "-1")]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)
    for again in ("", "-1"):
        rows = [row for hour in (5, 6, 7, 8) for row in read(tmp_path / f"0{hour}{again}.{kind}")]
        assert same(rows, run("-r", "3H").records)


def test_tee_lets_each_file_have_its_own_format(tmp_path: Path) -> None:
    """By endings, next to JSON, and with a format for those that ask for none."""
    paths = [tmp_path / f"x.{ending}" for ending in (*KINDS, "txt", "tsv")]
    spec = {
        **to(
            {
                "type": "tee",
                "format": "csv",
                "targets": [*map(file, paths), {"type": "stdout", "format": "json"}],
            }
        )
    }
    outcome = run("-n", "400", spec=spec)
    assert outcome.status == 0, outcome.err
    assert outcome.records == run("-n", "400").records
    for path in paths[:3]:
        assert same(read(path), outcome.records)
    for path in paths[3:]:
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert [row["time"] for row in rows] == [each["time"] for each in outcome.records]


@pytest.mark.parametrize(
    ("name", "keys", "form", "flags", "line"),
    [
        ("x.csv", {}, None, [], "time"),
        ("x.tsv", {}, None, [], "time"),
        ("x.csv.gz", {}, None, [], "time"),
        ("%H.csv.zst", {}, None, [], "time"),
        ("x.csv", {"format": "json"}, None, [], "{"),
        ("x.csv", {}, "json", [], "{"),
        ("x.json", {}, "csv", [], "time"),
        ("x.tsv", {}, None, ["--csv"], "time"),
        ("x.jsonl", {}, None, [], "{"),
    ],
)
def test_ending_says_the_format_when_nothing_else_does(
    name: str, keys: Spec, form: str | None, flags: list[str], line: str, tmp_path: Path
) -> None:
    """The target's own format, that of the specification and the command line come first."""
    spec = {**to(file(tmp_path / name, **keys)), **({"format": form} if form else {})}
    assert run("-n", "2", *flags, spec=spec).status == 0
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        data = pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    assert data.decode().startswith(line)


PLACES = 'a target "file" with a path that ends in'
REFUSED: list[tuple[Spec, str | None, list[str], str]] = [
    (file("x.parquet"), None, ["--csv"], "target: x.parquet can only hold parquet, not csv: leave out --csv"),
    (file("x.arrow", format="json"), None, [], "target.format: x.arrow can only hold arrow, not json"),
    (file("%H.avro", format={"type": "arrow"}), None, [], "target.format: %H.avro can only hold avro, not arrow"),
    (file("x.json", format="parquet"), None, [], 'target.format: parquet needs a path that ends in ".parquet"'),
    (file("x"), "arrow", [], 'format: arrow needs a path that ends in ".arrow"'),
    ({"type": "stdout"}, "parquet", [], f'format: parquet is for files: {PLACES} ".parquet"'),
    ({"type": "null", "format": "arrow"}, None, [], f'target.format: arrow is for files: {PLACES} ".arrow"'),
    ({"type": "tcp", "host": "h", "port": 1, "format": "avro"}, None, [],
     f'target.format: avro is for targets "kafka" and "confluent", and for {PLACES} ".avro"'),
    ({"type": "kafka", "endpoint": "h", "topic": "t", "format": "parquet"}, None, [],
     f'target.format: parquet is for files: {PLACES} ".parquet"'),
    ({"type": "tee", "targets": [{"type": "stdout"}, file("x.parquet", format="csv")]}, None, [],
     "target.targets[1].format: x.parquet can only hold parquet, not csv"),
    ({"type": "tee", "targets": [{"type": "stdout"}, file("x.parquet")]}, None, ["--tsv"],
     "target.targets[1]: x.parquet can only hold parquet, not tsv: leave out --tsv"),
    ({"type": "tee", "format": "avro", "targets": [{"type": "stdout"}, file("x.avro")]}, None, [],
     f'target.format: avro is for targets "kafka" and "confluent", and for {PLACES} ".avro"'),
    (file("x.parquet", mode="append"), None, [], "target.mode: parquet files cannot be appended to"),
    (file("x.parquet.gz"), None, [], 'target.path: parquet is compressed within the file; leave out ".gz"'),
    (file("x.avro", format={"type": "avro", "registry": "http://h"}), None, [],
     'target.format: "registry" is for messages; a file holds its schema'),
]  # fmt: skip


@pytest.mark.parametrize(("target", "form", "flags", "problem"), REFUSED)
def test_format_in_the_wrong_place_is_refused(
    target: Spec, form: str | None, flags: list[str], problem: str
) -> None:
    """On load, in one line, with the place that asks for it."""
    spec = {**to(target), **({"format": form} if form else {})}
    outcome = run("--validate", *flags, spec=spec)
    assert (outcome.status, outcome.err) == (1, f"stdin: {problem}\n")


def test_target_file_names_itself(tmp_path: Path) -> None:
    """The problem of a target in a file of its own has the name of that file."""
    aim = tmp_path / "aim.json"
    aim.write_text(json.dumps(file("x.parquet")))
    outcome = run("-t", str(aim), "--csv", "-n", "1", spec=SLOW)
    text = f"{aim}: x.parquet can only hold parquet, not csv: leave out --csv\n"
    assert (outcome.status, outcome.err) == (1, text)


def test_specification_can_give_the_options_of_an_ending(tmp_path: Path) -> None:
    """A format of the same type, wherever it stands."""
    spec = {**to(file(tmp_path / "x.parquet")), "format": {"type": "parquet", "row_group": 7}}
    assert run("-n", "21", spec=spec).status == 0
    assert parquet.ParquetFile(tmp_path / "x.parquet").num_row_groups == 3


def test_every_ending_has_its_format() -> None:
    """No two formats share one."""
    endings = [form.ending for form in FORMATS.values() if form.ending]
    assert sorted(endings) == [".arrow", ".avro", ".csv", ".parquet", ".tsv"]
    assert JsonLines.ending == ""
