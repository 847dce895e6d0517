"""Records as the rows of tables, one table for each emitter, and the order in which they come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints


@dataclass(frozen=True, slots=True)
class EmitterTables:
    """The n records: the i-th is row `row_of[i]` of the table of emitter `names[table_of[i]]`; of none, where that is -1.

    `tables` are Arrow record batches, one for each name; both arrays are int64[n].
    """

    names: tuple[str, ...]
    tables: tuple[Any, ...]  # pyarrow.RecordBatch; pyarrow ships no types
    table_of: Ints
    row_of: Ints

    def __len__(self) -> int:
        return len(self.table_of)

    def by_emitter(self) -> Iterator[tuple[str, Any]]:
        """Yield the name of each emitter that has records, with these, in order, as an Arrow record batch."""
        for place, (name, table) in enumerate(zip(self.names, self.tables, strict=True)):
            rows = self.row_of[self.table_of == place]
            if len(rows):
                yield name, _rows_of(table, rows)

    @property
    def size(self) -> int:
        """Return about how many bytes the records take."""
        return sum(int(table.nbytes) for _, table in self.by_emitter())

    def rows(self, first: int, last: int) -> "EmitterTables":
        """Return the records first .. last - 1, which share the memory of these."""
        return EmitterTables(
            self.names, self.tables, self.table_of[first:last], self.row_of[first:last]
        )

    def to_bytes(self) -> Any:
        """Return all that there is of the records, and nothing else of their tables, as a buffer."""
        stream = pa.BufferOutputStream()
        found = dict(self.by_emitter())
        names = [name for name in self.names if name in found]
        places = np.cumsum([name in found for name in self.names], dtype=np.int64) - 1
        own = np.where(self.table_of < 0, -1, places[self.table_of]) if names else self.table_of
        with pa.ipc.new_stream(stream, _ORDER) as writer:
            writer.write_batch(_order_of(own, _numbered(own, len(names))))
        for name in names:
            schema = found[name].schema.with_metadata({_NAME: name.encode("utf-8", _SURROGATES)})
            with pa.ipc.new_stream(stream, schema) as writer:
                writer.write_batch(found[name].replace_schema_metadata(schema.metadata))
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: Any) -> "EmitterTables":
        """Return the records that `to_bytes` has written."""
        buffer = pa.BufferReader(data)
        with pa.ipc.open_stream(buffer) as reader:
            order = reader.read_next_batch()
            _finish(reader)
        names, tables = [], []
        while buffer.tell() < buffer.size():
            with pa.ipc.open_stream(buffer) as reader:
                tables.append(reader.read_next_batch())
                names.append(reader.schema.metadata[_NAME].decode("utf-8", _SURROGATES))
                _finish(reader)
        table_of, row_of = (order.column(each).to_numpy() for each in (0, 1))
        return cls(tuple(names), tuple(tables), table_of, row_of)

    @classmethod
    def joined(cls, parts: "Sequence[EmitterTables]") -> "EmitterTables":
        """Return records one after the other."""
        found: dict[str, list[Any]] = {}
        for part in parts:
            for name, table in part.by_emitter():
                found.setdefault(name, []).append(table)
        names = tuple(found)
        place_of = {name: place for place, name in enumerate(names)}
        owns = [_renamed(part, place_of) for part in parts]
        table_of = np.concatenate(owns) if owns else np.empty(0, dtype=np.int64)
        tables = tuple(
            pa.Table.from_batches(each).combine_chunks().to_batches()[0] for each in found.values()
        )
        return cls(names, tables, table_of, _numbered(table_of, len(names)))

    def picked(self, rows: Ints) -> "EmitterTables":
        """Return the records at some rows, int64[m]."""
        return EmitterTables(self.names, self.tables, self.table_of[rows], self.row_of[rows])

    def spread(self, rows: Ints, count: int) -> "EmitterTables":
        """Return the records at some rows of `count`, int64[n]; all others are in no table."""
        table_of, row_of = np.full(count, -1), np.zeros(count, dtype=np.int64)
        table_of[rows], row_of[rows] = self.table_of, self.row_of
        return EmitterTables(self.names, self.tables, table_of, row_of)


_NAME, _SURROGATES = b"emitter", "surrogatepass"
_ORDER = pa.schema([("table", pa.int64()), ("row", pa.int64())])


def _order_of(table_of: Ints, row_of: Ints) -> Any:
    return pa.RecordBatch.from_arrays([pa.array(table_of), pa.array(row_of)], schema=_ORDER)


def _rows_of(table: Any, rows: Ints) -> Any:
    """Return rows of a table, a part of it where they are neighbours."""
    first, count = int(rows[0]), len(rows)
    if first + count - 1 == rows[-1] and np.all(np.diff(rows) == 1):
        return table.slice(first, count)
    return table.take(pa.array(rows))


def _numbered(table_of: Ints, tables: int) -> Ints:
    """Return the row of each record in its table, where the tables have their records in order."""
    rows = np.zeros(len(table_of), dtype=np.int64)
    for place in range(tables):
        mine = table_of == place
        rows[mine] = np.arange(np.count_nonzero(mine))
    return rows


def _renamed(part: EmitterTables, place_of: Mapping[str, int]) -> Ints:
    places = np.array([place_of.get(name, -1) for name in part.names], dtype=np.int64)
    if not len(places):
        return part.table_of
    return np.where(part.table_of < 0, -1, places[part.table_of])


def _finish(reader: Any) -> None:
    """Read on to the end of a stream, so that the next one can be read."""
    for _ in reader:
        raise ValueError("more than one batch")
