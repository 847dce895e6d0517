"""Columns of texts in parts write what the whole texts would."""

import numpy as np
import pyarrow as pa

from datagen.columns.column_type import TEXT
from datagen.columns.joined import JoinedColumn
from datagen.columns.pieces import Part, Piece
from datagen.columns.scalar import TextColumn

PARTS: list[Part] = [
    Piece(pa.array(["a", 'b"', "ß\n"]), np.array([0, 1, 2, -1])),
    ' "\\ ',
    Piece(pa.array(["1", "22", "", "\u2028"])),
]
TEXTS = ['a "\\ 1', 'b" "\\ 22', 'ß\n "\\ ', ' "\\ \u2028']


def test_same_as_a_column_of_texts() -> None:
    """In JSON, with what is escaped in some parts only, as text, and for Arrow."""
    joined, whole = JoinedColumn(PARTS, 4), TextColumn(pa.array(TEXTS))
    assert joined.json_text.to_pylist() == whole.json_text.to_pylist()
    assert joined.text.to_pylist() == TEXTS
    assert joined.vector.to_pylist() == TEXTS
    assert joined.to_python(None) == TEXTS
    assert joined.to_arrow(TEXT).to_pylist() == TEXTS
    assert len(joined) == 4


def test_some_rows() -> None:
    """With null among them."""
    column = JoinedColumn(PARTS, 4).take(np.array([3, -1, 0]))
    assert column.to_python(None) == [TEXTS[3], None, TEXTS[0]]
    assert column.json_text.to_pylist()[1] == "null"
