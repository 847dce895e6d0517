"""Targets deliver rendered records and count them; one file each, imported when a target is of its type."""

from datagen.targets.base import TARGETS, Target
from datagen.targets.memory import MemoryTarget
from datagen.targets.sink import Sink

TARGETS.locate(
    {
        "confluent": "datagen.targets.kafka.confluent",
        "file": "datagen.targets.files.target",
        "http": "datagen.targets.http",
        "kafka": "datagen.targets.kafka.kafka_python",
        "sql": "datagen.targets.sql.target",
        "tcp": "datagen.targets.tcp",
        "udp": "datagen.targets.udp",
        "null": "datagen.targets.null",
        "stdout": "datagen.targets.stdout",
        "tee": "datagen.targets.tee",
    }
)
__all__ = ["TARGETS", "MemoryTarget", "Sink", "Target"]
