"""The command line: where it finds its files, and where its words go."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import generator
from tests.support.helpers import invoke
from tests.support.machines import ENDING, constant, spec_of

START = ("-s", "2027-03-12", "--seed", "1")


TICKS = spec_of({"a": (constant(1), {"a": 1})}, constant(1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("flag", ["-r", "--duration"])
@pytest.mark.parametrize("text", ["-1H", "-.5s", "-P1D"])
def test_negative_duration_is_no_flag(flag: str, text: str) -> None:
    """What begins with a dash after -r is refused as a duration, with the reason."""
    outcome = invoke("-c", "example", flag, text)
    assert outcome.status == 2
    assert outcome.err == f"generator.py: error: -r {text}: a duration cannot be negative\n"


def test_no_duration_gives_no_records() -> None:
    """`0S` covers nothing; `-n 0` neither."""
    for limit in (("-r", "0S"), ("-n", "0")):
        outcome = invoke(*START, *limit, spec=TICKS)
        assert (outcome.status, outcome.out) == (0, b"")


def test_duration_is_half_open() -> None:
    """Records at the very end belong to the next run."""
    assert len(invoke(*START, "-r", "5S", "-m", "1", spec=TICKS).records) == 5


def test_specification_comes_from_stdin_without_c_or_with_a_dash() -> None:
    """`-c -` and no `-c` are the same."""
    with_dash = invoke("-c", "-", *START, "-n", "5", spec=ENDING)
    assert with_dash.out == invoke(*START, "-n", "5", spec=ENDING).out
    assert len(with_dash.records) == 5


class _Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def test_terminal_as_stdin_is_wrong_usage() -> None:
    """Nobody waits for a person to type a specification."""
    err = io.StringIO()
    assert generator.main(["-n", "1"], _Terminal(), io.BytesIO(), err) == 2
    assert err.getvalue() == (
        "generator.py: error: no specification: give -c SPEC, or pipe one into stdin\n"
    )


@pytest.mark.parametrize("name", ["payments", "payments.json"])
def test_bare_name_finds_what_ships_with_the_program(name: str, folder: Path) -> None:
    """In any folder."""
    outcome = invoke("-c", name, *START, "-n", "3")
    assert len(outcome.records) == 3
    assert list(folder.iterdir()) == []


def test_bare_name_prefers_the_path_then_the_conf_folder_here(folder: Path) -> None:
    """The path as given, then ./conf, then what ships with the program."""

    def only_field() -> str:
        return list(invoke("-c", "payments", *START, "-n", "1").records[0])[-1]

    def spec(field: str) -> str:
        dimensions = [{"name": field, "type": "counter"}]
        return json.dumps(spec_of({"a": (constant(1), {"a": 1})}, constant(1), dimensions))

    assert only_field() == "response_text"
    (folder / "conf" / "gen").mkdir(parents=True)
    (folder / "conf" / "gen" / "payments.json").write_text(spec("conf"))
    assert only_field() == "conf"
    (folder / "payments").write_text(spec("path"))
    assert only_field() == "path"


def test_bare_names_work_for_targets() -> None:
    """`-t stdout` is conf/tar/stdout.json."""
    outcome = invoke("-c", "payments", "-t", "stdout", *START, "-n", "3")
    assert outcome.out == invoke("-c", "payments", *START, "-n", "3").out


def test_target_on_the_command_line_overrides_that_of_the_specification(folder: Path) -> None:
    """Without -t the spec's own target gets the records."""
    spec = {**ENDING, "target": {"type": "file", "path": "own.jsonl"}}
    assert invoke(*START, "-n", "3", spec=spec).out == b""
    assert (folder / "own.jsonl").read_bytes() == invoke(*START, "-n", "3", spec=ENDING).out
    (folder / "own.jsonl").unlink()
    assert len(invoke(*START, "-n", "3", "-t", "stdout", spec=spec).records) == 3
    assert not (folder / "own.jsonl").exists()


