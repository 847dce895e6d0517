"""Bounds of processor time that hold on any machine: they are told for a usual one, and a slow one has more."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_STEPS = 20_000
_USUAL = 50e-9  # seconds that a step of the loop takes on the machine the bounds are told for


def slowness() -> float:
    """Return how many times longer than on a usual machine this one takes just now; at least 1."""
    total, began = 0, time.process_time()
    for each in range(_STEPS):
        total += each
    return max((time.process_time() - began) / _STEPS / _USUAL, 1.0)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail when the block takes more processor time than this on a usual machine.

    No garbage that other tests left is looked at meanwhile: that may take a second of the block's time.
    """
    before = slowness()
    gc.freeze()
    began = time.process_time()
    try:
        yield
        taken = time.process_time() - began
    finally:
        gc.unfreeze()
    bound = seconds * max(before, slowness())
    assert taken < bound, f"{taken:.2f} s of the processor; at most {bound:.2f}"
