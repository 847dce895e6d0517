"""Machines that know the instant give the visits of a plain simulation, and the rates of their curves.

Statistical figures are p-values at fixed seeds; each must exceed 1e-4.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.arrays import Ints
from datagen.curves.curve import CURVES
from datagen.errors import StuckClockError
from datagen.part import WHOLE, Part
from datagen.simulation import paths, windows
from datagen.simulation.build import build_machine
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from tests.simulation.test_workers import visits_of
from tests.support.helpers import invoke
from tests.support.machines import CROWDED, ENDING, Spec, constant, exponential, spec_of
from tests.support.plain_curves import SECOND, integrals, micros, plain_height
from tests.support.reference import plain_visits
from tests.support.stats import chi_squared, of_z

HOUR, DAY = 3_600 * SECOND, 86_400 * SECOND
LEAST_P = 1e-4
START = micros("2027-03-27T23:20:17.25")  # before a Sunday on which clocks change at one
DAYS: Spec = {
    "3": [{"utc_hour": 9, "sigma": 3, "weight": 1}],
    "6": [{"utc_hour": 23, "sigma": 0.5, "weight": 3}, {"utc_hour": 12, "sigma": 2, "weight": 1}],
    "7": [{"utc_hour": 1, "sigma": 0.4, "weight": 2}, {"utc_hour": 4, "sigma": 0.1, "weight": 9}],
}  # fmt: skip
BERLIN = "Europe/Berlin"


def temporal(mean: float, zone: str | None = None) -> Spec:
    """Return a time that follows the curve of DAYS."""
    return {
        "type": "gmm_temporal",
        "mean": mean,
        "days": DAYS,
        **({"timezone": zone} if zone else {}),
    }


def mixture(**more: Any) -> Spec:
    """Return that curve as a schedule."""
    return {"type": "gmm_temporal", "days": DAYS, **more}


OPEN: Spec = {"type": "hourly", "weights": [0, 0, 3, 1, 1, 0, 0, 2] + [0] * 16, "timezone": BERLIN}
LOW: Spec = {"type": "constant", "value": 0.29}
LOOSE = {
    "a": (temporal(120), {"b": 0.7, "stop": 0.3}),
    "b": (constant(40), {"a": 0.5, "b": 0.3, "stop": 0.2}),
}
TIMED = spec_of(LOOSE, exponential(30))
ENDLESS = spec_of(
    {"a": (temporal(600, BERLIN), {"b": 1}), "b": (temporal(60), {"a": 1})}, exponential(300)
)
NO_TIME = spec_of(
    {"a": (constant(0), {"stop": 0.9, "b": 0.1}), "b": (temporal(5), {"stop": 1})},
    temporal(15, BERLIN),
)
RUNS: dict[str, tuple[Spec, Spec | None, float]] = {
    "delays": (TIMED, None, 2.2),
    "delays and arrivals": (spec_of(LOOSE, temporal(60, BERLIN)), None, 2.2),
    "never-ending": (ENDLESS, None, 2.2),
    "no duration": (NO_TIME, None, 2.2),
    "all at once": (spec_of(LOOSE, constant(0)), None, 0.3),
    "arrivals": (spec_of({"a": (exponential(30), {"a": 0.5, "stop": 0.5})}, exponential(20)), {**OPEN, "applies_to": "arrivals"}, 4),
    "both rates": (spec_of(LOOSE, temporal(30)), {**OPEN, "applies_to": "arrivals"}, 4),
    "cap": (spec_of({"a": (exponential(300), {"a": 0.5, "stop": 0.5})}, exponential(15)), OPEN, 2.5),
    "cap of a mixture": (spec_of({"a": (exponential(900), {"stop": 1})}, exponential(20)), mixture(timezone=BERLIN), 2.5),
    "cap and delays": (spec_of(LOOSE, exponential(20)), OPEN, 2.5),
    "cap below never-ending": (ENDLESS, LOW, 2),
    "cap of no duration": (NO_TIME, OPEN, 4),
}  # fmt: skip


def curve_of(schedule: Spec | None, what: str) -> Any:
    """Return the schedule as a curve, if it is for that."""
    if schedule is None or schedule.get("applies_to", "workers") != what:
        return None
    return CURVES.parse(schedule)


def machine_of(spec: Spec, schedule: Spec | None, part: Part = WHOLE) -> Machine:
    """Return the machine of a specification with a schedule, as a run makes it."""
    return build_machine(parse_spec(spec, "test.json")[0], 1, curve_of(schedule, "arrivals"), part)


def pool_of(spec: Spec, schedule: Spec | None, most: int, end: int, start: int = START) -> Pool:
    """Return the pool of a specification with a schedule."""
    return Pool(machine_of(spec, schedule), start, most, end, curve_of(schedule, "workers"))


def cap_of(schedule: Spec | None, most: int) -> Callable[[int], int] | None:
    """Return the cap at an instant by its formula."""
    if schedule is None or "applies_to" in schedule:
        return None
    return lambda instant: max(1, math.floor(most * min(1, plain_height(schedule, instant)) + 1e-9))


@pytest.mark.long
@pytest.mark.parametrize("most", [1, 2, 100, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", RUNS)
def test_visits_are_those_of_the_plain_simulation(name: str, most: int) -> None:
    """Time, worker, number and state, in order, however long the windows are."""
    spec, schedule, hours = RUNS[name]
    if name == "all at once" and most > 100:
        pytest.skip("a million workers at once are for another test")
    end = START + int(hours * HOUR)
    machine, curve = machine_of(spec, schedule), curve_of(schedule, "workers")
    expected = plain_visits(machine, START, most, end, cap_of(schedule, most))
    assert len(expected) > 5
    for windows_of in ("own", "huge", "random") if len(expected) > 300 else ("own", "tiny"):
        assert visits_of(Pool(machine, START, most, end, curve), windows_of) == expected, windows_of


@pytest.mark.parametrize(
    "name",
    [*sorted(set(RUNS) - {"both rates"}), pytest.param("both rates", marks=pytest.mark.long)],
)
def test_parts_are_plain_simulations(name: str) -> None:
    """Their workers are due by curves as those of the whole are; each has a share of what a curve leaves of a cap.

    A share may be 0 for a while.
    """
    spec, schedule, hours = RUNS[name]
    end, most = START + int(hours * HOUR), 5
    for index in range(2):
        machine = machine_of(spec, schedule, Part(index, 2))
        expected = plain_visits(machine, START, most, end, cap_of(schedule, most))
        for kind in ("own", "random"):
            pool = Pool(machine, START, most, end, curve_of(schedule, "workers"))
            assert visits_of(pool, kind) == expected
    if name != "all at once" and (schedule is None or "applies_to" in schedule):
        free = [
            visits_of(Pool(machine_of(spec, schedule, Part(index, 3)), START, None, end), "own")
            for index in range(3)
        ]
        whole = visits_of(Pool(machine_of(spec, schedule), START, None, end), "own")
        assert sorted(visit for visits in free for visit in visits) == whole


@pytest.mark.parametrize("name", ["delays", "no duration", "cap and delays"])
@pytest.mark.parametrize("least_round", [1, 10**9])
@pytest.mark.parametrize("few", [0, 10_000])
def test_rounds_and_turns_give_the_same(
    name: str, least_round: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starting workers as if none ended, or one by one; walking by steps, or along rows."""
    monkeypatch.setattr(windows, "_MIN_ROUND", least_round)
    monkeypatch.setattr(paths, "MIN_PARALLEL_WORKERS", few)
    spec, schedule, hours = RUNS[name]
    for most in (2, 50):
        end = START + int(hours * HOUR)
        pool = pool_of(spec, schedule, most, end)
        pool.state.round_size = 7
        found = visits_of(pool, "own")
        machine = pool.state.machine
        assert found == plain_visits(machine, START, most, end, cap_of(schedule, most))


