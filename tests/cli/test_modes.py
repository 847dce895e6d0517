"""What is shown in place of a run."""

import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import generator
from datagen.cli import modes
from datagen.cli.console import Console
from datagen.cli.modes import MODES, WatchScreen, display_of, run_mode
from datagen.cli.parser import parser
from datagen.cli.watching import FileState, watch
from datagen.inspection.display import Display
from datagen.running import options
from datagen.running.options import Request
from tests.inspection.test_sampling import spec_with
from tests.support.helpers import invoke
from tests.support.machines import ENDING, constant, spec_of

FLAGS = ("-s", "2027-03-12", "--seed", "1")


class Terminal(io.BytesIO):
    """A stdout that is a terminal of nobody."""

    def isatty(self) -> bool:
        return True


def test_samples_go_to_stdout_and_the_rest_to_stderr() -> None:
    """The same for the same seed; the flags that repeat it are said, unless nobody wants to know."""
    outcome = invoke("--sample", "2", *FLAGS, spec=spec_with())
    assert outcome.out.decode().splitlines() == [
        "often",
        '  {"time":"2027-03-12T00:00:00.000", "n_often":0}',
        '  {"time":"2027-03-12T00:00:01.000", "n_often":1}',
        "",
        "seldom",
        *outcome.out.decode().splitlines()[5:7],
        "",
        "never: no worker can come to a state that makes it",
    ]
    assert "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n" in outcome.err
    again = invoke("--sample", "2", *FLAGS, "-q", spec=spec_with())
    assert again.out == outcome.out
    assert "repeat" not in again.err


def test_samples_on_the_real_clock_wait_for_nothing() -> None:
    """The run begins at present, and time is simulated."""
    slow = {**ENDING, "interarrival": {"type": "constant", "value": 3600}}
    outcome = invoke("--sample", "5", spec=slow)
    assert outcome.out.count(b"{") == 5


def test_target_is_not_opened(tmp_path: Path) -> None:
    """Its format counts."""
    target = {"type": "file", "path": str(tmp_path / "x"), "format": "csv"}
    outcome = invoke("--sample", "1", *FLAGS, spec={**spec_with(), "target": target})
    assert outcome.out.decode().splitlines()[1] == "  time,n_often,n_seldom,n_never"
    assert not (tmp_path / "x").exists()


def test_problems_of_files_are_those_of_a_run() -> None:
    """With the same status, and nothing on stdout."""
    wrong = {**ENDING, "emitters": []}
    shown, run = invoke("--sample", "1", spec=wrong), invoke("-n", "1", spec=wrong)
    assert (shown.status, shown.out, shown.err) == (1, b"", run.err)


def test_warnings_are_said() -> None:
    """As before a run."""
    outcome = invoke("--sample", "1", *FLAGS, spec=spec_with())
    assert "warning: stdin: states[2]" in outcome.err


def test_every_mode_is_made_here() -> None:
    """A request knows their names alone."""
    assert tuple(MODES) == options.MODES


def test_a_terminal_has_colours_unless_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe never has."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert display_of(Terminal()) == Display(color=True)
    assert display_of(io.BytesIO()) == Display()
    monkeypatch.setenv("NO_COLOR", "")
    assert display_of(Terminal()).color
    monkeypatch.setenv("NO_COLOR", "1")
    assert not display_of(Terminal()).color
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not display_of(Terminal()).color


class Edited:
    """Polls that each find another content of a file."""

    def __init__(self, path: Path, contents: list[Any]) -> None:
        self._path, self._contents, self.polls = path, contents, 0

    def sleep(self, _: float) -> None:
        """Save the next content; in the end, be interrupted."""
        if not self._contents:
            raise KeyboardInterrupt
        content = self._contents.pop(0)
        self._path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.polls += 1

    def state_of(self, name: str) -> FileState:
        """Return a state that is another after each content."""
        return (self.polls, 0) if Path(name) == self._path else None


def watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, contents: list[Any], out: io.BytesIO
) -> str:
    """Watch a file that is saved with these contents one after the other; return stderr."""
    path = tmp_path / "spec.json"
    edited = Edited(path, contents)
    edited.sleep(0)
    monkeypatch.setattr(
        modes, "watch", lambda make, screen: watch(make, screen, edited.sleep, edited.state_of)
    )
    err = io.StringIO()
    request = Request(config=str(path), sample=1, watch=True, start="2027-03-12")
    with pytest.raises(KeyboardInterrupt):
        run_mode(request, 1, io.BytesIO(), out, Console(err))
    return err.getvalue()


def test_a_terminal_shows_the_latest_and_mistakes_below(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The old samples stay; nothing goes to stderr, which is the same screen."""
    out = Terminal()
    changed = json.loads(json.dumps(ENDING).replace('"e"', '"f"'))
    err = watched(monkeypatch, tmp_path, [ENDING, '{"states": [', changed], out)
    plain = re.sub(r"\033\[\d[\d;]*m", "", out.getvalue().decode())
    assert err == ""
    first, second, third = plain.split("\033[H\033[2J")[1:]
    record = '  {"time":"2027-03-12T00:00:00.000"}\n'
    footer = "watching 1 file with --seed 1; Ctrl-C ends\n"
    assert first == f"e\n{record}\n{footer}"
    assert second.startswith(f"e\n{record}\n{tmp_path}/spec.json:1:13: is not JSON: ")
    assert second.endswith(f"\n{footer}")
    assert third == f"f\n{record}\n{footer}"


def test_a_pipe_gets_one_after_the_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mistakes go to stderr, and nothing is written twice."""
    out = io.BytesIO()
    err = watched(monkeypatch, tmp_path, [ENDING, "", ENDING, {**ENDING, "emitters": []}], out)
    assert out.getvalue().decode() == 'e\n  {"time":"2027-03-12T00:00:00.000"}\n'
    assert "spec.json: is empty\n" in err
    assert re.search(r"spec\.json:1:\d+: states\[0\]\.emitter: ", err)


def making(path: Path, asked: int = 1, **keys: Any) -> modes._Making:
    """Return what makes the samples of a file that is watched."""
    request = Request(config=str(path), sample=asked, watch=True, start="2027-03-12", **keys)
    return modes._Making(request, 1, io.BytesIO(), Display(), Console(io.StringIO()))


def names_of(files: tuple[str, ...]) -> set[str]:
    """Return the names of files without their folders."""
    return {Path(each).name for each in files}


def test_all_files_are_watched(tmp_path: Path) -> None:
    """The specification, the schedule, tables, a pattern: those too that cannot be read."""
    (tmp_path / "curve.json").write_text('{"type": "hourly", "weights": [1, 2]}')
    (tmp_path / "rows.csv").write_text("k,v\na,1\n")
    (tmp_path / "pattern.txt").write_text("{time}")
    (tmp_path / "spec.json").write_text(
        json.dumps({**ENDING, "tables": {"t": {"file": "rows.csv"}}})
    )
    made = making(
        tmp_path / "spec.json",
        format=str(tmp_path / "pattern.txt"),
        schedule=str(tmp_path / "curve.json"),
    )
    names = {"spec.json", "curve.json", "rows.csv", "pattern.txt"}
    assert names_of(made.attempt().files) >= names
    (tmp_path / "rows.csv").unlink()
    broken = made.attempt()
    assert broken.text is None
    assert names_of(broken.files) >= {"spec.json", "rows.csv"}


CHILD = {
    "states": [
        {"name": "init", "type": "event:start:message", "next": "load"},
        {"name": "load", "type": "activity", "emitter": "e", "next": "done"},
        {"name": "done", "type": "event:end"},
    ]
}
PARENT = {
    "states": [
        {"name": "start", "type": "event:start:timer", "cardinality_distribution": constant(5), "next": "sub"},
        {"name": "sub", "type": "subprocess", "config": "child.json", "next": "end"},
        {"name": "end", "type": "event:end"},
    ],
    "emitters": [{"name": "e", "dimensions": [{"name": "time", "type": "clock"}]}],
}  # fmt: skip


def test_children_are_watched(tmp_path: Path) -> None:
    """Also while one of them has a mistake."""
    (tmp_path / "spec.json").write_text(json.dumps(PARENT))
    (tmp_path / "child.json").write_text(json.dumps(CHILD))
    made = making(tmp_path / "spec.json")
    good = made.attempt()
    assert good.text == 'e\n  {"time":"2027-03-12T00:00:00.000+00:00"}\n'
    assert names_of(good.files) == {"spec.json", "child.json"}
    (tmp_path / "child.json").write_text("{")
    broken = made.attempt()
    assert broken.text is None
    assert names_of(broken.files) == {"spec.json", "child.json"}


def test_secrets_of_a_target_stay_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what goes wrong after it is known, from the first time on."""
    monkeypatch.setenv("PASSWORD_OF_TESTS", "hunter2hunter2")
    headers = {"X-Key": "${PASSWORD_OF_TESTS}"}
    target = {"type": "http", "url": "http://localhost:1/", "headers": headers}
    spec = spec_of({"hunter2hunter2": (constant(1), {})}, constant(1))
    spec["states"][0]["transitions"] = [{"next": "stop", "when": "1 > 2"}]
    (tmp_path / "spec.json").write_text(json.dumps({**spec, "target": target}))
    attempt = making(tmp_path / "spec.json", 50).attempt()
    assert attempt.text is None
    assert "no transition can be taken" in attempt.problems[0]
    assert "hunter2" not in "".join(attempt.problems)


def test_what_a_stranger_asks_for_is_refused() -> None:
    """As in a run."""
    outcome = invoke("--sample", "1", "--untrusted", spec={**ENDING, "target": {"type": "null"}})
    assert (outcome.status, outcome.out) == (1, b"")
    assert invoke("--sample", "1", "--untrusted", spec=ENDING).out.startswith(b"e\n  {")


def test_screen_marks_mistakes(tmp_path: Path) -> None:
    """What does not print in them is escaped."""
    out = Terminal()
    screen = WatchScreen(out, Display(color=True), Console(io.StringIO()), 7)
    screen.show("a\n", ["x\033y"], 2)
    assert out.getvalue().decode() == (
        "\033[H\033[2Ja\n\n\033[31mx\\x1by\033[0m\n"
        "\033[2mwatching 2 files with --seed 7; Ctrl-C ends\033[0m\n"
    )


def test_interruption_ends_it_like_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With status 130, and no word."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(ENDING))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(modes, "watch", interrupted)
    err = io.StringIO()
    words = ["-c", str(path), "--sample", "1", "--watch"]
    assert generator.main(words, io.BytesIO(), io.BytesIO(), err) == 130
    assert err.getvalue() == ""


def test_statistics_are_of_so_many_records() -> None:
    """100,000 unless a number is given; less where the run ends before."""
    few = invoke("--stats", "50", *FLAGS, spec=spec_with()).out.decode()
    assert few.startswith("50 records, 2027-03-12T00:00:00.000000 to ")
    assert "\nn_often of often: int, " in few
    assert "\noften -> seldom " in few
    default = invoke("--stats", *FLAGS, "-r", "1H", spec=spec_with()).out.decode()
    assert 3600 < int(default.split(" ")[0].replace(",", "")) < 100_000
    assert parser().parse_args(["--stats"]).stats == 100_000


def test_statistics_are_the_same_for_a_seed() -> None:
    """Whatever the machine does meanwhile."""
    one, other = (invoke("--stats", "5000", *FLAGS, "-c", "payments").out for _ in range(2))
    assert one == other


def test_statistics_begin_after_a_warm_up() -> None:
    """With its fields; its steps count from the beginning."""
    found = invoke("--stats", "50", *FLAGS, "--warm-up", "1H", spec=ENDING).out.decode()
    assert found.startswith("50 records, 2027-03-12T00:00:0")


def test_ctrl_c_ends_a_process_that_watches(tmp_path: Path) -> None:
    """Once it has shown something, with the status of other runs, and no word."""
    (tmp_path / "spec.json").write_text(json.dumps(ENDING))
    words = ["-c", str(tmp_path / "spec.json"), "--sample", "1", "--watch", *FLAGS]
    program = str(Path(generator.__file__))
    with subprocess.Popen(
        [sys.executable, program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"e\n"
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
