"""What follows each visit, and after how long, from the windows of a run."""

from typing import Any

import numpy as np
import pytest

from datagen.inspection.transitions import UNSEEN, StepCollector, Steps, counts_of, joined
from datagen.instants import SECOND
from datagen.simulation.build import build_machine, machines_of
from datagen.simulation.pool import Pool
from datagen.simulation.pools import Pools
from datagen.spec.parsing import parse_spec
from datagen.spec.state_graph import STOP
from tests.support.machines import ENDING, NEVER_ENDING, NO_DURATION, SYNCHRONOUS
from tests.support.reference import plain_step, plain_visits

END = 60 * SECOND
Row = tuple[int, ...]


def collected(spec: dict[str, Any], size: int, cap: int = 20) -> tuple[StepCollector, Steps]:
    """Return what a run of a minute brings, in windows of about so many visits."""
    machine = build_machine(parse_spec(spec, "test.json")[0], 1)
    pool = Pool(machine, 0, cap, END)
    collector, found = StepCollector(), []
    pool.request_window_size(size)
    for window in pool.windows():
        found.append(collector.add(window))
        pool.request_window_size(size)
    return collector, joined([*found, collector.finish()])


def expected(spec: dict[str, Any], cap: int = 20) -> tuple[set[Row], set[Row]]:
    """Return the steps of the plain pool, and the visits that are under way at its end."""
    machine = build_machine(parse_spec(spec, "test.json")[0], 1)
    steps: set[Row] = set()
    under_way: set[Row] = set()
    states = {
        (worker, visit): state for _, worker, visit, state in plain_visits(machine, 0, cap, END)
    }
    for instant, worker, visit, state in plain_visits(machine, 0, cap, END):
        delay, following = plain_step(machine, instant, worker, visit, state)
        seen = UNSEEN if following == STOP else delay
        row = worker, visit, state, instant, following, seen
        if instant + delay < END and (following == STOP or (worker, visit + 1) in states):
            steps.add(row)
        else:
            under_way.add(row[:4])
    return steps, under_way


def rows(steps: Steps) -> list[Row]:
    """Return steps as rows."""
    return list(zip(*(each.tolist() for each in steps.columns()), strict=True))


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("spec", [ENDING, NEVER_ENDING, NO_DURATION, SYNCHRONOUS])
def test_steps_are_those_of_the_plain_pool(spec: dict[str, Any], size: int) -> None:
    """Each once, however long windows are, also where an instant is cut; the rest is under way."""
    collector, steps = collected(spec, size)
    here, under_way = expected(spec)
    assert len(rows(steps)) == len(here)
    assert set(rows(steps)) == here
    assert {row[:4] for row in rows(collector.under_way)} == under_way


def test_draws_tell_how_long_a_visit_lasts() -> None:
    """The same as what is seen, and also where nothing follows or the worker is at its end."""
    collector, steps = collected(ENDING, 50)
    machine = build_machine(parse_spec(ENDING, "test.json")[0], 1)
    drawn = collector.drawn_durations(machine, steps)
    seen = steps.durations != UNSEEN
    assert (drawn[seen] == steps.durations[seen]).all()
    assert (drawn[~seen] > 0).all()
    rest = collector.under_way
    assert (rest.begins + collector.drawn_durations(machine, rest) >= END).all()


def test_draws_are_those_of_each_population() -> None:
    """The workers of another one have other bits, whatever their numbers."""
    two = {
        **{key: value for key, value in ENDING.items() if key != "interarrival"},
        "populations": [
            {"name": name, "start": "a", "interarrival": ENDING["interarrival"]} for name in "pq"
        ],
    }
    spec = parse_spec(two, "test.json")[0]
    machine = build_machine(spec, 1)
    pools = [Pool(each, 0, None, END) for each in machines_of(machine, spec, None, 0, spec.style)]
    collector = StepCollector()
    steps = joined([*map(collector.add, Pools(pools, END).windows()), collector.finish()])
    seen = steps.durations != UNSEEN
    assert (steps.workers[seen] >> 48 == 1).any()
    drawn = collector.drawn_durations(machine, steps)
    assert (drawn[seen] == steps.durations[seen]).all()


def test_counts_have_ends_last() -> None:
    """A row for each state."""
    states, nexts = np.array([0, 0, 1, 0]), np.array([1, STOP, 1, 1])
    zeros = np.zeros(4, dtype=np.int64)
    counts = counts_of(Steps(zeros, zeros, states, zeros, nexts, zeros), 2)
    assert counts.tolist() == [[0, 2, 1], [0, 1, 0]]
