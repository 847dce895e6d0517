"""Turns a chunk of records into their times, which must not fall, and the gaps between these."""

from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.sources import Chunk
from datagen.sources.times import Around, RowProblem, SourceTimes

MAX_GAP_NANOS = (1 << 64) - 1  # longer gaps count as this


@dataclass(frozen=True)
class LastRecord:
    """The last record before a chunk: its time in nanoseconds, and the chunk that it ends."""

    nanos: int
    chunk: Chunk


def read_times(
    chunk: Chunk, last: LastRecord | None, *, ordered: bool = True, first: int | None = None
) -> tuple[SourceTimes, RowProblem | None]:
    """Read the times of a chunk up to the first mistake, whose row may be right after the last one.

    `last` is the record before the chunk; `before_moved` of the times says where it is really. With
    `ordered`, a time before the one of the record before it is a mistake. `first`, nanoseconds, is where
    the first record of all is, if that is known.
    """
    instant = first if last is None else last.nanos
    times, problem = chunk.rows.times(Around(None if instant is None else instant // 1000))
    last = moved_last(last, times)
    if problem is None and chunk.problem:
        problem = RowProblem(len(chunk), chunk.problem)
    row = _first_fall(times, last) if ordered else None
    if row is None:
        return times, problem
    text = times.take(slice(row, row + 1)).column().text[0].as_py()
    if row or last is None:
        before = chunk.location(row - 1)
    else:
        before = last.chunk.location(len(last.chunk) - 1)
    what = f'time {text} is earlier than that of {before}; "sort": true puts records in order'
    return times.take(slice(0, row)), RowProblem(row, what)


def moved_last(last: LastRecord | None, times: SourceTimes) -> LastRecord | None:
    """Return the record before a chunk where it is by what the times of the chunk show."""
    if last is None or not times.before_moved:
        return last
    return replace(last, nanos=last.nanos + times.before_moved * 1000)


def gaps_between(times: SourceTimes, last: LastRecord | None) -> Bits:
    """Return the gaps between n records, and before the first where one was before: uint64, nanoseconds."""
    rest = np.zeros_like(times.micros) if times.rest is None else times.rest
    micros, nanos = np.diff(times.micros), np.diff(rest)
    if last is not None:
        before, within = divmod(last.nanos, 1000)
        micros = np.concatenate([[times.micros[0] - before], micros])
        nanos = np.concatenate([[rest[0] - within], nanos])
    gaps = micros.astype(np.uint64) * np.uint64(1000) + nanos.astype(np.uint64)
    return np.where(micros >= MAX_GAP_NANOS // 1000, np.uint64(MAX_GAP_NANOS), gaps)


def stretched(times: SourceTimes, first: int, factor: float) -> SourceTimes:
    """Return times that are `factor` times as far from the first of all, an instant in nanoseconds."""
    if factor == 1:
        return times
    micros, rest = divmod(first, 1000)
    rests = np.zeros_like(times.micros) if times.rest is None else times.rest
    far = (times.micros - micros) * factor
    whole = np.floor(far)
    nanos = np.rint((far - whole) * 1000 + (rests - rest) * factor).astype(np.int64)
    apart = whole.astype(np.int64) + nanos // 1000
    nanos = nanos % 1000 + rest
    moved = replace(times, micros=micros + apart + nanos // 1000, rest=nanos % 1000)
    return moved if (nanos % 1000).any() else replace(moved, rest=None)


def shift_between(times: SourceTimes, moved: SourceTimes) -> tuple[Ints, Ints]:
    """Return how much later n times are than they were: microseconds and nanoseconds, int64[n] each."""
    zeros = np.zeros_like(times.micros)
    before, after = (zeros if each.rest is None else each.rest for each in (times, moved))
    return moved.micros - times.micros, after - before


def _first_fall(times: SourceTimes, last: LastRecord | None) -> int | None:
    """Return the first row whose time is before that of the row before it."""
    if not len(times):
        return None
    if last is not None and times.nanos(0) < last.nanos:
        return 0
    steps = np.diff(times.micros)
    falls = steps < 0
    if times.rest is not None:
        falls |= (steps == 0) & (np.diff(times.rest) < 0)
    return int(np.argmax(falls)) + 1 if falls.any() else None
