"""When members are born, and how many there are at an instant."""

import numpy as np
import pytest

from datagen.entity_pools.growth import Births
from datagen.instants import DAY

START = 1_800_000_000 * 10**6
CASES = [
    Births(START, 0, 1.0),
    Births(START, 100_000, 120.0),
    Births(START, 5, 0.3),
    Births(START, 10, 1e9),
    Births(START, 7, 86_400e6),
]


def test_members_are_born_evenly() -> None:
    """The first after the start half an interval after it, the last before it half an interval before."""
    births = Births(START, 10, 24.0)
    hour = DAY // 24
    assert (births.born(np.array([9, 10, 11])) - START).tolist() == [
        -hour // 2,
        hour // 2,
        3 * hour // 2,
    ]


@pytest.mark.parametrize("births", CASES)
def test_counts_are_those_of_births(births: Births) -> None:
    """At the instant at which member k is born there are k + 1, just before it there are not."""
    ids = np.unique([0, 1, 2, births.initial, births.initial + 1, births.initial + 99_991])
    born = births.born(ids)
    assert (np.diff(born) >= 0).all()
    assert (births.count(born) > ids).all()
    assert (births.count(born - 1) <= ids).all()


@pytest.mark.parametrize("births", CASES)
def test_counts_never_fall(births: Births) -> None:
    """Nor do they depend on what else is asked for."""
    instants = np.sort(START + np.random.default_rng(2).integers(-900 * DAY, 900 * DAY, 2000))
    counts = births.count(instants)
    assert (np.diff(counts) >= 0).all()
    assert [int(births.count(instants[row : row + 1])[0]) for row in (0, 7, 1999)] == counts[
        [0, 7, 1999]
    ].tolist()


def test_none_is_born_before_the_calendar() -> None:
    """A thousand members, one in two years: the first would be born before the year 1."""
    born = Births(START, 2000, 1 / 730).born(np.array([0, 1999]))
    assert -62_135_596_800 * 10**6 <= born[0] < born[1] < START
