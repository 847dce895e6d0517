"""Runs that go on where another stopped: the same bytes as one run, whatever came in between."""

import contextlib
import errno
import gzip
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.cli.signals import Interruption
from datagen.errors import TargetError
from datagen.formats import JsonLines
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running import checkpoint
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.clock import Moment, NeverStopped
from datagen.running.delivery import Delivery
from datagen.running.observer import Observer
from datagen.running.pipeline import Run, clock_of
from datagen.running.plan import Plan
from datagen.simulation.cursor import MachineCursor
from datagen.spec.parsing import parse_spec
from datagen.targets import Target
from datagen.targets.delivered import Position
from datagen.targets.files.target import FileTarget
from datagen.targets.files.unfinished import UnfinishedFile
from datagen.targets.kafka.base import Message, MessageSink
from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.stdout import StdoutTarget
from datagen.targets.udp import UdpTarget
from tests.guarantees.kill import counting
from tests.running.test_clock import Time
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec, constant, exponential, spec_of
from tests.support.records import rendered
from tests.support.servers import HttpServer, Reply

ROOT = Path(__file__).parents[2]
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
CROWDED = (
    "dns_queries", "kubernetes_json", "ssh_auth", "syslog_app", "vpc_flow_logs", "web_access",
)  # fmt: skip
START = "2027-03-12T05:20:13"
FIXED = ("-s", START, "--seed", "7", "-q")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own with a preset's target in it, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


SLOW: Spec = {**counting(), "interarrival": exponential(30)}


def into(target: Spec, spec: Spec | None = None) -> Spec:
    """Return a specification with a target."""
    return {**(spec or counting()), "target": target}


def run(spec: Spec, *arguments: str) -> Outcome:
    """Run with a checkpoint; it has to go well."""
    outcome = invoke(*FIXED, "--resume", "ck", *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def whole(spec: Spec, *arguments: str) -> bytes:
    """Return what stdout gets from one run, without a checkpoint."""
    return invoke(*FIXED, *arguments, spec={**spec, "target": {"type": "stdout"}}).out


def files(folder: Path) -> dict[str, bytes]:
    """Return what the files of a folder hold, but for the checkpoint."""
    paths = [
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("ck")
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


def same_as_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spec: Spec, *arguments: str
) -> dict[str, bytes]:
    """See that files are those of one run without a checkpoint; give them."""
    other = folder / "one"
    (other / "d").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.chdir(other)
        assert invoke(*FIXED, *arguments, spec=spec).status == 0
    wanted = files(other)
    found = {name: data for name, data in files(folder).items() if not name.startswith("one/")}
    assert sorted(found) == sorted(wanted)
    assert found == wanted
    return found


# 24 hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "preset", [pytest.param(each, marks=[pytest.mark.long] * (each in CROWDED)) for each in PRESETS]
)
def test_day_of_hours_is_a_day(preset: str) -> None:
    """24 resumed hours are one day, byte for byte."""
    one = invoke("-c", preset, *FIXED, "-r", "24H").out
    hours = [invoke("-c", preset, *FIXED, "--resume", "ck", "-r", "1H") for _ in range(24)]
    assert [each.status for each in hours] == [0] * 24
    assert b"".join(each.out for each in hours) == one
    assert one.count(b"\n") > 2000


TARGETS: dict[str, Spec] = {
    "counters": {"type": "file", "path": "a.jsonl"},
    "gzip": {"type": "file", "path": "a.jsonl.gz"},
    "csv": {"type": "file", "path": "a.csv", "format": "csv"},
    "parts": {"type": "file", "path": "%Y%m%dT%H.csv.zst", "format": "csv"},
    "names that come again": {"type": "file", "path": "d/%I.json.gz"},
    "appended": {"type": "file", "path": "%H.json", "mode": "append"},
    "parquet": {"type": "file", "path": "%H.parquet"},
    "arrow": {"type": "file", "path": "%H.arrow"},
    "avro": {"type": "file", "path": "%H.avro"},
    "tee": {
        "type": "tee",
        "targets": [
            {"type": "file", "path": "b.csv.gz", "format": "csv"},
            {"type": "file", "path": "%d-%H.json"},
            {"type": "tee", "targets": [{"type": "file", "path": "c.txt"}, {"type": "null"}]},
        ],
    },
}


