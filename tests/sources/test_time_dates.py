"""Days, and the parts of dates."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.sources.time_dates import date_part, days_of

FIRST = date(1970, 1, 1)


@given(st.dates(date(1, 1, 8), date(9999, 12, 24)))
def test_parts_of_dates_are_those_of_python(day: date) -> None:
    """And lead back to the day, whichever of them say which it is."""
    days = np.array([(day - FIRST).days])
    parts = {kind: date_part(kind, days) for kind in "YymdjuwUWGV"}
    shown = {kind: int(values[0]) for kind, values in parts.items() if kind != "Y"}
    assert shown == {kind: int(day.strftime(f"%{kind}")) for kind in shown}
    parts |= {"weekday": date_part("a", days)}
    for kinds in (("Y", "m", "d"), ("Y", "j"), ("Y", "U", "weekday"), ("Y", "W", "weekday"),
                  ("G", "V", "weekday")):  # fmt: skip
        good = np.ones(1, dtype=bool)
        assert days_of({kind: parts[kind] for kind in kinds}, good).tolist() == days.tolist()
        assert good.all()


@pytest.mark.parametrize(
    "parts",
    [
        {"Y": 2027, "m": 2, "d": 29},
        {"Y": 2027, "m": 13, "d": 1},
        {"Y": 2027, "m": 1, "d": 0},
        {"Y": 0, "m": 1, "d": 1},
        {"Y": 2027, "j": 366},
        {"Y": 2027, "j": 0},
        {"G": 2027, "V": 53, "weekday": 0},
        {"Y": 2027, "U": 0, "weekday": 0},
    ],
)
def test_day_that_does_not_exist_is_told(parts: dict[str, int]) -> None:
    """By clearing its row."""
    good = np.ones(1, dtype=bool)
    days_of({kind: np.array([value]) for kind, value in parts.items()}, good)
    assert not good.any()


def test_what_is_not_given_is_the_first() -> None:
    """A year alone is its first day."""
    days = days_of({"Y": np.array([2027])}, np.ones(1, dtype=bool))
    assert FIRST + timedelta(days=int(days[0])) == date(2027, 1, 1)
