"""A batch with a row for each copy that leaves: the same records, some of them twice, some of them never."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.batch import Batch, FaultPlace
from datagen.columns.column_type import INSTANT
from datagen.disorder.skewed import expanded
from tests.support.disorder import batch_of, disorder_of, lines_of


def made(batch: Batch, *raw: dict[str, Any]) -> Batch:
    """Return what effects make of a batch."""
    return expanded(batch, disorder_of(*raw).copies(batch))


@pytest.mark.parametrize("raw", [[], [{"type": "late", "delay": 5}]])
def test_a_batch_that_only_leaves_later_is_itself(raw: list[dict[str, Any]]) -> None:
    """Nothing is copied."""
    batch = batch_of(50)
    assert made(batch, *raw) is batch


def test_copies_are_next_to_what_they_are_copies_of() -> None:
    """Line by line, and nothing else changes."""
    batch = batch_of(200)
    copies = disorder_of(
        {"type": "duplicate", "share": 0.4}, {"type": "drop", "share": 0.3}
    ).copies(batch)
    after, clean = expanded(batch, copies), lines_of(batch)
    leaving = copies.leaving()
    assert lines_of(after) == [clean[row] for row in leaving.rows.tolist()]
    assert np.array_equal(after.times, batch.times[leaving.rows])
    assert np.array_equal(after.workers, batch.workers[leaving.rows])
    assert after.origins is not None and batch.origins is not None
    assert np.array_equal(after.origins.made.visits, batch.origins.made.visits[leaving.rows])


def test_as_many_copies_as_records_may_be_others() -> None:
    """One is dropped, another there twice; whether what never leaves is given too makes no difference."""
    batch = batch_of(3)
    rows = np.array([0, 1, 1, 2])
    copies = replace(
        disorder_of().copies(batch).take(rows), left=np.array([False, True, True, True])
    )
    clean = lines_of(batch)
    for given in (copies, copies.leaving()):
        assert lines_of(expanded(batch, given)) == [clean[1], clean[1], clean[2]]


def test_a_batch_of_which_nothing_leaves_is_empty() -> None:
    """And can be written."""
    after = made(batch_of(20), {"type": "drop"})
    assert (len(after), lines_of(after)) == (0, [])


def test_skew_moves_what_a_record_says_of_its_time() -> None:
    """Ninety seconds back; everything else is as it was, and so is the instant of the event."""
    batch = batch_of(100)
    after = made(batch, {"type": "skew", "offset": "-90S", "share": 0.5})
    skewed = lines_of(after)
    assert np.array_equal(after.times, batch.times)
    back = [each != other for each, other in zip(skewed, lines_of(batch), strict=True)]
    assert 20 < sum(back) < 80
    earlier = lines_of(made(replace(batch, times=batch.times), {"type": "skew", "offset": -90}))
    for line, clean, all_back, moved in zip(skewed, lines_of(batch), earlier, back, strict=True):
        assert line == (all_back if moved else clean)
        assert line.partition(",")[2] == clean.partition(",")[2]
    assert skewed[0].startswith(('{"time":"2027-01-15T07:58', '{"time":"2027-01-15T08:00'))


def test_typed_columns_stay_typed() -> None:
    """An instant that is skewed is an instant."""
    after = made(
        batch_of(50), {"type": "skew", "offset": {"type": "normal", "mean": 0, "stddev": 5}}
    )
    (group, *_) = after.groups
    column = group.column("time")
    assert column is not None
    assert column.clock is not None
    assert pa.types.is_timestamp(column.to_arrow(INSTANT).type)


def test_faults_go_with_the_first_copy_that_leaves() -> None:
    """Or, where none does, with the next record; what comes after the last one stays there."""
    batch, place = batch_of(10), FaultPlace(("x",), "1 / 0")
    copies = disorder_of({"type": "duplicate"}).copies(batch)
    noted = replace(batch, faults={place: np.array([0, 3, 10])})
    assert expanded(noted, copies).faults[place].tolist() == [0, 6, 20]
    own = disorder_of({"type": "late", "delay": 1, "when": "1 / (visit - visit) > 0"}).copies(batch)
    assert [each.tolist() for each in expanded(batch, own).faults.values()] == [list(range(10))]
    dropped = replace(disorder_of().copies(batch), left=np.arange(10) >= 5)
    assert expanded(noted, dropped).faults[place].tolist() == [0, 5]
