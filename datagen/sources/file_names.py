"""Turns the name of a file into the format and the compression of what it holds."""

import os
from collections.abc import Mapping

ENDINGS: Mapping[str, str] = {
    ".csv": "csv", ".tsv": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
SOURCE_FORMATS = tuple(dict.fromkeys(ENDINGS.values()))
COMPRESSIONS: Mapping[str, str] = {".gz": "gzip", ".zst": "zstd"}


def split_file_name(file: str) -> tuple[str, str, str]:
    """Return the name of a file without folder and endings, its format, and the ending of a compression.

    Each of the last two is "" where the name does not show it.
    """
    base = os.path.basename(file)
    stem, ending = os.path.splitext(base)
    compression = ending if ending in COMPRESSIONS else ""
    if compression:
        base = stem
        stem, ending = os.path.splitext(base)
    kind = ENDINGS.get(ending.lower(), "")
    return (stem if kind else base), kind, compression
