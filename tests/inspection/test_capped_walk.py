"""Walks of a population under its cap, by its visits alone."""

from typing import Any

import numpy as np
import pytest

from datagen.formats.variable_texts import VariableTexts
from datagen.inspection.capped_walk import Budget, CappedWalk, capped_walk
from datagen.instants import SECOND
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from tests.support.explanations import plan_of
from tests.support.machines import constant, exponential, spec_of

LOOP = spec_of(
    {"a": (exponential(2), {"b": 0.5, "stop": 0.5}), "b": (exponential(4), {"a": 1})},
    exponential(0.5),
)
HOUR = 3600 * SECOND


def walked(
    spec: dict[str, Any], cap: int, length: int, seed: int = 1, visits: int = 10**6, most: int = 10**6
) -> CappedWalk:  # fmt: skip
    """Return a walk from the start of a run on."""
    plan = plan_of(spec, cap)
    assert isinstance(plan.spec, Generator)
    assert plan.start is not None
    simulation = Simulation(plan.spec, plan, plan.style, VariableTexts(plan.spec.variable_types))
    begin = plan.start.micros
    simulation.start_stream(begin)
    records = np.ones(len(plan.spec.states))
    span = begin, begin + length
    return capped_walk(simulation, 0, seed, records, span, Budget(visits), most)


def test_workers_of_constant_lives_come_one_after_the_other() -> None:
    """By hand: one place, lives of 4 s, arrivals that are due all the time: one starts every 4 s, with one record each."""
    walk = walked(spec_of({"a": (constant(4), {"stop": 1})}, constant(0.5)), 1, 20 * SECOND)
    assert walk.complete
    seconds = (walk.starts - walk.begin) / SECOND
    assert seconds.tolist() == [0, 4, 8, 12, 16]
    assert ((walk.ends - walk.begin) / SECOND).tolist() == [4, 8, 12, 16]
    edges = walk.begin + np.array([0, 6, 20]) * SECOND
    assert walk.records_until(edges).tolist() == [0, 2, 5]
    assert walk.lived_until(edges) == pytest.approx([0, 6, 20])


def test_ends_are_those_that_free_places() -> None:
    """At no time are more alive than the cap allows; each end comes after its start; time lived is that of a plain sum."""
    walk = walked(LOOP, 4, HOUR)
    instants = np.sort(np.concatenate([walk.starts, walk.ends]))
    alive = [walk.alive_at(int(each)) for each in instants]
    assert max(alive) == 4
    assert (walk.ends >= walk.starts[: len(walk.ends)]).all()
    lived = sum(min(int(each), walk.end) - walk.begin for each in walk.ends.tolist())
    lived += walk.alive_at(walk.end) * (walk.end - walk.begin)
    lived -= sum(each - walk.begin for each in walk.starts.tolist())
    assert walk.lived_until(np.array([walk.end]))[0] == pytest.approx(lived / SECOND)
    assert len(walk.times) == walk.records_until(np.array([walk.end]))[0]


def test_a_seed_is_one_walk() -> None:
    """The same again; another one has other starts, from the second worker on."""
    one, again, other = (walked(LOOP, 4, HOUR, seed) for seed in (1, 1, 2))
    assert (one.times == again.times).all()
    assert one.starts[0] == other.starts[0]
    assert one.starts[1] != other.starts[1]
    assert len(np.intersect1d(one.times, other.times)) < 3


@pytest.mark.parametrize("limits", [{"visits": 500}, {"most": 500}])
def test_a_walk_ends_with_its_budget(limits: dict[str, int]) -> None:
    """With the window in which it is used up; what is known up to there is what a longer walk has."""
    short, long = walked(LOOP, 4, HOUR, **limits), walked(LOOP, 4, HOUR)
    assert not short.complete
    assert 500 <= len(short.times) < 5000
    assert (short.times == long.times[: len(short.times)]).all()
    assert long.times[len(short.times)] >= short.end


def test_windows_cost_too() -> None:
    """As many visits each as it is said, however few they have."""
    budget = Budget(1000, window=300)
    budget.spend(100)
    assert budget.left == 600
    budget.spend(1000)
    assert budget.left == 0
