"""Options become a request, or the first contradiction between them."""

import argparse
import os
from collections.abc import Callable
from itertools import combinations

import pytest

from datagen.cli.options import (
    MODES,
    jobs_number,
    parse_request,
    records_number,
    seed_number,
    speed_number,
)
from datagen.cli.options import workers_number as workers
from datagen.cli.parser import parser
from datagen.errors import UsageError
from datagen.running.options import Request
from tests.support.helpers import invoke
from tests.support.machines import ENDING


def request(line: str) -> Request:
    """Read a command line."""
    return parse_request(parser().parse_args(line.split()), lambda _: None)


def test_no_option_is_the_default_of_a_request() -> None:
    """A program that asks for nothing gets what a command line without flags gets."""
    assert request("") == Request()


def test_durations_are_values_in_a_request() -> None:
    """Microseconds, but for the seconds between two checkpoints."""
    made = request("-r 1M --warm-up 2S --resume ck --checkpoint-every 500H")
    assert (made.duration, made.warm_up) == (60_000_000, 2_000_000)
    assert made.checkpoint_every == 1_800_000


CONTRADICTIONS = [
    ("--then-live", "--then-live needs -s, the instant at which history begins"),
    ("--speed 2 -s now", "--speed is for the real clock: leave out -s, or add --then-live"),
    ("--validate --avro-schema", "--validate and --avro-schema contradict each other"),
    ("--sample 1 --validate", "--sample and --validate contradict each other"),
    ("--sample 1 --entities users", "--sample and --entities contradict each other"),
    ("--sample 1 --stats", "--sample and --stats contradict each other"),
    ("--stats 5 -n 5", "--stats and -n contradict each other: --stats N says how many records"),
    ("--stats --resume ck", "--stats and --resume contradict each other: nothing is delivered"),
    ("--stats --bytes 5kB", "--stats and --bytes contradict each other: nothing is delivered"),
    ("--sample 1 --bytes 5kB", "--sample and --bytes contradict each other: nothing is delivered"),
    ("--stats --watch", "--watch goes with --sample or --explain"),
    ("--watch", "--watch goes with --sample or --explain"),
    ("--validate --watch", "--watch goes with --sample or --explain"),
    ("--sample 1 --watch", "--watch needs a file: give -c SPEC"),
    ("-c - --sample 1 --watch", "--watch needs a file: give -c SPEC"),
    *[(f"--sample 1 {flag} -c x", f"--sample and {flag.split()[0]} contradict each other: nothing is delivered")
      for flag in ("--truth t", "--disorder d", "--resume ck", "--then-live -s now", "--speed 2", "-j 2", "--summary s", "--metrics 1", "--progress")],
    ("-f clickstream_tsv --csv", "-f clickstream_tsv and --csv contradict each other"),
    ("-f clickstream_tsv --template t", "-f clickstream_tsv and --template t contradict each other"),
    ("--resume-anyway", "--resume-anyway needs --resume"),
    ("--checkpoint-every 1S", "--checkpoint-every needs --resume"),
    ("--catch-up skip", "--catch-up needs --resume"),
    ("-t 5S --until now", "--until contradicts -r and -n: each says when the run ends"),
    ("--resume ck --catch-up skip -s now", "--catch-up skip is for the real clock: leave out -s"),
    ("-q --progress", "-q and --progress contradict each other"),
    ("--resume -", "--resume -: give a file for the checkpoints"),
    ("--summary -", "--summary -: give a file; stdout is for records"),
    ("--summary - -q --progress --then-live", "--then-live needs -s, the instant at which history begins"),
]  # fmt: skip


MODE_VALUES = {"--sample": "2", "--entities": "users", "--completion": "bash", "--ddl": "sqlite"}


@pytest.mark.parametrize(("one", "other"), [*combinations(MODES, 2)])
def test_modes_exclude_each_other(one: str, other: str) -> None:
    """Whichever two they are, and in whichever order."""
    words = [f"{flag} {MODE_VALUES.get(flag, '')}" for flag in (one, other)]
    for line in (" ".join(words), " ".join(reversed(words))):
        with pytest.raises(UsageError) as raised:
            request(line)
        assert str(raised.value) == f"{one} and {other} contradict each other"


@pytest.mark.parametrize(
    ("line", "message"), CONTRADICTIONS, ids=[line for line, _ in CONTRADICTIONS]
)
def test_contradiction_is_wrong_usage(line: str, message: str) -> None:
    """One sentence, the first of all that could be said."""
    with pytest.raises(UsageError) as raised:
        request(line)
    assert str(raised.value) == message


def test_wrong_usage_has_status_2() -> None:
    """And nothing runs."""
    outcome = invoke("-q", "--progress", spec=ENDING)
    assert (outcome.status, outcome.out, outcome.err) == (
        2, b"", "generator.py: error: -q and --progress contradict each other\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("read", "text"),
    [(records_number, "-1"), (records_number, "x"), (workers, "0"), (workers, "100000001"),
     (speed_number, "0"), (speed_number, "nan"), (speed_number, "1e7"), (seed_number, "1.5")],
)  # fmt: skip
def test_number_out_of_range_is_refused(read: Callable[[str], object], text: str) -> None:
    """The message holds what was given."""
    with pytest.raises(argparse.ArgumentTypeError, match=f"not '{text}'"):
        read(text)


def test_jobs_follow_the_processors_that_the_process_may_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not those of the machine; where a system does not say, it is those."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 9})
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert (jobs_number("auto"), jobs_number("7")) == (3, 7)
    monkeypatch.delattr(os, "sched_getaffinity")
    assert jobs_number("auto") == 12
    monkeypatch.setattr(os, "cpu_count", lambda: 1000)
    assert jobs_number("auto") == 256
