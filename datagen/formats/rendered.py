"""Records of a batch as a format has written them: bytes or a table, with what targets need besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pickle import PickleBuffer
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.batch import FaultRows, faults_between, merged_faults
from datagen.errors import DatagenError
from datagen.formats import picking
from datagen.formats.emitter_tables import EmitterTables
from datagen.formats.encoding import Encoding
from datagen.instants import NAIVE, Style

NO_INTS: Ints = np.empty(0, dtype=np.int64)
_PLAIN = Encoding()
_MEMBER_BYTES = 100  # that a member of a Python object takes, about
Stop = tuple[int, DatagenError]
"""The row in its batch of the first record that could not be written, and why."""


@dataclass(frozen=True, slots=True)
class RecordBytes:
    """Records as bytes: record i is data[ends[i - 1]:ends[i]], its newline included.

    `stopped` is the first record that could not be written, if there is one; those from there on mean
    nothing. `faults` are the rows of the batch for which an expression of the format had no value; they stay
    in the process that has rendered the records.
    """

    data: memoryview
    ends: Ints
    encoding: Encoding = _PLAIN
    stopped: Stop | None = None
    faults: FaultRows = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def size(self) -> int:
        """Return how many bytes the records take."""
        return len(self.data)

    def rows(self, first: int, last: int) -> "RecordBytes":
        """Return the records first .. last - 1, which share the memory of these."""
        begin = int(self.ends[first - 1]) if first else 0
        ends = self.ends[first:last]
        end = int(ends[-1]) if len(ends) else begin
        faults = faults_between(self.faults, first, last)
        return RecordBytes(self.data[begin:end], ends - begin, self.encoding, self.stopped, faults)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the records, for another process, without their encoding: that is not for all the world."""
        return _bytes_of, (PickleBuffer(self.data), self.ends, self.stopped)

    @classmethod
    def of_texts(cls, texts: TextArray, encoding: Encoding, stopped: Stop | None = None) -> Self:
        """Return the strings of an array as records: its buffer, and where each string ends."""
        if not len(texts):
            return cls(memoryview(b""), NO_INTS, encoding, stopped)
        _, offsets, data = texts.buffers()
        ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
        view = memoryview(data if data is not None else b"").cast("B")
        own = ends[1:].astype(np.int64) - int(ends[0])
        return cls(view[ends[0] : ends[-1]], own, encoding, stopped)

    @classmethod
    def joined(cls, parts: "Sequence[RecordBytes]") -> Self:
        """Return records of one format one after the other, in memory of their own."""
        return cls(*picking.joined([(each.data, each.ends) for each in parts]), parts[0].encoding)

    @classmethod
    def picked(cls, parts: "Sequence[RecordBytes]", rows: Ints) -> Self:
        """Return the records at some rows of all parts, int64[m], in memory of their own, without faults."""
        blocks = [(each.data, each.ends) for each in parts]
        return cls(*picking.picked(blocks, rows), parts[0].encoding)

    def begun(self) -> "RecordBytes":
        """Return the records as the first ones of a document: without the separator before them."""
        cut = len(self.encoding.separator) if len(self) else 0
        return replace(self, data=self.data[cut:], ends=self.ends - cut) if cut else self

    def of_emitter(self, emitter: str) -> "RecordBytes":
        """Return records that are all of one emitter, with its own encoding."""
        return replace(self, encoding=self.encoding.of_emitters[emitter])

    def spread(self, rows: Ints, count: int) -> "RecordBytes":
        """Return the records at some rows of `count`, int64[n], rising; all others are empty."""
        before = np.searchsorted(rows, np.arange(count), side="right")
        ends = np.concatenate([np.zeros(1, dtype=np.int64), self.ends])[before]
        stopped = self.stopped and (int(rows[self.stopped[0]]), self.stopped[1])
        faults = {place: rows[each] for place, each in self.faults.items()}
        return RecordBytes(self.data, ends, self.encoding, stopped, faults)


