"""What expressions compute with: which values are numbers, texts and booleans, and how they convert."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.expressions import vectors
from datagen.expressions.vectors import NotVectorizable

INTS, FLOATS = np.array([1, -5]), np.array([1.0, -2.5])
BOOLS, TEXTS = np.array([True, False]), pa.array(["a", ""])


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (INTS, ["1", "-5"]),
        (FLOATS, ["1.0", "-2.5"]),
        (np.array([-0.0]), ["0.0"]),
        (BOOLS, ["true", "false"]),
        (TEXTS, ["a", ""]),
    ],
)
def test_texts_of_values(values: Any, texts: list[str]) -> None:
    """The plain text of each."""
    assert vectors.to_texts(values).to_pylist() == texts


@pytest.mark.parametrize("values", [1, "a", np.array([1, "a"], object)])
def test_what_has_no_texts(values: Any) -> None:
    """A single value, and Python objects."""
    with pytest.raises(NotVectorizable):
        vectors.to_texts(values)


def test_only_numbers_are_numbers() -> None:
    """Neither texts nor booleans, with which Python would compute too."""
    assert vectors.as_numbers(INTS) is INTS
    for values in (TEXTS, BOOLS, 1):
        with pytest.raises(NotVectorizable):
            vectors.as_numbers(values)


def test_only_texts_are_texts() -> None:
    """Nothing is converted on the way."""
    assert vectors.as_texts(TEXTS) is TEXTS
    with pytest.raises(NotVectorizable):
        vectors.as_texts(INTS)


def test_one_value_stands_for_all_rows() -> None:
    """As its truth."""
    assert vectors.repeated("x", 2).tolist() == [True, True]
    assert vectors.repeated(BOOLS, 2) is BOOLS


def test_largest_is_exact_for_integers() -> None:
    """Also for the one whose absolute value no int64 holds."""
    assert vectors.largest(np.array([-(2**63), 5])) == 2.0**63
    assert vectors.largest(FLOATS) == 2.5
    assert vectors.largest(np.array([], np.int64)) == 0


def test_doubts_of_rows_add_up() -> None:
    """No doubt is none."""
    rows = vectors.Rows({}, 3)
    rows.doubt(np.array([False, False, False]))
    assert rows.doubtful is None
    rows.doubt(np.array([True, False, False]))
    rows.doubt(np.array([False, False, True]))
    assert rows.doubtful is not None
    assert rows.doubtful.tolist() == [True, False, True]


def test_numbers() -> None:
    """Arrays or one for all; a boolean is a number to Python, an array of them is not."""
    assert all(map(vectors.is_number, (INTS, FLOATS, 1, 2.5, True)))
    assert not any(map(vectors.is_number, (TEXTS, BOOLS, "a", None)))
