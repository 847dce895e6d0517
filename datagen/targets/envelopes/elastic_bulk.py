"""Wraps records in requests to the bulk interface of Elasticsearch and OpenSearch, and reads the items of its answers."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from datagen.batch import EVENT, RUN
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.envelopes.answers import Answer, Verdict, is_temporary
from datagen.targets.envelopes.base import ENVELOPES, Envelope, Packing
from datagen.targets.envelopes.json_quotes import JsonQuotes
from datagen.targets.message_keys import LabelTemplate
from datagen.validation import UnicodeText

_LINES = Encoding(media_type="application/x-ndjson")
_LONGEST_ITEM = 1 << 12  # bytes of an answer that are read for each record
_CONFLICT = 409


@ENVELOPES.register
class ElasticBulk(Envelope):
    """Sends documents to the bulk interface of Elasticsearch."""

    type: Literal["elastic_bulk"] = "elastic_bulk"
    index: UnicodeText | None = None
    id: UnicodeText | None = "{@run}-{@event}"
    action: Literal["create", "index"] = "create"

    def texts(self) -> Mapping[str, str]:
        found = {"index": self.index, "id": self.id}
        return {name: text for name, text in found.items() if text is not None}

    def packing(self) -> Packing:
        fields = {*LabelTemplate(self.id or "").fields()}
        return BulkRequests(self.action, are_own={RUN, EVENT} <= fields)


class _Item(NamedTuple):
    """What an answer says of one record."""

    status: int
    error: Any

    @property
    def text(self) -> str:
        """Return a text about it: the status, the kind of the error and its reason."""
        about = self.error
        texts = [about.get("type"), about.get("reason")] if isinstance(about, dict) else [about]
        why = "".join(f": {each}" for each in texts if isinstance(each, str))
        return f"a record was answered {self.status}{why}"


class BulkRequests(Packing):
    """Makes two lines of each record, an action and a document, and reads an item for each.

    With `are_own`, an id names the event of this run: one that is there already is delivered. Any other is only if the
    record may have been sent before. The answer: "Bulk API" in Elasticsearch's manual.
    """

    note = "such a record counts as failed"
    service = "Elasticsearch's bulk interface"
    is_splitting = True

    def __init__(self, action: str, *, are_own: bool) -> None:
        self._action, self._are_own = action, are_own
        self._quotes = JsonQuotes()

    def wrap(self, records: Rendered) -> RecordBytes:
        """Return the lines for each record; an index or id without a text is left out."""
        content = records.as_bytes()
        indices, ids = records.labels.get("index"), records.labels.get("id")
        starts = [0, *content.ends.tolist()]
        pairs = []
        for row in range(len(content)):
            document = bytes(content.data[starts[row] : starts[row + 1]]).removesuffix(b"\n")
            if not content.encoding.is_json or b"\n" in document or not document.strip():
                document = _message(document, int(records.told_times[row]))
            index = self._quotes.pair("_index", indices[row] if indices else None)
            own = ids[row] if ids else None
            number = "" if own is None else f',"_id":{json.dumps(own, ensure_ascii=False)}'
            keys = f"{index}{number}"[1:].encode()
            pairs.append(b'{"%b":{%b}}\n%b\n' % (self._action.encode(), keys, document))
        ends = np.cumsum([len(pair) for pair in pairs], dtype=np.int64)
        return RecordBytes(memoryview(b"".join(pairs)), ends, _LINES)

    def most_read(self, count: int) -> int:
        return super().most_read(count) + _LONGEST_ITEM * count

    def of_success(self, answer: Answer, count: int, *, resent: bool) -> Verdict:
        """Return what the items say; an answer without one for each record is none of this interface."""
        items = _items(answer, count)
        if items is None:
            return self.undocumented(answer, count)
        is_known = self._action == "create" and (resent or self._are_own)
        again: list[int] = []
        failed: list[int] = []
        for place, item in enumerate(items):
            if item.status < 300 or (item.status == _CONFLICT and is_known):
                continue
            (again if is_temporary(item.status) else failed).append(place)
        text, again_text = (items[each[0]].text if each else "" for each in (failed, again))
        return Verdict(again, failed, text=text, again_text=again_text)


def _items(answer: Answer, count: int) -> list[_Item] | None:
    """Return what an answer says of each record, or None where it is not as documented."""
    document = answer.document() or {}
    errors, items = document.get("errors"), document.get("items")
    if not isinstance(errors, bool) or not isinstance(items, list) or len(items) != count:
        return None
    found = []
    for item in items:
        (results,) = item.values() if isinstance(item, dict) and len(item) == 1 else (None,)
        if not isinstance(results, dict):
            return None
        status = results.get("status")
        if not isinstance(status, int) or not 200 <= status < 600:
            return None
        found.append(_Item(status, results.get("error")))
    return found if errors == any(each.status >= 300 for each in found) else None


def _message(text: bytes, instant: int) -> bytes:
    """Return a document that holds a text, with its instant, microseconds since 1970, to the millisecond."""
    shown = np.datetime64(instant // 1000, "ms")
    document = {"@timestamp": f"{shown}Z", "message": text.decode("utf-8", "replace")}
    return json.dumps(document, ensure_ascii=False).encode()
