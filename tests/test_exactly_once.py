"""Transactions: after whatever ends a run, readers of committed messages have each record once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from confluent_kafka import Consumer, TopicPartition

from datagen.errors import TargetError
from datagen.formats import Rendered
from datagen.targets.base import Position
from datagen.targets.confluent import ConfluentTarget
from datagen.targets.patience import Timing
from datagen.targets.transactions import TransactionalSink
from tests.broker import Broker, MockCluster
from tests.helpers import Outcome, invoke
from tests.ledger import ADD_PARTITIONS, CREATE_TOPICS, END_TXN, INIT_PRODUCER_ID, PRODUCE, Ledger
from tests.machines import Spec
from tests.test_kafka import SPEC, by_key, counts, target, to

ROOT = Path(__file__).parent.parent
BEGINNING = ("--seed", "1", "-s", "2027-03-12")
NOT_COORDINATOR, LOADING, BUSY, TIMED_OUT, FENCED, OLD_EPOCH = 16, 14, 51, 7, 90, 47
TOO_LARGE, TOPIC_DENIED, ID_DENIED = 10, 29, 53
TAKEN_OVER = "another run with this transactional_id has taken over"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Give a broker that keeps transactions."""
    made = Ledger()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the place of a checkpoint."""
    return tmp_path / "run"


def aim(address: str, **keys: Any) -> Spec:
    """Give a target with transactions."""
    keys = {"topic_key": "user", "transactional_id": "gen", **keys}
    return target("confluent", address, "clicks", **keys)


def run(ledger: Ledger, file: Path, n: int, *arguments: str, **keys: Any) -> Outcome:
    """Let a run make so many records, after those of the runs before it."""
    more = () if file.exists() else BEGINNING
    limits = ("-n", str(n), "--resume", str(file))
    return invoke(*more, *limits, *arguments, spec=to(aim(ledger.address, **keys)))


def committed(address: str, topic: str = "clicks") -> list[bytes]:
    """Read what a reader of committed messages gets."""
    consumer = Consumer({
        "bootstrap.servers": address, "group.id": "tests", "enable.auto.commit": False,
        "isolation.level": "read_committed", "enable.partition.eof": True,
        "fetch.wait.max.ms": 50, "log_level": 0,
    })  # fmt: skip
    try:
        left = set(consumer.list_topics(topic, timeout=20).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, part, 0) for part in left])
        found = []
        while left:
            message = consumer.poll(20)
            assert message is not None, "no end of the topic"
            if message.error():
                left.discard(message.partition() or 0)
            else:
                found.append(message.value() or b"")
        return found
    finally:
        consumer.close()


def once(ledger: Ledger, n: int) -> bool:
    """Tell whether readers have the first records of the stream, each once, in order for each key."""
    stream = invoke(*BEGINNING, "-n", str(n), spec=SPEC).out.splitlines()
    return by_key(committed(ledger.address)) == by_key(stream)


def records_in(file: Path) -> int:
    """Give how many records a checkpoint says are done."""
    return int(json.loads(file.read_bytes())["run"]["records"])


def last_line(outcome: Outcome) -> str:
    """Give the error of a run."""
    return outcome.err.splitlines()[-1]


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


def test_killed_runs_give_each_record_once(ledger: Ledger, file: Path) -> None:
    """SIGKILL before and after each step of the protocol: also when the commit is made, but not told."""
    until = ("--until", "2027-03-12T00:02:00", "--checkpoint-every", "0.001S")
    command = [sys.executable, str(ROOT / "generator.py"), *BEGINNING, *until, "-q", "--resume", str(file)]
    moments = [
        (INIT_PRODUCER_ID, 2), (CREATE_TOPICS, 0), (END_TXN, 1), (END_TXN, 2), (PRODUCE, 3),
        (ADD_PARTITIONS, 3), (END_TXN, 3),
    ]  # fmt: skip
    killed = 0
    for api, number in [*moments, (-1, 1)]:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            ledger.when(api, number, child.kill)
            _, said = child.communicate(json.dumps(to(aim(ledger.address))).encode(), timeout=60)
        killed += child.returncode == -signal.SIGKILL
    assert (child.returncode, killed) == (0, 6), said.decode()
    stream = invoke(*BEGINNING, *until[:2], spec=SPEC).out.splitlines()
    assert by_key(committed(ledger.address)) == by_key(stream)


def test_commit_whose_answer_is_lost_is_found_by_the_next_run(ledger: Ledger, file: Path) -> None:
    """It was made: the file tells of less, and the brokers know better."""
    ledger.when(END_TXN, 1, lambda: ledger.say_nothing(END_TXN))
    assert run(ledger, file, 300, timeout=1).status == 1
    assert not file.exists()
    ledger.say_nothing()
    assert run(ledger, file, 300).status == 0
    ledger.say_nothing(END_TXN)
    outcome = run(ledger, file, 200, timeout=1)
    assert (outcome.status, counts(outcome)) == (1, (0, 0, 0))
    ledger.say_nothing()
    ledger.when(PRODUCE, 2, lambda: ledger.say_nothing(END_TXN))
    outcome = run(ledger, file, 200, timeout=1)
    assert (outcome.status, counts(outcome)) == (1, (0, 200, 0))
    assert "no answer to the commit within 1 s; whether it was made, --resume will find out; " in last_line(outcome)
    assert records_in(file) == 300
    ledger.say_nothing()
    assert run(ledger, file, 100).status == 0
    assert once(ledger, 600)
