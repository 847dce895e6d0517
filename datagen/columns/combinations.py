"""Finds the rows of several columns that have the same values, by the indices of gathered columns."""

from collections.abc import Iterable

import numpy as np

from datagen.arrays import Ints


def combinations(indices: Iterable[Ints | None], rows: int) -> tuple[Ints, Ints] | None:
    """Return the first row of each combination, and for each of n rows the place of its combination.

    `indices`, int64[n] each, are those of gathered columns, -2 or more; None where there is none. Then, or
    where combinations are many, there is nothing to return.
    """
    code = np.zeros(rows, dtype=np.int64)
    for index in indices:
        if index is None:
            return None
        _, code = np.unique(code * (int(index.max(initial=0)) + 3) + index + 2, return_inverse=True)
    _, firsts, which = np.unique(code, return_index=True, return_inverse=True)
    if 2 * len(firsts) > rows:
        return None
    order = np.argsort(firsts)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return firsts[order], ranks[which]
