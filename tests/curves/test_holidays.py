"""Holidays are those of the library, of the years that it knows, on local days."""

import numpy as np
import pytest

from datagen.curves import holidays
from tests.support.curves import HOUR, curve
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec
from tests.support.plain_curves import micros


def factor_at(country: str, subdivision: str | None, instant: str, zone: str = "UTC") -> float:
    """Return g at an instant of a curve that is 0.5 on holidays."""
    data: Spec = {"type": "holidays", "country": country, "factor": 0.5, "timezone": zone}
    data |= {"subdivision": subdivision} if subdivision else {}
    return float(curve(data).heights(np.array([micros(instant)]))[0])


DAYS = [
    ("DE", None, "2027-12-25", True),
    ("DE", None, "2027-12-27", False),
    ("DE", "BY", "2027-05-27", True),  # Corpus Christi, not in all of Germany
    ("DE", None, "2027-05-27", False),
    ("US", None, "2027-12-31", True),  # in lieu of a Saturday, New Year of the year after
    ("US", None, "2028-01-01", True),
    ("US", None, "2027-11-25", True),  # the fourth Thursday
    ("GB", "SCT", "2027-01-04", True),  # in lieu of 2 January
    ("GB", "ENG", "2027-01-04", False),
    ("IN", None, "2050-01-26", True),  # more than is known of the years
    ("US", None, "9999-12-25", False),  # which are not looked at
]  # fmt: skip


@pytest.mark.parametrize(("country", "subdivision", "day", "is_holiday"), DAYS)
def test_day_is_a_holiday(
    country: str, subdivision: str | None, day: str, is_holiday: bool
) -> None:
    """Known days of countries and of parts of them, and a day that is none."""
    assert factor_at(country, subdivision, f"{day}T12:00") == (0.5 if is_holiday else 1)


def test_holiday_is_a_local_day() -> None:
    """From midnight to midnight of the zone, at the end of a year too."""
    berlin = "Europe/Berlin"
    edges = [
        "2027-12-24T22:59:59.999999",
        "2027-12-24T23:00",
        "2027-12-26T22:59",
        "2027-12-26T23:00",
    ]
    assert [factor_at("DE", None, each, berlin) for each in edges] == [1, 0.5, 0.5, 1]
    assert factor_at("DE", None, "2027-12-31T23:00", berlin) == 0.5
    assert factor_at("DE", None, "2028-01-01T23:00", berlin) == 1


def test_years_are_looked_up_one_by_one() -> None:
    """Instants of many years at once give what each gives alone."""
    data: Spec = {"type": "holidays", "country": "JP", "factor": 3, "timezone": "Asia/Tokyo"}
    instants = micros("1999-01-01") + np.arange(0, 40 * 366 * 24 * HOUR, 31 * HOUR)
    made = curve(data)
    alone = [float(made.heights(instants[n : n + 1])[0]) for n in range(0, len(instants), 50)]
    assert made.heights(instants)[::50].tolist() == alone
    assert 0.03 < (made.heights(instants) == 3).mean() < 0.08


def test_library_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    monkeypatch.setattr(holidays, "find_spec", lambda _: None)
    schedule = {"type": "holidays", "country": "DE", "factor": 0.5}
    outcome = invoke("--validate", spec={**ENDING, "schedule": schedule})
    told = "stdin: schedule.type: needs the library holidays: pip install 'holidays>=0.90,<1'\n"
    assert (outcome.status, outcome.err) == (1, told)


def test_weeks_without_a_holiday_are_alike() -> None:
    """So that they are computed once."""
    made = curve({"type": "holidays", "country": "DE", "factor": 0.5})
    keys = [made.week_key(week) for week in range(2_900, 3_200)]
    assert 1.0 in keys
    assert 20 < len(set(keys)) < 90
    assert made.extremes == (0.5, 1)
    assert made.described() == "holidays of DE in UTC"


def test_weeks_without_holidays_are_told_from_others() -> None:
    """As by the factors of all their days, at the turn of years too."""
    made = holidays.Holidays(type="holidays", country="DE", subdivision="BY", factor=0.5)
    keys = [made.week_key(week) for week in range(2600, 3200)]
    days = [np.arange(week * 7 - 4, week * 7 + 5) for week in range(2600, 3200)]
    plain = [bool((made.factors(each) == 1.0).all()) for each in days]
    assert [key == 1.0 for key in keys] == plain
    assert 0 < sum(plain) < len(plain)
