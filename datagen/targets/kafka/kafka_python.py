"""A Kafka broker, by the client `kafka-python`."""

import logging
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Annotated, Any, BinaryIO, Literal, Self

from pydantic import AfterValidator

from datagen.errors import TargetError
from datagen.targets.base import TARGETS
from datagen.targets.kafka.base import (
    Message,
    MessageSink,
    MessageTarget,
    Security,
    missing_package,
    unreachable,
    with_port,
)
from datagen.targets.retry import Timing
from datagen.targets.sink import Sink
from datagen.validation import Name

_LOG = logging.getLogger("kafka")
_MAX_PENDING = 10_000  # records on their way; the client's own queue has no end
_POLL_TIMEOUT = 0.1  # seconds that are waited at once, so that signals are handled
CLOSE_TIMEOUT = 5.0  # seconds that the client has to end
_CODECS = {"snappy": "python-snappy", "lz4": "lz4", "zstd": "zstandard"}


@TARGETS.register
class KafkaTarget(MessageTarget):
    """Sends each record as a message, and counts it when the brokers have acknowledged it."""

    type: Literal["kafka"] = "kafka"
    endpoint: Annotated[Name, AfterValidator(with_port)]
    security_protocol: Security = "PLAINTEXT"

    @classmethod
    def hint(cls, key: str, known: Iterable[str]) -> str:
        ours = key not in ("transactional_id", "checkpoint_topic")
        return super().hint(key, known) if ours else '; the target type "confluent" has it'

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return KafkaSink(self)

    @property
    def name(self) -> str:
        return f"{self.type} {self.endpoint}"

    def configuration(self) -> dict[str, Any]:
        milliseconds = round(self.timeout * 1000)
        found: dict[str, Any] = {
            "bootstrap_servers": self.endpoint.split(","),
            "security_protocol": self.security_protocol,
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": 20,
            "batch_size": 256 << 10,
            "bootstrap_timeout_ms": milliseconds,
            "max_block_ms": milliseconds,
            "delivery_timeout_ms": max(300_000, 4 * milliseconds),
            "request_timeout_ms": min(30_000, milliseconds),
            "compression_type": None if self.compression_type == "none" else self.compression_type,
        }
        if self.security_protocol.startswith("SASL") and self.password is not None:
            found["sasl_mechanism"] = self.sasl_mechanism
            found["sasl_plain_username"] = self.username
            found["sasl_plain_password"] = self.password.get_secret_value()
        for key in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            if getattr(self, key) is not None:
                found[key] = getattr(self, key)
        return found | self.options


class KafkaSink(MessageSink):
    """A producer of kafka-python, with a limit on what is on its way."""

    def __init__(self, target: KafkaTarget, timing: Timing | None = None) -> None:
        super().__init__(target, timing)
        self._pending: deque[tuple[Any, int]] = deque()
        try:
            from kafka import KafkaProducer  # noqa: PLC0415
        except ImportError as error:
            raise missing_package(self.name, "kafka-python") from error
        _check_codec(self.name, target.compression_type)
        self._producer = self._connect(target, KafkaProducer)

    def send(self, message: Message) -> None:
        topic, key, value, milliseconds, headers = message
        while len(self._pending) >= _MAX_PENDING:
            self._wait()
        try:
            future = self._producer.send(topic, value, key, headers, timestamp_ms=milliseconds)
        except Exception as error:  # noqa: BLE001 - whatever the client has against a record
            self.count_failed(error)
            self.raise_failure()
        else:
            self._pending.append((future, len(value)))

    def poll_answers(self) -> None:
        while self._pending and self._pending[0][0].is_done:
            future, size = self._pending.popleft()
            if future.succeeded():
                self.count_delivered(size)
            else:
                self.count_failed(future.exception)

    def outstanding(self) -> int:
        return len(self._pending)

    def await_acknowledgements(self) -> None:
        while self._pending and not self.reason:
            self._wait()

    def _connect(self, target: KafkaTarget, client: type) -> Any:
        """Return a client that has found a broker. Raises TargetError.

        It is made in another thread: a broker that does not answer a TLS handshake would block
        forever.
        """
        future: Future[Any] = Future()

        def make() -> None:
            try:
                future.set_result(client(**target.configuration()))
            except BaseException as error:  # noqa: BLE001 - it is raised below
                future.set_exception(error)

        with _ErrorListener() as listener:
            try:
                Thread(target=make, daemon=True).start()
                return future.result(target.timeout)
            except Exception as error:
                if isinstance(error, _configuration_errors()):
                    raise self.error(target.redacted(error)) from error
                raise unreachable(target, listener.last_error or str(error)) from error

    def _wait(self) -> None:
        """Wait a moment for the oldest message, which slows the run down to the broker's pace."""
        with suppress(Exception):  # its result is counted below
            self._pending[0][0].get(timeout=_POLL_TIMEOUT)
        self.poll_answers()
        self.raise_failure()

    def _close_client(self) -> None:
        """Close the client; what nobody will answer any more has failed.

        Its own `close` waits for all answers first, and stays open when they do not come.
        """
        sender = getattr(self._producer, "_sender", None)
        if self._pending and sender is not None:
            sender.force_close()
            sender.join(CLOSE_TIMEOUT)
        with suppress(Exception):
            self._producer.close(timeout=CLOSE_TIMEOUT)
        waiting = self._pending
        self._pending = deque(each for each in waiting if each[0].is_done)
        self.poll_answers()
        self._pending = deque(each for each in waiting if not each[0].is_done)


class _ErrorListener(logging.Handler):
    """Keeps the last error that the client logs, while it is open; nothing of its log is shown."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last_error = ""

    def __enter__(self) -> Self:
        _LOG.propagate = False
        _LOG.setLevel(logging.ERROR)
        _LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _LOG.setLevel(logging.CRITICAL + 1)
        _LOG.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error, but not the timeout that follows from it."""
        for each in record.args if isinstance(record.args, tuple) else ():
            if isinstance(each, Exception) and type(each).__name__ != "KafkaTimeoutError":
                self.last_error = str(each)


def _configuration_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are raised for a wrong configuration, not for a broker."""
    from kafka.errors import KafkaConfigurationError  # noqa: PLC0415

    return AssertionError, TypeError, ValueError, KafkaConfigurationError


def _check_codec(name: str, compression: str) -> None:
    from kafka import codec  # noqa: PLC0415

    package = _CODECS.get(compression)
    if package is not None and not getattr(codec, f"has_{compression}")():
        raise TargetError(name, f"{compression} needs a package: pip install {package}")
