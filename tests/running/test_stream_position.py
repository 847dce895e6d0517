"""Which rows of a batch are for the target, and what a checkpointer gets to know."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datagen.batch import Batch
from datagen.errors import RunError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.stream_position import StreamPosition
from datagen.targets.delivered import Position
from tests.running.test_checkpointing import checkpoint
from tests.running.test_plan import NOW, START, plan


def batch(*seconds: float) -> Batch:
    """Return records without fields, so many seconds after the start."""
    times = START.micros + (np.array(seconds) * 1_000_000).astype(np.int64)
    return Batch(times, np.zeros(len(times), np.int64), 1, START.style, ())


def position(before: dict[str, Any] | None = None, **keys: Any) -> StreamPosition:
    """Return the position of a run at its start; `before` are keys of the checkpoint it goes on from."""
    made = plan(**keys)
    if before is not None:
        options = CheckpointOptions(CheckpointFile("ck"), 10.0, checkpoint(start=START, **before))
        made = replace(made, checkpointing=options)
    return StreamPosition(made, made.start_at(NOW))


def test_all_rows_are_selected_without_a_limit() -> None:
    """And the run is never complete."""
    at = position()
    assert at.select(batch(0, 1, 2), 3) == (0, 3)
    assert not at.is_complete


def test_limit_ends_within_a_batch() -> None:
    """No more than so many records, over all batches."""
    at = position(max_records=4)
    assert at.select(batch(0, 1, 2), 3) == (0, 3)
    assert at.select(batch(3, 4, 5), 3) == (0, 1)
    assert at.is_complete


def test_warm_up_is_no_part_of_the_limit() -> None:
    """Records before the start are left out."""
    assert position(max_records=1).select(batch(-2, -1, 0, 1), 4) == (2, 3)


def test_records_that_were_delivered_are_skipped_once() -> None:
    """They stand between the cursor and the position of the target."""
    at = position({"position": Position(10), "skip": 4, "written": 10})
    assert at.select(batch(0, 1, 2), 3) == (3, 3)
    assert at.select(batch(3, 4, 5), 3) == (1, 3)


def test_lost_records_are_written_again_beyond_the_limit() -> None:
    """They were counted by the run that made them."""
    at = position({"position": Position(7), "written": 10}, max_records=2)
    assert at.select(batch(*range(9)), 9) == (0, 5)


def test_new_record_before_the_end_of_the_run_before_is_refused() -> None:
    """The stream is another one then."""
    reached = START.micros + 60_000_000
    at = position({"reached": reached, "position": Position(1), "written": 1})
    late = batch(61)
    at.before_write(late, *at.select(late, 1))
    with pytest.raises(RunError, match="the stream has changed"):
        at.before_write(batch(59), 0, 1)


def test_reached_is_the_last_record_that_was_written() -> None:
    """Not the last one that was selected."""
    at, records = position(), batch(1, 2, 3)
    at.select(records, 3)
    at.after_write(records, 0, 2)
    assert at.reached == START.micros + 2_000_000


# Limits of bytes ----------------------------------------------------------------------------------


def texts(*sizes: int) -> Rendered:
    """Return records of so many bytes."""
    ends = np.cumsum(np.array(sizes, dtype=np.int64))
    return Rendered((RecordBytes(memoryview(bytes(sum(sizes))), ends),))


def test_limit_of_bytes_ends_before_the_record_that_passes_it() -> None:
    """Over batches; a record that fits to the byte is the last one."""
    at = position(max_bytes=100)
    assert at.select(batch(0, 1), 2, texts(30, 30)) == (0, 2)
    assert not at.is_complete
    assert at.select(batch(2, 3, 4), 3, texts(40, 1, 1)) == (0, 1)
    assert at.is_complete


def test_no_shorter_record_comes_after_one_that_does_not_fit() -> None:
    """What is written is always a prefix."""
    at = position(max_bytes=100)
    assert at.select(batch(0, 1, 2), 3, texts(90, 20, 5)) == (0, 1)
    assert at.is_complete


def test_no_bytes_are_no_records() -> None:
    """As with -n 0."""
    assert position(max_bytes=0).is_complete


def test_lost_records_are_written_again_beyond_the_bytes() -> None:
    """Those before the position of the target are skipped, those after it do not count."""
    at = position({"position": Position(10), "skip": 1, "written": 12}, max_bytes=10)
    found = at.select(batch(0, 1, 2, 3, 4), 5, texts(50, 50, 50, 10, 10))
    assert found == (1, 4)
    assert at.is_complete


def test_limit_of_bytes_needs_text() -> None:
    """It is never ignored."""
    with pytest.raises(TypeError, match="needs the text"):
        position(max_bytes=10).select(batch(0), 1)
