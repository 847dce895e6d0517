"""Watching a run and ending it: progress, summary, metrics, signals, a stderr that is gone."""

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pytest

import generator
from datagen.cli.console import Console
from datagen.cli.options import metrics_address, parse_request
from datagen.cli.parser import parser
from datagen.cli.progress import Progress
from datagen.cli.session import run_to_end
from datagen.cli.signals import Interruption
from datagen.errors import SignalError, TargetError
from datagen.formats import JsonLines, Rendered
from datagen.instants import SECOND, parse_instant
from datagen.running import outcome
from datagen.running.clock import Moment
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.summary import Summary
from datagen.spec.generator import parse_spec
from datagen.targets.base import Sink, Target
from datagen.targets.delivered import TargetCounts
from tests.support.helpers import invoke
from tests.support.machines import ENDING

ROOT = Path(__file__).parents[2]
START = parse_instant("2027-03-12")
LIMITS = ("-s", "2027-03-12", "--seed", "1", "-n", "500")
REPEAT = "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"
BIG = ("-s", "2027-03-12", "--seed", "1", "-n", "20000")


def main(*arguments: str, stdout: BinaryIO | None = None, stderr: Any = None) -> int:
    """Run the small machine with streams of the test's own."""
    spec = io.BytesIO(json.dumps(ENDING).encode())
    return generator.main(list(arguments), spec, stdout or io.BytesIO(), stderr or io.StringIO())


class Told(io.BytesIO):
    """A stdout that lets the test do something whenever records come, before it has them."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act

    def write(self, data: Any, /) -> int:
        self._act()
        return super().write(data)


# progress


class Screen(io.StringIO):
    """A terminal, as far as anyone can see."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """Return what stands on it: a carriage return leads back, and what follows covers."""
        shown = []
        for line in self.getvalue().split("\n"):
            cells: list[str] = []
            for piece in line.split("\r"):
                cells[: len(piece)] = piece
            shown.append("".join(cells).rstrip())
        return shown


class Time:
    """A clock that the test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def screen() -> Screen:
    """Return an empty screen."""
    return Screen()


def shown_after(screen: Screen, seconds: float, summary: Summary, **limits: int) -> str:
    """Return the line that shows a run so many seconds old."""
    clock = Time()
    progress = Progress(Console(screen), True, monotonic=clock, **limits)
    clock.now = seconds
    progress.update(summary)
    return screen.lines()[-1]


def at(instant: float, /, **figures: Any) -> Summary:
    """Return the summary of a run whose last record is so many seconds after its start."""
    last = parse_instant("2027-03-12T00:00:00")
    return Summary(start=START, last=type(last)(last.micros + int(instant * SECOND)), **figures)


def test_progress_tells_all_that_matters(screen: Screen) -> None:
    """Records, records a second, bytes, simulated time, workers alive."""
    line = shown_after(screen, 2.0, at(90.5, delivered=4200, bytes=1_310_000, alive=97))
    assert line == "4.2k records, 2.1k/s, 1.31MB, 2027-03-12T00:01:30, 97 workers"


def test_progress_on_the_real_clock_tells_lateness(screen: Screen) -> None:
    """In place of the bytes."""
    line = shown_after(screen, 2.0, at(1, delivered=20, bytes=999, real_clock=True, late=1.25))
    assert line == "20 records, 10/s, 1.2 s late, 2027-03-12T00:00:01, 0 workers"


@pytest.mark.parametrize(
    ("limits", "percent"),
    [
        ({"max_records": 400}, " 25%|"),
        ({"duration": 200 * SECOND}, " 50%|"),
        ({"max_records": 100}, "100%|"),
        ({"duration": 50 * SECOND}, "100%|"),
    ],
)
def test_limit_gives_a_bar(screen: Screen, limits: dict[str, int], percent: str) -> None:
    """By records with -n, by simulated time with -r; never beyond its end."""
    line = shown_after(screen, 1.0, at(100, delivered=100), **limits)
    assert line.startswith(percent)
    assert "100 records, 100/s" in line


