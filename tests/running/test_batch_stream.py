"""Windows are asked for as large as is good for their records, up to the end of the run."""

from itertools import islice

import numpy as np
import pytest

from datagen.instants import SECOND
from datagen.position import Jump
from datagen.running.batch_source import batch_source_of
from datagen.running.batch_stream import LIVE, SIMULATED, BatchStream, WindowLimits
from datagen.running.time_range import TimeRange
from datagen.simulation.pool import Pool
from tests.running.test_plan import NOW, START, plan


def stream(
    time_range: TimeRange, asked: list[int] | None = None, limits: WindowLimits = SIMULATED
) -> BatchStream:
    """Return the windows of the small machine; `asked` gets the size of each."""
    made = plan()

    def note(pool: Pool) -> None:
        if asked is not None:
            asked.append(pool.window_size)

    source = batch_source_of(made.spec, made, made.style)
    return BatchStream(source, time_range, lambda: False, size_window=note, limits=limits)


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
@pytest.mark.parametrize("limits", [SIMULATED, LIVE])
def test_size_of_records_limits_windows(size: float, limits: WindowLimits) -> None:
    """A batch should take some megabytes, whatever a record takes."""
    asked: list[int] = []
    made = stream(HOUR, asked, limits)
    made.bytes_per_record = size
    for _ in islice(made.windows(), 50):
        pass
    assert 1 <= max(asked) <= min(limits.visits, max(limits.size / size, 1))
    assert len(asked) > 1


def test_windows_stay_small_until_records_are_measured() -> None:
    """Nobody knows before how long they are; where there are none, windows grow."""
    for size in (1e6, None):
        asked: list[int] = []
        made = stream(HOUR, asked)
        made.await_measure()
        windows = made.windows()
        for _ in range(5):
            next(windows)
        assert max(asked) <= 64
        for _ in range(5):
            made.measure(size, np.zeros(64 if size else 0, dtype=np.int64))
        for _ in range(3):
            next(windows)
        assert (max(asked) > 64) == (size is None)


def test_a_few_short_records_do_not_make_windows_large() -> None:
    """The first ones and the last may say nothing of the others: windows grow after what was measured."""
    asked: list[int] = []
    made = stream(HOUR, asked)
    made.await_measure()
    windows = made.windows()
    for _ in range(3):
        next(windows)
    made.measure(60.0, np.zeros(1, dtype=np.int64))
    for _ in range(3):
        next(windows)
    assert max(asked) <= 64 * 16
    made.measure(8000.0, np.zeros(1000, dtype=np.int64))
    made.measure(60.0, np.zeros(1, dtype=np.int64))
    assert made.bytes_per_record > 7900


def test_windows_grow_to_their_limit() -> None:
    """Within a few windows, so that short runs are not slow; without text, memory is for visits."""
    sizes = [64]
    while len(sizes) < 5:
        sizes.append(SIMULATED.next_size(sizes[-1], 1.0, 0.0, None))
    assert sizes[-1] == sizes[-2] == min(SIMULATED.visits, SIMULATED.size // 128)
    assert LIVE.next_size(10**6, 1.0, 0.0, None) == LIVE.visits


@pytest.mark.parametrize("records_per_visit", [0.25, 1.0, 3.0])
def test_windows_are_no_larger_than_what_is_left(records_per_visit: float) -> None:
    """Nor does the last one have much of it, when another thread could have had some; nor is it tiny."""
    size, left, sizes = 131_072, 400_000, []
    while left > 0:
        sizes.append(SIMULATED.next_size(size, records_per_visit, 10.0, left))
        left -= int(sizes[-1] * records_per_visit)
    visits = 400_000 / records_per_visit
    assert sum(sizes) <= 1.02 * visits + 1000
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= 512
    assert sizes[-1] <= 16_384


@pytest.mark.parametrize("since", [START.micros, START.micros + 600 * SECOND])
def test_windows_end_with_the_records_that_are_needed(since: int) -> None:
    """Those before an instant do not count; the last window completes them."""
    made = stream(HOUR)
    made.limit(100, since)
    batches = [made.batch(window) for window in made.windows()]
    counts = [int((batch.times >= since).sum()) for batch in batches]
    assert sum(counts[:-1]) < 100 <= sum(counts)
