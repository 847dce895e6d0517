"""Rows of several tables in the order of their records: parts, copies, and what another process gets."""

import numpy as np
import pyarrow as pa

from datagen.formats.emitter_tables import EmitterTables


def tables() -> EmitterTables:
    """Return a0 b0 a1 a2 b1, of emitters a and b."""
    made = [pa.RecordBatch.from_pydict({"x": [f"{name}{n}" for n in range(size)]}) for name, size in (("a", 3), ("b", 2))]  # fmt: skip
    return EmitterTables(
        ("a", "b\ud800"), tuple(made), np.array([0, 1, 0, 0, 1]), np.array([0, 0, 1, 2, 1])
    )


def told(found: EmitterTables) -> list[str]:
    """Return the records in order."""
    by_name = {name: table.column("x").to_pylist() for name, table in found.by_emitter()}
    names = [found.names[place] for place in found.table_of]
    return [by_name[name].pop(0) for name in names]


def test_rows_are_those_of_their_emitters() -> None:
    """A part shares the memory of the whole."""
    assert told(tables()) == ["a0", "b0", "a1", "a2", "b1"]
    assert told(tables().rows(1, 4)) == ["b0", "a1", "a2"]
    assert [name for name, _ in tables().rows(2, 4).by_emitter()] == ["a"]
    assert tables().rows(2, 2).size == 0


def test_picked_rows_come_in_the_order_asked_for() -> None:
    """Also twice."""
    joined = EmitterTables.joined([tables().rows(3, 5), tables().rows(0, 2)])
    assert told(joined) == ["a2", "b1", "a0", "b0"]
    assert told(joined.picked(np.array([3, 0, 0, 2]))) == ["b0", "a2", "a2", "a0"]
    assert len(EmitterTables.joined([tables().rows(0, 0)])) == 0


def test_another_process_gets_the_rows_that_are_meant() -> None:
    """Names included, whatever is in them."""
    for part in (
        tables(),
        tables().rows(2, 5),
        tables().picked(np.array([4, 2])),
        tables().rows(0, 0),
    ):
        data = part.to_bytes()
        assert told(EmitterTables.from_bytes(data)) == told(part)
