"""Turns the bytes of some records into what is no record of their format, but still one line."""

from collections.abc import Sequence

from datagen.disorder.copies import Corruption
from datagen.disorder.effects import Corrupt
from datagen.formats.base import Format
from datagen.formats.rendered import RecordBytes


def why_not(format_: Format, effect: Corrupt) -> str:
    """Return why an effect cannot corrupt the records of a format, or ""."""
    raise NotImplementedError


def corrupted(
    records: RecordBytes, corruptions: Sequence[Corruption], format_: Format
) -> RecordBytes:
    """Return records with some of them corrupted, given those of `copies.leaving()` and their format."""
    raise NotImplementedError
