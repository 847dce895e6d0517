"""Copies as text or tables, with what is known of each."""

import numpy as np
import pyarrow as pa

from datagen.batch import FaultPlace
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, RecordTable, Rendered
from datagen.running.copied import Copied

PLACE = FaultPlace(("a",), "x")


def copied(first: int, count: int) -> Copied:
    """Return copies of the numbers from one on, as lines and as a table; odd ones have a fault."""
    numbers = np.arange(first, first + count)
    texts = [b"%d\n" % each for each in numbers.tolist()]
    ends = np.cumsum([len(each) for each in texts], dtype=np.int64)
    table = pa.record_batch({"n": pa.array(numbers)})
    payloads = RecordBytes(memoryview(b"".join(texts)), ends), RecordTable(table, Encoding())
    labels = {"key": [str(each) for each in numbers.tolist()]}
    rendered = Rendered(payloads, numbers * 10, labels, payload_indices=(0, 1), told=numbers * 100)
    odd = np.flatnonzero(numbers % 2)
    return Copied(rendered, numbers, {PLACE: odd} if len(odd) else {})


def numbers_of(some: Copied) -> list[int]:
    """Return the numbers, after a look at whether all of each copy is its own."""
    rendered = some.rendered
    lines, table = rendered.payloads
    assert isinstance(lines, RecordBytes)
    assert isinstance(table, RecordTable)
    found = [int(each) for each in bytes(lines.data).split()]
    assert table.table.column("n").to_pylist() == found == some.workers.tolist()
    assert some.arrivals.tolist() == [each * 10 for each in found]
    assert rendered.told_times.tolist() == [each * 100 for each in found]
    assert list(rendered.labels["key"]) == [str(each) for each in found]
    assert some.faults.get(PLACE, np.array([])).tolist() == [
        row for row, each in enumerate(found) if each % 2
    ]
    return found


def test_some_are_picked_in_any_order() -> None:
    """Also none."""
    some = copied(8, 6)
    assert numbers_of(some.take(np.array([5, 0, 3]))) == [13, 8, 11]
    assert numbers_of(some.take(np.array([], dtype=np.int64))) == []
    assert numbers_of(some.take(np.array([2, 1]))) == [10, 9]


def test_they_are_divided_and_picked_of_all_parts() -> None:
    """Nothing changes but the order."""
    head, rest = copied(8, 6).divided(2)
    assert (numbers_of(head), numbers_of(rest)) == ([8, 9], [10, 11, 12, 13])
    parts = [rest, head, copied(1, 1)]
    assert numbers_of(Copied.picked(parts, np.arange(7))) == [10, 11, 12, 13, 8, 9, 1]
    assert numbers_of(Copied.picked(parts, np.array([6, 1, 4, 3]))) == [1, 11, 8, 13]
    assert numbers_of(Copied.picked([head, rest], np.array([0, 2, 3]))) == [8, 10, 11]


def test_size_is_that_of_all_payloads() -> None:
    """In bytes."""
    some = copied(1, 3)
    assert some.size == 6 + some.rendered.payloads[1].size
