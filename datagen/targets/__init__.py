"""Targets take rendered records and count what was delivered; one file each.

Importing the package registers every type in `TARGETS`.
"""

from datagen.targets import file, stdout
from datagen.targets.base import TARGETS, Sink, Target

__all__ = ["TARGETS", "Sink", "Target", "file", "stdout"]
