"""When checkpoints are written, and from which cursor they go on."""

from dataclasses import replace
from typing import Any

import pytest

from datagen.errors import DatagenError, OperationError, RunError
from datagen.instants import NAIVE, Instant
from datagen.running.checkpoint import (
    Checkpoint,
    CheckpointFile,
    CheckpointOptions,
)
from datagen.running.checkpointing import Checkpointer
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.pool import Pool
from datagen.simulation.states import CounterTotals
from datagen.targets.delivered import Position
from datagen.targets.sink import Sink
from tests.support.machines import NEVER_ENDING, machine_of

POOL = Pool(machine_of(NEVER_ENDING), 0, 3, 10**9).cursor()


def checkpoint(**keys: Any) -> Checkpoint:
    """Return some checkpoint."""
    made = Checkpoint(
        seed=1,
        start=Instant(0, NAIVE),
        fingerprint={"the specification": "f"},
        target="file out",
        reached=0,
        position=Position(),
        cursor=MachineCursor((POOL,), CounterTotals({}, {})),
        skip=0,
        written=0,
    )
    return replace(made, **keys)


class Tape(CheckpointFile):
    """Keeps what is written, in place of a file; may be full."""

    def __init__(self) -> None:
        super().__init__("tape")
        self.written: list[Checkpoint] = []

    def write(self, checkpoint: Checkpoint) -> None:
        """Take a checkpoint."""
        self.written.append(checkpoint)


class Counting(Sink):
    """A sink that is sure of what it is told to be."""

    def position(self) -> Position:
        """Return the place."""
        return Position(self.delivered)


def cursors(count: int) -> list[MachineCursor]:
    """Return different ones."""
    return [
        MachineCursor((replace(POOL, since=number),), CounterTotals({}, {}))
        for number in range(count)
    ]


def test_cadence_is_that_of_the_world() -> None:
    """Before the first record, then when so much time has passed since the last one, and at the end."""
    tape, now, sink = Tape(), [100.0], Counting()
    checkpointer = Checkpointer(CheckpointOptions(tape, 10.0), checkpoint(), lambda: now[0])
    checkpointer.begin(sink)
    with checkpointer.final_checkpoint():
        for second in (5, 9.99, 10, 12, 19.99, 20.5, 31):
            now[0] = 100.0 + second
            checkpointer.after_write(int(second), 0)
        checkpointer.advance_to(99)
    assert [each.reached for each in tape.written] == [0, 10, 20, 31, 99]


def test_cursor_is_the_last_one_that_makes_all_that_is_not_sure() -> None:
    """Those before it are forgotten as soon as records are sure, so that memory does not grow."""
    tape, sink, (one, two, three) = Tape(), Counting(), cursors(3)
    checkpointer = Checkpointer(CheckpointOptions(tape, 0.0), checkpoint(cursor=one), lambda: 0.0)
    checkpointer.begin(sink)
    checkpointer.add_cursor(40, two)
    checkpointer.add_cursor(40, two)  # an instant that is cut
    checkpointer.add_cursor(90, three)
    for sure in (0, 39, 40, 89, 90, 95):
        sink.delivered = sure
        checkpointer.after_write(sure, sure)
    found = [(each.cursor.since, each.skip) for each in tape.written[1:]]
    assert found == [(0, 0), (0, 39), (1, 0), (1, 49), (2, 0), (2, 5)]
    for number in range(1000):
        checkpointer.add_cursor(95 + number, cursors(1)[0])
        sink.delivered = 95 + number
    assert len(checkpointer._cursors) == 2


def test_target_that_is_sure_of_nothing_yet_takes_no_more_memory() -> None:
    """Of many cursors some are held, from the first to the last; each place finds one before it."""
    tape, sink = Tape(), Counting()
    many = cursors(5000)
    checkpointer = Checkpointer(
        CheckpointOptions(tape, 0.0), checkpoint(cursor=many[0]), lambda: 0.0
    )
    checkpointer.begin(sink)
    for number, cursor in enumerate(many):
        checkpointer.add_cursor(10 * number, cursor)
    assert len(checkpointer._cursors) <= 100
    for sure in (0, 7, 12_345, 30_000, 49_990):
        sink.delivered = sure
        checkpointer.after_write(sure, sure)
        found = tape.written[-1]
        assert found.cursor.since * 10 + found.skip == sure
    assert found.cursor.since == 4999


class Full(CheckpointFile):
    """Takes one checkpoint, and no more."""

    def __init__(self) -> None:
        super().__init__("tape")
        self.errors = iter([None, "full", "full", "broken"])

    def write(self, checkpoint: Checkpoint) -> None:
        """Take a checkpoint, or fail."""
        error = next(self.errors)
        if error:
            raise OperationError(f"tape: {error}")


def ended_by(checkpointer: Checkpointer, error: Exception) -> str:
    """Return what a run says that an error ends."""
    with pytest.raises(DatagenError) as raised, checkpointer.final_checkpoint():
        raise error
    return str(raised.value)


def test_failure_that_ended_the_run_is_told_once() -> None:
    """The last checkpoint fails for the same reason; what fails for another is told beside it."""
    checkpointer = Checkpointer(CheckpointOptions(Full(), 0.0), checkpoint(), lambda: 0.0)
    checkpointer.begin(Counting())
    with pytest.raises(OperationError) as failed:
        checkpointer.after_write(1, 1)
    assert ended_by(checkpointer, failed.value) == "tape: full"
    assert ended_by(checkpointer, failed.value) == "tape: full\ntape: broken"


def test_last_checkpoint_that_fails_is_told_beside_the_error_that_ended_the_run() -> None:
    """Whatever that was; its own words may hold those of the other."""
    checkpointer = Checkpointer(CheckpointOptions(Full(), 0.0), checkpoint(), lambda: 0.0)
    checkpointer.begin(Counting())
    said = ended_by(checkpointer, RunError("not tape: full"))
    assert said == "not tape: full\ntape: full"
