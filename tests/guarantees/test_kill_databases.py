"""Runs into databases that are killed with SIGKILL and go on until they are done."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import postgres_server

ROOT = Path(__file__).parents[2]


def kill(uri: str, kills: int) -> None:
    """Kill so many runs into an empty database, in processes that know nothing of this one."""
    command = [sys.executable, "-m", "tests.guarantees.kill_databases", uri, "--kills", str(kills)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("kills: every record is in the database once\n")


def test_few_killed_runs_are_in_the_database_once(tmp_path: Path) -> None:
    """Of SQLite; the long test kills more, in others too."""
    kill(f"sqlite:///{tmp_path}/a.db", 4)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 50), ("duckdb", 10), ("postgresql", 50)])
def test_killed_runs_are_in_the_database_once(kind: str, kills: int, tmp_path: Path) -> None:
    """Whatever they were doing: writing rows, committing, or writing the checkpoint."""
    if kind == "postgresql":
        with postgres_server() as server:
            kill(server.url, kills)
    else:
        kill(f"{kind}:///{tmp_path}/a.db", kills)
