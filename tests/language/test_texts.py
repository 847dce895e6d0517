"""Vectors of texts: parts, and what is made of each text of a source once."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.joined import JoinedColumn
from datagen.columns.pieces import Piece
from datagen.language.texts import Texts, text_array
from tests.support.expression_trees import STYLE

GATHERED = Texts([Piece(pa.array(["a", "", "ccc"]), np.array([2, 0, 1, 2, 0, 0]))], 6)
PARTS = Texts(["x", Piece(pa.array(["1", "22", ""]))], 3, np.array([True, True, False]))


def test_functions_are_computed_once_for_each_text_of_a_source() -> None:
    """And gathered then, numbers as texts."""
    seen: list[int] = []

    def length(texts: Any) -> Any:
        seen.append(len(texts))
        return pc.utf8_length(texts).to_numpy()

    assert GATHERED.map(length).tolist() == [3, 1, 0, 3, 1, 1]
    assert GATHERED.mapped(pc.ascii_upper, 3).to_list() == ["CCC", "A", "", "CCC", "A", "A"]
    assert seen == [3]
    few = GATHERED.take(np.array([0]))
    assert few.to_list() == ["ccc"]


def test_columns() -> None:
    """One text of a source is gathered, several parts are joined later."""
    assert GATHERED.column(STYLE).to_python(None) == ["ccc", "a", "", "ccc", "a", "a"]
    assert PARTS.column(STYLE).to_python(None) == ["x1", "x22", None]
    assert isinstance(PARTS.column(STYLE).origin[0], JoinedColumn)
    assert Texts(["same"], 2).column(STYLE).to_python(None) == ["same", "same"]


def test_merged_and_chosen() -> None:
    """Nulls with the texts."""
    others = Texts([Piece(pa.array(["new"]))], 1)
    assert PARTS.merged(np.array([2]), others).column(STYLE).to_python(None) == ["x1", "x22", "new"]
    chosen = PARTS.where(np.array([True, False, True]), Texts(["-"], 3))
    assert chosen.column(STYLE).to_python(None) == ["x1", "-", None]


def test_truth_and_longest() -> None:
    """An empty text is false; the bound may be more than the length."""
    assert GATHERED.truth().tolist() == [True, True, False, True, True, True]
    assert GATHERED.longest == 3
    assert PARTS.longest == 3
    assert Texts(["ß"], 1).longest == 2


def test_rows_without_a_place_are_null() -> None:
    """Also where the source has no texts at all."""
    empty = Texts(
        [Piece(pa.array([], pa.string()), np.array([-1, -1]))], 2, np.array([False, False])
    )
    assert empty.column(STYLE).to_python(None) == [None, None]
    assert len(empty.array) == 2


def test_what_utf_8_cannot_hold() -> None:
    """It is replaced, as in columns."""
    assert text_array(["a", "\ud800b"]).to_pylist() == ["a", "?b"]
