"""Sends batches of records to a URL over HTTP, in the envelope of Splunk's Event Collector if asked."""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import BeforeValidator, PlainValidator
from pydantic import Field as Key

from datagen import __version__
from datagen.errors import Path, TargetError
from datagen.formats.rendered import Encoding, RecordBytes, Rendered
from datagen.one_line import first_line, printable
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Target
from datagen.targets.delivered import Position
from datagen.targets.json_answer import top_level_value
from datagen.targets.message_keys import Label, LabelTemplate, name_in_braces, unknown_fields
from datagen.targets.public_address import public_address
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.sink import Sink
from datagen.targets.splunk_hec import LABELS, SplunkEvents, is_refusal
from datagen.targets.tls import ssl_context
from datagen.validation import (
    NonNegative,
    Positive,
    Secret,
    UnicodeText,
    WebAddress,
    invalid_value,
    quoted,
)

if TYPE_CHECKING:
    import httpx

LINGER = 1.0  # seconds that a record waits for a fuller batch at most, while more come
_LONGEST_BODY = 1 << 16  # bytes of an answer in which its first line is looked for
_LONGEST_LINE = 200  # characters of an answer that are shown
_MAX_READ = 4 << 20  # bytes of an answer that are read
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED_HEADERS = {
    "content-type": "use content_type",
    "content-encoding": "use compression",
    "content-length": "it is computed for each batch",
    "transfer-encoding": "it is computed for each batch",
}


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise invalid_value("expected an object of texts")
    return value


