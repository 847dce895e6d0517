"""Wraps records in the envelope of Splunk's HTTP Event Collector: one JSON object around each."""

import json

import numpy as np

from datagen.formats.rendered import Encoding, RecordBytes, Rendered
from datagen.targets.json_answer import top_level_value

LABELS = ("host", "source", "sourcetype", "index")  # keys of an event, beside the record
_EVENTS = Encoding(media_type="application/json")


def is_refusal(answer: bytes) -> bool:
    """Return whether an answer with a status of success says that the events were not taken."""
    return top_level_value(answer, "code") not in (None, b"0")


class SplunkEvents:
    """Wraps records, with their instants and labels, in events."""

    def __init__(self) -> None:
        self._quoted: dict[str, str] = {}  # texts of labels as JSON: most come again

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
            keys = "".join(self._key(key, texts[row]) for key, texts in columns)
            events.append(b'{"time":%.3f%b,"event":%b}\n' % (millis / 1000, keys.encode(), event))
        ends = np.cumsum([len(event) for event in events], dtype=np.int64)
        return RecordBytes(memoryview(b"".join(events)), ends, _EVENTS)

    def _key(self, key: str, text: str | None) -> str:
        if text is None:
            return ""
        quoted = self._quoted.get(text)
        if quoted is None:
            if len(self._quoted) > 10_000:
                self._quoted.clear()
            quoted = self._quoted[text] = json.dumps(text, ensure_ascii=False)
        return f',"{key}":{quoted}'