def test_instant_with_more_visits_than_a_batch_comes_in_order() -> None:
    """80,000 timed workers that start at one instant come cut by worker, none lost."""
    spec = spec_of({"a": (temporal(1e7), {"a": 1})}, constant(0))
    pool = pool_of(spec, None, 80_000, START + 1)
    workers = [visits.workers[visits.order] for visits in pool.windows()]
    assert np.array_equal(np.concatenate(workers), np.arange(80_000))
    assert max(map(len, workers)) < 30_000


def test_timed_worker_that_never_leaves_an_instant_ends_the_run() -> None:
    """100,000 visits in a row at one instant are refused, with the states' names."""
    spec = spec_of(
        {"a": (constant(0), {"b": 1}), "b": (constant(0), {"a": 0.999999, "c": 0.000001}),
         "c": (temporal(1), {"a": 1})},
        constant(1),
    )  # fmt: skip
    with pytest.raises(StuckClockError, match=r'visits of one worker at one instant.*"a", "b"'):
        list(pool_of(spec, None, 1, START + DAY).windows())


# The cap.


def alive_at(pool: Pool, lives: float) -> tuple[Ints, Ints]:
    """Return the starts of workers of one visit and a constant life, and how many each start finds."""
    starts = np.array([visit[0] for visit in visits_of(pool, "own")])
    alive = np.arange(len(starts)) - np.searchsorted(
        starts + int(lives * SECOND), starts, side="right"
    )
    return starts, alive


