"""Figures that say how well samples agree with what they should be.

All give a p-value: the chance that a perfect source does as badly, or for `two_sided` as badly or
suspiciously well. Every test that uses them has a fixed seed and states its least p.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

LEAST = 5.0  # the least expected count of a cell; smaller ones are put together, or to the least of the others


def chi_squared(observed: NDArray[Any], chances: NDArray[Any], *, two_sided: bool = False) -> float:
    """Compare counts of cells with their chances, which sum to 1: Pearson's test."""
    expected = chances / chances.sum() * observed.sum()
    assert not observed[expected == 0].any(), "something impossible happened"
    rare = expected < LEAST
    if not rare.all() and expected[rare].sum() < LEAST:
        rare[np.flatnonzero(~rare)[expected[~rare].argmin()]] = True
    counts = np.append(observed[~rare], observed[rare].sum())
    wanted = np.append(expected[~rare], expected[rare].sum())
    counts, wanted = counts[wanted > 0], wanted[wanted > 0]
    return from_statistic(
        float(((counts - wanted) ** 2 / wanted).sum()), len(counts) - 1, two_sided
    )


def even(observed: NDArray[Any], *, two_sided: bool = False) -> float:
    """Compare counts of cells that all have the same chance."""
    return chi_squared(observed, np.ones(observed.shape), two_sided=two_sided)


def unrelated(table: NDArray[Any]) -> float:
    """Test a table of counts for independence of its rows and columns."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, columns) / table.sum()
    assert (expected >= LEAST).all()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return from_statistic(statistic, (len(rows) - 1) * (len(columns) - 1))


def of_z(z: float) -> float:
    """Return the p of a standard normal figure, two-sided."""
    return float(2 * special.ndtr(-abs(z)))


def correlation_z(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return the correlation of two columns in standard errors."""
    return float(np.corrcoef(x, y)[0, 1]) * float(np.sqrt(len(x)))


def table_of(x: NDArray[Any], y: NDArray[Any], cells: int) -> NDArray[np.int64]:
    """Count pairs of whole numbers, each 0 .. cells - 1."""
    return np.bincount(x * cells + y, minlength=cells * cells).reshape(cells, cells)


def from_statistic(statistic: float, freedom: int, two_sided: bool = False) -> float:
    """Return the p of a chi-squared figure."""
    if freedom < 1:
        return 1.0
    next_above = float(special.chdtrc(freedom, statistic))
    return min(1.0, 2 * min(next_above, 1 - next_above)) if two_sided else next_above
