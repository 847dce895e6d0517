"""Reads files that say what to do: regular ones, whole, and none that is too large.

A specification can name any file. A pipe would be waited for without end, a device would never end.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 1 << 26
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_OPEN |= getattr(os, "O_BINARY", 0)


_NOTED: ContextVar[list[str] | None] = ContextVar("noted", default=None)


class UnsuitableFileError(ValueError):
    """A file is of no kind that is read, or too large; `str()` says what it is."""


@contextmanager
def noting_files() -> Iterator[list[str]]:
    """Yield a list of the files that are read meanwhile in this thread, those too that cannot be."""
    noted: list[str] = []
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def read_file(path: str | Path, *, pipe: bool = False, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file, or with `pipe` of anything that ends.

    Raises UnsuitableFileError, OSError.
    """
    _note(path)
    if pipe and not stat.S_ISREG(os.stat(path).st_mode):
        with open(path, "rb") as stream:
            return read_stream(stream, limit)
    with os.fdopen(_open_regular(path), "rb") as stream:
        return read_stream(stream, limit)


def read_stream(stream: BinaryIO, limit: int = MAX_BYTES) -> bytes:
    """Return all bytes of a stream. Raises UnsuitableFileError, OSError."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise UnsuitableFileError(f"is larger than {limit >> 20} MB")
    return data


def check_file(path: str | Path, limit: int = MAX_BYTES) -> None:
    """Raise UnsuitableFileError or OSError for a file that `read_file` would not read."""
    _note(path)
    descriptor = _open_regular(path)
    try:
        if os.fstat(descriptor).st_size > limit:
            raise UnsuitableFileError(f"is larger than {limit >> 20} MB")
    finally:
        os.close(descriptor)


def _note(path: str | Path) -> None:
    noted = _NOTED.get()
    if noted is not None and str(path) not in noted:
        noted.append(str(path))


def _open_regular(path: str | Path) -> int:
    """Return the descriptor of a regular file; anything else is not even opened."""
    _check_kind(os.stat(path).st_mode)
    descriptor = os.open(path, _OPEN)
    try:
        _check_kind(os.fstat(descriptor).st_mode)
    except UnsuitableFileError:
        os.close(descriptor)
        raise
    return descriptor


def _check_kind(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise UnsuitableFileError("is not a regular file")
