"""Targets: what is delivered, how it is counted, and what is left when that fails."""

import errno
import gzip
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.cli.signals import Interruption
from datagen.errors import TargetError
from datagen.formats import JsonLines, Rendered
from datagen.instants import parse_instant
from datagen.running.observer import Observer
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.generator import parse_spec
from datagen.targets import TARGETS, Sink
from datagen.targets.files.target import FileTarget
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING, Spec
from tests.support.servers import HOST, HttpServer, TcpServer, UdpServer

ROOT = Path(__file__).parents[2]
WIDE: Spec = {
    **NEVER_ENDING,
    "emitters": [{"name": "e", "dimensions": [{"name": "id", "type": "uuid"}]}],
}
LINE = len('{"time":"2027-03-12T00:00:00.000","id":"00000000-0000-4000-8000-000000000000"}\n')
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def run(*arguments: str, spec: Spec = WIDE) -> Outcome:
    """Run the program with everything fixed but the target and the limits."""
    return invoke("--seed", "1", "-s", "2027-03-12", *arguments, spec=spec)


def to(target: Spec) -> Spec:
    """Return the specification with a target of its own."""
    return {**WIDE, "target": target}


def file(path: Path | str, **keys: Any) -> Spec:
    """Return a file target."""
    return {"type": "file", "path": str(path), **keys}


def unpacked(path: Path) -> bytes:
    """Return what a file holds, decompressed by tools that are not ours."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with pa.input_stream(str(path), compression="zstd") as stream:
            return bytes(stream.read())
    return path.read_bytes()


# What holds for every target ----------------------------------------------------------------------

Reader = Callable[[Path, bytes], bytes]
CONTRACT: dict[str, tuple[Spec, Reader]] = {  # how to reach a target, and what arrived there
    "stdout": ({"type": "stdout"}, lambda folder, out: out),
    "file": (file("${FOLDER}/x.jsonl"), lambda folder, out: (folder / "x.jsonl").read_bytes()),
    "tee": (
        {"type": "tee", "targets": [file("${FOLDER}/x.jsonl")]},
        lambda folder, out: (folder / "x.jsonl").read_bytes(),
    ),
}
SERVED: dict[str, Callable[[], HttpServer | TcpServer | UdpServer]] = {
    "http": HttpServer,
    "tcp": TcpServer,
    "udp": UdpServer,
}
UNSEEN = {"null"}  # nobody gets what it gets; tests/targets/test_tee.py has its counts
BROKERS = {"kafka", "confluent"}  # tests/targets/kafka/test_kafka.py has a broker for them
FEW = {"udp": 200}  # what the system holds for one who does not read along


@pytest.fixture(params=sorted([*CONTRACT, *SERVED]))
def reached(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Spec, Callable[[bytes], bytes]]]:
    """Return each target, and a way to see what it got."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    kind = request.param
    if kind in CONTRACT:
        target, reader = CONTRACT[kind]
        yield target, lambda out: reader(tmp_path, out)
        return
    with SERVED[kind]() as server:
        place: Spec = {"host": HOST, "port": server.port}
        place = {"url": server.url} if isinstance(server, HttpServer) else place
        yield {"type": kind, **place}, lambda out: server.received()


def test_every_target_is_tested() -> None:
    """A new target needs its line above."""
    assert {*CONTRACT, *SERVED} | UNSEEN | BROKERS == set(TARGETS)


def test_targets_get_the_same_bytes(reached: tuple[Spec, Callable[[bytes], bytes]]) -> None:
    """Records arrive in order, whole and unchanged; the summary counts them and their bytes."""
    target, received = reached
    n = FEW.get(target["type"], 5000)
    outcome = run("-n", str(n), spec=to(target))
    assert outcome.status == 0
    assert received(outcome.out) == run("-n", str(n)).out
    size = LINE - 1 if target["type"] == "udp" else LINE  # datagrams need no newlines
    assert f"\n{n:,} records, {n * size:,} bytes in " in outcome.err


def test_targets_take_no_records(reached: tuple[Spec, Callable[[bytes], bytes]]) -> None:
    """No records are delivered as well."""
    target, received = reached
    outcome = run("-n", "0", spec=to(target))
    assert (outcome.status, received(outcome.out)) == (0, b"")
    assert "\n0 records, 0 bytes in " in outcome.err


def test_targets_come_from_the_command_line_too(
    reached: tuple[Spec, Callable[[bytes], bytes]], tmp_path: Path
) -> None:
    """`-t` means the same as `target` in the specification."""
    target, received = reached
    path = tmp_path / "target.json"
    path.write_text(json.dumps(target))
    outcome = run("-n", "10", "-t", str(path), spec=to(file("/no/such/folder/x")))
    assert received(outcome.out) == run("-n", "10").out


