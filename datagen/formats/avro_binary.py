"""Turns columns into Avro's binary encoding, by arrays: the bytes of each row, in one buffer.

Every value may be null, so each is a union of null, its first branch, and its type. See "Binary
Encoding" in the specification of Apache Avro 1.11.

It is our own because pyarrow writes no Avro, and the packages that do (avro, fastavro) encode one
record after the other from Python objects, which takes many times as long as columns that are there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Ints

Binary = Any  # a pyarrow BinaryArray of n; pyarrow ships no types
_NULL, _VALUE = b"\x00", b"\x02"  # the branches of a union: 0 and 1
_END = b"\x00"  # of an array
_BOUNDS = np.left_shift(np.uint64(1), np.arange(7, 64, 7, dtype=np.uint64))  # of one byte, two, ...
_MORE = 0x80  # bytes of the same number follow


def encode_records(batch: Any) -> Binary:
    """Return the rows of an Arrow record batch as Avro records: the values of all fields in a row."""
    return _joined([piece for column in batch.columns for piece in _optional(column)])


def encode_longs(values: Ints) -> Binary:
    """Return whole numbers, int64[n], encoded: zigzag, then seven bits a byte, the lowest first."""
    zigzag = ((values << 1) ^ (values >> 63)).view(np.uint64)
    sizes = 1 + np.searchsorted(_BOUNDS, zigzag, side="right")
    places = np.arange(sizes.max(initial=1), dtype=np.uint64)
    groups = ((zigzag[:, None] >> (7 * places)) & np.uint64(_MORE - 1)).astype(np.uint8)
    groups[places + 1 < sizes[:, None]] |= _MORE
    return _values_of(groups[places < sizes[:, None]], sizes)


def _optional(array: Any) -> list[Any]:
    """Return the pieces of each row of values that may be null."""
    pieces = [_VALUE, *_encoder(array.type)(array)]
    if not array.null_count:
        return pieces
    return [pc.if_else(array.is_valid(), _joined(pieces), pa.scalar(_NULL, pa.binary()))]


def _encoder(kind: Any) -> Callable[[Any], list[Any]]:
    return next(encode for is_of, encode in _ENCODERS if is_of(kind))


def _longs(array: Any) -> list[Any]:
    return [encode_longs(_numbers(array.cast(pa.int64())))]


def _doubles(array: Any) -> list[Any]:
    numbers = _numbers(array).astype("<f8")
    return [_values_of(numbers.view(np.uint8), np.full(len(array), 8))]


def _booleans(array: Any) -> list[Any]:
    numbers = _numbers(array.cast(pa.uint8()))
    return [_values_of(numbers, np.ones(len(array), dtype=np.int64))]


def _strings(array: Any) -> list[Any]:
    return [
        encode_longs(_numbers(pc.binary_length(array)).astype(np.int64)),
        array.cast(pa.binary()),
    ]


def _structs(array: Any) -> list[Any]:
    return [piece for part in array.flatten() for piece in _optional(part)]


def _lists(array: Any) -> list[Any]:
    """Return the pieces of each list: a block of all items, if there are any, and an end."""
    counts = _numbers(pc.list_value_length(array)).astype(np.int64)
    items = pa.ListArray.from_arrays(_offsets(counts), _joined(_optional(array.flatten())))
    ends = pc.if_else(pa.array(counts > 0), pa.scalar(_END, pa.binary()), b"")
    return [encode_longs(counts), pc.binary_join(items, b""), ends]


_ENCODERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], list[Any]]], ...] = (
    (pa.types.is_int64, _longs),
    (pa.types.is_timestamp, _longs),
    (pa.types.is_float64, _doubles),
    (pa.types.is_boolean, _booleans),
    (pa.types.is_string, _strings),
    (pa.types.is_struct, _structs),
    (pa.types.is_list, _lists),
)


def _numbers(array: Any) -> NDArray[Any]:
    """Return the numbers of an array; those in place of nulls mean nothing."""
    numbers: NDArray[Any] = pc.fill_null(array, 0).to_numpy()
    return numbers


def _joined(pieces: list[Any]) -> Binary:
    """Return constants and arrays of n, joined row by row; null where one of them is null."""
    merged: list[Any] = []
    for piece in pieces:
        if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += piece
        else:
            merged.append(piece)
    return pc.binary_join_element_wise(*merged, b"")


def _values_of(data: NDArray[np.uint8], sizes: Ints) -> Binary:
    """Return bytes that lie one after the other as an array of n values of these sizes."""
    return pa.Array.from_buffers(
        pa.binary(), len(sizes), [None, _offsets(sizes).buffers()[1], pa.py_buffer(data)]
    )


def _offsets(sizes: Ints) -> Any:
    return pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
