"""The program runs where a system lacks what only some have: modules for locks and limits, and signals."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guarantees.kill import counting

ROOT = Path(__file__).parents[2]
HIDE = """
import signal, sys

class Missing:
    NAMES = {"fcntl", "resource", "termios", "pwd", "grp", "posix_spawn", "_posixshmem"}

    def find_spec(self, name, path=None, target=None):
        if name in self.NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
for name in Missing.NAMES:
    sys.modules.pop(name, None)
for name in ("SIGHUP", "SIGALRM", "SIGPIPE", "SIGQUIT", "SIGUSR1", "alarm", "setitimer", "pthread_kill"):
    if hasattr(signal, name):
        delattr(signal, name)
"""
START = ["-s", "2027-03-12T05:20:13", "--seed", "7"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a system that has less."""
    (tmp_path / "less").mkdir()
    (tmp_path / "less" / "sitecustomize.py").write_text(HIDE)
    return {**os.environ, "PYTHONPATH": f"{tmp_path / 'less'}{os.pathsep}{ROOT}"}


def run(
    *arguments: str, env: dict[str, str], cwd: Path, spec: object = None
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "generator.py"), *arguments],
        input="" if spec is None else json.dumps(spec), text=True, capture_output=True, check=False, env=env, cwd=cwd,
    )  # fmt: skip


def commands_of_the_readme() -> list[list[str]]:
    """Return the arguments of each simulated command with an end that the README shows."""
    lines = re.findall(
        r"^(?:\S+/)?python generator\.py (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    limited = [line for line in lines if " -s " in line and re.search(r" (-n|-r) ", line)]
    simulated = [line.split("|")[0].split(">")[0].split() for line in limited]
    assert len(simulated) >= 4
    return simulated


def test_commands_of_the_readme_run(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """With the records that they have here."""
    for command in commands_of_the_readme():
        limited = command if "--seed" in command else [*command, "--seed", "1"]
        there, here = (run(*limited, env=env, cwd=tmp_path) for env in (elsewhere, {**os.environ}))
        assert (there.returncode, there.stdout) == (0, here.stdout), there.stderr


@pytest.mark.long
def test_resumed_run_is_the_same(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """To a file, and to files by time of columns, with the locks that this system has."""
    for path in ("out", "%H.parquet"):
        made = []
        for name, env in (("there", elsewhere), ("here", {**os.environ})):
            folder = tmp_path / name / path.replace("%", "")
            folder.mkdir(parents=True)
            spec = {**counting(), "target": {"type": "file", "path": path}}
            for limit in ("60", "90"):
                done = run(
                    *START, "-q", "--resume", "ck", "-n", limit, spec=spec, env=env, cwd=folder
                )
                assert done.returncode == 0, done.stderr
            assert not [name for name in os.listdir(folder) if name.endswith(".lock")]
            made.append(
                {each.name: each.read_bytes() for each in folder.iterdir() if each.name != "ck"}
            )
        assert made[0] == made[1]


def test_live_run_ends_by_its_limits(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """The handlers of signals that are there are enough."""
    done = run("-c", "example", "-r", "1S", env=elsewhere, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
