"""Targets take rendered records and count what was delivered; one file each.

Importing the package registers every type in `TARGETS`.
"""

from datagen.targets import confluent, file, http, kafka, network, null, stdout, tee
from datagen.targets.base import TARGETS, Sink, Target

__all__ = [
    "TARGETS",
    "Sink",
    "Target",
    "confluent",
    "file",
    "http",
    "kafka",
    "network",
    "null",
    "stdout",
    "tee",
]
