"""Puts the records of a source in order of time, on disk: sorted runs, then merged, pass by pass."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.columns.column_type import ColumnType
from datagen.sources.base import LARGE, Chunk, Place, Rows, Source, SourceError
from datagen.sources.time_parsing import Flaw

RUN_BYTES = 1 << 26  # of a run, which is sorted in memory
MOST_RUNS = 32  # that are merged at once
_ROWS = 4_096  # of a run, in memory while it is merged
_KEYS = ("micros", "rest", "number", "line")


class Sorted(Source):
    """Another source, in order of time; records of one instant stay in the order of the file."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.file, source.wanted)
        self.source, self.once = source, source.once
        self._unit = "line"
        self._runs: list[_Run] | None = None
        self._stopped: Callable[[], bool] = lambda: False

    @property
    def names(self) -> tuple[str, ...] | None:
        return self.source.names

    def column_types(self, rows: Rows) -> dict[str, ColumnType]:
        return self.source.column_types(rows)

    def misfit(self, rows: Rows, column_types: Any) -> Flaw | None:
        return self.source.misfit(rows, column_types)

    def restored(self, stored: Any) -> Rows:
        return self.source.restored(stored)

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        del size
        if self._runs is None:
            self._runs = self._sorted()
        number = 0
        for batch in _merged(self._runs):
            last = number + batch.num_rows
            if last > begin.record:
                part = batch.slice(max(begin.record - number, 0))
                yield self._chunk(part, last - part.num_rows)
            number = last

    def heed(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self.source.heed(stopped)

    def close(self) -> None:
        """Let go of what is on disk."""
        self.source.close()
        for run in self._runs or ():
            run.file.close()
        self._runs = None

    def _chunk(self, batch: Any, number: int) -> Chunk:
        lines: Ints = batch.column("line").to_numpy()
        rows = self.source.restored(batch.select(batch.schema.names[len(_KEYS) :]))
        return Chunk(rows, Place(number), lambda: lines, unit=self._unit)

    def _sorted(self) -> list["_Run"]:
        """Write runs, each of records that follow each other in the file."""
        runs: list[_Run] = []
        held: list[Any] = []
        try:
            for chunk in self.source.chunks(Place(), lambda: LARGE):
                if self._stopped():
                    break
                held.append(self._keyed(chunk))
                if sum(batch.nbytes for batch in held) > RUN_BYTES:
                    runs.append(_written(_in_order(held)))
                    held = []
                    runs = _fewer(runs)
            if held:
                runs.append(_written(_in_order(held)))
        except OSError as error:
            raise SourceError(self.file, f"cannot be sorted on disk: {error.strerror}") from error
        return runs

    def _keyed(self, chunk: Chunk) -> Any:
        stamps, flaw = chunk.rows.times()
        self._unit = chunk.unit
        if flaw is not None or chunk.flaw:
            row = len(chunk) if flaw is None else flaw.row
            raise self.error(chunk.place(row), chunk.flaw if flaw is None else flaw.text)
        stored, size = chunk.rows.stored(), len(chunk)
        rest = np.zeros(size, dtype=np.int64) if stamps.rest is None else stamps.rest
        numbers = np.arange(chunk.begin.record, chunk.begin.record + size)
        keys = [pa.array(each) for each in (stamps.micros, rest, numbers, chunk.lines())]
        return pa.record_batch([*keys, *stored.columns], names=[*_KEYS, *stored.schema.names])


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


def _written(batches: Iterator[Any], level: int = 0) -> _Run:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
    writer = None
    for batch in batches:
        if writer is None:
            writer = pa.ipc.new_file(pa.PythonFile(file, mode="w"), batch.schema)
        writer.write(batch)
    if writer is not None:
        writer.close()
    return _Run(file, level)


def _in_order(held: list[Any]) -> Iterator[Any]:
    """Sort batches, and cut them into small ones."""
    whole = pa.Table.from_batches(held).combine_chunks()
    micros, rest, numbers = (whole.column(name).to_numpy() for name in _KEYS[:3])
    whole = whole.take(pa.array(np.lexsort((numbers, rest, micros))))
    yield from whole.combine_chunks().to_batches(max_chunksize=_ROWS)


def _fewer(runs: list[_Run]) -> list[_Run]:
    """Merge the last runs where many are of one level; neighbours stay neighbours."""
    level = runs[-1].level
    last = [run for run in runs if run.level == level]
    if len(last) < MOST_RUNS:
        return runs
    merged = _written(_merged(last), level + 1)
    for run in last:
        run.file.close()
    return _fewer([*runs[: -len(last)], merged])


def _merged(runs: list[_Run]) -> Iterator[Any]:
    """Merge sorted runs: what is not after the last record at hand of any run can go."""
    readers = [run.batches() for run in runs]
    heads = [next(reader, None) for reader in readers]
    while any(head is not None for head in heads):
        bound = min(_key(head, -1) for head in heads if head is not None)
        parts = []
        for place, head in enumerate(heads):
            if head is None:
                continue
            size = _until(head, bound)
            parts.append(head.slice(0, size))
            left = head.slice(size)
            heads[place] = left if left.num_rows else next(readers[place], None)
        yield from _in_order([part for part in parts if part.num_rows])


def _key(batch: Any, row: int) -> tuple[int, int, int]:
    micros, rest, number = (batch.column(name)[row].as_py() for name in _KEYS[:3])
    return micros, rest, number


def _until(batch: Any, bound: tuple[int, int, int]) -> int:
    """Return how many rows, in order, are not after a key."""
    micros, rest, numbers = (batch.column(name).to_numpy() for name in _KEYS[:3])
    before = (micros < bound[0]) | (
        (micros == bound[0]) & ((rest < bound[1]) | ((rest == bound[1]) & (numbers <= bound[2])))
    )
    return int(before.sum())
