"""What a run comes to that a cap holds back, against runs."""

import math
from typing import Any

import pytest

import datagen
from datagen.inspection.explanation import SIMULATED, RunFigures
from tests.support.explanations import START, explanation
from tests.support.machines import constant, exponential, spec_of

LOOP = spec_of(
    {"a": (exponential(2), {"b": 0.5, "stop": 0.5}), "b": (constant(4), {"a": 1})}, exponential(0.5)
)
TWO: dict[str, Any] = {
    **{key: value for key, value in LOOP.items() if key != "interarrival"},
    "populations": [
        {"name": "held", "start": "a", "interarrival": exponential(0.5), "max": 4},
        {"name": "free", "start": "a", "interarrival": exponential(20)},
    ],
}
CURVED = {**LOOP, "interarrival": {**exponential(0.5), "curve": {"type": "weekly", "weekday": {"type": "daily", "hours": [0.2] * 12 + [1] * 12}}}}  # fmt: skip
HOUR = 3_600_000_000


def of_runs(spec: dict[str, Any], seeds: range, **flags: Any) -> list[int]:
    """Return how many records some runs make."""
    return [
        datagen.run(spec, target={"type": "null"}, start=START, seed=each, **flags)["generated"]
        for each in seeds
    ]


def off(run: RunFigures, counts: list[int]) -> float:
    """Return by how many standard errors the mean of some runs is off."""
    error = math.hypot(run.sd / math.sqrt(len(counts)), run.error)
    return (sum(counts) / len(counts) - run.records) / error


@pytest.mark.parametrize(("spec", "cap"), [(LOOP, 4), (LOOP, 15), (TWO, "none")])
def test_records_are_those_of_runs(spec: dict[str, Any], cap: int | str) -> None:
    """Seeds 1 to 8, within 4 standard errors: of a cap that binds hard, of one that hardly does, and of one of two populations."""
    run = explanation(spec, cap, duration=HOUR).run
    assert (run.method, run.held_back) == (SIMULATED, True)
    assert 0 < run.error < run.sd < 0.1 * run.records
    assert abs(off(run, of_runs(spec, range(1, 9), max_workers=cap, duration="1H"))) <= 4


def test_time_of_so_many_records() -> None:
    """As long as a run takes for so many, within 4 errors of a run and of the figure, told by the records of that time."""
    run = explanation(LOOP, 4, records=3000).run
    assert (run.limited_by, run.records, run.method) == ("records", 3000, SIMULATED)
    assert run.seconds is not None
    timed = explanation(LOOP, 4, duration=int(run.seconds * 1e6)).run
    assert abs(timed.records - 3000) <= 4 * math.hypot(timed.error, run.error * 3000 / run.seconds)


def test_populations_that_are_not_held_back_stay_exact() -> None:
    """The cap of one is no matter of the other: figures are told of the one, and sentences with its simulated rate."""
    said = explanation(TWO, duration=HOUR)
    (held,) = said.capped
    assert held.name == "held"
    assert held.alive.mean == pytest.approx(4, rel=0.02)
    assert f"about {held.rate.mean:.1f} records/s instead of 6.0" in said.cap[0]
    alone = explanation({**LOOP, "interarrival": exponential(20)}, duration=HOUR).run
    assert said.run.records == pytest.approx(held.rate.mean * 3600 + alone.records)


def test_figures_are_the_same_again() -> None:
    """However often they are asked for; another seed of the run changes nothing of a machine without values."""
    one, again = (explanation(LOOP, 4, duration=HOUR) for _ in range(2))
    assert (one.run, one.capped) == (again.run, again.capped)


def test_run_without_an_end_has_a_rate() -> None:
    """That of a long one, with its error: by Little's law that of 3 records in a life of 8 s for each who is alive."""
    said = explanation(LOOP, 4)
    (held,) = said.capped
    assert said.run.limited_by == ""
    expected, error = held.alive.mean * 3 / 8, held.alive.error * 3 / 8
    assert 0 < held.rate.error < 0.01
    assert abs(held.rate.mean - expected) <= 4 * math.hypot(held.rate.error, error)
