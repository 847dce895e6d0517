"""Turns the source of a replay into windows of records, pass after pass, at their new instants.

A pass is the source from its first record to its last. Where a replay stands is one small value, and
what a record is like depends on the source, the seed, the number of the pass and its own number in it:
how many records a window has shows nowhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.errors import ClockLimitError, RunError
from datagen.instants import SECOND
from datagen.randomness import draw, seed_word, stream_key, uniform, visit_bits, worker_bits
from datagen.replay.cursor import ReplayCursor
from datagen.replay.median import Gaps
from datagen.replay.recording import SAMPLE, Last, ReplaySource, read_times
from datagen.replay.spec import TimeSkipping
from datagen.sources import Chunk, Rows, Section
from datagen.sources.base import FIRST, LARGE, SMALL
from datagen.sources.time_forms import Stamps
from datagen.sources.time_parsing import Flaw

MOST_AT_ONCE = 32_768
KEPT = 16_384  # records of a source that is held in memory from its second pass on
DEFAULT_GAP = 1_000_000_000  # nanoseconds from the end of a pass to the next where there is no gap
_MOST_GAP = (1 << 64) - 1


@dataclass(frozen=True)
class Window:
    """Records, n of them: their instants, passes, numbers in them, and their fields.

    `before` is where the replay stood before them.
    """

    stamps: Stamps
    turns: Ints
    numbers: Ints
    sections: tuple[Section, ...]
    index: Ints | None  # the row of each in the columns of the sections; None: as they are
    before: ReplayCursor
    pause: bool = False  # the source says nothing for a while


class ReplayLoop:
    """The passes over a source: `over` when no more records are to come."""

    def __init__(
        self,
        recording: ReplaySource,
        seed: int,
        start: int,
        end: int,
        stopped: Callable[[], bool] = lambda: False,
        *,
        whole: bool = False,
    ) -> None:
        """Begin at an instant, end before another: microseconds since 1970.

        `whole` refuses records with fields that the columns of all have no place for.
        """
        self._whole = whole
        self.recording, self.end, self.exhausted = recording, end, False
        self._state = recording.source.state()
        self.position, self.room = ReplayCursor(start, source=self._state), 64
        self._start, self._seed, self._stopped = start, seed_word(seed), stopped
        self._last: Last | None = None
        self._gaps = Gaps()
        self._bytes = SMALL
        self._place = FIRST  # of the chunk at hand
        self._reached = False  # the end of the run

    def go_on(self, position: ReplayCursor) -> None:
        """Stand where another replay of this source stood."""
        if position.source != self._state:  # then only numbers of records tell where that is
            position = replace(position, source=self._state, place=FIRST, size=0)
        self.position = position

    def request_window_size(self, records: int) -> None:
        """Ask for windows of about this many records."""
        self.room = min(max(records, 1), MOST_AT_ONCE)

    def jump(self, by: int, until: int) -> None:
        """Go on later, at an instant: what is to come is moved."""
        self.go_on(self.position.moved(by, until))

    def close(self) -> None:
        """Let go of files."""
        self._gaps.close()
        self.recording.source.close()

    def windows(self) -> Iterator[Window]:
        """Go through the source until the end, again and again. Raises RunError."""
        self.recording.source.heed(self._stopped)
        self._reached = False
        kept = self._kept() if self.position.turn else None
        while kept is None:
            yield from self._pass()
            if self._reached:
                return
            if not self.recording.keys.loop or self.position.shift is None or self._stopped():
                self.exhausted = True
                return
            self._turn()
            if self.position.turn == 1:
                kept = self._kept()
        yield from self._repeated(*kept)

    def _pass(self) -> Iterator[Window]:
        """Return the rest of a pass, after the records that came before."""
        self._last, begin = None, self.position.place
        if self.position.gap is None and self.recording.keys.loop:  # which takes all gaps
            self._gaps.close()
            self._gaps, begin = Gaps(), FIRST
        seen = begin.record
        for chunk in self.recording.chunks(begin, self._size):
            if self._stopped():
                return
            self._place, seen = chunk.begin, chunk.begin.record + len(chunk)
            behind = min(self.position.record - chunk.begin.record, len(chunk))
            if behind > 0:
                self._pass_over(chunk.part(0, behind))
            if behind < len(chunk) or chunk.flaw or not len(chunk):
                rest = chunk if behind <= 0 else chunk.part(behind, len(chunk), chunk.flaw)
                for part in rest.slices(self.room):
                    yield from self._window(part)
                    if self._reached:
                        return
        if seen < self.position.record:
            where = f"the run was at record {self.position.record:,}"
            raise RunError(f"{self.recording.source.file}: has {seen:,} records, and {where}")

    def _pass_over(self, chunk: Chunk) -> None:
        """See only when records were: an earlier run has made them. Raises RunError."""
        stamps, flaw = read_times(chunk, self._last)
        self._refuse(chunk, flaw)
        self._count(stamps)
        self._last = Last(stamps.nanos(len(stamps) - 1), chunk)

    def _size(self) -> int:
        size, self._bytes = self._bytes, min(2 * self._bytes, LARGE)
        return size

    def _window(self, chunk: Chunk) -> Iterator[Window]:
        """Return the records of a chunk; raises what is wrong with one after those before it."""
        before, (stamps, flaw) = self.position, read_times(chunk, self._last)
        if before.shift is None and len(stamps):
            first = stamps.nanos(0)
            self.position = replace(self.position, shift=self._start * 1000 - first, first=first)
        moved = stamps.moved(self.position.shift or 0)
        size, outside = self._within(moved)
        if size < len(stamps):
            flaw = None
        self._count(stamps.take(slice(0, size)))
        numbers = chunk.begin.record + np.arange(size)
        turns = np.full(size, self.position.turn)
        kept = self._unskipped(moved.micros[:size], turns, numbers)
        rows = chunk.rows.slice(0, size)
        rows = rows if len(kept) == size else rows.take(kept)
        sections, wrong = rows.sections()
        wrong = wrong or self._misfit(rows)
        if wrong is not None:
            flaw, outside, self._reached = Flaw(int(kept[wrong.row]), wrong.text), False, False
            kept = kept[: wrong.row]
            sections, _ = rows.slice(0, wrong.row).sections()
        if size:
            self._last = Last(stamps.nanos(size - 1), chunk.part(0, size))
            last, record = self._last.nanos, chunk.begin.record + size
            self.position = replace(self.position, record=record, place=self._place, last=last)
        yield Window(
            moved.take(kept),
            turns[kept],
            numbers[kept],
            sections,
            None,
            before,
            not len(chunk),
        )
        self._limit(outside)
        if not self._reached:
            self._refuse(chunk, flaw)

    def _within(self, moved: Stamps) -> tuple[int, bool]:
        """Return how many records come before the end, and whether the next cannot be written."""
        size = int(np.searchsorted(moved.micros, self.end))
        self._reached = size < len(moved)
        first, last = moved.limits
        if size and (moved.micros[0] < first or moved.micros[size - 1] >= last):
            inside = (moved.micros[:size] >= first) & (moved.micros[:size] < last)
            return int(np.argmin(inside)), True
        return size, False

    def _refuse(self, chunk: Chunk, flaw: Flaw | None) -> None:
        if flaw is not None:
            raise RunError(f"{self.recording.source.file}: {chunk.place(flaw.row)}: {flaw.text}")

    def _limit(self, outside: bool) -> None:
        if outside:
            what = "the clock would pass what the time_format of the source can show"
            raise ClockLimitError(what)

    def _misfit(self, rows: Rows) -> Flaw | None:
        """Find the first record with a field that the columns of a table leave no place for."""
        recording = self.recording
        if not self._whole:
            return None
        flaw = recording.source.misfit(rows, recording.column_types)
        if flaw is None:
            return None
        what = (
            f'the field "{flaw.text}" is not, or not of this type, in the first {SAMPLE:,} records'
        )
        return Flaw(flaw.row, f'{what}, which decide on columns; "types" can declare it')

    def _count(self, stamps: Stamps) -> None:
        """Keep the gaps of the first pass, if there is to be another."""
        if not self.recording.keys.loop or self.position.gap is not None or not len(stamps):
            return
        rest = np.zeros_like(stamps.micros) if stamps.rest is None else stamps.rest
        micros, nanos = np.diff(stamps.micros), np.diff(rest)
        if self._last is not None:
            before, within = divmod(self._last.nanos, 1000)
            micros = np.concatenate([[stamps.micros[0] - before], micros])
            nanos = np.concatenate([[rest[0] - within], nanos])
        wide = micros.astype(np.uint64) * np.uint64(1000) + nanos.astype(np.uint64)
        gaps = np.where(micros >= _MOST_GAP // 1000, np.uint64(_MOST_GAP), wide)
        try:
            self._gaps.add(gaps)
        except OSError as error:
            raise RunError(f"gaps cannot be kept on disk: {error.strerror}") from error

    def _turn(self) -> None:
        """Begin the next pass, a median gap after the end of the last one."""
        position, source = self.position, self.recording.source
        if source.state() != self._state:
            raise RunError(f"{source.file}: has changed while it was replayed; replay a copy of it")
        gap, span = position.gap, position.last - position.first
        if gap is None:
            gap = (self._gaps.median() if span else None) or (DEFAULT_GAP if not span else 0)
            self._gaps.close()
        if gap >= _MOST_GAP:
            raise ClockLimitError(f"{source.file}: the median gap is longer than 584 years")
        shift = (position.shift or 0) + span + gap
        self.position = replace(
            position, turn=position.turn + 1, record=0, size=position.record, place=FIRST, shift=shift,
            gap=gap,
        )  # fmt: skip

    def _kept(self) -> tuple[Stamps, tuple[Section, ...]] | None:
        """Return all of a small source, to be held in memory."""
        size = self.position.size
        if size > KEPT or self.recording.keys.sort:
            return None
        chunks = list(self.recording.chunks(FIRST, lambda: LARGE))
        if len(chunks) != 1:
            return None
        (stamps, flaw), (sections, wrong) = read_times(chunks[0], None), chunks[0].rows.sections()
        whole = flaw is None and wrong is None and len(stamps) == size
        return (stamps, sections) if whole else None

    def _repeated(self, stamps: Stamps, sections: tuple[Section, ...]) -> Iterator[Window]:
        """Return the records of pass after pass, several in a window."""
        size = len(stamps)
        period = stamps.nanos(size - 1) - stamps.nanos(0) + (self.position.gap or 0)
        micros, nanos = divmod(period, 1000)
        while not self._reached and not self._stopped():
            position = self.position
            moved = stamps.moved(position.shift or 0)
            most = (self.end - int(moved.micros[0])) // max(micros, 1) + 2
            count = min(self.room, most * size - position.record)
            turns, index = np.divmod(position.record + np.arange(count), size)
            moved = moved.take(index).later(turns * micros, turns * nanos)
            found, outside = self._within(moved)
            moved, numbers = moved.take(slice(0, found)), index[:found]
            kept = self._unskipped(moved.micros, position.turn + turns[:found], numbers)
            turn, record = divmod(position.record + found, size)
            self.position = replace(
                self.position,
                turn=position.turn + turn,
                record=record,
                last=stamps.nanos((position.record + found - 1) % size),
                shift=(position.shift or 0) + turn * period,
            )
            all_turns = position.turn + turns[kept]
            yield Window(
                moved.take(kept), all_turns, numbers[kept], sections, numbers[kept], position
            )
            self._limit(outside)
        self.exhausted = not self._reached
        self._reached = True

    def _unskipped(self, micros: Ints, turns: Ints, numbers: Ints) -> Ints:
        """Return the rows that are not left out."""
        skipping = self.recording.keys.time_skipping
        if skipping is None or not skipping.skip_probability:
            return np.arange(len(micros))
        bits = visit_bits(worker_bits(self._seed, turns), numbers)
        chance = uniform(draw(bits, stream_key("replay", "skip")))
        begins = np.flatnonzero(chance < skipping.skip_probability)
        span = _spans(skipping, draw(bits[begins], stream_key("replay", "span")))
        kept, until, past = np.ones(len(micros), dtype=bool), self.position.until, 0
        if until is not None:
            past = int(np.searchsorted(micros, until))
            kept[:past] = False
        for row, wait in zip(begins.tolist(), span.tolist(), strict=True):
            if row >= past:
                until = int(micros[row]) + wait
                past = max(int(np.searchsorted(micros, until)), row + 1)
                kept[row + 1 : past] = False
        self.position = replace(self.position, until=until)
        return np.flatnonzero(kept)


def _spans(skipping: TimeSkipping, bits: Bits) -> Ints:
    """Return spans, in microseconds."""
    low, high = skipping.min_skip_duration, skipping.max_skip_duration
    seconds = np.minimum(low + uniform(bits) * (high - low), 1e10)
    spans: Ints = np.rint(seconds * SECOND).astype(np.int64)
    return spans
