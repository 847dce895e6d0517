"""Confluent Cloud, or any Kafka broker, by the client `confluent-kafka`."""

import logging
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import AfterValidator

from datagen.errors import TargetError
from datagen.schema import Name
from datagen.targets.base import TARGETS, Sink
from datagen.targets.messages import (
    Message,
    MessageSink,
    MessageTarget,
    Security,
    unreachable,
    with_port,
)
from datagen.targets.patience import Timing

_LOG = logging.getLogger("datagen.confluent")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
_SHORT = 0.1  # seconds that one call of the client may take, so that signals are heard
_PARTING = 5.0  # seconds for the answers to what is on its way when a record has failed


@TARGETS.register
class ConfluentTarget(MessageTarget):
    """Sends each record as a message, and counts it when the brokers have acknowledged it."""

    type: Literal["confluent"] = "confluent"
    servers: Annotated[Name, AfterValidator(with_port)]
    security_protocol: Security = "SASL_SSL"

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return ConfluentSink(self)

    def configuration(self) -> dict[str, Any]:
        """Give the client's own configuration."""
        found: dict[str, Any] = {
            "bootstrap.servers": self.servers,
            "security.protocol": self.security_protocol,
            "enable.idempotence": True,
            "linger.ms": 20,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 100_000,
            "queue.buffering.max.kbytes": 64 << 10,
            "message.timeout.ms": max(300_000, round(4000 * self.timeout)),
            "compression.type": self.compression_type,
            "partitioner": "murmur2_random",  # as other clients; an empty text is a key, too
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
        return found | self.options


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
        self._errors = KafkaError
        try:
            self._producer = Producer(
                target.configuration() | {"error_cb": self._told}, logger=_LOG
            )
        except (KafkaException, TypeError, ValueError) as error:
            raise self.error(target.cleaned(_words(error))) from error
        self._produce, self._answer = self._producer.produce, self._answered
        self._reach(KafkaException)

    def send(self, message: Message) -> None:
        topic, key, value, milliseconds, headers = message
        while True:
            try:
                self._produce(
                    topic, value, key, on_delivery=self._answer, timestamp=milliseconds,
                    headers=headers,
                )  # fmt: skip
            except BufferError:
                self._producer.poll(_SHORT)
                self.check()
            except Exception as error:  # noqa: BLE001 - whatever the client has against a record
                self.refused(_words(error))
                self.check()
            else:
                return

    def serve(self) -> None:
        self._producer.poll(0)

    def outstanding(self) -> int:
        return len(self._producer)

    def trouble(self) -> str:
        return f" ({self.target.cleaned(self._said)})" if self._said else ""

    def close(self) -> None:
        try:
            while len(self._producer) and not self.reason:
                self._producer.flush(_SHORT)
                self.check()
        finally:
            self._part()
        self.check()

    def _part(self) -> None:
        """Give up what has no answer: what is on its way has failed, the rest was never sent."""
        until = self.timing.monotonic() + _PARTING
        self._producer.purge(in_queue=True, in_flight=False, blocking=False)
        while self.failed and len(self._producer) and self.timing.monotonic() < until:
            self._producer.flush(_SHORT)
        self._producer.purge(in_queue=True, in_flight=True, blocking=False)
        self._producer.flush(_SHORT)

    def _reach(self, refusal: type[Exception]) -> None:
        """Ask for the brokers until one answers. Raises TargetError."""
        until = self.timing.monotonic() + self.target.timeout
        while not self._hopeless and self.timing.monotonic() < until:
            try:
                self._producer.list_topics(timeout=min(1.0, self.target.timeout))
            except refusal as error:
                self._said = self._said or _words(error)
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
            self.refused(_words(error))

    def _told(self, error: Any) -> None:
        """Remember what the client says of its connections."""
        if error.code() != self._errors._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._said = _words(error)
        self._hopeless = error.code() in (
            self._errors._AUTHENTICATION,  # noqa: SLF001
            self._errors._SSL,  # noqa: SLF001
        )


def _words(error: Any) -> str:
    """Give what an error of the client says, without its code."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    return str(inner.str() if hasattr(inner, "str") else inner) or type(inner).__name__
