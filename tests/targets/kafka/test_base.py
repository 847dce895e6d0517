"""Messages, whatever the client: their values, their position, when to give up."""

import numpy as np
import pytest

from datagen.errors import TargetError
from datagen.part import WHOLE, Part
from datagen.targets.kafka.base import Message, MessageSink
from datagen.targets.kafka.confluent import ConfluentTarget
from datagen.targets.kafka.kafka_python import KafkaTarget
from datagen.targets.retry import Timing
from tests.support.records import rendered


class ListSink(MessageSink):
    """A sink that keeps messages, and has answers when the test says so."""

    def __init__(self, timing: Timing | None = None, **keys: str) -> None:
        super().__init__(
            KafkaTarget.model_validate({"type": "kafka", "endpoint": "a", "topic": "t", **keys}),
            timing,
        )
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)

    def poll_answers(self) -> None:
        """Nothing is answered by itself."""

    def outstanding(self) -> int:
        return len(self.messages) - self.delivered


def test_message_is_a_record_without_its_newline() -> None:
    """With its key, its milliseconds and its headers."""
    sink = ListSink()
    labels = {"key": ["k", None], "header h": ["x", None]}
    sink.write(rendered([b"a\n", b"\n"], [1_999_999, 2_000_000], labels))
    assert sink.messages == [
        ("t", b"k", b"a", 1999, [("h", b"x")]),
        ("t", None, b"", 2000, []),
    ]


def test_message_of_a_binary_format_keeps_its_last_byte() -> None:
    """It may look like a newline."""
    sink = ListSink()
    sink.write(rendered([b"a\n"], [2_000_000], has_newline=False))
    assert sink.messages[0][2] == b"a\n"


@pytest.mark.parametrize("topic", ["", "a b", "x" * 250])
def test_topic_of_a_record_may_be_none(topic: str) -> None:
    """A broker would refuse it."""
    with pytest.raises(
        TargetError, match="the topic name of a record is empty or invalid; 0 records"
    ):
        ListSink(topic="{user}").write(rendered([b"a\n"], [2_000_000], {"topic": [topic]}))


def test_sink_without_progress_gives_up() -> None:
    """After the timeout, counted from the last answer."""
    now = [0.0]
    sink = ListSink(Timing(lambda: now[0]))
    sink.write(rendered([b"a\n", b"b\n"], [2_000_000] * 2))
    now[0] = 29.0
    sink.count_delivered(1)
    sink.flush()
    now[0] = 59.5
    with pytest.raises(TargetError) as raised:
        sink.flush()
    text = "kafka a:9092: no acknowledgement within 30 s; 1 record was delivered"
    assert str(raised.value) == text


def test_failed_messages_are_part_of_the_error() -> None:
    """The first reason counts."""
    sink = ListSink()
    sink.count_failed("too large")
    sink.count_failed("another")
    with pytest.raises(TargetError, match="too large; 0 records were delivered, 2 failed"):
        sink.raise_failure()


def test_records_of_1970_are_refused() -> None:
    """Brokers take a time of 0 for no time at all."""
    with pytest.raises(TargetError, match="message times must be after the start of 1970"):
        ListSink().write(rendered([b"a\n"], np.array([999]).tolist()))


@pytest.mark.parametrize("instants", [["999"], ["-1"], [None, "253402300800000000"]])
def test_a_field_may_hold_what_is_no_time(instants: list[str | None]) -> None:
    """Before 1970 or after 9999: the run ends, and nothing is sent."""
    sink = ListSink(timestamp="paid")
    with pytest.raises(TargetError, match="message times must be"):
        sink.write(
            rendered([b"a\n"] * len(instants), [5_000] * len(instants), {"timestamp": instants})
        )
    assert sink.messages == []


class Instant(MessageSink):
    """A sink whose client has every answer at once."""

    waiting = 0

    def send(self, message: Message) -> None:
        self.waiting += 1

    def poll_answers(self) -> None:
        self.delivered, self.waiting = self.delivered + self.waiting, 0

    def outstanding(self) -> int:
        return self.waiting


def test_time_without_records_is_no_time_without_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that had nothing to wait for is not given up when records come again."""
    now = [0.0]
    sink = Instant(KafkaTarget(endpoint="a", topic="t"), Timing(lambda: now[0]))
    records = rendered([b"a\n"], [2_000_000])
    sink.write(records)
    now[0] = 100.0
    monkeypatch.setattr(sink, "poll_answers", lambda: None)  # an answer takes a moment
    sink.write(records)
    assert (sink.delivered, sink.outstanding()) == (1, 1)
    now[0] = 131.0
    with pytest.raises(TargetError, match="no acknowledgement within 30 s"):
        sink.flush()


def test_topic_may_hold_the_part() -> None:
    """Unless the records have a field of this name; a transaction needs an id of each part."""
    keys: dict[str, str] = {"type": "kafka", "endpoint": "a", "topic": "shop-{part}"}
    target = KafkaTarget.model_validate(keys)
    assert target.of_part(Part(3, 12), ["user"]).constant_topic() == "shop-03"
    assert target.of_part(WHOLE).constant_topic() == "shop-0"
    assert target.of_part(Part(3, 12), ["part"]).topic == "shop-{part}"
    assert list(target.part_mistakes()) == []
    keys = {"type": "confluent", "servers": "a", "topic": "t", "security_protocol": "PLAINTEXT"}
    one = ConfluentTarget.model_validate({**keys, "transactional_id": "x"})
    assert [path for path, _ in one.part_mistakes()] == [("transactional_id",)]
    many = ConfluentTarget.model_validate({**keys, "transactional_id": "x-{part}"})
    assert list(many.part_mistakes()) == []
    assert many.of_part(Part(3, 12), ["part"]).topic_of_checkpoints == "x-03-checkpoints"
