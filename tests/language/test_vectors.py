"""Vectors of numbers: their rows, their nulls, their columns."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.pieces import joined
from datagen.language.vectors import Numbers, both
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
