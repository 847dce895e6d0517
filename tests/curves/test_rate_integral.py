"""Paces invert the integral of a curve: exactly, alike for one and for many, anywhere in time."""

import random

import numpy as np
import pytest

from datagen.curves.rate_integral import RateIntegral
from tests.support.curves import EXAMPLES, HOURLY, MIXTURE, WEEKLY, ZONES, curve
from tests.support.machines import Spec
from tests.support.plain_curves import SECOND, integrals, micros

MINUTE, WEEK = 60 * SECOND, 7 * 86_400 * SECOND
CLOSED: Spec = {"type": "hourly", "weights": [0] * 8 + [1] * 12 + [0] * 4}
ONE: Spec = {"type": "constant", "value": 1}
NO_DITHER = 2.0**-30
TIMES = [
    "2027-03-09T08:00",
    "2027-03-28T00:30",
    "2027-03-14T23:59",
    "1883-11-18T11:00",
    "9998-12-31",
]


def pace(*curves: Spec) -> RateIntegral:
    """Return the pace of the product of some curves."""
    return RateIntegral([curve(each) for each in curves])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("data", [MIXTURE, WEEKLY, CLOSED], ids=lambda each: str(each["type"]))
@pytest.mark.parametrize("start", TIMES[:3])
def test_gap_ends_where_the_integral_reaches_the_amount(data: Spec, zone: str, start: str) -> None:
    """Summed up by short steps; the table is linear within a minute, which the sum is not."""
    data, begins = {**data, "timezone": zone}, micros(start)
    for amount, step in ((30.0, 1), (3_000.0, 10), (50_000.0, 60)):
        gap = pace(data).gap(begins, amount * SECOND, 0.5)
        [found] = integrals(data, [begins, begins + gap], step * SECOND)
        assert found == pytest.approx(amount, rel=1e-3, abs=0.5)


def test_product_of_curves_is_one_pace() -> None:
    """Twice a half is as if there were none."""
    half: Spec = {"type": "constant", "value": 0.5}
    both = pace(MIXTURE, half, {"type": "constant", "value": 2, "timezone": "Asia/Tokyo"})
    for amount in (1e3, 1e9, 3e12):
        args = micros("2027-03-09T08:00"), amount, 0.5
        assert both.gap(*args) == pace(MIXTURE).gap(*args)


@pytest.mark.parametrize("zone", [None, *ZONES])
def test_one_gap_and_many_are_the_same(zone: str | None) -> None:
    """To the microsecond: short and long ones, over changes of clocks, the years 1 to 9999."""
    chance = random.Random(3)
    for data in (*EXAMPLES, CLOSED):
        paced = pace(data if zone is None else {**data, "timezone": zone})
        starts = [micros(each) + chance.randrange(WEEK) for each in TIMES for _ in range(40)]
        starts += [chance.randrange(micros("0001-01-01"), micros("9999-12-31")) for _ in range(40)]
        amounts = [10 ** chance.uniform(-1, 13) for _ in starts]
        dithers = [chance.random() for _ in starts]
        many = paced.gaps(np.array(starts), np.array(amounts), np.array(dithers)).tolist()
        columns = zip(starts, amounts, dithers, strict=True)
        assert many == [paced.gap(*each) for each in columns]


def test_no_gaps_at_all_are_none() -> None:
    """An empty array is a right question."""
    nothing = np.empty(0, dtype=np.int64)
    assert len(pace(MIXTURE).gaps(nothing, nothing.astype(float), nothing.astype(float))) == 0


@pytest.mark.parametrize("more", [{}, {"timezone": "America/St_Johns"}])
def test_curve_of_one_is_plain_time(more: Spec) -> None:
    """Amounts come out as they went in, from a microsecond to centuries."""
    paced, chance = pace({**ONE, **more}), random.Random(4)
    for _ in range(2_000):
        amount, dither = 10 ** chance.uniform(-2, 15), chance.randrange(2048) / 2048 + 2.0**-12
        gap = paced.gap(chance.randrange(10**15, 2 * 10**15), amount, dither)
        assert gap == pytest.approx(int(amount + dither), abs=1 if amount < 2**40 else 2**8)
    assert paced.gap(10**15 + 7, 1.25e6, 0.5) == 1_250_000
    assert paced.gap(10**15 + 7, 0.0, 0.5) == 0