@dataclass(frozen=True, slots=True)
class RecordTable:
    """Records as the rows of an Arrow record batch, for a format of columns."""

    table: Any  # pyarrow.RecordBatch; pyarrow ships no types
    encoding: Encoding

    stopped: ClassVar[Stop | None] = None
    faults: ClassVar[FaultRows] = {}

    def __len__(self) -> int:
        return len(self.table)

    @property
    def size(self) -> int:
        """Return about how many bytes the records take."""
        return int(self.table.nbytes)

    def rows(self, first: int, last: int) -> "RecordTable":
        """Return the records first .. last - 1, which share the memory of these."""
        return RecordTable(self.table.slice(first, last - first), self.encoding)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the records, for another process, without their encoding; only the rows that are meant."""
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, self.table.schema) as writer:
            writer.write_batch(self.table)
        return _table_of, (PickleBuffer(stream.getvalue()),)

    @classmethod
    def joined(cls, parts: "Sequence[RecordTable]") -> Self:
        """Return records of one format one after the other, in memory of their own."""
        table = pa.Table.from_batches([each.table for each in parts])
        return cls(table.combine_chunks().to_batches()[0], parts[0].encoding)

    @classmethod
    def picked(cls, parts: "Sequence[RecordTable]", rows: Ints) -> Self:
        """Return the records at some rows of all parts, int64[m], in memory of their own."""
        whole = parts[0] if len(parts) == 1 else cls.joined(parts)
        return cls(whole.table.take(pa.array(rows)), whole.encoding)

    def of_emitter(self, emitter: str) -> "RecordTable":
        """Return records that are all of one emitter, with its own columns."""
        own = self.encoding.of_emitters[emitter]
        return RecordTable(self.table.select(own.own_columns), own)

    def spread(self, rows: Ints, count: int) -> "RecordTable":
        """Return the records at some rows of `count`, int64[n], rising; all others are null."""
        places = np.searchsorted(rows, np.arange(count))
        absent = np.append(rows, -1)[places] != np.arange(count)
        return RecordTable(self.table.take(pa.array(places, mask=absent)), self.encoding)


@dataclass(frozen=True, slots=True)
class RecordObjects:
    """Records as Python objects, for whoever iterates over them."""

    objects: Sequence[dict[str, Any]]
    encoding: Encoding = _PLAIN

    stopped: ClassVar[Stop | None] = None
    faults: ClassVar[FaultRows] = {}

    def __len__(self) -> int:
        return len(self.objects)

    @property
    def size(self) -> int:
        """Return about how many bytes the records take."""
        return _MEMBER_BYTES * sum(map(len, self.objects))

    def rows(self, first: int, last: int) -> "RecordObjects":
        """Return the records first .. last - 1."""
        return RecordObjects(self.objects[first:last], self.encoding)

    @classmethod
    def joined(cls, parts: "Sequence[RecordObjects]") -> Self:
        """Return records one after the other."""
        return cls([record for each in parts for record in each.objects], parts[0].encoding)

    @classmethod
    def picked(cls, parts: "Sequence[RecordObjects]", rows: Ints) -> Self:
        """Return the records at some rows of all parts, int64[m]."""
        whole = cls.joined(parts)
        return cls([whole.objects[row] for row in rows.tolist()], whole.encoding)

    def spread(self, rows: Ints, count: int) -> "RecordObjects":
        """Return the records at some rows of `count`, int64[n], rising; all others are empty."""
        objects: list[dict[str, Any]] = [{}] * count
        for row, each in zip(rows.tolist(), self.objects, strict=True):
            objects[row] = each
        return RecordObjects(objects, self.encoding)


@dataclass(frozen=True, slots=True)
class RecordTables:
    """Records as the rows of tables, one for each emitter, for a target that has tables."""

    rows_of: EmitterTables
    encoding: Encoding

    stopped: ClassVar[Stop | None] = None
    faults: ClassVar[FaultRows] = {}

    def __len__(self) -> int:
        return len(self.rows_of)

    @property
    def size(self) -> int:
        """Return about how many bytes the records take."""
        return self.rows_of.size

    def rows(self, first: int, last: int) -> "RecordTables":
        """Return the records first .. last - 1, which share the memory of these."""
        return RecordTables(self.rows_of.rows(first, last), self.encoding)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the records, for another process, without their encoding; only the rows that are meant."""
        return _tables_of, (PickleBuffer(self.rows_of.to_bytes()),)

    @classmethod
    def joined(cls, parts: "Sequence[RecordTables]") -> Self:
        """Return records one after the other."""
        return cls(EmitterTables.joined([each.rows_of for each in parts]), parts[0].encoding)

    @classmethod
    def picked(cls, parts: "Sequence[RecordTables]", rows: Ints) -> Self:
        """Return the records at some rows of all parts, int64[m]."""
        whole = cls.joined(parts)
        return cls(whole.rows_of.picked(rows), whole.encoding)

    def spread(self, rows: Ints, count: int) -> "RecordTables":
        """Return the records at some rows of `count`, int64[n], rising; all others are in no table."""
        return RecordTables(self.rows_of.spread(rows, count), self.encoding)


Payload = RecordBytes | RecordTable | RecordObjects | RecordTables


def _bytes_of(data: Any, ends: Ints, stopped: Stop | None) -> RecordBytes:
    return RecordBytes(memoryview(data), ends, Encoding(), stopped)


