"""Which members are alive: by the draws alone, whatever was asked for before."""

import numpy as np
import pytest
from scipy import stats

from datagen.distributions.parsing import parse_timer
from datagen.entity_pools.growth import Births
from datagen.entity_pools.living import Lives
from datagen.instants import DAY, SECOND
from datagen.randomness import seed_word
from tests.support.machines import Spec, constant

START = 1_800_000_000 * 10**6
EXPONENTIAL: Spec = {"type": "exponential", "mean": 20 * 86_400}
LIVES: list[Spec] = [
    EXPONENTIAL,
    constant(10 * 86_400),
    {"type": "uniform", "min": 0, "max": 40 * 86_400},
]


def lives(life: Spec, initial: int = 1000, per_day: float = 50.0, seed: int = 1) -> Lives:
    """Return the lives of a pool."""
    births = Births(START, initial, per_day)
    return Lives(births, parse_timer(life), seed_word(seed), ("entities", "users"))


def alive_at(found: Lives, births: Births, instant: int) -> list[int]:
    """Return who is alive at an instant, of all that were ever born."""
    born = np.arange(int(births.count(np.array([instant]))[0]))
    return born[found.alive(born, np.full(len(born), instant))].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("life", LIVES)
def test_candidates_are_all_that_live_within_a_span(life: Spec) -> None:
    """In whatever order spans are asked for; every one who is alive at an instant of it is among them."""
    births = Births(START, 1000, 50.0)
    spans = [0, 1, 2, 9, 30, 4, 31, 0, -1]
    found, alone = lives(life), {span: lives(life).candidates(span).tolist() for span in spans}
    for span in spans:
        assert found.candidates(span).tolist() == alone[span]
    for instant in START + np.array([-DAY, 0, 1, 3 * DAY, 40 * DAY]):
        span = int(found.spans(np.array([instant]))[0])
        alive = alive_at(found, births, int(instant))
        assert set(alive) <= set(lives(life).candidates(span).tolist())


def test_as_many_are_alive_as_theory_says() -> None:
    """Arrivals as Little's law has them: those of the start decay, others tend to rate times mean life.

    Over 40 seeds, by a z-test at a significance of 0.001 with the Poisson variance as a bound.
    """
    births, mean, day = Births(START, 400, 30.0), 20.0, 35
    instant = START + day * DAY
    counts = [
        len(alive_at(lives(EXPONENTIAL, 400, 30.0, seed), births, instant)) for seed in range(40)
    ]
    expected = 400 * np.exp(-day / mean) + 30 * mean * (1 - np.exp(-day / mean))
    z = (np.mean(counts) - expected) / np.sqrt(expected / 40)
    assert abs(z) < stats.norm.ppf(0.9995)


def test_the_remaining_life_of_the_first_is_a_draw_from_the_start() -> None:
    """With lives of ten days, all of the start are there until the tenth day, however long before they were born."""
    found = lives(constant(10 * 86_400))
    ids = np.arange(1000)
    assert found.alive(ids, np.full(1000, START + 10 * DAY - SECOND)).all()
    assert not found.alive(ids, np.full(1000, START + 10 * DAY + SECOND)).any()