def _at_least_one(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid_value(f"expected a whole number of 1 or more, not {quoted(value)}")
    return value


Count = Annotated[int, PlainValidator(_at_least_one)]


@TARGETS.register
class HttpTarget(Target):
    """Sends records in batches; an answer of 2xx that reports no errors acknowledges one."""

    type: Literal["http"] = "http"
    url: WebAddress
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: Annotated[dict[str, Secret], BeforeValidator(_object)] = Key(default_factory=dict)
    content_type: str | None = None
    compression: Literal["none", "gzip"] = "none"
    batch_records: Count = 500
    batch_bytes: Count = 1_000_000
    timeout: Positive = 30.0
    retry_seconds: NonNegative = 60.0
    ssl_cafile: str | None = None
    envelope: Literal["splunk_hec"] | None = None
    host: UnicodeText | None = None
    source: UnicodeText | None = None
    sourcetype: UnicodeText | None = None
    index: UnicodeText | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        seen = set()
        for name, value in self.headers.items():
            ours = _RESERVED_HEADERS.get(name.lower())
            if ours:
                yield ("headers", name), f"cannot be set here: {ours}"
            elif not _HEADER.fullmatch(name):
                yield ("headers", name), "is not a header name"
            elif name.lower() in seen:
                yield ("headers", name), "appears twice"
            elif not _fits_header(value.get_secret_value()):
                yield ("headers", name), "a header is one line of plain characters"
            seen.add(name.lower())
        if name_in_braces(self.url.get_secret_value()):
            yield ("url",), "a name in braces is not replaced in an address"
        if "authorization" in seen and "@" in self.parts.netloc:
            yield ("url",), "contains a user, and headers an Authorization; use only one of them"
        if not _fits_header(self.content_type or ""):
            yield ("content_type",), "a header is one line of plain characters"
        yield from self._label_problems()

    def _label_problems(self) -> Iterator[tuple[Path, str]]:
        for name in LABELS:
            text = getattr(self, name)
            if text is not None and self.envelope is None:
                yield (name,), 'needs "envelope": "splunk_hec"'
            try:
                LabelTemplate(text or "")
            except ValueError as error:
                yield (name,), str(error)

    @property
    def parts(self) -> SplitResult:
        """Return the parts of the address."""
        return urlsplit(self.url.get_secret_value())

    @property
    def name(self) -> str:
        """Return the part of the address that is no secret."""
        return public_address(self.parts)

    @property
    def secrets(self) -> list[str]:
        """Return the texts that must not be shown, the longest first."""
        texts = [value.get_secret_value() for value in self.headers.values()]
        texts += [word for text in texts for word in text.split()[1:]]
        user = [self.parts.username or "", self.parts.password or ""]
        texts += [self.url.get_secret_value(), self.parts.query, *user, *map(unquote, user)]
        texts += [step for step in self.parts.path.split("/") if len(step) > 15]
        return sorted({text for text in texts if len(text) > 3}, key=len, reverse=True)

    def labels(self) -> Mapping[str, Label]:
        texts = {name: getattr(self, name) for name in LABELS}
        return {name: LabelTemplate(text) for name, text in texts.items() if text is not None}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        for key, label in self.labels().items():
            for text in unknown_fields(label, spec):
                yield (key,), text

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return HttpSink(self)


@dataclass(frozen=True)
class Answer:
    """What a server answers: its status (0: no answer), what it says, and its Retry-After in seconds.

    `refused` marks one of success that reports errors.
    """

    status: int
    text: str
    wait: float = 0.0
    refused: bool = False

    @property
    def is_temporary(self) -> bool:
        """Return whether another attempt may succeed."""
        return self.status in (0, 429) or self.status >= 500


class HttpSink(Sink):
    """Buffers records until a batch is full; sends one batch after the other.

    A batch that may have arrived, because its answer was lost, is sent again; one that was refused, though
    its status is one of success, may have arrived in part, and is not.
    """

    def __init__(self, target: HttpTarget, timing: Timing | None = None) -> None:
        super().__init__()
        self._target, self._timing = target, timing or Timing()
        self._client = _client(target)
        self._url = target.url.get_secret_value()
        self._events = SplunkEvents() if target.envelope else None
        self._pending: list[memoryview] = []
        self._records = self._size = 0
        self._encoding = Encoding()
        self._oldest = 0.0  # when the oldest pending record came
        self._has_answered = self._broken = False
        self._refused, self._refusal = 0, ""  # records, and what was said about the first of them

    def write(self, records: Rendered) -> None:
        content = self._events.wrap(records) if self._events else records.as_bytes()
        self._encoding = content.encoding
        first = 0
        while first < len(content):
            last = self._batch_end(content, first)
            self._buffer(content.rows(first, last))
            if last < len(content) or self._records == self._target.batch_records:
                self._send()
            first = last
        if self._records and self._timing.monotonic() - self._oldest >= LINGER:
            self._send()

    def flush(self) -> None:
        if self._records:
            self._send()

    def close(self) -> None:
        try:
            if self._records and not self._broken:
                self._send()
        finally:
            self._client.close()
        if self._refused and not self._broken:
            raise TargetError(self._target.name, self._refusal, self.delivered, self.failed)

    def position(self) -> Position:
        """Return the position after all that was answered: what is refused is not sent again."""
        return Position(self.records_before + self.delivered + self._refused)

    def _batch_end(self, records: RecordBytes, first: int) -> int:
        """Return the end of the records, from `first` on, that the batch has room for; one if it is empty."""
        begin = int(records.ends[first - 1]) if first else 0
        room = begin + self._target.batch_bytes - self._size - len(self._encoding.header)
        last = int(records.ends.searchsorted(room, side="right"))
        last = min(last, first + self._target.batch_records - self._records)
        return max(last, first + (self._records == 0))

    def _buffer(self, records: RecordBytes) -> None:
        if not self._records:
            self._oldest = self._timing.monotonic()
        self._pending.append(records.data)
        self._records += len(records)
        self._size += len(records.data)

    def _send(self) -> None:
        body, count = b"".join([self._encoding.header, *self._pending]), self._records
        if self._target.compression == "gzip":
            body = gzip.compress(body, 6, mtime=0)
        self._pending.clear()
        self._records = self._size = 0
        try:
            answer = self._deliver(body)
        except BaseException:
            self.failed += count
            self._broken = True
            raise
        if answer.refused:
            self._count_refused(count, answer.text)
            return
        self.delivered += count
        self.bytes += len(body)

    def _count_refused(self, count: int, text: str) -> None:
        if not self._refused:
            self._refusal = text
            self.warn(f"{self._target.name}: {text}; a batch with errors counts as failed")
        self._refused += count
        self.failed += count

    def _deliver(self, body: bytes) -> Answer:
        """Send a batch until it is answered with success, and return the answer. Raises TargetError."""
        retries: RetryBudget | None = None
        while True:
            answer = self._attempt(body)
            self._has_answered = self._has_answered or answer.status > 0
            if 200 <= answer.status < 300:
                return answer
            if not answer.is_temporary:
                raise self._error(answer.text)
            if retries is None:
                retries = RetryBudget(self._timing)
                self.warn(f"{self._target.name}: {answer.text}; trying again")
            if not retries.wait(self._retry_limit, answer.wait):
                wait = f", which asks to wait for {answer.wait:,.0f} s" if answer.wait else ""
                raise self._error(f"no success within {self._retry_limit:g} s: {answer.text}{wait}")

    @property
    def _retry_limit(self) -> float:
        """Return how many seconds to retry: less for a server that has never answered."""
        target = self._target
        if self._has_answered:
            return target.retry_seconds
        return min(target.retry_seconds, target.timeout)

    def _attempt(self, body: bytes) -> Answer:
        import httpx  # noqa: PLC0415 - only where it is needed

        try:
            media = {} if self._target.content_type else {"content-type": self._encoding.media_type}
            with self._client.stream(
                self._target.method, self._url, content=body, headers=media
            ) as response:
                return self._answer(response)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise self._error(self._redacted(str(error))) from None
        except httpx.TransportError as error:
            text = str(error) or type(error).__name__
            # httpx tells a certificate that is not trusted from other failures only by the text of ssl
            if "CERTIFICATE_VERIFY_FAILED" in text:
                raise self._error(self._redacted(text)) from None
            return Answer(0, self._redacted(re.sub(r"^\[Errno -?\d+\] ", "", text)))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._error(self._redacted(str(error))) from None

    def _answer(self, response: "httpx.Response") -> Answer:
        status = response.status_code
        text = f"answered {status} {self._redacted(response.reason_phrase)}".rstrip()
        if response.is_redirect:
            return Answer(status, f"{text}; redirects are not followed")
        body = self._drain(response)
        if response.is_success and not self._is_refusal(body):
            return Answer(status, "")
        line = self._redacted(body[:_LONGEST_BODY].decode("utf-8", "replace"))
        wait = _seconds_to_wait(response.headers) if status >= 429 else 0.0
        return Answer(status, f"{text}: {line}" if line else text, wait, response.is_success)

    def _is_refusal(self, body: bytes) -> bool:
        """Return whether an answer of success says that some records were not taken."""
        if self._events is not None and is_refusal(body):
            return True
        return top_level_value(body, "errors") == b"true"

    def _drain(self, response: "httpx.Response") -> bytes:
        """Return the body of an answer, which frees the connection, up to a limit of bytes and time."""
        import httpx  # noqa: PLC0415

        until = self._timing.monotonic() + self._target.timeout
        data = b""
        try:
            for chunk in response.iter_raw():
                data += chunk
                if len(data) > _MAX_READ or self._timing.monotonic() > until:
                    break
        except httpx.TransportError:  # the status is what counts, and it is there
            return data
        return data

    def _redacted(self, text: str) -> str:
        """Return the first line of a text, shortened, without secrets."""
        line = first_line(text)
        for secret in self._target.secrets:
            line = line.replace(secret, "***")
        return printable(line, _LONGEST_LINE)

    def _error(self, text: str) -> TargetError:
        return TargetError(self._target.name, text, self.delivered)


def _client(target: HttpTarget) -> "httpx.Client":
    try:
        import httpx  # noqa: PLC0415
    except ImportError as error:
        raise TargetError("the http target needs httpx", 'pip install "httpx>=0.27"') from error
    headers = {
        "user-agent": f"datagen/{__version__}",
        "accept-encoding": "identity",
        **({"content-type": target.content_type} if target.content_type else {}),
        **({"content-encoding": "gzip"} if target.compression == "gzip" else {}),
        **{name: value.get_secret_value() for name, value in target.headers.items()},
    }
    trust = ssl_context(target.ssl_cafile) if target.ssl_cafile else True
    return httpx.Client(headers=headers, timeout=target.timeout, verify=trust)


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()


def _seconds_to_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of Retry-After; where that is a date, counted from the date of the answer."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    now = headers.get("date", format_datetime(datetime.now(UTC)))
    try:
        until = parsedate_to_datetime(text) - parsedate_to_datetime(now)
    except (ValueError, TypeError):
        return 0.0
    return max(until.total_seconds(), 0.0)
