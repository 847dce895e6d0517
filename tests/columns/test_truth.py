"""Where conditions hold."""

import numpy as np
import pytest

from datagen.columns.column import MISSING, NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.columns.truth import truth_of


@pytest.mark.parametrize(
    "column",
    [LiteralColumn([True, False, 2, "", "x", []]), IntColumn(np.array([1, 0, 2, 0, -5, 0]))],
)
def test_values_are_true_as_python_has_it(column: Column) -> None:
    """Whatever holds them."""
    assert truth_of(column).tolist() == [True, False, True, False, True, False]


def test_null_and_missing_values_are_not_true() -> None:
    """Nor does their place in the source matter."""
    column = IntColumn(np.array([1, 1])).take(np.array([0, NULL, MISSING, 1]))
    assert truth_of(column).tolist() == [True, False, False, True]
