"""The benchmark of databases runs, and compares the same rows."""

from pathlib import Path

import pytest

from benchmarks import databases
from tests.support.databases import sqlite_base


def test_pairs_of_few_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last run and bare ingestion leave as many rows."""
    base = sqlite_base(str(tmp_path / "a.db"))
    assert databases.main([base.uri, "--records", "300", "--pairs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [
        "without",
        "with --resume",
        "bare adbc_ingest",
    ]
    assert base.count("click") == 300
