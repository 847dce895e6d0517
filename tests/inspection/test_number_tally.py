"""What numbers are like."""

import math

import numpy as np
import pytest

from datagen.inspection import number_tally
from datagen.inspection.number_tally import BINS, NumberTally


def tallied(numbers: object, size: int = 1000) -> number_tally.NumberSummary:
    """Return a summary of numbers that come in arrays of some size."""
    tally, array = NumberTally(), np.array(numbers, dtype=float)
    for first in range(0, len(array), size):
        tally.add(array[first : first + size])
    return tally.summary()


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_figures_are_those_of_all_numbers(size: int) -> None:
    """However they come."""
    numbers = np.random.default_rng(1).gamma(2.0, 3.0, 5000)
    found = tallied(numbers, size)
    assert (found.count, found.least, found.greatest) == (5000, numbers.min(), numbers.max())
    assert found.mean == pytest.approx(numbers.mean(), rel=1e-12)
    assert found.deviation == pytest.approx(numbers.std(ddof=1), rel=1e-12)
    assert found.median == np.sort(numbers)[2499]
    assert found.p99 == np.sort(numbers)[4949]
    assert found.exact
    assert found.top in (found.greatest, found.p99)
    assert found.bins.sum() + round(found.above * 5000) == 5000


def test_quantiles_of_many_are_those_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken evenly; all else stays exact."""
    monkeypatch.setattr(number_tally, "MAX_KEPT", 1000)
    numbers = np.arange(50_000.0)
    found = tallied(numbers, 777)
    assert not found.exact
    assert found.median == pytest.approx(25_000, rel=0.01)
    assert found.p99 == pytest.approx(49_500, rel=0.01)
    assert (found.count, found.greatest) == (50_000, 49_999)
    assert found.mean == pytest.approx(24_999.5)


def test_a_long_tail_is_cut_from_the_histogram() -> None:
    """It would leave one bar alone."""
    found = tallied([*range(1000), 1e9])
    assert found.top == found.p99 == 990
    assert found.above == pytest.approx(10 / 1001)
    assert found.bins[0] > 0
    even = tallied(range(1000))
    assert (even.top, even.above) == (999, 0)
    assert even.bins.tolist() == pytest.approx([1000 / BINS] * BINS, abs=1)


def test_one_number_and_none() -> None:
    """One fills a single bar."""
    one, none = tallied([5]), tallied([])
    assert (one.count, one.median, one.p99, one.deviation) == (1, 5, 5, 0)
    assert one.bins.sum() == 1
    assert (none.count, none.mean, none.bins.sum()) == (0, 0, 0)


def test_distance_from_what_is_expected() -> None:
    """In standard errors of the mean; rounding is none."""
    found = tallied([1, 2, 3, 4])
    assert found.errors_from(2) == pytest.approx(0.5 / (np.std([1, 2, 3, 4], ddof=1) / 2))
    assert found.errors_from(2.5) == 0
    same = tallied([2, 2, 2])
    assert same.errors_from(2.0000001, rounding=1e-6) == 0
    assert same.errors_from(3) == -math.inf
    assert tallied([]).errors_from(3) == 0