@pytest.mark.parametrize("name", TARGETS)
def test_day_of_hours_leaves_the_files_of_a_day(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With counters, also in variables; the parts begin and end within an hour of the clock."""
    spec = into(TARGETS[name], SLOW)
    (folder / "d").mkdir()
    for _ in range(23):
        run(spec, "-r", "1H")
    left = [file for file in files(folder) if file.endswith(".part")]
    assert len(left) == (name not in ("counters", "gzip", "csv"))
    run(spec, "--until", "2027-03-13T05:00:00")
    found = same_as_one(folder, monkeypatch, spec, "--until", "2027-03-13T05:00:00")
    assert sum(map(len, found.values())) > 20_000


def test_part_of_a_parquet_file_can_be_read() -> None:
    """A run that ends within its time leaves what it made; the next makes the file anew, and more."""
    spec = into(TARGETS["parquet"])
    for count in (40, 60):
        run(spec, "-n", str(count))
    (part,) = Path().glob("*.parquet.part")
    found = [{**row, "time": None} for row in pq.read_table(part).to_pylist()]
    assert found == [{**each, "time": None} for each in records(counting(), "-n", "100")]


@pytest.mark.parametrize("ending", ["parquet", "arrow", "avro"])
def test_single_file_that_is_whole_only_at_its_end_is_refused(ending: str) -> None:
    """With the way out: a path with directives."""
    outcome = invoke(
        "--resume", "ck", "-n", "9", spec=into({"type": "file", "path": f"a.{ending}"})
    )
    assert outcome.status == 2
    assert (
        f"--resume: a.{ending} is a single file that is complete only when closed, so no run can"
        in outcome.err
    )
    assert "use a path with time directives, such as %Y%m%d" in outcome.err
    assert os.listdir() == []


def test_seed_is_drawn_once() -> None:
    """The first run draws it, those that follow have it from the file, and say so."""
    spec = into({"type": "file", "path": "out"})
    runs = [invoke("-s", START, "-q", "--resume", "ck", "-n", "50", spec=spec) for _ in range(3)]
    (seed,) = {re.findall(r"--seed (\d+) -s 2027", each.err)[0] for each in runs}
    one = invoke("--seed", seed, "-s", START, "-q", "-n", "150", spec=counting()).out
    assert Path("out").read_bytes() == one
    assert re.search(
        r"^ck: resuming at 2027-03-12T05:\S+, after 50 records$", runs[1].err, re.MULTILINE
    )


# Pieces -------------------------------------------------------------------------------------------


PIECES = st.lists(
    st.one_of(
        st.integers(0, 900).map(lambda n: ("-n", str(n))),
        st.integers(0, 8 * 10**8).map(lambda us: ("-r", f"{us / 1e6:.6f}S")),
        st.sampled_from(["-n 0", "-r 0S", "-r 0.000001S", "-n 1"]).map(
            lambda text: tuple(text.split())
        ),
    ),
    max_size=4,
)


@pytest.mark.parametrize("name", ["gzip", "parts", "tee", "arrow"])
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=PIECES, every=st.sampled_from(["0S", "10S"]))
def test_pieces_do_not_matter(
    name: str,
    pieces: list[tuple[str, str]],
    every: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Runs that end after any number of records, or at any instant, and then one up to the end."""
    folder, spec = tmp_path_factory.mktemp("pieces"), into(TARGETS[name])
    (folder / "d").mkdir()
    monkeypatch.chdir(folder)
    for piece in pieces:
        run(spec, *piece, "--checkpoint-every", every)
    end = "2027-03-12T07:00:00"
    run(spec, "--until", end)
    assert json.loads(Path("ck").read_bytes())["run"]["reached"] == parse_instant(end).micros
    same_as_one(folder, monkeypatch, spec, "--until", end)


@given(counts=st.lists(st.integers(0, 900), min_size=1, max_size=6))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_n_means_this_much_more(
    ending: str,
    counts: list[int],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After each run the file holds as many records as all runs were asked for."""
    monkeypatch.chdir(tmp_path_factory.mktemp("counts"))
    spec, path = into({"type": "file", "path": f"a{ending}"}), Path(f"a{ending}")
    for place, count in enumerate(counts):
        run(spec, "-n", str(count))
        run(spec, *(("-r", "0S"), ("-n", "0"), ("--until", START))[count % 3])
        data = path.read_bytes()
        held = gzip.decompress(data) if ending else data
        assert held.count(b"\n") == sum(counts[: place + 1])
    assert held == whole(spec, "-n", str(sum(counts)))


def test_r_means_this_much_more() -> None:
    """From the end of the last -r, also where nothing happened there; after -n from its last record."""
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(10))
    outs = [
        run(spec, *more).out for more in (("-r", "9S"), ("-r", "5S"), ("-n", "2"), ("-r", "1S"))
    ]
    assert [out.count(b"\n") for out in outs] == [1, 1, 2, 0]
    assert run(spec, "-r", "9.1S").out.count(b"\n") == 1


def test_line_of_names_stands_once() -> None:
    """On a stdout that several runs write to, also where the first has made no record."""
    runs = [run(counting(), "--csv", "-n", str(count)).out for count in (0, 40, 60)]
    assert b"".join(runs) == whole(counting(), "--csv", "-n", "100")


def test_clock_that_is_simulated_stays_so() -> None:
    """-s need not be given again."""
    run(counting(), "-n", "30")
    outcome = invoke("--resume", "ck", "-q", "-n", "30", spec=counting())
    assert outcome.out == whole(counting(), "-n", "60")[len(whole(counting(), "-n", "30")) :]


# What has changed ---------------------------------------------------------------------------------


OUT = {"type": "file", "path": "out"}
OTHER = {**counting(), "interarrival": exponential(4)}


@pytest.mark.parametrize(
    ("arguments", "spec", "status", "said"),
    [
        (["--seed", "8"], into(OUT), 2, "--seed 8: ck was written with seed 7"),
        (
            ["-s", "2027-03-12"],
            into(OUT),
            2,
            "-s 2027-03-12: ck was written by a run that started at " + START,
        ),
        (["-s", "now"], into(OUT), 2, "-s now: ck was written by a run that started at " + START),
        (["-m", "5"], into(OUT), 1, "ck: -m changed since the previous run"),
        ([], into(OUT, OTHER), 1, "ck: the specification changed since the previous run"),
        ([], into({**OUT, "path": "x"}), 1, "ck: was written for the target file out, not file x"),
        ([], into({"type": "null"}), 1, "ck: was written for the target file out, not null"),
        (
            ["--speed", "2"],
            into(OUT),
            2,
            "--speed needs the real clock, but ck was written on the simulated",
        ),
        (
            ["--catch-up", "skip"],
            into(OUT),
            2,
            "--catch-up needs the real clock, but ck was written on",
        ),
        (["--resume-anyway"], into({**OUT, "path": "x"}), 1, "ck: was written for the target"),
    ],
)
def test_what_contradicts_the_file_is_refused(
    arguments: list[str], spec: Spec, status: int, said: str
) -> None:
    """Neither the file nor the target is touched."""
    run(into(OUT), "-n", "200")
    before = files(Path()), Path("ck").read_bytes()
    outcome = invoke("-q", "-n", "20", "--resume", "ck", *arguments, spec=spec)
    assert outcome.status == status
    assert said in outcome.err.splitlines()[-1]
    assert (files(Path()), Path("ck").read_bytes()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--resume-anyway"],
        ["--checkpoint-every", "1S"],
        ["--catch-up", "skip"],
        ["--catch-up", "history"],
    ],
)
def test_flag_alone_needs_resume(arguments: list[str]) -> None:
    """It would do nothing."""
    outcome = invoke("-n", "1", *arguments, spec=counting())
    assert (outcome.status, arguments[0] + " needs --resume" in outcome.err) == (2, True)


def test_comments_and_formats_may_change() -> None:
    """They do not decide which records come."""
    run(into(OUT), "-n", "20")
    run({**into(OUT), "_why": "changed", "format": "json"}, "-n", "20")
    assert Path("out").read_bytes() == whole(counting(), "-n", "40")


def counter_in_place_of_text(spec: Spec) -> Spec:
    """Let a variable be another one."""
    spec["states"][1]["variables"] = [{"name": "step", "type": "uuid"}]
    spec["states"][0]["variables"] = [{"name": "session", "type": "counter", "start": 5}]
    return spec


def test_resume_anyway_goes_on_with_another_specification() -> None:
    """With a warning of what cannot be known; also where counters are new to those who hold them."""
    run(into(OUT, counter_in_place_of_text(counting())), "-n", "200")
    for spec, what in (
        (counting(), "the specification and -m"),
        (counter_in_place_of_text(counting()), "the specification"),
    ):
        outcome = run(into(OUT, spec), "-n", "200", "--resume-anyway", "-m", "50")
        assert (
            f"warning: ck: {what} changed since the previous run: records may not match earlier ones, "
            "and workers may be in states or have variables with another meaning" in outcome.err
        )
        assert run(into(OUT, spec), "-n", "10", "-m", "50").status == 0
    times = [json.loads(line)["time"] for line in Path("out").read_bytes().splitlines()]
    assert (times == sorted(times), len(times)) == (True, 620)


def test_changed_schedule_is_named() -> None:
    """It is not in the specification, and not -m either."""
    run(into(OUT), "-n", "20")
    Path("s.json").write_text('{"type": "constant", "value": 0.5, "applies_to": "arrivals"}')
    outcome = invoke("-q", "-n", "9", "--resume", "ck", "--schedule", "s.json", spec=into(OUT))
    assert outcome.status == 1
    assert "ck: the schedule changed since the previous run" in outcome.err


@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        (["--resume", "-"], 2, "--resume -: give a file"),
        (["--resume", "new", "--then-live"], 2, "--then-live needs -s, the instant at which"),
        (
            ["--resume", "new", "--until", "now"],
            2,
            "to generate past records, give the start of the stream with -s",
        ),
    ],
)
def test_first_run_that_lacks_something_is_refused(
    flags: list[str], status: int, said: str
) -> None:
    """What it lacks is said."""
    outcome = invoke("-q", *flags, spec=into(OUT))
    assert outcome.status == status
    assert said in outcome.err
    assert not Path("new").exists()


@pytest.mark.parametrize("path", ["./out", "x/../out"])
def test_path_may_be_written_in_another_way(path: str) -> None:
    """It is the same file."""
    Path("x").mkdir()
    run(into(OUT), "-n", "20")
    run(into({**OUT, "path": path}), "-n", "20")
    assert Path("out").read_bytes() == whole(counting(), "-n", "40")


def test_validate_tells_whether_a_run_would_go_on() -> None:
    """Nothing is touched, no lock is made."""
    flags = ("--validate", "--resume", "ck")
    assert invoke(*flags, spec=into(OUT)).status == 0
    assert os.listdir() == []
    run(into(OUT), "-n", "20")
    before = Path("ck").read_bytes()
    assert invoke(*flags, spec=into(OUT)).status == 0
    outcome = invoke(*flags, spec=into(OUT, OTHER))
    assert outcome.status == 1
    assert "ck: the specification changed since the previous run" in outcome.err
    Path("ck").write_bytes(before[:-9])
    assert "is damaged" in invoke(*flags, spec=into(OUT)).err
    assert invoke("--validate", "--resume", "no/ck", spec=into(OUT)).status == 1


def test_fewer_workers_are_kept_to_when_others_have_ended() -> None:
    """With --resume-anyway and a smaller -m none begins before there are fewer."""
    spec = spec_of({"a": (constant(10), {"stop": 1})}, exponential(0.1))
    run(spec, "-r", "20S", "-m", "30")
    run(spec, "-r", "0S", "-m", "4", "--resume-anyway")
    records = run(spec, "-r", "60S", "-m", "4").records
    starts = sorted(parse_instant(record["time"]).micros for record in records)
    alive = [sum(start <= at < start + 10 * SECOND for start in starts) for at in starts]
    assert max(alive) <= 4


def test_workers_in_states_that_are_gone_are_refused() -> None:
    """Nothing can be made of them."""
    run(into(OUT), "-n", "500")
    spec = counting()
    spec["states"] = spec["states"][:1]
    spec["states"][0]["transitions"][0]["next"] = "stop"
    spec["emitters"][0]["dimensions"].pop()
    outcome = invoke("-q", "-n", "1", "--resume", "ck", "--resume-anyway", spec=into(OUT, spec))
    assert outcome.status == 1
    assert outcome.err.endswith("ck: some workers are in states that no longer exist\n")


# The target's files -------------------------------------------------------------------------------


def shrink(path: Path) -> None:
    """Cut some bytes off."""
    path.write_bytes(path.read_bytes()[:-40])


def grow(path: Path) -> None:
    """Let another program write to it."""
    path.write_bytes(path.read_bytes() + b"not ours\n")


def edit(path: Path) -> None:
    """Change something near its end."""
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Path.unlink, "is missing, with the "),
        (shrink, " written by the previous run, so the run cannot"),
        (grow, "is 9 bytes longer than at the end of the previous run, so the run"),
        (edit, "no longer contains what the previous run wrote, so the run"),
    ],
)
@pytest.mark.parametrize("path", ["out", "%d"])
def test_file_that_is_not_as_it_was_left_is_not_gone_on_with(
    path: str, change: Callable[[Path], None], said: str, ending: str
) -> None:
    """It is left as it is, with status 1 and a remedy."""
    spec = into({"type": "file", "path": path + ending})
    run(spec, "-n", "40000" if ending else "800")
    (name,) = [each for each in files(Path()) if path == "out" or each.endswith(".part")]
    if ending and change in (shrink, edit):  # what is beyond the whole members is made anew
        state = json.loads(Path("ck").read_bytes())["run"]["position"]["state"]
        length = (state if path == "out" else state["open"]["state"])["length"]
        os.truncate(name, length)
    change(Path(name))
    before = files(Path())
    outcome = invoke("-q", "-n", "1", "--resume", "ck", spec=spec)
    assert outcome.status == 1
    last = outcome.err.splitlines()[-1]
    assert said in last or (change is Path.unlink and "is missing" in last)
    assert files(Path()) == before


def test_file_that_may_not_be_read_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written cannot be compared then, but its length can."""
    run(into(OUT), "-n", "100")

    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("datagen.targets.files.plain.open", refuse, raising=False)
    run(into(OUT), "-n", "100")
    assert Path("out").read_bytes() == whole(counting(), "-n", "200")


def test_file_that_was_there_before_is_kept_with_append() -> None:
    """What an earlier program left stays, in the first run and in those that follow."""
    Path("out").write_bytes(b"older")
    for count in ("0", "50", "50"):
        run(into({**OUT, "mode": "append"}), "-n", count)
    assert Path("out").read_bytes() == b"older\n" + whole(counting(), "-n", "100")


def test_older_file_of_the_same_name_is_not_taken_for_ours(folder: Path) -> None:
    """A `.part` that is gone is not made of what an earlier run has finished."""
    spec = into({"type": "file", "path": "%H"})
    invoke(*FIXED, "-n", "600", spec=spec)
    run(spec, "-n", "600")
    (part,) = folder.glob("*.part")
    part.unlink()
    outcome = invoke("-q", "-n", "1", "--resume", "ck", spec=spec)
    assert outcome.status == 1
    assert "is missing" in outcome.err.splitlines()[-1]


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_kill_right_after_a_file_got_its_name(
    ending: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes back under `.part`, by a copy that is whole or not there, and gets its name again."""
    spec = into({"type": "file", "path": f"%H{ending}"})
    finish = UnfinishedFile.finish

    class Killed(BaseException):
        """Stands for a kill: nothing is written after it."""

    def killed(partition: UnfinishedFile, kept: bool) -> None:
        finish(partition, kept)
        monkeypatch.setattr(CheckpointFile, "write", lambda *_: None)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedFile, "finish", killed)
        invoke(*FIXED, "--resume", "ck", "-r", "2H", spec=spec)
        patch.undo()
    monkeypatch.chdir(folder)
    assert list(files(folder)) == [f"05{ending}"]
    with monkeypatch.context() as patch:
        patch.setattr("datagen.targets.files.unfinished.shutil.copyfile", copied_in_part)
        assert invoke("-q", "--resume", "ck", "-r", "0S", spec=spec).status == 1
    run(spec, "--until", "2027-03-12T08:00:00")
    (folder / f"05{ending}.part.copy").unlink(missing_ok=True)
    same_as_one(folder, monkeypatch, spec, "--until", "2027-03-12T08:00:00")


def copied_in_part(source: str, copy: str) -> None:
    """Copy some of a file, and fail."""
    Path(copy).write_bytes(Path(source).read_bytes()[:100])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("offset", ["-05:00", "+05:30"])
def test_part_stays_one_where_nothing_was_made(offset: str, folder: Path) -> None:
    """Whether a period is over is told by the start's own offset, also before the first record."""
    spec = into({"type": "file", "path": "%H.json"})
    for more in (("-n", "300"), ("-n", "0"), ("-r", "1S")):
        invoke("-s", START + offset, "--seed", "7", "-q", "--resume", "ck", *more, spec=spec)
        assert list(files(folder)) == ["05.json.part"]


# Endings ------------------------------------------------------------------------------------------


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


def checkpoints_written(patch: pytest.MonkeyPatch) -> list[checkpoint.Checkpoint]:
    """Return the list to which each checkpoint is added when it is written."""
    taken: list[checkpoint.Checkpoint] = []
    written = CheckpointFile.write

    def write(file: CheckpointFile, each: checkpoint.Checkpoint) -> None:
        taken.append(each)
        written(file, each)

    patch.setattr(CheckpointFile, "write", write)
    return taken


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


def plan_of(spec: Spec, target: Target | None = None, **keys: Any) -> Plan:
    """Return the plan of a run, on the simulated clock unless told."""
    parsed, _ = parse_spec(spec, "test.json")
    start = parse_instant(START)
    made = Plan(parsed, "test.json", target or FileTarget(path="out"), JsonLines(), start, 7, 100)
    return replace(made, **keys)


def go_on(plan: Plan, observer: Observer | None = None, **keys: Any) -> bytes:
    """Run a plan that is kept; give what stdout got."""
    with CheckpointFile("ck") as file:
        before = file.read()
        if before:
            plan = replace(plan, start=before.start)
        run = Run(replace(plan, checkpointing=CheckpointOptions(file, 10.0, before)))
        out = io.BytesIO()
        with Interruption(lambda _: None) as interruption:
            run.deliver(out, interruption, observer=observer, **keys)
    return out.getvalue()


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
    """Close the files that a process that ends would close."""
    for number in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{number}").endswith(".part"):
                os.close(number)


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
        with pytest.raises(TargetError, match="1 records were lost"), sink:
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


# The real clock -----------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> int:
    """Let it be so many seconds after the start of the first run."""
    now = Instant(parse_instant(START).micros + round(seconds * SECOND), parse_instant(START).style)
    monkeypatch.setattr("datagen.running.clock.utc_now", lambda: now)
    return now.micros


def live(
    monkeypatch: pytest.MonkeyPatch, seconds: float, spec: Spec, **keys: Any
) -> tuple[list[dict[str, Any]], Time]:
    """Run on the real clock from so many seconds after the first start; give records and time."""
    base, passing = at(monkeypatch, seconds), Time()
    plan = plan_of(spec, StdoutTarget(), real_clock=True, start=None, **keys)
    clock = passing.clock(base, history=seconds > 0)
    return [json.loads(line) for line in go_on(plan, clock=clock).splitlines()], passing


def records(spec: Spec, *limits: str) -> list[dict[str, Any]]:
    """Return the records of one run."""
    return [json.loads(line) for line in whole(spec, *limits).splitlines()]


def later(found: list[dict[str, Any]], micros: int) -> list[dict[str, Any]]:
    """Move the times of records."""
    return [
        {
            **each,
            "time": str(
                Instant(parse_instant(each["time"]).micros + micros, parse_instant(START).style)
            )[:-3],
        }
        for each in found
    ]


def test_catching_up_makes_the_history_of_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, then live: together they are one run without a gap."""
    first, _ = live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    second, passing = live(monkeypatch, 3600, ENDING, until=Instant(at(monkeypatch, 3660)))
    assert first + second == records(ENDING, "-r", "3660S")
    assert 59 < passing.passed < 61


def test_catching_up_can_leave_the_gap_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps and every worker with it: the same records, later by as much."""
    first, _ = live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    second, passing = live(monkeypatch, 3600, ENDING, duration=90 * SECOND, skip_gap=True)
    third, _ = live(monkeypatch, 9000, ENDING, max_records=100, skip_gap=True)
    one = records(ENDING, "-r", "1H")
    expected = later(one, 3540 * SECOND)
    assert first == records(ENDING, "-r", "60S")
    assert second == expected[len(first) : len(first) + len(second)]
    assert 85 < passing.passed < 91
    moved = later(one, 3540 * SECOND + (9000 - 3690) * SECOND)
    assert third == moved[len(first) + len(second) :][:100]


def test_skipping_twice_does_not_move_workers_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ended after the jump and before its first record has jumped already."""
    live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    live(monkeypatch, 3600, ENDING, duration=SECOND // 1000, skip_gap=True)
    live(monkeypatch, 3601, ENDING, max_records=0, skip_gap=True)
    third, _ = live(monkeypatch, 7200, ENDING, max_records=50, skip_gap=True)
    one = records(ENDING, "-r", "1H")
    done = len(records(ENDING, "-r", "60.001S"))
    assert third == later(one, (3540 + 3600) * SECOND - 1000)[done:][:50]


def test_skipping_leaves_what_was_made_before_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of a member that is made anew keep their times."""
    target = FileTarget(path="out.gz")
    at(monkeypatch, 0)
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": []}]}
    for seconds in (0, 3600):
        base, passing = at(monkeypatch, seconds), Time()
        plan = plan_of(
            spec, target, real_clock=True, start=None, skip_gap=True, duration=60 * SECOND
        )
        go_on(plan, clock=passing.clock(base, history=seconds > 0))
    held = [json.loads(line) for line in gzip.decompress(Path("out.gz").read_bytes()).splitlines()]
    one, first = records(spec, "-r", "120S"), records(spec, "-r", "60S")
    assert held == first + later(one, 3540 * SECOND)[len(first) :]


@pytest.mark.parametrize(
    ("seconds", "waits"), [(-3600, True), (-0.5, False), (0, False), (3600, False)]
)
def test_start_in_the_future_is_waited_for_with_a_word(
    seconds: float, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody should have to wonder why nothing comes."""
    at(monkeypatch, seconds)
    told: list[str] = []
    plan = plan_of(ENDING, real_clock=True)
    clock_of(plan, plan.start_at(Moment.present()), NeverStopped(), told.append)
    line = f"waiting for {START}.000000, when the run begins; it is 2027-03-12T04:20:13.000000"
    assert told == [line] * waits


def test_pace_of_its_own_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --speed the clock may be ahead of the world: nobody waits for the world."""
    plan = plan_of(ENDING, real_clock=True, speed=60.0)
    at(monkeypatch, 0)
    with CheckpointFile("ck") as file:
        clock = Time().clock(parse_instant(START).micros, speed=60.0)
        run = Run(
            replace(plan, duration=3600 * SECOND, checkpointing=CheckpointOptions(file, 10.0))
        )
        run.deliver(io.BytesIO(), Interruption(), clock=clock)
        at(monkeypatch, 60)
        again = replace(plan, checkpointing=CheckpointOptions(file, 10.0, file.read()))
        made = clock_of(again, again.start_at(Moment.present()), NeverStopped(), lambda _: None)
        assert made._base == parse_instant(START).micros + 3600 * SECOND  # type: ignore[attr-defined]


def test_simulated_run_may_go_on_live_and_stays_so() -> None:
    """With --then-live, said once; what is past is made at once."""
    begin = ("-s", "2020-01-01", "--seed", "7", "-q")
    resume = ("--resume", "ck", "-q", "-r", "1H")
    outs = [
        invoke(*begin, *resume, spec=counting()),
        invoke(*begin, *resume, "--then-live", spec=counting()),
        invoke(*resume, "--catch-up", "history", "--speed", "1", spec=counting()),
    ]
    assert b"".join(each.out for each in outs) == invoke(*begin, "-r", "3H", spec=counting()).out
    assert json.loads(Path("ck").read_bytes())["run"]["live"] is True


# --until ------------------------------------------------------------------------------------------


def test_until_ends_at_an_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """As -r does, on both clocks; what is at the instant is not made."""
    one = whole(ENDING, "-r", "90S")
    assert whole(ENDING, "--until", "2027-03-12T05:21:43") == one
    assert whole(ENDING, "--until", "2027-03-12T06:21:43+01:00") == one
    found, passing = live(monkeypatch, 0, ENDING, until=Instant(at(monkeypatch, 90)))
    assert found == [json.loads(line) for line in one.splitlines()]
    assert 89 < passing.passed < 91
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(10))
    assert whole(spec, "--until", "2027-03-12T05:20:33").count(b"\n") == 2


def test_until_that_has_passed() -> None:
    """Is wrong usage for a run that begins; one that goes on has nothing to do, and stays where it is."""
    early = "2027-03-12T05:20:12"
    outcome = invoke(*FIXED, "--resume", "ck", "--until", early, spec=counting())
    said = f"generator.py: error: --until {early}: this is before the start, {START}.000000\n"
    assert (outcome.status, outcome.err, os.path.exists("ck")) == (2, said, False)
    past = invoke("--until", "2020-01-01", spec=counting())
    assert (past.status, "--until 2020-01-01: this is in the past" in past.err) == (2, True)
    assert whole(counting(), "--until", START) == b""
    run(counting(), "-r", "1H")
    for until in (early, START, "2027-03-12T06:20:13"):
        assert run(counting(), "--until", until).out == b""
    rest = run(counting(), "-r", "60S").out
    assert rest == whole(counting(), "-r", "3660S").removeprefix(whole(counting(), "-r", "1H"))


@pytest.mark.parametrize("other", [("-n", "3"), ("-r", "3S")])
def test_until_contradicts_the_other_limits(other: tuple[str, str]) -> None:
    """Each says when the run ends."""
    outcome = invoke("-s", "2027-03-12", "--until", "2027-03-13", *other, spec=counting())
    assert outcome.status == 2
    assert invoke("-s", "2027-03-12", "--until", "soon", spec=counting()).status == 2


# --warm-up ----------------------------------------------------------------------------------------


def test_warm_up_throws_away_what_is_before_the_start() -> None:
    """What is left is the end of a run that began that much earlier; limits count after it."""
    early = ("-s", "2027-03-12T05:10:13", "--seed", "7", "-q")
    one = invoke(*early, "-r", "20M", spec=counting()).out.splitlines(keepends=True)
    kept = [line for line in one if json.loads(line)["time"] >= START]
    warm = ("--warm-up", "10M")
    assert whole(counting(), *warm, "-r", "10M") == b"".join(kept)
    assert whole(counting(), *warm, "-n", "200") == b"".join(kept[:200])
    assert whole(counting(), *warm, "-r", "0S") == whole(counting(), *warm, "-n", "0") == b""
    assert b'"n":0,' not in b"".join(kept)  # counters have counted


def test_warm_up_before_the_year_1_is_refused() -> None:
    """Rather than cut short."""
    outcome = invoke("-s", "0001-01-02", "--warm-up", "2D", "-n", "1", spec=counting())
    assert (outcome.status, "--warm-up: it would begin before the year 1" in outcome.err) == (
        2,
        True,
    )


@pytest.mark.parametrize("given", [(), ("--warm-up", "10M")])
def test_warm_up_belongs_to_the_first_run(given: tuple[str, ...]) -> None:
    """Also where that has made nothing yet; those that follow need not ask for it, and may."""
    outs = [run(counting(), "--warm-up", "10M", "-n", "0").out]
    outs += [
        run(counting(), *given, *more).out for more in (("-n", "50"), ("-r", "9M"), ("-n", "7"))
    ]
    count = b"".join(outs).count(b"\n")
    assert b"".join(outs) == whole(counting(), "--warm-up", "10M", "-n", str(count))


def test_killed_in_the_warm_up_goes_on_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checkpoints move along with it, and records before the start stay away."""
    with monkeypatch.context() as patch:
        taken = checkpoints_written(patch)
        run(into(OUT), "--warm-up", "10H", "-n", "500", "--checkpoint-every", "0S")
    start = parse_instant(START).micros
    pools = [each.cursor.pool for each in taken if isinstance(each.cursor, MachineCursor)]
    early = [each for each, pool in zip(taken, pools, strict=True)
             if not each.written and pool.last_start < start]  # fmt: skip
    assert len({pool.started for pool in pools if pool.last_start < start}) > 3
    with CheckpointFile("ck") as file:
        file.write(early[-1])
    Path("out").write_bytes(b"")
    run(into(OUT), "-n", "500")
    assert Path("out").read_bytes() == whole(counting(), "--warm-up", "10H", "-n", "500")


def alive(seed: int, *warm: str) -> float:
    """Return the mean number of workers alive in the first minute, from when each begins and ends."""
    born = [{"name": "born", "type": "clock"}]
    spec = {
        "interarrival": exponential(1),
        "states": [
            {"name": "on", "emitter": "e", "delay": exponential(20), "variables": born,
             "transitions": [{"next": "off", "probability": 1}]},
            {"name": "off", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [{"name": "e", "dimensions": [{"name": "born", "type": "variable", "variable": "born"}]}],
    }  # fmt: skip
    found = invoke("-s", START, "--seed", str(seed), "-q", "-r", "5M", *warm, spec=spec).records
    ends = [(each["born"], each["time"]) for each in found if each["born"] < each["time"]]
    start = parse_instant(START).micros
    spans = np.array([[parse_instant(text).micros - start for text in pair] for pair in ends])
    return float((np.clip(spans, 0, 60 * SECOND) @ [-1, 1]).sum() / (60 * SECOND))


@pytest.mark.statistical
def test_warm_pool_is_in_its_steady_state() -> None:
    """After ten lifetimes the mean number alive is the rate times the lifetime, within 3 standard errors."""
    found = np.array([alive(seed, "--warm-up", "200S") for seed in range(60)])
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert error < 0.5
    assert abs(found.mean() - 20) < 3 * error
    cold = np.array([alive(seed) for seed in range(10)])
    assert cold.mean() < 15
    assert alive(3, "--warm-up", "200S") == found[3]
