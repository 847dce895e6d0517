"""Keeps a second run out of a file that is being written, on every system.

A lock is a file of its own, beside the one that it stands for, so that nothing is done through a file
that holds data, or through a link that lies in its place. It ends with its process.
"""

import contextlib
import errno
import hashlib
import os
from typing import Self

_LONGEST = 200  # bytes of a name that the name of a lock repeats


class FileLock:
    """A lock that this run holds until it is released, when its file is deleted."""

    def __init__(self, path: str) -> None:
        """Take a lock at once. Raises BlockingIOError where another run holds it, OSError where it cannot be."""
        from filelock import FileLock as Lock  # noqa: PLC0415 - most runs lock nothing
        from filelock import Timeout  # noqa: PLC0415

        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        self.path = path
        self._lock = Lock(path, timeout=0, mode=0o666, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise BlockingIOError(errno.EBUSY, "is in use by another run") from None

    @classmethod
    def beside(cls, path: str) -> Self:
        """Lock a file by a hidden file beside it. Raises as the constructor does."""
        return cls(hidden_beside(path))

    def release(self) -> None:
        """Delete the file, while nobody else can hold it, and let others lock."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        self._lock.release()


def hidden_beside(path: str) -> str:
    """Return the name of the hidden file that stands for a file."""
    folder, name = os.path.split(path)
    if len(os.fsencode(name)) > _LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return os.path.join(folder, f".{name}.lock")
