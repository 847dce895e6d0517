"""Who is picked from a pool: by rank, through the permutation of ids, or by age."""

import numpy as np
import pytest
from scipy import stats

from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import LARGEST_Z, LEAST_P, SECONDS, Column, p_uniform, samples
from tests.support.stats import chi_squared, even

pytestmark = pytest.mark.statistical

ENDLESS = {"a": (constant(1), {"a": 1.0})}
COUNT = 150
ZIPF: Spec = {"type": "zipf", "exponent": 1.1}
CHANCES = np.arange(1.0, COUNT + 1) ** -1.1
DAY = 86_400


def picked(pool: str, name: str = "id", **keys: object) -> Spec:
    """Return a dimension that is the id of a member."""
    return {"name": name, "type": "entity", "entity": pool, "field": "id", **keys}


def with_pools(pools: Spec, dimensions: list[Spec]) -> Spec:
    """Return one worker that emits a record every second."""
    pools = {name: {"attributes": [], **pool} for name, pool in pools.items()}
    return {**spec_of(ENDLESS, constant(1), dimensions), "entities": pools}


def members(pools: Spec, pool: str, **seed: int) -> Column:
    """Return the member of each rank: what constant picks of one record give."""
    dimensions = [picked(pool, f"r{rank}", pick=constant(rank)) for rank in range(COUNT)]
    found = samples(with_pools(pools, dimensions), 1, "-m", "1", **seed)
    return np.array([found[f"r{rank}"][0] for rank in range(COUNT)])


