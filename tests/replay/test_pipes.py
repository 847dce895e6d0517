"""Sources that can be read only once."""

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import generator
from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.replay.checks import parse_replay
from datagen.replay.passes import ReplayLoop
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.sources import texts
from datagen.targets.stdout import StdoutTarget
from tests.running.test_clock import START
from tests.support.helpers import Outcome
from tests.support.replays import DAY, LINES, Spec, out, rows_of, spec_of, write

ROOT = Path(__file__).parents[2]


def piped(spec: Spec, data: bytes, *flags: str) -> Outcome:
    """Run with a source on stdin."""
    Path("r.json").write_text(json.dumps(spec))
    stdout, stderr = io.BytesIO(), io.StringIO()
    arguments = ["-c", "r.json", "-s", DAY, "--seed", "1", "-q", *flags]
    status = generator.main(arguments, io.BytesIO(data), stdout, stderr)
    return Outcome(status, stdout.getvalue(), stderr.getvalue())


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("flags", [(), ("--csv",)])
def test_stdin_is_a_source(flags: tuple[str, ...], sort: bool) -> None:
    """The same bytes as from a file, in every format; sorted, where it is."""
    for kind, data in (("csv", rows_of(3000)), ("ndjson", "\n".join(LINES))):
        write(data, f"x.{kind}")
        expected = out(spec_of(f"x.{kind}", loop=False), *flags)
        spec = spec_of("-", source_format=kind, loop=False, sort=sort)
        outcome = piped(spec, data.encode(), *flags)
        assert (outcome.status, outcome.out.decode()) == (0, expected)


def test_fifo_is_a_source() -> None:
    """Records leave when they have come, and the end of the pipe ends the run."""
    os.mkfifo("x.csv")
    data, half = rows_of(3000).encode(), 20_000
    more = threading.Event()

    def feed() -> None:
        with open("x.csv", "wb", buffering=0) as file:
            file.write(data[:half])
            more.wait(30)
            file.write(data[half:])

    class Watched(io.BytesIO):
        def write(self, part: Any) -> int:
            more.set()
            return super().write(part)

    feeder = threading.Thread(target=feed)
    feeder.start()
    Path("r.json").write_text(json.dumps(spec_of(loop=False)))
    stdout = Watched()
    arguments = ["-c", "r.json", "-s", DAY, "--seed", "1", "-q"]
    assert generator.main(arguments, io.BytesIO(), stdout, io.StringIO()) == 0
    feeder.join()
    assert len(stdout.getvalue().splitlines()) == 3000


def test_pipe_that_says_nothing_lets_targets_let_go() -> None:
    """What a target holds back for a fuller batch does not wait for the next record."""
    os.mkfifo("x.csv")
    flushed = threading.Event()

    class Held(StdoutTarget):
        def open(self, stdout: Any) -> Any:
            sink = super().open(stdout)
            sink.flush = flushed.set  # type: ignore[method-assign]
            return sink

    def feed() -> None:
        with open("x.csv", "wb", buffering=0) as file:
            file.write(rows_of(3).encode())
            assert flushed.wait(30)
            file.write(b"2021-01-01,4\n")

    feeder = threading.Thread(target=feed)
    feeder.start()
    replay, _ = parse_replay(spec_of(loop=False), "test.json", io.BytesIO())
    plan = Plan(replay, "test.json", Held(), JsonLines(), START, 1, 100)
    stream = io.BytesIO()
    Run(plan).deliver(stream, Interruption())
    feeder.join()
    assert len(stream.getvalue().splitlines()) == 4


def test_pipe_that_says_nothing_is_left_after_a_signal() -> None:
    """A run that waits for records ends when it is asked to, with what it has got delivered."""
    Path("r.json").write_text(json.dumps(spec_of("-", source_format="csv", loop=False)))
    command = [sys.executable, str(ROOT / "generator.py"), "-c", "r.json", "-s", DAY, "--seed", "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(rows_of(3).encode())
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
        assert process.wait(20) == 143
        assert b"3 records" in process.stderr.read()
    assert all(lines)


def test_pipe_is_read_where_the_system_cannot_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`select` takes sockets only on Windows."""
    monkeypatch.setattr(texts, "_PIPES_CAN_BE_WAITED_FOR", False)
    monkeypatch.setattr(texts, "select", None)
    os.mkfifo("x.csv")
    feeder = threading.Thread(target=lambda: Path("x.csv").write_text(rows_of(3)))
    feeder.start()
    replay, _ = parse_replay(spec_of(loop=False), "test.json", io.BytesIO())
    stream = ReplayLoop(replay, 1, 0, 10**17)
    assert sum(len(window.times) for window in stream.windows()) == 3
    stream.close()
    feeder.join()
