"""Sends messages by the client `confluent-kafka`, a producer of librdkafka."""

from collections.abc import Callable
from typing import Any

from datagen.targets.kafka.base import (
    Message,
    MessageSink,
    MessageTarget,
    missing_package,
    unreachable,
)
from datagen.targets.kafka.librdkafka import LOG, POLL_TIMEOUT, client_message
from datagen.targets.retry import Timing

CLOSE_TIMEOUT = 5.0  # seconds for the answers to what is on its way when a record has failed


class ConfluentSink(MessageSink):
    """A producer of librdkafka, which batches, retries and orders by itself."""

    def __init__(self, target: MessageTarget, timing: Timing | None = None) -> None:
        super().__init__(target, timing)
        self._last_error = ""
        self._unreachable_for_good = False
        try:
            from confluent_kafka import KafkaError, KafkaException, Producer  # noqa: PLC0415
        except ImportError as error:
            raise missing_package(self.name, "confluent-kafka") from error
        self._errors, self._refusal = KafkaError, KafkaException
        try:
            self._producer = Producer(
                target.configuration() | {"error_cb": self._on_client_error}, logger=LOG
            )
        except (KafkaException, TypeError, ValueError) as error:
            raise self.error(target.redacted(client_message(error))) from error
        self._produce, self._callback = self._producer.produce, self._on_delivery
        self._connect()

    def send(self, message: Message) -> None:
        topic, key, value, milliseconds, headers = message
        while True:
            try:
                self._produce(
                    topic, value, key, on_delivery=self._callback, timestamp=milliseconds,
                    headers=headers,
                )  # fmt: skip
            except BufferError:
                self._call(self._producer.poll, POLL_TIMEOUT)
                self.raise_failure()
            except Exception as error:  # noqa: BLE001 - whatever the client has against a record
                self.on_rejected(error)
                self.raise_failure()
            else:
                return

    def poll_answers(self) -> None:
        self._call(self._producer.poll, 0)

    def outstanding(self) -> int:
        return len(self._producer)

    def connection_error(self) -> str:
        return f" ({self.target.redacted(self._last_error)})" if self._last_error else ""

    def await_acknowledgements(self) -> None:
        while len(self._producer) and not self.reason:
            self._call(self._producer.flush, POLL_TIMEOUT)
            self.raise_failure()

    def on_rejected(self, error: Exception) -> None:
        """Count a message that the client does not take."""
        self.count_failed(self.reason_of(error))

    def reason_of(self, error: Any) -> str:
        """Return why the client refuses something, or why a message failed."""
        return client_message(error)

    def _close_client(self) -> None:
        """Drop what has no answer: what is in flight has failed, the rest was never sent."""
        until = self.timing.monotonic() + CLOSE_TIMEOUT
        self._producer.purge(in_queue=True, in_flight=False, blocking=False)
        while self.failed and len(self._producer) and self.timing.monotonic() < until:
            self._call(self._producer.flush, POLL_TIMEOUT)
        self._producer.purge(in_queue=True, in_flight=True, blocking=False)
        self._call(self._producer.flush, POLL_TIMEOUT)

    def _call(self, step: Callable[[float], object], seconds: float) -> None:
        """Call the client, and note a fatal error that it raises."""
        try:
            step(seconds)
        except self._refusal as error:
            self.reason = self.reason or self.target.redacted(self.reason_of(error))

    def _connect(self) -> None:
        """Request metadata until a broker answers. Raises TargetError."""
        until = self.timing.monotonic() + self.target.timeout
        while not self._unreachable_for_good and self.timing.monotonic() < until:
            try:
                self._producer.list_topics(timeout=min(1.0, self.target.timeout))
            except self._refusal as error:
                self._last_error = self._last_error or client_message(error)
                self._producer.poll(0)
            else:
                self._last_error = ""
                return
        raise unreachable(self.target, self._last_error)

    def _on_delivery(self, error: Any, message: Any) -> None:
        if error is None:
            self.delivered += 1
            self.bytes += len(message)
        elif error.code() != self._errors._PURGE_QUEUE:  # noqa: SLF001
            self.count_failed(self.reason_of(error))

    def _on_client_error(self, error: Any) -> None:
        """Remember an error of the client's connections."""
        if error.code() != self._errors._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._last_error = client_message(error)
        self._unreachable_for_good = error.code() in (
            self._errors._AUTHENTICATION,  # noqa: SLF001
            self._errors._SSL,  # noqa: SLF001
        )
