"""Time zones against the standard library, and the weeks that their offsets are found by."""

import pickle

import numpy as np
import pytest

from datagen.curves.zones import (
    WEEK,
    week_and_offset,
    week_start,
    weeks_and_offsets,
    zone_names,
    zone_of,
)
from tests.support.curves import ZONES
from tests.support.plain_curves import SECOND, micros, offset

HOUR = 3600 * SECOND


def test_weeks_begin_on_monday() -> None:
    """Before 1970 too; one instant and arrays of them are split alike."""
    instants = [
        micros(each) for each in ("2027-03-15", "2027-03-14T23:59", "1901-01-01", "1970-01-01")
    ]
    split = [week_and_offset(each) for each in instants]
    assert [rest // HOUR for _, rest in split] == [0, 167, 24, 72]
    assert [week_start(number) + rest for number, rest in split] == instants
    numbers, offsets = weeks_and_offsets(np.array(instants))
    assert list(zip(numbers.tolist(), offsets.tolist(), strict=True)) == split


def test_offsets_of_a_week_say_when_clocks_change() -> None:
    """Berlin changes its clocks on Sunday, at one o'clock in UTC."""
    number, _ = week_and_offset(micros("2027-03-28T01:00"))
    change = WEEK - 23 * HOUR
    assert zone_of("Europe/Berlin").offsets(number) == ((0, HOUR), (change, 2 * HOUR))
    assert zone_of("Europe/Berlin").offsets(number + 1) == ((0, 2 * HOUR),)


@pytest.mark.parametrize("name", [*ZONES, "UTC", "Africa/Casablanca", "America/New_York"])
def test_zones_are_those_of_the_standard_library(name: str) -> None:
    """Each half hour of years with changes of many kinds, to the second at a change of 1883."""
    zone, hours = zone_of(name), np.arange(micros("2024-01-01"), micros("2027-12-31"), HOUR // 2)
    by_hand = [each + offset(name, each) for each in hours[::7].tolist()]
    assert zone.local_times(hours)[::7].tolist() == by_hand
    around = np.arange(micros("1883-11-18T12:00"), micros("1883-11-18T18:00"), 60 * SECOND)
    assert zone.local_times(around).tolist() == [
        each + offset(name, each) for each in around.tolist()
    ]


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Lima", "America/Santiago"])
def test_far_weeks_of_a_zone_are_those_of_400_years_before(name: str) -> None:
    """Dates fall on the same days of the week again, and rules know nothing but these."""
    zone = zone_of(name)
    for week in (22_501, 30_000, 43_000, 100_000, 400_000):
        assert zone.offsets(week) == zone._compute_offsets(week_start(week))


def test_every_zone_can_be_read() -> None:
    """All names that are offered lead to rules."""
    assert len(zone_names()) > 500
    for name in zone_names():
        assert zone_of(name).local_times(np.array([0])).shape == (1,)


def test_zone_is_handed_to_another_process() -> None:
    """By its name: with the rules that the process has there."""
    zone = zone_of("Europe/Berlin")
    assert pickle.loads(pickle.dumps(zone)) is zone
