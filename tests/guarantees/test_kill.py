"""Runs that are killed with SIGKILL and go on until they are done."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_killed_runs_leave_the_bytes_of_an_undisturbed_one() -> None:
    """After 48 kills, of generating, writing and checkpointing; `make kill` does 300."""
    command = [sys.executable, "-m", "tests.guarantees.kill", "--kills", "48", "--seed", "20"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("all bytes as without a kill\n")
