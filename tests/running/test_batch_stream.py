"""Windows are asked for as large as is good for their records, up to the end of the run."""

from itertools import islice

import pytest

from datagen.instants import SECOND
from datagen.position import Jump
from datagen.running.batch_source import batch_source_of
from datagen.running.batch_stream import MAX_RECORDS, BatchStream
from datagen.running.time_range import TimeRange
from datagen.simulation.pool import Pool
from tests.running.test_plan import NOW, START, plan


def stream(time_range: TimeRange, asked: list[int] | None = None) -> BatchStream:
    """Return the windows of the small machine; `asked` gets the size of each."""
    made = plan()

    def note(pool: Pool) -> None:
        if asked is not None:
            asked.append(pool.window_size)

    source = batch_source_of(made.spec, made, made.style)
    return BatchStream(source, time_range, lambda: False, size_window=note)


def times(of: BatchStream) -> list[int]:
    """Return the instants of all records."""
    return [int(each) for window in of.windows() for each in of.batch(window).times]


HOUR = plan(duration=3600 * SECOND).start_at(NOW).time_range


def test_windows_end_with_the_range() -> None:
    """No record is at the end or after it; there would be more."""
    made = stream(HOUR)
    assert HOUR.begin <= min(times(made)) <= max(times(stream(HOUR))) < HOUR.end
    assert not made.exhausted


def test_jump_leaves_out_time() -> None:
    """What comes after it is later by as much."""
    at, by = START.micros + 600 * SECOND, 1000 * SECOND
    jumping = TimeRange(HOUR.simulated_from, HOUR.begin, HOUR.end, True, (Jump(at, by),))
    plain = times(stream(HOUR))
    moved = [each if each < at else each + by for each in plain]
    assert times(stream(jumping)) == [each for each in moved if each < HOUR.end]


@pytest.mark.parametrize("size", [100.0, 1e6])
def test_size_of_records_limits_windows(size: float) -> None:
    """A batch should take a few megabytes, whatever a record takes."""
    asked: list[int] = []
    made = stream(HOUR, asked)
    made.bytes_per_record = size
    for _ in islice(made.windows(), 50):
        pass
    assert max(asked) <= min(MAX_RECORDS, (8 << 20) / size)
    assert len(asked) > 1
