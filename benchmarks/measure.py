"""Turns a command into what its process took: wall time, CPU time and peak memory."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Usage:
    """What a process took: seconds of wall and CPU time, megabytes (10**6 bytes) at its peak."""

    wall: float
    cpu: float
    peak: float


def measured(command: Sequence[str], folder: Path = ROOT) -> Usage:
    """Run a command in a checkout, its output thrown away. Raises RuntimeError when it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
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


def numpy_imported() -> Usage:
    """Measure what a Python that imports numpy takes: how slow this machine is at starting things."""
    return measured(python("-c", "import numpy"))


def pair(without: Callable[[], T], with_: Callable[[], T], number: int) -> tuple[T, T]:
    """Return what two runs give; those of pairs with an odd number run in the other order."""
    if number % 2:
        second = with_()
        return without(), second
    return without(), with_()


def measured_well(
    measure: Callable[[int], list[T]], number: int, well: Callable[[list[T]], bool]
) -> list[T]:
    """Measure so many times, and twice more where that is not well: one busy moment of a machine is no miss, three are."""
    found = measure(number)
    return found if well(found) else [*found, *measure(2)]


def middle(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure, and the greatest peak."""
    return Usage(
        median(each.wall for each in usages),
        median(each.cpu for each in usages),
        max(each.peak for each in usages),
    )
