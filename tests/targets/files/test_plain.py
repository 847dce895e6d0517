"""Files: what they hold, also where a write stops in the middle of a record."""

import errno
import gzip
import io
import json
import os
import re
import resource
import threading
from pathlib import Path

import pytest

from datagen.errors import TargetError
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.locks import FileLock
from datagen.one_line import plural, were
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets import Sink
from datagen.targets.files.target import FileTarget
from tests.support.files import (
    FULL,
    LINE,
    LINES,
    WIDE,
    Disk,
    deliver_until_signal,
    file,
    program,
    run,
    to,
    unpacked,
)
from tests.support.helpers import invoke
from tests.support.records import rendered

NAMES = ["x.jsonl", "x.gz", "x.jsonl.zst"]


@pytest.mark.parametrize("name", NAMES)
def test_file_is_overwritten_unless_told(name: str, tmp_path: Path) -> None:
    """The default mode leaves nothing of what was there, however long it was."""
    path = tmp_path / name
    expected = run("-n", "20").out
    for keys in ({}, {"mode": "overwrite"}):
        path.write_bytes(b"before" * 1000)
        assert run("-n", "20", spec=to(file(path, **keys))).status == 0
        assert unpacked(path) == expected


@pytest.mark.parametrize("name", NAMES)
def test_file_is_appended_to(name: str, tmp_path: Path) -> None:
    """`append` makes the file, and then adds to it; compressed ones get more members."""
    path = tmp_path / name
    whole = run("-n", "20").out
    for runs in (1, 2, 3):
        outcome = run("-n", "20", spec=to(file(path, mode="append")))
        assert "\n20 records, " in outcome.err
        assert unpacked(path) == whole * runs


def test_appended_records_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    """A last line without a newline, as an editor or a killed program leaves it, gets one."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b'{"a":1}')
    assert run("-n", "2", spec=to(file(path, mode="append"))).status == 0
    assert path.read_bytes() == b'{"a":1}\n' + run("-n", "2").out


def test_environment_fills_in_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` anywhere in it, several times, and never twice over."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setenv("PART", "${FOLDER}")
    assert run("-n", "3", spec=to(file("${FOLDER}/a-${PART}-$PART.gz"))).status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a-${FOLDER}-$PART.gz"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no/x.jsonl", 'there is no folder "{folder}/no"'),
        ("no/such/x.gz", 'there is no folder "{folder}/no/such"'),
        ("", "Is a directory"),
        ("taken/x", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_file_that_cannot_be_opened(path: str, reason: str, tmp_path: Path) -> None:
    """One line that names the file and the reason; status 1, no records, nothing generated."""
    (tmp_path / "taken").write_text("a file")
    where = f"{tmp_path}/{path}"
    outcome = run("-n", "10", "-q", spec=to(file(where)))
    assert (outcome.status, outcome.out) == (1, b"")
    said = outcome.err.splitlines()[-1]
    assert said == f"{where}: {reason.format(folder=tmp_path)}; 0 records were delivered"


@pytest.mark.parametrize("name", ["spec.json", "50%.json"])
def test_specification_is_not_overwritten(name: str, tmp_path: Path) -> None:
    """A target that is the specification itself is refused."""
    path = tmp_path / name
    text = json.dumps(to(file(tmp_path / name.replace("%", "%%"))))
    path.write_text(text)
    outcome = invoke("-c", str(path), "-s", "2027-03-12", "-n", "1")
    assert outcome.status == 1
    assert "the target would overwrite the specification" in outcome.err
    assert path.read_text() == text


@FULL
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_full_device_is_told(ending: str, tmp_path: Path) -> None:
    """The reason, and the count of what was delivered: nothing."""
    path = tmp_path / f"full{ending}"
    path.symlink_to("/dev/full")
    outcome = run("-n", "1000", spec=to(file(path)))
    assert outcome.status == 1
    assert outcome.err.endswith(f"{path}: No space left on device; 0 records were delivered\n")
    assert re.search(r"^0 records, [\d,]+ not delivered, 0 bytes", outcome.err, re.MULTILINE)


@FULL
def test_full_stdout_is_told() -> None:
    """Where stdout is redirected to a device that is full."""
    with open("/dev/full", "wb", buffering=0) as full:
        status, said = program(stdout=full.fileno(), n=1000)
    assert status == 1
    assert said.endswith("stdout: No space left on device; 0 records were delivered\n")


@pytest.mark.parametrize("name", NAMES)
def test_disk_that_fills_up_leaves_whole_records(name: str, tmp_path: Path) -> None:
    """The file ends with a whole line, or a whole member; the count is what it holds."""
    path = tmp_path / name
    limit = 1_500_007
    status, said = program(
        to(file(path)), n=80_000,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert status == 1
    held = unpacked(path)
    assert held.endswith(b"\n")
    count = held.count(b"\n")
    assert 0 < count < 80_000
    assert said.endswith(f"{path}: File too large; {count} records were delivered\n")
    assert f"{count:,} records, " in said
    assert path.stat().st_size <= limit
    assert name != "x.jsonl" or path.stat().st_size > limit - LINE


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_short_writes_are_carried_on(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may take fewer bytes than it is given."""
    path = tmp_path / "x"
    with FileTarget(path=str(path)).open(io.BytesIO()) as sink:
        monkeypatch.setattr("datagen.targets.descriptor.os.write", Disk(most))
        sink.write(rendered(LINES))
        monkeypatch.undo()
    assert path.read_bytes() == b"".join(LINES)
    assert (sink.delivered, sink.bytes) == (4, path.stat().st_size)