def _table_of(stream: Any) -> RecordTable:
    with pa.ipc.open_stream(pa.py_buffer(stream)) as reader:
        return RecordTable(reader.read_next_batch(), Encoding())


def _tables_of(data: Any) -> RecordTables:
    return RecordTables(EmitterTables.from_bytes(pa.py_buffer(data)), Encoding())


@dataclass(frozen=True, slots=True)
class Rendered:
    """The n records of a batch for all targets of a run: a payload for each different format.

    `times`, int64[n], are the instants at which they leave, microseconds since 1970, and `style` is how the run writes
    instants; `told`, int64[n], are the instants that they tell of, where these are others. `labels` are the texts that targets ask for besides, such as keys of messages: n for each
    name, None where there is none. `payload_indices` has for each target the index of its payload.
    """

    payloads: tuple[Payload, ...]
    times: Ints = field(default_factory=lambda: NO_INTS)
    labels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    style: Style = NAIVE
    payload_indices: tuple[int, ...] = (0,)
    told: Ints | None = None
    filter_faults: FaultRows = field(default_factory=dict)  # of whole batches, as they are rendered

    def __len__(self) -> int:
        return len(self.payloads[0])

    @property
    def told_times(self) -> Ints:
        """Return the instants that the records tell of: int64[n]."""
        return self.times if self.told is None else self.told

    @property
    def payload(self) -> Payload:
        """Return the records in the format of the first target, or of the only one."""
        return self.payloads[self.payload_indices[0]]

    @property
    def stopped(self) -> Stop | None:
        """Return the first record that some format could not write, and why."""
        stops = [each.stopped for each in self.payloads if each.stopped]
        return min(stops, key=lambda stop: stop[0], default=None)

    @property
    def faults(self) -> FaultRows:
        """Return the rows of the batch for which expressions of formats and filters had no value, each once a place."""
        return merged_faults([self.filter_faults, *(each.faults for each in self.payloads)])

    def as_bytes(self) -> RecordBytes:
        """Return the records for a target that takes bytes. Raises TypeError for a table."""
        payload = self.payload
        if isinstance(payload, RecordBytes):
            return payload
        raise TypeError("records in columns for a target that takes bytes")

    def of_emitter(self, emitter: str) -> "Rendered":
        """Return the records of one target, with the columns of an emitter, of which those that are used all are."""
        payload = self.payload
        if isinstance(payload, RecordBytes | RecordTable) and payload.encoding.of_emitters:
            payload = payload.of_emitter(emitter)
        return replace(self, payloads=(payload,), payload_indices=(0,))

    def rows(self, first: int, last: int) -> "Rendered":
        """Return the records first .. last - 1."""
        if first == 0 and last == len(self):
            return self
        return Rendered(
            tuple(each.rows(first, last) for each in self.payloads),
            self.times[first:last],
            {name: texts[first:last] for name, texts in self.labels.items()},
            self.style,
            self.payload_indices,
            None if self.told is None else self.told[first:last],
        )

    def at(self, rows: Ints) -> "Rendered":
        """Return the records at some rows, rising, int64[m]: in memory of their own, where these are not all."""
        return self if len(rows) == len(self) else self.picked([self], rows)

    @classmethod
    def picked(cls, parts: "Sequence[Rendered]", rows: Ints) -> "Rendered":
        """Return the records at some rows of all of some renderings of one run, int64[m], in memory of their own."""
        first = parts[0]
        told = [each.told_times for each in parts] if first.told is not None else None
        labels = {
            name: _picked_labels([each.labels[name] for each in parts], rows)
            for name in first.labels
        }
        return cls(
            tuple(
                _picked([each.payloads[place] for each in parts], rows)
                for place in range(len(first.payloads))
            ),
            np.concatenate([each.times for each in parts])[rows],
            labels,
            first.style,
            first.payload_indices,
            None if told is None else np.concatenate(told)[rows],
        )

    def for_targets(
        self, first: int, last: int, labels: Mapping[str, Sequence[str | None]]
    ) -> "Rendered":
        """Return the records for the targets first .. last - 1 of several, with their own labels."""
        used = tuple(dict.fromkeys(self.payload_indices[first:last]))
        return Rendered(
            tuple(self.payloads[each] for each in used),
            self.times,
            labels,
            self.style,
            tuple(used.index(each) for each in self.payload_indices[first:last]),
            self.told,
        )


def _picked_labels(parts: Sequence[Any], rows: Ints) -> Any:
    """Return the labels at some rows of all parts: texts, or whether each record passes a filter."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)[rows]
    texts = [text for each in parts for text in each]
    return [texts[row] for row in rows.tolist()]


def _picked(payloads: Sequence[Any], rows: Ints) -> Payload:
    picked: Payload = type(payloads[0]).picked(payloads, rows)
    return picked
