"""New workers walked from assumed starts; test_value_walk and test_schedules compare whole runs with plain ones."""

import numpy as np
import pytest

from datagen.instants import NAIVE
from datagen.part import WHOLE
from datagen.simulation.arrivals import Arrivals, arrivals_of
from datagen.simulation.assumed_starts import AssumedStarts, GuessedLives, lifetimes
from datagen.simulation.cap import NEVER, WorkerLimit
from datagen.simulation.machine import Machine
from datagen.simulation.paths import Paths, TooManyVisits, walk
from datagen.simulation.source import Simulation
from datagen.simulation.states import unstarted_workers
from datagen.spec.parsing import parse_spec
from tests.support.conditions import spec_of_values
from tests.support.machines import pool_of

SECOND = 1_000_000
WORKERS, MOST = 60, 3


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule, max_workers, part = 1, None, MOST, WHOLE


@pytest.fixture
def machine() -> Machine:
    """Return a machine whose paths depend on instants."""
    spec = spec_of_values("hour(time) < 1 and n > 3")
    simulation = Simulation(parse_spec(spec, "test.json")[0], Parameters(), NAIVE)
    simulation.prepare()
    return pool_of(simulation.begin(0, 10, lambda: False)).state.machine


def _arrivals(machine: Machine, horizon: int) -> Arrivals:
    limit = WorkerLimit(MOST, None, WHOLE)
    found = arrivals_of(machine.interarrivals, limit, (0, horizon), 0, 0)
    assert isinstance(found, Arrivals)
    return found


def _one_by_one(machine: Machine, horizon: int) -> tuple[list[int], list[int]]:
    """Return the starts of workers under the limit, and how many visits each has, walked one after the other."""
    workers, counts = unstarted_workers(0, WORKERS, len(machine.variable_groups)), list[int]()

    def lifetime(place: int, start: int) -> int:
        own = workers.take(slice(place, place + 1))
        paths = walk(
            machine, own.with_next(own.visits, own.states, own.times + start), horizon, 999
        )
        counts.append(int(paths.counts[0]))
        return lifetimes(paths, start)[0]

    draws = machine.interarrivals.draws(workers.numbers)
    return _arrivals(machine, horizon).starts(draws, lifetime), counts


def _assumed(
    machine: Machine, guess: list[int], horizon: int, most: int = 9999
) -> tuple[list[int], list[int], bool]:
    """Return starts and counts of visits as rounds find them, and whether there was more than one round."""
    arrivals, first, rounds = _arrivals(machine, horizon), 0, 0
    starts, counts = list[int](), list[int]()
    while first < WORKERS and not arrivals.exhausted:
        workers = unstarted_workers(first, WORKERS - first, len(machine.variable_groups))
        lives = guess[first:]
        draws = machine.interarrivals.draws(workers.numbers)
        paths: Paths = AssumedStarts(machine, workers, lives, horizon, most).started(
            arrivals, draws
        )
        firsts = np.cumsum(paths.counts) - paths.counts
        starts += paths.times[firsts].tolist()
        counts += paths.counts.tolist()
        first, rounds = first + len(paths.counts), rounds + 1
    return starts, counts, rounds > 1


@pytest.mark.parametrize("walks", [1, 12])
@pytest.mark.parametrize("guess", [0, 2 * SECOND, NEVER])
def test_starts_are_those_of_workers_one_by_one(
    machine: Machine, guess: int, walks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is guessed, and if only what one walk has found is taken."""
    monkeypatch.setattr("datagen.simulation.assumed_starts._MOST_WALKS", walks)
    horizon = 90 * SECOND
    starts, counts, several = _assumed(machine, [guess] * WORKERS, horizon)
    assert (starts, counts) == _one_by_one(machine, horizon)
    assert several or walks > 1


def test_nobody_starts_before_the_first_is_due(machine: Machine) -> None:
    """Then there are no paths."""
    assert _assumed(machine, [NEVER] * WORKERS, 0) == ([], [], False)


def test_no_more_visits_are_walked_than_are_allowed(machine: Machine) -> None:
    """A window takes a shorter horizon then."""
    with pytest.raises(TooManyVisits):
        _assumed(machine, [NEVER] * WORKERS, 90 * SECOND, most=2)


def test_guesses_are_what_was_walked_then_what_is_usual() -> None:
    """Lifetimes of those that did not start yet are known, others are like those that did."""
    guessed = GuessedLives()
    assert guessed.of(0, 2) == [NEVER, NEVER]
    guessed.learn([1, 2, 3, 4], 3, 10)
    assert guessed.of(10, 4) == [4, 1, 2, 3]
    assert guessed.of(11, 2) == [1, 2]
