"""The most memory that a run takes, in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_MEASURED = """
import sys, time
sys.path.insert(0, sys.argv[1])
import generator
sys.argv[:] = ["generator.py", *sys.argv[2:]]
status = generator.main()  # as the command does
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(lines["VmHWM"].split()[0], time.process_time(), file=sys.stderr)
sys.exit(status)
"""


class Peak(NamedTuple):
    """The most memory of a run, in MB of 2**20 bytes, and its CPU time in seconds."""

    megabytes: float
    seconds: float


def peak_of(*arguments: str) -> Peak:
    """Return what a run with these arguments takes, which succeeds."""
    status, peak, told = measured(*arguments)
    assert status == 0, told
    return peak


def measured(*arguments: str) -> tuple[int, Peak, str]:
    """Return the status of a run with these arguments, what it takes, and what it says on stderr.

    What the process itself had: getrusage begins with what its parent has, the tests' own memory.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(ROOT), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    *told, figures = done.stderr.splitlines(keepends=True)
    kilobytes, seconds = figures.split()
    return done.returncode, Peak(int(kilobytes) / 1024, float(seconds)), "".join(told)
