"""Turns a source into one whose records are in order of time, by an external merge sort.

Runs of records are sorted in memory and written to disk; many runs are merged into larger ones.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.columns.column_type import ColumnType
from datagen.sources.base import (
    MAX_READ_BYTES,
    Chunk,
    FieldGroup,
    ReadOptions,
    RecordPosition,
    Rows,
    SchemaMismatch,
    Source,
    SourceError,
)
from datagen.sources.times import FIRST, Around, RowProblem, TimesRead

RUN_BYTES = 1 << 26  # of a run, which is sorted in memory
MAX_RUNS = 32  # that are merged at once
MAX_PIPE_BYTES = 1 << 34  # of a pipe: it may be endless, and is read to its end first
_BATCH_ROWS = 4_096  # of a run, in memory while it is merged
_KEYS = ("micros", "rest", "number", "line")


class Sorted(Source):
    """Another source, in order of time; records of one instant keep the order of the file."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.file, source.options)
        self.source, self.read_once = source, source.read_once
        self._unit = "line"  # what lines of the file are called
        self._runs: list[_Run] = []
        self._is_sorted = False
        self._moved = 0  # how many microseconds later all records are, by what the later ones show
        self._stopped: Callable[[], bool] = lambda: False

    @property
    def names(self) -> tuple[str, ...] | None:
        return self.source.names

    def holds_time(self, name: str) -> bool:
        return self.source.holds_time(name)

    @property
    def unsorted(self) -> Source:
        return self.source

    def from_arrow(self, batch: Any) -> Rows:
        return self.source.from_arrow(batch)

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        del size
        if not self._is_sorted:
            self._sort()
        if self._stopped():
            return
        number = 0
        for batch in _merged(self._runs):
            last = number + batch.num_rows
            if last > begin.record:
                part = batch.slice(max(begin.record - number, 0))
                yield self._chunk(part, last - part.num_rows)
            number = last

    def read_as(self, options: ReadOptions) -> None:
        super().read_as(options)
        self.source.read_as(options)

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self.source.stop_when(stopped)

    def close(self) -> None:
        """Close the source, and remove what is on disk."""
        self.source.close()
        for run in self._runs:
            run.file.close()
        self._runs, self._is_sorted = [], False

    def _chunk(self, batch: Any, number: int) -> Chunk:
        lines: Ints = batch.column("line").to_numpy()
        rows = self.source.from_arrow(batch.select(batch.schema.names[len(_KEYS) :]))
        micros, rest = (batch.column(name).to_numpy() for name in _KEYS[:2])
        rows = _TimedRows(rows, micros + self._moved, rest)
        return Chunk(rows, RecordPosition(number), lambda: lines, unit=self._unit)

    def _sort(self) -> None:
        """Write sorted runs, each of records that follow each other in the file."""
        batches: list[Any] = []
        before: int | None = None
        size = written = 0
        self._moved = 0
        try:
            for chunk in self.source.chunks(RecordPosition(), lambda: MAX_READ_BYTES):
                if self._stopped():
                    return
                batch, before = self._keyed(chunk, before)
                batches.append(batch)
                size += batch.nbytes
                if size > RUN_BYTES:
                    self._runs.append(_write_run(_in_order(batches)))
                    batches, size, written = [], 0, written + size
                    self._check_size(written)
                    self._runs = _merge_full_level(self._runs, self._stopped)
            if batches:
                self._runs.append(_write_run(_in_order(batches)))
        except OSError as error:
            raise SourceError(self.file, f"cannot be sorted on disk: {error.strerror}") from error
        self._is_sorted = True

    def _check_size(self, size: int) -> None:
        """Raise SourceError where a pipe has given more bytes than are sorted."""
        if self.read_once and size > MAX_PIPE_BYTES:
            raise SourceError(
                self.file,
                f"more than {MAX_PIPE_BYTES >> 30} GB, which are not sorted of a pipe: sort a file",
            )

    def _keyed(self, chunk: Chunk, before: int | None) -> tuple[Any, int | None]:
        """Return the records as an Arrow record batch, the keys to sort by first.

        `before` is the instant of the record before them; return also that of their last. Instants are as
        if no record had shown that the ones before it were in a later year. Raises SourceError.
        """
        times, problem = chunk.rows.times(Around(before))
        self._unit = chunk.unit
        if problem is not None or chunk.problem:
            row = len(chunk) if problem is None else problem.row
            raise self.error(
                chunk.location(row), chunk.problem if problem is None else problem.text
            )
        self._moved += times.before_moved
        fields, size = chunk.rows.to_arrow(), len(chunk)
        rest = np.zeros(size, dtype=np.int64) if times.rest is None else times.rest
        numbers = np.arange(chunk.begin.record, chunk.begin.record + size)
        keys = [
            pa.array(each) for each in (times.micros - self._moved, rest, numbers, chunk.lines())
        ]
        names = [*_KEYS, *fields.schema.names]
        batch = pa.record_batch([*keys, *fields.columns], names=names)
        return batch, int(times.micros[-1]) if size else before


