"""`-j N` gives the bytes of `-j 1`, whatever the specification and the target, and whoever is killed."""

import contextlib
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.guarantees.kill import REPLAY, REPLAYED, counting
from tests.simulation.test_settling import process, templates
from tests.support.helpers import invoke
from tests.support.machines import ENDING, NEVER_ENDING, Spec
from tests.support.watching import ROOT

RUN = ("-s", "2027-03-12", "--seed", "3", "-q")
RECORDS = ("-n", "6000")
UNTIL = "2027-03-12T06:00"  # some 300,000 records of web_access
TARGETS: dict[str, Spec] = {
    "file": {"type": "file", "path": "a.json"},
    "gz": {"type": "file", "path": "a-%H.json.gz"},
    "parquet": {
        "type": "file",
        "path": "a.parquet",
        "format": {"type": "parquet", "row_group": 999},
    },
    "arrow": {"type": "file", "path": "a.arrow"},
    "avro": {"type": "file", "path": "a.avro"},
    "tee": {
        "type": "tee",
        "targets": [
            {"type": "file", "path": "a.json"},
            {"type": "file", "path": "b.csv", "format": "csv"},
            {"type": "file", "path": "c-%M.json.zst"},
        ],
    },
}
SPECS: dict[str, Spec] = {
    "counting": counting(), "templates": templates(), "process": process(), "replay": REPLAY, "plain": ENDING,
}  # fmt: skip


def left(folder: Path, *arguments: str) -> tuple[dict[str, bytes], bytes, str]:
    """Return the files that a run leaves in a folder of its own, its stdout, and what it said."""
    folder.mkdir()
    (folder / "source.csv").write_text(REPLAYED)
    before = os.getcwd()
    os.chdir(folder)
    try:
        done = invoke(*RUN, *arguments)
    finally:
        os.chdir(before)
    assert done.status == 0, done.err
    files = {each.name: each.read_bytes() for each in folder.iterdir() if each.name != "source.csv"}
    return files, done.out, done.err


def compared(
    tmp_path: Path, spec: str | Spec, *arguments: str, jobs: tuple[str, ...] = ("2",)
) -> None:
    """Compare runs with renderers with one that has none."""
    name = spec if isinstance(spec, str) else str(tmp_path / "spec.json")
    if not isinstance(spec, str):
        Path(name).write_text(json.dumps(spec))
    alone = left(tmp_path / "1", "-c", name, *arguments)
    assert alone[1] or alone[0]
    for number in jobs:
        assert left(tmp_path / f"j{number}", "-c", name, *arguments, "-j", number) == alone


@pytest.mark.parametrize("name", SPECS)
def test_specification_gives_the_same_stream(name: str, tmp_path: Path) -> None:
    """What windows hand on - counts, texts, positions in a file - is settled before."""
    compared(tmp_path, SPECS[name], *RECORDS)


@pytest.mark.parametrize("kind", ["gz", "tee", "parquet"])
def test_target_gets_the_same_files(kind: str, tmp_path: Path) -> None:
    """Bytes, tables, and several formats at once."""
    (tmp_path / "t.json").write_text(json.dumps(TARGETS[kind]))
    compared(tmp_path, "payments", *RECORDS, "-t", str(tmp_path / "t.json"))


