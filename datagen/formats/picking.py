"""Picks records out of several blocks of bytes, into memory of their own.

What is picked from several blocks goes there at once, by views of Arrow's: 16 bytes for each record, which say where it is.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints

Block = tuple[memoryview, Ints]
"""Records one after the other, and where each ends: int64[n]."""

# The format has the first bytes of a text too, for comparisons: there are none here, and to read them takes long.
_VIEW = np.dtype([("length", "i4"), ("first_bytes", "u4"), ("block", "i4"), ("start", "i4")])
_INSIDE = 12  # bytes: what is no longer is in the view itself
_LARGEST = (1 << 31) - 1  # bytes of a block that a view can point into


def picked(blocks: Sequence[Block], rows: Ints) -> Block:
    """Return the records at some rows of all blocks, one block after the other: int64[m]."""
    if not len(rows):
        return memoryview(b""), np.empty(0, dtype=np.int64)
    if len(blocks) == 1:
        return _block_of(_texts(*blocks[0]).take(pa.array(rows)))
    views = _views(blocks)
    if views is None:
        return _block_of(_texts(*joined(blocks)).take(pa.array(rows)))
    buffers = [None, pa.py_buffer(views[rows]), *(pa.py_buffer(data) for data, _ in blocks)]
    texts = pa.Array.from_buffers(pa.binary_view(), len(rows), buffers)
    return _block_of(texts.cast(pa.large_binary()))


def joined(blocks: Sequence[Block]) -> Block:
    """Return the records of all blocks, one block after the other."""
    data = b"".join(each for each, _ in blocks)
    begins = np.cumsum([0, *(len(each) for each, _ in blocks[:-1])])
    ends = [own + begin for (_, own), begin in zip(blocks, begins, strict=True)]
    return memoryview(data), np.concatenate(ends)


def _views(blocks: Sequence[Block]) -> "np.ndarray[tuple[int], np.dtype[np.void]] | None":
    """Return where the records of all blocks are, or None where views cannot say that of some."""
    views = np.zeros(sum(len(ends) for _, ends in blocks), _VIEW)
    first = 0
    for number, (data, ends) in enumerate(blocks):
        lengths = np.diff(ends, prepend=0)
        if len(data) > _LARGEST or int(lengths.min(initial=_LARGEST)) <= _INSIDE:
            return None
        own = views[first : first + len(ends)]
        own["length"], own["block"], own["start"] = lengths, number, ends - lengths
        first += len(ends)
    return views


def _texts(data: memoryview, ends: Ints) -> pa.Array:
    offsets = pa.py_buffer(np.concatenate([[0], ends]).astype(np.int64))
    buffers = [None, offsets, pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)


def _block_of(texts: pa.Array) -> Block:
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[1 : len(texts) + 1]
    view = memoryview(data if data is not None else b"").cast("B")
    return view[: int(ends[-1])], ends