def test_progress_is_told_twice_a_second(screen: Screen) -> None:
    """However often the run tells it; the rate is that of the last seconds, not of the whole run."""
    clock, lines = Time(), set()
    progress = Progress(Console(screen), True, monotonic=clock)
    for step in range(1, 201):
        clock.now = step / 10
        progress.update(at(step, delivered=step * step))
        lines.add(screen.lines()[-1])
    assert len(lines) == 1 + 20 * 2
    assert lines == {"", *(line for line in lines if "/s" in line)}
    assert "40k records, 3.55k/s" in screen.lines()[-1]


def test_short_run_shows_nothing(screen: Screen) -> None:
    """What is over within half a second leaves no trace."""
    assert shown_after(screen, 0.4, at(1, delivered=1)) == ""
    assert screen.getvalue() == ""


def test_line_is_gone_in_the_end_and_words_stand_above_it(screen: Screen) -> None:
    """A warning is whole, and the line is there again after it, until the end."""
    clock, console = Time(), Console(screen)
    progress = Progress(console, True, max_records=10, monotonic=clock)
    clock.now = 1.0
    progress.update(at(1, delivered=5))
    (line,) = screen.lines()
    console.warn("mind")
    assert screen.lines() == ["warning: mind", line]
    progress.end()
    console.print("over")
    assert screen.lines() == ["warning: mind", "over", ""]


def test_progress_without_its_package_is_a_warning(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told once; the run goes on."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr("datagen.cli.progress.UPDATE_SECONDS", 0.0)
    assert main(*BIG, stderr=screen) == 0
    assert screen.lines()[1] == "warning: no progress is shown: pip install tqdm"
    assert screen.getvalue().count("no progress") == 1


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have progress shown from the first records on."""
    monkeypatch.setattr("datagen.cli.progress.UPDATE_SECONDS", 0.0)


class SameTerminal(io.BytesIO):
    """A stdout that a person sees."""

    def isatty(self) -> bool:
        return True


SHOWN = [
    (Screen, io.BytesIO, (), True),
    (Screen, io.BytesIO, ("-q",), False),
    (Screen, io.BytesIO, ("--no-progress",), False),
    (Screen, SameTerminal, (), False),
    (Screen, SameTerminal, ("--progress",), True),
    (Screen, SameTerminal, ("-t", "file"), True),
    (io.StringIO, io.BytesIO, (), False),
    (io.StringIO, io.BytesIO, ("--progress",), True),
]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("stderr", "stdout", "flags", "expected"), SHOWN)
def test_progress_is_for_a_terminal_without_records(
    stderr: type[io.StringIO],
    stdout: type[io.BytesIO],
    flags: tuple[str, ...],
    expected: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless a flag says otherwise."""
    monkeypatch.chdir(tmp_path)
    err = stderr()
    assert main(*LIMITS, *flags, stdout=stdout(), stderr=err) == 0
    assert ("100%|" in err.getvalue()) == expected


def all_of(terminal: int) -> str:
    """Read what has been written to a terminal."""
    os.set_blocking(terminal, False)
    read = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            read += os.read(terminal, 4096)
    return read.decode()


@pytest.mark.usefixtures("eager")
def test_progress_leaves_the_screen_as_without_it() -> None:
    """A real terminal of 24 lines of 60: no line of progress is wider, none is left."""
    controller, terminal = os.openpty()
    os.system(f"stty -F {os.ttyname(terminal)} cols 60 rows 24")
    with open(terminal, "w", closefd=True) as err:
        assert main(*BIG, stderr=err) == 0
        screen = Screen()
        screen.write(all_of(controller).replace("\r\n", "\n"))
    os.close(controller)
    pieces = re.split(r"[\r\n]", screen.getvalue())
    assert max(len(piece) for piece in pieces if "%|" in piece) < 60
    first, second, third, rest = screen.lines()
    assert (first + "\n", rest) == (REPEAT, "")
    assert re.fullmatch(r"[\d,]+ workers, .*, seed 1", second)
    assert third.startswith("20,000 records, ")


# summary


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
        (Summary(seed=2, generated=3),
         ["0 workers, seed 2", "0 records, 3 not delivered, 0 bytes in 0.00 s (0/s)"]),
        (at(1, seed=1, generated=9, delivered=9, seconds=1.0,
            parts=(TargetCounts("file", 9, 0, 70), TargetCounts("http", 4, 2, 30))),
         ["0 workers, 1.0 s up to 2027-03-12T00:00:01.000000, seed 1",
          "9 records, 0 bytes in 1.00 s (9/s)",
          "  file: 9 records, 70 bytes", "  http: 4 records, 2 failed, 3 not sent, 30 bytes"]),
    ],
)  # fmt: skip
def test_summary_is_two_lines_for_people(summary: Summary, lines: list[str]) -> None:
    """What was simulated, and what came of it; a line for each of several targets."""
    assert str(summary).splitlines() == lines


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
    assert told["start"] == told["first"] == "2027-03-12T00:00:00.000000"
    assert told["last"].startswith(json.loads(records[-1])["time"])
    assert 0 < told["span"] < 3600
    assert (told["lateness"], told["parts"]) == (None, [])
    assert list(file.parent.iterdir()) == [file]


