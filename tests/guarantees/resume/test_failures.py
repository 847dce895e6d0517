"""However a run ends, the next one continues it: failed targets, signals, readers that go away."""

import contextlib
import errno
import gc
import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import TargetError
from datagen.instants import SECOND, parse_instant
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.clock import Moment
from datagen.running.delivery import Delivery
from datagen.running.observer import Observer
from datagen.targets.delivered import Position
from datagen.targets.files.target import FileTarget
from datagen.targets.kafka.base import Message, MessageSink
from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.udp import UdpTarget
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import (
    FIXED,
    OUT,
    ROOT,
    SLOW,
    TARGETS,
    checkpoints_written,
    files,
    go_on,
    into,
    plan_of,
    records,
    run,
    same_as_one,
    whole,
)
from tests.support.helpers import invoke
from tests.support.records import rendered
from tests.support.servers import HttpServer, Reply

pytestmark = pytest.mark.usefixtures("small_windows")


@pytest.mark.parametrize("name", TARGETS)
def test_target_that_fails_is_gone_on_with(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in its writes; what comes out in the end is what a run leaves that never failed."""
    spec, until = into(TARGETS[name], SLOW), ("--until", "2027-03-12T09:00:00")
    (folder / "d").mkdir()
    for calls in (1, 2, 5):
        with monkeypatch.context() as patch:
            patch.setattr("datagen.targets.descriptor.os.write", failing_after(calls))
            outcome = invoke(*FIXED, "--resume", "ck", *until, spec=spec)
        assert outcome.status == (1 if "No space" in outcome.err else 0)
    with monkeypatch.context() as patch:
        patch.setattr("datagen.targets.files.unfinished.os.replace", failing_after(2, os.replace))
        invoke(*FIXED, "--resume", "ck", *until, spec=spec)
    run(spec, *until)
    same_as_one(folder, monkeypatch, spec, *until)


@pytest.mark.parametrize("name", ["counters", "parts"])
def test_checkpoint_in_the_middle_of_a_batch_tells_the_instant_of_its_record(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file by time gets its name, or a write fails: the next -r counts from there."""
    spec = into(TARGETS[name], SLOW)
    with monkeypatch.context() as patch:
        taken = checkpoints_written(patch)
        patch.setattr("datagen.targets.descriptor.os.write", failing_after(5))
        outcome = invoke(*FIXED, "--resume", "ck", "-r", "20H", spec=spec)
    assert outcome.status == 1
    times = [parse_instant(each["time"]).micros for each in records(SLOW, "-r", "20H")]
    inside = [each for each in taken if 0 < each.position.records < len(times)]
    assert len(inside) > (name == "parts")
    for each in inside:  # records show milliseconds
        assert abs(each.reached - times[each.written - 1]) < 1000
    run(spec, "-r", "1H")
    assert (
        json.loads(Path("ck").read_bytes())["run"]["reached"] == taken[-1].reached + 3600 * SECOND
    )


def failing_after(calls: int, really: Callable[..., Any] = os.write) -> Callable[..., Any]:
    """Stand for a call that fails after some; a write takes half of what it is given first."""
    left = iter(range(calls))

    def call(first: Any, second: Any) -> Any:
        if next(left, None) is not None:
            return really(first, second)
        if isinstance(second, memoryview) and len(second) > 1 and next(halves, None) is not None:
            return really(first, second[: len(second) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    halves = iter(range(1))
    return call


def test_target_that_failed_at_the_last_member_of_a_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose end could not be written is gone on with, not begun anew under another name."""
    spec = into({"type": "file", "path": "%H.gz"})
    with monkeypatch.context() as patch:
        patch.setattr("datagen.targets.descriptor.os.write", failing_after(0))
        assert invoke(*FIXED, "--resume", "ck", "-r", "3H", spec=spec).status == 1
    assert list(files(folder)) == ["05.gz.part"]
    run(spec, "--until", "2027-03-12T09:00:00")
    same_as_one(folder, monkeypatch, spec, "--until", "2027-03-12T09:00:00")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("path", ["out", "out.gz", "%H.json"])
def test_signal_is_an_ending_like_others(
    path: str, number: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has a checkpoint at its last record; the next one goes on there."""
    plan = plan_of(counting(), FileTarget(path=path))
    for moments in (2, 4, 3):
        asked = iter(range(moments))

        def ask(_: object, asked: Iterator[int] = asked, moments: int = moments) -> None:
            if next(asked, None) == moments - 1:
                os.kill(os.getpid(), number)

        go_on(plan, Observer(progress=ask))
    go_on(replace(plan, until=parse_instant("2027-03-12T08:00:00")))
    same_as_one(
        folder, monkeypatch, into({"type": "file", "path": path}), "--until", "2027-03-12T08"
    )


@pytest.mark.parametrize("path", ["out", "out.gz", "%H%M.json.gz"])
def test_interruption_on_the_spot_loses_nothing(
    path: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second signal comes at any moment, also between a write and what is noted of it."""
    spec = into({"type": "file", "path": path}, SLOW)
    until = ("--until", "2027-03-12T08:00:00")
    for moment in (*range(0, 160, 13), *range(200, 1200, 167)):
        with monkeypatch.context() as patch:
            interrupted_at(patch, moment)
            outcome = invoke(*FIXED, "--resume", "ck", *until, spec=spec)
            sys.settrace(None)
        redirect_to_devnull()
        assert outcome.status in (0, 130), outcome.err
    run(spec, *until)
    same_as_one(folder, monkeypatch, spec, *until)


def redirect_to_devnull() -> None:
    """Close the files that a process that ends would close, and let go of what the interrupted run still holds: its lock."""
    for number in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{number}").endswith(".part"):
                os.close(number)
    gc.collect()


def interrupted_at(patch: pytest.MonkeyPatch, moment: int) -> None:
    """Raise KeyboardInterrupt at a line of the targets' code, counted over all of a run's."""
    left = iter(range(moment))

    def trace(frame: Any, event: str, _: Any) -> Any:
        if f"datagen{os.sep}targets" not in frame.f_code.co_filename:
            return None
        if event == "line" and next(left, None) is None:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    patch.setattr("datagen.running.delivery.Delivery.open", traced(Delivery.open, trace))


def traced(opened: Callable[..., Any], trace: Callable[..., Any]) -> Callable[..., Any]:
    """Begin to trace when the target is opened."""

    def wrapped(*arguments: Any) -> Any:
        sink = opened(*arguments)
        sys.settrace(trace)
        return sink

    return wrapped


def test_reader_that_goes_away_ends_the_run_and_it_is_kept() -> None:
    """What the system has taken is not sent again."""
    command = [sys.executable, str(ROOT / "generator.py"), *FIXED, "--resume", "ck", "-r", "24H"]
    Path("spec.json").write_text(json.dumps(counting()))
    with subprocess.Popen([*command, "-c", "spec.json"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        head = os.read(process.stdout.fileno(), 100)
        process.stdout.close()
        assert process.wait(timeout=60) == 0
    done = json.loads(Path("ck").read_bytes())["run"]["records"]
    assert done > 0
    lines = whole(counting(), "-n", str(done + 5)).splitlines(keepends=True)
    assert run(counting(), "-n", "5").out == b"".join(lines[-5:])
    assert head == b"".join(lines)[:100]


@pytest.mark.parametrize("path", ["b", "b.gz", "b-%H"])
def test_optional_target_that_was_out_comes_back(path: str) -> None:
    """It goes on at the end of what it has; what it has missed it never gets."""
    members = [{"type": "file", "path": "a"}, {"type": "file", "path": path, "optional": True}]
    spec = into({"type": "tee", "targets": members})
    run(spec, "-n", "300")
    before = {name: data for name, data in files(Path()).items() if name.startswith("b")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("datagen.targets.files.plain.os.open", refusing("b", os.open))
        assert "the run continues without it" in run(spec, "-n", "300").err
        run(spec, "-n", "0")
    assert {name: data for name, data in files(Path()).items() if name.startswith("b")} == before
    run(spec, "-n", "300")
    assert Path("a").read_bytes() == whole(counting(), "-n", "900")
    lines = whole(counting(), "-n", "900").splitlines(keepends=True)
    held = b"".join(
        gzip.decompress(data) if name.endswith(".gz") else data
        for name, data in sorted(files(Path()).items())
        if name.startswith("b")
    )
    assert held.splitlines(keepends=True)[-300:] == lines[600:]
    assert path.endswith(".gz") or held == b"".join(lines[:300] + lines[600:])


def refusing(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
    """Stand for a call that fails for files of a name."""

    def call(path: Any, *rest: Any) -> Any:
        if str(path).startswith(name):
            raise OSError(errno.EACCES, "Permission denied")
        return really(path, *rest)

    return call


def test_refused_batch_is_sent_by_the_next_run() -> None:
    """What the server has acknowledged is not sent again, what it refused is."""
    replies = [Reply(200), Reply(200), Reply(403)]
    with HttpServer(*replies) as server:
        spec = into({"type": "http", "url": server.url, "batch_records": 100, "retry_seconds": 0})
        outcome = invoke(*FIXED, "--resume", "ck", "-n", "450", spec=spec)
        assert outcome.status == 1
        refused = server.bodies[2]
        assert json.loads(Path("ck").read_bytes())["run"]["position"]["records"] == 200
        run(spec, "--until", "2027-03-12T05:30")
        bodies = server.bodies
    assert bodies[3][: len(refused)] == refused
    assert b"".join(bodies[:2] + bodies[3:]) == whole(counting(), "--until", "2027-03-12T05:30")


def test_lost_datagrams_are_not_sent_again() -> None:
    """The place of udp counts them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        target = UdpTarget(type="udp", host="127.0.0.1", port=receiver.getsockname()[1])
        sink = target.reopen(io.BytesIO(), Position(7))
        with pytest.raises(TargetError, match="1 record was lost"), sink:
            lines = [b"x\n", b"x" * 70_000 + b"\n", b"y\n"]
            sink.write(rendered(lines))
        assert (sink.position().records, sink.failed) == (10, 1)


class Broker(MessageSink):
    """A sink of messages whose answers come when the test says so."""

    waiting = 0

    def send(self, message: Message) -> None:
        """Take one."""
        self.waiting += 1

    def poll_answers(self) -> None:
        """Nothing is answered by itself."""

    def await_acknowledgements(self) -> None:
        """Answer all."""
        self.answer(self.waiting)

    def answer(self, count: int) -> None:
        """Acknowledge some."""
        for _ in range(count):
            self.waiting -= 1
            self.count_delivered(1)

    def outstanding(self) -> int:
        """Return how many have no answer."""
        return self.waiting


def test_messages_are_sure_when_none_is_without_an_answer() -> None:
    """Answers may come in any order: the place moves on when all are there, and never after a failure."""
    sink = Broker(
        ConfluentTarget.model_validate(
            {"type": "confluent", "servers": "x", "topic": "t", "username": "u", "password": "p"}
        ),
    )
    sink.records_before = 100
    lines = rendered([b"a\n", b"b\n", b"c\n"], [10**9] * 3)
    places: list[int] = []
    for answers in (0, 2, 1):
        if not places:
            sink.write(lines)
        sink.answer(answers)
        places.append(sink.position().records)
    sink.write(lines)
    sink.sync()
    places.append(sink.position().records)
    sink.count_failed("too large")
    sink.delivered += 5
    assert [*places, sink.position().records] == [100, 100, 103, 106, 106]


def test_progress_and_summary_of_a_run_that_goes_on() -> None:
    """The bar is that of this run; the summary counts what it has made."""
    run(into(OUT), "-r", "1H")
    plan = plan_of(counting(), duration=3600 * SECOND)
    with CheckpointFile("ck") as file:
        again = replace(plan, checkpointing=CheckpointOptions(file, 10.0, file.read()))
        start = again.start_at(Moment.present())
        assert (start.duration, start.offset) == (3600 * SECOND, 3600 * SECOND)
    run(into(OUT), "-n", "70", "--summary", "sum")
    found = json.loads(Path("sum").read_bytes())
    assert (found["generated"], found["delivered"], found["seed"]) == (70, 70, 7)
