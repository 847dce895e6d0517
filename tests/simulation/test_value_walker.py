"""New workers that look at values, walked one by one from their starts; test_value_walk compares whole runs."""

import pytest

from datagen.instants import NAIVE
from datagen.part import WHOLE
from datagen.simulation.cap import NEVER
from datagen.simulation.machine import Machine
from datagen.simulation.paths import SequentialWalker, TooManyVisits, walk
from datagen.simulation.source import Simulation
from datagen.simulation.states import unstarted_workers
from datagen.simulation.value_walker import ValueWalker, sequential_walker
from datagen.spec.parsing import parse_spec
from tests.support.conditions import machine_of_values, spec_of_values
from tests.support.machines import pool_of

SECOND = 1_000_000
STARTS = [5 * SECOND, 6 * SECOND, 6 * SECOND, 9 * SECOND]


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule, max_workers, part = 1, None, 5, WHOLE


@pytest.fixture(params=["hour(time) < 1 and n > 3", "hour(time) < 1 and n < 100"])
def machine(request: pytest.FixtureRequest) -> Machine:
    """Return a machine whose paths depend on instants; of the second one, some have many visits."""
    spec = spec_of_values(request.param)
    if "100" in request.param:
        spec["states"][1]["transitions"] = [{"next": "a", "probability": 1}]
    simulation = Simulation(parse_spec(spec, "test.json")[0], Parameters(), NAIVE)
    simulation.prepare()
    return pool_of(simulation.begin(0, 10, lambda: False)).state.machine


def test_paths_are_those_of_all_workers_at_once(machine: Machine) -> None:
    """From the same starts: visits, the workers after them, and how long each has lived."""
    horizon, workers = 60 * SECOND, unstarted_workers(0, len(STARTS), 1)
    walker = sequential_walker(machine, workers, horizon, 10_000)
    assert isinstance(walker, ValueWalker)
    lives = [walker.lifetime(place, start) for place, start in enumerate(STARTS)]
    begun = workers.with_next(workers.visits, workers.states, workers.times + STARTS)
    expected, found = walk(machine, begun, horizon, 10_000), walker.paths()
    for name in ("counts", "visits", "states", "times"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert found.after.states.tolist() == expected.after.states.tolist()
    ends = zip(expected.after.times.tolist(), expected.after.states.tolist(), STARTS, strict=True)
    assert lives == [end - start if state < 0 else NEVER for end, state, start in ends]


def test_no_more_visits_are_made_than_are_allowed(machine: Machine) -> None:
    """A window takes a shorter horizon then."""
    walker = ValueWalker(machine, unstarted_workers(0, 4, 1), 60 * SECOND, 2)
    with pytest.raises(TooManyVisits):
        [walker.lifetime(place, start) for place, start in enumerate(STARTS)]


def test_nobody_walked_is_no_path(machine: Machine) -> None:
    """Where no start lies before the horizon."""
    walker = ValueWalker(machine, unstarted_workers(0, 4, 1), SECOND, 100)
    assert (len(walker.paths()), len(walker.paths().after)) == (0, 0)


def test_others_are_walked_without_values() -> None:
    """As ever."""
    machine = machine_of_values(when=None)
    walker = sequential_walker(machine, unstarted_workers(0, 1, 1), SECOND, 100)
    assert isinstance(walker, SequentialWalker)
