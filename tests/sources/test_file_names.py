"""Names of files: what they say of their format."""

import pytest

from datagen.sources import SOURCES
from datagen.sources.file_names import SOURCE_FORMATS, split_file_name


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("logs/x.csv", ("x", "csv", "")),
        ("x.JSONL.gz", ("x", "ndjson", ".gz")),
        ("x.y.pq", ("x.y", "parquet", "")),
        ("x.log", ("x.log", "", "")),
        ("x.log.zst", ("x.log", "", ".zst")),
        (".csv", (".csv", "", "")),
    ],
)
def test_name_is_split(file: str, parts: tuple[str, str, str]) -> None:
    """The name, the format and the compression; an unknown ending stays."""
    assert split_file_name(file) == parts


def test_every_format_has_a_source() -> None:
    """And an ending."""
    assert tuple(SOURCES) == SOURCE_FORMATS
