"""Undoes the escapes of TSV, as PostgreSQL's text format and ClickHouse's TabSeparated write them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrays import Ints, TextArray
from datagen.columns.json_text import bytes_of

NULL_CELL = r"\N"
_BACKSLASH = ord("\\")
_MEANINGS = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "'": "'"}  # fmt: skip
_CODES = np.full(256, -1, dtype=np.int16)  # of what an escaped byte stands for, -1: it is no escape
_CODES[[ord(letter) for letter in _MEANINGS]] = [ord(meant) for meant in _MEANINGS.values()]


def unescaped(cells: TextArray) -> TextArray:
    r"""Return the values of cells, `\N` as null; a backslash before anything else stays."""
    codes = bytes_of(cells)
    if not (codes == _BACKSLASH).any():
        return cells
    nulls = pc.equal(cells, NULL_CELL).to_numpy(zero_copy_only=False)
    ends = np.cumsum(pc.binary_length(cells).to_numpy())
    escapes = _escapes(codes, ends)
    values, kept = codes.copy(), np.ones(len(codes), dtype=bool)
    values[escapes + 1] = _CODES[codes[escapes + 1]]
    kept[escapes] = False
    offsets = np.zeros(len(cells) + 1, dtype=np.int32)
    offsets[1:] = ends - np.searchsorted(escapes, ends)
    texts = pa.StringArray.from_buffers(
        len(cells), pa.py_buffer(offsets), pa.py_buffer(values[kept])
    )
    return pc.if_else(pa.array(nulls), None, texts) if nulls.any() else texts


def _escapes(codes: NDArray[np.uint8], ends: Ints) -> Ints:
    """Return where escapes begin: at each other backslash of a run, within one cell."""
    places = np.flatnonzero(codes == _BACKSLASH)
    numbers = np.arange(len(places))
    begins = (np.diff(places, prepend=-2) != 1) | np.isin(places, ends)
    in_run = numbers - np.maximum.accumulate(np.where(begins, numbers, 0))
    first = places[in_run % 2 == 0]
    first = first[~np.isin(first + 1, ends)]
    escapes: Ints = first[_CODES[codes[first + 1]] >= 0]
    return escapes
