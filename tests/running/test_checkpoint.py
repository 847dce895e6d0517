"""The file in which a run is kept: what it holds, what damages it, who may have it."""

import errno
import functools
import hashlib
import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.errors import OperationError
from datagen.locks import FileLock
from datagen.position import pack
from datagen.running.checkpoint import (
    Checkpoint,
    CheckpointFile,
    decoded_checkpoint,
)
from datagen.simulation.cursor import MachineCursor
from tests.guarantees.kill import counting
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec
from tests.targets.files.test_partitioned import SLOW

START = "2027-03-12T05:20:13"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, spec: Spec | None = None) -> Outcome:
    """Run with a checkpoint, to a file."""
    whole = {**(spec or counting()), "target": {"type": "file", "path": "out"}}
    return invoke("-s", START, "-q", "--resume", "ck", *arguments, spec=whole)


# What it holds ------------------------------------------------------------------------------------


def test_checkpoint_comes_back() -> None:
    """All of it: what is written is what is read."""
    assert run("-n", "700", "--seed", "3").status == 0
    with CheckpointFile("ck") as file:
        first = file.read()
        assert first is not None
        file.write(first)
        second = file.read()
    assert second is not None
    assert second.document() == first.document()
    assert (first.seed, first.written, str(first.start)) == (3, 700, START + ".000000")


def test_file_is_one_line_of_json_with_its_sum() -> None:
    """As the docs say, so that other programs can read it."""
    run("-n", "100", "--seed", "3")
    data = Path("ck").read_bytes()
    raw = json.loads(data)
    assert data.count(b"\n") == 1
    assert list(raw) == ["checkpoint", "sum", "run"]
    assert (raw["checkpoint"], raw["run"]["records"], raw["run"]["seed"]) == (1, 100, 3)
    assert raw["run"]["position"]["state"]["length"] == Path("out").stat().st_size


@pytest.mark.parametrize(("preset", "alive"), [("clickstream", 5000), ("iot_sensors", 5000)])
def test_size_is_about_a_hundred_bytes_a_worker(preset: str, alive: int) -> None:
    """And a few KB besides."""
    more = ("-n", "60000", "-m", str(alive), "--summary", "sum.json")
    invoke("-c", preset, "-s", START, "-t", "null", "-q", "--resume", "ck", *more)
    with CheckpointFile("ck") as file:
        found = file.read()
    assert found is not None
    assert isinstance(found.cursor, MachineCursor)
    workers = len(found.cursor.pools[0].alive)
    assert workers > 40
    assert Path("ck").stat().st_size < 4000 + 100 * workers


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("%Y%m%dT%H", 1), ("%Hx", 24), ("%Y-%j/%H%p", 1), ("%Y %d", 3), ("%d", 3)],
)
def test_size_does_not_grow_with_the_number_of_files(pattern: str, names: int) -> None:
    """Names that cannot come again are not remembered; of others, a number each."""
    spec = {**SLOW, "target": {"type": "file", "path": pattern}}
    invoke("-s", START, "-q", "--resume", "ck", "--until", "2027-03-14T12:30", spec=spec)
    raw = json.loads(Path("ck").read_bytes())
    assert len(raw["run"]["position"]["state"]["numbers"]) == names


# Damage -------------------------------------------------------------------------------------------


def refused(data: bytes) -> str:
    """Read a file that holds some bytes; give what is said of it, which leaves it alone."""
    Path("ck").write_bytes(data)
    with CheckpointFile("ck") as file, pytest.raises(OperationError) as raised:
        file.read()
    assert Path("ck").read_bytes() == data
    assert str(raised.value).startswith("ck: is ")
    return str(raised.value)


def kept() -> bytes:
    """Return a checkpoint with some workers and counters in it."""
    run("-n", "120", "--seed", "3")
    return Path("ck").read_bytes()


