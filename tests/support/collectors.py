"""Stand-ins for services that answer for each record of a request, as their manuals say: what `HttpServer` answers."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.support.servers import Got, Reply

Document = dict[str, Any]
TOOK_ALL = Reply(body=b'{"text":"Success","code":0}')  # of Splunk's Event Collector
_REASONS = {
    400: ("mapper_parsing_exception", "failed to parse field [n]"),
    409: ("version_conflict_engine_exception", "[{}]: version conflict, document already exists"),
    429: ("es_rejected_execution_exception", "rejected execution of coordinating operation"),
    503: ("unavailable_shards_exception", "primary shard is not active"),
}


class Elasticsearch:
    """The bulk interface of Elasticsearch: it keeps documents by index and id.

    `refusing` gives the status with which a document is refused at its n-th attempt, counted from 0; None: it is taken. A
    request of more than `most_bytes` is refused as a whole. `losing` says what becomes of the n-th answer.
    """

    def __init__(
        self,
        refusing: Callable[[Document, int], int | None] = lambda *_: None,
        losing: Callable[[int, Reply], Reply] = lambda _, reply: reply,
        most_bytes: int = 1 << 40,
    ) -> None:
        self.documents: dict[tuple[str, str], Document] = {}
        self.attempts = Counter[str]()
        self._refusing, self._losing, self._most_bytes = refusing, losing, most_bytes
        self._requests = 0

    def __call__(self, got: Got) -> Reply:
        """Answer a request."""
        number, self._requests = self._requests, self._requests + 1
        if len(got.body) > self._most_bytes:
            return Reply(413)
        if got.headers["content-type"] != "application/x-ndjson" or not got.body.endswith(b"\n"):
            return Reply(400, b'{"error":{"type":"illegal_argument_exception"},"status":400}')
        lines = [json.loads(line) for line in got.body.splitlines()]
        items = [self._item(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)]
        has_errors = any(item["status"] >= 300 for each in items for item in each.values())
        answer = {"took": 1, "errors": has_errors, "items": items}
        return self._losing(number, Reply(body=json.dumps(answer).encode()))

    def _item(self, action: Document, document: Document) -> Document:
        ((name, about),) = action.items()
        index = about["_index"]
        key = index, about.get("_id", f"own-{len(self.documents)}")
        text = json.dumps(document)
        attempt, self.attempts[text] = self.attempts[text], self.attempts[text] + 1
        status = self._refusing(document, attempt)
        if status is None:
            status = 409 if name == "create" and key in self.documents else 201
        found = {"_index": index, "_id": key[1], "status": status}
        if status == 201:
            self.documents[key] = document
        else:
            kind, reason = _REASONS[status]
            found["error"] = {"type": kind, "reason": reason.format(key[1]), "index": index}
        return {name: found}


class Splunk:
    """Splunk's Event Collector: it takes all events of a request or, because of the first that it refuses, none of them.

    `first` is the number of the first event in its answers.
    """

    def __init__(
        self,
        code_of: Callable[[Document], int],
        *,
        first: int = 0,
        most_bytes: int = 1 << 40,
        names_event: bool = True,
    ) -> None:
        self.events: list[Document] = []
        self._code_of, self._first, self._most_bytes = code_of, first, most_bytes
        self._names_event = names_event

    def __call__(self, got: Got) -> Reply:
        """Answer a request."""
        if len(got.body) > self._most_bytes:
            return Reply(413)
        events = [json.loads(line) for line in got.body.splitlines()]
        for number, event in enumerate(events, self._first):
            if code := self._code_of(event):
                answer = {"text": "Invalid data format", "code": code}
                place = {"invalid-event-number": number} if self._names_event else {}
                return Reply(400, json.dumps(answer | place).encode())
        self.events += events
        return TOOK_ALL


class Receiver:
    """A receiver of OpenTelemetry's log records, which rejects those whose body a pattern fits."""

    def __init__(self, rejecting: str = r"(?!)") -> None:
        self.logs: list[Document] = []
        self.resources: list[Document] = []
        self._rejecting = re.compile(rejecting)

    def __call__(self, got: Got) -> Reply:
        """Answer a request."""
        logs = list(self._logs(json.loads(got.body)))
        taken = [each for each in logs if not self._rejecting.search(each["body"]["stringValue"])]
        self.logs += taken
        rejected = len(logs) - len(taken)
        partial = {"rejectedLogRecords": str(rejected), "errorMessage": "too old"}
        answer = {"partialSuccess": partial} if rejected else {}
        return Reply(body=json.dumps(answer).encode())

    def _logs(self, request: Document) -> Iterator[Document]:
        for resource in request["resourceLogs"]:
            self.resources.append(resource["resource"])
            for scope in resource["scopeLogs"]:
                yield from scope["logRecords"]
