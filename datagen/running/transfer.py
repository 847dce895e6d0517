"""Hands objects from one process to another of the same run, in files that have no name.

Arrays and texts are written as they are in memory, and mapped by whoever gets the file. Nothing goes
through /dev/shm, which is small in containers. Only what processes of our own make is ever read.
"""

import mmap
import os
import pickle
import struct
import tempfile
from collections.abc import Iterable
from typing import Any

_ALIGNMENT = 64  # bytes, as Arrow wants its buffers
_COUNT = struct.Struct("<Q")


def packed(value: Any) -> int:
    """Return the descriptor of a new file that holds an object; whoever gets it closes it. Raises OSError."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    parts = [memoryview(data), *(each.raw() for each in buffers)]
    descriptor = nameless_file()
    try:
        _write_all(descriptor, _head([len(part) for part in parts]))
        for part in parts:
            _write_all(descriptor, part)
            _write_all(descriptor, b"\0" * (-len(part) % _ALIGNMENT))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def unpacked(descriptor: int) -> Any:
    """Return the object that a file holds, and close the descriptor.

    Its arrays lie in the file, whose memory is free again when the last of them is gone.
    """
    try:
        # copied where it is written to: arrays are as their like that were made here
        view = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY))
    finally:
        os.close(descriptor)
    (count,) = _COUNT.unpack_from(view)
    sizes = [_COUNT.unpack_from(view, _COUNT.size * (1 + each))[0] for each in range(count)]
    begin, parts = len(_head(sizes)), []
    for size in sizes:
        parts.append(view[begin : begin + size])
        begin += size + -size % _ALIGNMENT
    return pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301 - of our own process


def nameless_file() -> int:
    """Return the descriptor of a file in memory; of one on disk where the system has no such files."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("datagen")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _head(sizes: Iterable[int]) -> bytes:
    sizes = list(sizes)
    head = b"".join(map(_COUNT.pack, (len(sizes), *sizes)))
    return head + b"\0" * (-len(head) % _ALIGNMENT)


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
