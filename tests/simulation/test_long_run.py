"""What populations come to on average: by formulas, and by walks where there is none."""

import math
from dataclasses import replace
from typing import Any

import pytest

from datagen.curves.curve import CURVES
from datagen.instants import DAY, NAIVE, parse_instant
from datagen.running.cap_warning import trial_machines
from datagen.running.plan import Plan
from datagen.simulation.long_run import Lives, LongRun, mean_height
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.running.test_plan import NOW
from tests.support.machines import ENDING, NEVER_ENDING, Spec, constant, exponential, spec_of

START = parse_instant("2027-03-12")


def long_run(spec: Spec, schedule: Any = None, rewards: dict[str, float] | None = None) -> LongRun:
    """Return what the first population of a specification comes to, in records or other rewards."""
    parsed, _ = parse_spec(spec, "test.json")
    plan = Plan(parsed, "test.json", StdoutTarget(), None, START, 1, None)
    machines = trial_machines(plan, parsed, plan.start_at(NOW), None)
    some = {"e": 1.0} if rewards is None else rewards or None
    return Lives(parsed, schedule, START.micros, NAIVE, some, machines).of(0)


def test_chain_says_what_a_worker_brings() -> None:
    """a = 1 + 0.7 b and b = 1 + 0.5 a + 0.3 b records, so 4: 2 visits of each state; arrivals are one each half second."""
    found = long_run(ENDING)
    assert found.reward == pytest.approx(4.0)
    assert found.arrivals == pytest.approx(2.0)
    assert found.seconds == pytest.approx(2 * 2.0 + 2 * 0.5)
    assert found.alive == pytest.approx(10.0)
    assert found.pace == pytest.approx(4 / 5)
    assert long_run(ENDING, rewards={"e": 250.0}).reward == pytest.approx(1000.0)
    assert long_run(ENDING, rewards={}).reward == pytest.approx(5.0)


def test_worker_that_never_ends_has_a_pace() -> None:
    """Of the stationary probabilities 1/3 and 2/3: a record each 7/3 s; it lives for one second a second."""
    found = long_run(NEVER_ENDING)
    assert (found.endless, found.seconds) == (True, math.inf)
    assert found.reward == found.pace == pytest.approx(3 / 7)
    assert long_run(NEVER_ENDING, rewards={}).reward == 1.0


def test_several_traps_count_by_how_likely_they_are() -> None:
    """One of four goes where a record comes each second, the others where one comes each ten."""
    spec = spec_of(
        {
            "a": (constant(5), {"fast": 0.25, "slow": 0.75}),
            "fast": (constant(1), {"fast": 1}),
            "slow": (exponential(10), {"slow": 1}),
        },
        exponential(1),
    )
    assert long_run(spec).pace == pytest.approx(0.25 + 0.075)


DECIDING = spec_of({"a": (constant(1), {"a": 0.5, "stop": 0.5})}, exponential(1))
DECIDING["states"][0]["variables"] = [
    {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 9}}
]


def test_paths_that_look_at_values_are_walked() -> None:
    """Those with a number below 9 go on: ten records on average. It is the same each time."""
    spec = {
        **DECIDING,
        "states": [
            {
                **DECIDING["states"][0],
                "transitions": [
                    {"next": "a", "probability": 1, "when": "n < 9"},
                    {"next": "stop", "probability": 1, "when": "n >= 9"},
                ],
            }
        ],
    }
    found = long_run(spec)
    assert found.reward == pytest.approx(10.0, rel=0.02)
    assert found.seconds == pytest.approx(10.0, rel=0.02)
    assert long_run(spec) == found


def test_endless_workers_follow_the_mean_of_a_curve() -> None:
    """However it is spread over the week: where it is high, workers make more of their visits."""
    curve = {"type": "gmm_temporal", "days": {"1": [{"utc_hour": 12, "sigma": 4, "weight": 1}]}}
    spec = spec_of({"a": ({**curve, "mean": 60}, {"a": 1})}, exponential(1))
    height = mean_height([CURVES.parse(curve)], START.micros)
    assert long_run(spec).pace == pytest.approx(height / 60, rel=0.03)


def test_mean_height() -> None:
    """Over a week; over a year from the start with dates; a trend is 1, as at the start."""
    hourly = {"type": "hourly", "weights": [1] * 12 + [3] * 12}
    dates = {"type": "dates", "dates": {"2027-03-12/2027-05-23": 6}}  # 73 days of 365
    trend = {"type": "trend", "per_year": 100}
    curves = [CURVES.parse(each) for each in (hourly, dates, trend)]
    assert mean_height([], START.micros) == 1.0
    assert mean_height(curves[:1], START.micros) == pytest.approx(2.0)
    assert mean_height(curves[:2], START.micros) == pytest.approx(4.0, rel=0.001)
    assert mean_height(curves, START.micros) == pytest.approx(4.0, rel=0.001)
    assert mean_height(curves[2:], START.micros) == 1.0
    later = START.micros + 400 * DAY
    assert mean_height(curves[:2], later) == pytest.approx(2.0, rel=0.001)


def test_arrivals_within_their_time_only() -> None:
    """Of a population that comes for the first 73 days, a fifth counts in a year."""
    plain = {key: value for key, value in ENDING.items() if key != "interarrival"}
    one = {"name": "p", "start": "a", "interarrival": exponential(1), "until": "+73D"}
    assert long_run({**plain, "populations": [one]}).arrivals == pytest.approx(0.2)


def test_workers_that_come_all_at_once() -> None:
    """Nothing but a cap says how many there are."""
    assert long_run({**ENDING, "interarrival": constant(0)}).arrivals == math.inf


def test_few_workers_settle_by_the_seed() -> None:
    """Many come to the pace of one on average, a few to whatever traps theirs are in; some things nobody knows before."""
    spec = spec_of(
        {
            "a": (constant(5), {"fast": 0.25, "slow": 0.75}),
            "fast": (constant(1), {"fast": 1}),
            "slow": (constant(10), {"slow": 1}),
        },
        exponential(1),
    )
    parsed, _ = parse_spec(spec, "test.json")
    lives = Lives(parsed, None, START.micros, NAIVE, {"e": 1.0}, list)
    assert lives.pace_with(1, 0, 1) in (pytest.approx(1.0), pytest.approx(0.1))
    three = {round(lives.pace_with(seed, 0, 3) or 0.0, 9) for seed in range(40)}
    assert three <= {0.1, 0.4, 0.7, 1.0}
    assert len(three) > 1
    deviation = 0.9 * math.sqrt(0.25 * 0.75 / 100_000)
    assert lives.pace_with(7, 0, 100_000) == pytest.approx(0.325, abs=5 * deviation)  # seed 7
    assert replace(lives, rewards=None).pace_with(1, 0, 3) is None
    ending, _ = parse_spec(ENDING, "test.json")
    assert replace(lives, spec=ending).pace_with(1, 0, 3) is None
