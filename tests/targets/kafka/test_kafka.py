"""Messages to a real broker over TCP, by both clients: nothing lost, nothing twice, all counted."""

import json
import os
import signal
import socket
import threading
from collections import defaultdict

import pytest

from datagen.instants import parse_instant
from tests.support.broker import Broker, Got, MockCluster, consumed, free_port
from tests.support.kafka import (
    BOTH,
    SOCKETS_STAY_OPEN,
    SPEC,
    by_key,
    counts,
    lines,
    run,
    target,
    to,
)

pytestmark = SOCKETS_STAY_OPEN
MANY = {"confluent": 40_000, "kafka": 4_000}


def arrived_whole(got: list[Got], n: int) -> bool:
    """Return whether messages are the records of a run: each once, those of one key in order."""
    return by_key(each.value for each in got) == by_key(lines(n))


@pytest.mark.parametrize("kind", BOTH)
def test_broker_holds_the_bytes_of_a_run(kind: str, broker: Broker, topic: str) -> None:
    """Every record once, in order for each key, with its instant; the summary counts them."""
    n = MANY[kind]
    outcome = run(to(target(kind, broker.address, topic, topic_key="user")), n)
    assert (outcome.status, outcome.out) == (0, b"")
    assert f"{n:,} records, {sum(map(len, lines(n))):,} bytes in" in outcome.err
    got = broker.consumed(topic, number=n)
    assert arrived_whole(got, n)
    assert all(each.key == str(each.record["user"]).encode() for each in got)
    first = next(each for each in got if each.record["time"] == "2027-03-12T00:00:00.000")
    assert first.milliseconds == 1_804_809_600_000


@pytest.mark.parametrize("kind", BOTH)
def test_topics_and_headers_follow_the_records(kind: str, broker: Broker, topic: str) -> None:
    """`{emitter}` and fields in braces; a header without a value is left out."""
    headers = {"path": "{path}", "who": "user {user}", "constant": "x{{}}"}
    aim = target(kind, broker.address, topic + ".{emitter}", headers=headers)
    assert run(to(aim), 500).status == 0
    got = broker.consumed(f"{topic}.login", f"{topic}.page", number=500)
    assert len(got) == 500
    for each in got:
        record = each.record
        assert each.topic == f"{topic}.{'login' if 'method' in record else 'page'}"
        expected = {"who": f"user {record['user']}", "constant": "x{}"}
        if record.get("path") is not None:
            expected["path"] = record["path"]
        assert {name: value.decode() for name, value in each.headers} == expected


@pytest.mark.parametrize("kind", BOTH)
def test_keys_of_several_fields_are_arrays(kind: str, broker: Broker, topic: str) -> None:
    """Different values never give the same key; what is missing is null."""
    aim = target(kind, broker.address, topic, topic_key=["path", "user", "method"])
    assert run(to(aim), 300).status == 0
    for each in broker.consumed(topic, number=300):
        record = each.record
        assert each.key is not None
        assert json.loads(each.key) == [record.get("path"), record["user"], record.get("method")]


@pytest.mark.parametrize("kind", BOTH)
def test_messages_have_the_number_of_their_event_and_the_instant_of_a_field(
    kind: str, broker: Broker, topic: str
) -> None:
    """Whatever disorder does; where the field has no value, the instant of the record."""
    paid = {"name": "paid", "type": "timestamp", "distribution": {"type": "uniform", "min": "2027-01-01", "max": "2027-02-01"}, "percent_nulls": 50}  # fmt: skip
    emitters = [{**each, "dimensions": [*each["dimensions"], paid, {"name": "n", "type": "counter", "sequence": "all"}]} for each in SPEC["emitters"]]  # fmt: skip
    twice = {"type": "duplicate", "share": 0.5, "delay": {"type": "uniform", "min": 0, "max": 9}}
    aim = target(kind, broker.address, topic, topic_key="@event", timestamp="paid", headers={"number": "{@event}"})  # fmt: skip
    assert run({**to(aim), "emitters": emitters, "disorder": [twice]}, 300).status == 0
    found = broker.consumed(topic, number=300)
    assert len({each.key for each in found}) < 290
    for each in found:
        record = each.record
        number = str(record["n"]).encode()
        assert (each.key, dict(each.headers)["number"]) == (number, number)
        assert each.milliseconds == parse_instant(record["paid"] or record["time"]).micros // 1000


@pytest.mark.parametrize("kind", BOTH)
def test_a_number_of_milliseconds_may_say_when_a_message_is(
    kind: str, broker: Broker, topic: str
) -> None:
    """Of each record; one without it has its own instant."""
    sent = {"name": "sent", "type": "int", "distribution": {"type": "uniform", "min": 1_700_000_000_000, "max": 1_800_000_000_000}, "percent_missing": 30}  # fmt: skip
    emitters = [{**each, "dimensions": [*each["dimensions"], sent]} for each in SPEC["emitters"]]
    aim = target(kind, broker.address, topic, timestamp="sent")
    assert run({**to(aim), "emitters": emitters}, 200).status == 0
    found = broker.consumed(topic, number=200)
    assert len(found) == 200
    for each in found:
        own = parse_instant(each.record["time"]).micros // 1000
        assert each.milliseconds == each.record.get("sent", own)


