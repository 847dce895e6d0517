"""Writes bytes to a file descriptor, and turns what the system refuses into errors of a target."""

import os
import select
import stat

from datagen.arrays import Ints
from datagen.errors import ReaderGoneError, TargetError


class Descriptor:
    """A file descriptor to which buffers are written completely."""

    def __init__(self, descriptor: int) -> None:
        self.number = descriptor
        self.regular = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def write(self, data: memoryview, taken: list[int]) -> None:
        """Write all of `data`; `taken[0]` counts the bytes written, also where an error ends it."""
        while taken[0] < len(data):
            try:
                taken[0] += os.write(self.number, data[taken[0] :])
            except BlockingIOError:
                select.select([], [self.number], [])

    def take_back(self, count: int) -> bool:
        """Cut off the last bytes that were written, where they still are the end of a file."""
        end = os.lseek(self.number, 0, os.SEEK_CUR) if self.regular else 0
        if not end or os.fstat(self.number).st_size != end:
            return False
        os.ftruncate(self.number, end - count)
        os.lseek(self.number, end - count, os.SEEK_SET)
        return True


def complete_records(ends: Ints, taken: int) -> int:
    """Return how many complete records the first bytes of them hold; `ends` says where each ends."""
    return int((ends <= taken).sum())


def reader_gone() -> ReaderGoneError:
    """Return the error for a reader that went away."""
    return ReaderGoneError("the reader of the output went away")


def open_error(path: str, error: OSError) -> TargetError:
    """Return the error for a file that cannot be opened."""
    folder = os.path.dirname(path) or "."
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):
        return TargetError(path, f'there is no folder "{folder}"', 0)
    return TargetError.of_system(path, error, 0)
