"""What the program says about command lines and files that are wrong, word for word."""

import json
import shlex
from pathlib import Path

import pytest

from tests.support.bad_input import BASE, RUN, edited
from tests.support.helpers import invoke


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with files for command lines, and go there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_SUCH_FOLDER", raising=False)
    texts = {
        "spec.json": json.dumps(BASE),
        "own.json": json.dumps(edited(("target", {"type": "file", "path": "own.json"}))),
        "wrong.json": json.dumps(edited(("states[0].emitter", "pge"))),
        "list.json": "[]",
        "kind.json": '{"type": "fil", "path": "x"}',
        "key.json": '{"type": "file", "file": "x"}',
        "pathless.json": '{"type": "file"}',
        "unset.json": '{"type": "file", "path": "${NO_SUCH_FOLDER}/x"}',
        "parent.json": '{"type": "file", "path": "nowhere/x"}',
        "here.json": '{"type": "file", "path": "."}',
        "broken.json": '{"type": "stdout"',
        "pattern.txt": "{time}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


NO_DURATION = "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"
NO_TARGET = "neither a target file (there is none of that name) nor a duration such as 30S"
USAGE = [
    ("-n x", "argument -n/--records: expected a whole number of 0 or more, not 'x'"),
    ("-n -1", "argument -n/--records: expected a whole number of 0 or more, not '-1'"),
    ("-n 1.5", "argument -n/--records: expected a whole number of 0 or more, not '1.5'"),
    ("-m 0", "argument -m/--max-workers: expected a whole number from 1 to 100,000,000, or none, not '0'"),
    ("-j 0", "argument -j/--jobs: expected a whole number from 1 to 256, or auto, not '0'"),
    ("--jobs all", "argument -j/--jobs: expected a whole number from 1 to 256, or auto, not 'all'"),
    ("-j 257", "argument -j/--jobs: expected a whole number from 1 to 256, or auto, not '257'"),
    *[(f"--stats {text}", f"argument --stats: expected a whole number of 1 or more, not '{text}'")
      for text in ("0", "x", "1.5")],
    *[(f"--sample {text}", f"argument --sample: expected a whole number from 1 to 1,000, not '{text}'")
      for text in ("0", "1001", "x", "1.5")],
    ("-m many", "argument -m/--max-workers: expected a whole number from 1 to 100,000,000, or none, not 'many'"),
    *[
        (f"--part {text}", f"argument --part: expected I/K, part I of K, with 0 <= I < K <= 100,000, not '{text}'")
        for text in ("0/0", "3/3", "1", "a/b", "-1/3", "1/3/4", "1/-3", "1/100001", "1/99999999999", "1.0/3", "1/3%")
    ],
    ("--part ''", "argument --part: expected I/K, part I of K, with 0 <= I < K <= 100,000, not ''"),
    ("--part", "argument --part: expected one argument"),
    ("--part 1/3 --part 1/3", "argument --part: is given twice"),
    ("--part 1/3 -s 2027-03-12 -n 1", "--part 1/3 needs --seed, the same for all parts of the stream"),
    ("--part 5/300 -s 2027-03-12 --seed 1", "--part 5/300: -m 100, the default, is less than a worker for each of the 300 parts; use -m 300 or more, or fewer parts"),
    ("--seed one", "argument --seed: expected a whole number, not 'one'"),
    ("-n 1 -r 1H", "argument -r/--duration: not allowed with argument -n/--records"),
    ("-q -v", "argument -v/--verbose: not allowed with argument -q/--quiet"),
    ("--pace 5", "unrecognized arguments: --pace 5; did you mean --speed?"),
    ("-s", "argument -s/--start: expected one argument"),
    ("-r 5", "-r 5: a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W"),
    ("-r=-1H", "-r -1H: a duration cannot be negative"),
    ("-r P1M", "-r P1M: months and years have no fixed length; give days or weeks"),
    ("-r 1Y", "-r 1Y: months and years have no fixed length; give days or weeks"),
    ("-r 30m1h", f"-r 30m1h: {NO_DURATION}"),
    ("-r soon", f"-r soon: {NO_DURATION}"),
    ("-r 9999999D", "-r 9999999D: longer than 10,000 years"),
    ("-t nothing", f"-t nothing: {NO_TARGET} ({NO_DURATION})"),
    ("-t 5", f"-t 5: {NO_TARGET} (a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W)"),
    ("-t stdout -t file", "two targets: stdout and file"),
    ("-f nothing", "-f nothing: neither a record format nor a generator specification: there is no such file"),
    ("-s 2027-13-01", "-s 2027-13-01: not an ISO 8601 instant such as 2027-03-12T10:30:00: month must be in 1..12"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "error"), USAGE)
def test_wrong_command_line_is_refused(line: str, error: str, folder: Path) -> None:
    """Wrong usage: exit 2, one line that says what was expected, and nothing generated."""
    outcome = invoke("-c", "spec.json", *shlex.split(line))
    assert (outcome.status, outcome.out) == (2, b"")
    assert outcome.err == f"generator.py: error: {error}\n"


FILES = [
    ("-c clickstrem", 'clickstrem: there is no such file (nor in conf/gen); did you mean "clickstream"?'),
    ("-c .", ".: is a folder, not a file"),
    ("-c ./spec", "./spec: there is no such file"),
    ("-c wrong.json", 'wrong.json: states[0].emitter: no emitter "pge"; did you mean "page"?'),
    ("-c wrong.json -t kind.json", ('wrong.json: states[0].emitter: no emitter "pge"; did you mean "page"?\n'
                                   'kind.json: type: no target type "fil"; did you mean "file"?')),
    ("-c spec.json -t list.json", 'list.json: expected an object such as {"type": "file", ...}, not a list'),
    ("-c spec.json -t key.json", 'key.json: file: unknown key; did you mean "path"?'),
    ("-c spec.json -t pathless.json", "pathless.json: path: missing"),
    ("-c spec.json -t unset.json", 'unset.json: path: the environment variable "NO_SUCH_FOLDER" is not set'),
    ("-c spec.json -t broken.json", "broken.json: is not JSON: Expecting ',' delimiter at line 1, column 18"),
    ("-c spec.json -t parent.json", 'nowhere/x: there is no folder "nowhere"; 0 records were delivered'),
    ("-c spec.json -t here.json", ".: Is a directory; 0 records were delivered"),
    ("-c own.json", "the target would overwrite the specification, own.json"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problems"), FILES)
def test_wrong_file_is_refused(line: str, problems: str, folder: Path) -> None:
    """A file's problems carry its name, those of several files come together: exit 1."""
    outcome = invoke(*RUN, *shlex.split(line))
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", problems + "\n")
