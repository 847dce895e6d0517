"""The envelope of Splunk's HTTP Event Collector."""

import json

from datagen.targets.splunk_hec import SplunkEvents
from tests.support.records import rendered


def test_event_holds_the_record_as_it_is() -> None:
    """With its instant in seconds, to the millisecond; the header of the format is left out."""
    records = rendered([b'{"a":1}\n'], [1_500_999], header=b"a\n")
    events = SplunkEvents().wrap(records)
    assert bytes(events.data) == b'{"time":1.500,"event":{"a":1}}\n'
    assert (events.encoding.header, events.encoding.media_type) == (b"", "application/json")


def test_labels_are_keys_of_the_event() -> None:
    """In the order of Splunk's own; one without a text is left out."""
    labels = {"index": ["i", None], "host": ["h", 'h"'], "other": ["x", "y"]}
    events = SplunkEvents().wrap(rendered([b"1\n", b"2\n"], labels=labels))
    first, second = (json.loads(line) for line in bytes(events.data).splitlines())
    assert list(first) == ["time", "host", "index", "event"]
    assert second == {"time": 0.0, "host": 'h"', "event": 2}
    assert len(events) == 2
