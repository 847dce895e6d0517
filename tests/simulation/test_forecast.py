"""How many workers would be alive without a cap, against workers that are simulated.

Some 5,000 or more are alive in each of the simulations, which makes a standard error of 1.4 % at most
where lives are independent.
"""

import math
from typing import Any

import numpy as np
import pytest

from datagen.curves.curve import CURVES, Curve
from datagen.formats import JsonLines
from datagen.formats.variable_texts import VariableTexts
from datagen.instants import Instant, parse_instant
from datagen.running.plan import Plan
from datagen.simulation import chain as chain_module
from datagen.simulation.build import build_machine
from datagen.simulation.dry_run import sampled_lives
from datagen.simulation.forecast import Forecast, Span, forecast
from datagen.simulation.pool import Pool
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.machines import (
    NEVER_ENDING,
    Spec,
    constant,
    exponential,
    spec_of,
)
from tests.support.processes import activity, end, gateway, process_of, start, timer

SECOND = 1_000_000
START = parse_instant("2027-03-12").micros
HOUR, DAY = 3600.0, 86_400.0


def timed(spec: Spec, interarrival: Spec) -> Generator:
    """Return a specification with another time between arrivals."""
    return parse_spec({**spec, "interarrival": interarrival}, "test.json")[0]


def one_state(life: Spec, interarrival: Spec) -> Generator:
    """Return workers of one record each."""
    return parse_spec(spec_of({"a": (life, {"stop": 1})}, interarrival), "test.json")[0]


def simulated(
    spec: Generator, seconds: float, arrivals: Curve | None = None, step: float = math.inf
) -> tuple[int, int]:
    """Return how many are alive at most at the ends of steps, and how many records there were."""
    pool = Pool(build_machine(spec, 1, arrivals), START, None, START + int(seconds * SECOND))
    alive, records = 0, 0
    for visits in pool.windows():
        pool.window_size = 20_000
        records += len(visits)
        if step < math.inf:
            pool.span = int(step * SECOND)
            alive = max(alive, len(pool.state.alive))
    return max(alive, len(pool.state.alive)), records


def trial(spec: Generator) -> Simulation:
    """Return a prepared simulation of a specification, without a cap."""
    plan = Plan(spec, "test.json", StdoutTarget(), JsonLines(), Instant(START), 1, None)
    made = Simulation(spec, plan, plan.style, VariableTexts(spec.variable_types))
    assert not made.prepare()
    return made


def simulated_by_values(spec: Generator, seconds: float) -> int:
    """Return how many are alive at the end of a run whose paths look at values."""
    simulation = trial(spec)
    simulation.start_stream(START)
    stream = simulation.begin(START, START + int(seconds * SECOND), lambda: False)
    for _ in stream.windows():
        stream.window_size = 20_000
    return sum(len(each.alive) for each in stream.cursors)


def found(spec: Generator, span: Span, most: int = 10, arrivals: Curve | None = None) -> Forecast:
    """Return a forecast that there is."""
    made = forecast(spec, most, span, arrivals)
    assert made is not None
    return made


Routes = dict[str, tuple[Spec, dict[str, float]]]
LOOP: Routes = {
    "a": (exponential(2), {"b": 0.9, "stop": 0.1}),
    "b": (constant(1), {"a": 0.7, "b": 0.2, "stop": 0.1}),
}
TRAP: Routes = {
    "a": (exponential(5), {"b": 0.3, "stop": 0.7}),
    "b": (exponential(3), {"b": 1}),
}
PROCESS = process_of(
    start("work", exponential(0.002)),
    activity("work", "pause"),
    timer("pause", exponential(40), "again"),
    gateway("again", work=0.5, end=0.5),
    end(),
)
RUNS = [
    pytest.param(one_state(exponential(3), exponential(0.0001)), 15, id="exponential"),
    pytest.param(one_state(exponential(30), exponential(0.0005)), 15, id="cut short"),
    pytest.param(one_state(constant(5), constant(0.0002)), 12, id="constant"),
    pytest.param(one_state(constant(DAY), constant(0.2)), HOUR, id="life of a day"),
    pytest.param(timed(spec_of(LOOP, constant(1)), exponential(0.002)), 200, id="loop"),
    pytest.param(timed(spec_of(LOOP, constant(1)), exponential(0.0002)), 5, id="loop, cut short"),
    pytest.param(timed(NEVER_ENDING, exponential(0.002)), 40, id="never ending"),
    pytest.param(timed(spec_of(TRAP, constant(1)), exponential(0.002)), 100, id="may never end"),
    pytest.param(parse_spec(PROCESS, "test.json")[0], 400, id="process form"),
    pytest.param(
        one_state({"type": "lognormal", "mu": 1, "sigma": 1}, exponential(0.0003)), 60, id="long tail"
    ),
    pytest.param(
        one_state({"type": "normal", "mean": 0, "stddev": 5}, exponential(0.0001)), 30, id="clipped"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "seconds"), RUNS)
