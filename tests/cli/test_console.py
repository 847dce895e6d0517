"""Words go to stderr, which may be gone."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import generator
from datagen.cli.console import Console
from tests.support.helpers import invoke
from tests.support.machines import ENDING
from tests.support.watching import LIMITS, ROOT, main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a summary file in a folder of its own; the file is not there yet."""
    (tmp_path / "at").mkdir()
    return tmp_path / "at" / "run.json"


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
    assert err.getvalue() == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n" * room


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


HOSTILE = "\x1b]0;mine\x07\nok: \u202e\x9b2J\r"


def test_line_shows_what_does_not_print_escaped() -> None:
    """A name in a file can neither move the cursor nor begin a line of its own."""
    err = io.StringIO()
    Console(err).print(HOSTILE, "é 漢 \\n")
    assert err.getvalue() == "\\x1b]0;mine\\x07\\nok: \\u202e\\x9b2J\\r\né 漢 \\n\n"


def _spec(**edits: object) -> dict[str, object]:
    return {**ENDING, **edits}


STATES = [
    {
        "name": HOSTILE,
        "delay": {"type": "constant", "value": 0},
        "transitions": [{"next": HOSTILE, "probability": 1}],
    }
]
QUOTING = {
    "path of the target": (_spec(target={"type": "file", "path": f"none/{HOSTILE}"}), []),
    "directive of a path": (_spec(target={"type": "file", "path": f"%Q{HOSTILE}"}), []),
    "type of the target": (_spec(target={"type": HOSTILE}), []),
    "schedule": (_spec(schedule=HOSTILE), []),
    "key": (_spec(**{HOSTILE: 1}), []),
    "state": (_spec(states=STATES), []),
    "pattern": (_spec(format={"type": "pattern", "pattern": f"{{{HOSTILE}}}"}), []),
    "format": (_spec(format=HOSTILE), []),
    "template": (_spec(templates={HOSTILE: {"body": "{{ nothing }}"}}), []),
    "flag": (_spec(), ["--schedule", HOSTILE]),
    "word": (_spec(), ["-s", HOSTILE]),
    "template of a flag": (_spec(), ["--template", HOSTILE]),
    "unknown flag": (_spec(), [f"--{HOSTILE}"]),
    "file": (_spec(), ["-t", HOSTILE]),
    "checkpoint": (_spec(), ["--resume", f"none/{HOSTILE}"]),
    "summary": (_spec(), ["--summary", f"none/{HOSTILE}"]),
}


@pytest.mark.parametrize(("spec", "flags"), QUOTING.values(), ids=QUOTING)
def test_no_message_passes_control_sequences_on(
    spec: dict[str, object], flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is quoted from a file or a flag, the lines of stderr print."""
    monkeypatch.chdir(tmp_path)
    outcome = invoke("-n", "3", "-v", *flags, spec=spec)
    lines = outcome.err.removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines), outcome.err