@pytest.mark.parametrize("mode", ["overwrite", "append"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_failed_writes_leave_whole_lines(
    failure: BaseException, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a write stops, within a line or between two, in the first batch or a later one."""
    text, path = b"".join(LINES), tmp_path / "x"
    for room in range(2 * len(text)):
        path.write_bytes(b"old\n")
        sink = FileTarget.model_validate(file(path, mode=mode)).open(io.BytesIO())
        monkeypatch.setattr("datagen.targets.descriptor.os.write", Disk(5, room, failure))
        with pytest.raises((TargetError, KeyboardInterrupt)) as raised:
            write_twice(sink)
        monkeypatch.undo()
        sink.close()
        expected = (text * 2)[:room]
        whole = expected[: expected.rfind(b"\n") + 1]
        assert path.read_bytes() == (b"old\n" if mode == "append" else b"") + whole
        assert (sink.delivered, sink.bytes) == (whole.count(b"\n"), len(whole))
        if isinstance(failure, OSError):
            assert (
                str(raised.value)
                == f"{path}: full; {sink.delivered} {plural('record', sink.delivered)} {were(sink.delivered)} delivered"
            )


def write_twice(sink: Sink) -> None:
    """Write the lines in two batches."""
    sink.write(rendered(LINES))
    sink.write(rendered(LINES))


@pytest.mark.parametrize("name", NAMES)
def test_interrupted_file_holds_what_was_generated(name: str, tmp_path: Path) -> None:
    """A signal between two batches ends the run; all that came before is there, and counted."""
    path = tmp_path / name
    spec, _ = parse_spec(WIDE, "test.json")
    target = FileTarget(path=str(path))
    run = Run(Plan(spec, "test.json", target, JsonLines(), parse_instant("2027-03-12"), 1, 100))
    deliver_until_signal(run)
    held = unpacked(path)
    assert held.endswith(b"\n")
    assert held.count(b"\n") == run.summary.delivered > 0
    assert run.summary.undelivered == 0


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_reader_of_a_pipe_that_goes_away_ends_the_run(ending: str, tmp_path: Path) -> None:
    """A named pipe is a file too: its reader may leave, which is no failure."""
    path = tmp_path / f"pipe{ending}"
    os.mkfifo(path)

    def read_some() -> None:
        with open(path, "rb", buffering=0) as pipe:
            pipe.read(1000)

    reader = threading.Thread(target=read_some)
    reader.start()
    outcome = run("-n", "10000000", spec=to(file(path)))
    reader.join()
    assert outcome.status == 0
    told, repeat = outcome.err.splitlines()
    assert "holds arrivals back" in told
    assert repeat == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000"


def test_reader_of_a_pipe_gets_everything(tmp_path: Path) -> None:
    """A reader that stays gets the whole stream, and then its end."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    run("-n", "20000", spec=to(file(path)))
    reader.join()
    assert got == [run("-n", "20000").out]


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_pipe_without_a_name_is_written(ending: str, tmp_path: Path) -> None:
    """/dev/stdout is a link to one where the output goes to another program."""
    reader, writer = os.pipe()
    path = tmp_path / f"link{ending}"
    path.symlink_to(f"/dev/fd/{writer}")
    try:
        assert run("-n", "3", spec=to(file(path))).status == 0
        got = os.read(reader, 1 << 16)
    finally:
        os.close(reader)
        os.close(writer)
    assert (gzip.decompress(got) if ending else got) == run("-n", "3").out


# One run at a time ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["overwrite", "append"])
@pytest.mark.parametrize("name", ["x", "x.gz", "link"])
def test_second_run_to_a_file_is_refused(name: str, mode: str, tmp_path: Path) -> None:
    """Under any name of the file, and before it is opened: what is in it stays."""
    (tmp_path / "link").symlink_to(tmp_path / "x")
    held = tmp_path / ("x" if name == "link" else name)
    held.write_bytes(b"theirs\n")
    lock = FileLock.beside(str(held))
    outcome = run("-n", "3", spec=to({**file(tmp_path / name), "mode": mode}))
    assert (outcome.status, held.read_bytes()) == (1, b"theirs\n")
    assert outcome.err.endswith(
        f"{tmp_path / name}: is in use by another run; 0 records were delivered\n"
    )
    lock.release()
    assert run("-n", "3", spec=to({**file(tmp_path / name), "mode": mode})).status == 0
    assert not list(tmp_path.glob(".*"))