def test_torn_file_is_refused_whatever_its_length() -> None:
    """None of its beginnings is taken for a checkpoint."""
    data = kept()
    assert decoded_checkpoint(data, "ck").seed == 3
    for length in range(len(data)):
        with pytest.raises(OperationError, match="is damaged or not a checkpoint"):
            decoded_checkpoint(data[:length], "ck")
    refused(data[: len(data) // 2])


def test_flipped_bit_is_found() -> None:
    """One in each byte of the file, and each of the first and the last ones."""
    data = kept()
    dice = random.Random(5)
    places = {8 * place + dice.randrange(8) for place in range(len(data))}
    for place in sorted({*places, *range(8 * 100), *range(8 * (len(data) - 20), 8 * len(data))}):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(OperationError, match=r"^ck: is "):
            decoded_checkpoint(bytes(flipped), "ck")
    refused(bytes(flipped))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"null", b"[1]", b'"checkpoint"', b"{}", b'{"checkpoint":1}', b"[" * 100_000, b"\xff",
     b'{"checkpoint":1,"sum":"","run":{}}\n', b'{"checkpoint":true}', b"1" * 5000],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(data: bytes) -> None:
    """Whatever it is."""
    assert "is damaged or not a checkpoint, and was not changed. To start over, move it" in refused(
        data
    )


def test_large_file_that_is_no_checkpoint_is_not_read(folder: Path) -> None:
    """More than there is memory for."""
    with open(folder / "ck", "wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(OperationError, match="is damaged or not a checkpoint"):
        CheckpointFile(str(folder / "ck")).read()


def test_other_version_is_told() -> None:
    """It is not damaged: another program has written it."""
    assert "is of version 2, which this program (" in refused(b'{"checkpoint":2,"whatever":[]}\n')


def test_damaged_file_ends_the_run_before_the_target_is_touched() -> None:
    """With one line and status 1."""
    data = kept()
    before = Path("out").read_bytes()
    Path("ck").write_bytes(data[:-5])
    outcome = run("-n", "5")
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].startswith("ck: is damaged")
    assert (Path("ck").read_bytes(), Path("out").read_bytes()) == (data[:-5], before)


# The file and others ------------------------------------------------------------------------------


def test_second_run_is_refused() -> None:
    """While another run has the file; the lock is gone with its process, the lock's file may stay."""
    run("-n", "3")
    lock = FileLock("ck.lock")
    outcome = run("-n", "3")
    assert (outcome.status, outcome.err) == (1, "ck: is in use by another run\n")
    lock.release()
    Path("ck.lock").touch()
    assert run("-n", "3").status == 0


def test_link_stays_a_link_and_is_one_lock(folder: Path) -> None:
    """A file under two names is one file."""
    os.symlink("real", "ck")
    run("-n", "3")
    assert Path("ck").is_symlink()
    assert Path("real").stat().st_size > 100
    with CheckpointFile("real"), pytest.raises(OperationError), CheckpointFile("ck"):
        pass


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("no/ck", '--resume no/ck: there is no folder "no"'),
        ("/dev/null", "--resume /dev/null: expected the path of a file"),
        (".", "--resume .: expected the path of a file"),
        ("", "--resume : expected the path of a file"),
        ("x/", "--resume x/: expected the path of a file"),
        ("out", "--resume out: out is already used for the records"),
        (
            "spec.json",
            "--resume spec.json: spec.json is already used for the description of the run",
        ),
        ("t.json", "--resume t.json: t.json is already used for the description of the run"),
        ("sum", "--summary sum: this file is already used for the checkpoint"),
        ("./out", "--resume ./out: ./out is already used for the records"),
    ],
)
def test_file_that_cannot_be_one(file: str, said: str) -> None:
    """Nothing is touched, not even a name is made."""
    Path("spec.json").write_text(json.dumps(counting()))
    Path("t.json").write_text('{"type": "file", "path": "out"}')
    before = sorted(os.listdir())
    files = ("-c", "spec.json", "-t", "t.json", "--summary", "sum", "--resume", file)
    outcome = invoke("-s", START, "-n", "3", "-q", *files)
    assert (outcome.status, outcome.err) == (1, said + "\n")
    assert sorted({*os.listdir()} - {"sum"}) == before


@pytest.mark.parametrize("name", ["ck.lock", "ck.part"])
def test_target_may_not_be_what_stands_beside(name: str) -> None:
    """The lock, and the file that becomes FILE."""
    spec = {**counting(), "target": {"type": "file", "path": name}}
    outcome = invoke("-s", START, "-n", "3", "-q", "--resume", "ck", spec=spec)
    assert (outcome.status, outcome.err) == (
        1,
        f"--resume ck: {name} is already used for the records\n",
    )


# When it is written -------------------------------------------------------------------------------


