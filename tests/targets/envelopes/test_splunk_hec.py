"""The envelope of Splunk's HTTP Event Collector: events, and what its answers make of them."""

import json
from typing import Any

import numpy as np
import pytest

from datagen.errors import TargetError
from datagen.targets.envelopes.splunk_hec import SplunkEvents
from tests.support.collectors import TOOK_ALL, Document, Splunk
from tests.support.machines import Spec
from tests.support.records import rendered
from tests.support.sending import Sending, lines, run, to
from tests.support.servers import HttpServer, Reply


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


def test_event_of_a_text_is_a_string() -> None:
    """A record in another format is quoted, and its newline is not part of it."""
    texts = ['a "b" é\n'.encode(), b"c\n"]
    records = rendered(texts, [-1, 1_999], {"index": ["i", None]}, is_json=False)
    assert bytes(SplunkEvents().wrap(records).data).decode().splitlines() == [
        '{"time":-0.001,"index":"i","event":"a \\"b\\" é"}',
        '{"time":0.001,"event":"c"}',
    ]


KEYS: Spec = {"source": "t", "sourcetype": "k:{emitter}", "host": "{who}"}


@pytest.mark.parametrize(
    "keys", [{"envelope": "splunk_hec", **KEYS}, {"envelope": {"type": "splunk_hec", **KEYS}},
             {"envelope": {"type": "splunk_hec", "source": "t", "host": "{who}"}, "sourcetype": "k:{emitter}"}],
)  # fmt: skip
def test_events_hold_the_records_and_their_instants(keys: Spec) -> None:
    """Each record is an event: its time in seconds, what is known about it, and itself."""
    with HttpServer(answer=lambda _: TOOK_ALL) as server:
        assert run(to(server, **keys)).status == 0
    events = [json.loads(line) for line in server.received().splitlines()]
    records = run().records
    assert [event["event"] for event in events] == records
    instants = np.array([each["time"] for each in records], dtype="datetime64[ms]").astype(np.int64)
    assert [round(event["time"] * 1000) for event in events] == instants.tolist()
    assert {(event["source"], event["sourcetype"]) for event in events} == {("t", "k:e")}
    assert [event.get("host") for event in events] == [each["who"] for each in records]
    assert all(("host" in event) == (event["event"]["who"] is not None) for event in events)
    assert server.requests[0].headers["content-type"] == "application/json"


def sent_by(
    *replies: Reply, answer: Any = lambda _: TOOK_ALL, n: int = 1, **keys: Any
) -> tuple[Sending, str]:
    """Send so many records, and return the sink and the error that ended it."""
    sending, error = Sending(*replies, answer=answer, envelope="splunk_hec", **keys), ""
    try:
        with sending:
            sending.sink.write(lines(*map(str, range(n))))
    except TargetError as raised:
        error = str(raised)
    return sending, error


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, 0, (1, 0, 1)), (200, 6, (0, 1, 1)), (200, 9, (1, 0, 2)), (400, 5, (0, 1, 1)), (400, 6, (0, 1, 1)), (401, 2, (0, 1, 1)),
        (403, 4, (0, 1, 1)), (400, 12, (0, 1, 1)), (400, 10, (0, 1, 1)), (500, 8, (1, 0, 2)), (503, 9, (1, 0, 2)), (503, 23, (1, 0, 2)),
        (429, 26, (1, 0, 2)),
    ],
)  # fmt: skip
def test_codes_are_as_documented(status: int, code: int, expected: tuple[int, int, int]) -> None:
    """A busy server is tried again; what refuses an event, or all of them, is counted."""
    reply = Reply(status, json.dumps({"text": "...", "code": code}).encode())
    sending, error = sent_by(reply)
    assert (*sending.counts, len(sending.server.requests)) == expected
    assert bool(error) == bool(sending.sink.failed)


@pytest.mark.parametrize(
    ("code", "ends"), [(6, False), (7, False), (2, True), (4, True), (10, True)]
)
def test_only_what_is_wrong_with_all_events_ends_the_run(code: int, ends: bool) -> None:
    """A token that is not valid does; an event that is not, does not."""
    reply = Reply(400, json.dumps({"text": "...", "code": code}).encode())
    sending, error = sent_by(reply, n=2, batch_records=1)
    assert sending.counts == ((0, 1) if ends else (1, 1))
    assert error.endswith(
        " 0 records were delivered" if ends else " 1 record was delivered, 1 failed"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"text":"Success"}',
        b'{"code":"0"}',
        b'{"code":false}',
        b"<html>",
        b'{"code":0',
    ],
)
def test_answer_that_is_not_as_documented_is_no_delivery(body: bytes) -> None:
    """The events are sent again."""
    sending, _ = sent_by(Reply(body=body))
    assert (sending.counts, len(sending.server.requests)) == ((1, 0), 2)
    sending, error = sent_by(*[Reply(body=body)] * 2, retry_seconds=0)
    assert sending.counts == (0, 1)
    assert "this is no answer of Splunk's HTTP Event Collector: answered 200 OK" in error


@pytest.mark.parametrize(
    "refused", [set[int](), {0}, {1}, {7}, {19}, {0, 1, 2}, {3, 11, 12}, {*range(20)}]
)
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("names_event", [True, False])
def test_only_the_events_that_are_invalid_fail(
    refused: set[int], first: int, names_event: bool
) -> None:
    """Whether the collector counts from 0, as documented, or from 1, as it does for some codes, or says no number."""

    def code_of(event: Document) -> int:
        return 7 if event["event"] in refused else 0

    splunk = Splunk(code_of, first=first, names_event=names_event)
    sending, error = sent_by(answer=splunk, n=20)
    assert sending.counts == (20 - len(refused), len(refused))
    assert [event["event"] for event in splunk.events] == [n for n in range(20) if n not in refused]
    assert sending.sink.position().records == 20
    assert ("Invalid data format" in error) is bool(refused)
    assert len(sending.server.requests) <= 1 + 10 * len(refused)


def test_request_that_is_too_large_is_cut() -> None:
    """Until its parts fit."""
    splunk = Splunk(lambda _: 0, most_bytes=100)
    sending, error = sent_by(answer=splunk, n=20)
    assert (sending.counts, error) == ((20, 0), "")
    assert [event["event"] for event in splunk.events] == list(range(20))