def test_data_goes_to_stdout_and_words_to_stderr() -> None:
    """So that stdout can be piped."""
    outcome = invoke(*START, "-n", "3", spec=ENDING)
    assert len(outcome.records) == 3
    first, _, summary = outcome.err.splitlines()
    assert first == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000"
    assert summary.startswith(f"3 records, {len(outcome.out)} bytes in ")


def test_quiet_run_says_nothing(tmp_path: Path) -> None:
    """So that cron sends no mail; what repeats the run is in the summary."""
    summary, checkpoint = tmp_path / "sum", str(tmp_path / "ck")
    for _ in range(2):
        more = ("-q", "--summary", str(summary), "--resume", checkpoint)
        outcome = invoke(*START, "-n", "3", *more, "-t", "null", spec=ENDING)
        assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(summary.read_text())["repeat"] == "--seed 1 -s 2027-03-12T00:00:00.000000"


@pytest.mark.parametrize(
    ("start", "until"),
    [("now-90D", "now-2159H"), ("today", "today+10M"), ("yesterday", "Yesterday+1h30m")],
)
def test_line_repeats_a_run_up_to_an_instant(start: str, until: str) -> None:
    """What means another instant each time is told as the one that it was; another end is not told."""
    first = invoke("-s", start, "--until", until, spec=ENDING)
    again = first.err.split("\n")[0].removeprefix("repeat with:").split()
    assert again[-2] == "--until"
    assert (invoke(*again, spec=ENDING).out, first.status) == (first.out, 0)
    assert first.out.count(b"\n") > 5
    assert "--until" not in invoke(*START, "--until", "2027-03-12T00:01", spec=ENDING).err


def test_repeat_line_repeats_the_run() -> None:
    """Also where seed and start were not given."""
    first = invoke("-s", "now", "-n", "50", spec=ENDING)
    again = first.err.split("\n")[0].removeprefix("repeat with:").split()
    assert invoke(*again, "-n", "50", spec=ENDING).out == first.out
    assert invoke("-s", "now", "-n", "50", spec=ENDING).out != first.out


def test_seed_is_any_integer() -> None:
    """Negative and huge ones too; each gives its own stream."""
    seeds = ("0", "-1", "1", str(10**40))
    assert (
        len(
            {
                invoke("--seed", seed, "-s", "2027-03-12", "-n", "9", spec=ENDING).out
                for seed in seeds
            }
        )
        == 4
    )


def test_validate_makes_nothing(folder: Path) -> None:
    """It says ok, and leaves the target alone."""
    spec = {**ENDING, "target": {"type": "file", "path": "own.jsonl"}}
    outcome = invoke("--validate", spec=spec)
    assert (outcome.status, outcome.out, outcome.err) == (
        0,
        b"",
        "stdin: ok: 2 states, 1 emitter\n",
    )
    assert list(folder.iterdir()) == []


def test_validate_verbose_tells_the_means() -> None:
    """An infinite mean is called so."""
    spec = spec_of({"a": ({"type": "pareto", "alpha": 1, "min": 2}, {"stop": 1})}, constant(3))
    assert invoke("--validate", "-v", spec=spec).err.splitlines()[1:] == [
        "interarrival: a mean of 3 s",
        'state "a": a mean delay of infinity s',
        "target: stdout",
    ]


def test_mistake_of_ours_is_one_line_and_verbose_shows_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What no user can cause has a traceback, but only with -v."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("datagen.cli.reporting.described", fail)
    outcome = invoke("--validate", spec=ENDING)
    assert outcome.status == 1
    assert outcome.err == "generator.py: internal error: ZeroDivisionError: oh (-v shows where)\n"
    assert "Traceback" in invoke("--validate", "-v", spec=ENDING).err