def test_gaps_wait_while_the_height_is_zero() -> None:
    """From closing time on, the least amount takes until the ramp of the next morning."""
    closed, opens = micros("2027-03-12T22:00"), micros("2027-03-13T07:30")
    gap = pace(CLOSED).gap(closed, 1e-3, NO_DITHER)
    assert opens <= closed + gap <= opens + MINUTE
    assert pace(CLOSED).gap(micros("2027-03-12T12:00"), 60e6, NO_DITHER) == 60_000_000
    sunday: Spec = {
        "type": "weekly",
        "weights": {"mon": [0] * 24, "sun": [0] * 12 + [1] + [0] * 11},
    }
    gap = pace(sunday).gap(micros("2027-03-14T13:30"), 1e-3, NO_DITHER)
    assert gap == pytest.approx(WEEK - 2 * 3600 * SECOND, abs=MINUTE)


@pytest.mark.parametrize("data", [MIXTURE, HOURLY, CLOSED], ids=lambda each: str(each["type"]))
def test_long_gaps_are_whole_weeks_and_a_rest(data: Spec) -> None:
    """In UTC by one division, in a zone week by week: the same to a millisecond in 100 years."""
    start, week = micros("2027-03-09T08:00"), pace(data).mean() * WEEK
    by_division, by_weeks = pace(data), pace({**data, "timezone": "Etc/UTC"})
    for weeks in (1, 2, 52, 5_200):
        gap = by_division.gap(start, weeks * week + 1e9, 0.5)
        rest = by_division.gap(start, 1e9, 0.5)
        assert gap == pytest.approx(weeks * WEEK + rest, abs=1_000 * weeks**0.5)
        assert by_weeks.gap(start, weeks * week + 1e9, 0.5) == pytest.approx(gap, abs=1_000 * weeks)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_gaps_are_held(zone: str) -> None:
    """Beyond 10**10 seconds they are that, also past the year 9999."""
    low: Spec = {"type": "hourly", "weights": [1e-9] * 24, "timezone": zone}
    for start in ("0001-01-02", "9999-12-31"):
        assert pace(low).gap(micros(start), 1e9, 0.5) == 10**16
        assert pace(low).gaps(np.array([micros(start)]), np.array([1e9]), np.array([0.5])) == 10**16
    assert pace({**ONE, "timezone": zone}).gap(micros("9999-12-31"), 1e16, 0.5) == 10**16


@pytest.mark.statistical
@pytest.mark.parametrize("mean", [1e-6, 1e-4])
def test_short_gaps_are_unbiased(mean: float) -> None:
    """|z| < 4 on a million exponential gaps at a height of 0.3: whole microseconds, right on average."""
    chance = np.random.default_rng(9)
    size, height = 1_000_000, 0.3
    amounts = chance.exponential(mean * 1e6, size)
    starts = np.full(size, micros("2027-03-12T10:00:00")) + chance.integers(0, 10**9, size)
    paced = pace({"type": "constant", "value": height})
    off = paced.gaps(starts, amounts, chance.random(size)) - amounts / height
    assert abs(off.mean() / (off.std() / size**0.5)) < 4


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("start", TIMES[:3])
def test_growth_is_the_inverse_of_a_gap(zone: str, start: str) -> None:
    """Within a week, to another one and over many of them, with their changes of the clock."""
    integral, begins = pace({**WEEKLY, "timezone": zone}), micros(start)
    amounts = [1.0, 3600.0, 40_000.0, 9e5, 4e7]
    gaps = [integral.gap(begins, amount * SECOND, NO_DITHER) for amount in amounts]
    ends = begins + np.array(gaps)
    grown = integral.growth(np.full(len(ends), begins), ends)
    assert grown == pytest.approx(np.array(amounts) * SECOND, rel=1e-9, abs=20)


def test_growth_of_nothing() -> None:
    """No instants, and no time between them."""
    integral = pace(HOURLY)
    assert len(integral.growth(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))) == 0
    same = np.array([micros(TIMES[0]), micros(TIMES[1])])
    assert integral.growth(same, same).tolist() == [0, 0]
