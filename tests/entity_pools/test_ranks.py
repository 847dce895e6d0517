"""Ranks follow the distribution of a pick, truncated to the size of the pool."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from scipy import stats

from datagen.arrays import Bits
from datagen.entity_pools.ranks import EVEN, Pick, parse_pick, why_none_fits
from tests.support.machines import Spec

SIZE = 20


def bits(count: int) -> Bits:
    """Return words that are even, drawn once."""
    return np.random.default_rng(7).integers(0, 2**64, count, dtype=np.uint64)


def truncated(probabilities: Any) -> Any:
    """Return probabilities of ranks that add up to 1."""
    return np.array(probabilities) / np.sum(probabilities)


RANKS = np.arange(SIZE)
CASES: list[tuple[Spec | None, Any]] = [
    (None, np.full(SIZE, 1 / SIZE)),
    ({"type": "zipf", "exponent": 1.1}, truncated((RANKS + 1.0) ** -1.1)),
    ({"type": "zipf", "exponent": 1, "n": 1000}, truncated(1 / (RANKS + 1.0))),
    ({"type": "exponential", "mean": 15}, truncated(np.diff(stats.expon(scale=15).cdf(np.arange(SIZE + 1))))),
    ({"type": "normal", "mean": -3, "stddev": 12}, truncated(np.diff(stats.norm(-3, 12).cdf(np.arange(SIZE + 1))))),
    ({"type": "poisson", "mean": 18}, truncated(stats.poisson(18).pmf(RANKS))),
    ({"type": "uniform", "min": 0, "max": SIZE - 1}, truncated(np.ones(SIZE))),
    ({"type": "uniform", "min": -3, "max": 9}, truncated(RANKS < 10)),
    ({"type": "uniform", "min": 12, "max": 40}, truncated(RANKS >= 12)),
    ({"type": "choice", "values": [99, 7, 2, -1, 5.5], "weights": [5, 1, 3, 9, 2]}, truncated(np.select([RANKS == 7, RANKS == 2, RANKS == 5], [1, 3, 2]))),
    ({"type": "uniform", "min": 0.5, "max": 3}, truncated(np.minimum(RANKS < 3, np.where(RANKS, 1, 0.5)))),
]  # fmt: skip


def pick_of(distribution: Spec | None) -> Pick:
    """Return a pick, an even one without a distribution."""
    return EVEN if distribution is None else parse_pick(distribution)


@pytest.mark.parametrize(("distribution", "expected"), CASES)
def test_ranks_follow_the_truncated_distribution(distribution: Spec | None, expected: Any) -> None:
    """By chi-square over 200,000 draws, at a significance of 0.001."""
    ranks = pick_of(distribution).ranks(bits(200_000), SIZE)
    assert ranks.min() >= 0
    assert ranks.max() < SIZE
    observed = np.bincount(ranks, minlength=SIZE)
    assert not observed[expected == 0].any()
    possible = expected > 0
    assert stats.chisquare(observed[possible], expected[possible] * 200_000).pvalue > 0.001


@pytest.mark.parametrize("distribution", [case for case, _ in CASES])
def test_ranks_of_many_sizes_are_those_of_each(distribution: Spec | None) -> None:
    """A pool that grows picks, at each size, as one that has it."""
    pick, words = pick_of(distribution), bits(3000)
    sizes = np.random.default_rng(3).integers(1, 40, 3000)
    together = pick.ranks_among(words, sizes)
    for size in (1, 2, 17, 39):
        rows = sizes == size
        alone = pick_of(distribution).ranks_among(words[rows], np.full(rows.sum(), size))
        assert together[rows].tolist() == alone.tolist()
        assert alone.max() < size


def test_table_of_weights_grows_without_an_effect() -> None:
    """What a larger pool has been asked for before changes no rank."""
    words, pick = bits(1000), parse_pick({"type": "zipf", "exponent": 1})
    before = pick.ranks_among(words, np.full(1000, 50))
    pick.ranks_among(words, np.full(1000, 5000))
    assert pick.ranks_among(words, np.full(1000, 50)).tolist() == before.tolist()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("every", 'expected a distribution or "each", not "every"'),
        ([], "expected an object"),
        ({"type": "zipf"}, "missing"),
        ({"type": "gaussian"}, "no distribution"),
    ],
)
def test_what_is_no_pick_is_refused(data: Any, text: str) -> None:
    """With what was expected."""
    with pytest.raises((ValidationError, PydanticCustomError)) as caught:
        parse_pick(data)
    assert text in str(caught.value)


def test_a_pick_without_ranks_in_the_pool_does_not_fit() -> None:
    """Less than a billionth of the distribution lies in the pool; or a table would be too long."""
    assert not why_none_fits(parse_pick({"type": "constant", "value": 4}), 5)
    assert (
        why_none_fits(parse_pick({"type": "constant", "value": 5}), 5)
        == "gives no rank from 0 to 4"
    )
    assert why_none_fits(parse_pick({"type": "normal", "mean": 1e6, "stddev": 1}), 5)
    zipf = parse_pick({"type": "zipf", "exponent": 1})
    assert not why_none_fits(zipf, 10_000_000)
    assert "at most 10,000,000" in why_none_fits(zipf, 10_000_001)
    assert not why_none_fits(parse_pick({"type": "zipf", "exponent": 1, "n": 100}), 10_000_001)
