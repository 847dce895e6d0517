"""The permutation of ranks is exact, keyed, even, and the same on every machine."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from datagen.entity_pools.permutation import Permutation
from datagen.randomness import seed_word

PATH = ("entities", "users")
PINNED = [1, 5, 3, 8, 6, 7, 2, 9, 0, 4]
PINNED_HUGE = [249803161549, 713987412408, 426635395671]


def members(size: int, seed: int = 1, path: tuple[str, ...] = PATH) -> list[int]:
    """Return the members of all ranks."""
    found: list[int] = Permutation(seed_word(seed), path, size).members(np.arange(size)).tolist()
    return found


@pytest.mark.parametrize(
    "size", [1, 2, 3, 5, 7, 63, 64, 65, 1000, 4096, 65_535, 65_536, 65_537, 200_000]
)
def test_no_two_ranks_share_a_member(size: int) -> None:
    """Whether a table holds it or each rank is computed."""
    assert sorted(members(size)) == list(range(size))


def test_any_ranks_give_the_same_members() -> None:
    """One by one, in any order, in blocks of any length."""
    permutation = Permutation(seed_word(3), PATH, 100_003)
    ranks = np.random.default_rng(5).integers(0, 100_003, 20_000)
    together = permutation.members(ranks)
    assert together[777:778].tolist() == permutation.members(ranks[777:778]).tolist()
    assert together[::-1].tolist() == permutation.members(ranks[::-1]).tolist()


def test_members_are_pinned() -> None:
    """A change here changes the bytes of whoever has entities."""
    assert members(10) == PINNED
    huge = Permutation(seed_word(1), PATH, 10**12).members(np.array([0, 1, 10**12 - 1]))
    assert huge.tolist() == PINNED_HUGE


def test_seeds_and_names_have_permutations_of_their_own() -> None:
    """A quarter of a thousand places would agree by chance in one of 10**300 cases."""
    found = [members(1000), members(1000, seed=2), members(1000, path=("entities", "other"))]
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert sum(a == b for a, b in zip(found[one], found[other], strict=True)) < 250


def test_permutations_of_three_are_as_likely() -> None:
    """Over 600 seeds, by chi-square, at a significance of 0.001."""
    counts = Counter(tuple(members(3, seed)) for seed in range(600))
    assert stats.chisquare([counts[each] for each in permutations(range(3))]).pvalue > 0.001


@pytest.mark.long
@pytest.mark.parametrize("size", [3, 4, 5])
def test_all_permutations_are_as_likely(size: int) -> None:
    """Over 1,000 seeds, by chi-square, at a significance of 0.001."""
    counts = Counter(tuple(members(size, seed)) for seed in range(1000))
    observed = [counts[each] for each in permutations(range(size))]
    assert stats.chisquare(observed).pvalue > 0.001


@pytest.mark.long
def test_first_members_are_spread_evenly() -> None:
    """The member of rank 0 of a thousand, over 5,000 names, in 50 bins, at a significance of 0.001."""
    firsts = [
        int(
            Permutation(seed_word(1), ("entities", str(name)), 100_000).members(np.zeros(1, int))[0]
        )
        for name in range(5000)
    ]
    observed = np.bincount(np.array(firsts) // 2_000, minlength=50)
    assert stats.chisquare(observed).pvalue > 0.001
