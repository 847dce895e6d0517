"""Wraps records in log records of OpenTelemetry (OTLP over HTTP, as JSON), and reads what was rejected."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.envelopes.answers import DELIVERED, Answer, Verdict
from datagen.targets.envelopes.base import ENVELOPES, Envelope, Packing
from datagen.targets.message_keys import Label
from datagen.validation import UnicodeText

_RETRYABLE = {0, 429, 502, 503, 504}  # OTLP/HTTP: "Retryable Response Codes"


@ENVELOPES.register
class Otlp(Envelope):
    """Sends log records to a receiver of OpenTelemetry; `service` is the name of the service that they are from."""

    type: Literal["otlp"] = "otlp"
    service: UnicodeText = "datagen"

    def packing(self) -> Packing:
        return LogRecords(self.service)

    def labels(self) -> Mapping[str, Label]:
        return {}


class LogRecords(Packing):
    """Makes a log record of each record, whose body is its text, all of one resource."""

    note = "rejected records count as failed"
    service = "OpenTelemetry's protocol"
    is_splitting = True

    def __init__(self, service: str) -> None:
        value = {"key": "service.name", "value": {"stringValue": service}}
        resource = json.dumps({"attributes": [value]}, ensure_ascii=False)
        header = f'{{"resourceLogs":[{{"resource":{resource},"scopeLogs":[{{"logRecords":['
        self._encoding = Encoding(media_type="application/json", header=header.encode())

    def wrap(self, records: Rendered) -> RecordBytes:
        """Return a log record for each record, with a comma after it."""
        content = records.as_bytes()
        starts = [0, *content.ends.tolist()]
        logs = []
        for row, micros in enumerate(records.told_times.tolist()):
            text = bytes(content.data[starts[row] : starts[row + 1]]).removesuffix(b"\n")
            body = json.dumps(text.decode("utf-8", "replace"), ensure_ascii=False).encode()
            nanos = max(micros, 0) * 1000  # the type has no instants before 1970
            logs.append(b'{"timeUnixNano":"%d","body":{"stringValue":%b}},' % (nanos, body))
        ends = np.cumsum([len(each) for each in logs], dtype=np.int64)
        return RecordBytes(memoryview(b"".join(logs)), ends, self._encoding)

    def body(self, records: RecordBytes) -> bytes:
        return b"".join([records.encoding.header, records.data[:-1], b"]}]}]}"])

    def verdict(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        if answer.status >= 500 and answer.status not in _RETRYABLE:
            return self.of_refusal(answer, count)
        return super().verdict(answer, count, resent=resent)

    def of_success(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        """Return what was rejected: so many of the records, the answer does not say which; none is sent again."""
        del resent
        rejected = _rejected(answer)
        if rejected is None or rejected > count:
            return self.undocumented(answer, count)
        return Verdict(failed=range(rejected)) if rejected else DELIVERED


def _rejected(answer: Answer) -> int | None:
    """Return how many records were rejected, or None where the answer is not as documented.

    JSON of protobuf writes a number of 64 bits as a text, and may leave out a 0.
    """
    document = answer.document()
    partial = None if document is None else document.get("partialSuccess", {})
    number: Any = partial.get("rejectedLogRecords", 0) if isinstance(partial, dict) else None
    if isinstance(number, bool) or not isinstance(number, int | str):
        return None
    try:
        found = int(number)
    except ValueError:
        return None
    return found if found >= 0 else None
