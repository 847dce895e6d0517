"""Runs with records of one size or until a signal, files and disks for the tests of targets."""

import errno
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datagen.cli.signals import Interruption
from datagen.running.observer import Observer
from datagen.running.pipeline import Run
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NEVER_ENDING, Spec

ROOT = Path(__file__).parents[2]
WIDE: Spec = {
    **NEVER_ENDING,
    "emitters": [{"name": "e", "dimensions": [{"name": "id", "type": "uuid"}]}],
}
LINE = len('{"time":"2027-03-12T00:00:00.000","id":"00000000-0000-4000-8000-000000000000"}\n')
LINES = [b"first\n", b"\n", b"a longer line\n", b"last\n"]
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def no_room(*_: object) -> None:
    """Refuse as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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


def deliver_until_signal(run: Run) -> None:
    """Deliver a run that gets SIGTERM after its fourth slice of records."""
    slices = iter(range(4))

    def send_signal(_: object) -> None:
        if next(slices) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with Interruption() as interruption:
        run.deliver(io.BytesIO(), interruption, observer=Observer(progress=send_signal))
