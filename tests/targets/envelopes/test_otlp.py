"""Log records of OpenTelemetry, and what is rejected of them."""

import json

import pytest

from datagen.errors import TargetError
from datagen.targets.envelopes.otlp import LogRecords
from tests.support.collectors import Receiver
from tests.support.records import rendered
from tests.support.sending import Sending, lines, run, to
from tests.support.servers import HttpServer, Reply


def test_record_is_the_body_of_a_log_record() -> None:
    """With its instant in nanoseconds, all of one resource."""
    packing = LogRecords('my "shop"')
    made = packing.wrap(rendered([b'{"a":1}\n', b"b\n"], [1_500_999, -1]))
    (resource,) = json.loads(packing.body(made))["resourceLogs"]
    (attribute,) = resource["resource"]["attributes"]
    assert attribute == {"key": "service.name", "value": {"stringValue": 'my "shop"'}}
    assert resource["scopeLogs"][0]["logRecords"] == [
        {"timeUnixNano": "1500999000", "body": {"stringValue": '{"a":1}'}},
        {"timeUnixNano": "0", "body": {"stringValue": "b"}},
    ]


def test_log_records_are_those_of_the_run() -> None:
    """In batches."""
    receiver = Receiver()
    with HttpServer(answer=receiver) as server:
        outcome = run(to(server, envelope="otlp", batch_records=300))
    assert outcome.status == 0
    assert [json.loads(each["body"]["stringValue"]) for each in receiver.logs] == run().records
    assert server.requests[0].headers["content-type"] == "application/json"
    assert f"\n1,000 records, {len(server.received()):,} bytes in " in outcome.err


def test_rejected_records_are_counted() -> None:
    """So many; the run goes on, and ends with status 1. They are not sent again."""
    receiver = Receiver(rejecting=r"[37]$")
    with pytest.raises(TargetError) as raised, Sending(answer=receiver, envelope="otlp", batch_records=10) as sent:  # fmt: skip
        sent.sink.write(lines(*map(str, range(20))))
        assert sent.counts == (16, 4)
    assert len(sent.server.requests) == 2
    assert '{"rejectedLogRecords": "2", "errorMessage": "too old"}' in str(raised.value)
    assert str(raised.value).endswith("; 16 records were delivered, 4 failed")


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        (Reply(body=b"{}"), (1, 0)), (Reply(body=b'{"partialSuccess":{"errorMessage":"slow down"}}'), (1, 0)),
        (Reply(body=b'{"partialSuccess":{"rejectedLogRecords":1}}'), (0, 1)), (Reply(400), (0, 1)), (Reply(500), (0, 1)),
        (Reply(body=b""), (0, 1)), (Reply(body=b'{"partialSuccess":{"rejectedLogRecords":"2"}}'), (0, 1)),
        (Reply(body=b'{"partialSuccess":{"rejectedLogRecords":"-1"}}'), (0, 1)), (Reply(body=b'{"partialSuccess":{"rejectedLogRecords":true}}'), (0, 1)),
        (Reply(body=b'{"partialSuccess":{"rejectedLogRecords":"x"}}'), (0, 1)), (Reply(body=b'{"partialSuccess":7}'), (0, 1)),
    ],
)  # fmt: skip
def test_answers_are_as_documented(reply: Reply, counts: tuple[int, int]) -> None:
    """What is not, is no delivery."""
    sent = Sending(reply, reply, envelope="otlp", retry_seconds=0)
    try:
        with sent:
            sent.sink.write(lines("a"))
    except TargetError:
        assert counts == (0, 1)
    assert sent.counts == counts


@pytest.mark.parametrize(
    ("status", "requests"), [(429, 2), (500, 1), (501, 1), (502, 2), (503, 2), (504, 2)]
)
def test_only_some_statuses_are_tried_again(status: int, requests: int) -> None:
    """Those that the protocol names."""
    sent = Sending(Reply(status), answer=Receiver(), envelope="otlp")
    try:
        with sent:
            sent.sink.write(lines("a"))
    except TargetError:
        assert requests == 1
    assert len(sent.server.requests) == requests
