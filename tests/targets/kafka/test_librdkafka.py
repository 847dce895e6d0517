"""Errors of the client `confluent-kafka` in words."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from datagen.targets.kafka.librdkafka import client_message


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KafkaError(KafkaError._TIMED_OUT, "no answer"), "no answer"),
        (KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer")), "no answer"),
        (BufferError("Local: Queue full"), "Local: Queue full"),
        (OSError(), "OSError"),
    ],
)
def test_message_is_what_the_client_says(error: object, text: str) -> None:
    """Without its code, out of whatever it is wrapped in; the name of the error where it says nothing."""
    assert client_message(error) == text
