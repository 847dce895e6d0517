"""Vectors of numbers and of texts: their rows, their nulls, their columns."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from datagen.columns.joined import JoinedColumn
from datagen.columns.pieces import Piece, joined
from datagen.language.vectors import Numbers, Texts, both, text_array
from tests.support.expression_trees import STYLE

THERE = np.array([True, False, True])
VECTORS: dict[str, tuple[Any, list[str]]] = {
    "ints": (np.array([1, 2, 3]), ["1", "3"]),
    "floats": (np.array([0.5, np.inf, 1.0]), ["0.5", "1.0"]),
    "bools": (np.array([True, False, False]), ["true", "false"]),
}


@pytest.mark.parametrize("kind", VECTORS)
def test_columns_and_texts(kind: str) -> None:
    """What stands where a vector is null does no harm."""
    values, texts = VECTORS[kind]
    vector = Numbers(values, THERE)
    assert vector.column(STYLE).to_python(None) == [values[0], None, values[2]]
    written = joined(vector.text_parts(STYLE), 3).to_pylist()
    assert [written[0], written[2]] == texts


def test_instants() -> None:
    """They are written in a style, and keep what they are."""
    vector = Numbers(np.array([0, 2**62, 1_500_000]), THERE, are_instants=True)
    assert joined(vector.text_parts(STYLE), 3)[2].as_py() == "1970-01-01T01:00:01.500+01:00"
    taken = vector.take(np.array([2, 1])).column(STYLE)
    assert taken.text.to_pylist() == ["1970-01-01T01:00:01.500+01:00", None]


def test_merged_and_chosen() -> None:
    """Values and nulls of two vectors."""
    one, other = Numbers(np.array([1, 2, 3]), THERE), Numbers(np.array([7, 8]))
    assert one.merged(np.array([0, 1]), other).column(STYLE).to_python(None) == [7, 8, 3]
    which = np.array([True, True, False])
    chosen = one.where(which, Numbers(np.array([4, 5, 6]), ~THERE))
    assert chosen.column(STYLE).to_python(None) == [1, None, None]
    assert one.where(which, Numbers(np.array([4, 5, 6]))).column(STYLE).to_python(None) == [
        1,
        None,
        6,
    ]


def test_limited() -> None:
    """The vector itself stays as it is."""
    vector = Numbers(np.array([1, 2, 3]))
    assert vector.limited(THERE).column(STYLE).to_python(None) == [1, None, 3]
    assert vector.limited(None) is vector
    assert vector.valid is None


def test_truth() -> None:
    """0 is false."""
    assert Numbers(np.array([0.0, 0.5])).truth().tolist() == [False, True]


def test_both() -> None:
    """None stands for everywhere."""
    assert both(None, None) is None
    assert both(None, THERE) is THERE
    found = both(THERE, ~THERE)
    assert found is not None
    assert not found.any()


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


def test_columns_of_texts() -> None:
    """One text of a source is gathered, several parts are joined later."""
    assert GATHERED.column(STYLE).to_python(None) == ["ccc", "a", "", "ccc", "a", "a"]
    assert PARTS.column(STYLE).to_python(None) == ["x1", "x22", None]
    assert isinstance(PARTS.column(STYLE).origin[0], JoinedColumn)
    assert Texts(["same"], 2).column(STYLE).to_python(None) == ["same", "same"]


def test_texts_merged_and_chosen() -> None:
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