def test_forecast_of_a_time_is_what_is_simulated(spec: Generator, seconds: float) -> None:
    """Those alive at its end, within 5 %."""
    alive, _ = simulated(spec, seconds)
    assert alive > 3000
    assert found(spec, Span(START, seconds)).alive == pytest.approx(alive, rel=0.05)


@pytest.mark.parametrize(("spec", "seconds"), RUNS)
def test_forecast_of_a_number_of_records(spec: Generator, seconds: float) -> None:
    """As many as come in a time make the same run; the rate is that of its end, within 10 %."""
    alive, records = simulated(spec, seconds)
    _, before = simulated(spec, seconds * 0.95)
    made = found(spec, Span(START, records=records))
    assert made.alive == pytest.approx(alive, rel=0.06)
    assert made.rate == pytest.approx((records - before) / (0.05 * seconds), rel=0.1)


def test_forecast_without_end_is_exact() -> None:
    """The arrival rate times the mean life; records a second likewise."""
    spec = one_state(exponential(3), exponential(0.0001))
    made = found(spec, Span(START))
    assert made.alive == pytest.approx(30_000)
    assert made.rate == pytest.approx(10_000)
    loop = timed(spec_of(LOOP, constant(1)), constant(0.002))
    alive, _ = simulated(loop, 200)
    assert found(loop, Span(START)).alive == pytest.approx(alive, rel=0.03)


def test_who_never_ends_makes_it_infinite() -> None:
    """Also if few do; one of them has a known pace."""
    made = found(timed(NEVER_ENDING, exponential(1)), Span(START))
    assert (made.alive, made.rate) == (math.inf, math.inf)
    assert made.pace == pytest.approx(3 / 7, rel=0.05)
    trap = timed(spec_of(TRAP, constant(1)), exponential(1))
    assert found(trap, Span(START)).alive == math.inf


HOURS = [0.2] * 8 + [2.0] * 8 + [0.5] * 8
CURVE = CURVES.parse({"type": "hourly", "weights": HOURS, "applies_to": "arrivals"})


@pytest.mark.parametrize("life", [1800.0, 4 * HOUR])
@pytest.mark.parametrize(
    ("seconds", "scale"),
    [(DAY, 2500), (5 * HOUR, 30_000), (None, 2500)],
    ids=["a day", "the night", "endless"],
)
def test_forecast_with_a_curve_is_that_of_its_peak(
    life: float, seconds: float | None, scale: int
) -> None:
    """A rate that rises and falls, for lives shorter and longer than that takes."""
    spec = one_state(exponential(life), exponential(life / scale))
    alive, _ = simulated(spec, seconds or 2 * DAY, CURVE, step=300)
    span = Span(START, seconds)
    assert found(spec, span, arrivals=CURVE).alive == pytest.approx(alive, rel=0.05)


@pytest.mark.parametrize(("seconds", "arrivals"), [(DAY, None), (10 * DAY, None), (DAY, CURVE)])
def test_delays_with_a_curve(seconds: float, arrivals: Curve | None) -> None:
    """Lives that depend on the hour add up to a peak in the night, where few end: within 10 %."""
    days = {"1": [{"utc_hour": 12, "sigma": 6, "weight": 1}]}
    life = {"type": "gmm_temporal", "mean": 3000, "days": days}
    spec = one_state(life, exponential(3 if seconds == DAY else 10))
    alive, _ = simulated(spec, seconds, arrivals, step=HOUR)
    made = found(spec, Span(START, seconds), arrivals=arrivals)
    assert made.alive == pytest.approx(alive, rel=0.1)


