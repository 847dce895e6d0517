"""Command lines of older documents mean what they meant."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.cli.signals import Interruption
from datagen.errors import UsageError
from datagen.running import clock
from datagen.running.options import Request
from tests.support.helpers import invoke
from tests.support.machines import ENDING

ROOT = Path(__file__).parents[2]


SECOND = 1_000_000


HOUR = 3_600 * SECOND


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def request_of(line: str) -> tuple[Request, list[str]]:
    """Read a command line; give what it asks for, and what the user is told about it."""
    told: list[str] = []
    return parse_request(parser().parse_args(shlex.split(line)), told.append), told


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
        ("-c example -t one -o other", "two values of -t that are neither targets nor durations: one and other"),
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


BOTH = "-t line is a template, and -f, --csv, --tsv or --template gives another format"
TEMPLATES = {"templates": {"line": {"body": "{{ time }} {{ emitter }}"}, "1x": {"body": "x"}}}


@pytest.mark.parametrize("config", [["-c", "spec.json"], []])
def test_t_may_name_a_template_of_the_specification(config: list[str], folder: Path) -> None:
    """Where it is neither a target nor a duration; a target may be given besides."""
    spec = {**ENDING, **TEMPLATES}
    (folder / "spec.json").write_text(json.dumps(spec))
    given = None if config else spec
    arguments = (*config, "-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
    today = invoke(*arguments, "--template", "line", spec=given)
    old = invoke(*arguments, "-t", "line", spec=given)
    assert (old.status, old.out) == (0, today.out)
    assert "warning: -t line is the old spelling of --template line\n" in old.err
    shutil.copytree(ROOT / "conf", folder / "conf")
    assert invoke(*arguments, "-t", "line", "-t", "stdout", spec=given).out == today.out
    (folder / "conf" / "tar" / "1x.json").write_text('{"type": "null"}')
    assert invoke(*arguments, "-t", "1x", spec=given).out == b""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-t nowhere.json", ("-t nowhere.json: neither a target file (there is none of that name) nor a duration "
         "such as 30S (expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M), nor a template of stdin")),
        ("-t 30", ("-t 30: neither a target file (there is none of that name) nor a duration such as 30S "
         "(a number needs a unit: 30S, 30M (minutes), 30H, 30D or 30W), nor a template of stdin")),
        ("-t line --csv", BOTH), ("-t line --template line", BOTH), ("-t line -f clickstream_tsv", BOTH),
    ],
)  # fmt: skip
def test_t_that_names_nothing_or_one_format_of_two_is_wrong_usage(line: str, message: str) -> None:
    """One message, which names all readings."""
    outcome = invoke(*line.split(), spec={**ENDING, **TEMPLATES})
    assert (outcome.status, outcome.err) == (2, f"generator.py: error: {message}\n")


def test_debug_is_verbose(folder: Path) -> None:
    """And told in today's words."""
    outcome = invoke("--validate", "--debug", spec=ENDING)
    expected = invoke("--validate", "-v", spec=ENDING)
    line = "generator.py: --debug is the old spelling of -v\n"
    assert (outcome.status, outcome.err) == (0, line + expected.err)
    assert invoke("--debug", "-q", spec=ENDING).status == 2


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
