"""Visits walked ahead: the same however often they are cut, and none is walked twice."""

import numpy as np
import pytest

from datagen.simulation import lookahead
from datagen.simulation.lookahead import Lookahead, joined, lookahead_of
from datagen.simulation.machine import Machine
from datagen.simulation.paths import Paths, walk
from datagen.simulation.states import WorkerStates, unstarted_workers
from datagen.spec.state_graph import STOP
from tests.support.machines import ENDING, machine_of

MACHINE = machine_of(ENDING)
WORKERS = unstarted_workers(0, 40, groups=0)
HORIZON = 60_000_000


def lists_of(found: Paths) -> list[list[int]]:
    """Return all columns of paths."""
    columns = found.counts, found.visits, found.states, found.times, *found.after.columns()[:4]
    return [column.tolist() for column in columns]


def walked(ahead: Lookahead, horizon: int, workers: WorkerStates = WORKERS) -> Lookahead:
    """Return rows walked to a horizon."""
    return ahead.walked(MACHINE, workers.numbers, horizon, 10**6)


def paths_of(ahead: Lookahead, horizon: int, workers: WorkerStates = WORKERS) -> Paths:
    """Return the visits before a horizon."""
    return ahead.paths(workers, *ahead.before(horizon))


@pytest.mark.parametrize("at_once", [1, 100, 16_384])
def test_walks_are_those_of_paths(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many visits are walked in a step."""
    monkeypatch.setattr(lookahead, "_AT_ONCE", at_once)
    found = paths_of(walked(lookahead_of(WORKERS), HORIZON), HORIZON)
    assert lists_of(found) == lists_of(walk(MACHINE, WORKERS, HORIZON, 10**6))


def test_rest_goes_on_where_the_visits_before_it_end() -> None:
    """Cut at many horizons, the rows hold the visits of one walk; workers that ended leave."""
    ahead, workers = lookahead_of(WORKERS), WORKERS
    found: list[tuple[int, int, int]] = []
    for horizon in range(0, HORIZON + 1, 1_700_001):
        ahead = walked(ahead, horizon, workers)
        counts, inside = ahead.before(horizon)
        paths = ahead.paths(workers, counts, inside)
        owners = np.repeat(workers.numbers, counts)
        found += zip(*(each.tolist() for each in (owners, paths.visits, paths.times)), strict=True)
        stays = (paths.after.states != STOP) | (paths.after.times >= horizon)
        ahead, workers = ahead.rest(counts, inside, stays), paths.after.take(stays)
        assert workers.visits.tolist() == ahead.visits.tolist()
    whole = walk(MACHINE, WORKERS, horizon, 10**6)
    owners = np.repeat(WORKERS.numbers, whole.counts)
    columns = (each.tolist() for each in (owners, whole.visits, whole.times))
    assert sorted(found) == list(zip(*columns, strict=True))
    assert set(workers.numbers.tolist()) == set(
        WORKERS.numbers[whole.after.states != STOP].tolist()
    )


def test_what_is_walked_is_not_walked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a nearer horizon nothing is drawn, to a farther one the rest."""
    drawn: list[int] = []
    steps = Machine.steps

    def counted(machine: Machine, of_visits: np.ndarray, states: np.ndarray) -> np.ndarray:
        drawn.append(of_visits.size)
        return steps(machine, of_visits, states)

    monkeypatch.setattr(Machine, "steps", counted)
    ahead = walked(lookahead_of(WORKERS), HORIZON)
    before = len(drawn)
    assert before
    assert walked(ahead, HORIZON // 2) is ahead
    assert len(drawn) == before


def test_too_many_visits_leave_rows_unfinished() -> None:
    """What was walked until then stays."""
    few = lookahead_of(WORKERS).walked(MACHINE, WORKERS.numbers, HORIZON, 50)
    assert few.unfinished(HORIZON).any()
    assert few.ends[-1] > len(WORKERS)
    assert lists_of(paths_of(walked(few, HORIZON), HORIZON)) == lists_of(
        walk(MACHINE, WORKERS, HORIZON, 10**6)
    )


def test_rows_divide_and_join() -> None:
    """Those of the next workers come first; who is not known yet has a first visit only."""
    ahead = walked(lookahead_of(WORKERS), HORIZON)
    few, rest = ahead.divided(WORKERS.take(slice(7)))
    assert (len(few), len(rest)) == (7, 33)
    again = joined([few, rest])
    assert lists_of(paths_of(again, HORIZON)) == lists_of(paths_of(ahead, HORIZON))
    more, nobody = ahead.divided(unstarted_workers(0, 45, groups=0))
    assert (more.sizes[40:].tolist(), len(nobody)) == ([1] * 5, 0)
    assert len(ahead.rows(0, 0).times) == 0


def test_moved_rows_begin_later() -> None:
    """Each by its own time."""
    starts = np.arange(40) * 1_000_003
    later = WORKERS.with_next(WORKERS.visits, WORKERS.states, starts)
    moved = walked(lookahead_of(WORKERS), HORIZON).moved(starts)
    assert lists_of(paths_of(moved, HORIZON, later)) == lists_of(
        walk(MACHINE, later, HORIZON, 10**6)
    )
    ended, lasts = moved.lives()
    assert (lasts[~ended] >= HORIZON).all()
