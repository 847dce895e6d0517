"""What the targets of Kafka share: their keys, and a sink that turns records into messages."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field as Key
from pydantic import PlainValidator

from datagen.errors import Path, TargetError
from datagen.formats.encoding import Output, Registration
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.input_files import UnsuitableFileError, check_file
from datagen.one_line import first_line, shortened
from datagen.part import Part
from datagen.spec.record_schema import Specification
from datagen.targets import message_keys
from datagen.targets.base import Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.kafka.schema_registry import SchemaRegistry
from datagen.targets.kafka.timestamps import (
    EVENT_TIME,
    TIMESTAMP,
    TIMESTAMPS,
    instants_of,
    problem_of,
    timestamp_problems,
)
from datagen.targets.message_keys import Label, LabelTemplate, Micros, unknown_fields
from datagen.targets.retry import Timing
from datagen.targets.sink import Sink
from datagen.validation import (
    Positive,
    Secret,
    UnicodeText,
    invalid_value,
    names_of,
    quoted,
)

PORT = 9092
_POLL_EVERY = 500  # messages between two polls for answers
_LONGEST_LINE = 300  # characters of a message of a client that are shown
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_PRIVATE = re.compile(r"pass|secret|token|key|pem|cred|jaas", re.IGNORECASE)
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[\w.-]{1,253})(?::(\d{1,5}))?")

Headers = list[tuple[str, str | bytes | None]]
Message = tuple[str, bytes | None, bytes, int, Headers | None]
"""Topic, key, value, milliseconds since 1970, headers."""


def with_port(value: str) -> str:
    """Return a list of brokers such as `one:9092, other` with every port. Raises for what is none."""
    found = []
    for part in value.split(","):
        match = _SERVER.fullmatch(part.strip())
        port = int(match[2] or PORT) if match else 0
        if match is None or not 1 <= port <= 65_535:
            what = "a text with an @" if "@" in value else quoted(value)
            raise invalid_value(f'expected "host:port", or several separated by commas, not {what}')
        found.append(f"{match[1]}:{port}")
    return ",".join(found)


def _fields(value: Any) -> tuple[str, ...]:
    """Check the name of a field, or a list of them."""
    return names_of(value, "a field")


Fields = Annotated[tuple[str, ...], PlainValidator(_fields)]
Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER"]
Compression = Literal["none", "gzip", "snappy", "lz4", "zstd"]


class MessageTarget(Target):
    """The base of both Kafka targets: how to connect and authenticate, and what a message is made of."""

    topic: UnicodeText
    topic_key: Fields | None = None
    headers: dict[str, UnicodeText] = Key(default_factory=dict, repr=False)
    timestamp: UnicodeText = EVENT_TIME  # or that, or a field
    security_protocol: Security = "PLAINTEXT"
    sasl_mechanism: Mechanism = "PLAIN"
    username: str | None = Key(default=None, repr=False)
    password: Secret | None = None
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    compression_type: Compression = "none"
    timeout: Positive = 30.0
    options: dict[str, Any] = Key(default_factory=dict, repr=False)
    part_keys: ClassVar[tuple[str, ...]] = ("topic",)

    @property
    def name(self) -> str:
        """Return the name of the target in messages."""
        raise NotImplementedError

    def configuration(self) -> dict[str, Any]:
        """Return the client's own configuration."""
        raise NotImplementedError

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from _topic_problems(self.topic)
        for name, text in self.headers.items():
            try:
                LabelTemplate(text)
            except ValueError as error:
                yield ("headers", name), str(error)
        sasl = self.security_protocol.startswith("SASL")
        if sasl and self.sasl_mechanism not in ("GSSAPI", "OAUTHBEARER"):
            for key in ("username", "password"):
                if getattr(self, key) is None:
                    text = f'missing; security_protocol "{self.security_protocol}" needs it'
                    yield (key,), text

    def of_part(self, part: Part, fields: Container[str] = ()) -> Self:
        found = super().of_part(part)
        return found.model_copy(update={"topic": self.topic}) if "part" in fields else found

    def labels(self) -> Mapping[str, Label]:
        found: dict[str, Label] = {}
        if self.topic_key is not None:
            found["key"] = message_keys.Key(self.topic_key)
        if _fields_of(self.topic):
            found["topic"] = LabelTemplate(self.topic)
        if self.timestamp not in TIMESTAMPS:
            found[TIMESTAMP] = Micros(self.timestamp)
        return found | {
            _header_label(name): LabelTemplate(text) for name, text in self.headers.items()
        }

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        paths: dict[str, Path] = {"key": ("topic_key",), "topic": ("topic",)}
        paths |= {_header_label(name): ("headers", name) for name in self.headers}
        for name, label in self.labels().items():
            for text in unknown_fields(label, spec) if name != TIMESTAMP else ():
                yield paths[name], text
        yield from timestamp_problems(self.timestamp, spec)

    def accepted(self) -> Accepted:
        one_topic = self.constant_topic() is not None
        return Accepted(Output.LINES | (Output.MESSAGES if one_topic else Output.ROUTED_MESSAGES))

    def redacted(self, text: object) -> str:
        """Return the first line of a client's message, shortened, without secrets."""
        secrets = [self.password.get_secret_value()] if self.password else []
        secrets += [str(self.options[name]) for name in self.options if _PRIVATE.search(name)]
        found = {form for each in secrets for form in (each, repr(each)[1:-1]) if each}
        message = str(text) or type(text).__name__
        for each in sorted(found, key=len, reverse=True):  # before a part of one is cut off
            message = message.replace(each, "***")
        return shortened(first_line(message) or type(text).__name__, _LONGEST_LINE)

    def check_files(self) -> None:
        """Raise TargetError where a file for TLS cannot be read."""
        for path in (self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile):
            if path is not None and self.security_protocol.endswith("SSL"):
                try:
                    check_file(path)
                except UnsuitableFileError as error:
                    raise TargetError(self.name, f"{path}: {error}") from error
                except OSError as error:
                    raise TargetError(self.name, f"{path}: {error.strerror}") from error

    def constant_topic(self) -> str | None:
        """Return the topic where all records have the same."""
        return None if _fields_of(self.topic) else _without_braces(self.topic)


