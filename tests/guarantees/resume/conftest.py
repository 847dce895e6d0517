"""Fixtures of the tests in this folder."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own with a preset's target in it, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
