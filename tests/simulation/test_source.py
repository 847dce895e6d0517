"""A specification as the source of batches."""

from dataclasses import dataclass

import pytest

from datagen.curves.curve import Curve
from datagen.instants import NAIVE
from datagen.part import WHOLE, Part
from datagen.replay.cursor import ReplayCursor
from datagen.simulation.source import Simulation
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING

END = 60_000_000


@dataclass(frozen=True)
class Parameters:
    """What a run says of itself."""

    seed: int = 1
    max_workers: int = 5
    schedule: Curve | None = None
    part: Part = WHOLE


def simulation() -> Simulation:
    """Return a source of batches."""
    return Simulation(parse_spec(ENDING, "test.json")[0], Parameters(), NAIVE)


def test_run_from_a_cursor_is_the_rest_of_the_run() -> None:
    """The batches after the cursor of a batch are those of the run before."""
    source = simulation()
    batches = [source.batch(window) for window in source.begin(0, END, lambda: False).windows()]
    cursor = batches[2].cursor
    again = simulation()
    rest = again.begin(0, END, lambda: False, cursor).windows()
    times = [time for window in rest for time in again.batch(window).times.tolist()]
    assert times == [time for batch in batches[2:] for time in batch.times.tolist()]


def test_cursor_of_a_replay_is_refused() -> None:
    """It says nothing of workers."""
    with pytest.raises(TypeError, match="no cursor of a machine"):
        simulation().begin(0, END, lambda: False, ReplayCursor(0))