@pytest.mark.parametrize("most", [1, 7, 100])
def test_cap_is_that_of_the_minute_and_is_reached(most: int) -> None:
    """No start finds as many alive as may be; a start that waited comes at an end or a new minute."""
    spec = spec_of({"a": (constant(90), {"stop": 1})}, constant(0.5))
    starts, alive = alive_at(pool_of(spec, OPEN, most, START + 8 * HOUR), 90)
    cap = cap_of(OPEN, most)
    assert cap is not None
    caps = np.array([cap(each - each % (60 * SECOND)) for each in starts.tolist()])
    assert (alive < caps).all()
    waited = np.diff(starts) > SECOND // 2
    freed = np.isin(starts, starts + 90 * SECOND) | (starts % (60 * SECOND) == 0)
    assert freed[1:][waited].all()
    assert waited.any()


def test_cap_of_a_hundredth_is_exact() -> None:
    """100 x 0.29 is 29, though the product of doubles is below it."""
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(0.01))
    visits = visits_of(pool_of(spec, LOW, 100, START + 60 * SECOND), "own")
    assert len({worker for _, worker, _, _ in visits}) == 29


def test_waiting_through_the_night_takes_no_time() -> None:
    """A hundred million places, a fleet that waits a year for a minute: a few windows."""
    rare: Spec = {"type": "weekly", "weights": {"mon": [0] * 24, "sun": [1e-9] * 24}}
    spec = spec_of({"a": (constant(3e9), {"stop": 1})}, constant(1))
    pool = pool_of(spec, rare, 100_000_000, START + 365 * DAY)
    assert len(visits_of(pool, "own")) == 1


# Rates.


def counts_of(
    spec: Spec, edges: list[int], most: int, schedule: Spec | None = None
) -> NDArray[Any]:
    """Count the visits between instants, of a run over all of them."""
    pool = pool_of(spec, schedule, most, edges[-1], edges[0])
    counts = np.zeros(len(edges) - 1, dtype=np.int64)
    for visits in pool.windows():
        pool.window_size = 20_000
        counts += np.histogram(visits.times, bins=np.array(edges))[0]
    return counts


def instant_workers(interarrival: Spec) -> Spec:
    """Return a specification whose workers are over as soon as they have come."""
    return spec_of({"a": (constant(0), {"stop": 1})}, interarrival)


