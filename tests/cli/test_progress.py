"""The line that shows how far a run is."""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

import pytest

from datagen.cli.console import Console
from datagen.cli.progress import Progress
from datagen.instants import SECOND
from datagen.running.summary import Summary
from tests.support.watching import (
    BIG,
    LIMITS,
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
    assert (first, rest) == ("repeat with: --seed 1 -s 2027-03-12T00:00:00.000000", "")
    assert re.fullmatch(r"[\d,]+ workers, .*, seed 1", second)
    assert third.startswith("20,000 records, ")
