"""Rows of several columns at once."""

import numpy as np

from datagen.columns.column import MISSING, NULL, GatheredColumn
from datagen.columns.gathering import take_all
from datagen.columns.scalar import IntColumn


def test_columns_that_share_an_index_still_do() -> None:
    """It is taken once; others get the rows as they are."""
    source, index = IntColumn(np.array([5, 6, 7])), np.array([2, NULL, 0])
    columns = [GatheredColumn(source, index), source, GatheredColumn(source, index)]
    first, plain, last = take_all(columns, np.array([1, 2, MISSING]))
    assert [each.to_python(...) for each in (first, plain, last)] == [
        [None, 5, ...],
        [6, 7, ...],
        [None, 5, ...],
    ]
    assert first.origin[1] is last.origin[1]
