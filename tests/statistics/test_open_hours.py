"""Times that pass only as a curve lets them: on the clock that the curve's integral shows, they are as without."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.support.machines import Spec, constant, spec_of
from tests.support.plain_curves import micros, plain_height
from tests.support.samples import (
    LARGEST_Z,
    LEAST_P,
    SECONDS,
    START,
    Column,
    p_uniform,
    samples,
    z_of_mean,
)

pytestmark = pytest.mark.statistical

DAY: list[float] = [0.0] * 9 + [1.0] * 8 + [0.0] * 7
OFFICE: Spec = {"type": "weekly", "steps": True, "weights": {"mon": DAY, "sat": [0.0] * 24}}
BERLIN: Spec = {**OFFICE, "timezone": "Europe/Berlin"}
SLOPES: Spec = {"type": "hourly", "weights": [*DAY[:20], 2.0, 0.0, 0.0, 0.5]}
HALF: Spec = {"type": "constant", "value": 0.5}
TIMERS: list[tuple[Spec, Any]] = [
    ({"type": "exponential", "mean": "2H"}, stats.expon(scale=7200)),
    ({"type": "lognormal", "median": "3H", "p99": "9H"}, stats.lognorm(np.log(3) / stats.norm.ppf(0.99), scale=10_800)),
    ({"type": "normal", "mean": "8H", "stddev": "4H", "min": "1H"}, stats.truncnorm((1 - 8) / 4, np.inf, 28_800, 14_400)),
    ({"type": "exponential", "mean": 40}, stats.expon(scale=40)),
]  # fmt: skip


def open_seconds(curve: Spec, at: Column, step: int = 60) -> Column:
    """Return the integral of a curve from the start to each instant, in seconds, by the middles of short steps.

    Heights repeat after a week: the zones have no change of their clocks in the time that is looked at.
    """
    week = 7 * 86_400
    begin = micros(START)
    middles = np.arange(step // 2, week, step)
    heights = np.array([plain_height(curve, begin + int(each) * 1_000_000) for each in middles])
    sums = np.append(0.0, np.cumsum(heights * step))
    whole, rest = np.divmod(at, week)
    found: Column = whole * sums[-1] + np.interp(rest, np.arange(0, week + 1, step), sums)
    return found


@pytest.mark.parametrize(("timer", "theory"), TIMERS)
@pytest.mark.parametrize("curve", [OFFICE, SLOPES, HALF], ids=["office", "slopes", "half"])
def test_waits_are_as_without_on_the_clock_of_the_curve(
    timer: Spec, theory: Any, curve: Spec
) -> None:
    """Mean and distribution of one worker's waits, after each other; nothing happens while all is closed."""
    spec = spec_of({"a": ({**timer, "hours": curve}, {"a": 1})}, constant(1), [SECONDS])
    at = samples(spec, 4001, "-m", "1")["at"]
    waits = np.diff(open_seconds(curve, at))
    assert abs(z_of_mean(waits, theory.mean(), theory.std())) < LARGEST_Z
    assert p_uniform(theory.cdf(waits)) > LEAST_P
    lag = np.corrcoef(theory.cdf(waits[1:]), theory.cdf(waits[:-1]))[0, 1]
    assert abs(lag) * np.sqrt(len(waits)) < LARGEST_Z
    moments = micros(START) + np.round(at[1:] * 1e6).astype(int)
    heights = [
        max(plain_height(curve, each - 2), plain_height(curve, each + 2))
        for each in moments[:500].tolist()
    ]
    assert min(heights) > 0


def test_arrivals_come_in_open_hours() -> None:
    """Of an interarrival with hours: a Poisson process on the clock of the curve, here that of another zone."""
    timer = {"type": "exponential", "rate": "30/h", "hours": BERLIN}
    spec = spec_of({"a": (constant(0), {"stop": 1})}, timer, [SECONDS])
    at = samples(spec, 6000, "-m", "none")["at"]
    at = at[at < 15 * 86_400]  # before the clocks change
    gaps = np.diff(open_seconds(BERLIN, at))
    assert len(gaps) > 2000
    assert p_uniform(stats.expon(scale=120).cdf(gaps)) > LEAST_P
    assert abs(z_of_mean(gaps, 120, 120)) < LARGEST_Z
    assert set((at[1:] // 3600 % 24).tolist()) == set(range(8, 16))


def test_a_fixed_number_of_open_hours_is_that() -> None:
    """Two working days, from whenever."""
    wait = {"type": "constant", "value": "16H", "hours": OFFICE}
    before = {"type": "uniform", "min": 0, "max": "100H"}
    spec = spec_of({"a": (wait, {"b": 1}), "b": (before, {"a": 1})}, constant(1), [SECONDS])
    at = samples(spec, 2001, "-m", "1")["at"]
    waits = np.diff(open_seconds(OFFICE, at))[::2]
    assert np.abs(waits - 16 * 3600).max() < 1e-3
