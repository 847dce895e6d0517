"""Turns values into JSON text: columns by arrays, single values one by one; the same text either way.

Compact, UTF-8, keys in order. A float is the shortest text that parses back to the same double and
always holds `.` or `e`. Whatever could end a line for some reader (control characters, U+0085,
U+2028, U+2029) and what UTF-8 cannot hold (lone surrogates) is escaped.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Floats, TextArray
from datagen.columns.digits import float_pieces
from datagen.columns.pieces import Piece, joined

_UNSAFE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
_SHORT = {8: r"\b", 9: r"\t", 10: r"\n", 12: r"\f", 13: r"\r", 34: r"\"", 92: r"\\"}
_ESCAPES = {code: _SHORT.get(code, f"\\u{code:04x}") for code in (92, 34, *range(32))}
_BREAKS = {"\x85": r"\u0085", "\u2028": r"\u2028", "\u2029": r"\u2029"}


def of_value(value: Any) -> str:
    """Return the text of any JSON value."""
    text = json.dumps(_plus_zero(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda used: f"\\u{ord(used[0]):04x}", text)


def plain_text(value: Any) -> str | None:
    """Return any JSON value as plain text: a string as it is, null as None, else as in JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return None if value is None else of_value(value)


def unquote(texts: TextArray) -> TextArray:
    """Return strings that need no escapes without their quotes."""
    return pc.utf8_slice_codeunits(texts, 1, -1)


def of_floats(values: Floats) -> TextArray:
    """Return doubles as `repr` writes them, all finite and none -0.0: float64[n]."""
    pieces = float_pieces(values)
    if pieces is not None:
        return joined(pieces, len(values))
    texts, sizes = pc.cast(pa.array(values), pa.string()), np.abs(values)
    integral = (values == np.rint(values)) & (sizes < 1e10)
    if integral.any():
        pointed = pc.binary_join_element_wise(texts.filter(pa.array(integral)), ".0", "")
        texts = pc.replace_with_mask(texts, pa.array(integral), pointed)
    far = (sizes >= 1e10) | ((sizes < 1e-4) & (sizes > 0))  # where Arrow's texts are longer
    if far.any():
        short = pa.array([repr(value) for value in values[far].tolist()], pa.string())
        texts = pc.replace_with_mask(texts, pa.array(far), short)
    return texts


def needs_escapes(values: TextArray) -> bool:
    """Return whether some string may hold a character that is escaped."""
    data = bytes_of(values)
    return bool(len(data)) and bool(
        data.min() < 32
        or holds_any(data, b'"\\')
        or (data.max() > 127 and holds_any(data, b"\xc2\xe2"))
    )


def holds_any(data: NDArray[np.uint8], codes: Iterable[int]) -> bool:
    """Return whether some byte is one of a few."""
    return any((data == code).any() for code in codes)


def of_strings(values: TextArray) -> TextArray:
    """Return strings quoted and escaped: a string array of n."""
    if needs_escapes(values):
        used = np.flatnonzero(np.bincount(bytes_of(values), minlength=256))
        for code in sorted(set(used.tolist()) & set(_ESCAPES), key=lambda code: code != 92):
            values = pc.replace_substring(values, chr(code), _ESCAPES[code])
        if 0xC2 in used or 0xE2 in used:
            for character, escape in _BREAKS.items():
                values = pc.replace_substring(values, character, escape)
    return joined(['"', Piece(values), '"'], len(values))


def from_fixed_width(texts: NDArray[Any]) -> TextArray:
    """Return a contiguous numpy array of ASCII texts of one width, bytes[n], as a string array."""
    width, rows = texts.dtype.itemsize, len(texts)
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(
        rows, pa.py_buffer(offsets), pa.py_buffer(texts.view(np.uint8))
    )


def join(pieces: Sequence[Any], rows: int) -> TextArray:
    """Join constants and string arrays of n, row by row."""
    merged: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    if all(isinstance(piece, str) for piece in merged):
        return pa.array(["".join(merged)] * rows, pa.string())
    return pc.binary_join_element_wise(*merged, "")


def bytes_of(values: TextArray) -> NDArray[np.uint8]:
    """Return all bytes of a string array, one text after the other."""
    if not len(values):
        return np.empty(0, dtype=np.uint8)
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(data or b"", dtype=np.uint8)[ends[0] : ends[-1]]


def _plus_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plus_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plus_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
