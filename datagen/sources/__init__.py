"""Turns files of records into chunks of them: one module for each format.

A format is known by its name, or by the ending of the file.
"""

import os
from collections.abc import Mapping
from typing import BinaryIO, Protocol

from datagen.sources.base import (
    Chunk,
    FieldGroup,
    ReadOptions,
    RecordPosition,
    Rows,
    Source,
    SourceError,
)
from datagen.sources.delimited import Delimited, Tsv
from datagen.sources.jsonlines import JsonLines
from datagen.sources.parquet import Parquet
from datagen.sources.sorting import Sorted
from datagen.sources.texts import COMPRESSIONS


class SourceType(Protocol):
    """A class of sources: what it needs, and how one is made."""

    label: str
    needs_plain_file: bool

    def __call__(self, file: str, options: ReadOptions, stdin: BinaryIO, /) -> Source:
        """Return a source; `-` is stdin. Raises SourceError."""


SOURCES: Mapping[str, SourceType] = {
    "csv": Delimited, "tsv": Tsv, "ndjson": JsonLines, "parquet": Parquet,
}  # fmt: skip
ENDINGS: Mapping[str, str] = {
    ".csv": "csv", ".tsv": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


def split_file_name(file: str) -> tuple[str, str, str]:
    """Return the name of a file without its endings, the format, and the ending of a compression."""
    base = os.path.basename(file)
    stem, ending = os.path.splitext(base)
    compression = ending if ending in COMPRESSIONS else ""
    if compression:
        base = stem
        stem, ending = os.path.splitext(base)
    kind = ENDINGS.get(ending.lower(), "")
    return (stem if kind else base), kind, compression


__all__ = [
    "ENDINGS",
    "SOURCES",
    "Chunk",
    "Delimited",
    "FieldGroup",
    "JsonLines",
    "Parquet",
    "ReadOptions",
    "RecordPosition",
    "Rows",
    "Sorted",
    "Source",
    "SourceError",
    "Tsv",
    "parts_of",
]