def test_all_files_are_checked_in_one_go(folder: Path) -> None:
    """Problems of the spec and of the target come together."""
    (folder / "target.json").write_text('{"type": "fiel"}')
    outcome = invoke("--validate", "-t", "target.json", spec={**ENDING, "interarival": 1})
    assert outcome.status == 1
    assert [line.split(":")[0] for line in outcome.err.splitlines()] == ["stdin", "target.json"]


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_end_well(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, with status 0."""
    with pytest.raises(SystemExit) as caught:
        generator.main([flag])
    assert caught.value.code == 0
    assert capsys.readouterr().out


class _Pipe(io.BytesIO):
    """A reader who takes so many writes and goes away."""

    def write(self, data: Any, /) -> int:
        raise BrokenPipeError


def test_reader_that_goes_away_ends_the_run_quietly() -> None:
    """Status 0, no summary, no complaint."""
    err = io.StringIO()
    spec = io.BytesIO(json.dumps(ENDING).encode())
    assert generator.main([*START], spec, _Pipe(), err) == 0
    assert err.getvalue() == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"


@pytest.mark.parametrize("given", [True, False])
def test_only_the_own_stdout_is_redirected(given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of another one that goes away says nothing of the stdout of the process."""
    redirected: list[object] = []
    monkeypatch.setattr(generator, "redirect_to_devnull", redirected.append)
    spec, pipe = io.BytesIO(json.dumps(ENDING).encode()), _Pipe()
    with io.TextIOWrapper(_Pipe() if given else pipe) as own:
        monkeypatch.setattr(sys, "stdout", own)
        assert generator.main([*START], spec, pipe if given else None, io.StringIO()) == 0
        assert redirected == ([] if given else [own])


NOT_UTF_8 = "\udcff"  # the byte 0xff of an argument
FLAGS = (
    "-c -t -f -o --schedule --template -s -m -n -r --until --resume-anyway --checkpoint-every "
    "--catch-up --warm-up --speed --seed --metrics"
)


@pytest.mark.parametrize("flag", FLAGS.split())
def test_an_argument_that_is_not_utf_8_gets_one_line(flag: str, folder: Path) -> None:
    """Whatever it is for; nothing is generated."""
    del folder
    outcome = invoke("-c", "example", "-q", flag, NOT_UTF_8)
    assert outcome.status in (1, 2)
    assert outcome.out == b""
    assert "internal error" not in outcome.err
    assert outcome.err.count("\n") == (2 if flag == "-o" else 1)  # which is an old spelling


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_names_of_files_need_not_be_utf_8(folder: Path) -> None:
    """Those of everything that is read, and of what is written."""
    name = f"x{NOT_UTF_8}"
    (folder / f"{name}.json").write_text(json.dumps(TICKS))
    (folder / f"{name}.txt").write_text("{time}")
    (folder / f"{name}.t").write_text('{"type": "file", "path": "out"}')
    flags = (
        *("-c", f"{name}.json", "-f", f"{name}.txt", "-t", f"{name}.t"),
        *("--summary", f"{name}.sum", "--resume", f"{name}.check"),
    )
    assert invoke(*START, *flags, "-n", "2").status == 0
    assert (folder / "out").read_text().count("\n") == 2
    assert json.loads((folder / f"{name}.sum").read_text())["spec"] == f"{name}.json"
    assert invoke("-c", f"{name}.json", "--validate").status == 0


@pytest.mark.parametrize("start", ["2999-01-01", "now+1W"])
def test_start_in_the_future_asks_for_the_simulated_clock(start: str) -> None:
    """Whoever adds --then-live to it waits for a long time; a check says so too."""
    told = invoke("-s", start, "--then-live", "--validate", spec=ENDING).err
    assert f"warning: -s {start}: this is in the future, so that --then-live has no history" in told
    assert "is the simulated clock meant?" in told
    for flags in (("-s", "now-1H", "--then-live"), ("-s", start)):
        assert "simulated clock" not in invoke(*flags, "--validate", spec=ENDING).err
