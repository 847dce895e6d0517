"""Rows of several columns with the same values, by their indices."""

import numpy as np

from datagen.columns.combinations import combinations


def test_combinations_in_order_of_appearance() -> None:
    """With the first row of each; nulls and missing values are values."""
    one, other = np.array([3, -1, 3, -2, -1, 3, -1]), np.array([0, 1, 0, 1, 1, 0, 1])
    found = combinations([one, other], 7)
    assert found is not None
    assert found[0].tolist() == [0, 1, 3]
    assert found[1].tolist() == [0, 1, 0, 2, 1, 0, 1]


def test_many_combinations_are_none() -> None:
    """Nor are there any of columns that are not gathered."""
    assert combinations([np.arange(4)], 4) is None
    assert combinations([np.zeros(9, np.int64), None], 9) is None


def test_no_columns_are_one_combination() -> None:
    """All rows are alike."""
    found = combinations([], 3)
    assert found is not None
    assert (found[0].tolist(), found[1].tolist()) == ([0], [0, 0, 0])
