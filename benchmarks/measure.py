"""Turns a command into what it took: wall time, CPU time and peak memory of the whole process."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Usage:
    """What a process took: seconds of wall and CPU time, megabytes (10**6 bytes) at its peak."""

    wall: float
    cpu: float
    peak: float


def measured(command: Sequence[str]) -> Usage:
    """Run a command, its output thrown away. Raises RuntimeError when it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        words = process.stderr.read().decode() if process.stderr else ""
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {process.returncode}\n{words}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def python(*arguments: str) -> list[str]:
    """Return the command that runs this very Python."""
    return [sys.executable, *arguments]


def middle(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure, and the greatest peak."""
    return Usage(
        median(each.wall for each in usages),
        median(each.cpu for each in usages),
        max(each.peak for each in usages),
    )
