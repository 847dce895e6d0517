"""Turns a replay into what is known of it before it is run: its rows, their times, and what a run makes of them."""

import math
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import numpy as np

from datagen.arrays import Ints
from datagen.errors import RunError
from datagen.inspection.explanation import ReplayExplanation, RunFigures
from datagen.instants import SECOND, Instant
from datagen.replay.source import ReplaySource
from datagen.replay.times import LastRecord, read_times
from datagen.running.plan import Plan, Start
from datagen.sources.base import FILE_START

_MOST = 100_000  # records that are read
_READ_BYTES = 1 << 20
_DEFAULT_GAP = 1.0  # seconds between passes where all records are at one instant


class _Read:
    """The times of the first records of a source, microseconds, or of all: then `rows` and span are those of the source."""

    def __init__(self, replay: ReplaySource) -> None:
        """Read. Raises RunError."""
        self.times: Ints = np.zeros(0, dtype=np.int64)
        self.complete, self._bytes, self._sort = True, 0, replay.spec.sort
        source = replay.source
        if replay.read_once:
            self.complete = False
            self.rows: float | None = None
            return
        found = list(self._all_times(replay))
        if found:
            self.times = np.concatenate(found)
        if replay.spec.sort:
            self.times.sort()
        self.rows = float(len(self.times))
        if not self.complete:
            self.rows = source.unsorted.count_records(self._bytes, len(self.times))

    def _all_times(self, replay: ReplaySource) -> Iterator[Ints]:
        """Yield the times of chunks, in order of the file."""
        found: list[Ints] = []
        last: LastRecord | None = None
        read = 0
        assert replay.sample is not None  # which settles how times are read
        for each in replay.source.unsorted.chunks(FILE_START, lambda: _READ_BYTES):
            if read >= _MOST:
                self.complete, self._bytes = False, each.begin.byte
                break
            chunk = replace(each, rows=each.rows.read_as(replay.source.options))
            times, problem = read_times(chunk, last, ordered=not self._sort)
            if problem is not None:
                where = chunk.location(problem.row)
                raise RunError(f"{replay.source.file}: {where}: {problem.text}")
            if not len(times):
                continue
            if times.before_moved:
                found = [before + times.before_moved for before in found]
            found.append(times.micros)
            last = LastRecord(times.nanos(len(times) - 1), chunk)
            read += len(times)
        yield from found

    @property
    def span(self) -> float | None:
        """Return the seconds from the first record to the last: if not all are read, as if the others came as these do."""
        if self.rows is None or not len(self.times) or (self._sort and not self.complete):
            return None
        read = (int(self.times[-1]) - int(self.times[0])) / SECOND
        return read * (self.rows - 1) / (len(self.times) - 1) if len(self.times) > 1 else read

    @property
    def gap(self) -> float:
        """Return the median gap, seconds, after which a pass follows another; a second where all are at one instant."""
        gaps = np.diff(self.times)
        if not len(gaps) or not gaps.any():
            return _DEFAULT_GAP
        return float(median(gaps.tolist())) / SECOND


def replay_explained(plan: Plan, start: Start, size: float) -> ReplayExplanation:
    """Return what is known of the run of a replay, whose records have so many bytes on average. Raises RunError."""
    replay = plan.spec
    assert isinstance(replay, ReplaySource)
    spec, read = replay.spec, _Read(replay)
    span, stretch = read.span, float(spec.stretch)
    period = None if span is None else (span + (read.gap if spec.loop else 0.0)) * stretch
    kept = _kept(replay, read.rows, span) / plan.part.count
    rate = None
    if read.rows is not None and period:
        rate = read.rows / period * kept
    first, last = (
        str(Instant(int(read.times[place]), plan.style)) if len(read.times) else None
        for place in (0, -1)
    )
    return ReplayExplanation(
        plan.file,
        replay.described(),
        spec.source_file,
        read.rows,
        read.complete,
        first,
        last if read.complete else None,
        span,
        stretch,
        spec.loop,
        read.gap if spec.loop and len(read.times) else None,
        rate,
        plan.speed if plan.real_clock else None,
        size,
        _run(plan, start, read, period, kept, size),
        tuple(_notes(replay, read)),
    )


def _kept(replay: ReplaySource, rows: float | None, span: float | None) -> float:
    """Return the share of records that time_skipping leaves: 1/p of them, then those of the mean of what is skipped are left out."""
    skipping = replay.spec.time_skipping
    if skipping is None or not skipping.skip_probability or not rows or not span:
        return 1.0
    mean = (skipping.min_skip_duration + skipping.max_skip_duration) / 2
    return 1 / (1 + skipping.skip_probability * mean * rows / span)


def _run(
    plan: Plan, start: Start, read: _Read, period: float | None, kept: float, size: float
) -> RunFigures:
    """Return what the run makes: its limits are records, bytes, time, or the end of a file that is not replayed again."""
    made, seconds = _until_its_end(plan, start, read, period)
    made *= kept
    limits = [] if plan.max_records is None else [float(plan.max_records)]
    limits += [plan.max_bytes / size] if plan.max_bytes is not None and size else []
    asked = min(limits, default=math.inf)
    if asked < made or (limits and math.isnan(made)):
        rate = read.rows / period * kept if read.rows and period else 0.0
        lasting = max(asked - 1, 0) / rate if rate else None
        return RunFigures("records", lasting, asked, 0.0)
    if math.isinf(made):
        return RunFigures("", None, math.inf, math.inf)
    return RunFigures("time", seconds if math.isfinite(seconds) else None, made, math.nan)


def _until_its_end(
    plan: Plan, start: Start, read: _Read, period: float | None
) -> tuple[float, float]:
    """Return how many records there are in the time of the run, or until the file ends, and how many seconds that are."""
    replay, covered = plan.spec, start.time_range
    assert isinstance(replay, ReplaySource)
    if covered.bounded:
        seconds = (covered.end - covered.begin) / SECOND
        before = (covered.begin - covered.simulated_from) / SECOND
        until = _made(read, period, before + seconds, replay)
        left_out = _made(read, period, before, replay) or 0.0
        return (math.nan if until is None else until - left_out), seconds
    if replay.spec.loop:
        return math.inf, math.inf
    made = math.nan if read.rows is None else read.rows
    return made, math.nan if period is None else period


def _made(read: _Read, period: float | None, seconds: float, replay: ReplaySource) -> float | None:
    """Return how many records come in so many seconds: exactly where all are read, else as if they came evenly."""
    if period is None or read.rows is None:
        return None
    loops = replay.spec.loop
    if not period:
        return read.rows if seconds > 0 else 0.0
    passes, rest = divmod(seconds, period) if loops else (0.0, seconds)
    if not read.complete:
        return min(seconds / period * read.rows, math.inf if loops else read.rows)
    ages = (read.times - read.times[0]) / SECOND * float(replay.spec.stretch)
    return passes * read.rows + float(np.searchsorted(ages, rest))


def _notes(replay: ReplaySource, read: _Read) -> Iterator[str]:
    """Yield what else is to be known of where the figures come from."""
    if replay.read_once:
        yield "the source can be read only once, so that nothing is known of its records before the run"
    elif not read.complete:
        sized = "as its size says" if read.rows is not None else "their number is not known"
        yield f"the first {len(read.times):,} records were read; of the others, {sized}, it is taken that they are alike"
    if replay.spec.time_skipping is not None and replay.spec.time_skipping.skip_probability:
        yield "periods are skipped: what is left of records is an average"
