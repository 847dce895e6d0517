"""Sets how the C library hands out memory: arrays of a window keep theirs for those of the next one.

By default each large array gets fresh pages from the system, which zeroes them, and gives them back soon
after: a tenth of the time of a run. It has no effect on the data.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # the numbers of malloc.h, of the GNU C library
_LARGEST = 32 << 20  # bytes; it takes no more on 64 bits
_KEPT = 256 << 20  # bytes that are free at the end of the heap


def keep_freed_memory() -> bool:
    """Have freed memory of arrays used again; return whether the C library can do that."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no such function, or no such library
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST) and mallopt(_TRIM_THRESHOLD, _KEPT))
