"""Turns local times, as texts tell them, into instants: what texts leave out follows from their order.

That is the year (or month, week, day), and the offset from UTC of times in a zone.
"""

from dataclasses import dataclass

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.curves.zones import zone_of
from datagen.instants import DAY, SECOND
from datagen.sources.cycles import Cycle
from datagen.sources.local_times import instants_of_local, nearest_of_local
from datagen.sources.time_dates import weekday_of

_MINUTE = 60 * SECOND
_LONGEST_CHANGE = 7200 * SECOND  # of clocks, at the end of summer time


@dataclass(frozen=True)
class LocalTimes:
    """What n texts tell: local times (microseconds, within a cycle where there is one) and offsets.

    `zoned` are the rows, bool[n], whose offset is that of `zone`, None where no text needs it. `weekday`
    is the days of the week that texts name, from 0 for Monday, if they do.
    """

    local: Ints
    offsets: Ints
    zone: str | None = None
    zoned: Mask | None = None
    weekday: Ints | None = None

    def part(self, first: int, last: int) -> "LocalTimes":
        """Return the rows first .. last - 1."""
        zoned = None if self.zoned is None else self.zoned[first:last]
        weekday = None if self.weekday is None else self.weekday[first:last]
        local, offsets = self.local[first:last], self.offsets[first:last]
        return LocalTimes(local, offsets, self.zone, zoned, weekday)

    def instants(self, local: Ints, before: int | None) -> Ints:
        """Return the instants of complete local times; `before` is that of the record before them."""
        instants = local - self.offsets
        if self.zone is not None and self.zoned is not None and self.zoned.any():
            rows = np.flatnonzero(self.zoned)
            first = int(rows[0])
            last = before if first == 0 else int(instants[first - 1])
            instants[rows] = instants_of_local(zone_of(self.zone), local[rows], last)
        return instants

    def local_of(self, instant: int) -> int:
        """Return what these texts would tell of another instant; offsets in digits count as none."""
        if self.zone is None or self.zoned is None or not self.zoned.any():
            return instant
        return int(zone_of(self.zone).local_times(np.array([instant]))[0])


@dataclass(frozen=True)
class Completed:
    """Instants in microseconds, and how much later the ones before them are than was thought.

    `bad` is the first row whose date exists in no year that fits. `doubtful`: in another year, the days of
    the week might be right, or clocks set back where times fall.
    """

    micros: Ints
    before_moved: int = 0
    bad: int | None = None
    doubtful: bool = False


def in_order(
    times: LocalTimes, cycle: Cycle | None, start: int | None, before: int | None
) -> Completed:
    """Return the instants of the times of a file, after the instant of the record before them.

    None for the latter: they are the first, and not before the cycle `start` (None: the default). Where a
    date does not exist in its year, all that came before is in a later one. Each row depends on those
    before it only, so that it does not matter how many are read at once.
    """
    if cycle is None or not len(times.local):
        return Completed(times.instants(times.local, before))
    numbers, spot = _numbers(times, cycle, start, before)
    micros, begin, moved = np.empty_like(numbers), 0, 0
    while True:
        local, exists = cycle.join(numbers, times.local)
        exists[:begin] = True
        end = len(local) if exists.all() else int(np.argmin(exists))
        last = int(micros[begin - 1]) if begin else None if before is None else before + moved
        micros[begin:end] = times.part(begin, end).instants(local[begin:end], last)
        if end == len(local):
            doubtful = begin > 0 or moved > 0 or not _fits(times, local, micros, before)
            return Completed(micros, moved, None, doubtful)
        later = _cycles_until(cycle, int(numbers[end]), int(times.local[end]))
        if not later:
            return Completed(micros, moved, end)
        if end:
            spot = int(numbers[end - 1]), int(times.local[end - 1])
        by = _distance(cycle, spot, later)
        micros[:end] += by
        moved += 0 if before is None else by
        numbers[end:] += later
        begin = end


def _numbers(
    times: LocalTimes, cycle: Cycle, start: int | None, before: int | None
) -> tuple[Ints, tuple[int, int]]:
    """Return the cycle of each time, and that of the record before them, with its place in it."""
    places = times.local - times.offsets
    if before is None:
        spot = _first_number(times, cycle, start), int(places[0])
    else:
        numbers, before_places = cycle.split(np.array([times.local_of(before)]))
        spot = int(numbers[0]), int(before_places[0])
    return spot[0] + cycle.steps(places, spot[1]), spot


def _distance(cycle: Cycle, spot: tuple[int, int], later: int) -> int:
    """Return how far a place in a cycle is from the same so many cycles later, in microseconds."""
    numbers = spot[0] + np.array([0, later])
    (old, new), _ = cycle.join(numbers, np.array([spot[1]] * 2))
    return int(new - old)


def _first_number(times: LocalTimes, cycle: Cycle, start: int | None) -> int:
    """Return the cycle of the first time: from `start` on, one with its date and its day of the week."""
    begin = cycle.default if start is None else start
    numbers = begin + np.arange(cycle.candidates)
    local, exists = cycle.join(numbers, np.full(cycle.candidates, times.local[0]))
    fits = exists
    if times.weekday is not None:
        fits = exists & (weekday_of(local // DAY) == times.weekday[0])
    for rows in (fits, exists):
        if rows.any():
            return int(numbers[np.argmax(rows)])
    return begin


def _cycles_until(cycle: Cycle, number: int, place: int) -> int:
    """Return after how many cycles a place exists; 0: it does not."""
    later = np.arange(1, cycle.candidates)
    _, exists = cycle.join(number + later, np.full(len(later), place))
    return int(later[np.argmax(exists)]) if exists.any() else 0


def _fits(times: LocalTimes, local: Ints, micros: Ints, before: int | None) -> bool:
    """Return whether the days of the week are right, and the clock is set back where times fall."""
    if times.weekday is not None and (weekday_of(local // DAY) != times.weekday).any():
        return False
    if times.zoned is None:
        return True
    steps = np.diff(micros, prepend=micros[0] if before is None else before)
    return not ((steps < -_MINUTE) & (steps >= -_LONGEST_CHANGE)).any()


def near_clock(times: LocalTimes, cycle: Cycle | None, clock: Ints) -> Completed:
    """Return the instants of times, each the nearest to the instant of its record: int64[n]."""
    local, bad = times.local, None
    zone = None if times.zone is None else zone_of(times.zone)
    if cycle is not None and len(local):
        shown = clock + times.offsets
        if zone is not None and times.zoned is not None:
            shown = np.where(times.zoned, zone.local_times(clock), shown)
        numbers, _ = cycle.split(shown)
        tries = [cycle.join(numbers + step, times.local) for step in (0, -1, 1)]
        far = np.array([np.where(exists, np.abs(each - shown), 1 << 62) for each, exists in tries])
        chosen = far.argmin(axis=0)
        local = np.array([each for each, _ in tries])[chosen, np.arange(len(chosen))]
        missing = np.flatnonzero(far.min(axis=0) == 1 << 62)
        bad = int(missing[0]) if len(missing) else None
    micros = local - times.offsets
    if zone is not None and times.zoned is not None and times.zoned.any():
        rows = np.flatnonzero(times.zoned)
        micros[rows] = nearest_of_local(zone, local[rows], clock[rows])
    return Completed(micros, 0, bad)
