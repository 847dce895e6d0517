"""One window of a pool: nothing changes before it is committed, and too much in it is an error."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from datagen.errors import StuckClockError
from datagen.simulation import windows
from datagen.simulation.paths import TooManyVisits
from datagen.simulation.pool import Pool
from datagen.simulation.windows import PoolState, Window, WindowPart
from tests.support.machines import ENDING, Spec, constant, machine_of, spec_of
from tests.support.processes import shown, static

MINUTE = 60_000_000
HARDLY: Spec = {"type": "normal", "mean": -100, "stddev": 1}  # could be above 0, and never is


def state_of(spec: Spec = ENDING, most: int = 20) -> PoolState:
    """Return a pool before its first window."""
    return Pool(machine_of(spec), 0, most, 10 * MINUTE).state


def visits_of(parts: list[WindowPart]) -> set[tuple[int, int, int]]:
    """Return the worker, the number and the instant of each visit."""
    return {
        each
        for part in parts
        for each in zip(
            np.repeat(part.workers.numbers, part.paths.counts).tolist(),
            part.paths.visits.tolist(),
            part.paths.times.tolist(),
            strict=True,
        )
    }


def test_pool_changes_when_a_window_is_committed() -> None:
    """Until then the same window can be computed again, with the same visits."""
    state = state_of()
    parts = list(Window(state, 0, MINUTE, 10_000).parts())
    assert (state.since, state.started, len(state.alive)) == (0, 0, 0)
    window = Window(state, 0, MINUTE, 10_000)
    again = list(window.parts())
    assert visits_of(again) == visits_of(parts)
    window.commit(again)
    assert state.since == MINUTE
    assert state.started > len(state.alive) > 0


@pytest.mark.parametrize("cut", [1, 1_000_000, 30_000_001, MINUTE - 1])
def test_two_windows_hold_what_one_holds(cut: int) -> None:
    """Wherever the first ends; the pool is then the same, too."""
    one, two = state_of(), state_of()
    window = Window(one, 0, MINUTE, 10_000)
    parts = list(window.parts())
    window.commit(parts)
    found: set[tuple[int, int, int]] = set()
    for begin, horizon in ((0, cut), (cut, MINUTE)):
        window = Window(two, begin, horizon, 10_000)
        some = list(window.parts())
        window.commit(some)
        found |= visits_of(some)
    assert found == visits_of(parts)
    assert (one.started, one.last_start) == (two.started, two.last_start)
    assert sorted(one.alive.times.tolist()) == sorted(two.alive.times.tolist())


def test_more_visits_than_allowed_are_an_error() -> None:
    """The pool, which is as before, takes a shorter window then."""
    state = state_of()
    with pytest.raises(TooManyVisits):
        list(Window(state, 0, MINUTE, 5).parts())
    assert (state.since, state.started) == (0, 0)


def test_worker_that_never_leaves_an_instant_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the states that it goes round in."""
    monkeypatch.setattr(windows, "MAX_VISITS_AT_ONCE", 1000)
    loop = spec_of({"a": (HARDLY, {"b": 1}), "b": (HARDLY, {"a": 1})}, constant(1))
    message = '1000 visits of one worker at one instant; states: "a", "b"'
    with pytest.raises(StuckClockError, match=message):
        list(Window(state_of(loop), 0, 2_000_000, None).parts())


def test_endless_starts_at_one_instant_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that live for no time leave their places to others without end."""
    monkeypatch.setattr(windows, "MAX_STARTS_AT_ONCE", 1000)
    crowd = spec_of({"a": (HARDLY, {"stop": 1})}, HARDLY)
    with pytest.raises(StuckClockError, match=r"starts of workers \(more than 1000\)"):
        list(Window(state_of(crowd), 0, 1, None).parts())


def test_part_without_visits_says_where_workers_go_on() -> None:
    """The visits are yielded in parts; the workers move on once."""
    part = next(iter(Window(state_of(), 0, MINUTE, 10_000).parts()))
    bare = part.without_visits()
    assert (len(bare.paths), bare.latest.shape[1]) == (0, 0)
    assert bare.paths.after is part.paths.after


TURNS = spec_of(
    {
        "first": (constant(0.4), {"weak": 0.3, "strong": 0.2, "other": 0.2, "first": 0.2, "stop": 0.1}),
        "weak": (constant(0.7), {"first": 0.5, "strong": 0.1, "other": 0.3, "stop": 0.1}),
        "strong": (constant(0.2), {"first": 0.3, "weak": 0.5, "stop": 0.2}),
        "other": (constant(0.1), {"weak": 0.5, "first": 0.5}),
    },
    constant(0.3),
    [shown("v")],
)  # fmt: skip


@pytest.mark.parametrize("most_visits", [50, 700, 100_000])
def test_defaults_are_set_where_nothing_else_was(most_visits: int) -> None:
    """By two states, of which the first that comes counts until another sets the variable for good.

    Compared with a plain walk along the visits of each worker, in windows of several sizes.
    """
    spec = {**TURNS, "states": [
        each | ({} if each["name"] == "first" else {"variables": [static("v", each["name"])]})
        for each in TURNS["states"]
    ]}  # fmt: skip
    machine = machine_of(spec)
    (group,) = machine.variable_groups
    weak = tuple(machine.names.index(name) for name in ("weak", "other"))
    machine = replace(machine, variable_groups=(replace(group, defaults=weak),))
    pool = Pool(machine, 0, 30, 5 * MINUTE)
    held: dict[int, int] = {}
    counts: Counter[int] = Counter()
    pool.request_window_size(most_visits)
    for window in pool.windows():
        latest = window.latest[0]
        before = window.before[window.worker_rows, 0]
        carried = np.where(before[:, 0] >= 0, before[:, 1], -1)
        found = np.where(latest >= 0, window.states[latest], carried).tolist()
        for worker, state, setter in zip(
            window.workers.tolist(), window.states.tolist(), found, strict=True
        ):
            known = held.get(worker, -1)
            sets = state in group.states and (state not in weak or known < 0)
            held[worker] = state if sets else known
            assert held[worker] == setter
            counts[setter] += 1
    assert all(counts[state] > 100 for state in (-1, *group.states))
