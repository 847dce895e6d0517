"""Phases of a timeline: what windows end with, and when a machine is timed."""

from collections.abc import Sequence
from typing import Any

import pytest

from datagen.instants import NAIVE, SECOND, parse_instant
from datagen.part import WHOLE
from datagen.simulation.build import build_machine
from datagen.simulation.phases import Phases
from datagen.simulation.source import Simulation
from datagen.spec.parsing import parse_spec
from datagen.spec.timeline import Period, rules_of
from datagen.timeline import Timeline, Use
from tests.support.machines import pool_of

START = parse_instant("2027-03-12").micros
PERIODS = {"outage": {"at": "+5S", "for": "3S", "ramp": "2S"}, "other": {"at": "+1S", "for": "1S"}}


def phases(uses: Sequence[Use]) -> Phases:
    """Return the phases of a run from START."""
    timeline = Timeline(
        rules_of({name: Period.model_validate(each) for name, each in PERIODS.items()})
    )
    timeline.begin(START)
    return Phases(timeline, uses)


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ([("during", "outage")], [(5, False), (8, False)]),
        ([("ramp", "outage")], [(3, False), (5, True), (8, False), (10, True)]),
        ([("progress", "outage"), ("during", "other")], [(1, False), (2, False), (5, False), (8, True)]),
        ([], []),
    ],
)  # fmt: skip
def test_a_phase_ends_with_the_next_edge_of_what_is_looked_at(
    uses: list[Use], expected: list[tuple[int, bool]]
) -> None:
    """And is timed where a ramp rises or falls, or a period whose progress is looked at goes on."""
    here, found = phases(uses), []
    assert here.timed
    assert here.enter(START)
    while here.now.end < START + 3600 * SECOND:
        found.append(((here.now.end - START) // SECOND, here.timed))
        assert not here.enter(here.now.end - 1)
        assert here.enter(here.now.end)
    assert found == expected
    assert not here.timed


def test_one_instant_may_be_a_phase_of_its_own() -> None:
    """In which instants decide; the phase around it is another one then."""
    here = phases([("during", "outage")])
    here.enter(START)
    here.enter_instant(START + SECOND)
    assert here.timed
    assert here.enter(START + SECOND + 1)
    assert not here.timed


def test_phases_that_are_too_short_are_none() -> None:
    """A span of time is one instead, in which instants decide; a short one among long ones stays."""
    often = {"at": "+0S", "for": "1S", "every": "2S"}
    for every, timed in (("2S", True), ("1H", False)):
        periods = {"often": Period.model_validate({**often, "every": every})}
        timeline = Timeline(rules_of(periods))
        timeline.begin(START)
        here = Phases(timeline, [("during", "often")])
        assert here.enter(START, 5 * SECOND, 100 * SECOND)
        assert here.timed is timed
        assert here.now.end - START == (100 if timed else 1) * SECOND


SPEC: dict[str, Any] = {
    "timeline": PERIODS,
    "interarrival": 0.5,
    "states": [{"name": "a", "emitter": "e", "delay": 1, "transitions": [
        {"next": "a", "probability": 0.5, "when": "ramp('outage') > 0.5"}, {"next": "stop", "probability": 0.5}]}],
    "emitters": [{"name": "e", "dimensions": []}],
}  # fmt: skip


class Parameters:
    """What a simulation needs to know of a run."""

    seed, max_workers, schedule, part = 1, 10, None, WHOLE


def test_windows_end_at_every_edge_that_paths_look_at() -> None:
    """Of a period and its ramps; those of a period that none looks at do not matter."""
    simulation = Simulation(parse_spec(SPEC, "test.json")[0], Parameters(), NAIVE)
    simulation.start_stream(START)
    simulation.prepare()
    pool = pool_of(simulation.begin(START, START + 20 * SECOND, lambda: False))
    pool.request_window_size(100_000)
    ends = []
    for _ in pool.windows():
        ends.append((pool.state.since - START) / SECOND)
        pool.span = 1 << 40
    assert {3, 5, 8, 10, 20} <= set(ends)
    assert len([each for each in ends if each > 3]) == 4


@pytest.mark.parametrize(
    ("changes", "has_phases"),
    [
        ({}, True),
        ({"when": "during('outage', time)"}, False),
        ({"when": "during('outage') and time > instant('2027-01-01')"}, False),
        ({"delay": {"type": "gmm_temporal", "mean": 1, "days": {"1": [{"utc_hour": 1, "sigma": 1, "weight": 1}]}}}, False),
        ({"when": "visit > 3"}, False),
    ],
)  # fmt: skip
def test_only_paths_that_need_no_instants_otherwise_have_phases(
    changes: dict[str, Any], has_phases: bool
) -> None:
    """Others are timed anyway, or never."""
    when, delay = changes.get("when", "during('outage')"), changes.get("delay", 1)
    ways = [
        {**SPEC["states"][0]["transitions"][0], "when": when},
        *SPEC["states"][0]["transitions"][1:],
    ]
    spec = {**SPEC, "states": [{**SPEC["states"][0], "delay": delay, "transitions": ways}]}
    machine = build_machine(parse_spec(spec, "test.json")[0], 1)
    assert (machine.phases is not None) is has_phases
    assert machine.time_dependent is (when != "visit > 3")


def test_quiet_phase_is_one_without_periods_and_ramps() -> None:
    """The first one between two instants; a machine stays as it was where there is none."""
    here = phases([("ramp", "outage"), ("during", "other")])
    for begin, until, expected in ((0, 1, 0), (1, 3, 2), (3, 20, 10), (5, 9, None)):
        found = here.enter_quiet(START + begin * SECOND, START + until * SECOND)
        assert found == (expected is not None)
        if expected is not None:
            assert here.instant == START + expected * SECOND
            assert not here.timed
