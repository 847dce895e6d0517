"""Wraps records in the envelope of Splunk's HTTP Event Collector: one JSON object around each."""

import json
from collections.abc import Mapping
from typing import Literal

import numpy as np

from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.envelopes.answers import (
    DELIVERED,
    ENDS,
    Answer,
    Verdict,
    halves,
)
from datagen.targets.envelopes.base import ENVELOPES, Envelope, Packing
from datagen.targets.envelopes.json_quotes import JsonQuotes
from datagen.validation import UnicodeText

LABELS = ("host", "source", "sourcetype", "index")  # keys of an event, beside the record
_EVENTS = Encoding(media_type="application/json")
_OF_EVENTS = {6, 7, 12, 13, 15}  # codes that refuse a request because of one of its events
_OF_SERVER = {8, 9, 18, 19, 20, 23}  # codes of a server that may recover
_NUMBER = "invalid-event-number"


@ENVELOPES.register
class SplunkHec(Envelope):
    """Sends events to Splunk's HTTP Event Collector."""

    type: Literal["splunk_hec"] = "splunk_hec"
    host: UnicodeText | None = None
    source: UnicodeText | None = None
    sourcetype: UnicodeText | None = None
    index: UnicodeText | None = None

    def texts(self) -> Mapping[str, str]:
        found = {name: getattr(self, name) for name in LABELS}
        return {name: text for name, text in found.items() if text is not None}

    def packing(self) -> Packing:
        return SplunkEvents()


class SplunkEvents(Packing):
    """Wraps records, with their instants and labels, in events; reads the codes of answers.

    A collector takes all events of a request or, because of one of them, refuses it: then they are sent in several,
    until the one that is refused is alone. The codes: "Troubleshoot HTTP Event Collector" in Splunk's manual.
    """

    note = "such a record counts as failed"
    service = "Splunk's HTTP Event Collector"
    is_splitting = True

    def __init__(self) -> None:
        self._quotes = JsonQuotes()

    def wrap(self, records: Rendered) -> RecordBytes:
        """Return an event for each record, a line of JSON; a label without a text is left out."""
        content = records.as_bytes()
        columns = [(key, records.labels[key]) for key in LABELS if key in records.labels]
        starts = [0, *content.ends.tolist()]
        events = []
        for row, millis in enumerate((records.told_times // 1000).tolist()):
            event = bytes(content.data[starts[row] : starts[row + 1]]).removesuffix(b"\n")
            if not content.encoding.is_json:
                event = json.dumps(event.decode("utf-8", "replace"), ensure_ascii=False).encode()
            keys = "".join(self._quotes.pair(key, texts[row]) for key, texts in columns)
            events.append(b'{"time":%.3f%b,"event":%b}\n' % (millis / 1000, keys.encode(), event))
        ends = np.cumsum([len(event) for event in events], dtype=np.int64)
        return RecordBytes(memoryview(b"".join(events)), ends, _EVENTS)

    def of_success(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        """Return what a code says; 0 is success, and an answer without one is none of a collector."""
        del resent
        code = _code(answer)
        if code == 0:
            return DELIVERED
        if code is None:
            return self.undocumented(answer, count)
        if code in _OF_SERVER:
            return Verdict(again=range(count))
        return self.of_refusal(answer, count)

    def of_refusal(self, answer: Answer, count: int) -> Verdict:
        document = answer.document() or {}
        number = document.get(_NUMBER)
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < count > 1:
            after = number + 1
            cuts = {number, after, (after + count) // 2}
            return Verdict(cuts=sorted(cuts - {0, count}))
        if number is not None or _code(answer) in _OF_EVENTS:
            return halves(count)
        return Verdict(failed=range(count)) if answer.is_success else ENDS


def _code(answer: Answer) -> int | None:
    """Return the code of an answer, or None where it is no object with one."""
    code = (answer.document() or {}).get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None
