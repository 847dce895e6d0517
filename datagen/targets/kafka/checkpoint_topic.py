"""Finds the last checkpoint that was committed to a topic of Kafka; makes the topic where it is not there.

Only what is committed counts. The last one is near the end: the topic is read from there, backwards.
"""

import logging
from typing import Any

from datagen.errors import TargetError
from datagen.targets.kafka.confluent import SHORT, ConfluentTarget, words
from datagen.targets.retry import Timing

COMMITS = "commits"  # a header: how many commits there were with the id, this one included
_FIRST = 100  # records that are looked through at once, from the end; then ever more
_LOG = logging.getLogger("datagen.confluent")

Found = tuple[bytes | None, int]
"""The last checkpoint, if any, and how many commits there were."""


def last_checkpoint(name: str, target: ConfluentTarget, timing: Timing) -> Found:
    """Return the last checkpoint of a target. Raises TargetError."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - for those who use it

    try:
        return _read(target, timing)
    except (KafkaException, OSError) as error:
        said = target.cleaned(words(error))
        text = f"{name}: the topic of checkpoints, {target.checkpoints}: {said}"
        raise TargetError(f"{text}; 0 records were delivered") from error


def _read(target: ConfluentTarget, timing: Timing) -> Found:
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 - for those who use it

    consumer = Consumer(
        target.connection() | target.options | {
            "group.id": target.transactional_id,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 10,  # at the end of the topic nothing more comes
        },
        logger=_LOG,
    )  # fmt: skip
    try:
        if _made(target, consumer):
            return None, 0
        place = TopicPartition(target.checkpoints, 0)
        low, end = consumer.get_watermark_offsets(place, timeout=target.timeout)
        span = _FIRST
        while end > low:
            place.offset = max(low, end - span)
            consumer.assign([place])
            found = _last(consumer, target, end, timing)
            if found is not None:
                return found.value(), int(dict(found.headers() or ()).get(COMMITS, 0))
            end, span = place.offset, 10 * span
        return None, 0
    finally:
        consumer.close()


def _made(target: ConfluentTarget, consumer: Any) -> bool:
    """Make the topic, if it is not there: one partition, of which the last of each key is kept."""
    from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415
    from confluent_kafka.cimpl import NewTopic  # noqa: PLC0415

    name = target.checkpoints
    error = consumer.list_topics(name, target.timeout).topics[name].error
    if error is None or error.code() == KafkaError.LEADER_NOT_AVAILABLE:
        return False
    if error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise KafkaException(error)
    client = AdminClient(target.connection() | target.options, logger=_LOG)
    wanted = NewTopic(name, 1, config={"cleanup.policy": "compact"})
    (made,) = client.create_topics([wanted], operation_timeout=target.timeout).values()
    try:
        made.result(target.timeout)
    except KafkaException as refusal:
        if refusal.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        text = f"it is not there and cannot be made ({words(refusal)})"
        raise OSError(f"{text}: make it with one partition and cleanup.policy=compact") from refusal
    return True


def _last(consumer: Any, target: ConfluentTarget, end: int, timing: Timing) -> Any:
    """Return the last message with the target's key before an offset, or None."""
    from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415

    key, found = str(target.transactional_id).encode(), None
    until = timing.monotonic() + target.timeout
    while timing.monotonic() < until:
        message = consumer.poll(SHORT)
        if message is None:
            continue
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001
            raise KafkaException(error)
        if error is not None or message.offset() >= end:
            return found
        until = timing.monotonic() + target.timeout
        found = message if message.key() == key else found
    raise TimeoutError(f"no answer within {target.timeout:g} s")
