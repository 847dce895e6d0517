"""Confluent Cloud, or any Kafka broker, by the client `confluent-kafka`."""

import logging
from collections.abc import Callable, Iterator
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import AfterValidator

from datagen.errors import Path, TargetError
from datagen.targets.base import TARGETS, Sink
from datagen.targets.delivered import Position
from datagen.targets.kafka.base import (
    Message,
    MessageSink,
    MessageTarget,
    Security,
    topic_name,
    unreachable,
    with_port,
)
from datagen.targets.retry import Timing
from datagen.validation import Name, quoted

_LOG = logging.getLogger("datagen.confluent")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
SHORT = 0.1  # seconds that one call of the client may take, so that signals are heard
CLOSE_TIMEOUT = 5.0  # seconds for the answers to what is on its way when a record has failed


@TARGETS.register
class ConfluentTarget(MessageTarget):
    """Sends each record as a message, and counts it when the brokers have acknowledged it."""

    type: Literal["confluent"] = "confluent"
    servers: Annotated[Name, AfterValidator(with_port)]
    security_protocol: Security = "SASL_SSL"
    transactional_id: Name | None = None
    checkpoint_topic: Annotated[str, AfterValidator(topic_name)] | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if "transactional.id" in self.options:
            yield ("options", "transactional.id"), "is the key transactional_id of the target"
        if self.transactional_id is None and self.checkpoint_topic is not None:
            yield ("checkpoint_topic",), "means nothing without transactional_id"
        try:
            topic_name(self.checkpoints)
        except ValueError:
            text = f'missing; "{quoted(self.checkpoints)[1:-1]}" is no name of a topic'
            yield ("checkpoint_topic",), text
        if self.transactional_id is not None and self.constant_topic() == self.checkpoints:
            yield ("checkpoint_topic",), "is the topic of the records"

    @property
    def transactional(self) -> bool:
        return self.transactional_id is not None

    @property
    def checkpoints(self) -> str:
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

    def recall(self) -> bytes | None:
        from datagen.targets.kafka.transactions import TransactionalSink  # noqa: PLC0415 - made of this

        sink = TransactionalSink(self)
        sink.close()
        return sink.last

    def open(self, stdout: BinaryIO) -> Sink:
        return self.reopen(stdout, Position())

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        from datagen.targets.kafka.transactions import TransactionalSink  # noqa: PLC0415 - made of this

        del stdout
        if self.transactional:
            return TransactionalSink(self).going_on(at)
        sink = ConfluentSink(self)
        sink.before = at.records
        return sink

    def configuration(self) -> dict[str, Any]:
        """Return the client's own configuration."""
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


class ConfluentSink(MessageSink):
    """A producer of librdkafka, which batches, retries and orders by itself."""

    def __init__(self, target: ConfluentTarget, timing: Timing | None = None) -> None:
        super().__init__(f"confluent {target.servers}", target, timing)
        self._said = ""
        self._hopeless = False
        try:
            from confluent_kafka import KafkaError, KafkaException, Producer  # noqa: PLC0415
        except ImportError as error:
            raise TargetError(
                f"{self.name}: the package is missing: pip install confluent-kafka"
            ) from error
        self._errors, self._refusal = KafkaError, KafkaException
        try:
            self._producer = Producer(
                target.configuration() | {"error_cb": self._told}, logger=_LOG
            )
        except (KafkaException, TypeError, ValueError) as error:
            raise self.error(target.cleaned(words(error))) from error
        self._produce, self._answer = self._producer.produce, self._answered
        self._reach()

    def send(self, message: Message) -> None:
        topic, key, value, milliseconds, headers = message
        while True:
            try:
                self._produce(
                    topic, value, key, on_delivery=self._answer, timestamp=milliseconds,
                    headers=headers,
                )  # fmt: skip
            except BufferError:
                self._ask(self._producer.poll, SHORT)
                self.check()
            except Exception as error:  # noqa: BLE001 - whatever the client has against a record
                self.turned_away(error)
                self.check()
            else:
                return

    def serve(self) -> None:
        self._ask(self._producer.poll, 0)

    def outstanding(self) -> int:
        return len(self._producer)

    def trouble(self) -> str:
        return f" ({self.target.cleaned(self._said)})" if self._said else ""

    def settle(self) -> None:
        while len(self._producer) and not self.reason:
            self._ask(self._producer.flush, SHORT)
            self.check()

    def turned_away(self, error: Exception) -> None:
        """Count a message that the client does not take."""
        self.refused(self.cause(error))

    def cause(self, error: Any) -> str:
        """Say why the client refuses something, or why a message failed."""
        return words(error)

    def close(self) -> None:
        try:
            self.settle()
        finally:
            self._close_client()
        self.check()

    def _close_client(self) -> None:
        """Return up what has no answer: what is on its way has failed, the rest was never sent."""
        until = self.timing.monotonic() + CLOSE_TIMEOUT
        self._producer.purge(in_queue=True, in_flight=False, blocking=False)
        while self.failed and len(self._producer) and self.timing.monotonic() < until:
            self._ask(self._producer.flush, SHORT)
        self._producer.purge(in_queue=True, in_flight=True, blocking=False)
        self._ask(self._producer.flush, SHORT)

    def _ask(self, step: Callable[[float], object], seconds: float) -> None:
        """Let the client work; it raises what has put an end to it."""
        try:
            step(seconds)
        except self._refusal as error:
            self.reason = self.reason or self.target.cleaned(self.cause(error))

    def _reach(self) -> None:
        """Ask for the brokers until one answers. Raises TargetError."""
        until = self.timing.monotonic() + self.target.timeout
        while not self._hopeless and self.timing.monotonic() < until:
            try:
                self._producer.list_topics(timeout=min(1.0, self.target.timeout))
            except self._refusal as error:
                self._said = self._said or words(error)
                self._producer.poll(0)
            else:
                self._said = ""
                return
        raise unreachable(self.target, self.name, self._said)

    def _answered(self, error: Any, message: Any) -> None:
        if error is None:
            self.delivered += 1
            self.bytes += len(message)
        elif error.code() != self._errors._PURGE_QUEUE:  # noqa: SLF001
            self.refused(self.cause(error))

    def _told(self, error: Any) -> None:
        """Remember what the client says of its connections."""
        if error.code() != self._errors._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._said = words(error)
        self._hopeless = error.code() in (
            self._errors._AUTHENTICATION,  # noqa: SLF001
            self._errors._SSL,  # noqa: SLF001
        )


def words(error: Any) -> str:
    """Return what an error of the client says, without its code."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    return str(inner.str() if hasattr(inner, "str") else inner) or type(inner).__name__
