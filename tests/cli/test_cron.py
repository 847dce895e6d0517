"""The page on cron and systemd: its crontab runs, on a clock that the test sets; its units are read."""

import configparser
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from datagen.cli.parser import parser
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running.clock import RealClock
from tests.running.test_clock import Time
from tests.support.helpers import Outcome, invoke
from tests.test_docs import BLOCKS, DOCS, JSON, Block, content

PAGE = DOCS / "cron.md"
CRON = [line for block in BLOCKS if block.kind == "cron" for line in block.text.splitlines()]
UNITS = [block for block in BLOCKS if block.kind == "ini"]
RANGES = (range(60), range(24), range(1, 32), range(1, 13), range(7))  # what each field may be
TARGETS = [data for block, data in JSON if block.page == PAGE]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the program lives, with the targets of the page, and go there."""
    events, nightly = TARGETS
    hourly = {"type": "file", "path": "hourly.jsonl"}
    for name, target in (("events", events), ("nightly", nightly), ("hourly", hourly)):
        (tmp_path / f"{name}.json").write_text(json.dumps(target))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def schedule(line: str) -> tuple[list[set[int]], str]:
    """Take a line of a crontab apart: the numbers of each field, and the command."""
    *fields, command = line.split(" ", 5)
    assert len(fields) == 5
    assert "%" not in command, "a percent sign ends the command in a crontab"
    return [
        numbers(field, everything) for field, everything in zip(fields, RANGES, strict=True)
    ], command


def numbers(field: str, everything: range) -> set[int]:
    """Return the numbers that a field stands for."""
    match = re.fullmatch(r"(\*|\d+)(?:/(\d+))?", field)
    assert match, field
    found = everything if match[1] == "*" else [int(match[1])]
    assert set(found) <= set(everything)
    return set(found[:: int(match[2] or 1)])


def moments(fields: list[set[int]], begin: datetime, count: int) -> Iterator[Instant]:
    """Return the first instants, from one on, at which cron starts a command."""
    at = begin
    while count:
        now = (at.minute, at.hour, at.day, at.month, at.isoweekday() % 7)
        if all(number in field for number, field in zip(now, fields, strict=True)):
            count -= 1
            yield parse_instant(at.replace(tzinfo=None).isoformat())
        at += timedelta(minutes=1)


def arguments(command: str) -> list[str]:
    """Return what a command hands to the program, without what the shell keeps to itself."""
    words = shlex.split(command)
    begin = next(n for n, word in enumerate(words) if word.endswith("generator.py"))
    rest = words[begin + 1 :]
    return rest[
        : next((n for n, word in enumerate(rest) if re.match(r"\d?>|&&|\|", word)), len(rest))
    ]


def run_at(command: str, now: Instant, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run a command at an instant."""
    monkeypatch.setattr("datagen.running.clock.utc_now", lambda: now)
    return invoke(*arguments(command))


def earlier(command: str, begin: str) -> str:
    """Let a stream start later than on the page, so that its first run is not months long."""
    return command.replace("-s 2026-11-01", f"-s {begin}")


def test_crontabs_are_those_of_the_test() -> None:
    """A run up to now, one by the hour, one by night: each has a test below."""
    assert [line.split(" cd ")[0] for line in CRON] == ["*/5 * * * *", "7 * * * *", "30 2 * * *"]
    assert all(" cd /srv/datagen && .venv/bin/python generator.py " in line for line in CRON)
    assert "```" in content(PAGE)


