"""Errors of brokers lose nothing, or end the run at the last commit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.errors import TargetError
from datagen.targets.delivered import Position
from tests.guarantees.exactly_once.transactions import (
    BEGINNING,
    BUSY,
    FENCED,
    ID_DENIED,
    LOADING,
    NOT_COORDINATOR,
    OLD_EPOCH,
    ROOT,
    TAKEN_OVER,
    TIMED_OUT,
    TOO_LARGE,
    TOPIC_DENIED,
    aim,
    last_line,
    made_by,
    model,
    once,
    records_in,
    run,
)
from tests.support.helpers import invoke
from tests.support.kafka import counts, to
from tests.support.ledger import (
    ADD_PARTITIONS,
    CREATE_TOPICS,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    Ledger,
)


@pytest.mark.long
@pytest.mark.parametrize(
    ("api", "errors"),
    [
        (INIT_PRODUCER_ID, [LOADING, NOT_COORDINATOR, BUSY]),
        (ADD_PARTITIONS, [NOT_COORDINATOR, BUSY]),
        (PRODUCE, [TIMED_OUT, TIMED_OUT]),
        (END_TXN, [LOADING, NOT_COORDINATOR, BUSY]),
    ],
)
def test_passing_errors_lose_nothing(
    api: int, errors: list[int], ledger: Ledger, file: Path
) -> None:
    """What may be tried again is."""
    ledger.fail(api, *errors)
    outcome = run(ledger, file, 1000)
    assert outcome.status == 0, outcome.err
    assert once(ledger, 1000)


@pytest.mark.long
@pytest.mark.parametrize(
    ("api", "error", "reason"),
    [
        (ADD_PARTITIONS, TOPIC_DENIED, "Topic authorization failed"),
        (ADD_PARTITIONS, ID_DENIED, "Transactional Id authorization failed"),
        (PRODUCE, TOO_LARGE, "Message size too large"),
        (END_TXN, ID_DENIED, "Transactional Id authorization failed"),
        (END_TXN, OLD_EPOCH, TAKEN_OVER),
        (END_TXN, FENCED, TAKEN_OVER),
        (PRODUCE, OLD_EPOCH, TAKEN_OVER),
    ],
)
def test_refusal_ends_the_run_at_the_last_commit(
    api: int, error: int, reason: str, ledger: Ledger, file: Path
) -> None:
    """Exit 1, one line with the reason; nothing of it is seen, all of it is counted and comes again.

    What was made of it is owed: `-n` of the next run counts after that.
    """
    assert run(ledger, file, 100).status == 0
    ledger.when(END_TXN, 1, lambda: ledger.fail(api, error))  # the checkpoint of the beginning
    outcome = run(ledger, file, 400)
    assert outcome.status == 1
    delivered, failed, unsent = counts(outcome)
    assert delivered == 0
    assert 0 < failed + unsent <= 400  # some were not even made
    assert last_line(outcome).startswith(f"confluent {ledger.address}: ")
    assert reason in last_line(outcome)
    assert records_in(file) == 100
    assert once(ledger, 100)
    made = made_by(file)
    assert 100 <= made <= 100 + failed + unsent
    assert run(ledger, file, 400).status == 0
    assert records_in(file) == made + 400
    assert once(ledger, made + 400)


def test_run_that_another_one_takes_over_from_sends_nothing_more(
    ledger: Ledger, tmp_path: Path
) -> None:
    """On another machine, with a file of its own: it goes on at the last commit, the first one ends."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(ledger, first, 100).status == 0
    second.write_bytes(first.read_bytes())
    command = [sys.executable, str(ROOT / "generator.py"), "-n", "500", "--resume", str(second)]
    spec, done = json.dumps(to(aim(ledger.address))).encode(), []

    def take_over() -> None:
        done.append(subprocess.run(command, input=spec, capture_output=True, check=False))

    ledger.when(PRODUCE, 4, take_over)
    outcome = run(ledger, first, 100_000)
    assert (outcome.status, done[0].returncode) == (1, 0), done[0].stderr.decode()
    assert TAKEN_OVER in last_line(outcome)
    assert counts(outcome)[0] == 0
    assert once(ledger, 600)
    assert run(ledger, first, 50).status == 0
    assert once(ledger, 650)


def test_run_that_is_overtaken_while_it_begins_ends(ledger: Ledger) -> None:
    """What it has read is no longer the last checkpoint."""
    sink = model(ledger).transactional_sink()
    with pytest.raises(TargetError, match=TAKEN_OVER):
        sink.resume_at(Position(10, {"commits": 3}))


def test_broker_without_coordinator_is_one_line(ledger: Ledger, file: Path) -> None:
    """Within the timeout, exit 1."""
    ledger.say_nothing(INIT_PRODUCER_ID)
    outcome = run(ledger, file, 10, timeout=0.5)
    assert outcome.status == 1
    assert "no transaction coordinator within 0.5 s" in last_line(outcome)
    assert not file.exists()


def test_topic_that_cannot_be_made_is_told_with_a_remedy(ledger: Ledger, file: Path) -> None:
    """Where topics are not for everyone to make."""
    ledger.fail(CREATE_TOPICS, TOPIC_DENIED)
    outcome = run(ledger, file, 10)
    assert outcome.status == 1
    assert (
        "the checkpoint topic, gen-checkpoints: it does not exist and cannot be created ("
        in last_line(outcome)
    )
    assert "create it with one partition and cleanup.policy=compact" in last_line(outcome)


def test_record_with_the_topic_of_the_checkpoints_ends_the_run(ledger: Ledger, file: Path) -> None:
    """It would be taken for one."""
    spec = to({**aim(ledger.address, checkpoint_topic="login"), "topic": "{emitter}"})
    outcome = invoke(*BEGINNING, "-n", "50", "--resume", str(file), spec=spec)
    assert outcome.status == 1
    assert "the topic of a record is the checkpoint topic" in last_line(outcome)
