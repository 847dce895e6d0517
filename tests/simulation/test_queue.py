"""The queue behind a cap, against its definition."""

import math

import pytest

from datagen.simulation.queue import kept_share, waiting_share


def plain_queue(alive: float, most: int) -> tuple[float, float]:
    """Return what share of arrivals waits and what share of the rate is left, by all probabilities."""
    logs = [number * math.log(alive) - math.lgamma(number + 1) for number in range(most + 1)]
    logs.append(logs[-1] + math.log(alive / most))
    top = max(logs)
    weights = [math.exp(each - top) for each in logs]
    return weights[-2] / sum(weights[:-1]), 1 - weights[-1] / sum(weights)


@pytest.mark.parametrize("most", [1, 2, 7, 100, 1000])
@pytest.mark.parametrize("load", [0.01, 0.5, 0.9, 0.99, 1.0, 1.1, 3.0, 500.0])
def test_queue_is_that_of_its_birth_and_death_rates(load: float, most: int) -> None:
    """M/M/m/(m+1), also where most wait and where hardly any does."""
    waits, kept = plain_queue(load * most, most)
    assert waiting_share(load * most, most) == pytest.approx(waits, rel=1e-9, abs=1e-12)
    assert kept_share(load * most, most) == pytest.approx(kept, rel=1e-9)


def test_far_more_than_a_cap_leaves_its_share() -> None:
    """52,000 workers where 100 can be: 56 records a second of 29,000."""
    assert kept_share(52_000, 100) * 29_000 == pytest.approx(56, rel=0.01)
    assert waiting_share(52_000, 100) > 0.99


@pytest.mark.parametrize("most", [1, 100, 100_000_000])
def test_ends_of_the_range(most: int) -> None:
    """Nobody, and ever more; the largest cap takes no time."""
    assert (waiting_share(0, most), waiting_share(math.inf, most)) == (0, 1)
    assert (kept_share(0, most), kept_share(math.inf, most)) == (1, 0)
    assert 0 < waiting_share(float(most), most) <= 0.5
    assert waiting_share(most / 2, most) < 0.34
