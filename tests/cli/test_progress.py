"""The line that shows how far a run is."""

import contextlib
import fcntl
import io
import json
import math
import os
import pty
import re
import signal
import struct
import sys
import termios
from pathlib import Path

import pytest

from datagen.cli.console import Console
from datagen.cli.progress import Progress
from datagen.instants import SECOND
from datagen.running.summary import Summary
from datagen.running.waiting import Waiting
from tests.support.watching import (
    BIG,
    LIMITS,
    ROOT,
    Screen,
    Time,
    at,
    main,
)


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
        ({"max_bytes": 40_000}, " 75%|"),
        ({"max_bytes": 10_000}, "100%|"),
    ],
)
def test_limit_gives_a_bar(screen: Screen, limits: dict[str, int], percent: str) -> None:
    """By records with -n, by simulated time with -r, by text with --bytes; never beyond its end."""
    line = shown_after(screen, 1.0, at(100, delivered=100, text=30_000), **limits)
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


def test_one_is_not_several(screen: Screen) -> None:
    """Of records, workers and passes."""
    line = shown_after(screen, 2.0, at(1, delivered=1, alive=1, unit="pass"))
    assert line == "1 record, 0.5/s, 0B, 2027-03-12T00:00:01, 1 pass"


def test_progress_tells_what_is_held_back(screen: Screen) -> None:
    """About how many workers; where that has no number, how many arrivals waited."""
    held = at(1, delivered=2, alive=100, waiting=Waiting(7, 2.5, 1234.5))
    assert shown_after(screen, 2.0, held).endswith(", 100 workers, 1.23k held back")
    held.waiting = Waiting(7, 2.5, math.inf)
    assert shown_after(Screen(), 2.0, held).endswith(", 100 workers, 7 waited")


def test_rate_does_not_count_the_warm_up(screen: Screen) -> None:
    """It is that since the first record was at hand."""
    assert "100/s" in shown_after(screen, 62.0, at(1, delivered=200, live_since=60.0))


class Terminal(Screen):
    """A screen of so many columns."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._controller, self._terminal = os.openpty()
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def fileno(self) -> int:
        return self._terminal

    def close(self) -> None:
        os.close(self._controller)
        os.close(self._terminal)
        super().close()


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 132, 250])
@pytest.mark.parametrize("real", [False, True])
def test_line_fits_and_its_bar_has_room(columns: int, real: bool) -> None:
    """At 80 columns a bar of ten and more; Ctrl-C has room beside it, what matters least is left out."""
    busy = at(
        86_400 * 20, delivered=4_200_000, bytes=1_310_000_000, alive=9_700, real_clock=real,
        late=3.5, waiting=Waiting(7, 2.5, 12345),
    )  # fmt: skip
    with contextlib.closing(Terminal(columns)) as terminal:
        line = shown_after(terminal, 2.0, busy, max_records=10_000_000)
    assert len(line) <= columns - len("^C^C")
    bar = line.split("|")[1]
    assert len(bar) >= (10 if columns >= 60 else 1)
    assert "4.2M records" in line
    assert ("held back" in line) is (columns >= 80)
    assert ("2027-04-01T00:00:00" in line) is (columns >= 132)
    assert "s late" in line or not real or columns < 80


def test_end_clears_the_line_and_the_keys_beside_it() -> None:
    """As a terminal shows them at Ctrl-C."""
    with contextlib.closing(Terminal(80)) as terminal:
        console, clock = Console(terminal), Time()
        progress = Progress(console, True, max_records=10, monotonic=clock)
        clock.now = 1.0
        progress.update(at(1, delivered=5))
        terminal.write("^C^C")
        progress.end()
        console.print("over")
        assert terminal.lines() == ["over", ""]


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


@pytest.mark.usefixtures("eager")
def test_limit_of_bytes_gets_to_its_end(tmp_path: Path) -> None:
    """Also where what is delivered is shorter, as it is compressed."""
    target, screen = tmp_path / "t.json", Screen()
    file = {"type": "file", "path": str(tmp_path / "a.gz")}
    target.write_text(json.dumps(file))
    flags = ("-s", "2027-03-12", "--seed", "1", "--bytes", "200kB", "-t", str(target))
    assert main(*flags, stderr=screen) == 0
    assert "100%|" in screen.getvalue()
    assert 0 < (tmp_path / "a.gz").stat().st_size < 100_000


@pytest.mark.usefixtures("eager")
def test_progress_leaves_the_screen_as_without_it() -> None:
    """A terminal of 60 columns: no line of progress is wider, none is left."""
    screen = Terminal(60)
    assert main(*BIG, stderr=screen) == 0
    pieces = re.split(r"[\r\n]", screen.getvalue())
    assert max(len(piece) for piece in pieces if "%|" in piece) < 60
    first, second, third, rest = screen.lines()
    assert (first, rest) == ("repeat with: --seed 1 -s 2027-03-12T00:00:00.000000", "")
    assert re.fullmatch(r"[\d,]+ workers, .*, seed 1", second)
    assert third.startswith("20,000 records, ")
    screen.close()


@pytest.mark.parametrize(("how", "status"), [("keys", 130), ("terminate", 143), ("error", 1)])
def test_nothing_of_the_line_stays_however_a_run_ends(
    how: str, status: int, tmp_path: Path
) -> None:
    """In a terminal of 80 columns that shows ^C itself."""
    target = tmp_path / "t.json"
    target.write_text(json.dumps({"type": "null"}))
    flags = [
        "-c",
        "clickstream",
        "-s",
        "2027-03-12",
        "--seed",
        "1",
        "-m",
        "none",
        "-t",
        str(target),
    ]
    limits = (
        ["--until", "9999-12-31"] if how != "error" else ["-n", "1500000", "--summary", "/dev/full"]
    )
    pid, controller = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, str(ROOT / "generator.py"), *flags, *limits])
    fcntl.ioctl(controller, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    read = b""
    with contextlib.suppress(OSError):  # a terminal without a program
        while data := os.read(controller, 65536):
            shown = b"records, " in read
            read += data
            if b"records, " in read and not shown:
                if how == "keys":
                    os.write(controller, b"\x03")
                elif how == "terminate":
                    os.kill(pid, signal.SIGTERM)
    os.close(controller)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == status
    screen = Screen()
    screen.write(read.decode().replace("\r\n", "\n"))
    assert "left, " in screen.getvalue()
    assert not [line for line in screen.lines() if "left, " in line or "^C" in line]
    pieces = re.split(r"[\r\n]", screen.getvalue())
    assert min(len(piece.split("|")[1]) for piece in pieces if "left, " in piece) >= 10