class MessageSink(Sink):
    """Sends one message after the other, and counts those that are acknowledged.

    The run ends when a message fails, or when none is acknowledged for the target's `timeout`.
    """

    def __init__(self, target: MessageTarget, timing: Timing | None = None) -> None:
        super().__init__()
        self.name, self.target, self.timing = target.name, target, timing or Timing()
        self.reason = ""  # why the first of the failed ones failed
        self._topic = target.constant_topic()
        self._valid_topics: set[str] = set()
        self._acknowledged_prefix = 0  # messages acknowledged when none was unanswered
        self._last_answered, self._progressed_at = 0, self.timing.monotonic()
        target.check_files()
        self._prefix: bytes | None = None  # of each value, once the schema is registered

    def send(self, message: Message) -> None:
        """Queue a message at the client; wait while its queue is full."""
        raise NotImplementedError

    def poll_answers(self) -> None:
        """Count the messages that have an answer by now."""
        raise NotImplementedError

    def write(self, records: Rendered) -> None:
        if self._prefix is None:
            self._prefix = self._register_schema(records.payload.encoding.registration)
        if problem := problem_of(instants_of(records, self.target.timestamp)):
            self.count_failed(problem)
            self.raise_failure()
        if not self.outstanding():
            self._progressed_at = self.timing.monotonic()  # until now no answer was due
        send, valid_topics = self.send, self._valid_topics
        for place, message in enumerate(self._messages(records)):
            if message[0] not in valid_topics:
                self._check_topic(message[0])
            send(message)
            if place % _POLL_EVERY == 0:
                self.poll_answers()
                self.raise_failure()
                self.commit_if_due()
        self.poll_answers()
        self.raise_failure()

    def flush(self) -> None:
        self.poll_answers()
        self.raise_failure()
        self.commit_if_due()

    def commit_if_due(self) -> None:
        """Commit an open transaction before it times out; the client has all that was written."""

    def await_acknowledgements(self) -> None:
        """Wait until every message is answered. Raises TargetError."""
        raise NotImplementedError

    def sync(self) -> None:
        self.await_acknowledgements()

    def close(self) -> None:
        try:
            self.await_acknowledgements()
        finally:
            self._close_client()
        self.raise_failure()

    def position(self) -> Position:
        """Return the last known position up to which all messages are acknowledged."""
        if not self.outstanding() and not self.failed:
            self._acknowledged_prefix = self.delivered
        return Position(self.records_before + self._acknowledged_prefix)

    def count_delivered(self, size: int) -> None:
        """Count a message that was delivered, of so many bytes."""
        self.delivered += 1
        self.bytes += size

    def count_failed(self, reason: object) -> None:
        """Count a message that failed."""
        self.failed += 1
        self.reason = self.reason or self.target.redacted(reason)

    def raise_failure(self) -> None:
        """Raise TargetError where a message failed, or none was acknowledged within the timeout."""
        if not self.failed and self._timed_out():
            self.reason = (
                f"no acknowledgement within {self.target.timeout:g} s{self.connection_error()}"
            )
        if self.reason:
            raise self.error(self.reason)

    def error(self, reason: str) -> TargetError:
        """Return the error that ends the run."""
        return TargetError(self.name, reason, self.delivered, self.failed)

    def answered_count(self) -> int:
        """Return how many messages have an answer, good or bad."""
        return self.delivered + self.failed

    def outstanding(self) -> int:
        """Return how many messages have no answer yet."""
        raise NotImplementedError

    def connection_error(self) -> str:
        """Return the last error of the client's connections, in parentheses, if any."""
        return ""

    def _close_client(self) -> None:
        """Close the client, in a limited time; count as failed what it had sent without an answer."""

    def _register_schema(self, registration: Registration | None) -> bytes:
        """Return the bytes before each value: the id of a registered schema, if any. Raises TargetError."""
        if registration is None:
            return b""
        registry = SchemaRegistry(registration, self.target.timeout, self.timing)
        return registry.message_prefix(registration.subject or f"{self._topic}-value")

    def _check_topic(self, topic: str) -> None:
        """Raise TargetError for a topic that no broker takes messages for."""
        if not _TOPIC.fullmatch(topic):
            self.count_failed("the topic name of a record is empty or invalid")
            self.raise_failure()
        self._valid_topics.add(topic)

    def _timed_out(self) -> bool:
        now, answered = self.timing.monotonic(), self.answered_count()
        if answered != self._last_answered or not self.outstanding():
            self._last_answered, self._progressed_at = answered, now
        return now - self._progressed_at > self.target.timeout

    def _messages(self, records: Rendered) -> Iterator[Message]:
        count = len(records)
        topics = records.labels.get("topic")
        texts = records.labels.get("key")
        keys = [None if key is None else key.encode() for key in texts or ()]
        return zip(
            repeat(self._topic or "", count) if topics is None else (each or "" for each in topics),
            keys if texts else repeat(None, count),
            _values(records.as_bytes(), self._prefix or b""),
            (instants_of(records, self.target.timestamp) // 1000).tolist(),
            self._headers(records),
            strict=True,
        )

    def _headers(self, records: Rendered) -> Iterator[Headers | None]:
        names = [name for name in records.labels if name.startswith("header ")]
        if not names:
            return repeat(None, len(records))
        rows = zip(*(records.labels[name] for name in names), strict=True)
        return (
            [
                (name[7:], text.encode())
                for name, text in zip(names, texts, strict=True)
                if text is not None
            ]
            for texts in rows
        )


def missing_package(name: str, package: str) -> TargetError:
    """Return the error for a client that is not installed."""
    return TargetError(name, f"the package is missing: pip install {package}")


def unreachable(target: MessageTarget, last_error: str) -> TargetError:
    """Return the error for brokers that cannot be reached; `last_error` is the client's, or empty."""
    why = f" ({target.redacted(last_error)})" if last_error else ""
    return TargetError(target.name, f"no broker within {target.timeout:g} s{why}", 0)


def topic_name(value: str) -> str:
    """Check the name of a topic."""
    if not _TOPIC.fullmatch(value):
        wanted = "at most 249 letters, digits, dots, underscores and dashes"
        raise invalid_value(f"expected {wanted}, not {quoted(value)}")
    return value


def _topic_problems(topic: str) -> Iterator[tuple[Path, str]]:
    try:
        if not _fields_of(topic):
            topic_name(_without_braces(topic))
    except ValueError as error:
        yield ("topic",), str(error)


def _fields_of(text: str) -> list[str]:
    return list(LabelTemplate(text).fields())


def _without_braces(text: str) -> str:
    """Return a text without fields, its braces single."""
    return text.replace("{{", "{").replace("}}", "}")


def _header_label(header: str) -> str:
    return f"header {header}"


def _values(records: RecordBytes, prefix: bytes) -> Sequence[bytes]:
    """Return each record without its newline, after a prefix."""
    data, ends = records.data.tobytes(), records.ends
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    last = np.frombuffer(data, np.uint8)[ends - 1] if data else ends
    newline = (last == 10) & (ends > starts) & records.encoding.has_newline
    stops = (ends - newline).tolist()
    values = [data[start:stop] for start, stop in zip(starts.tolist(), stops, strict=True)]
    return [prefix + value for value in values] if prefix else values