@pytest.mark.parametrize("kind", BOTH)
def test_key_without_a_value_is_null(kind: str, broker: Broker, topic: str) -> None:
    """A single key field that is null or missing gives a message without a key."""
    assert run(to(target(kind, broker.address, topic, topic_key=["path"])), 300).status == 0
    for each in broker.consumed(topic, number=300):
        path = each.record.get("path")
        assert each.key == (None if path is None else path.encode())


@pytest.mark.long
@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_messages_arrive(compression: str, broker: Broker, topic: str) -> None:
    """librdkafka brings all codecs along."""
    aim = target("confluent", broker.address, topic, topic_key="user", compression_type=compression)
    assert run(to(aim), 1000).status == 0
    assert arrived_whole(broker.consumed(topic, number=1000), 1000)


@pytest.mark.long
@pytest.mark.parametrize("kind", BOTH)
def test_full_queue_slows_the_run(
    kind: str, broker: Broker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is dropped when the client can hold a few messages only."""
    monkeypatch.setattr("datagen.targets.kafka.kafka_python._MAX_PENDING", 50)
    options = {"queue.buffering.max.messages": 50} if kind == "confluent" else {}
    assert (
        run(to(target(kind, broker.address, topic, topic_key="user", options=options)), 2000).status
        == 0
    )
    assert arrived_whole(broker.consumed(topic, number=2000), 2000)


@pytest.mark.parametrize("kind", BOTH)
def test_broken_connection_that_comes_back_loses_nothing(
    kind: str, broker: Broker, topic: str
) -> None:
    """Nothing lost, nothing twice, nothing out of order for a key."""
    n = MANY[kind]

    def cut() -> None:
        broker.proxy.cut()
        threading.Timer(0.4, broker.proxy.restore).start()

    broker.proxy.at(n * 20, cut)
    outcome = run(to(target(kind, broker.address, topic, topic_key="user")), n)
    assert outcome.status == 0, outcome.err
    assert len(outcome.err.splitlines()) == 5
    assert arrived_whole(broker.consumed(topic, number=n), n)


@pytest.mark.parametrize("kind", BOTH)
def test_broker_that_stops_for_a_while_loses_nothing(kind: str, broker: Broker, topic: str) -> None:
    """It stands still with its connections open, and goes on."""
    n = MANY[kind]

    def pause() -> None:
        broker.pause()
        threading.Timer(0.4, broker.go_on).start()

    broker.proxy.at(n * 20, pause)
    outcome = run(to(target(kind, broker.address, topic, topic_key="user")), n)
    assert outcome.status == 0, outcome.err
    assert arrived_whole(broker.consumed(topic, number=n), n)


@pytest.mark.long
@pytest.mark.parametrize("kind", BOTH)
def test_broker_that_stays_away_ends_the_run_with_counts(
    kind: str, broker: Broker, topic: str
) -> None:
    """Exit 1, one line that says why, and counts that add up."""
    n = MANY[kind]
    broker.proxy.at(n * 20, broker.proxy.cut)
    outcome = run(to(target(kind, broker.address, topic, topic_key="user", timeout=1.5)), n)
    assert outcome.status == 1
    delivered, failed, unsent = counts(outcome)
    assert failed + unsent > 0
    assert delivered + failed + unsent <= n
    assert outcome.err.splitlines()[-1].startswith(f"{kind} {broker.address}: ")
    broker.proxy.restore()
    got = broker.consumed(topic, number=delivered)
    assert delivered <= len(got) <= delivered + failed + unsent


@pytest.mark.parametrize("kind", BOTH)
def test_broker_that_is_away_at_the_start_is_one_line(
    kind: str, topic: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Within the timeout, exit 1, and no chatter of the client."""
    address = f"127.0.0.1:{free_port()}"
    outcome = run(to(target(kind, address, topic, timeout=1)), 10)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].startswith(f"{kind} {address}: no broker within 1 s (")
    assert outcome.err.splitlines()[-1].endswith("; 0 records were delivered")
    assert sum(kind in line for line in outcome.err.splitlines()) == 1
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