@pytest.mark.parametrize(
    "flags",
    [("--warm-up", "10M", "--schedule", "web_access"), ("-m", "none"), ("-f", "clickstream_tsv")],
    ids=" ".join,
)
def test_flags_mean_the_same(flags: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever is simulated, and however it is written."""
    compared(tmp_path, "clickstream", *RECORDS, *flags)


PRESETS = sorted(each.stem for each in (ROOT / "conf" / "gen").glob("*.json"))


@pytest.mark.long
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_give_the_same_stream(preset: str, tmp_path: Path) -> None:
    """With three, of which each has several windows; two are above."""
    compared(tmp_path, preset, "-n", "150000", jobs=("3",))


@pytest.mark.long
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("name", SPECS)
def test_targets_get_the_same_files(kind: str, name: str, tmp_path: Path) -> None:
    """Each target with each kind of specification."""
    (tmp_path / "t.json").write_text(json.dumps(TARGETS[kind]))
    compared(tmp_path, SPECS[name], "-n", "20000", "-t", str(tmp_path / "t.json"), jobs=("3",))


# processes of their own


class Program:
    """A run as a process of its own, in a folder."""

    def __init__(self, folder: Path, *arguments: str, **keys: Any) -> None:
        self.folder = folder
        words = [sys.executable, str(ROOT / "generator.py"), *RUN, *arguments]
        self.process = subprocess.Popen(
            words, cwd=folder, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keys
        )

    def renderers(self) -> list[int]:
        """Return the renderers that it has."""
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(each) for each in text.split()]

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return the status and what was said."""
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err.decode()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[list[Program]]:
    """Collect programs, none of which outlives the test."""
    (tmp_path / "spec.json").write_text(json.dumps(NEVER_ENDING))
    started: list[Program] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.communicate()


def begun(programs: list[Program], folder: Path, *arguments: str) -> tuple[Program, list[int]]:
    """Return an endless run that has made records, and its renderers."""
    program = Program(folder, "-c", str(folder / "spec.json"), *arguments)
    programs.append(program)
    assert program.process.stdout is not None
    assert program.process.stdout.readline()
    return program, program.renderers()


def gone(pids: list[int], within: float = 20.0) -> bool:
    """Return whether processes end in time."""
    deadline = time.monotonic() + within
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(
                pid
            )  # to be read when it ends: to look all the time would slow it down
            select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            os.close(descriptor)
    return not any(Path(f"/proc/{pid}").exists() and not zombie(pid) for pid in pids)


def zombie(pid: int) -> bool:
    """Return whether a process has ended, and nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_no_renderer_outlives_a_run_that_is_killed(programs: list[Program], tmp_path: Path) -> None:
    """SIGKILL leaves nobody the time to end them: they see it themselves, within seconds."""
    program, pids = begun(programs, tmp_path, "-j", "2")
    assert len(pids) == 2
    program.process.kill()
    assert gone(pids)


def test_head_ends_all_processes(programs: list[Program], tmp_path: Path) -> None:
    """At once and without a word."""
    program, pids = begun(programs, tmp_path, "-j", "3")
    assert program.process.stdout is not None
    program.process.stdout.close()
    assert program.process.wait(timeout=20) == 0
    assert gone(pids, 0.0)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_all_in_order(
    number: int, status: int, programs: list[Program], tmp_path: Path
) -> None:
    """With whole lines, also where each process gets it, as from a terminal or a service manager."""
    program, pids = begun(programs, tmp_path, "-j", "2")
    for pid in pids:
        os.kill(pid, number)
    program.process.send_signal(number)
    out, err = program.process.communicate(timeout=60)
    assert (program.process.returncode, err) == (status, b"")
    assert all(json.loads(line) for line in out.splitlines())
    assert gone(pids, 0.0)


def test_few_descriptors_are_enough(programs: list[Program], tmp_path: Path) -> None:
    """Eight renderers with 64 of them."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    program = Program(tmp_path, "-c", "example", "-n", "3000", "-j", "8", preexec_fn=limit)
    programs.append(program)
    out, err = program.process.communicate(timeout=60)
    assert (program.process.returncode, err) == (0, b"")
    assert out == invoke(*RUN, "-c", "example", "-n", "3000").out


def test_package_is_found_from_anywhere(programs: list[Program], tmp_path: Path) -> None:
    """Not in the folder of the user, where something else has its name."""
    (tmp_path / "datagen").mkdir()
    (tmp_path / "datagen" / "__init__.py").write_text("raise SystemExit('not this one')\n")
    program = Program(tmp_path, "-c", "example", "-n", "300", "-j", "2")
    programs.append(program)
    out, err = program.process.communicate(timeout=60)
    assert (program.process.returncode, err, out.count(b"\n")) == (0, b"", 300)


@pytest.mark.long
@pytest.mark.parametrize("victim", ["run", "renderer"])
@pytest.mark.parametrize("kind", ["file", "gz", "tee"])
def test_run_goes_on_after_any_of_its_processes_was_killed(
    victim: str, kind: str, programs: list[Program], tmp_path: Path
) -> None:
    """As if nothing had been; what a renderer's death ends is counted, and has a checkpoint."""
    (tmp_path / "t.json").write_text(json.dumps(TARGETS[kind]))
    one, many = tmp_path / "one", tmp_path / "many"
    flags = ("-c", "web_access", "-t", str(tmp_path / "t.json"), "--until", UNTIL)
    whole = left(one, *flags)[0]
    many.mkdir()
    resuming = (*flags, "--resume", "ck", "-j", "2", "--checkpoint-every", "0.1S")
    for kills in range(4):
        program = Program(many, *resuming)
        programs.append(program)
        while program.process.poll() is None and not written(many, kills):
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.process.wait(0.005)
        pids = program.renderers() if program.process.poll() is None else []
        if len(pids) == 2:
            os.kill(program.process.pid if victim == "run" else pids[0], signal.SIGKILL)
        status, said = program.ended()
        assert gone(pids)
        if status == 0:
            break
        assert status == (-9 if victim == "run" else 1), said
        assert victim == "run" or re.fullmatch(r"renderer 1 of 2 was killed.*\n", said)
    else:
        program = Program(many, *resuming)
        programs.append(program)
        assert program.ended()[0] == 0
    assert kills
    names = [
        each for each in many.iterdir() if not each.name.startswith("ck") and each.suffix != ".lock"
    ]
    assert {each.name: each.read_bytes() for each in names} == whole


def written(folder: Path, kills: int) -> bool:
    """Return whether a run has gone on beyond what it had at its beginning."""
    sizes = []
    for each in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # it may have its last name by now
            sizes.append(0 if each.name.startswith("ck") else each.stat().st_size)
    return sum(sizes) > 300_000 * (kills + 1)
