"""What a run did: lines for a person, and a file of JSON."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.running.summary import Summary
from datagen.running.waiting import Waiting
from datagen.targets.delivered import TargetCounts
from tests.support.helpers import invoke
from tests.support.machines import ENDING
from tests.support.watching import BIG, LIMITS, ROOT, Acting, ask, at, fail, main


@pytest.mark.parametrize(
    ("summary", "lines"),
    [
        (at(19.7, generated=5, delivered=5, bytes=684, workers=4, seconds=0.5, seed=1),
         ["4 workers, 19.7 s up to 2027-03-12T00:00:19.700000, seed 1",
          "5 records, 684 bytes in 0.50 s (10/s)"]),
        (at(90_061, generated=3250, delivered=3000, failed=200, workers=93, seed=-7,
            seconds=100.0, real_clock=True, lateness=4.1134),
         ["93 workers, 1 day, 1:01:01 up to 2027-03-13T01:01:01.000000, seed -7",
          ("3,000 records, 250 not delivered (200 failed, 50 not sent), 0 bytes in 100.00 s (30/s), "
           "at most 4.113 s late")]),
        (at(1, seed=1, generated=1, delivered=1, workers=1, bytes=1, seconds=1.0, unit="pass",
            waiting=Waiting(2, 1234.5, 77.4)),
         ["1 pass, 1.0 s up to 2027-03-12T00:00:01.000000, seed 1",
          "-m held back 2 arrivals, for 1,234.5 s in all, in which about 77 more would have started",
          "1 record, 1 byte in 1.00 s (1/s)"]),
        (Summary(seed=2, generated=3),
         ["0 workers, seed 2", "0 records, 3 not delivered, 0 bytes in 0.00 s (0/s)"]),
        (at(1, seed=1, generated=9, delivered=9, seconds=1.0,
            parts=(TargetCounts("file", 9, 0, 70), TargetCounts("http", 4, 2, 30))),
         ["0 workers, 1.0 s up to 2027-03-12T00:00:01.000000, seed 1",
          "9 records, 0 bytes in 1.00 s (9/s)",
          "  file: 9 records, 70 bytes", "  http: 4 records, 2 failed, 3 not sent, 30 bytes"]),
    ],
)  # fmt: skip
def test_summary_is_some_lines_for_people(summary: Summary, lines: list[str]) -> None:
    """What was simulated, what was held back, and what came of it; a line for each of several targets."""
    assert summary.lines == lines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a summary file in a folder of its own; the file is not there yet."""
    (tmp_path / "at").mkdir()
    return tmp_path / "at" / "run.json"


def test_summary_file_tells_the_run(file: Path) -> None:
    """The keys are those that the docs tell; the figures are those of the run."""
    out = io.BytesIO()
    assert main(*LIMITS, "--summary", str(file), stdout=out) == 0
    told = json.loads(file.read_text())
    records = out.getvalue().splitlines()
    table = (ROOT / "docs" / "operation.md").read_text().split("| key | value |")[1]
    documented = re.findall(
        r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table.split("\n\n")[0], re.MULTILINE))
    )
    assert list(told) == documented
    assert (told["status"], told["reason"], told["error"], told["signal"]) == (
        0,
        "done",
        None,
        None,
    )
    assert (told["generated"], told["delivered"], told["failed"], told["unsent"]) == (
        500,
        500,
        0,
        0,
    )
    assert (told["spec"], told["seed"], told["bytes"]) == ("stdin", 1, len(out.getvalue()))
    assert told["repeat"] == "--seed 1 -s 2027-03-12T00:00:00.000000"
    assert told["start"] == told["first"] == "2027-03-12T00:00:00.000000"
    assert told["last"].startswith(json.loads(records[-1])["time"])
    assert 0 < told["span"] < 3600
    assert (told["lateness"], told["parts"]) == (None, [])
    assert list(file.parent.iterdir()) == [file]


ENDINGS = [
    (fail(OSError(5, "I/O error")), 1, "error", "stdout: I/O error; 0 records were delivered", None),
    (fail(BrokenPipeError()), 0, "reader gone", None, None),
    (ask(signal.SIGTERM), 143, "signal", None, "SIGTERM"),
    (ask(signal.SIGINT), 130, "signal", None, "SIGINT"),
    (fail(MemoryError()), 1, "error", "out of memory", None),
    (fail(ZeroDivisionError("a/0")), 1, "error",
     "internal error: ZeroDivisionError: a/0 (-v shows where)", None),
]  # fmt: skip


@pytest.mark.parametrize(("act", "status", "reason", "error", "number"), ENDINGS)
def test_summary_file_is_written_at_every_ending(
    act: Callable[[], None], status: int, reason: str, error: str, number: str, file: Path
) -> None:
    """With the exit status and the reason; the counts add up."""
    err = io.StringIO()
    assert main(*BIG, "--summary", str(file), stdout=Acting(act), stderr=err) == status
    told = json.loads(file.read_text())
    assert (told["status"], told["reason"], told["error"], told["signal"]) == (
        status,
        reason,
        error,
        number,
    )
    assert told["generated"] == told["delivered"] + told["failed"] + told["unsent"]
    assert (error or "") in err.getvalue()


def test_summary_file_tells_of_a_run_that_never_began(file: Path) -> None:
    """A specification with problems is an ending too."""
    outcome = invoke("--summary", str(file), "--seed", "7", spec={"states": []})
    told = json.loads(file.read_text())
    assert outcome.status == told["status"] == 1
    assert told["error"] + "\n" == outcome.told
    assert (told["seed"], told["start"], told["generated"]) == (7, None, 0)