def fail(error: BaseException) -> Callable[[], None]:
    """Make something that raises an error."""

    def act() -> None:
        raise error

    return act


def ask(number: int) -> Callable[[], None]:
    """Make something that sends a signal to the run."""
    return lambda: signal.raise_signal(number)


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
    assert main(*BIG, "--summary", str(file), stdout=Told(act), stderr=err) == status
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
    assert told["error"] + "\n" == outcome.err
    assert (told["seed"], told["start"], told["generated"]) == (7, None, 0)


def test_validate_writes_no_summary(file: Path) -> None:
    """Nothing ran."""
    assert invoke("--validate", "--summary", str(file), spec=ENDING).status == 0
    assert not file.exists()


def test_summary_file_appears_in_one_step(file: Path) -> None:
    """While the run goes on the old one is there, whole."""
    file.write_text("old")
    seen: list[tuple[str, list[Path]]] = []
    out = Told(lambda: seen.append((file.read_text(), list(file.parent.iterdir()))))
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
    assert main(*LIMITS, "-q", "--summary", str(file), stdout=Told(act), stderr=err) == 1
    assert err.getvalue() == REPEAT + words.format(file)
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
    assert f"--summary {tmp_path / what}: this file is for the " in outcome.err
    assert (tmp_path / "spec.json").read_text() == spec


