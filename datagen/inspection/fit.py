"""Turns what was counted and what was expected into p-values: how likely something at least so odd is by chance.

Counts are compared by chi-squared, samples by the test of Kolmogorov and Smirnov, and several tests are
taken together by Holm's method ("A simple sequentially rejective multiple test procedure", 1979).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, isfinite, lgamma, log, sqrt

import numpy as np

from datagen.arrays import Floats, Ints, Mask

_LEAST = 8.0  # expected in a cell
_MOST_CELLS = 200  # more would hide one that is off among all that are not
RESOLUTION = 2.0**-16  # a share below which nothing is known of one
_TERMS = 100  # of Kolmogorov's series


@dataclass(frozen=True)
class Fit:
    """How well something fits: the statistic, its p-value, and which cell is the oddest, -1 for none."""

    statistic: float
    p: float
    worst: int = -1


def chi_squared_tail(statistic: float, freedom: int) -> float:
    """Return how likely chi-squared is above a value.

    Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 26.4.4 and 26.4.5: sums of positive terms.
    """
    if statistic <= 0:
        return 1.0
    if not isfinite(statistic):
        return 0.0
    x, half = statistic / 2, freedom % 2 / 2
    powers = (half + number for number in range(freedom // 2))
    terms = (exp(power * log(x) - x - lgamma(power + 1)) for power in powers)
    return min(sum(terms, erfc(sqrt(x)) if half else 0.0), 1.0)


def fit_of_counts(counts: Ints, shares: Floats) -> Fit:
    """Return how well counts fit the shares expected, which need not sum to 1: int64[k], float64[k] -> a fit.

    Neighbours in each of which little is expected share a cell. Of Pearson's statistic and the likelihood ratio, both
    of which have the distribution of chi-squared, the one with the greater p-value counts: far in the tail, where
    a family of tests looks, Pearson's finds too much in rare cells. What is rare in all is tested by itself.
    """
    total, shares = int(counts.sum()), shares / shares.sum()
    impossible = np.flatnonzero((shares <= 0) & (counts > 0))
    if len(impossible):
        return Fit(np.inf, 0.0, int(impossible[0]))
    expected = shares * total
    worst = int(np.argmax(np.abs(counts - expected) / np.sqrt(expected + 1.0)))
    cells, rare = _cells(expected)
    p_rare = 1.0
    if rare.any():
        few, share = int(counts[rare].sum()), max(float(shares[rare].sum()), RESOLUTION)
        p_rare = binomial_p(few, total, share) if few > total * share else 1.0
    found, wanted = (
        np.bincount(cells[~rare], each[~rare]).astype(float) for each in (counts, expected)
    )
    wanted *= found.sum() / max(float(wanted.sum()), 1e-300)
    p, statistic = 1.0, 0.0
    if len(wanted) == 2:
        statistic = pearson(found, wanted)
        p = binomial_p(int(found[1]), int(found.sum()), float(wanted[1] / wanted.sum()))
    elif len(wanted) > 2:
        statistic = pearson(found, wanted)
        ratio = 2 * float((found * np.log(np.maximum(found, 1) / wanted)).sum())
        p = chi_squared_tail(min(statistic, ratio), len(wanted) - 1)
    return Fit(statistic, min(2 * min(p, p_rare), 1.0) if rare.any() else p, worst)


def pearson(found: Floats, expected: Floats) -> float:
    """Return Pearson's statistic."""
    return float(((found - expected) ** 2 / expected).sum())


def _cells(expected: Floats) -> tuple[Ints, Mask]:
    """Return the cell of each expectation, and which are left over as they are too few together."""
    least = max(_LEAST, float(expected.sum()) / _MOST_CELLS)
    small = expected < least
    before = np.cumsum(expected * small) - expected * small
    # in steps of two: an expectation that reaches into the next one leaves at least `least` there
    places = np.floor(before / (2 * least) + 1e-9)
    labels = np.where(small, places, -1 - np.arange(len(expected)))
    rare = np.zeros(len(expected), dtype=bool)
    while small.any() and not rare.any():
        last = small & (labels == labels[small].max())
        if float(expected[last].sum()) >= _LEAST:
            break
        if labels[last][0] == 0:
            rare = last
        labels[last] -= 1
    _, cells = np.unique(labels[~rare], return_inverse=True)
    placed = np.zeros(len(expected), dtype=np.int64)
    placed[~rare] = cells
    return placed, rare


def binomial_p(count: int, total: int, share: float) -> float:
    """Return how likely a count of so many is at least as far off its share, on its side, doubled."""
    if share <= 0 or share >= 1:
        return float(count == (total if share >= 1 else 0))
    numbers = np.arange(total + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.maximum(numbers[1:], 1)))))
    chances = np.exp(
        logs[-1]
        - logs
        - logs[::-1]
        + numbers * np.log(share)
        + (total - numbers) * np.log1p(-share)
    )
    return float(min(1.0, 2 * min(chances[: count + 1].sum(), chances[count:].sum())))


def fit_of_sample(values: Floats, grid: Floats) -> Fit:
    """Return how well values fit a distribution, given so many quantiles of it, evenly spaced and rising."""
    found, count = np.sort(values), len(values)
    points = np.unique(found)
    distance = 0.0
    for side in ("left", "right"):
        own, other = (np.searchsorted(each, points, side) / len(each) for each in (found, grid))
        distance = max(distance, float(np.abs(own - other).max(initial=0.0)))
    distance = max(distance - 1 / len(grid), 0.0)
    root = np.sqrt(count)
    return Fit(distance, kolmogorov_tail((root + 0.12 + 0.11 / root) * distance))


def kolmogorov_tail(value: float) -> float:
    """Return how likely Kolmogorov's statistic, times the root of the sample's size, is above a value.

    Stephens, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics", 1970.
    """
    if value < 0.2:  # where the series hardly converges, and nothing is odd
        return 1.0
    k = np.arange(1, _TERMS)
    series = 2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * value) ** 2)).sum()
    return float(min(max(series, 0.0), 1.0))


def normal_p(z: float) -> float:
    """Return how likely a standard normal value is at least so far from 0."""
    return chi_squared_tail(z * z, 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values as they are in a family: below a level where Holm's method rejects at that level."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, number in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        highest = max(highest, min(1.0, p_values[number] * (len(p_values) - place)))
        adjusted[number] = highest
    return adjusted
