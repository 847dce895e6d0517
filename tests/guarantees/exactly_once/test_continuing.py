"""After whatever ends a run, readers of committed messages have each record once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guarantees.exactly_once.transactions import (
    BEGINNING,
    ROOT,
    aim,
    committed,
    last_line,
    once,
    records_in,
    run,
)
from tests.support.helpers import invoke
from tests.support.kafka import SPEC, by_key, counts, to
from tests.support.ledger import (
    ADD_PARTITIONS,
    CREATE_TOPICS,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    Ledger,
)


def test_runs_that_continue_each_other_give_each_record_once(ledger: Ledger, file: Path) -> None:
    """Each commits at its end; the topic of the checkpoints is made, compacted, with one partition."""
    for n in (100, 2000, 0):
        outcome = run(ledger, file, n, "--checkpoint-every", "0.001S")
        assert outcome.status == 0, outcome.err
        assert f"{n:,} records, " in outcome.err
    assert once(ledger, 2100)
    assert records_in(file) == 2100
    assert ledger.settings == {"gen-checkpoints": {"cleanup.policy": "compact"}}
    assert committed(ledger.address, "gen-checkpoints")[-1] == file.read_bytes()


@pytest.mark.long
def test_killed_runs_give_each_record_once(ledger: Ledger, file: Path) -> None:
    """SIGKILL before and after each step of the protocol: also when the commit is made, but not told."""
    until = ("--until", "2027-03-12T00:05:00", "--checkpoint-every", "0.001S")
    command = [
        sys.executable,
        str(ROOT / "generator.py"),
        *BEGINNING,
        *until,
        "-q",
        "--resume",
        str(file),
    ]
    moments = [
        (INIT_PRODUCER_ID, 1), (CREATE_TOPICS, 1), (INIT_PRODUCER_ID, 2), (END_TXN, 1), (END_TXN, 2),
        (PRODUCE, 3), (ADD_PARTITIONS, 3), (END_TXN, 3), (-1, 1),
    ]  # fmt: skip
    statuses = []
    for api, number in moments:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            ledger.when(api, number, child.kill)
            _, said = child.communicate(json.dumps(to(aim(ledger.address))).encode(), timeout=60)
        statuses.append(child.returncode)
    assert statuses == [-signal.SIGKILL] * 8 + [0], said.decode()
    stream = invoke(*BEGINNING, *until[:2], spec=SPEC).out.splitlines()
    assert by_key(committed(ledger.address)) == by_key(stream)


def test_commit_whose_answer_is_lost_is_found_by_the_next_run(ledger: Ledger, file: Path) -> None:
    """It was made: the file tells of less, and the brokers know better."""
    assert run(ledger, file, 300).status == 0
    ledger.when(PRODUCE, 2, lambda: ledger.say_nothing(END_TXN))
    outcome = run(ledger, file, 200, timeout=0.5)
    assert (outcome.status, counts(outcome)) == (1, (0, 200, 0))
    line = "no answer to the commit within 0.5 s; the next run with --resume finds out whether it took effect; "
    assert f"{line}0 records were delivered, 200 failed" in last_line(outcome)
    assert records_in(file) == 300
    ledger.say_nothing()
    assert run(ledger, file, 100).status == 0
    assert once(ledger, 600)


def test_first_checkpoint_that_the_file_does_not_know_is_found(ledger: Ledger, file: Path) -> None:
    """The run has its seed and start from the brokers; a lost file is told of."""
    assert run(ledger, file, 300).status == 0
    file.unlink()
    outcome = invoke("-n", "50", "--resume", str(file), spec=to(aim(ledger.address)))
    assert outcome.status == 0
    assert (
        f"{file} does not exist: resuming from the last checkpoint of confluent with "
        in outcome.err
    )
    assert "--seed 1 -s 2027-03-12" in outcome.err
    assert once(ledger, 350)


def test_sigterm_commits_what_was_sent(ledger: Ledger, file: Path) -> None:
    """Exit 143, all counted as delivered, and the next run goes on after it."""
    ledger.when(PRODUCE, 5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    outcome = run(ledger, file, 10_000_000)
    assert outcome.status == 143
    delivered, failed, unsent = counts(outcome)
    assert (failed, unsent) == (0, 0)
    assert records_in(file) == delivered > 0
    assert run(ledger, file, 100).status == 0
    assert once(ledger, delivered + 100)


def test_second_signal_while_the_commit_is_not_answered_ends_the_run(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once; a commit that was made all the same is found."""
    assert run(ledger, file, 10).status == 0

    def interrupt() -> None:
        ledger.say_nothing(END_TXN)
        os.kill(os.getpid(), signal.SIGINT)
        ledger.when(END_TXN, 1, lambda: os.kill(os.getpid(), signal.SIGINT))

    ledger.when(PRODUCE, 2, interrupt)
    outcome = run(ledger, file, 10_000_000, timeout=600)
    assert outcome.status == 130
    assert records_in(file) == 10
    ledger.say_nothing()
    assert run(ledger, file, 0).status == 0
    assert once(ledger, records_in(file))
    assert records_in(file) > 10
