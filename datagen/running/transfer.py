"""Hands objects from one process to another of the same run, in files that have no name.

Arrays and texts are written as they are in memory, and read into arrays of their own: that takes no longer
than mapping them, and holds no descriptor. Nothing goes through /dev/shm, which is small in containers. Only
what processes of our own make is ever read. A file is written to again and again: its pages are there by then.
"""

import os
import pickle
import struct
import tempfile
from typing import Any

import numpy as np

_SIZE = struct.Struct("<Q")  # of how many parts there are, and of each


def packed(value: Any) -> int:
    """Return the descriptor of a new file that holds an object; whoever gets it closes it. Raises OSError."""
    descriptor = nameless_file()
    try:
        pack_into(descriptor, value)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def pack_into(descriptor: int, value: Any) -> None:
    """Write an object into a file, over what it held. Raises OSError."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    parts = [memoryview(data), *(each.raw() for each in buffers)]
    head = b"".join(map(_SIZE.pack, (len(parts), *map(len, parts))))
    place = 0
    for part in (memoryview(head), *parts):
        place = _write_all(descriptor, part, place)


def unpacked(descriptor: int) -> Any:
    """Return the object that a file holds. Raises OSError."""
    head = _read(descriptor, _SIZE.size, 0)
    (count,) = _SIZE.unpack(head)
    begin = _SIZE.size * (1 + count)
    parts = []
    for (size,) in _SIZE.iter_unpack(_read(descriptor, _SIZE.size * count, _SIZE.size)):
        parts.append(_read(descriptor, size, begin))
        begin += size
    return pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301 - of our own process


def nameless_file() -> int:
    """Return the descriptor of a file in memory; of one on disk where the system has no such files."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("datagen")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write_all(descriptor: int, view: memoryview, place: int) -> int:
    """Write at a place of a file; return the place behind."""
    while view:
        count = os.pwrite(descriptor, view, place)
        view, place = view[count:], place + count
    return place


def _read(descriptor: int, size: int, begin: int) -> memoryview:
    """Return so many bytes, in memory of their own; several processes may read a file at once."""
    view = left = np.empty(size, dtype=np.uint8).data
    while left:
        count = os.preadv(descriptor, [left], begin)
        if not count:
            raise EOFError("a file between processes was cut")
        left, begin = left[count:], begin + count
    return view
