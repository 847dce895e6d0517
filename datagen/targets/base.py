"""What every target shares: its keys, and the way records are handed over and counted.

A target specification is a checked model with one verb, `open`; what it opens is a context manager
that takes rendered records and counts those delivered. To add a target, write one file here and
list it in `__init__.py`.
"""

import os
import select
import stat
from typing import Any, BinaryIO, Self

from datagen.errors import ReaderGoneError, TargetError
from datagen.formats import Rendered
from datagen.schema import Family, Model

TARGETS: "Family[Target]" = Family("target type")


class Sink:
    """The open end of a target. Counts records and bytes that were delivered."""

    def __init__(self) -> None:
        self.delivered = 0
        self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, records: Rendered) -> None:
        """Take records; return when as many more can be taken. Raises TargetError."""
        raise NotImplementedError

    def flush(self) -> None:
        """Let a reader see all that was written so far."""

    def close(self) -> None:
        """Deliver the rest and let go. Raises TargetError."""


class Target(Model):
    """The base of the family."""

    type: str

    def open(self, stdout: BinaryIO) -> Sink:
        """Reach the target. Raises TargetError."""
        raise NotImplementedError


class Descriptor:
    """A file descriptor that takes all of a buffer, and knows how much of it."""

    def __init__(self, descriptor: int) -> None:
        self.number = descriptor
        self.regular = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def write(self, data: memoryview, taken: list[int]) -> None:
        """Write all of `data`; `taken[0]` holds how many bytes, whatever happens."""
        while taken[0] < len(data):
            try:
                taken[0] += os.write(self.number, data[taken[0] :])
            except BlockingIOError:
                select.select([], [self.number], [])


def delivered_lines(records: Rendered, taken: int) -> int:
    """Give how many whole records the first bytes of them hold."""
    return int((records.ends <= taken).sum())


def reader_gone() -> ReaderGoneError:
    """Make the error for a reader that went away."""
    return ReaderGoneError("the reader of the output went away")


def failed(what: str, error: OSError, delivered: int) -> TargetError:
    """Make the error for a target that the system refuses."""
    reason: Any = error.strerror or str(error)
    return TargetError(f"{what}: {reason}; {delivered} records were delivered")