@pytest.mark.parametrize("name", ["/dev/stdout", "records"])
def test_summary_may_not_take_the_place_of_records_on_stdout(name: str, tmp_path: Path) -> None:
    """They may have been led into a file by the shell, which is then not replaced."""
    with (tmp_path / "records").open("wb") as out:
        done = redirected(name, tmp_path, stdout=out, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == f"--summary {name}: this file is for the records\n".encode()
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
    assert told.startswith(f"before\n{REPEAT}")
    assert told.endswith("}\nafter\n")
    assert json.loads(told[told.index("{") : told.rindex("}") + 1])["delivered"] == 500


def redirected(summary: str, folder: Path, **streams: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the small machine in a process of its own, with its streams led elsewhere."""
    command = [sys.executable, str(ROOT / "generator.py"), *LIMITS, "--summary", summary]
    data = json.dumps(ENDING).encode()
    return subprocess.run(command, input=data, cwd=folder, check=False, **streams)


def test_flags_of_operation_that_contradict_each_other_are_wrong_usage() -> None:
    """Status 2, with the reason."""
    outcome = invoke(*LIMITS, "-q", "--progress", spec=ENDING)
    assert (outcome.status, outcome.err) == (
        2, "generator.py: error: -q and --progress contradict each other\n"
    )  # fmt: skip
    assert invoke(*LIMITS, "--summary", "-", spec=ENDING).status == 2


# metrics


def scraped(url: str) -> str:
    """Ask for the figures, as Prometheus does."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def figures(text: str) -> dict[str, float]:
    """Return those of ours that have no labels."""
    return {
        name: float(value)
        for name, value in re.findall(r"^(datagen_\w+) (\S+)$", text, re.MULTILINE)
    }


def address_in(err: io.StringIO) -> str:
    """Find where the figures are to be had."""
    (url,) = re.findall(
        r"^metrics: (http://127\.0\.0\.1:\d+/metrics)$", err.getvalue(), re.MULTILINE
    )
    return str(url)


def test_metrics_tell_the_run_while_it_goes_on() -> None:
    """The figures are those of the moment; the server is gone with the run."""
    err, seen = io.StringIO(), list[str]()
    out = Told(lambda: seen.append(scraped(address_in(err))))
    assert main(*BIG, "--metrics", "0", stdout=out, stderr=err) == 0
    first, last = figures(seen[0]), figures(seen[-1])
    assert first["datagen_records_delivered_total"] == 0 < first["datagen_records_generated_total"]
    assert last["datagen_records_generated_total"] == 20_000
    assert 0 < last["datagen_records_delivered_total"] < 20_000
    assert last["datagen_bytes_delivered_total"] > 20 * last["datagen_records_delivered_total"]
    assert last["datagen_workers_started_total"] > last["datagen_workers_alive"] > 0
    assert last["datagen_simulated_time_seconds"] > START.micros / SECOND
    assert last["datagen_records_failed_total"] == last["datagen_lateness_seconds"] == 0
    assert 'seed="1"' in seen[0] and 'start="2027-03-12T00:00:00.000000"' in seen[0]
    with pytest.raises(OSError):
        scraped(address_in(err))


def test_metrics_are_those_that_the_docs_tell() -> None:
    """Each name of the table is shown, and each that is shown is in the table."""
    from datagen.cli.metrics import Figures, Metrics

    summary = at(5, parts=(TargetCounts("file", 3, 1, 20),))
    with Metrics(("127.0.0.1", 0), summary) as metrics:
        text = scraped(metrics.url)
    shown = set(re.findall(r"^(datagen_\w+)", text, re.MULTILINE))
    documented = set(
        re.findall(
            r"^\| `(datagen_\w+)`", (ROOT / "docs" / "operation.md").read_text(), re.MULTILINE
        )
    )
    assert shown == documented
    assert 'datagen_target_records_delivered_total{target="file"} 3.0' in text
    assert "process_cpu_seconds_total" in text
    assert [
        family.name for family in Figures(Summary()).collect() if "simulated" in family.name
    ] == []


def test_port_in_use_is_an_error_before_the_run() -> None:
    """Status 1, with the address and the reason; nothing generated."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = invoke(*LIMITS, "--metrics", str(port), spec=ENDING)
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err == f"{REPEAT}--metrics 127.0.0.1:{port}: Address already in use\n"


def test_metrics_without_their_package_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.delitem(sys.modules, "datagen.cli.metrics", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    outcome = invoke(*LIMITS, "--metrics", "0", spec=ENDING)
    assert (outcome.status, outcome.out) == (1, b"")
    assert outcome.err.endswith("--metrics needs a package: pip install prometheus-client\n")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9100", ("127.0.0.1", 9100)), ("0", ("127.0.0.1", 0)), ("0.0.0.0:9100", ("0.0.0.0", 9100)),
        ("localhost:65535", ("localhost", 65535)), ("[::1]:80", ("::1", 80)), ("[::]:80", ("::", 80)),
    ],
)  # fmt: skip
def test_metrics_listen_on_the_loopback_unless_a_host_is_given(
    text: str, address: tuple[str, int]
) -> None:
    """A port alone is one of this machine only."""
    assert metrics_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "65536", ":9100", "host:", "::1:80", "[]:80", "80.0", "٣"]
)
def test_wrong_address_of_metrics_is_wrong_usage(text: str) -> None:
    """Status 2, and nothing listens anywhere."""
    outcome = invoke(*LIMITS, f"--metrics={text}", spec=ENDING)
    assert (outcome.status, outcome.out) == (2, b"")
    assert "--metrics: expected " in outcome.err


def test_what_is_not_asked_for_is_not_loaded() -> None:
    """A run without a terminal and without --metrics imports neither package."""
    code = (
        "import generator, sys; generator.main(['-c', 'payments', '-n', '5', '-s', 'now', '-q']);"
        "print({'tqdm', 'prometheus_client', 'wsgiref', 'datagen.cli.metrics'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[1:] == ["set()"]


# signals


class Grace(Time):
    """Time that passes only when a sink takes it, and the alarm that it sets off."""

    due: float | None = None

    def alarm(self, seconds: int) -> None:
        self.due = self.now + seconds if seconds else None

    def take(self, seconds: float) -> None:
        """Let time pass; an alarm that falls due in it cuts it short."""
        until = self.now + seconds
        if self.due is not None and self.due <= until:
            self.now, self.due = self.due, None
            signal.raise_signal(signal.SIGALRM)
        self.now = until


class SlowSink(Sink):
    """Holds what it gets; acknowledges it when it is closed, each record in its time."""

    def __init__(self, grace: Grace, target: "SlowTarget") -> None:
        super().__init__()
        self._grace, self._target, self._held = grace, target, 0

    def write(self, records: Rendered) -> None:
        self._held += len(records)
        if self._held == 100:
            for number in self._target.signals:
                signal.raise_signal(number)
            self._grace.take(self._target.write_seconds)

    def close(self) -> None:
        for _ in range(self._held):
            self._grace.take(self._target.seconds)
            self.delivered += 1
        if self._target.failure:
            raise TargetError(self._target.failure)


class SlowTarget(Target):
    """Has a signal come while it takes the last of 100 records."""

    type: Literal["slow"] = "slow"
    seconds: float = 0.0
    write_seconds: float = 0.0
    signals: tuple[int, ...] = (signal.SIGTERM,)
    failure: str = ""

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return SlowSink(GRACE[0], self)


GRACE: list[Grace] = []


@pytest.fixture
def grace() -> Iterator[Grace]:
    """Return the time in which the sinks of a test live."""
    GRACE.append(Grace())
    yield GRACE[0]
    GRACE.clear()


def interrupted(grace: Grace, *flags: str, **keys: Any) -> tuple[Run, SignalError, str]:
    """Run into a slow target until the signal has ended it."""
    spec, _ = parse_spec(ENDING, "test.json")
    run = Run(Plan(spec, "test.json", SlowTarget(**keys), JsonLines(), START, 1, 100, 100))
    request = parse_request(parser().parse_args([*flags]), lambda _: None)
    err = io.StringIO()
    with pytest.raises(SignalError) as raised:
        start = run.plan.start_at(Moment.present())
        run_to_end(run, start, request, io.BytesIO(), Console(err), Interruption(grace.alarm))
    assert grace.due is None
    summary = run.summary
    assert summary.generated == summary.delivered + summary.failed + summary.unsent == 100
    return run, raised.value, err.getvalue()


def test_records_under_way_are_delivered_after_sigterm(grace: Grace) -> None:
    """A target that needs 9 of its 10 seconds delivers all of them; the status is 143."""
    run, error, told = interrupted(grace, seconds=0.09)
    assert (error.exit_status, str(error)) == (143, "")
    assert run.summary.delivered == 100
    assert "100 records, 0 bytes" in told


def test_target_that_takes_too_long_is_cut_short(grace: Grace) -> None:
    """After 10 seconds what is not delivered counts as not sent."""
    run, error, told = interrupted(grace, seconds=0.3)
    assert (error.exit_status, grace.now) == (143, 10)
    assert run.summary.delivered == 33
    assert "33 records, 67 not delivered, 0 bytes" in told


def test_target_that_is_stuck_while_it_takes_records_gets_another_second(grace: Grace) -> None:
    """The grace is spent in `write`; `close` cannot take for ever either."""
    run, _, _ = interrupted(grace, seconds=0.3, write_seconds=1000)
    assert grace.now == 11
    assert run.summary.delivered == 3


def test_second_signal_ends_the_run_on_the_spot(grace: Grace) -> None:
    """Nobody waits for 10 seconds; the status is that of the first."""
    run, error, _ = interrupted(grace, seconds=2.0, signals=(signal.SIGTERM, signal.SIGINT))
    assert (error.exit_status, grace.now, run.summary.delivered) == (143, 1, 0)


def test_failure_after_a_signal_is_told_and_changes_no_status(grace: Grace) -> None:
    """The signal ended the run; what went wrong then is known all the same."""
    _, error, _ = interrupted(grace, failure="broker: gone")
    assert outcome.outcome_of(error) == outcome.Outcome(143, "signal", "broker: gone", "SIGTERM")


def test_quiet_run_that_is_cut_short_says_what_it_lost(grace: Grace) -> None:
    """Nothing is lost without a word; and nothing is said where nothing is lost."""
    assert interrupted(grace, "-q", seconds=0.3)[2] == (
        "warning: 67 records were not delivered (0 failed, 67 not sent)\n"
    )
    assert interrupted(grace, "-q")[2] == ""


# a stderr that is gone


class Broken(io.StringIO):
    """A stream that takes so many writes and then fails each time."""

    def __init__(self, room: int, error: Exception) -> None:
        super().__init__()
        self._room, self._error, self.refused = room, error, 0

    def write(self, text: str, /) -> int:
        if self._room == 0:
            self.refused += 1
            raise self._error
        self._room -= 1
        return super().write(text)


GONE = [
    BrokenPipeError(32, "Broken pipe"),
    OSError(28, "no room"),
    ValueError("I/O on closed file"),
]


@pytest.mark.parametrize("error", GONE, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("room", [0, 1])
def test_stderr_that_goes_away_changes_nothing(room: int, error: Exception, file: Path) -> None:
    """Records, status and summary file are as with a reader; nothing more is told to nobody."""
    out, err = io.BytesIO(), Broken(room, error)
    assert main(*LIMITS, "--summary", str(file), stdout=out, stderr=err) == 0
    assert out.getvalue() == invoke(*LIMITS, spec=ENDING).out
    assert json.loads(file.read_text())["status"] == 0
    assert err.refused == 1
    assert err.getvalue() == REPEAT * room


def test_stderr_that_is_full_for_a_moment_loses_a_line_only() -> None:
    """A terminal that does not block takes the next one again."""
    err = Broken(0, BlockingIOError(11, "later"))
    console = Console(err)
    console.print("lost")
    err._room = -1
    console.print("told")
    assert err.getvalue() == "told\n"


def test_closed_stderr_does_not_lead_words_to_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has no stream for it then, and would print among the records."""
    monkeypatch.setattr(sys, "stderr", None)
    out = io.BytesIO()
    assert generator.main([*LIMITS], io.BytesIO(json.dumps(ENDING).encode()), out) == 0
    assert out.getvalue() == invoke(*LIMITS, spec=ENDING).out


CLOSED = [
    ("2> /dev/full", 0, 500), (">&-", 1, 0), ("<&- 2>&-", 0, 500),
]  # fmt: skip


@pytest.mark.parametrize(("streams", "status", "records"), CLOSED)
def test_closed_stream_of_a_process(
    streams: str, status: int, records: int, tmp_path: Path
) -> None:
    """Words are lost, records are not; a stdout that takes none is an error in words."""
    command = f'"$0" "$@" {streams}'
    arguments = [str(ROOT / "generator.py"), "-c", "payments", *LIMITS]
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, *arguments], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.count(b"\n")) == (status, records)
    assert (b"stdout: Bad file descriptor; 0 records were delivered" in done.stderr) == (
        status == 1
    )
    assert b"Traceback" not in done.stderr