# Files --------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("name", ["x.gz", "x.zst"])
def test_compressed_file_is_whole_without_records(name: str, tmp_path: Path) -> None:
    """With no record at all it still is a file that others can decompress, to nothing."""
    path = tmp_path / name
    for mode in ("overwrite", "append"):
        assert run("-n", "0", spec=to(file(path, mode=mode))).status == 0
        first = path.read_bytes()
        assert first.startswith(b"\x1f\x8b" if name == "x.gz" else b"\x28\xb5\x2f\xfd")
        assert unpacked(path) == b""
    run("-n", "0", spec=to(file(path, mode="append")))
    assert path.read_bytes() == first


def members(data: bytes) -> Iterator[bytes]:
    """Decompress the members of gzip data one by one."""
    while data:
        unpacker = zlib.decompressobj(31)
        yield unpacker.decompress(data)
        assert unpacker.eof
        data = unpacker.unused_data


def test_members_hold_whole_lines(tmp_path: Path) -> None:
    """Each of about a megabyte can be read by itself; together they are the stream."""
    path = tmp_path / "x.gz"
    outcome = run("-n", "60000", spec=to(file(path)))
    parts = list(members(path.read_bytes()))
    assert len(parts) > 2
    assert all(part.endswith(b"\n") for part in parts)
    assert all(1 << 20 <= len(part) < 1 << 24 for part in parts[:-1])
    assert b"".join(parts) == run("-n", "60000").out
    assert f"\n60,000 records, {path.stat().st_size:,} bytes in " in outcome.err


def test_frames_of_zstd_follow_each_other(tmp_path: Path) -> None:
    """Several frames read as one stream."""
    path = tmp_path / "x.zst"
    run("-n", "60000", spec=to(file(path)))
    assert path.read_bytes().count(b"\x28\xb5\x2f\xfd") > 2
    assert unpacked(path) == run("-n", "60000").out


def test_environment_fills_in_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` anywhere in it, several times, and never twice over."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setenv("PART", "${FOLDER}")
    assert run("-n", "3", spec=to(file("${FOLDER}/a-${PART}-$PART.gz"))).status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a-${FOLDER}-$PART.gz"]


# Failures -----------------------------------------------------------------------------------------


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


def program(
    spec: Spec = WIDE, n: int = 0, stdout: int = subprocess.DEVNULL, **keys: Any
) -> tuple[int, str]:
    """Run the program in a process of its own; give its status and what it says."""
    command = [
        sys.executable,
        str(ROOT / "generator.py"),
        "-s",
        "2027-03-12",
        "-n",
        str(n),
        "--seed",
        "1",
    ]
    done = subprocess.run(command, input=json.dumps(spec).encode(), stdout=stdout, stderr=subprocess.PIPE,
                          check=False, timeout=60, **keys)  # fmt: skip
    return done.returncode, done.stderr.decode()


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


LINES = [b"first\n", b"\n", b"a longer line\n", b"last\n"]


def rendered(lines: list[bytes]) -> Rendered:
    """Return lines as a format would."""
    return Rendered(memoryview(b"".join(lines)), np.cumsum([len(line) for line in lines]))


class Disk:
    """Stands for `os.write`: takes some bytes at a time, and after so many fails."""

    def __init__(
        self, most: int, room: int = 1 << 30, failure: BaseException | None = None
    ) -> None:
        self.most, self.room, self.failure = most, room, failure
        self.really = os.write

    def __call__(self, descriptor: int, data: memoryview) -> int:
        """Write what there is room for."""
        if not self.room and self.failure is not None:
            raise self.failure
        taken = self.really(descriptor, data[: min(self.most, self.room)])
        self.room -= taken
        return taken


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_short_writes_are_carried_on(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may take fewer bytes than it is given."""
    path = tmp_path / "x"
    with FileTarget(path=str(path)).open(io.BytesIO()) as sink:
        monkeypatch.setattr("datagen.targets.base.os.write", Disk(most))
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
        monkeypatch.setattr("datagen.targets.base.os.write", Disk(5, room, failure))
        with pytest.raises((TargetError, KeyboardInterrupt)) as raised:
            write_twice(sink)
        monkeypatch.undo()
        sink.close()
        expected = (text * 2)[:room]
        whole = expected[: expected.rfind(b"\n") + 1]
        assert path.read_bytes() == (b"old\n" if mode == "append" else b"") + whole
        assert (sink.delivered, sink.bytes) == (whole.count(b"\n"), len(whole))
        if isinstance(failure, OSError):
            assert str(raised.value) == f"{path}: full; {sink.delivered} records were delivered"


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
    asked = iter(range(4))

    def ask(_: object) -> None:
        if next(asked) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with Interruption() as interruption:
        run.go(io.BytesIO(), interruption, observer=Observer(progress=ask))
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
    assert outcome.err == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"


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
