"""Which formats can go to which targets, and what is said of the others."""

from typing import Any

import pytest

from datagen.formats.base import any_format
from datagen.formats.encoding import Output
from datagen.targets.compatibility import Accepted, mismatch
from datagen.targets.files.target import FileTarget
from datagen.targets.kafka.kafka_python import KafkaTarget
from datagen.targets.null import NullTarget
from datagen.targets.stdout import StdoutTarget

ONE_TOPIC = KafkaTarget(endpoint="a", topic="t")
ROUTED = KafkaTarget(endpoint="a", topic="{user}")
AVRO = 'avro is for targets "kafka" and "confluent", and for a target "file" with a path that ends in ".avro"'
REGISTRY = {"type": "avro", "registry": "http://r"}


@pytest.mark.parametrize(
    ("form", "target", "text"),
    [
        ("json", NullTarget(), ""),
        ("parquet", NullTarget(), 'parquet is for files: a target "file" with a path that ends in ".parquet"'),
        ("avro", NullTarget(), AVRO),
        ("arrow_stream", NullTarget(), "arrow_stream is for stdout"),
        ("arrow_stream", ONE_TOPIC, "arrow_stream is for stdout"),
        ("arrow_stream", StdoutTarget(), ""),
        ("arrow_stream", FileTarget(path="x.arrow"), "x.arrow can only hold arrow, not arrow_stream"),
        ("csv", FileTarget(path="x.json"), ""),
        ("csv", FileTarget(path="x.avro"), "x.avro can only hold avro, not csv"),
        ("arrow", FileTarget(path="x.avro"), "x.avro can only hold avro, not arrow"),
        ("avro", FileTarget(path="x"), 'avro needs a path that ends in ".avro"'),
        (REGISTRY, FileTarget(path="x.avro"), '"registry" is for messages; a file holds its schema'),
        ("avro", ONE_TOPIC, ""),
        ("avro", ROUTED, ""),
        ({"type": "avro", "codec": "null"}, ROUTED, '"codec" is for files; messages are compressed by the target'),
        (REGISTRY, ONE_TOPIC, ""),
        (REGISTRY, ROUTED, 'the topic is not the same for all records: give the "subject" of the schema'),
        ({**REGISTRY, "subject": "s", "codec": "null"}, ROUTED, '"codec" is for files; messages are compressed by the target'),
    ],
)  # fmt: skip
def test_sentence_of_a_pair(form: Any, target: Any, text: str) -> None:
    """It says where the format can go, or which key is in the way."""
    assert mismatch(any_format(form), target.accepted()) == text


def test_key_for_one_of_several_outputs_is_no_obstacle() -> None:
    """Where a target accepts another output of the format as well."""
    form = any_format({"type": "avro", "codec": "null"})
    assert mismatch(form, Accepted(Output.MESSAGES | Output.FILES)) == ""