def test_validate_writes_no_summary(file: Path) -> None:
    """Nothing ran."""
    assert invoke("--validate", "--summary", str(file), spec=ENDING).status == 0
    assert not file.exists()


def test_summary_file_appears_in_one_step(file: Path) -> None:
    """While the run goes on the old one is there, whole."""
    file.write_text("old")
    seen: list[tuple[str, list[Path]]] = []
    out = Acting(lambda: seen.append((file.read_text(), list(file.parent.iterdir()))))
    assert main(*LIMITS, "--summary", str(file), stdout=out) == 0
    assert seen == [("old", [file])] * len(seen) != []
    assert json.loads(file.read_text())["delivered"] == 500


def test_summary_goes_through_a_link(file: Path) -> None:
    """The file that it leads to is replaced, the link stays."""
    link = file.with_name("latest")
    link.symlink_to(file)
    main(*LIMITS, "--summary", str(link))
    assert link.is_symlink()
    assert json.loads(file.read_text())["delivered"] == 500


def test_pipe_without_a_reader_is_not_waited_for_after_a_signal(tmp_path: Path) -> None:
    """The run has been asked to end; the summary is lost, and that is told."""
    pipe, err = tmp_path / "pipe", io.StringIO()
    os.mkfifo(pipe)
    stdout = Acting(ask(signal.SIGTERM))
    assert main(*BIG, "--summary", str(pipe), stdout=stdout, stderr=err) == 143
    assert err.getvalue().splitlines()[-1] == f"--summary {pipe}: nobody reads this pipe"


def test_summary_is_written_into_a_pipe() -> None:
    """What is no file is not replaced."""
    reader, writer = os.pipe()
    assert main(*LIMITS, "--summary", f"/dev/fd/{writer}") == 0
    os.close(writer)
    with open(reader, "rb") as pipe:
        assert json.loads(pipe.read())["delivered"] == 500


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere/run.json", 'there is no folder "nowhere"'),
        ("at", "expected the path of a file"),
        ("at/", "expected the path of a file"),
        ("", "expected the path of a file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_unwritable_summary_is_found_before_the_run(
    path: str, reason: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1, nothing generated, nothing left behind."""
    monkeypatch.chdir(file.parent.parent)
    outcome = invoke(*LIMITS, "--summary", path, spec=ENDING)
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err == f"--summary {path}: {reason}\n"
    assert list(Path().rglob("*")) == [Path("at")]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: None, "--summary {}: no room\n"),
        (
            fail(OSError(5, "I/O error")),
            "stdout: I/O error; 0 records were delivered\n--summary {}: no room\n",
        ),
    ],
)
def test_summary_that_fails_in_the_end_is_an_error(
    act: Callable[[], None], words: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that went well ends with status 1; beside another error it is told as well."""
    monkeypatch.setattr(
        "datagen.running.summary.os.replace", lambda *_: fail(OSError(28, "no room"))()
    )
    file.write_text("old")
    err = io.StringIO()
    assert main(*LIMITS, "-q", "--summary", str(file), stdout=Acting(act), stderr=err) == 1
    assert err.getvalue() == words.format(file)
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("what", ["spec.json", "out.jsonl", "parts.jsonl", "50%.jsonl"])
def test_summary_may_not_take_the_place_of_another_file(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of the specification nor of the records, also where several targets get them."""
    monkeypatch.chdir(tmp_path)
    paths = ["./parts.jsonl", "./out.jsonl", "50%%.jsonl"]
    files = [{"type": "file", "path": path} for path in paths]
    spec = json.dumps({**ENDING, "target": {"type": "tee", "targets": files}})
    (tmp_path / "spec.json").write_text(spec)
    outcome = invoke("-c", "spec.json", *LIMITS, "--summary", str(tmp_path / what))
    assert outcome.status == 1
    assert f"--summary {tmp_path / what}: this file is already used for the " in outcome.err
    assert (tmp_path / "spec.json").read_text() == spec


@pytest.mark.parametrize("name", ["/dev/stdout", "records"])
def test_summary_may_not_take_the_place_of_records_on_stdout(name: str, tmp_path: Path) -> None:
    """They may have been led into a file by the shell, which is then not replaced."""
    with (tmp_path / "records").open("wb") as out:
        done = redirected(name, tmp_path, stdout=out, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == f"--summary {name}: this file is already used for the records\n".encode()
    assert (tmp_path / "records").read_bytes() == b""


@pytest.mark.parametrize("name", ["/dev/stderr", "log"])
def test_summary_stands_among_the_lines_of_a_stderr_that_is_a_file(
    name: str, tmp_path: Path
) -> None:
    """What was told before it stays, and what is told after it too."""
    with (tmp_path / "log").open("wb") as err:
        err.write(b"before\n")
        err.flush()
        done = redirected(name, tmp_path, stdout=subprocess.DEVNULL, stderr=err)
        err.write(b"after\n")
    assert done.returncode == 0
    told = (tmp_path / "log").read_text()
    assert told.startswith("before\n")
    assert told.endswith("}\nafter\n")
    assert json.loads(told[told.index("{") : told.rindex("}") + 1])["delivered"] == 500


def redirected(summary: str, folder: Path, **streams: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the small machine in a process of its own, with its streams led elsewhere."""
    command = [sys.executable, str(ROOT / "generator.py"), *LIMITS, "--summary", summary]
    data = json.dumps(ENDING).encode()
    return subprocess.run(command, input=data, cwd=folder, check=False, **streams)