def test_arrivals_with_a_curve_of_their_own() -> None:
    """As an interarrival time has it."""
    days = {"1": [{"utc_hour": 12, "sigma": 3, "weight": 1}]}
    spec = one_state(exponential(900), {"type": "gmm_temporal", "mean": 0.1, "days": days})
    alive, _ = simulated(spec, DAY, step=HOUR / 4)
    assert found(spec, Span(START, DAY)).alive == pytest.approx(alive, rel=0.05)


@pytest.mark.parametrize(
    ("life", "most"), [(exponential(80), 100), (exponential(86), 100), (constant(0), 1), (exponential(1), 1000)]
)  # fmt: skip
def test_nothing_is_said_where_hardly_anybody_waits(life: Spec, most: int) -> None:
    """Less than 1 % of arrivals, one a second; at 86 and a cap of 100 it is 1.7 %."""
    spec = one_state(life, exponential(1))
    expected = forecast(spec, most, Span(START))
    assert (expected is None) is (life != exponential(86))


@pytest.mark.parametrize(
    "span", [Span(START, 50.0), Span(START, records=90), Span(START, records=100)]
)
def test_short_run_does_not_come_to_its_cap(span: Span) -> None:
    """However many there would be later."""
    assert forecast(timed(NEVER_ENDING, exponential(1)), 100, span) is None


def test_arrivals_without_a_pause_have_no_number_of_their_own() -> None:
    """Then the cap alone says how many there are, and nothing is held back that could come."""
    assert forecast(timed(NEVER_ENDING, constant(0)), 100, Span(START)) is None


