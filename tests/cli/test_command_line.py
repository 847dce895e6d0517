"""The command line: what it takes, what it answers, where its words go."""

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import generator
from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.cli.signals import Interruption
from datagen.durations import duration_micros
from datagen.errors import UsageError
from datagen.running import clock
from datagen.running.options import Request
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, constant, spec_of

ROOT = Path(__file__).parents[2]
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
START = ("-s", "2027-03-12", "--seed", "1")
TICKS = spec_of({"a": (constant(1), {"a": 1})}, constant(1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def request_of(line: str) -> tuple[Request, list[str]]:
    """Read a command line; give what it asks for, and what the user is told about it."""
    told: list[str] = []
    return parse_request(parser().parse_args(shlex.split(line)), told.append), told


# durations


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("30S", 30 * SECOND), ("30s", 30 * SECOND), ("10M", 600 * SECOND), ("1H", HOUR),
        ("1h", HOUR), ("2D", 2 * DAY), ("1W", 7 * DAY), ("1h30m", HOUR + 1800 * SECOND),
        ("1.5h", HOUR + 1800 * SECOND), (".5s", SECOND // 2), ("PT1H30M", HOUR + 1800 * SECOND),
        ("P1D", DAY), ("P1W", 7 * DAY), ("P1DT12H", DAY + 12 * HOUR), ("PT0.000001S", 1),
        ("PT0,5S", SECOND // 2), ("pt5m", 300 * SECOND), ("0S", 0), (" 5S ", 5 * SECOND),
        ("1w2d3h4m5.000006s", 9 * DAY + 3 * HOUR + 245_000_006),
    ],
)  # fmt: skip
def test_duration_is_read_to_the_microsecond(text: str, micros: int) -> None:
    """Plain and ISO 8601 durations, in any case, whole or not."""
    assert duration_micros(text) == micros


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10", "a number needs a unit: 10S, 10M (minutes), 10H, 10D or 10W"),
        ("1.5", "a number needs a unit: 1.5S, 1.5M (minutes), 1.5H, 1.5D or 1.5W"),
        ("-5S", "a duration cannot be negative"),
        ("-PT5S", "a duration cannot be negative"),
        ("PT-5S", "a duration cannot be negative"),
        ("P1M", "months and years have no fixed length; give days or weeks"),
        ("P1Y", "months and years have no fixed length; give days or weeks"),
        ("1Y", "months and years have no fixed length; give days or weeks"),
        ("2mo", "months and years have no fixed length; give days or weeks"),
        ("soon", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("30m1h", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("P", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("P1DT", "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"),
        ("9999999D", "longer than 10,000 years"),
    ],
)
def test_refused_duration_says_why(text: str, reason: str) -> None:
    """Every refusal holds its reason."""
    with pytest.raises(UsageError) as caught:
        duration_micros(text)
    assert str(caught.value) == f"-r {text}: {reason}"


@pytest.mark.parametrize("flag", ["-r", "--duration"])
@pytest.mark.parametrize("text", ["-1H", "-.5s", "-P1D"])
def test_negative_duration_is_no_flag(flag: str, text: str) -> None:
    """What begins with a dash after -r is refused as a duration, with the reason."""
    outcome = invoke("-c", "example", flag, text)
    assert outcome.status == 2
    assert outcome.err == f"generator.py: error: -r {text}: a duration cannot be negative\n"


@pytest.mark.parametrize("text", ["1e400S", "9" * 5000 + "S", "1" + "0" * 90 + "W"])
def test_monstrous_duration_is_refused_at_once(text: str) -> None:
    """No arithmetic on numbers of thousands of digits."""
    with pytest.raises(UsageError):
        duration_micros(text)


def test_no_duration_gives_no_records() -> None:
    """`0S` covers nothing; `-n 0` neither."""
    for limit in (("-r", "0S"), ("-n", "0")):
        outcome = invoke(*START, *limit, spec=TICKS)
        assert (outcome.status, outcome.out) == (0, b"")


def test_duration_is_half_open() -> None:
    """Records at the very end belong to the next run."""
    assert len(invoke(*START, "-r", "5S", "-m", "1", spec=TICKS).records) == 5


# the specification and its place


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


# old spellings


@pytest.fixture
def old_files(folder: Path) -> Path:
    """Return a folder with the files that old documents speak of."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    (folder / "generator_spec.json").write_text(json.dumps(ENDING))
    (folder / "target_spec.json").write_text('{"type": "stdout"}')
    (folder / "pattern.txt").write_text("{time} {server}\n")
    return folder


OLD = [
    ("-f generator_spec.json -o target_spec.json -t 30S",
     ("generator_spec.json", "target_spec.json", 30 * SECOND, None, None)),
    ("-f generator_spec.json -o target_spec.json -t 10M",
     ("generator_spec.json", "target_spec.json", 600 * SECOND, None, None)),
    ("-f generator_spec.json -o target_spec.json -t 1H",
     ("generator_spec.json", "target_spec.json", HOUR, None, None)),
    ("-f generator_spec.json -o target_spec.json -n 1000",
     ("generator_spec.json", "target_spec.json", None, 1000, None)),
    ('-f conf/gen/example.json -o conf/tar/stdout.json -n 20 -s "2001-12-20T13:13"',
     ("conf/gen/example.json", "conf/tar/stdout.json", None, 20, "2001-12-20T13:13")),
    ('-f conf/gen/example.json -o conf/tar/stdout.json -t 1h -s "2027-03-12"',
     ("conf/gen/example.json", "conf/tar/stdout.json", HOUR, None, "2027-03-12")),
    ("-c example -t stdout -t 1H", ("example", "stdout", HOUR, None, None)),
    ("-c example -t 1H -t conf/tar/stdout.json", ("example", "conf/tar/stdout.json", HOUR, None, None)),
    ("-c example -o stdout -r 5S", ("example", "stdout", 5 * SECOND, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), OLD, ids=[line for line, _ in OLD])
def test_old_spelling_means_what_it_meant(
    line: str, expected: tuple[Any, ...], old_files: Path
) -> None:
    """-f names the specification, -o the target, -t a duration; each is told in today's words."""
    request, told = request_of(line)
    config, target, duration, records, start = expected
    assert (request.config, request.target, request.duration) == (config, target, duration)
    assert (request.records, request.start, request.format) == (records, start, None)
    assert told and all("is the old spelling of" in text for text in told)


def test_each_old_spelling_is_told_once(old_files: Path) -> None:
    """One line for each, ready to be copied."""
    _, told = request_of("-f generator_spec.json -o target_spec.json -t 30S")
    assert told == [
        "-o target_spec.json is the old spelling of -t target_spec.json",
        "-t 30S is the old spelling of -r 30S",
        "-f generator_spec.json is the old spelling of -c generator_spec.json",
    ]


@pytest.mark.parametrize(
    ("line", "config", "pattern"),
    [
        ("-f generator_spec.json -p pattern.txt", "generator_spec.json", "pattern.txt"),
        ("-p pattern.txt -f generator_spec.json", "generator_spec.json", "pattern.txt"),
        ("-p generator_spec.json -f pattern.txt", "generator_spec.json", "pattern.txt"),
        ("-c example -f pattern.txt", "example", "pattern.txt"),
        ("-c example -f generator_spec.json", "example", "generator_spec.json"),
        ("-f pattern.txt", None, "pattern.txt"),
    ],
)
def test_f_is_a_pattern_unless_it_is_the_specification(
    line: str, config: str | None, pattern: str, old_files: Path
) -> None:
    """Only without -c, and only a JSON object with states, is -f the specification."""
    request, _ = request_of(line)
    assert (request.config, request.format) == (config, pattern)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-c example -t 30S -r 5S", "-t 30S is a duration, and -r gives another"),
        ("-c example -t 30S -t 5S", "two durations: 30S and 5S"),
        ("-c example -t stdout -o file", "two targets: stdout and file"),
        ("-f generator_spec.json -f example", "two specifications: generator_spec.json and example"),
        ("-c example -f pattern.txt -p pattern.txt", "two formats: pattern.txt and pattern.txt"),
        ("-c example -t 30S -n 5", "a duration and -n contradict each other"),
        ("-c example -t nowhere.json", ("-t nowhere.json: neither a target file (there is none of that name) "
         "nor a duration such as 30S (expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M)")),
        ("-c example -t 30", ("-t 30: neither a target file (there is none of that name) nor a duration "
         "such as 30S (a number needs a unit: 30S, 30M (minutes), 30H, 30D or 30W)")),
        ("-f nothing.txt", ("-f nothing.txt: neither a record format nor a generator specification: "
         "there is no such file")),
    ],
)  # fmt: skip
def test_contradicting_spellings_are_wrong_usage(line: str, message: str, old_files: Path) -> None:
    """One message, which names both readings."""
    with pytest.raises(UsageError) as caught:
        request_of(line)
    assert str(caught.value) == message
    assert invoke(*shlex.split(line)).status == 2


def test_file_named_like_a_duration_is_the_target(folder: Path) -> None:
    """What exists wins."""
    (folder / "1h").write_text('{"type": "stdout"}')
    request, told = request_of("-c example -t 1h")
    assert (request.target, request.duration, told) == ("1h", None, [])


def test_old_lines_run(old_files: Path) -> None:
    """The two examples with output in the first document make their records."""
    line = '-f conf/gen/example.json -o conf/tar/stdout.json -n 20 -s "2001-12-20T13:13"'
    outcome = invoke(*shlex.split(line))
    assert len(outcome.records) == 20
    assert list(outcome.records[0]) == ["time", "server", "client", "endpoint", "response_time_ms"]
    assert outcome.records[0]["time"].startswith("2001-12-20T13:13:")
    line = '-f conf/gen/example.json -o conf/tar/stdout.json -t 1h -s "2027-03-12"'
    records = invoke(*shlex.split(line)).records
    assert "2027-03-12T00:59" <= records[-1]["time"] < "2027-03-12T01:00"


def test_old_line_on_the_real_clock_paces(old_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-t 30S` without -s: thirty seconds of the real clock, here an injected one."""
    now = [0.0]

    def sleep(_: object, seconds: float) -> None:
        now[0] += max(seconds, 0.001)

    defaults = (lambda: now[0], *(clock.RealClock.__init__.__defaults__ or ())[1:])
    monkeypatch.setattr(clock.RealClock.__init__, "__defaults__", defaults)
    monkeypatch.setattr(Interruption, "sleep", sleep)
    outcome = invoke(*shlex.split("-f generator_spec.json -o target_spec.json -t 30S"))
    assert outcome.status == 0
    assert len(outcome.records) > 20
    assert 29.9 < now[0] < 30.1  # the clock has begun with the start, a moment before


# what goes where


def test_data_goes_to_stdout_and_words_to_stderr() -> None:
    """So that stdout can be piped."""
    outcome = invoke(*START, "-n", "3", spec=ENDING)
    assert len(outcome.records) == 3
    first, _, summary = outcome.err.splitlines()
    assert first == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000"
    assert summary.startswith(f"3 records, {len(outcome.out)} bytes in ")


def test_quiet_keeps_the_line_that_repeats_the_run() -> None:
    """-q drops the summary only."""
    outcome = invoke(*START, "-n", "3", "-q", spec=ENDING)
    assert outcome.err == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"


def test_repeat_line_repeats_the_run() -> None:
    """Also where seed and start were not given."""
    first = invoke("-s", "now", "-n", "50", "-q", spec=ENDING)
    again = first.err.removeprefix("repeat with:").split()
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
        "stdin: ok: 2 states, 1 emitters\n",
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

    monkeypatch.setattr("datagen.running.description.described", fail)
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


# processes: pipes and signals


def spawn(*arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
    """Start the program as a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "generator.py"), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more,
    )  # fmt: skip


@pytest.fixture
def readable_without_footer(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start endless runs of a specification; none outlives the test."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(ENDING))
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        running.append(spawn("-c", str(path), "--seed", "1", *arguments))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[bytes]") -> Outcome:
    """Wait for a process, and give what it left behind."""
    out, err = process.communicate(timeout=20)
    return Outcome(process.returncode, out, err.decode())


def test_head_ends_an_endless_run(
    readable_without_footer: Callable[..., "subprocess.Popen[bytes]"],
) -> None:
    """A pipe that is closed after one line: status 0, at once and without a word."""
    process = readable_without_footer("-s", "2027-03-12")
    assert process.stdout
    assert json.loads(process.stdout.readline())["time"] == "2027-03-12T00:00:00.000"
    process.stdout.close()
    assert process.wait(timeout=10) == 0
    assert process.stderr
    assert process.stderr.read().decode() == "repeat with: --seed 1 -s 2027-03-12T00:00:00.000000\n"


@pytest.mark.parametrize("paced", [False, True], ids=["simulated", "real"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_with_whole_lines_a_summary_and_its_status(
    number: signal.Signals,
    status: int,
    paced: bool,
    readable_without_footer: Callable[..., "subprocess.Popen[bytes]"],
    tmp_path: Path,
) -> None:
    """On either clock; what was generated is in the file, and counted."""
    target, path = tmp_path / "target.json", tmp_path / "out.jsonl"
    target.write_text(json.dumps({"type": "file", "path": str(path)}))
    process = readable_without_footer("-t", str(target), *(() if paced else ("-s", "2027-03-12")))
    deadline = time.monotonic() + 20
    while not (path.exists() and path.stat().st_size) and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(number)
    outcome = ended(process)
    assert outcome.status == status
    lines = path.read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\n") and json.loads(line) for line in lines)
    assert outcome.err.splitlines()[-1].startswith(f"{len(lines):,} records, ")
