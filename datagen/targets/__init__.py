"""Targets deliver rendered records and count them; one file each.

Importing the package registers every type in `TARGETS`.
"""

# Messages list the types in the order in which they are registered here.
# isort: off
from datagen.targets.kafka import confluent
from datagen.targets.files import target
from datagen.targets import http
from datagen.targets.kafka import kafka_python
from datagen.targets import tcp, udp, null, stdout, tee

# isort: on
from datagen.targets.base import TARGETS, Sink, Target
from datagen.targets.memory import MemoryTarget

__all__ = [
    "TARGETS",
    "MemoryTarget",
    "Sink",
    "Target",
    "confluent",
    "http",
    "kafka_python",
    "null",
    "stdout",
    "target",
    "tcp",
    "tee",
    "udp",
]
