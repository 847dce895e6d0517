"""The fixture gives the same records to each run of a test."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import datagen

ROOT = Path(__file__).parents[2]
TEST = """
def test_records(datagen_events):
    events = datagen_events("clickstream", records=5)
    assert (events.seed, f"{events.start:%F}") == (1, "2027-03-12")
    assert len(list(events)) == 5
    other = datagen_events("clickstream", records=5, seed=2, start="2027-01-01", max_workers=5)
    assert (other.seed, f"{other.start:%F}") == (2, "2027-01-01")
"""


def test_fixture_gives_events(tmp_path: Path) -> None:
    """With a seed and a start of its own, unless they are given."""
    (tmp_path / "test_it.py").write_text(TEST, encoding="utf-8")
    plugin = ["-p", "no:datagen", "-p", "datagen.api.fixture"]  # installed or not
    words = [sys.executable, "-m", "pytest", "-q", *plugin, "test_it.py"]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=tmp_path, env=path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pytest_finds_it() -> None:
    """By the entry point of the package; loading it is light."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (place,) = project["entry-points"]["pytest11"].values()
    assert import_module(place).datagen_events.__doc__
    code = f"import pytest, sys; before = {{*sys.modules}}; import {place}; print({{*sys.modules}} - before)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    assert eval(done.stdout) == {"datagen", "datagen.api", place}
    assert datagen.__version__