@pytest.mark.statistical
@pytest.mark.parametrize("what", ["interarrival", "delay", "schedule"])
def test_hourly_counts_of_eight_weeks_follow_the_curve(what: str) -> None:
    """All 168 hours of the week, by chi-squared at 1e-4, and the total; over a change of clocks."""
    curve, mean = mixture(timezone=BERLIN), 15.0
    start = micros("2027-03-01")
    edges = list(range(start, start + 56 * DAY + 1, HOUR))
    spec, schedule = {
        "interarrival": (instant_workers(temporal(mean, BERLIN)), None),
        "delay": (spec_of({"a": (temporal(mean, BERLIN), {"a": 1})}, constant(1)), None),
        "schedule": (instant_workers(exponential(mean)), {**curve, "applies_to": "arrivals"}),
    }[what]
    counts = counts_of(spec, edges, 1, schedule)
    expected = integrals(curve, edges, 120 * SECOND) / mean
    counts[0] -= 1  # the first is there from the start
    assert of_z((counts.sum() - expected.sum()) / expected.sum() ** 0.5) > LEAST_P
    by_hour = counts.reshape(8, 168).sum(axis=0), expected.reshape(8, 168).sum(axis=0)
    assert chi_squared(*by_hour) > LEAST_P
    assert chi_squared(counts, expected) > LEAST_P


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("zone", "day"),
    [(BERLIN, "2027-03-28"), (BERLIN, "2027-10-31"), ("America/New_York", "2027-03-14"),
     ("Australia/Lord_Howe", "2027-04-03")],
)  # fmt: skip
def test_day_on_which_clocks_change_follows_the_curve(zone: str, day: str) -> None:
    """Each half hour from noon to noon around it, 40,000 events, by chi-squared at 1e-4."""
    weights = [1, 9, 2, 7, 3, 8] * 4
    curve: Spec = {"type": "hourly", "weights": weights, "timezone": zone, "applies_to": "arrivals"}
    edges = list(range(micros(day) - 12 * HOUR, micros(day) + 36 * HOUR + 1, HOUR // 2))
    counts = counts_of(instant_workers(exponential(20)), edges, 1, curve)
    assert chi_squared(counts, integrals(curve, edges, 30 * SECOND)) > LEAST_P


@pytest.mark.statistical
def test_curve_holds_within_the_hour_where_gaps_are_longer_than_the_peak() -> None:
    """A peak of six minutes, delays of six hours: each two minutes of a day, by chi-squared."""
    days: Spec = {
        "1": [
            {"utc_hour": 12, "sigma": 0.05, "weight": 20},
            {"utc_hour": 6, "sigma": 3, "weight": 0.2},
        ]
    }
    curve: Spec = {"type": "gmm_temporal", "days": days}
    delay = {**curve, "mean": 6 * 3600}
    start = micros("2027-03-12")
    edges = list(range(start, start + DAY + 1, 120 * SECOND))
    spec = spec_of({"a": (delay, {"a": 1})}, constant(0))
    counts = counts_of(spec, edges, 20_000)
    counts[0] -= 20_000
    expected = integrals(curve, edges) / (6 * 3600) * 20_000
    assert counts.sum() > 10_000
    assert chi_squared(counts, expected) > LEAST_P


@pytest.mark.statistical
def test_rate_steps_at_midnight_and_keeps_its_floor() -> None:
    """Ten minutes before and after: 50 times the rate; and a thousandth of it far from every peak."""
    curve: Spec = {"type": "gmm_temporal", "days": {
        "4": [{"utc_hour": 12, "sigma": 0.5, "weight": 1}],
        "5": [{"utc_hour": 0, "sigma": 50, "weight": 0.5}],
    }}  # fmt: skip
    midnight = micros("2027-03-12")
    edges = [midnight - 600 * SECOND, midnight, midnight + 600 * SECOND]
    counts = counts_of(instant_workers({**curve, "mean": 0.01}), edges, 1)
    for count, height in zip(counts.tolist(), (0.001, 0.5), strict=True):
        expected = 600 * height / 0.01
        assert of_z((count - 1 - expected) / expected**0.5) > LEAST_P


# Through the whole program.

EVENING: Spec = {"type": "hourly", "weights": [0] * 20 + [1, 2, 1, 0], "applies_to": "arrivals"}


def times_of(*arguments: str, spec: Spec) -> list[str]:
    """Return the instants of the records of a run."""
    outcome = invoke("-s", "2027-03-12", "--seed", "1", *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return [record["time"] for record in outcome.records]


def test_flag_wins_over_the_specification(tmp_path: Path) -> None:
    """By object, by path, by bare name; the key is not looked at where there is a flag."""
    file = tmp_path / "evening.json"
    file.write_text(json.dumps(EVENING), encoding="utf-8")
    plain = times_of("-n", "50", spec=ENDING)
    evening = times_of("-n", "50", spec={**ENDING, "schedule": EVENING})
    assert [each[11:13] for each in evening[-3:]] == ["19"] * 3
    assert plain[-1] < evening[-1]
    assert times_of("-n", "50", spec={**ENDING, "schedule": str(file)}) == evening
    assert times_of("-n", "50", "--schedule", str(file), spec=ENDING) == evening
    other = {**ENDING, "schedule": {"type": "nonsense"}}
    assert times_of("-n", "50", "--schedule", str(file), spec=other) == evening
    assert times_of("-n", "50", "--schedule", "payments", spec=ENDING) != plain


def test_curve_of_one_changes_no_byte() -> None:
    """Neither for workers nor for arrivals, though the arrivals then go another way."""
    plain = invoke("-s", "2027-03-12", "--seed", "1", "-n", "2000", spec=ENDING).out
    for what in ("workers", "arrivals"):
        schedule = {"type": "constant", "value": 1, "applies_to": what}
        spec = {**ENDING, "interarrival": exponential(0.5), "schedule": schedule}
        assert invoke("-s", "2027-03-12", "--seed", "1", "-n", "2000", spec=spec).out == plain


PRESETS = [
    ("clickstream", "the most workers by 0.334 on average, 0.0363 to 1.01"),
    ("payments", "the rate of arrivals by 0.796 on average, 0.03 to 1.95"),
    ("web_access", "the rate of arrivals by 1 on average, 0.439 to 1.57"),
]


@pytest.mark.parametrize(("name", "told"), PRESETS)
def test_schedule_of_a_preset_validates(name: str, told: str) -> None:
    """By its bare name, without a warning."""
    outcome = invoke("--validate", "-v", "--schedule", name, spec=ENDING)
    assert outcome.status == 0
    assert "warning" not in outcome.err
    assert f"multiplies {told}\n" in outcome.err


@pytest.mark.parametrize("name", ["clickstream", "payments"])
def test_schedule_of_a_preset_shapes_its_day(name: str) -> None:
    """With the cap that a run has unless told otherwise, the evening has five times the night."""
    run = ("-c", name, "--schedule", name, "--seed", "1", "-q", "-r", "1H")
    night, evening = (
        len(invoke(*run, "-s", f"2027-03-12T{hour}").out.splitlines()) for hour in ("02", "17")
    )
    assert evening > 5 * night


def test_crowded_machine_keeps_its_order_under_a_schedule() -> None:
    """Many events in one microsecond, paced by a curve: the plain simulation's very visits."""
    schedule: Spec = {"type": "constant", "value": 0.3, "applies_to": "arrivals"}
    end = START + SECOND // 1000
    machine = pool_of(CROWDED, schedule, 100, end).state.machine
    expected = plain_visits(machine, START, 100, end)
    assert visits_of(pool_of(CROWDED, schedule, 100, end), "random") == expected
