"""Sends batches of records to a URL over HTTP, in the envelope of a service if asked."""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, BinaryIO, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import numpy as np
from pydantic import BeforeValidator, PlainValidator
from pydantic import Field as Key

from datagen.arrays import Ints
from datagen.errors import Path, TargetError
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.one_line import first_line, printable
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.envelopes import Envelope, Packing
from datagen.targets.envelopes.answers import Answer
from datagen.targets.envelopes.base import AnyEnvelope
from datagen.targets.envelopes.splunk_hec import LABELS, SplunkHec
from datagen.targets.http_client import HttpClient, UnsendableError
from datagen.targets.message_keys import Label, name_in_braces, unknown_fields
from datagen.targets.public_address import public_address
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.sink import Sink
from datagen.validation import (
    NonNegative,
    Positive,
    Secret,
    UnicodeText,
    WebAddress,
    invalid_value,
    quoted,
)

LINGER = 1.0  # seconds that a record waits for a fuller batch at most, while more come
_TOO_LARGE = 413  # the status of an answer
_LONGEST_LINE = 200  # characters of an answer that are shown
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
    envelope: AnyEnvelope = None
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
        given = {name: getattr(self, name) for name in LABELS}
        found = {name: text for name, text in given.items() if text is not None}
        for name in found:
            if self.envelope is None:
                yield (name,), 'needs "envelope": "splunk_hec"'
            elif not isinstance(self.envelope, SplunkHec):
                yield (name,), "is a key of envelopes: write it in that object"
            elif getattr(self.envelope, name) is not None:
                yield (name,), "is in the envelope already"
        yield from SplunkHec.model_construct(**found).validate_keys()

    @property
    def packed_by(self) -> Envelope | None:
        """Return the envelope, with the keys of Splunk's that stand beside it."""
        own = {name: getattr(self, name) for name in LABELS if getattr(self, name) is not None}
        return self.envelope.model_copy(update=own) if self.envelope is not None else None

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
        return self.packed_by.labels() if self.packed_by else {}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        for key, label in self.labels().items():
            path = (key,) if getattr(self, key, None) is not None else ("envelope", key)
            for text in unknown_fields(label, spec):
                yield path, text

    def redacted(self, text: str) -> str:
        """Return the first line of a text, shortened, without secrets."""
        line = first_line(text)
        for secret in self.secrets:
            line = line.replace(secret, "***")
        return printable(line, _LONGEST_LINE)

    def accepted(self) -> Accepted:
        return Accepted(Output.LINES | Output.DOCUMENTS if self.envelope is None else Output.LINES)

    def client(self, timing: Timing) -> HttpClient:
        """Return what sends bodies there. Raises TargetError."""
        headers = {
            **({"content-type": self.content_type} if self.content_type else {}),
            **({"content-encoding": "gzip"} if self.compression == "gzip" else {}),
            **{name: value.get_secret_value() for name, value in self.headers.items()},
        }
        url = self.url.get_secret_value()
        return HttpClient(
            self.method, url, headers, self.timeout, self.ssl_cafile, self.redacted, timing
        )

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return HttpSink(self)


@dataclass(frozen=True)
class _Request:
    """Records that are sent in one request, with their places in the batch: int64[n]."""

    records: RecordBytes
    places: Ints
    resent: bool = False

    def cut(self, places: Sequence[int]) -> "list[_Request]":
        """Return several requests, which begin there too."""
        return [
            _Request(self.records.rows(*each), self.places[slice(*each)], self.resent)
            for each in pairwise([0, *places, len(self.places)])
        ]

    def picked(self, rows: Ints) -> "_Request":
        """Return the request that sends some of the records once more."""
        return _Request(RecordBytes.picked([self.records], rows), self.places[rows], resent=True)


@dataclass
class _Batch:
    """What of a batch is not settled yet: requests, the next one last. Its time for retries is one for all of them."""

    open: list[_Request]
    retries: RetryBudget | None = None

    @property
    def unsettled(self) -> int:
        """Return how many records have no answer."""
        return sum(len(each.places) for each in self.open)


