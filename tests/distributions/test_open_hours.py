"""Times that pass in open hours only."""

from typing import Any

import numpy as np
import pytest

from datagen.arrays import Floats
from datagen.columns.scalar import FloatColumn
from datagen.curves.curve import CURVES
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.parsing import parse_timer
from datagen.randomness import mix
from datagen.simulation.delays import Delays
from tests.support.plain_curves import SECOND, integrals, micros

DAY: list[float] = [0.0] * 9 + [1.0] * 8 + [0.0] * 7
OFFICE = {"type": "weekly", "steps": True, "weights": {"mon": DAY, "sat": [0.0] * 24}}
HOUR = 3600 * SECOND


def end_of(seconds: Any, begin: str, hours: Any = OFFICE) -> int:
    """Return when a constant time is over that begins at an instant."""
    delays = Delays([parse_timer({"type": "constant", "value": seconds, "hours": hours})])
    instant = np.array([micros(begin)])
    bits = mix(np.arange(1, dtype=np.uint64))
    return int(instant[0] + delays.microseconds(bits, np.zeros(1, dtype=np.int64), instant)[0])


@pytest.mark.parametrize(
    ("seconds", "begin", "end"),
    [
        ("16H", "2027-03-01T10:00:00", "2027-03-03T10:00:00"),
        ("16H", "2027-03-05T16:30:00", "2027-03-09T16:30:00"),
        ("1H", "2027-03-06T12:00:00", "2027-03-08T10:00:00"),
        ("8H", "2027-03-01T09:00:00", "2027-03-01T17:00:00"),
        ("16H", "2027-03-04T09:00:00", "2027-03-05T17:00:00"),
        ("80H", "2027-02-22T09:00:00", "2027-03-05T17:00:00"),
        (0, "2027-03-06T12:00:00", "2027-03-06T12:00:00"),
        ("40H", "2027-03-01T12:00:00", "2027-03-08T12:00:00"),
        ("400H", "2027-03-01T12:00:00", "2027-05-10T12:00:00"),
    ],
)
def test_working_days_are_counted(seconds: str, begin: str, end: str) -> None:
    """16 open hours are two days of eight; nights and weekends do not count."""
    assert abs(end_of(seconds, begin) - micros(end)) <= 1


def test_one_time_ends_as_many_do() -> None:
    """One by one, as a time-dependent path is walked, and by arrays: to the bit, on the edges of hours too."""
    zones = [
        RateIntegral([CURVES.parse({**OFFICE, "timezone": each})], closes=True)
        for each in (None, "Europe/Berlin")
    ]
    chance = np.random.default_rng(5)
    instants = micros("2027-03-01T00:00:00") + chance.integers(0, 24 * 60, 400) * HOUR // 2
    amounts: Floats = np.array(chance.integers(0, 300, 400) * (HOUR / 2.0), dtype=np.float64)
    dithers: Floats = np.full(400, 0.5)
    for integral in zones:
        together = integral.gaps(instants, amounts, dithers).tolist()
        rows = zip(instants.tolist(), amounts.tolist(), dithers.tolist(), strict=True)
        assert [integral.gap(*row) for row in rows] == together
        grown = integral.growth(instants, instants + np.array(together))
        assert np.allclose(grown, amounts, atol=1)


def test_half_open_hours_take_twice_as_long() -> None:
    """The heights count as they stand."""
    half = {"type": "constant", "value": 0.5}
    assert end_of(3600, "2027-03-01T10:00:00", half) - micros(
        "2027-03-01T12:00:00"
    ) == pytest.approx(0, abs=1)


def test_random_times_grow_by_their_amounts() -> None:
    """The integral of the curve from begin to end is the sample, in seconds."""
    curve = {"type": "hourly", "weights": [*DAY[:20], 2.0, 0.0, 0.0, 0.5]}
    timer = parse_timer({"type": "lognormal", "median": "3H", "p99": "9H", "hours": curve})
    delays, bits = Delays([timer]), mix(np.arange(20, dtype=np.uint64))
    begins = micros("2027-03-01T00:00:00") + np.arange(20) * 5 * HOUR
    gaps = delays.microseconds(bits, np.zeros(20, dtype=np.int64), begins)
    for begin, gap, amount in zip(
        begins.tolist(), gaps.tolist(), timer.sample(bits).tolist(), strict=True
    ):
        assert float(integrals(curve, [begin, begin + gap])[0]) == pytest.approx(amount, abs=5)


def test_the_mean_is_that_over_weeks() -> None:
    """40 hours of 168 are open; `mean_duration` is on the clock of the curve."""
    timer = parse_timer({"type": "exponential", "mean": 100, "hours": OFFICE})
    assert timer.mean() == pytest.approx(100 * 168 / 40)
    assert timer.mean_duration() == 100
    assert timer.bounds() == (0, np.inf)
    assert timer.temporal
    assert timer.can_take_time()
    assert not parse_timer({"type": "constant", "value": 0, "hours": OFFICE}).can_take_time()
    assert parse_timer({"type": "constant", "value": 4e-7, "hours": OFFICE}).rounding() != ""


def test_states_with_other_hours_do_not_mix() -> None:
    """Though their delays are of one type."""
    always = {"type": "constant", "value": 1}
    timers = [
        parse_timer({"type": "exponential", "mean": 7200, "hours": each})
        for each in (OFFICE, always)
    ]
    timers.append(parse_timer({"type": "exponential", "mean": 7200}))
    bits, instants = (
        mix(np.arange(1, 301, dtype=np.uint64)),
        np.full(300, micros("2027-03-06T12:00:00")),
    )
    states = np.arange(300) % 3
    together = Delays(timers).microseconds(bits, states, instants)
    for state, timer in enumerate(timers):
        alone = Delays([timer]).microseconds(bits, np.zeros(300, dtype=np.int64), instants)
        assert np.array_equal(together[states == state], alone[states == state])
    assert together[states == 0].min() >= 45 * HOUR


def test_parameters_may_be_expressions() -> None:
    """Each row has hours then, too."""
    timer = parse_timer({"type": "constant", "value": {"expr": "x"}, "hours": OFFICE})
    assert [each.text for _, each in timer.expressions()] == ["x"]
    rows, invalid = timer.at(lambda _: FloatColumn(np.array([60.0, 120.0])), 2)
    assert invalid is None
    assert rows.hours == timer.hours
    assert rows.exact_microseconds(mix(np.arange(2, dtype=np.uint64))).tolist() == [60e6, 120e6]
