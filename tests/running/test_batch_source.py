"""What makes the batches of a run is chosen by its specification."""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from datagen.curves.curve import Curve
from datagen.instants import NAIVE
from datagen.part import WHOLE, Part
from datagen.replay.checks import parse_replay
from datagen.replay.records import ReplayRecords
from datagen.running.batch_source import batch_source_of
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.source import Simulation
from datagen.simulation.states import CounterTotals, PoolCursor, unstarted_workers
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING
from tests.support.replays import rows_of, spec_of, write


@dataclass(frozen=True)
class Parameters:
    """What a run says of itself."""

    seed: int = 1
    max_workers: int = 5
    schedule: Curve | None = None
    needs_schema: bool = False
    part: Part = WHOLE


def test_states_make_a_simulation() -> None:
    """Whose workers are counted."""
    source = batch_source_of(parse_spec(ENDING, "test.json")[0], Parameters(), NAIVE)
    assert isinstance(source, Simulation)
    assert (source.unit, source.prepare()) == ("worker", [])


def test_file_makes_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose passes are counted; it takes no cursor of workers."""
    monkeypatch.chdir(tmp_path)
    write(rows_of(3))
    replay, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    source = batch_source_of(replay, Parameters(), NAIVE)
    assert isinstance(source, ReplayRecords)
    assert (source.unit, source.prepare()) == ("pass", [])
    pool = PoolCursor(unstarted_workers(0, 0, 0), 0, 0, 0)
    with pytest.raises(TypeError, match="no cursor of a replay"):
        source.begin(0, 1, lambda: False, MachineCursor((pool,), CounterTotals({}, {})))


def test_anything_else_makes_nothing() -> None:
    """It is a mistake of the program."""
    with pytest.raises(TypeError, match="no batches of 5"):
        batch_source_of(5, Parameters(), NAIVE)
