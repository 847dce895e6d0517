"""Runs with transactions, and what readers of committed messages get of them."""

import json
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from datagen.targets.kafka.confluent import ConfluentTarget
from tests.support.helpers import Outcome, invoke
from tests.support.kafka import SPEC, by_key, target, to
from tests.support.ledger import (
    Ledger,
)
from tests.support.machines import Spec

ROOT = Path(__file__).parents[3]
BEGINNING = ("--seed", "1", "-s", "2027-03-12")
NOT_COORDINATOR, LOADING, BUSY, TIMED_OUT, FENCED, OLD_EPOCH = 16, 14, 51, 7, 90, 47
TOO_LARGE, TOPIC_DENIED, ID_DENIED = 10, 29, 53
TAKEN_OVER = "another run with this transactional_id has taken over"


def aim(address: str, **keys: Any) -> Spec:
    """Return a target with transactions."""
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
    """Return whether readers have the first records of the stream, each once, in order for each key."""
    stream = invoke(*BEGINNING, "-n", str(n), spec=SPEC).out.splitlines()
    return by_key(committed(ledger.address)) == by_key(stream)


def records_in(file: Path) -> int:
    """Return how many records a checkpoint says the target is sure of."""
    return int(json.loads(file.read_bytes())["run"]["position"]["records"])


def made_by(file: Path) -> int:
    """Return how many records a checkpoint says were made: the target gets all of them again or has them."""
    return int(json.loads(file.read_bytes())["run"]["records"])


def last_line(outcome: Outcome) -> str:
    """Return the error of a run."""
    return outcome.err.splitlines()[-1]


def model(ledger: Ledger, **keys: Any) -> ConfluentTarget:
    """Return a target."""
    return ConfluentTarget.model_validate(aim(ledger.address, **keys))
