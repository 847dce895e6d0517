"""Arrivals and waits under curves that differ from week to week follow the product of the curves, day by day.

Counts of local days are compared with the integral of the formula, by chi-squared at a fixed seed.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.plain_curves import SECOND, integrals, micros, zone
from tests.support.samples import LARGEST_Z, LEAST_P, START, samples
from tests.support.stats import chi_squared

pytestmark = pytest.mark.statistical

BERLIN = "Europe/Berlin"
DAYS = 380  # over the end of the year, a leap day and three changes of clocks
AT: Spec = {"name": "at", "type": "expression", "expr": f"time - instant('{START}')"}
HOURLY: Spec = {"type": "hourly", "weights": [1] * 8 + [3] * 12 + [2] * 4}
TREND: Spec = {"type": "trend", "per_month": 1.15}
DATES: Spec = {
    "type": "dates",
    "dates": {"2027-03-28": 4, "2027-11-26/2027-11-29": 3, "2027-12-24/2028-01-02": 0.2, "2028-02-29": 5},
}  # fmt: skip
CURVES: dict[str, list[Spec]] = {
    "trend": [TREND],
    "falling trend": [{"type": "trend", "per_year": 0.1}],
    "ramp": [{"type": "ramp", "from": 0.2, "to": 2, "over": "200D"}],
    "dates": [DATES],
    "holidays": [{"type": "holidays", "country": "US", "subdivision": "NY", "factor": 6}],
    "product": [HOURLY, TREND, DATES, {"type": "holidays", "country": "DE", "factor": 0.3}],
}


def local_midnights(name: str, days: int = DAYS) -> list[int]:
    """Return the instants at which local days begin, from the day after the start on."""
    first = datetime.fromisoformat(START) + timedelta(days=1)
    midnights = [(first + timedelta(days=each)).replace(tzinfo=zone(name)) for each in range(days)]
    return [round(each.timestamp() * SECOND) for each in midnights]


def arrivals(schedule: Spec, mean: float) -> NDArray[np.int64]:
    """Return the instants at which workers start."""
    spec = spec_of({"a": (constant(0), {"stop": 1})}, exponential(mean), [AT])
    flags = ("-s", START, "--seed", "271828", "-m", "none", "-r", f"{DAYS + 1}D", "-q")
    outcome = invoke(*flags, spec={**spec, "schedule": schedule})
    assert outcome.status == 0, outcome.err
    seconds = np.array([each["at"] for each in outcome.records])
    return micros(START) + (seconds * SECOND).round().astype(np.int64)


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("zone_name", ["UTC", pytest.param(BERLIN, marks=pytest.mark.long)])
def test_arrivals_of_days_follow_the_product(name: str, zone_name: str) -> None:
    """Every local day of a year by itself, and how many there are in all."""
    schedule: Spec = {
        "type": "product", "applies_to": "arrivals", "timezone": zone_name, "curves": CURVES[name],
    }  # fmt: skip
    edges = local_midnights(zone_name)
    counts = np.histogram(arrivals(schedule, 2_400.0), bins=np.array(edges))[0]
    expected = (
        integrals({**schedule, "type": "product"}, edges, 600 * SECOND, micros(START)) / 2_400.0
    )
    assert chi_squared(counts, expected) > LEAST_P
    assert abs(counts.sum() - expected.sum()) < LARGEST_Z * expected.sum() ** 0.5


def test_days_of_a_change_of_clocks_have_their_hours() -> None:
    """A factor of 24 on days of 23 and 25 hours: the counts of their hours, and nothing outside."""
    days = {"2027-03-28": 24, "2027-10-31": 24}
    schedule: Spec = {
        "type": "dates", "applies_to": "arrivals", "timezone": BERLIN, "dates": days,
    }  # fmt: skip
    begins = [micros("2027-03-27T23:00"), micros("2027-10-30T22:00")]
    hours = [23, 25]
    at = arrivals(schedule, 1_200.0)
    edges = sorted(begin + hour * 3600 * SECOND for begin in begins for hour in range(-24, 50))
    counts = np.histogram(at, bins=np.array(edges))[0]
    expected = integrals(schedule, edges, 600 * SECOND, micros(START)) / 1_200.0
    within = [sum(begin <= each < begin + length * 3600 * SECOND for each in edges[:-1])
              for begin, length in zip(begins, hours, strict=True)]  # fmt: skip
    assert within == hours
    short = np.diff(edges) < 2 * 3600 * SECOND
    assert chi_squared(counts[short], expected[short]) > LEAST_P


def test_times_of_arrivals_are_even_on_the_clock_of_the_integral() -> None:
    """Gaps between arrivals, as the integral of the product grows, are exponential: mean and variance."""
    schedule: Spec = {"type": "product", "applies_to": "arrivals", "curves": CURVES["product"]}
    at = arrivals(schedule, 20_000.0)[:1500].tolist()
    grown = np.array([integrals(schedule, [a, b], 300 * SECOND, micros(START))[0] for a, b in pairwise(at)])  # fmt: skip
    gaps = grown / 20_000.0
    assert abs(gaps.mean() - 1) < LARGEST_Z / len(gaps) ** 0.5
    assert abs(gaps.var() - 1) < LARGEST_Z * (8 / len(gaps)) ** 0.5


def test_waits_pass_only_in_hours_that_dates_leave() -> None:
    """Each wait of ten open hours has ten of them, over days that are closed."""
    hours: Spec = {
        "type": "product", "timezone": BERLIN,
        "curves": [
            {"type": "hourly", "steps": True, "weights": [0] * 9 + [1] * 8 + [0] * 7},
            {"type": "dates", "dates": {"2027-03-26/2027-03-29": 0, "2027-04-01": 0.5}},
        ],
    }  # fmt: skip
    spec = spec_of({"a": ({**constant(36_000), "hours": hours}, {"a": 1})}, constant(1), [AT])
    at = micros(START) + (samples(spec, 40, "-m", "1")["at"] * SECOND).round().astype(np.int64)
    waits: list[Any] = [integrals(hours, [a, b], 60 * SECOND)[0] for a, b in pairwise(at.tolist())]
    assert waits == pytest.approx([36_000] * 39, abs=61)
    closed = micros("2027-03-25T23:00"), micros("2027-03-29T22:00")
    assert not ((at >= closed[0]) & (at < closed[1])).any()
    assert (at > closed[1]).any()
