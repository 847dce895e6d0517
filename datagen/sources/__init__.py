"""Turns files of records into chunks of them: one module for each format.

A format is known by its name, or by the ending of the file, which `file_names` lists.
"""

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


class SourceType(Protocol):
    """A class of sources: what it needs, and how one is made."""

    label: str
    needs_plain_file: bool

    def __call__(self, file: str, options: ReadOptions, stdin: BinaryIO, /) -> Source:
        """Return a source; `-` is stdin. Raises SourceError."""


SOURCES: Mapping[str, SourceType] = {
    "csv": Delimited, "tsv": Tsv, "ndjson": JsonLines, "parquet": Parquet,
}  # fmt: skip
__all__ = [
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
]