def full(*_: object) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_full_disk_leaves_the_checkpoint_before(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends with status 1 and one line; no half of a file stays behind."""
    run("-n", "50", "--seed", "3")
    before = Path("ck").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(
            f"datagen.running.checkpoint.os.{broken}", full_for("ck", getattr(os, broken))
        )
        outcome = run("-n", "50")
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "ck: cannot be written: No space left on device"
    assert Path("ck").read_bytes() == before
    assert not Path("ck.part").exists()
    assert run("-n", "50").status == 0
    assert Path("out").read_bytes() == undisturbed(100)


def full_for(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Fail where a call is about a file of a name, or a part of it."""

    def checked(first: Any, *rest: Any) -> Any:
        path = os.readlink(f"/proc/self/fd/{first}") if isinstance(first, int) else str(first)
        if os.path.basename(path).startswith(name):
            full()
        return call(first, *rest)

    return checked


def undisturbed(count: int) -> bytes:
    """Return the records of a run without a checkpoint."""
    return invoke("-s", START, "-q", "--seed", "3", "-n", str(count), spec=counting()).out


def test_checkpoint_that_fails_at_the_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that went well ends with status 1; the next goes on from the checkpoint before."""
    written = CheckpointFile.write
    left = iter(range(1))

    def once(file: CheckpointFile, checkpoint: Checkpoint) -> None:
        if next(left, None) is None:
            raise OperationError("ck: cannot be written: full")
        written(file, checkpoint)

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointFile, "write", once)
        outcome = run("-n", "60", "--seed", "3")
    assert outcome.status == 1
    assert outcome.err.endswith("ck: cannot be written: full\n")
    assert Path("out").read_bytes() == undisturbed(60)
    assert run("-n", "60").status == 0
    assert Path("out").read_bytes() == undisturbed(60)


def test_both_failures_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the target, which ended the run, and that of the checkpoint."""
    run("-n", "60", "--seed", "3")

    def refuse(*_: object) -> None:
        raise OperationError("ck: cannot be written: full")

    def fill_up(*_: object) -> None:
        monkeypatch.setattr(CheckpointFile, "write", refuse)
        full()

    monkeypatch.setattr("datagen.targets.descriptor.os.write", fill_up)
    outcome = run("-n", "60")
    assert outcome.status == 1
    assert re.search(r"out: No space left .*\nck: cannot be written: full\n$", outcome.err)


@pytest.mark.parametrize("ending", [".part", ".lock"])
def test_link_beside_the_checkpoint_is_not_followed(ending: str, folder: Path) -> None:
    """What it leads to stays as it is, whether the run can do without it or not."""
    (folder / "theirs").write_bytes(b"secret")
    os.symlink("theirs", f"ck{ending}")
    outcome = run("-n", "3")
    assert (outcome.status, (folder / "theirs").read_bytes()) == (int(ending == ".lock"), b"secret")
    assert ("ck: cannot be locked" in outcome.err) == (ending == ".lock")


# Forged: the sum is right, the content is not -----------------------------------------------------------

HUGE = 10**12
FORGED: list[tuple[str, Any]] = [
    ("run.records", -1), ("run.records", None), ("run.records", "5"), ("run.records", 2.5), ("run.records", []), ("run.records", True),
    ("run.skip", -1), ("run.skip", HUGE), ("run.skip", None), ("run.skip", 1.0),
    ("run.position.records", -1), ("run.position.records", HUGE), ("run.position.records", None),
    ("run.position.parts", None), ("run.position.parts", [None]), ("run.position.state", None), ("run.position", []),
    ("run.position.state.length", -7), ("run.position.state.length", None), ("run.position.state.length", "x"),
    ("run.position.state.tail", -1), ("run.position.state.tail", HUGE), ("run.position.state.tail", None),
    ("run.position.state.end", -1), ("run.position.state.end", "x"),
    ("run.reached", HUGE**2), ("run.reached", None), ("run.start.micros", -(HUGE**2)), ("run.start", None),
    ("run.start.offset", HUGE), ("run.seed", None), ("run.fingerprint", None), ("run.fingerprint", [1]),
    ("run.jumps", None), ("run.jumps", [[1]]), ("run.jumps", [[0, -5]]), ("run.jumps", [[None, None]]),
    ("run.scaling", None), ("run.scaling", {"wish": "1/s", "factor": 0, "workers": 1}),
    ("run.scaling", {"wish": "1/s", "factor": 1, "workers": 0}), ("run.scaling", {"factor": 1, "workers": 1}),
    ("run.part", None), ("run.part", "3/3"), ("run.part", "0/100000"), ("run.part", 1),
    ("run.cursor", None), ("run.cursor", {}), ("run.cursor.started", -1), ("run.cursor.started", None),
    ("run.cursor.started", 0), ("run.cursor.since", None), ("run.cursor.last_start", "x"), ("run.cursor.marks", -1),
    ("run.cursor.marks", HUGE), ("run.cursor.workers", None), ("run.cursor.workers", ""), ("run.cursor.workers", pack(np.array([-1]))),
    ("run.cursor.states", pack(np.array([-5]))), ("run.cursor.totals", None), ("run.cursor.totals", {"[]": None}),
    ("run.cursor.totals", {"[]": -1}), ("run.cursor.totals", {"x": 1}), ("run.cursor.carried", None),
    ("run.cursor.carried", {"[]": [pack(np.array([2, 1])), pack(np.array([0, 0]))]}),
    ("run.cursor.carried", {"[]": [pack(np.array([1])), pack(np.array([0, 0]))]}), ("run.cursor.turn", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"), FORGED, ids=[f"{key}-{str(value)[:20]}" for key, value in FORGED]
)
def test_forged_checkpoint_is_refused(key: str, value: object) -> None:
    """Like a damaged one: with one line, at once, and with all files as they were."""
    data = json.loads(kept())
    *steps, last = key.split(".")
    functools.reduce(lambda node, step: node[step], steps, data)[last] = value
    body = json.dumps(data["run"], separators=(",", ":")).encode()
    checksum = hashlib.sha256(body).hexdigest().encode()
    Path("ck").write_bytes(b'{"checkpoint":1,"sum":"%b","run":%b}\n' % (checksum, body))
    before = {name: Path(name).read_bytes() for name in ("ck", "out")}
    outcome = run("-n", "5")
    assert outcome.status == 1
    assert "checkpoint" in outcome.err.splitlines()[-1]
    assert "To start over, move it" in outcome.err.splitlines()[-1]
    assert {name: Path(name).read_bytes() for name in before} == before
