"""Members who are born and leave: how many are alive, for how long, and who of them is picked.

Births are evenly spaced in time, so that the number alive at an instant is a sum of independent chances to
be alive still, S(age): its mean is the sum of these, its variance that of S(age) (1 - S(age)).
"""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.support.machines import Spec, constant, spec_of
from tests.support.samples import LARGEST_Z, LEAST_P, SECONDS, Column, p_uniform, samples
from tests.support.stats import chi_squared

pytestmark = pytest.mark.statistical

DAY, MEAN, ALIVE = 86_400, 1000.0, 20  # seconds, members
STEP = MEAN / ALIVE  # between births
LIVES: dict[str, tuple[Spec, Any]] = {
    "constant": (constant(MEAN), stats.uniform(MEAN, 1e-9)),
    "uniform": ({"type": "uniform", "min": 0, "max": 2 * MEAN}, stats.uniform(0, 2 * MEAN)),
    "exponential": ({"type": "exponential", "mean": MEAN}, stats.expon(scale=MEAN)),
    "lognormal": (
        {"type": "lognormal", "mean": MEAN, "stddev": 600},
        stats.lognorm(np.sqrt(np.log1p(0.36)), scale=MEAN / np.sqrt(1.36)),
    ),
}


def seen(life: Spec, pools: int, seconds: float, picks: int) -> list[tuple[Column, Column]]:
    """Return who is picked when, from each of several pools, at so many instants spread over some seconds."""
    entities = {
        f"p{number}": {"count": {"initial": ALIVE, "per_day": DAY / STEP}, "life": life, "attributes": []}
        for number in range(pools)
    }  # fmt: skip
    dimensions = [
        {"name": name, "type": "entity", "entity": name, "field": "id"} for name in entities
    ]
    spec = spec_of(
        {"a": (constant(seconds / picks), {"a": 1})}, constant(1), [SECONDS, *dimensions]
    )
    found = samples({**spec, "entities": entities}, picks, "-m", "1")
    return [(found["at"], found[name]) for name in entities]


def births(count: int) -> Column:
    """Return when members are born; those of the start count from there."""
    born: Column = np.maximum((np.arange(count) - ALIVE + 0.5) * STEP, 0.0)
    return born


def last_seen(at: Column, ids: Column) -> Column:
    """Return when each member was picked last; one that never was, at its birth."""
    found = births(int(np.nanmax(ids)) + 1)
    there = ~np.isnan(ids.astype(float))
    np.maximum.at(found, ids[there].astype(int), at[there])
    return found


def theory(shape: Any, at: float) -> tuple[float, float]:
    """Return mean and variance of how many are alive at an instant."""
    born = births(int(at / STEP + ALIVE + 0.5))
    still = shape.sf(at - born)
    return float(still.sum()), float((still * (1 - still)).sum())


@pytest.mark.long
@pytest.mark.parametrize("name", LIVES)
def test_as_many_are_alive_as_theory_says(name: str) -> None:
    """Of 60 pools, at five instants, soon after the start and much later: mean and variance over the pools."""
    life, shape = LIVES[name]
    pools = seen(life, 60, 4 * MEAN, 12_000)
    for at in (300.0, 700, 1300, 2200, 3100):
        counts = []
        for when, ids in pools:
            left = last_seen(when, ids)
            born = births(len(left))
            counts.append(int(((born <= at) & (left > at)).sum()))
        mean, variance = theory(shape, at)
        spread = np.sqrt(variance / 60)
        unseen = ALIVE / 12_000 * 4 * MEAN / STEP  # who left, was alive, and was picked no more
        assert -unseen - LARGEST_Z * spread < np.mean(counts) - mean < LARGEST_Z * spread + 1e-9
        figure = np.var(counts, ddof=1) * 59
        if variance > 1:
            both = stats.chi2(59).cdf(figure / variance), stats.chi2(59).sf(figure / variance)
            assert 2 * min(both) > LEAST_P
        else:
            assert np.var(counts) < 1


@pytest.mark.parametrize("name", LIVES)
@pytest.mark.parametrize("pools", [6, pytest.param(40, marks=pytest.mark.long)])
def test_members_live_as_long_as_they_should(name: str, pools: int) -> None:
    """From birth, or from the start, to when they are seen last: those of the start and those born later.

    Each is picked about 250 times in a life, so that what is missing at its end is less than the test can see.
    """
    life, shape = LIVES[name]
    initial: list[float] = []
    later: list[float] = []
    for when, ids in seen(life, pools, 6 * MEAN, 30_000):
        lives = last_seen(when, ids) - births(int(ids.max()) + 1)
        within = np.random.default_rng(3).exponential(6 * MEAN / 30_000 * ALIVE, len(lives))
        lives += within  # until the pick that was one too late
        initial.extend(lives[:ALIVE])
        later.extend(lives[ALIVE : ALIVE + int(1.9 * ALIVE)])  # who left by then, but for few
    if name == "constant":
        assert np.abs(np.array(initial + later) - MEAN).max() < 60
        return
    assert p_uniform(shape.cdf(initial)) > LEAST_P
    assert p_uniform(np.minimum(shape.cdf(later), 1)) > LEAST_P


@pytest.mark.parametrize("name", LIVES)
def test_the_living_are_picked_alike(name: str) -> None:
    """The place of who is picked among those alive, in the order of their ids, is even; nobody is picked before birth."""
    life, _ = LIVES[name]
    [(when, ids)] = seen(life, 1, 4 * MEAN, 30_000)
    left, at = last_seen(when, ids), when[2000:-8000]
    born, picked = births(len(left)), ids[2000:-8000].astype(int)
    assert (born[picked] <= at + 1e-3).all()
    alive = (born[:, None] <= at) & (left[:, None] >= at)
    below = np.cumsum(alive, axis=0)[picked, np.arange(len(at))] - 1
    u = (below + np.random.default_rng(5).random(len(at))) / alive.sum(axis=0)
    assert p_uniform(u) > LEAST_P
    counts = np.histogram(u, 20)[0]
    assert chi_squared(counts, np.ones(20)) > LEAST_P


def test_nobody_is_null() -> None:
    """Where all have left: a pool without births, and one life."""
    pool: Spec = {
        "count": {"initial": 30, "per_day": 0.001},
        "life": constant(100),
        "attributes": [],
    }
    dimensions = [SECONDS, {"name": "id", "type": "entity", "entity": "p", "field": "id"}]
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(1), dimensions)
    found = samples({**spec, "entities": {"p": pool}}, 200, "-m", "1")
    assert np.array_equal(np.isnan(found["id"]), found["at"] >= 100)
