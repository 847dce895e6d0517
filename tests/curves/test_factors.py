"""Factors at single instants: trends and dates, over the ends of years, leap days and changes of the clock."""

import itertools

import numpy as np
import pytest

from datagen.curves.curve import CURVES, WeekCache
from datagen.curves.rate_integral import RateIntegral
from datagen.curves.zones import week_and_offset
from tests.support.curves import DATES, curve
from tests.support.helpers import invoke
from tests.support.machines import ENDING, Spec
from tests.support.plain_curves import FIRST_START, SECOND, micros

DAY, YEAR = 86_400 * SECOND, 31_556_952 * SECOND


def heights(data: Spec, *instants: int) -> list[float]:
    """Return g at instants."""
    found: list[float] = curve(data).heights(np.array(instants)).tolist()
    return found


def test_trend_is_compound_from_the_first_start() -> None:
    """1 at the start, the factor after a mean month or year, its square after two, its inverse before."""
    monthly, yearly = {"type": "trend", "per_month": 1.1}, {"type": "trend", "per_year": 0.5}
    months = [FIRST_START + number * YEAR // 12 for number in (-1, 0, 1, 12)]
    assert heights(monthly, *months) == pytest.approx([1 / 1.1, 1, 1.1, 1.1**12], rel=1e-12)
    years = [FIRST_START + number * YEAR for number in (0, 1, 2)]
    assert heights(yearly, *years) == pytest.approx([1, 0.5, 0.25], rel=1e-12)
    later = CURVES.parse(monthly).starting_at(FIRST_START + DAY)
    assert later.heights(np.array(months) + DAY).tolist() == heights(monthly, *months)


def test_trend_without_a_start_has_no_heights() -> None:
    """Rather than those of a run in 1970."""
    with pytest.raises(AttributeError):
        CURVES.parse({"type": "trend", "per_year": 2}).heights(np.array([FIRST_START]))


def test_trend_ends_at_its_limits() -> None:
    """It rises to 1e9 and no higher; below 1e-9 it is 0, and known to be so for ever."""
    rising, falling = {"type": "trend", "per_month": 10}, {"type": "trend", "per_month": 0.1}
    instants = [FIRST_START + number * YEAR // 12 for number in (8, 10, 5_000)]
    assert heights(rising, *instants) == pytest.approx([1e8, 1e9, 1e9])
    assert heights(falling, *instants) == pytest.approx([1e-8, 0, 0])
    over = curve(falling).zero_from
    assert over is not None
    assert over == pytest.approx(FIRST_START + 9 * YEAR / 12, abs=2)
    assert curve(rising).zero_from is None


def test_ramp_goes_in_a_straight_line_from_the_first_start() -> None:
    """As it begins before it, as it ends after it; a number is seconds."""
    ramp = {"type": "ramp", "from": 2, "to": 1, "over": "10D"}
    days = [FIRST_START + each * DAY for each in (-300, 0, 1, 5, 10, 300)]
    assert heights(ramp, *days) == pytest.approx([2, 2, 1.9, 1.5, 1, 1], rel=1e-12)
    assert heights({**ramp, "over": 864_000}, *days) == heights(ramp, *days)
    assert heights({**ramp, "over": 1e-6}, *days) == [2, 2, 1, 1, 1, 1]


def test_nothing_comes_after_a_ramp_to_zero() -> None:
    """And that is found at once."""
    integral = RateIntegral([curve({"type": "ramp", "from": 1, "to": 0, "over": "10D"})])
    half = integral.gap(FIRST_START, 2.5 * DAY, 0.5)
    assert half == pytest.approx((1 - 0.5**0.5) * 10 * DAY, rel=1e-6)
    assert integral.gap(FIRST_START, 5.001 * DAY, 0.5) == 10**16
    shut = RateIntegral([curve({"type": "ramp", "from": 0, "to": 1, "over": "10D"})])
    assert shut.gap(FIRST_START, 5.0 * DAY, 0.5) == pytest.approx(10 * DAY, rel=1e-5)


def test_dates_are_days_of_the_zone() -> None:
    """Both ends of a range to the microsecond, over a leap day, the end of a year and changes of clocks."""
    for zone, day, begins, ends in (
        ("UTC", "2028-02-29", "2028-02-29T00:00", "2028-03-01T00:00"),
        ("Europe/Berlin", "2027-03-28", "2027-03-27T23:00", "2027-03-28T22:00"),  # of 23 hours
        ("Europe/Berlin", "2027-10-31", "2027-10-30T22:00", "2027-10-31T23:00"),  # of 25
        ("America/New_York", "2027-12-31/2028-01-01", "2027-12-31T05:00", "2028-01-02T05:00"),
        ("Pacific/Apia", "2011-12-30", None, None),  # which that zone never had
        ("Pacific/Apia", "2011-12-29/2011-12-31", "2011-12-29T10:00", "2011-12-31T10:00"),
    ):
        data = {"type": "dates", "dates": {day: 5}, "timezone": zone}
        if begins is None or ends is None:
            around = micros("2011-12-28") + np.arange(0, 5 * 24) * DAY // 24
            assert set(heights(data, *around.tolist())) == {1}
            continue
        first, end = micros(begins), micros(ends)
        assert heights(data, first - 1, first, end - 1, end) == [1, 5, 5, 1]


def test_factors_are_computed_once_for_weeks_that_are_alike() -> None:
    """A factor all week long is one week; a week with an edge is its own; few are kept."""
    calls = itertools.count(1)
    dates = {"type": "dates", "dates": {"2027-03-10/2027-06-02": 0.5}}
    weeks = WeekCache([curve(dates)], lambda _: next(calls))
    first = week_and_offset(micros("2027-03-01"))[0]
    assert [weeks.for_week(first + number) for number in (0, 1, 2, 3, 9, 13, 14, 15, 20)] == [
        *(1, 2, 3, 3, 3, 4, 1, 1, 1)
    ]
    trend = WeekCache([curve({"type": "trend", "per_year": 2})], lambda begins: begins)
    assert len({trend.for_week(number) for number in range(200)}) == 200
    ramp = WeekCache(
        [curve({"type": "ramp", "from": 1, "to": 2, "over": "10D"})], lambda _: next(calls)
    )
    assert [ramp.for_week(first + number) for number in (-9, -1, 0, 1, 2, 9)] == [5, 5, 6, 7, 8, 8]
    assert trend.for_week(3) == trend.for_week(3)
    for factor in (0.1, 10):
        ends = curve({"type": "trend", "per_year": factor})
        settled = first + round(9 * 365.2425 / 7)
        assert (
            ends.week_key(settled - 1) != ends.week_key(settled + 1) == ends.week_key(settled + 9)
        )


def test_gap_beyond_what_is_left_never_ends() -> None:
    """The integral of a falling trend is finite: what is more than that is never reached, and soon found."""
    integral = RateIntegral([curve({"type": "trend", "per_month": 0.5})])
    left = YEAR / 12 / np.log(2)
    gap = integral.gap(FIRST_START, left / 2, 0.5)
    assert gap == pytest.approx(YEAR / 12, rel=1e-6)
    assert integral.gap(FIRST_START, left * 1.001, 0.5) == 10**16
    shut = curve({"type": "dates", "dates": {"2027-04-01/9999-12-31": 0}, "timezone": "Etc/GMT+12"})
    assert RateIntegral([shut]).gap(FIRST_START, 40.0 * DAY, 0.5) == 10**16
    assert shut.zero_from is not None
    assert shut.heights(np.array([shut.zero_from - DAY, shut.zero_from])).tolist() == [1, 0]


def test_extremes_hold_all_heights() -> None:
    """From the first start on."""
    assert curve(DATES).extremes == (0, 3)
    assert curve({"type": "dates", "dates": {"2027-03-10": 5}}).extremes == (1, 5)
    assert curve({"type": "ramp", "from": 3, "to": 0.5, "over": "1D"}).extremes == (0.5, 3)
    assert curve({"type": "trend", "per_year": 2}).extremes == (1, 1e9)
    assert curve({"type": "trend", "per_year": 0.5}).extremes == (0, 1)


NOTES = [
    ({"type": "trend", "per_month": 1.05}, "the trend of the schedule is above 1, but the limit of workers is m x min(1, g)"),
    ({"type": "product", "curves": [{"type": "trend", "per_year": 2}]}, "the trend of the schedule is above 1, but"),
    ({"type": "trend", "per_month": 0.05, "applies_to": "arrivals"}, "the trend leaves 0.05 of the rate after a month; growth by 0.05 is 1.05"),
    ({"type": "trend", "per_year": 0.05, "applies_to": "arrivals"}, "the trend leaves 0.05 of the rate after a year; growth by 0.05 is 1.05"),
    ({"type": "dates", "dates": {"2027-03-10": 5}}, "the schedule is never below 1, so it never lowers the limit of workers"),
    ({"type": "trend", "per_month": 1.05, "applies_to": "arrivals"}, None),
    ({"type": "trend", "per_month": 0.95}, None),
    ({"type": "dates", "dates": {"2027-03-10": 0.5}}, None),
    ({"type": "ramp", "from": 0.5, "to": 1, "over": "1D"}, None),
    ({"type": "ramp", "from": 2, "to": 1, "over": "1D"}, "the schedule is never below 1, so it never lowers"),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "note"), NOTES)
def test_what_a_factor_cannot_do_is_told(schedule: Spec, note: str | None) -> None:
    """Once, on load."""
    err = invoke("--validate", spec={**ENDING, "schedule": schedule}).err
    assert err.count("warning") == (note is not None)
    assert (note or "ok") in err
