"""Finds the last checkpoint that was committed to a topic of Kafka; creates the topic if needed.

Only what is committed counts. The last one is near the end: the topic is read from there, backwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.targets.kafka.librdkafka import LOG, POLL_TIMEOUT, client_message
from datagen.targets.retry import Timing

COMMITS = "commits"  # a header: how many commits there were with the id, this one included
_FIRST = 100  # records that are looked through at once, from the end; then ever more


@dataclass(frozen=True)
class CheckpointTopic:
    """The topic that holds the checkpoints of a transactional id, in its one partition.

    `connection` is the configuration of a client that leads to the brokers; `timeout` is in seconds.
    """

    name: str
    transactional_id: str
    connection: Mapping[str, Any] = field(repr=False)
    timeout: float

    def last(self, timing: Timing) -> tuple[bytes | None, int]:
        """Return the last checkpoint, if any, and how many commits there were with the id.

        Raises KafkaException, and OSError with a sentence.
        """
        from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 - for those who use it

        consumer = Consumer(
            {
                **self.connection,
                "group.id": self.transactional_id,
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 10,  # at the end of the topic nothing more comes
            },
            logger=LOG,
        )  # fmt: skip
        try:
            if self._create(consumer):
                return None, 0
            partition = TopicPartition(self.name, 0)
            low, end = consumer.get_watermark_offsets(partition, timeout=self.timeout)
            span = _FIRST
            while end > low:
                partition.offset = max(low, end - span)
                consumer.assign([partition])
                found = self._last_before(end, consumer, timing)
                if found is not None:
                    return found.value(), int(dict(found.headers() or ()).get(COMMITS, 0))
                end, span = partition.offset, 10 * span
            return None, 0
        finally:
            consumer.close()

    def _create(self, consumer: Any) -> bool:
        """Create the topic if it is not there, compacted, with one partition; return whether."""
        from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415
        from confluent_kafka.admin import AdminClient  # noqa: PLC0415
        from confluent_kafka.cimpl import NewTopic  # noqa: PLC0415

        error = consumer.list_topics(self.name, self.timeout).topics[self.name].error
        if error is None or error.code() == KafkaError.LEADER_NOT_AVAILABLE:
            return False
        if error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise KafkaException(error)
        client = AdminClient(dict(self.connection), logger=LOG)
        wanted = NewTopic(self.name, 1, config={"cleanup.policy": "compact"})
        (created,) = client.create_topics([wanted], operation_timeout=self.timeout).values()
        try:
            created.result(self.timeout)
        except KafkaException as refusal:
            if refusal.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            text = f"it does not exist and cannot be created ({client_message(refusal)})"
            raise OSError(
                f"{text}: create it with one partition and cleanup.policy=compact"
            ) from refusal
        return True

    def _last_before(self, end: int, consumer: Any, timing: Timing) -> Any:
        """Return the last message of the transactional id before an offset, or None."""
        from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415

        key, found = self.transactional_id.encode(), None
        until = timing.monotonic() + self.timeout
        while timing.monotonic() < until:
            message = consumer.poll(POLL_TIMEOUT)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001
                raise KafkaException(error)
            if error is not None or message.offset() >= end:
                return found
            until = timing.monotonic() + self.timeout
            found = message if message.key() == key else found
        raise TimeoutError(f"no answer within {self.timeout:g} s")