def test_machine_too_large_for_a_chain_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are those of the sample."""
    monkeypatch.setattr(chain_module, "MAX_STATES", 1)
    loop = timed(spec_of(LOOP, constant(1)), constant(0.001))
    walked = found(loop, Span(START))
    monkeypatch.undo()
    solved = found(loop, Span(START))
    assert walked.alive == pytest.approx(solved.alive, rel=0.05)
    assert walked.rate == pytest.approx(solved.rate, rel=0.05)


@pytest.mark.parametrize(
    ("factor", "days"),
    [({"type": "trend", "per_month": 1.3}, 200),
     ({"type": "trend", "per_month": 0.5}, 60),
     ({"type": "dates", "dates": {"2027-05-01/2027-05-03": 6}}, 120)],
)  # fmt: skip
def test_factor_of_arrivals_counts_over_the_whole_run(factor: Spec, days: int) -> None:
    """The peak lies where the factor has it: at the end, at the start, on some days between."""
    spec = one_state(exponential(4 * DAY), exponential(200))
    arrivals = CURVES.parse(factor).starting_at(START)
    forecast_ = found(spec, Span(START, days * DAY), arrivals=arrivals)
    most, records = simulated(spec, days * DAY, arrivals, step=DAY)
    assert forecast_.alive == pytest.approx(most, rel=0.06)
    assert forecast_.rate * days * DAY == pytest.approx(records, rel=0.02)


def test_run_without_an_end_is_looked_at_for_a_year() -> None:
    """A trend has no peak then."""
    spec = one_state(exponential(100), exponential(10))
    arrivals = CURVES.parse({"type": "trend", "per_year": 4}).starting_at(START)
    assert found(spec, Span(START), arrivals=arrivals).alive == pytest.approx(40, rel=0.02)


def test_trend_begins_at_the_first_start() -> None:
    """Of a run that goes on a year later it is as high as it is then."""
    spec = one_state(exponential(100), exponential(10))
    arrivals = CURVES.parse({"type": "trend", "per_year": 4})
    late = Span(START + 31_556_952 * SECOND, DAY, start=START)
    assert found(spec, late, arrivals=arrivals).alive == pytest.approx(40, rel=0.02)


def by_values(
    state: Spec, transitions: list[Spec], variables: list[Spec], interarrival: Spec
) -> Generator:
    """Return workers of one state whose path looks at values."""
    spec = spec_of({"a": (state, {"stop": 1})}, interarrival)
    first = {"name": "start", "delay": constant(0), "variables": variables}
    spec["states"][0] |= {"transitions": transitions, "variables": [COUNT]}
    spec["states"].insert(0, {**first, "transitions": [{"next": "a", "probability": 1}]})
    spec["timeline"] = {"outage": {"at": "+30S", "for": "20S", "ramp": "5S"}}
    return parse_spec(spec, "test.json")[0]


COUNT = {"name": "k", "type": "expression", "expr": "k + 1", "initial": 0}
ROUNDS = {
    "name": "n",
    "type": "int",
    "distribution": {"type": "uniform", "min": 1, "max": 20},
    "cardinality": 0,
}
ZERO = {"name": "k", "type": "int", "distribution": constant(0), "cardinality": 0}
ONCE = [{"next": "stop", "probability": 1}]


def while_(condition: str) -> list[Spec]:
    """Return transitions that go round as long as a condition is true."""
    return [
        {"next": "a", "probability": 1, "when": condition},
        {"next": "stop", "probability": 1, "when": "else"},
    ]


SLOW = {"type": "exponential", "mean": {"expr": "1 + 40 * ramp('outage')"}}
BY_VALUES = [
    pytest.param((exponential(2), while_("k < n"), [ROUNDS, ZERO], exponential(0.005)), 15, id="cut short"),
    pytest.param((exponential(2), while_("k < n"), [ROUNDS, ZERO], exponential(0.005)), 90, id="drawn rounds"),
    pytest.param((exponential(0.5), while_("k < 200"), [ZERO], exponential(0.03)), 120, id="many rounds"),
    pytest.param((exponential(0.5), while_("k < 5000"), [ZERO], exponential(0.03)), 100, id="rounds without end"),
    pytest.param(({"type": "exponential", "mean": {"expr": "n"}}, ONCE, [ROUNDS], exponential(0.003)), 60, id="delay"),
    pytest.param((exponential(1), while_("hour(time) == 0 and k < 20"), [ZERO], exponential(0.003)), 25, id="time"),
    pytest.param((SLOW, while_("k < 3"), [ZERO], exponential(0.001)), 24, id="before a period"),
    pytest.param((SLOW, while_("k < 3 or during('outage')"), [ZERO], exponential(0.001)), 250, id="after a period"),
]  # fmt: skip


@pytest.mark.parametrize(("made_of", "seconds"), BY_VALUES)
def test_forecast_by_values_is_what_is_simulated(made_of: Any, seconds: float) -> None:
    """For runs shorter and longer than a life; a sample of 512 lives or more, and two or three thousand alive."""
    spec = by_values(*made_of)
    alive = simulated_by_values(spec, seconds)
    assert alive > 1500
    made = forecast(
        spec,
        10,
        Span(START, seconds),
        trial_machines=lambda: trial(spec).trial_machines(START),
    )
    assert made is not None
    assert made.alive == pytest.approx(alive, rel=0.08)
    assert made.outside_periods == ("ramp" in str(made_of))


def test_rounds_without_an_end_in_sight_are_not_taken_for_too_many() -> None:
    """Of 1000 s, with one arrival every 20 s, of which the dry run sees a quarter: 50 would be alive."""
    spec = by_values(exponential(1), while_("k < 1000"), [ZERO], exponential(20))
    machines = trial(spec).trial_machines(START)
    made = forecast(spec, 60, Span(START), trial_machines=lambda: machines)
    assert made is not None
    assert made.depends_on_values
    assert found(spec, Span(START)).depends_on_values


def test_dry_run_by_values_leaves_no_trace() -> None:
    """It has draws of its own, and those of the run are the same after it."""
    spec = by_values(exponential(2), while_("k < n"), [ROUNDS, ZERO], exponential(0.005))
    one, other = trial(spec), trial(spec)
    for each in (one, one):
        lives = [
            sampled_lives(machine, None, np.zeros(300, dtype=np.int64), 1e9)
            for machine in each.trial_machines(START)
        ]
        assert len(lives) == 1
        assert lives[0].visits < 131_072 + 300
    visits = []
    for each in (one, other):
        each.start_stream(START)
        stream = each.begin(START, START + 20 * SECOND, lambda: False)
        visits.append(np.concatenate([window.times for window in stream.windows()]))
    assert np.array_equal(visits[0], visits[1])