class HttpSink(Sink):
    """Buffers records until a batch is full; sends one batch after the other.

    A record that may have arrived, because its answer was lost, is sent again; one that was refused is not.
    """

    def __init__(self, target: HttpTarget, timing: Timing | None = None) -> None:
        super().__init__()
        self._target, self._timing = target, timing or Timing()
        self._client = target.client(self._timing)
        self._packing = target.packed_by.packing() if target.packed_by else Packing()
        self._most_bytes = target.batch_bytes  # of a batch; less once a server has said so
        self._pending: list[RecordBytes] = []
        self._records = self._size = 0
        self._encoding = Encoding()
        self._oldest = 0.0  # when the oldest pending record came
        self._has_answered = self._broken = False
        self._settled = 0  # records before the first that has no answer
        self._refusal = ""  # what was said about the first record that was refused

    def write(self, records: Rendered) -> None:
        content = self._packing.wrap(records)
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
        if self._refusal and not self._broken:
            raise TargetError(self._target.name, self._refusal, self.delivered, self.failed)

    @property
    def settled(self) -> int:
        return self._settled

    def position(self) -> Position:
        """Return the position after all that was answered: what is refused is not sent again."""
        return Position(self.records_before + self._settled)

    def _batch_end(self, records: RecordBytes, first: int) -> int:
        """Return the end of the records, from `first` on, that the batch has room for; one if it is empty."""
        begin = int(records.ends[first - 1]) if first else 0
        room = begin + self._most_bytes - self._size - len(self._encoding.header)
        last = int(records.ends.searchsorted(room, side="right"))
        last = min(last, first + self._target.batch_records - self._records)
        return max(last, first + (self._records == 0))

    def _buffer(self, records: RecordBytes) -> None:
        if not self._records:
            self._oldest = self._timing.monotonic()
        self._pending.append(records)
        self._records += len(records)
        self._size += len(records.data)

    def _send(self) -> None:
        records = RecordBytes.joined(self._pending)
        self._pending.clear()
        self._records = self._size = 0
        batch = _Batch([_Request(records, np.arange(len(records)))])
        try:
            while batch.open:
                self._advance(batch)
        except BaseException:
            self.failed += batch.unsettled
            self._settled += int(batch.open[-1].places[0]) if batch.open else len(records)
            self._broken = True
            raise
        self._settled += len(records)

    def _advance(self, batch: _Batch) -> None:
        """Send the next request of a batch; what has no answer then is open still. Raises TargetError."""
        request = batch.open[-1]
        count, body = len(request.places), self._packing.body(request.records)
        if self._target.compression == "gzip":
            body = gzip.compress(body, 6, mtime=0)
        answer = self._attempt(body, count)
        self._has_answered = self._has_answered or answer.status > 0
        verdict = self._packing.verdict(answer, count, resent=request.resent)
        text = self._target.redacted(verdict.text) or answer.text
        if verdict.ends:
            raise self._error(answer.text)
        del batch.open[-1]
        if verdict.cuts:
            batch.open += reversed(request.cut(verdict.cuts))
            if answer.status == _TOO_LARGE:
                self._most_bytes = max(request.records.size // 2, 1)
            return
        self._count(count - len(verdict.again) - len(verdict.failed), len(body))
        self._count_refused(len(verdict.failed), text)
        if len(verdict.again):
            batch.open.append(request.picked(np.array(verdict.again)))
            again_text = self._target.redacted(verdict.again_text) or answer.text
            self._wait(batch, again_text, answer.wait)

    def _count(self, delivered: int, size: int) -> None:
        if delivered:
            self.delivered += delivered
            self.bytes += size

    def _count_refused(self, count: int, text: str) -> None:
        if count and not self._refusal:
            self._refusal = text
            self.warn(f"{self._target.name}: {text}; {self._packing.note}")
        self.failed += count

    def _wait(self, batch: _Batch, text: str, least: float) -> None:
        """Wait before the next attempt, `least` seconds or more. Raises TargetError where the time is over."""
        if batch.retries is None:
            batch.retries = RetryBudget(self._timing)
            self.warn(f"{self._target.name}: {text}; trying again")
        if not batch.retries.wait(self._retry_limit, least):
            wait = f", which asks to wait for {least:,.0f} s" if least else ""
            raise self._error(f"no success within {self._retry_limit:g} s: {text}{wait}")

    @property
    def _retry_limit(self) -> float:
        """Return how many seconds to retry: less for a server that has never answered."""
        target = self._target
        if self._has_answered:
            return target.retry_seconds
        return min(target.retry_seconds, target.timeout)

    def _attempt(self, body: bytes, count: int) -> Answer:
        media = {} if self._target.content_type else {"content-type": self._encoding.media_type}
        try:
            return self._client.attempt(body, media, self._packing.most_read(count))
        except UnsendableError as error:
            raise self._error(str(error)) from None

    def _error(self, text: str) -> TargetError:
        return TargetError(self._target.name, text, self.delivered)


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()
