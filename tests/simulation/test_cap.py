"""The limit of workers, and when it rises."""

import math

import pytest

from datagen.curves.curve import CURVES
from datagen.part import Part
from datagen.simulation.cap import NEVER, WorkerLimit
from tests.support.curves import curve
from tests.support.plain_curves import SECOND, Spec, micros, plain_height

MINUTE, MIDNIGHT = 60 * SECOND, micros("2027-03-12T00:00:00")
HOURS: Spec = {"type": "hourly", "weights": [0] * 8 + [1] * 8 + [0] * 8}
MORNING = CURVES.parse(HOURS)
PLAIN = [
    max(1, math.floor(100 * (1 + 1e-12) * min(1, plain_height(HOURS, MIDNIGHT + minute * MINUTE))))
    for minute in range(24 * 60)
]


def test_limit_without_a_curve_never_changes() -> None:
    """It is the number of workers at any instant."""
    limit = WorkerLimit(7)
    assert limit.at(MIDNIGHT) == (7, NEVER)
    assert limit.next_above(7, MIDNIGHT) == NEVER
    assert not limit.varies


def test_no_limit_is_never_reached() -> None:
    """Any number may be alive."""
    limit = WorkerLimit(None)
    assert (limit.free, limit.varies) == (True, False)
    assert limit.at(MIDNIGHT) == (NEVER, NEVER)
    assert not WorkerLimit(7).free


def test_limit_follows_the_curve_minute_by_minute() -> None:
    """By its formula: never below one, and never above the number of workers."""
    limit = WorkerLimit(100, MORNING)
    found = [limit.at(MIDNIGHT + minute * MINUTE)[0] for minute in range(24 * 60)]
    assert found == PLAIN
    assert (min(found), max(found)) == (1, 100)


def test_limit_is_known_up_to_its_next_change() -> None:
    """In the night it stays at one until the curve rises."""
    rises = next(minute for minute, most in enumerate(PLAIN) if most > 1)
    assert WorkerLimit(100, MORNING).at(MIDNIGHT) == (1, MIDNIGHT + rises * MINUTE)


@pytest.mark.parametrize("alive", [1, 40, 99])
def test_next_above_is_the_first_minute_with_a_place(alive: int) -> None:
    """For as many as are alive."""
    minute = next(minute for minute, most in enumerate(PLAIN) if most > alive)
    limit = WorkerLimit(100, MORNING)
    assert limit.next_above(alive, MIDNIGHT) == MIDNIGHT + minute * MINUTE
    assert limit.next_above(100, MIDNIGHT) == NEVER


def test_products_that_are_whole_stay_whole() -> None:
    """100 x 0.29 is 29, though it is less in floating point."""
    curve = CURVES.parse({"type": "constant", "value": 0.29})
    assert WorkerLimit(100, curve).at(MIDNIGHT)[0] == 29


@pytest.mark.parametrize("count", [2, 3, 7])
def test_shares_of_parts_are_together_the_limit(count: int) -> None:
    """At any instant, so that some are 0 where it is low; each share rises when it may."""
    parts = [WorkerLimit(100, MORNING, Part(index, count)) for index in range(count)]
    for minute in range(0, 24 * 60, 7):
        instant = MIDNIGHT + minute * MINUTE
        assert sum(limit.at(instant)[0] for limit in parts) == PLAIN[minute]
    last = parts[-1]
    assert last.at(MIDNIGHT)[0] == 0
    opens = next(minute for minute, most in enumerate(PLAIN) if most >= count)
    assert last.next_above(0, MIDNIGHT) == MIDNIGHT + opens * MINUTE
    assert sum(WorkerLimit(100, None, Part(n, count)).at(0)[0] for n in range(count)) == 100
    assert WorkerLimit(None, None, Part(0, count)).at(0) == (NEVER, NEVER)


def test_limit_follows_factors_week_by_week() -> None:
    """By the formula at each hour of a year: dates, a trend that falls, and no more than all where it is above 1."""
    data: Spec = {
        "type": "product", "timezone": "America/New_York",
        "curves": [
            HOURS,
            {"type": "dates", "dates": {"2027-07-05": 0, "2027-11-26": 9, "2027-12-24/2028-01-02": 0.4}},
            {"type": "trend", "per_month": 0.9},
        ],
    }  # fmt: skip
    limit = WorkerLimit(1000, curve(data))
    instants = range(MIDNIGHT, MIDNIGHT + 366 * 24 * 60 * MINUTE, 61 * MINUTE)
    found = [limit.at(each)[0] for each in instants]
    heights = [plain_height(data, each - each % MINUTE) for each in instants]
    assert found == [max(1, math.floor(1000 * (1 + 1e-12) * min(1, each))) for each in heights]
    assert max(found) == 1000
    begins = micros("2027-12-30T00:00:00")
    above = limit.next_above(300, begins)
    assert above > micros("2028-01-03T05:00:00")
    assert limit.at(above)[0] > 300 >= limit.at(above - MINUTE)[0]
