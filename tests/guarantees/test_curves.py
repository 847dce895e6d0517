"""Curves that differ from week to week keep the guarantees: windows, parts, resumed runs and processes do not show."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from datagen.instants import SECOND, parse_instant
from datagen.part import WHOLE
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from datagen.simulation.pools import Pools
from tests.guarantees.test_jobs import compared
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.parts import lines_of, parts_of, plan_of

DAY = 86_400 * SECOND
START = "2027-12-20T13:00:00"  # before the end of a year
PROFILE: Spec = {"type": "hourly", "steps": True, "weights": [0] * 6 + [1] * 12 + [2] * 6}
TREND: Spec = {"type": "trend", "per_month": 3}
HOLIDAYS: Spec = {"type": "holidays", "country": "DE", "subdivision": "BY", "factor": 0.4}
DATES: Spec = {"type": "dates", "dates": {"2027-12-24/2027-12-26": 0, "2027-12-31": 4, "2028-02-29": 3}}  # fmt: skip
YEARS: Spec = {
    "type": "product",
    "timezone": "Europe/Berlin",
    "curves": [PROFILE, DATES, HOLIDAYS, {**TREND, "per_month": 1.5}],
}
RAMP: Spec = {"type": "ramp", "from": 1, "to": 0.3, "over": "20D"}
FALLING: Spec = {**YEARS, "curves": [PROFILE, DATES, RAMP, {**TREND, "per_month": 0.6}]}
OPENING: Spec = {**YEARS, "curves": [{**RAMP, "from": 0.2, "to": 1}, {**TREND, "per_month": 1.01}]}
USER: Spec = {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 10**9}}  # fmt: skip
SPEC = spec_of(
    {
        "a": ({**exponential(40_000), "hours": FALLING}, {"b": 0.8, "stop": 0.2}),
        "b": (constant(20_000), {"a": 0.5, "c": 0.3, "stop": 0.2}),
        "c": (
            {"type": "exponential", "mean": {"expr": "5000 + 1000 * visit"}, "hours": YEARS},
            {"stop": 1},
        ),
    },
    {**exponential(9_000), "hours": OPENING},
    [USER, {"name": "number", "type": "counter"}],
)
SCHEDULES: dict[str, Spec | None] = {
    "arrivals": {**YEARS, "applies_to": "arrivals"},
    "workers": FALLING,
    "none": None,
}
FIXED = ("-s", START, "--seed", "7", "-q")


def scheduled(name: str, most: int | str = 8, **keys: Any) -> Plan:
    """Return the plan of a run of eighty days under a schedule."""
    spec = SPEC if SCHEDULES[name] is None else {**SPEC, "schedule": SCHEDULES[name]}
    data = json.dumps(spec).encode()
    return plan_of("-", data, start=START, duration=80 * DAY, max_workers=most, **keys)


def wild(seed: int) -> Any:
    """Return what gives a pool windows of any length."""
    chance = random.Random(seed)

    def choose(pool: Pool | Pools) -> None:
        pool.span, pool.window_size = int(10 ** chance.uniform(9, 14)), chance.randint(1, 3000)
        for each in pool._pools if isinstance(pool, Pools) else [pool]:
            each.state.round_size = chance.choice([1, 64, 300])

    return choose


def tiny(pool: Pool) -> None:
    """Make the next window one of a few hours."""
    pool.span, pool.window_size = 4 * 3600 * SECOND, 5


@pytest.mark.parametrize("name", SCHEDULES)
def test_windows_do_not_show(name: str) -> None:
    """Also of one worker after the other, over the end of a year and a leap day."""
    plan = scheduled(name)
    expected = lines_of(plan, WHOLE).lines
    assert len(expected) > 150
    for window in (tiny, wild(1), wild(2)):
        assert lines_of(plan, WHOLE, window).lines == expected


@pytest.mark.parametrize("name", ["arrivals", "none"])
def test_parts_are_the_stream(name: str) -> None:
    """Each takes every step of the arrivals, and each begins its trends at the same start."""
    plan = scheduled(name, "none")
    whole, parts = lines_of(plan, WHOLE), parts_of(plan, 3)
    assert sorted(zip(whole.times, whole.workers, strict=True)) == sorted(
        pair for each in parts for pair in zip(each.times, each.workers, strict=True)
    )


@pytest.mark.parametrize("name", SCHEDULES)
def test_resumed_runs_are_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trend goes on from the first start of the first of them."""
    monkeypatch.chdir(tmp_path)
    spec = {**SPEC, **({"schedule": SCHEDULES[name]} if SCHEDULES[name] else {})}
    whole = invoke(*FIXED, "-n", "150", "-m", "8", spec=spec).out
    cut = [
        invoke(*FIXED, "-n", str(n), "-m", "8", "--resume", "ck", spec=spec).out
        for n in (1, 59, 90)
    ]
    assert b"".join(cut) == whole


