"""Figures of transitions and delays beside what the specification says."""

from dataclasses import replace
from typing import Any

import pytest

from datagen.inspection.flow_stats import FlowStatistics
from datagen.inspection.observing import Observation
from datagen.inspection.run_stats import run_statistics
from datagen.instants import SECOND
from datagen.lookup import bare_names
from datagen.part import Part
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import NOW, plan
from tests.support.machines import ENDING, Spec, constant, exponential, spec_of

LONG = 20_000 * SECOND


def flow(spec: Spec, meant: Spec | None = None, **keys: Any) -> FlowStatistics:
    """Return the figures of a run, held against a specification, its own unless another one is given."""
    made = plan(
        **{"spec": parse_spec(spec, "test.json")[0], "duration": LONG, "max_workers": None} | keys
    )
    start = made.start_at(NOW)
    found = FlowStatistics(made, made.spec, start.instant.micros)  # type: ignore[arg-type]
    for window, _ in Observation(made).windows(start):
        found.add(window)
    found.finish()
    if meant is not None:
        found._spec = parse_spec(meant, "test.json")[0]
    return found


def test_a_run_is_as_its_specification_says() -> None:
    """Within four standard errors; shares add up."""
    found = flow(ENDING)
    ways = list(found.transitions())
    assert [(each.state, each.next, round(each.expected or 0, 9)) for each in ways] == [
        ("a", "b", 0.7), ("a", "stop", 0.3),
        ("b", "a", 0.5), ("b", "b", 0.3), ("b", "stop", 0.2),
    ]  # fmt: skip
    assert sum(each.observed for each in ways[:2]) == pytest.approx(1)
    assert sum(each.count for each in ways[:2]) == ways[0].visits > 10_000
    first, second = found.delays()
    assert (first.what, first.expected, second.expected) == ("a", 2, 0.5)
    assert second.errors == 0
    [between] = found.interarrivals()
    assert (between.what, between.expected) == ("workers", 0.5)
    assert all(abs(errors or 0) < 4 for errors in (first.errors, between.errors))
    assert all(abs(each.errors or 0) < 4 for each in ways)


def test_a_wrong_expectation_is_far_away() -> None:
    """A probability that is off by 0.02, a mean by 5 %."""
    meant = spec_of(
        {"a": (exponential(2.1), {"b": 0.72, "stop": 0.28}), "b": (constant(0.51), {"a": 0.5, "b": 0.3, "stop": 0.2})},
        exponential(0.55),
    )  # fmt: skip
    found = flow(ENDING, meant)
    ways = list(found.transitions())
    assert all(abs(each.errors or 0) > 4 for each in ways[:2])
    assert all(abs(each.errors or 0) < 4 for each in ways[2:])
    for each in (*found.delays(), *found.interarrivals()):
        assert abs(each.errors or 0) > 4


def test_long_delays_count_though_the_run_ends_before_them() -> None:
    """Else the mean would be that of the short ones."""
    slow = spec_of({"a": (exponential(3600), {"a": 0.5, "stop": 0.5})}, exponential(1))
    [delay] = flow(slow, duration=3600 * SECOND).delays()
    assert delay.numbers.count > 3000
    assert abs(delay.errors or 9) < 4


def test_a_cap_changes_how_workers_come() -> None:
    """So nothing is expected then; where none had to wait it is."""
    [capped] = flow(ENDING, max_workers=3).interarrivals()
    assert (capped.expected, capped.errors, capped.why) == (None, None, "waits")
    [free] = flow(ENDING, max_workers=100_000).interarrivals()
    assert free.why == ""


@pytest.mark.parametrize(
    ("delay", "why"),
    [
        ({"type": "exponential", "mean": {"expr": "n + 1"}}, "values"),
        ({"type": "gmm_temporal", "mean": 5, "days": {"1": [{"utc_hour": 11, "sigma": 2, "weight": 1}]}}, "curve"),
        ({"type": "pareto", "alpha": 0.9, "min": 1}, "infinite"),
    ],
)  # fmt: skip
def test_some_delays_have_no_fixed_mean(delay: Spec, why: str) -> None:
    """The reason is told instead."""
    spec = spec_of({"a": (delay, {"a": 0.9, "stop": 0.1})}, constant(1))
    spec["constants"] = {"n": 1}
    [found] = flow(spec, duration=100 * SECOND).delays()
    assert (found.expected, found.errors, found.why) == (None, None, why)
    assert found.numbers.count > 10


def test_conditions_have_no_fixed_probabilities() -> None:
    """The other states keep theirs."""
    spec = spec_of({"a": (constant(1), {"b": 1}), "b": (constant(1), {"stop": 1})}, constant(1))
    spec["constants"] = {"n": 1}
    spec["states"][0]["transitions"] = [
        {"next": "b", "probability": 0.5, "when": "n == 1"},
        {"next": "stop", "probability": 0.5, "when": "else"},
    ]
    first, second, third = flow(spec, duration=100 * SECOND).transitions()
    assert (first.expected, first.why, first.observed) == (None, "conditions", 1)
    assert (second.why, second.observed) == ("conditions", 0)
    assert (third.expected, third.errors) == (1, 0)


def test_two_ways_to_one_state_are_one() -> None:
    """Their probabilities add up, and are shares."""
    spec = spec_of({"a": (constant(1), {"stop": 1})}, constant(1))
    ways = [
        {"next": each, "probability": p} for each, p in (("stop", 0.4), ("a", 0.5), ("stop", 0.1))
    ]
    spec["states"][0]["transitions"] = ways
    found = [
        (each.next, round(each.expected or 0, 9))
        for each in flow(spec, duration=100 * SECOND).transitions()
    ]
    assert found == [("stop", 0.5), ("a", 0.5)]


def test_workers_of_a_part_come_as_many_times_apart() -> None:
    """It has every K-th."""
    [between] = flow(ENDING, part=Part(1, 3)).interarrivals()
    assert between.expected == 1.5
    assert abs(between.errors or 9) < 4


@pytest.mark.long
@pytest.mark.parametrize("preset", bare_names("gen"))
def test_presets_are_as_they_say(preset: str) -> None:
    """Each figure that has an expectation, within five standard errors."""
    loaded, _ = load(Request(config=preset, start="2027-03-12", max_workers="none"), 1)
    made = replace(loaded, max_records=200_000)
    start = made.start_at(NOW)
    every = run_statistics(Observation(made), start).compared
    assert [each for each in every if each.errors is not None and abs(each.errors) > 5] == []
