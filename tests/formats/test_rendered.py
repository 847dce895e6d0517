"""Rendered records: slices, several formats, what stops them."""

from itertools import pairwise

import pyarrow as pa
import pytest

from datagen.errors import RunError
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes, RecordTable, Rendered
from tests.support.records import rendered

TEXTS = [b"a\n", b"bb\n", b"\n", b"ccc\n"]


def table(count: int) -> RecordTable:
    """Return records 0 .. count - 1 in columns."""
    return RecordTable(pa.record_batch({"n": list(range(count))}), Encoding())


def texts_of(records: RecordBytes) -> list[bytes]:
    """Return each record."""
    starts = [0, *records.ends.tolist()]
    return [bytes(records.data[a:b]) for a, b in pairwise(starts)]


@pytest.mark.parametrize(("first", "last"), [(0, 4), (0, 2), (1, 3), (2, 2), (3, 4)])
def test_rows_are_slices_of_everything(first: int, last: int) -> None:
    """Bytes, tables, instants and labels."""
    records = rendered(TEXTS, range(4), {"key": ["w", "x", None, "z"]})
    records = Rendered((*records.payloads, table(4)), records.times, records.labels)
    part = records.rows(first, last)
    assert texts_of(part.as_bytes()) == TEXTS[first:last]
    rows = part.payloads[1]
    assert isinstance(rows, RecordTable)
    assert rows.table.column("n").to_pylist() == list(range(first, last))
    assert part.times.tolist() == list(range(first, last))
    assert part.labels == {"key": ["w", "x", None, "z"][first:last]}


def test_each_target_gets_its_own_format() -> None:
    """And its own labels; a tee of some of them gets those of all its targets."""
    bytes_, columns = rendered(TEXTS).as_bytes(), table(4)
    records = Rendered((bytes_, columns), payload_indices=(0, 1, 0))
    assert records.for_targets(1, 2, {}).payload is columns
    both = records.for_targets(1, 3, {"key": ["k"] * 4})
    assert (both.payloads, both.payload_indices) == ((columns, bytes_), (0, 1))
    assert both.for_targets(1, 2, {}).as_bytes() is bytes_


def test_table_is_not_bytes() -> None:
    """A target that takes bytes never gets one; if it does, that is our mistake."""
    with pytest.raises(TypeError):
        Rendered((table(1),)).as_bytes()


def test_first_stop_of_all_formats_counts() -> None:
    """Up to there every target can have the records."""
    late, early = (3, RunError("late")), (1, RunError("early"))
    content = rendered(TEXTS).as_bytes()
    stopped = [RecordBytes(content.data, content.ends, stopped=each) for each in (late, early)]
    assert Rendered((content, *stopped)).stopped == early
    assert Rendered((content,)).stopped is None


def test_joined_records_are_one_after_the_other() -> None:
    """In memory of their own, for bytes and for tables."""
    content = rendered(TEXTS).as_bytes()
    assert texts_of(RecordBytes.joined([content.rows(1, 3), content.rows(0, 1)])) == [
        b"bb\n", b"\n", b"a\n",
    ]  # fmt: skip
    parts = [table(3).rows(1, 3), table(1)]
    assert RecordTable.joined(parts).table.column("n").to_pylist() == [1, 2, 0]


def test_texts_of_a_slice_are_records() -> None:
    """An array may begin anywhere in its buffers."""
    texts = pa.array(["x", "a\n", "bb\n"]).slice(1)
    assert texts_of(RecordBytes.of_texts(texts, Encoding())) == [b"a\n", b"bb\n"]
    assert len(RecordBytes.of_texts(texts.slice(2), Encoding())) == 0
