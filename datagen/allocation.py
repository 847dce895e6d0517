"""Sets how the C library hands out memory: arrays of a window keep theirs for those of the next one.

By default each large array gets fresh pages from the system, which zeroes them, and gives them back soon
after: a tenth of the time of a run. And each thread takes from a heap of its own, so that what one thread
has freed (the walking one makes windows, the delivering one is done with them) is not there for another.
Neither has an effect on the data.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of malloc.h, of the GNU C library
_LARGEST = 32 << 20  # bytes; it takes no more on 64 bits
_KEPT = 256 << 20  # bytes that are free at the end of the heap


def keep_freed_memory() -> bool:
    """Have freed memory of arrays used again; return whether the C library can do that."""
    return _set(_MMAP_THRESHOLD, _LARGEST) and _set(_TRIM_THRESHOLD, _KEPT)


def share_one_heap() -> bool:
    """Have all threads take memory from one heap: for a process that is all ours, before it has threads.

    A run takes 20 to 40 MB less. Returns whether the C library can do that.
    """
    return _set(_ARENA_MAX, 1)


def _set(option: int, value: int) -> bool:
    try:
        return bool(ctypes.CDLL(None).mallopt(option, value))
    except (AttributeError, OSError, TypeError):  # no such function, or no such library
        return False