def test_runs_up_to_now_join(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every five minutes, one left out, over the end of an hour: the bytes of one run up to the last."""
    fields, command = schedule(CRON[0])
    command, begin = earlier(command, "2026-11-20T09:30"), datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
    times = list(moments(fields, begin, 9))
    assert [str(each)[11:16] for each in times[:3]] == ["09:45", "09:50", "09:55"]
    for now in times[:4] + times[5:]:
        outcome = run_at(command, now, monkeypatch)
        assert outcome.status == 0, outcome.err
        assert json.loads(Path("events.sum").read_bytes())["status"] == 0
    files = sorted(os.listdir("out"))
    assert files == ["events-20261120T09.json.gz", "events-20261120T10.json.gz.part"]
    held = b"".join(gzip.decompress((folder / "out" / name).read_bytes()) for name in files)
    seed = str(json.loads(Path("events.sum").read_bytes())["seed"])
    until = ("--until", str(times[-1]), "--seed", seed, "-q")
    assert held == invoke("-c", "clickstream", "-s", "2026-11-20T09:30", *until).out


def test_runs_by_the_hour_join(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each makes one hour."""
    fields, command = schedule(CRON[1])
    times = list(moments(fields, datetime(2026, 11, 20, tzinfo=UTC), 3))
    assert [str(each)[11:16] for each in times] == ["00:07", "01:07", "02:07"]
    for now in times:
        assert run_at(earlier(command, "2026-11-20"), now, monkeypatch).status == 0
    seed = str(json.loads(Path("hourly.sum").read_bytes())["seed"])
    more = ("-s", "2026-11-20", "-r", "3H", "--seed", seed, "-q")
    assert Path("hourly.jsonl").read_bytes() == invoke("-c", "payments", *more).out


def test_runs_by_night_are_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins at its own instant, with a full pool."""
    fields, command = schedule(CRON[2])
    firsts = []
    for now in moments(fields, datetime(2026, 11, 20, tzinfo=UTC), 2):
        assert run_at(command, now, monkeypatch).status == 0
        held = gzip.decompress(Path("nightly.json.gz").read_bytes()).splitlines()
        firsts.append(held[0])
        assert str(now)[:16] == json.loads(held[0])["time"][:16]
        assert len(held) > 1500
    assert len(set(firsts)) == 2


def unit(block: Block) -> configparser.ConfigParser:
    """Read a unit."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(block.text)
    return parser


@pytest.mark.parametrize("block", UNITS, ids=str)
def test_unit_is_one(block: Block) -> None:
    """Its sections are those of its kind, and its command is one that the program takes.

    In a template, `%i` is the name of the instance.
    """
    parsed = unit(block)
    sections = {"Unit", "Service", "Timer", "Install"}
    assert set(parsed.sections()) <= sections
    assert ("Service" in parsed) != ("Timer" in parsed)
    if "Service" in parsed:
        command = parsed["Service"]["ExecStart"]
        assert command.startswith("/")  # systemd asks for it
        assert parser().parse_args(arguments(command.replace("%i", "0"))).resume
        assert parsed["Service"]["WorkingDirectory"] == "/srv/datagen"


def test_service_of_the_timer_is_the_command_of_the_crontab() -> None:
    """The same flags, at the same times."""
    services = [unit(block)["Service"]["ExecStart"] for block in UNITS if "[Service]" in block.text]
    assert arguments(services[0]) == arguments(schedule(CRON[0])[1])
    (timer,) = [unit(block) for block in UNITS if "[Timer]" in block.text]
    assert timer["Timer"]["OnCalendar"] == "*:0/5"


def test_service_that_is_started_again_fills_the_gap(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by SIGTERM and started again half an hour later, twice: the bytes of one run."""
    (service,) = [
        each
        for each in map(unit, UNITS)
        if "live.ck" in each.get("Service", "ExecStart", fallback="")
    ]
    command = service["Service"]["ExecStart"].replace("--metrics 9100", "--metrics 0")
    begin = parse_instant("2026-11-20T09:41:07.5")
    for minutes in (0, 30, 60):
        now = Instant(begin.micros + minutes * 60 * SECOND, begin.style)
        monkeypatch.setattr("datagen.running.pacing.RealClock", partial(stopped_after, 240.0))
        assert run_at(command, now, monkeypatch).status == 128 + signal.SIGTERM
    held = b"".join(
        gzip.decompress(path.read_bytes()) for path in sorted((folder / "out").iterdir())
    )
    seed = str(json.loads(Path("live.sum").read_bytes())["seed"])
    one = invoke("-c", "clickstream", "-s", str(begin), "-r", "2H", "--seed", seed, "-q").out
    assert one.startswith(held)
    last = parse_instant(json.loads(held.splitlines()[-1])["time"])
    assert 63 * 60 * SECOND < last.micros - begin.micros <= 64 * 60 * SECOND


def stopped_after(
    seconds: float, base: int, sleep: object, stopped: Callable[[], bool], **keys: Any
) -> RealClock:
    """Return a clock of a time that passes at once, and in which systemd stops the run."""
    del sleep
    passing = Time()

    def nap(asked: float) -> None:
        passing.sleep(min(asked, 1.0))
        if passing.passed > seconds and not stopped():
            os.kill(os.getpid(), signal.SIGTERM)

    return RealClock(base, lambda: passing.now, nap, stopped, **keys)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_calendar_is_one() -> None:
    """systemd itself reads it."""
    (timer,) = [unit(block) for block in UNITS if "[Timer]" in block.text]
    calendar = ["systemd-analyze", "calendar", timer["Timer"]["OnCalendar"]]
    done = subprocess.run(calendar, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "Normalized form: *-*-* *:00/5:00" in done.stdout


def test_signs_to_alert_on_are_there() -> None:
    """Names of metrics are those of the page on operation; messages are those of the code."""
    page = content(PAGE)
    names = set(re.findall(r"datagen_\w+", page))
    assert names == {name for name in names if f"`{name}`" in content(DOCS / "operation.md")}
    code = content(DOCS.parent / "datagen" / "running" / "checkpoint.py")
    for message in ("is in use by another run", "is damaged", "cannot be written"):
        assert f"`{message}`" in page
        assert message in code
