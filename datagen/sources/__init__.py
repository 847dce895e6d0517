"""Sources turn files of records into chunks of them: one file for each kind.

A kind is known by its name, or by the ending of the file.
"""

import os
from collections.abc import Callable, Mapping
from typing import BinaryIO

from datagen.sources.base import Chunk, Place, Rows, Section, Source, SourceError, Wanted
from datagen.sources.delimited import Delimited, Tsv
from datagen.sources.jsonlines import JsonLines
from datagen.sources.parquet import Parquet
from datagen.sources.sorting import Sorted
from datagen.sources.texts import COMPRESSIONS

Opener = Callable[[str, Wanted, BinaryIO], Source]
SOURCES: Mapping[str, Opener] = {
    "csv": Delimited, "tsv": Tsv, "ndjson": JsonLines, "parquet": Parquet,
}  # fmt: skip
ENDINGS: Mapping[str, str] = {
    ".csv": "csv", ".tsv": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


def parts_of(file: str) -> tuple[str, str, str]:
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
    "JsonLines",
    "Parquet",
    "Place",
    "Rows",
    "Section",
    "Sorted",
    "Source",
    "SourceError",
    "Tsv",
    "Wanted",
    "parts_of",
]
