"""Freed memory is used again."""

import ctypes
import subprocess
import sys

import pytest

from datagen import allocation

FAULTS = """
import resource, sys
import numpy as np
from datagen.allocation import keep_freed_memory
kept = keep_freed_memory() if sys.argv[1] == "kept" else True
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(2):  # the second time from what the first time left
    before = faults()
    for _ in range(20):
        arrays = [np.ones(250_000) for _ in range(8)]
        del arrays
print(int(kept), faults() - before)
"""


def faults_of(how: str) -> tuple[int, int]:
    """Return whether memory is kept, and the page faults of twenty rounds of arrays."""
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, check=True)
    kept, faults = map(int, done.stdout.split())
    return kept, faults


def test_arrays_get_the_memory_of_earlier_ones() -> None:
    """Pages come from the system once; where the C library cannot do that, nothing is said."""
    kept, faults = faults_of("kept")
    if not kept:
        pytest.skip("not the GNU C library")
    assert faults < 1000 < faults_of("as it is")[1]


@pytest.mark.parametrize("library", [object(), None])
def test_other_libraries_are_left_alone(library: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without such a function, and systems where there is no library of the process."""

    def load(_: object) -> object:
        if library is None:
            raise OSError
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert not allocation.keep_freed_memory()