def test_processes_do_not_show(tmp_path: Path) -> None:
    """The bytes of two are those of one."""
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({**SPEC, "schedule": SCHEDULES["arrivals"]}), encoding="utf-8")
    compared(tmp_path, str(file), "-n", "400", "-m", "none")


def test_warm_up_begins_before_the_trend() -> None:
    """A trend is 1 at the start, and as much lower before it as it rises in that time."""
    begin = parse_instant(START).micros - 30 * DAY
    month = 31_556_952 / 12 / 86_400
    lower = {"type": "constant", "value": 3 ** (-30 / month)}
    warmed, plain = (
        {"type": "product", "applies_to": "arrivals", "curves": curves}
        for curves in ([TREND], [TREND, lower])
    )
    spec = spec_of({"a": (constant(0), {"stop": 1})}, exponential(9_000), [])
    late, early = (
        invoke(*flags, "--seed", "7", "-q", "-m", "none", spec={**spec, "schedule": schedule})
        for flags, schedule in (
            (("-s", START, "-r", "9D", "--warm-up", "30D"), warmed),
            (("-s", "2027-11-20T13:00:00", "-r", "39D"), plain),
        )
    )
    times = [parse_instant(each["time"]).micros for each in early.records]
    kept = [each for each in times if each >= begin + 30 * DAY]
    found = [parse_instant(each["time"]).micros for each in late.records]
    assert len(kept) > 80
    assert found == pytest.approx(kept, abs=2 * 1000)


def test_editing_a_curve_redraws_nothing() -> None:
    """Workers start at other times, and are the same at their n-th visits; other delays stay."""
    other = json.loads(json.dumps(SCHEDULES["arrivals"]))
    other["curves"][1]["dates"]["2027-12-22"] = 0.1
    runs = [
        lines_of(
            plan_of("-", json.dumps({**SPEC, "schedule": each}).encode(), start=START,
                    max_workers="none", duration=60 * DAY),
            WHOLE,
        )
        for each in (SCHEDULES["arrivals"], other)
    ]  # fmt: skip
    users = []
    for run in runs:
        own: dict[int, list[int]] = {}
        for worker, line in zip(run.workers.tolist(), run.lines, strict=True):
            own.setdefault(worker, []).append(json.loads(line)["user"])
        users.append(own)
    assert runs[0].times[0] == runs[1].times[0]
    assert runs[0].times[100] != runs[1].times[100]
    for worker in range(100):
        assert [*zip(users[0][worker], users[1][worker], strict=False)]
        assert all(a == b for a, b in zip(users[0][worker], users[1][worker], strict=False))


def test_populations_have_curves_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trend of arrivals of one, a limit with dates of the other: begun with the first run of a chain."""
    monkeypatch.chdir(tmp_path)
    spec = {key: each for key, each in SPEC.items() if key != "interarrival"}
    spec["populations"] = [
        {"name": "people", "start": "a", "interarrival": exponential(9_000), "schedule": OPENING},
        {"name": "robots", "start": "b", "interarrival": exponential(9_000), "max": 5,
         "schedule": {**FALLING, "applies_to": "workers"}},
    ]  # fmt: skip
    whole = invoke(*FIXED, "-n", "150", "-m", "8", spec=spec)
    cut = [
        invoke(*FIXED, "-n", str(n), "-m", "8", "--resume", "ck", spec=spec).out
        for n in (1, 59, 90)
    ]
    assert whole.status == 0
    assert b"".join(cut) == whole.out
    plan = plan_of("-", json.dumps(spec).encode(), start=START, duration=30 * DAY, max_workers=8)
    expected = lines_of(plan, WHOLE).lines
    for window in (wild(1), wild(2)):
        assert lines_of(plan, WHOLE, window).lines == expected
