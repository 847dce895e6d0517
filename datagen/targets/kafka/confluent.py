"""Confluent Cloud, or any Kafka broker, by the client `confluent-kafka`."""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, ClassVar, Literal

from pydantic import AfterValidator

from datagen.errors import Path
from datagen.part import WHOLE, Part
from datagen.targets.base import TARGETS
from datagen.targets.delivered import Position
from datagen.targets.kafka.base import MessageTarget, Security, topic_name, with_port
from datagen.targets.kafka.checkpoint_topic import CheckpointTopic
from datagen.targets.kafka.confluent_sink import ConfluentSink
from datagen.targets.kafka.transactions import TransactionalSink
from datagen.targets.retry import Timing
from datagen.targets.sink import Sink
from datagen.validation import Name, quoted


@TARGETS.register
class ConfluentTarget(MessageTarget):
    """Sends each record as a message, and counts it when the brokers have acknowledged it."""

    type: Literal["confluent"] = "confluent"
    servers: Annotated[Name, AfterValidator(with_port)]
    security_protocol: Security = "SASL_SSL"
    transactional_id: Name | None = None
    checkpoint_topic: Annotated[str, AfterValidator(topic_name)] | None = None
    part_keys: ClassVar[tuple[str, ...]] = ("topic", "transactional_id")

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if "transactional.id" in self.options:
            yield ("options", "transactional.id"), "is the key transactional_id of the target"
        if self.transactional_id is None and self.checkpoint_topic is not None:
            yield ("checkpoint_topic",), "needs transactional_id"
        try:
            topic_name(WHOLE.in_name(self.topic_of_checkpoints))
        except ValueError:
            text = f'missing; "{quoted(self.topic_of_checkpoints)[1:-1]}" is not a topic name'
            yield ("checkpoint_topic",), text
        if self.transactional_id is not None and self.constant_topic() == self.topic_of_checkpoints:
            yield ("checkpoint_topic",), "is the topic of the records"

    def part_mistakes(self) -> Iterator[tuple[Path, str]]:
        if self.transactional_id is not None and not Part.is_in_name(self.transactional_id):
            yield (
                ("transactional_id",),
                "one part would take over from another; with {part} in it each has its own",
            )

    @property
    def transactional(self) -> bool:
        return self.transactional_id is not None

    @property
    def topic_of_checkpoints(self) -> str:
        """Return the topic of the checkpoints."""
        return self.checkpoint_topic or f"{self.transactional_id}-checkpoints"

    @property
    def identity(self) -> str:
        of = (
            ""
            if self.transactional_id is None
            else f' with transactional_id "{self.transactional_id}"'
        )
        return f"{self.type}{of}"

    @property
    def name(self) -> str:
        return f"{self.type} {self.servers}"

    def last_checkpoint(self) -> bytes | None:
        sink = self.transactional_sink()
        sink.close()
        return sink.last

    def open(self, stdout: BinaryIO) -> Sink:
        return self.reopen(stdout, Position())

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        del stdout
        if self.transactional:
            return self.transactional_sink().resume_at(at)
        sink = ConfluentSink(self)
        sink.records_before = at.records
        return sink

    def transactional_sink(self, timing: Timing | None = None) -> TransactionalSink:
        """Open a sink that commits transactions. Raises TargetError."""
        connection = self.connection() | self.options
        topic = CheckpointTopic(
            self.topic_of_checkpoints, str(self.transactional_id), connection, self.timeout
        )
        return TransactionalSink(self, topic, timing)

    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "enable.idempotence": True,
            "linger.ms": 20,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 100_000,
            "queue.buffering.max.kbytes": 64 << 10,
            "message.timeout.ms": max(300_000, round(4000 * self.timeout)),
            "compression.type": self.compression_type,
            "partitioner": "murmur2_random",  # as other clients; an empty text is a key, too
        }
        if self.transactional_id is not None:
            found["transactional.id"] = self.transactional_id
            found["transaction.timeout.ms"] = 60_000
            del found["message.timeout.ms"]  # the client ends it with the transaction
        return self.connection() | found | self.options

    def connection(self) -> dict[str, Any]:
        """Return the part of it that leads to the brokers."""
        found: dict[str, Any] = {
            "bootstrap.servers": self.servers,
            "security.protocol": self.security_protocol,
            "log.connection.close": False,
        }
        if self.security_protocol.startswith("SASL") and self.password is not None:
            found["sasl.mechanism"] = self.sasl_mechanism
            found["sasl.username"] = self.username
            found["sasl.password"] = self.password.get_secret_value()
        for key, name in (
            ("ssl_cafile", "ssl.ca.location"),
            ("ssl_certfile", "ssl.certificate.location"),
            ("ssl_keyfile", "ssl.key.location"),
        ):
            if getattr(self, key) is not None:
                found[name] = getattr(self, key)
        return found
