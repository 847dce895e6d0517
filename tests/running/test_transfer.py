"""Objects cross from one process to another as they were, and leave nothing behind."""

import os
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.errors import RunError
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, RecordTable
from datagen.running.transfer import nameless_file, pack_into, packed, unpacked


def crossed(value: Any) -> Any:
    """Return what arrives."""
    descriptor = packed(value)
    try:
        return unpacked(descriptor)
    finally:
        os.close(descriptor)


def descriptors() -> int:
    """Return how many descriptors are open."""
    return len(os.listdir("/proc/self/fd"))


def test_objects_and_arrays_arrive() -> None:
    """Of any size, none included; arrays can be written to, as those that are made here."""
    large = np.arange(3_000_000)
    texts, numbers, empty, nothing = crossed((["a", None], large, np.empty(0), None))
    assert (texts, nothing, len(empty)) == (["a", None], None, 0)
    assert (numbers == large).all()
    numbers[0] = 7
    assert numbers.flags.writeable


def test_only_the_bytes_of_the_records_cross() -> None:
    """Not those around them, nor the encoding, which the other side has."""
    data = memoryview(b"x" * 1_000_000)
    records = RecordBytes(data, np.arange(1, 1_000_001), Encoding(header=b"h")).rows(10, 13)
    descriptor = packed(records)
    assert os.fstat(descriptor).st_size < 2_000
    arrived = unpacked(descriptor)
    os.close(descriptor)
    assert (bytes(arrived.data), arrived.ends.tolist()) == (b"xxx", [1, 2, 3])
    assert arrived.encoding == Encoding()


def test_error_of_a_record_arrives_with_it() -> None:
    """The row and the reason."""
    error = RunError("template t: line 1: no")
    arrived = crossed(RecordBytes(memoryview(b""), np.empty(0, dtype=np.int64), stopped=(3, error)))
    assert arrived.stopped[0] == 3
    assert (type(arrived.stopped[1]), str(arrived.stopped[1])) == (RunError, str(error))


def test_rows_of_a_table_arrive() -> None:
    """With their types, also where they are part of a larger one, or none."""
    table = pa.RecordBatch.from_pydict({"a": list(range(100)), "b": [["x"], None] * 50})
    for first, last in ((0, 100), (3, 7), (5, 5)):
        arrived = crossed(RecordTable(table, Encoding()).rows(first, last))
        assert arrived.table.equals(table.slice(first, last - first))


def test_no_descriptor_is_left() -> None:
    """The memory is that of the arrays."""
    before = descriptors()
    kept = [crossed(np.arange(1000)) for _ in range(5)]
    assert descriptors() == before
    assert sum(int(each[-1]) for each in kept) == 5 * 999


def test_system_without_files_in_memory_has_some_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name either."""
    monkeypatch.delattr(os, "memfd_create")
    assert crossed([1, np.arange(5)])[1].tolist() == [0, 1, 2, 3, 4]
    descriptor = nameless_file()
    assert os.fstat(descriptor).st_nlink == 0
    os.close(descriptor)


def test_file_is_used_again() -> None:
    """What is written over something larger is read as it is."""
    descriptor = packed([np.arange(1000), "a long text"])
    pack_into(descriptor, [np.arange(3), "b"])
    numbers, text = unpacked(descriptor)
    os.close(descriptor)
    assert (numbers.tolist(), text) == ([0, 1, 2], "b")


def test_full_disk_leaves_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is said by whoever asked."""
    monkeypatch.setattr(
        "datagen.running.transfer.nameless_file", lambda: os.open("/dev/full", os.O_WRONLY)
    )
    before = descriptors()
    with pytest.raises(OSError, match="No space left"):
        packed([1])
    assert descriptors() == before
