"""Turns the source of a replay into windows of records, pass after pass, at their new instants.

A pass is the source from its first record to its last. The position of a replay is one small value, and
what a record is like depends on the source, the seed, the number of the pass and its own number in it:
how many records a window has shows nowhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.errors import ClockLimitError, RunError
from datagen.one_line import counted
from datagen.part import WHOLE, Part
from datagen.randomness import seed_word, visit_bits, worker_bits
from datagen.replay.cursor import ReplayCursor
from datagen.replay.median import Gaps
from datagen.replay.skipping import unskipped
from datagen.replay.source import SAMPLE, ReplaySource
from datagen.replay.times import (
    MAX_GAP_NANOS,
    LastRecord,
    gaps_between,
    moved_last,
    read_times,
    shift_between,
    stretched,
)
from datagen.replay.window import ReplayWindow
from datagen.sources import Chunk, FieldGroup, Rows
from datagen.sources.base import FILE_START, FIRST_READ_BYTES, MAX_READ_BYTES
from datagen.sources.times import RowProblem, SourceTimes

MAX_RECORDS_AT_ONCE = 32_768
MAX_RECORDS_IN_MEMORY = 16_384  # of a source that stays in memory from its second pass on
DEFAULT_GAP = 1_000_000_000  # nanoseconds from the end of a pass to the next where there is no gap


class ReplayLoop:
    """The passes over a source; `exhausted` when it ended before the end of the run.

    `cursor` is the position after the last window, `window_size` the most records of the next.
    """

    def __init__(
        self,
        replay: ReplaySource,
        seed: int,
        start: int,
        end: int,
        stopped: Callable[[], bool] = lambda: False,
        *,
        needs_schema: bool = False,
        part: Part = WHOLE,
    ) -> None:
        """Begin at an instant, end before another: microseconds since 1970.

        `needs_schema` refuses records with fields that are not among the columns of the specification. Of all
        records, counted over all passes, the windows have those of a `part`.
        """
        self._replay, self._source = replay, replay.source
        self._loops, self._stretch = replay.spec.loop, replay.spec.stretch
        self._needs_schema, self._part = needs_schema, part
        self.end, self.exhausted = end, False
        self._state = self._source.state()
        self.cursor, self.window_size = ReplayCursor(start, source=self._state), 64
        self._start, self._seed, self._stopped = start, seed_word(seed), stopped
        self._last: LastRecord | None = None
        self._gaps = Gaps()
        self._bytes = FIRST_READ_BYTES
        self._chunk_begin = FILE_START
        self._reached_end = False  # of the run

    def resume(self, cursor: ReplayCursor) -> None:
        """Continue from the position of another replay of this source."""
        if cursor.source != self._state:  # then only numbers of records tell where that is
            cursor = replace(cursor, source=self._state, position=FILE_START, size=0)
        self.cursor = cursor

    def request_window_size(self, records: int) -> None:
        """Ask for windows of about this many records."""
        self.window_size = min(max(records, 1), MAX_RECORDS_AT_ONCE)

    def jump(self, by: int, until: int) -> None:
        """Move what is to come `by` microseconds on, to go on at the instant `until`."""
        self.resume(self.cursor.moved(by, until))

    def close(self) -> None:
        """Close all files."""
        self._gaps.close()
        self._source.close()

    def windows(self) -> Iterator[ReplayWindow]:
        """Yield the windows of one pass after the other, until the end. Raises RunError."""
        self._source.stop_when(self._stopped)
        self._reached_end = False
        in_memory = self._source_in_memory() if self.cursor.pass_number else None
        while in_memory is None:
            yield from self._pass()
            if self._reached_end:
                return
            if not self._loops or self.cursor.shift is None or self._stopped():
                self.exhausted = True
                return
            self._begin_next_pass()
            if self.cursor.pass_number == 1:
                in_memory = self._source_in_memory()
        yield from self._repeated(*in_memory)

    def _pass(self) -> Iterator[ReplayWindow]:
        """Yield the rest of a pass, after the records that came before."""
        self._last, begin = None, self.cursor.position
        if self._needs_gaps:  # which takes all of the pass
            self._gaps.close()
            self._gaps, begin = Gaps(), FILE_START
        seen = begin.record
        for chunk in self._replay.chunks(begin, self._next_size):
            if self._stopped():
                return
            self._chunk_begin, seen = chunk.begin, chunk.begin.record + len(chunk)
            rest = self._after_cursor(chunk)
            for part in () if rest is None else rest.slices(self.window_size):
                yield from self._window(part)
                if self._reached_end:
                    return
        if seen < self.cursor.record and not self._stopped():
            where = f"the run was at record {self.cursor.record:,}"
            raise RunError(f"{self._source.file}: has {counted(seen, 'record')}, but {where}")

    @property
    def _needs_gaps(self) -> bool:
        """Return whether this is a first pass before others: it decides the median gap between passes."""
        return self._loops and self.cursor.gap is None

    def _next_size(self) -> int:
        """Return how many bytes to read next: twice as many each time."""
        size, self._bytes = self._bytes, min(2 * self._bytes, MAX_READ_BYTES)
        return size

    def _after_cursor(self, chunk: Chunk) -> Chunk | None:
        """Return the records of a chunk that are still to come; None: there are none.

        Of the others, which an earlier run has made, only the times are read. Raises RunError.
        """
        behind = min(self.cursor.record - chunk.begin.record, len(chunk))
        if behind > 0:
            done = chunk.part(0, behind)
            first = self._first if not done.begin.record else None
            times, problem = read_times(done, self._last, first=first)
            self._raise_problem(done, problem)
            self._last = moved_last(self._last, times)
            self._add_gaps(times)
            last = times.nanos(len(times) - 1)
            if done.begin.record + behind == self.cursor.record:
                last = self.cursor.last  # it knows which year it was
            self._last = LastRecord(last, done)
        if len(chunk) and behind == len(chunk) and not chunk.problem:
            return None
        return chunk if behind <= 0 else chunk.part(behind, len(chunk), chunk.problem)

    def _window(self, chunk: Chunk) -> Iterator[ReplayWindow]:
        """Yield the records of a chunk; then raise what is wrong with the one after them."""
        before = self.cursor
        times, problem = read_times(chunk, self._last, first=self._first)
        if before.shift is None and len(times):
            first = times.nanos(0)
            self.cursor = replace(self.cursor, shift=self._start * 1000 - first, first=first)
        self._move_before(times)
        moved = self._moved(times)
        size, outside = self._within(moved)
        if size < len(times):
            problem = None
        self._add_gaps(times.take(slice(0, size)))
        numbers = chunk.begin.record + np.arange(size)
        passes = np.full(size, self.cursor.pass_number)
        kept = self._own(self._unskipped(moved.micros[:size], passes, numbers), passes, numbers)
        rows = chunk.rows.slice(0, size)
        rows = rows if len(kept) == size else rows.take(kept)
        clock = times.micros[kept]
        field_groups, wrong = rows.field_groups(clock)
        wrong = wrong or self._schema_mismatch(rows)
        if wrong is not None:
            problem = RowProblem(int(kept[wrong.row]), wrong.text)
            outside = self._reached_end = False
            kept = kept[: wrong.row]
            field_groups, _ = rows.slice(0, wrong.row).field_groups(clock[: wrong.row])
        if size:
            self._advance(times, chunk.part(0, size))
        yield ReplayWindow(
            moved.take(kept),
            passes[kept],
            numbers[kept],
            field_groups,
            None,
            before,
            not len(chunk),
            self._shift(times.take(kept), moved.take(kept)),
        )
        self._check_limit(outside)
        if not self._reached_end:
            self._raise_problem(chunk, problem)

    @property
    def _first(self) -> int | None:
        """Return where the first record of the source is, in nanoseconds, if that is known."""
        return None if self.cursor.shift is None else self.cursor.first

    def _move_before(self, times: SourceTimes) -> None:
        """Move what came before, in the source, to where it is by what these times show."""
        by, cursor = times.before_moved * 1000, self.cursor
        if by:
            self._last = moved_last(self._last, times)
            shift = (cursor.shift or 0) - by
            self.cursor = replace(cursor, first=cursor.first + by, shift=shift)

    def _moved(self, times: SourceTimes) -> SourceTimes:
        """Return the times of a pass at their instants in the run."""
        return stretched(times, self.cursor.first, self._stretch).moved(self.cursor.shift or 0)

    def _stretched(self, nanos: int) -> int:
        """Return how long a span of the source takes in the run."""
        return round(nanos * Fraction(self._stretch))

    def _shift(self, times: SourceTimes, moved: SourceTimes) -> tuple[Ints, Ints] | None:
        """Return how much later times are now, if other times are to move with them."""
        return shift_between(times, moved) if self._source.options.others else None

    def _advance(self, times: SourceTimes, done: Chunk) -> None:
        """Move the cursor behind the last record of a chunk."""
        self._last = LastRecord(times.nanos(len(done) - 1), done)
        last, record = self._last.nanos, done.begin.record + len(done)
        self.cursor = replace(self.cursor, record=record, position=self._chunk_begin, last=last)

    def _within(self, moved: SourceTimes) -> tuple[int, bool]:
        """Return how many records come before the end, and whether the next cannot be written."""
        size = int(np.searchsorted(moved.micros, self.end))
        self._reached_end = size < len(moved)
        first, last = moved.limits
        if size and (moved.micros[0] < first or moved.micros[size - 1] >= last):
            inside = (moved.micros[:size] >= first) & (moved.micros[:size] < last)
            return int(np.argmin(inside)), True
        return size, False

    def _raise_problem(self, chunk: Chunk, problem: RowProblem | None) -> None:
        if problem is not None:
            where = chunk.location(problem.row)
            raise RunError(f"{self._source.file}: {where}: {problem.text}")

    def _check_limit(self, outside: bool) -> None:
        if outside:
            what = "the clock would exceed what the time_format of the source can represent"
            raise ClockLimitError(what)

    def _schema_mismatch(self, rows: Rows) -> RowProblem | None:
        """Return the first record with a field that is not among the columns of the specification."""
        mismatch = rows.schema_mismatch(self._replay.column_types) if self._needs_schema else None
        if mismatch is None:
            return None
        what = f'the field "{mismatch.field}" is missing, or has another type, in the first {SAMPLE:,} records'
        return RowProblem(
            mismatch.row, f'{what}, which determine the columns; declare it in "types"'
        )

    def _add_gaps(self, times: SourceTimes) -> None:
        """Collect the gaps of the first pass, if there is to be another. Raises RunError."""
        if not self._needs_gaps or not len(times):
            return
        try:
            self._gaps.add(gaps_between(times, self._last))
        except OSError as error:
            raise RunError(f"gaps cannot be stored on disk: {error.strerror}") from error

    def _begin_next_pass(self) -> None:
        """Move the cursor to the next pass, a median gap after the end of the last one."""
        cursor, source = self.cursor, self._source
        if source.state() != self._state:
            raise RunError(
                f"{source.file}: changed while it was being replayed; replay a copy of it"
            )
        gap, span = cursor.gap, cursor.last - cursor.first
        if gap is None:
            gap = (self._gaps.median() if span else None) or (DEFAULT_GAP if not span else 0)
            self._gaps.close()
        if gap >= MAX_GAP_NANOS:
            raise ClockLimitError(f"{source.file}: the median gap is longer than 584 years")
        shift = (cursor.shift or 0) + self._stretched(span + gap)
        self.cursor = replace(
            cursor, pass_number=cursor.pass_number + 1, record=0, size=cursor.record,
            position=FILE_START, shift=shift, gap=gap,
        )  # fmt: skip
        self._leave_out_passes(span)

    def _leave_out_passes(self, span: int) -> None:
        """Move the cursor over the passes, of so many nanoseconds each, that time_skipping leaves out."""
        cursor = self.cursor
        last = cursor.first + (cursor.shift or 0) + self._stretched(span)
        period = self._stretched(span + (cursor.gap or 0))
        left = (cursor.until or 0) * 1000 - last
        if cursor.until is None or left <= 0:
            return
        count = -(-left // max(period, 1))  # the last of them ends before that instant
        shift = (cursor.shift or 0) + count * period
        self.cursor = replace(cursor, pass_number=cursor.pass_number + count, shift=shift)

    def _source_in_memory(self) -> tuple[SourceTimes, tuple[FieldGroup, ...]] | None:
        """Return all of a source that is small enough to stay in memory, else None."""
        size = self.cursor.size
        if size > MAX_RECORDS_IN_MEMORY or self._replay.spec.sort:
            return None
        chunks = list(self._replay.chunks(FILE_START, lambda: MAX_READ_BYTES))
        if len(chunks) != 1:
            return None
        times, problem = read_times(chunks[0], None, first=self._first)
        field_groups, wrong = chunks[0].rows.field_groups(times.micros)
        complete = problem is None and wrong is None and len(times) == size
        complete = complete and not times.before_moved
        return (times, field_groups) if complete else None

    def _repeated(
        self, times: SourceTimes, field_groups: tuple[FieldGroup, ...]
    ) -> Iterator[ReplayWindow]:
        """Yield the records of pass after pass of a source in memory, several passes in a window."""
        size = len(times)
        span = times.nanos(size - 1) - times.nanos(0)
        period = self._stretched(span + (self.cursor.gap or 0))
        micros, nanos = divmod(period, 1000)
        while not self._reached_end and not self._stopped():
            if not self.cursor.record:
                self._leave_out_passes(span)
            cursor = self.cursor
            moved = self._moved(times)
            passes_left = (self.end - int(moved.micros[0])) // max(micros, 1) + 2
            count = min(self.window_size, passes_left * size - cursor.record)
            passes, index = np.divmod(cursor.record + np.arange(count), size)
            moved = moved.take(index).later(passes * micros, passes * nanos)
            inside, outside = self._within(moved)
            moved, numbers = moved.take(slice(0, inside)), index[:inside]
            pass_numbers = cursor.pass_number + passes[:inside]
            kept = self._unskipped(moved.micros, pass_numbers, numbers)
            kept = self._own(kept, pass_numbers, numbers)
            passed, record = divmod(cursor.record + inside, size)
            self.cursor = replace(
                self.cursor,
                pass_number=cursor.pass_number + passed,
                record=record,
                last=times.nanos((cursor.record + inside - 1) % size),
                shift=(cursor.shift or 0) + passed * period,
            )
            pass_numbers, rows, moved = pass_numbers[kept], numbers[kept], moved.take(kept)
            shift = self._shift(times.take(rows), moved)
            yield ReplayWindow(moved, pass_numbers, rows, field_groups, rows, cursor, shift=shift)
            self._check_limit(outside)
        self.exhausted = not self._reached_end
        self._reached_end = True

    def _unskipped(self, micros: Ints, pass_numbers: Ints, numbers: Ints) -> Ints:
        """Return the rows that time_skipping does not leave out."""
        skipping = self._replay.spec.time_skipping
        if skipping is None or not skipping.skip_probability:
            return np.arange(len(micros))
        bits = visit_bits(worker_bits(self._seed, pass_numbers), numbers)
        kept, until = unskipped(skipping, bits, micros, self.cursor.until, self._stretch)
        self.cursor = replace(self.cursor, until=until)
        return kept

    def _own(self, rows: Ints, pass_numbers: Ints, numbers: Ints) -> Ints:
        """Return those of the rows whose records are of the part."""
        part = self._part
        if part.is_whole:
            return rows
        records = pass_numbers[rows] * self.cursor.size + numbers[rows]
        own: Mask = records % part.count == part.index
        return rows[own]