@pytest.mark.long
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("security", ["PLAINTEXT", "SSL"])
def test_broker_that_says_nothing_is_away(kind: str, security: str, topic: str) -> None:
    """It takes the connection, and answers neither a request nor a TLS handshake."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        keys = {"timeout": 1, "security_protocol": security}
        outcome = run(to({**target(kind, address, topic), **keys}), 10)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].startswith(f"{kind} {address}: no broker within 1 s")


def test_reason_of_a_broker_that_is_away_is_told(topic: str) -> None:
    """What kafka-python would only log."""
    address = f"127.0.0.1:{free_port()}"
    assert "REFUSED" in run(to(target("kafka", address, topic, timeout=1)), 10).err


@pytest.mark.parametrize("kind", BOTH)
def test_mistaken_options_are_not_a_broker_that_is_away(
    kind: str, broker: Broker, topic: str
) -> None:
    """The client has something against them, and says so at once."""
    outcome = run(to(target(kind, broker.address, topic, options={"acks": 0})), 10)
    assert outcome.status == 1
    assert "acks" in outcome.err.splitlines()[-1]
    assert "no broker" not in outcome.err


@pytest.mark.parametrize("kind", BOTH)
def test_missing_file_for_tls_is_named(kind: str, topic: str) -> None:
    """At once, not when no broker has been found without it."""
    aim = {**target(kind, "127.0.0.1", topic, ssl_cafile="/no/ca.pem"), "security_protocol": "SSL"}
    error = f"{kind} 127.0.0.1:9092: /no/ca.pem: No such file or directory"
    assert run(to(aim), 10).err.splitlines()[-1] == error


@pytest.mark.parametrize("kind", BOTH)
def test_record_without_a_topic_ends_the_run(kind: str, broker: Broker, topic: str) -> None:
    """A topic from a field that is null, or that no broker takes."""
    outcome = run(to(target(kind, broker.address, "{path}", topic_key="user")), 50)
    assert outcome.status == 1
    assert "the topic name of a record is empty or invalid; " in outcome.err
    assert counts(outcome)[1] == 1


@pytest.mark.parametrize("kind", BOTH)
def test_sigterm_delivers_what_is_on_its_way(kind: str, broker: Broker, topic: str) -> None:
    """Unacknowledged records are flushed, then the status is 143, and the counts are right."""
    broker.proxy.at(100_000, lambda: os.kill(os.getpid(), signal.SIGTERM))
    outcome = run(to(target(kind, broker.address, topic, topic_key="user")), 10_000_000)
    assert outcome.status == 143
    delivered, failed, unsent = counts(outcome)
    assert (failed, unsent) == (0, 0)
    got = broker.consumed(topic, number=delivered)
    assert len(got) == delivered > 0
    assert arrived_whole(got, delivered)


NOT_LEADER, TIMED_OUT, TOO_FEW_REPLICAS, TOO_LARGE, FORBIDDEN = 6, 7, 19, 10, 29


def test_each_key_has_one_partition(cluster: MockCluster, topic: str) -> None:
    """Also the empty text, which librdkafka scatters by itself: its records would lose their order."""
    dimension = {"name": "path", "type": "enum", "values": ["", "/a", "/b"],
                 "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}}  # fmt: skip
    emitters = [{"name": name, "dimensions": [dimension]} for name in ("login", "page")]
    aim = target(
        "confluent", cluster.address, topic, topic_key="path",
        options={"sticky.partitioning.linger.ms": 0},
    )  # fmt: skip
    assert run({**SPEC, "emitters": emitters, "target": aim}, 300).status == 0
    partitions = defaultdict(set)
    for each in consumed(cluster.address, topic, number=300):
        partitions[each.key].add(each.partition)
    assert {key: len(found) for key, found in partitions.items()} == {b"": 1, b"/a": 1, b"/b": 1}


def test_passing_errors_of_the_broker_lose_nothing(cluster: MockCluster, topic: str) -> None:
    """What may be tried again is, in order and without doubles."""
    cluster.answer(NOT_LEADER, TIMED_OUT, TOO_FEW_REPLICAS, NOT_LEADER)
    outcome = run(to(target("confluent", cluster.address, topic, topic_key="user")), 3000)
    assert outcome.status == 0, outcome.err
    assert arrived_whole(consumed(cluster.address, topic, number=3000), 3000)


@pytest.mark.parametrize("error", [TOO_LARGE, FORBIDDEN])
def test_refusal_of_the_broker_ends_the_run_with_counts(
    error: int, cluster: MockCluster, topic: str
) -> None:
    """Exit 1, the broker's reason, and every record delivered, failed or not sent."""
    cluster.answer(*[error] * 20)
    outcome = run(to(target("confluent", cluster.address, topic, topic_key="user")), 3000)
    assert outcome.status == 1
    delivered, failed, unsent = counts(outcome)
    assert failed > 0
    assert delivered + failed + unsent <= 3000
    last = outcome.err.splitlines()[-1]
    assert last.startswith(f"confluent {cluster.address}: ") and "Broker: " in last


def test_slow_broker_slows_the_run(cluster: MockCluster, topic: str) -> None:
    """Every answer takes 150 ms; all come, and none is late enough to end the run."""
    cluster.slow_down(150)
    aim = target("confluent", cluster.address, topic, topic_key="user", timeout=5)
    assert run(to(aim), 2000).status == 0
    cluster.slow_down(0)
    assert arrived_whole(consumed(cluster.address, topic, number=2000), 2000)