@dataclass(frozen=True)
class _TimedRows(Rows):
    """Rows whose instants, microseconds and nanoseconds within, are known from their order in the file."""

    rows: Rows
    micros: Ints
    rest: Ints

    def __len__(self) -> int:
        return len(self.micros)

    def slice(self, first: int, last: int) -> "_TimedRows":
        rows = self.rows.slice(first, last)
        return _TimedRows(rows, self.micros[first:last], self.rest[first:last])

    def take(self, rows: Ints) -> "_TimedRows":
        return _TimedRows(self.rows.take(rows), self.micros[rows], self.rest[rows])

    def read_as(self, options: ReadOptions) -> "_TimedRows":
        return replace(self, rows=self.rows.read_as(options))

    def times(self, around: Around = FIRST) -> TimesRead:
        del around
        times, _ = self.rows.times(Around(None, self.micros))
        rest = self.rest if self.rest.any() else None
        return replace(times, micros=self.micros, rest=rest, before_moved=0), None

    def field_groups(
        self, clock: Ints | None = None
    ) -> tuple[tuple[FieldGroup, ...], RowProblem | None]:
        return self.rows.field_groups(clock)

    def column_types(self) -> dict[str, ColumnType]:
        return self.rows.column_types()

    def schema_mismatch(self, column_types: Mapping[str, ColumnType]) -> SchemaMismatch | None:
        return self.rows.schema_mismatch(column_types)

    def to_arrow(self) -> Any:
        return self.rows.to_arrow()


@dataclass(frozen=True)
class _Run:
    """Sorted records in a file without a name, which goes away with the program.

    `level` is how often they have been merged.
    """

    file: Any
    level: int = 0

    def batches(self) -> Iterator[Any]:
        reader = pa.ipc.open_file(pa.PythonFile(self.file, mode="r"))
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _write_run(batches: Iterator[Any], level: int = 0) -> _Run:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
    writer = None
    for batch in batches:
        if writer is None:
            writer = pa.ipc.new_file(pa.PythonFile(file, mode="w"), batch.schema)
        writer.write(batch)
    if writer is not None:
        writer.close()
    return _Run(file, level)


def _in_order(batches: list[Any]) -> Iterator[Any]:
    """Sort batches, and cut them into small ones."""
    table = pa.Table.from_batches(batches).combine_chunks()
    micros, rest, numbers = (table.column(name).to_numpy() for name in _KEYS[:3])
    table = table.take(pa.array(np.lexsort((numbers, rest, micros))))
    yield from table.combine_chunks().to_batches(max_chunksize=_BATCH_ROWS)


def _merge_full_level(runs: list[_Run], stopped: Callable[[], bool]) -> list[_Run]:
    """Merge the last runs where MAX_RUNS are of one level; neighbours stay neighbours.

    Once `stopped` is true nobody waits for the rest.
    """
    level = runs[-1].level
    last = [run for run in runs if run.level == level]
    if len(last) < MAX_RUNS or stopped():
        return runs
    merged = _write_run(takewhile(lambda _: not stopped(), _merged(last)), level + 1)
    for run in last:
        run.file.close()
    return _merge_full_level([*runs[: -len(last)], merged], stopped)


def _merged(runs: list[_Run]) -> Iterator[Any]:
    """Merge sorted runs: whatever is not after the last record at hand of any run comes next."""
    readers = [run.batches() for run in runs]
    heads = [next(reader, None) for reader in readers]
    while any(head is not None for head in heads):
        bound = min(_key(head, -1) for head in heads if head is not None)
        parts = []
        for place, head in enumerate(heads):
            if head is None:
                continue
            size = _count_until(head, bound)
            parts.append(head.slice(0, size))
            left = head.slice(size)
            heads[place] = left if left.num_rows else next(readers[place], None)
        yield from _in_order([part for part in parts if part.num_rows])


def _key(batch: Any, row: int) -> tuple[int, int, int]:
    micros, rest, number = (batch.column(name)[row].as_py() for name in _KEYS[:3])
    return micros, rest, number


def _count_until(batch: Any, bound: tuple[int, int, int]) -> int:
    """Return how many rows, in order, are not after a key."""
    micros, rest, numbers = (batch.column(name).to_numpy() for name in _KEYS[:3])
    before = (micros < bound[0]) | (
        (micros == bound[0]) & ((rest < bound[1]) | ((rest == bound[1]) & (numbers <= bound[2])))
    )
    return int(before.sum())
