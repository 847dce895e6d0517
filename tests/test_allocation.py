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


HEAPS = """
import re, sys, threading
from datagen.allocation import share_one_heap
shared = share_one_heap() if sys.argv[1] == "shared" else True
kept = []
barrier = threading.Barrier(4)
def work():
    barrier.wait()  # all live at once, so that none takes over the heap of another
    kept.append([bytes(5000) for _ in range(400)])
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
import ctypes
ctypes.CDLL(None).malloc_stats()
print(int(shared), flush=True)
"""


def heaps_of(how: str) -> tuple[bool, int]:
    """Return whether the heap is shared, and of how many the C library tells, with four threads."""
    done = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, check=True)
    return done.stdout.strip() == b"1", done.stderr.count(b"Arena ")


def test_threads_share_one_heap() -> None:
    """What one has freed is there for the others; where the C library cannot do that, nothing is said."""
    shared, heaps = heaps_of("shared")
    if not shared:
        pytest.skip("not the GNU C library")
    assert heaps == 1 < heaps_of("as it is")[1]


@pytest.mark.parametrize("library", [object(), None])
def test_other_libraries_are_left_alone(library: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without such a function, and systems where there is no library of the process."""

    def load(_: object) -> object:
        if library is None:
            raise OSError
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert not allocation.keep_freed_memory()
    assert not allocation.share_one_heap()