@pytest.mark.parametrize("size", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_ranks_have_their_chances_through_the_permutation(size: int) -> None:
    """By zipf, evenly, and by a normal distribution that is cut off at both ends; every member has a rank, and one only."""
    normal: Spec = {"type": "normal", "mean": 40, "stddev": 90}
    pools: Spec = {"p": {"count": COUNT, "pick": ZIPF}}
    by_rank = members(pools, "p")
    assert sorted(by_rank.tolist()) == list(range(COUNT))
    assert abs(stats.spearmanr(np.arange(COUNT), by_rank).statistic) < LARGEST_Z / np.sqrt(COUNT)
    ranks = np.argsort(by_rank)
    dimensions = [
        picked("p", "z"),
        picked("p", "e", pick={"type": "uniform", "min": 0, "max": COUNT - 1}),
        picked("p", "n", pick=normal),
    ]
    found = samples(with_pools(pools, dimensions), size)
    theory = np.diff(stats.norm(40, 90).cdf(np.arange(COUNT + 1)))
    for name, chances in (("z", CHANCES), ("e", np.ones(COUNT)), ("n", theory)):
        counts = np.bincount(ranks[found[name]], minlength=COUNT)
        assert chi_squared(counts, chances) > LEAST_P
    assert len(set(found["e"].tolist())) == COUNT


@pytest.mark.long
def test_popular_ones_are_those_of_each_pool() -> None:
    """Pools of other names, and other seeds, permute in ways of their own: ids and ranks are unrelated."""
    pools: Spec = {name: {"count": COUNT, "pick": ZIPF} for name in "abcdefgh"}
    found = [members(pools, name) for name in pools] + [
        members(pools, "a", seed=seed) for seed in range(8)
    ]
    z = [stats.spearmanr(np.arange(COUNT), each).statistic * np.sqrt(COUNT - 1) for each in found]
    assert max(map(abs, z)) < LARGEST_Z
    assert abs(np.sum(z)) < LARGEST_Z * np.sqrt(len(z))
    pairs = [
        stats.spearmanr(one, other).statistic * np.sqrt(COUNT - 1)
        for place, one in enumerate(found)
        for other in found[:place]
    ]
    assert max(map(abs, pairs)) < LARGEST_Z


def test_with_an_order_ranks_are_ids() -> None:
    """Member 0 is the most popular."""
    pools: Spec = {"p": {"count": COUNT, "pick": ZIPF, "order": "id"}}
    found = samples(with_pools(pools, [picked("p")]), 20_000)["id"]
    assert chi_squared(np.bincount(found, minlength=COUNT), CHANCES) > LEAST_P


def test_a_million_are_reached_alike() -> None:
    """An even pick in a large pool: the ids spread over all of it."""
    pools: Spec = {"p": {"count": 1_000_003}}
    found = samples(with_pools(pools, [picked("p")]), 50_000)["id"]
    assert even(np.bincount(found * 1000 // 1_000_003, minlength=1000)) > LEAST_P
    assert even(np.bincount(found % 97, minlength=97)) > LEAST_P


@pytest.mark.parametrize("order", [None, "id"])
@pytest.mark.parametrize("pick", [None, ZIPF, exponential(30)], ids=["even", "zipf", "exponential"])
def test_in_pools_that_grow_the_newest_come_first(order: str | None, pick: Spec | None) -> None:
    """Rank 0 is the newest of those born at the visit, or with an order the oldest: 20 to 220 members."""
    pool: Spec = {"count": {"initial": 20, "per_day": DAY / 50}}
    pool |= {key: value for key, value in (("order", order), ("pick", pick)) if value}
    found = samples(with_pools({"p": pool}, [SECONDS, picked("p")]), 10_000, "-m", "1")
    sizes = np.floor(found["at"] / 50 - 0.5).astype(int) + 21
    assert (found["id"] < sizes).all()
    ranks = found["id"] if order else sizes - 1 - found["id"]
    weights = np.ones(300)
    if pick is not None:
        weights = np.arange(1.0, 301) ** -1.1 if pick == ZIPF else np.exp(-np.arange(300) / 30)
    sums = np.append(0, np.cumsum(weights))
    within = np.random.default_rng(7).random(len(ranks))  # what is discrete, spread evenly
    u = (sums[ranks] + within * weights[ranks]) / sums[sizes]
    assert p_uniform(u) > LEAST_P
    half = len(u) // 2
    assert min(p_uniform(u[:half]), p_uniform(u[half:])) > LEAST_P


def test_what_came_into_being_is_picked_by_its_age() -> None:
    """In a pool with `new` too rank 0 is the newest that was made earlier in the output."""
    spec = with_pools(
        {"p": {"count": 0, "pick": exponential(30)}},
        [picked("p", "earlier"), {"name": "made", "type": "entity", "entity": "p", "new": True, "field": "id"}],
    )  # fmt: skip
    found = samples(spec, 10_000, "-m", "1")
    assert np.array_equal(found["made"], np.arange(10_000))
    earlier, sizes = found["earlier"][1:].astype(int), found["made"][1:]
    weights = np.exp(-np.arange(10_000) / 30)
    sums = np.append(0, np.cumsum(weights))
    ranks = sizes - 1 - earlier
    within = np.random.default_rng(7).random(len(ranks))
    assert p_uniform(np.minimum((sums[ranks] + within * weights[ranks]) / sums[sizes], 1)) > LEAST_P


@pytest.mark.parametrize("pick", [None, ZIPF], ids=["even", "zipf"])
def test_those_who_fulfil_a_condition_keep_their_chances(pick: Spec | None) -> None:
    """Relative to each other; the others have none."""
    pool: Spec = {"count": 60, "order": "id", **({"pick": pick} if pick else {})}
    fields = [
        {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 3}},
        picked("p", where="id % 4 == n and id > 5"),
    ]
    found = samples(with_pools({"p": pool}, fields), 20_000)
    for n in range(4):
        allowed = (np.arange(60) % 4 == n) & (np.arange(60) > 5)
        weights = np.arange(1.0, 61) ** -1.1 if pick else np.ones(60)
        counts = np.bincount(found["id"][found["n"] == n], minlength=60)
        assert chi_squared(counts, weights * allowed) > LEAST_P
