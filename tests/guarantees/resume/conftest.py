"""Fixtures of the tests in this folder."""

from pathlib import Path

import pytest

from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of its own with a preset's target in it, and go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs in this process have many windows, so that they can be stopped between them."""
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(512, 1 << 20))
