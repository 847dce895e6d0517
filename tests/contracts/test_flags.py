"""What holds for every flag: each of its spellings is read, and changes what is asked for."""

import argparse
import shlex

import pytest

from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.errors import UsageError
from datagen.running.options import Request

# What makes each flag say something that a command line without it does not.
EXAMPLES = {
    "-c": "-c x", "--set": "--set x=1", "-t": "-t stdout", "-f": "-f clickstream_tsv", "--csv": "--csv", "--tsv": "--tsv", "--arrow": "--arrow", "--template": "--template x",
    "-s": "-s 2027-03-12", "--timezone": "--timezone Europe/Berlin", "-m": "-m 5", "-j": "-j 5", "--part": "--part 1/3", "--memory": "--memory 5M", "--schedule": "--schedule x", "-n": "-n 5", "-r": "-r 5S",
    "--until": "--until 2027-03-12", "--bytes": "--bytes 5M", "--rate": "--rate 5/s", "--max-rate": "--max-rate 5/s", "--resume": "--resume x", "--resume-anyway": "--resume-anyway --resume x",
    "--checkpoint-every": "--checkpoint-every 5S --resume x", "--catch-up": "--catch-up skip --resume x",
    "--warm-up": "--warm-up 5S", "--then-live": "--then-live -s 2027-03-12", "--speed": "--speed 5", "--seed": "--seed 5",
    "--disorder": "--disorder x", "--no-disorder": "--no-disorder", "--truth": "--truth x",
    "--entities": "--entities x", "--validate": "--validate", "--untrusted": "--untrusted", "--avro-schema": "--avro-schema", "--ddl": "--ddl sqlite", "-q": "-q", "-v": "-v", "--progress": "--progress",
    "--explain": "--explain json", "--sample": "--sample 2", "--stats": "--stats 5", "--watch": "--watch --sample 2 -c x", "--summary": "--summary x", "--metrics": "--metrics 9100",
    "--json-schema": "--json-schema target", "--presets": "--presets", "--completion": "--completion zsh", "--report": "--report x.html", "--check": "--check x --report y.json",
}  # fmt: skip
ENDING = {"-h", "--version"}  # they print something and end: tests/cli/test_command_line.py
ACTIONS = {
    action.option_strings[0]: action
    for action in parser()._actions
    if action.option_strings and action.help != argparse.SUPPRESS
}
SPELLINGS = [(flag, each) for flag in EXAMPLES for each in ACTIONS[flag].option_strings]


def request(line: str) -> Request:
    """Read a command line that says nothing out of date."""
    told: list[str] = []
    made = parse_request(parser().parse_args(shlex.split(line)), told.append)
    assert told == []
    return made


def test_every_flag_is_tested() -> None:
    """A new flag needs its line above."""
    assert set(EXAMPLES) | ENDING == set(ACTIONS)


@pytest.mark.parametrize("flag", EXAMPLES)
def test_flag_changes_what_is_asked_for(flag: str) -> None:
    """No flag is read and then dropped: with it the request is another one than without it."""
    words = EXAMPLES[flag].split()
    rest = words[1:] if ACTIONS[flag].nargs == 0 else words[2:]
    assert words[0] == flag
    assert request(EXAMPLES[flag]) != request(shlex.join(rest))


TWICE = [(flag, each) for flag, each in SPELLINGS if flag not in ("-t", "-f", "--set")]


@pytest.mark.parametrize(("flag", "spelling"), TWICE)
def test_flag_that_is_given_twice_is_wrong_usage(flag: str, spelling: str) -> None:
    """In whatever spellings, also joined to its value; which of the two is meant is not guessed."""
    first, _, rest = EXAMPLES[flag].partition(" ")
    action = "/".join(ACTIONS[flag].option_strings)
    lines = [f"{EXAMPLES[flag]} {spelling} {rest}", f"{spelling} {rest} {EXAMPLES[flag]}"]
    if ACTIONS[flag].nargs != 0:
        joined = "=" if spelling.startswith("--") else ""
        lines.append(f"{first} {rest} {spelling}{joined}{rest.split()[0]}")
    for line in lines:
        with pytest.raises(UsageError) as raised:
            request(line)
        assert str(raised.value) == f"argument {action}: is given twice"


@pytest.mark.parametrize("line", ["-t stdout -t stdout", "-t stdout -o null", "-t 5S -t 6S"])
def test_targets_and_durations_are_collected_and_then_refused(line: str) -> None:
    """At most one of each may remain."""
    with pytest.raises(UsageError, match=r"two (targets|durations): "):
        request(line)


@pytest.mark.parametrize(("flag", "spelling"), SPELLINGS)
def test_spellings_of_a_flag_mean_the_same(flag: str, spelling: str) -> None:
    """The short one, the long one and the old one; `--no-` of a switch means its opposite."""
    found = request(EXAMPLES[flag].replace(flag, spelling, 1))
    opposite = spelling.startswith("--no-") and not flag.startswith("--no-")
    assert (found == request(EXAMPLES[flag])) is not opposite
