"""Texts joined row by row out of pieces."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from datagen.arrays import Ints
from datagen.columns.pieces import Part, Piece, joined, joined_groups, parts_at, taken

FRUIT = pa.array(["apple", "", "fig"], pa.string())
ROWS = Piece(FRUIT, np.array([2, -1, -2, 0, 1]), null="none", missing="?")


@pytest.mark.parametrize(
    ("parts", "texts"),
    [
        ([ROWS], ["fig", "none", "?", "apple", ""]),
        (["<", ROWS, ">", "\n"], ["<fig>\n", "<none>\n", "<?>\n", "<apple>\n", "<>\n"]),
        ([Piece(FRUIT, np.zeros(5, np.int64)), replace(ROWS, null="-", missing="")],
         ["applefig", "apple-", "apple", "appleapple", "apple"]),
        (["a", "b"], ["ab"] * 5),
        ([], [""] * 5),
    ],
)  # fmt: skip
def test_parts_are_joined(parts: list[Part], texts: list[str]) -> None:
    """Constants, texts at an index, what stands for null and for nothing; also slices of arrays."""
    assert joined(parts, 5).to_pylist() == texts
    behind = [
        replace(each, texts=pa.concat_arrays([FRUIT, each.texts]).slice(3))
        if isinstance(each, Piece)
        else each
        for each in parts
    ]
    assert joined(behind, 5).to_pylist() == texts


def test_all_texts_in_order() -> None:
    """Without an index, each row has its own; there may be no rows at all."""
    assert joined([Piece(FRUIT), "."], 3).to_pylist() == ["apple.", ".", "fig."]
    assert joined([Piece(FRUIT.slice(0, 0)), "."], 0).to_pylist() == []


def test_groups_take_their_rows() -> None:
    """However many parts each has."""
    groups: list[tuple[Ints | None, list[Part]]] = [
        (np.array([1, 2]), ["<", Piece(FRUIT, np.array([0, 2])), ">"]),
        (np.array([0, 3]), [Piece(FRUIT, np.array([2, -1]), null="-")]),
        (np.array([], dtype=np.int64), ["x"]),
    ]
    assert joined_groups(groups, 4).to_pylist() == ["fig", "<apple>", "<fig>", "-"]


def test_rows_of_an_index() -> None:
    """What is negative stays, in the rows and in the index."""
    index = np.array([5, -2])
    assert taken(index, np.array([1, 0, 0])).tolist() == [-2, 5, 5]
    assert taken(index, np.array([-1, 1, 0, -2])).tolist() == [-1, -2, 5, -2]
    assert taken(index[:0], np.array([-1, -2])).tolist() == [-1, -2]


def test_parts_at_rows() -> None:
    """Of several parts, -1 is null once, and -2 nothing; without either constants stay constants."""
    parts: list[Part] = ["(", Piece(FRUIT), Piece(FRUIT, np.array([2, 1, 0])), ")"]
    assert joined(parts_at(parts, np.array([2, 0]), "null"), 2).to_pylist() == [
        "(figapple)",
        "(applefig)",
    ]
    found = joined(parts_at(parts, np.array([1, -1, -2, 0]), "null"), 4).to_pylist()
    assert found == ["()", "null", "", "(applefig)"]
    one: list[Part] = [Piece(FRUIT, np.array([-1, 0, -2]), "null")]
    found = joined(parts_at(one, np.array([2, 1, 0, -1, -2]), "null"), 5).to_pylist()
    assert found == ["", "apple", "null", "null", ""]


def test_groups_of_many_parts_are_narrowed() -> None:
    """A group of few rows and many parts makes not all rows as wide."""
    groups: list[tuple[Ints | None, list[Part]]] = [
        (np.delete(np.arange(100), 50), [Piece(FRUIT, np.zeros(99, np.int64))]),
        (np.array([50]), [Piece(FRUIT, np.array([2])), "-"] * 20),
    ]
    texts = joined_groups(groups, 100).to_pylist()
    assert texts[50] == "fig-" * 20
    assert {*texts[:50], *texts[51:]} == {"apple"}
