"""Cycles: years, months, weeks and days that times leave out."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.instants import DAY, EPOCH, SECOND
from datagen.sources.cycles import CYCLES

HOUR = 3600 * SECOND


@given(
    st.datetimes(datetime(1600, 1, 1), datetime(2400, 1, 1)),  # noqa: DTZ001 - as hypothesis wants them
    st.sampled_from(list(CYCLES)),
)
def test_place_in_a_cycle_leads_back_to_the_time(moment: datetime, name: str) -> None:
    """Whatever the year and the length of the month."""
    local = np.array([round((moment.replace(tzinfo=UTC) - EPOCH).total_seconds()) * SECOND])
    cycle = CYCLES[name]
    numbers, places = cycle.split(local)
    assert 0 <= places[0] < cycle.period
    back, exists = cycle.join(numbers, places)
    assert (back.tolist(), exists.tolist()) == (local.tolist(), [True])


def test_dates_of_leap_years_exist_in_these_only() -> None:
    """29 February has no place in 2025 or 2100."""
    place = np.full(3, 59 * DAY)
    years = np.array([2024, 2025, 2100]) - 1970
    assert CYCLES["year"].join(years, place)[1].tolist() == [True, False, False]
    months = np.array([0, 1, 3])  # January, February, April
    assert CYCLES["month"].join(months, np.full(3, 30 * DAY))[1].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("name", "places", "numbers"),
    [
        ("year", [365 * DAY, 0, 365 * DAY], [0, 1, 0]),  # a late record over New Year
        ("year", [100 * DAY, 0], [0, 0]),  # late by less than half a year
        ("year", [200 * DAY, 0], [0, 1]),
        ("year", [0, 300 * DAY], [0, 0]),  # a long gap
        ("day", [23 * HOUR, HOUR, 23 * HOUR - 1, 0], [0, 1, 1, 2]),
        ("day", [HOUR, 0], [0, 0]),
        ("day", [18 * HOUR, 8 * HOUR], [0, 1]),  # an office is closed at night
        ("day", [0, 23 * HOUR + 1], [0, -1]),
        ("week", [6 * DAY, 0], [0, 1]),
    ],
)
def test_time_goes_on(name: str, places: list[int], numbers: list[int]) -> None:
    """Into the next cycle, where it goes back by more than the slack."""
    assert CYCLES[name].steps(np.array(places), places[0]).tolist() == numbers
