"""Values that remember: random walks, autoregression and running totals against theory."""

import numpy as np
import pytest
from scipy import stats

from tests.support.fields import floats, integers, uniform
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import (
    LARGEST_Z,
    LEAST_P,
    Column,
    expression,
    p_uniform,
    samples,
    shown,
)

pytestmark = pytest.mark.statistical

NORMAL: Spec = {"name": "noise", **floats({"type": "normal", "mean": 0, "stddev": 1})}
WORKERS = [expression("worker", "worker"), expression("visit", "visit")]
STEP, PHI = 0.25, 0.8


def remembering(*variables: Spec, ends: float = 0.0) -> Spec:
    """Return workers that set variables at each visit, which are shown beside worker and visit."""
    nexts = {"a": 1 - ends, "stop": ends} if ends else {"a": 1.0}
    names = shown(*(each["name"] for each in variables))
    spec = spec_of({"a": (exponential(1), nexts)}, constant(0.05), [*WORKERS, *names])
    spec["states"][0]["variables"] = list(variables)
    return spec


@pytest.mark.parametrize("size", [40_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_walks_spread_as_their_steps_add_up(size: int) -> None:
    """After k visits a walk with normal steps is normal, with k times the mean and the variance of a step."""
    walk = expression("walk", f"walk + noise + {STEP}", initial=0)
    found = samples(remembering(NORMAL, walk, ends=0.05), size, "-m", "none")
    for visit in (0, 1, 5, 20):
        own, count = found["walk"][found["visit"] == visit], visit + 1
        theory = stats.norm(STEP * count, np.sqrt(count))
        assert len(own) > size / 200
        assert p_uniform(theory.cdf(own)) > LEAST_P
        assert abs(theory.mean() - own.mean()) < LARGEST_Z * theory.std() / np.sqrt(len(own))
        spread = own.var(ddof=1) / theory.var() * (len(own) - 1)
        assert (
            2 * min(stats.chi2(len(own) - 1).cdf(spread), stats.chi2(len(own) - 1).sf(spread))
            > LEAST_P
        )


def test_steps_of_a_walk_are_independent() -> None:
    """A coin walk: where it is at visit 10 has the binomial distribution, and each step forgets the last."""
    coin = {"name": "up", "type": "enum", "values": [-1, 1], "weights": [1, 3]}
    walk = expression("walk", "walk + up", initial=0)
    found = samples(remembering(coin, walk, ends=0.05), 40_000, "-m", "none")
    own = found["walk"][found["visit"] == 9]
    counts = np.bincount((own + 10) // 2, minlength=11)
    theory = stats.binom(10, 0.75).pmf(np.arange(11)) * len(own)
    usual = theory >= 5
    statistic = ((counts - theory) ** 2 / theory)[usual].sum()
    assert stats.chi2(usual.sum() - 1).sf(statistic) > LEAST_P


@pytest.mark.parametrize("size", [30_000, pytest.param(500_000, marks=pytest.mark.long)])
def test_autoregression_has_its_stationary_variance(size: int) -> None:
    """x = phi x + noise tends to the variance 1 / (1 - phi^2) and the autocorrelations phi^k.

    Standard errors: Bartlett's formula; that of the variance 2 v^2 (1 + phi^2) / (1 - phi^2) / n.
    """
    x = expression("x", f"{PHI} * x + noise", initial=3)
    found = samples(remembering(NORMAL, x), size + 100, "-m", "1")["x"]
    left = found[1:] - PHI * found[:-1]
    assert found[0] != 3
    assert p_uniform(stats.norm.cdf(left)) > LEAST_P
    settled, square = found[100:], PHI * PHI
    variance, gain = 1 / (1 - square), (1 + square) / (1 - square)
    assert abs(settled.mean()) < LARGEST_Z / (1 - PHI) / np.sqrt(size)
    error = variance * np.sqrt(2 * gain / size)
    assert abs((settled**2).mean() - variance) < LARGEST_Z * error
    for lag in (1, 2, 5, 10):
        ratio = float(np.corrcoef(settled[:-lag], settled[lag:])[0, 1])
        power = PHI ** (2 * lag)
        error = np.sqrt((gain * (1 - power) - 2 * lag * power) / size)
        assert abs(ratio - PHI**lag) < LARGEST_Z * error


def test_totals_are_the_sums_of_what_a_worker_has_had() -> None:
    """To the bit, left to right, of doubles and of whole numbers, where nulls count as nothing; and visits are counted."""
    price = {"name": "price", **floats(uniform(0, 99))}
    quantity = {"name": "quantity", **integers(uniform(-5, 9)), "percent_nulls": 20}
    spec = remembering(
        price,
        quantity,
        expression("total", "total + price", initial=0.0),
        expression("items", "items + default(quantity, 0)", initial=7),
        expression("largest", "max(largest, price)", initial=0.0),
        expression("visits", "visits + 1", initial=0),
        ends=0.02,
    )
    found = samples(spec, 30_000, "-m", "500")
    order = np.lexsort((found["visit"], found["worker"]))
    found = {name: column[order] for name, column in found.items()}
    assert np.array_equal(found["visits"], found["visit"] + 1)
    begins = np.flatnonzero(found["visit"] == 0)
    assert len(begins) > 500

    def by_worker(name: str) -> list[Column]:
        return np.split(found[name], begins[1:])

    quantities = np.nan_to_num(found["quantity"])
    for column, total in zip(by_worker("price"), by_worker("total"), strict=True):
        assert np.array_equal(np.cumsum(column), total)
    for column, largest in zip(by_worker("price"), by_worker("largest"), strict=True):
        assert np.array_equal(np.maximum.accumulate(column), largest)
    for column, items in zip(np.split(quantities, begins[1:]), by_worker("items"), strict=True):
        assert np.array_equal(7 + np.cumsum(column), items)
