"""Steps are those of each worker, whatever the windows; what is over at an instant is told without bias."""

from collections import Counter

import numpy as np
import pytest

from datagen.inspection.draw_sample import words_of
from datagen.inspection.step_sample import Steps, StepSample
from datagen.instants import SECOND
from datagen.simulation.pool import Pool
from datagen.spec.state_graph import STOP
from tests.support.machines import BURSTS, ENDING, Spec, machine_of

END = 400 * SECOND


def steps_of(spec: Spec, size: int) -> tuple[dict[str, Steps], Counter[tuple[str, int]]]:
    """Return the steps of a run in windows of a size, and how often each state comes and what follows it."""
    machine = machine_of(spec)
    pool, sample = Pool(machine, 0, 20, END), StepSample(machine)
    pool.request_window_size(size)
    paths: dict[int, list[int]] = {}
    alive: set[int] = set()
    for window in pool.windows():
        sample.add(window, np.arange(len(window)), words_of(window.bits))
        for row in window.order.tolist():
            paths.setdefault(int(window.workers[row]), []).append(int(window.states[row]))
        alive = set(window.alive.tolist())
    seen: Counter[tuple[str, int]] = Counter()
    for worker, path in paths.items():
        nexts = path[1:] if worker in alive else [*path[1:], STOP]
        seen.update(
            (machine.names[state], following) for state, following in zip(path, nexts, strict=False)
        )
    return dict(sample.finish()), seen


@pytest.mark.parametrize("size", [1, 40, 100_000])
@pytest.mark.parametrize("spec", [ENDING, BURSTS])
def test_steps_are_those_of_the_paths(spec: Spec, size: int) -> None:
    """Each once: within a window, over windows, and to the end."""
    steps, seen = steps_of(spec, size)
    found = Counter(
        (name, following) for name, each in steps.items() for following in each.nexts.tolist()
    )
    assert found == seen


def test_durations_are_the_times_between_visits() -> None:
    """Those of b are always half a second, the last ones as they are drawn."""
    steps, _ = steps_of(ENDING, 40)
    assert set(steps["b"].durations.tolist()) == {SECOND // 2}
    assert (steps["b"].nexts == STOP).any()


def test_what_ends_before_an_instant() -> None:
    """Its end decides, not its beginning."""
    steps = Steps(np.array([0, 5, 9]), np.array([1, STOP, 1]), np.array([9, 5, 1]))
    assert steps.until(10).begins.tolist() == [0]
    assert steps.until(11).begins.tolist() == [0, 5, 9]
