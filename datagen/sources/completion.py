"""Turns local times, as texts tell them, into instants: what texts leave out follows from their order.

That is the year (or month, week, day), and the offset from UTC of times in a zone.
"""

from collections.abc import Iterator
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

    `bad` is the first row whose date exists in no year that fits.
    """

    micros: Ints
    before_moved: int = 0
    bad: int | None = None


def in_order(times: LocalTimes, cycle: Cycle | None, before: int | None) -> Completed:
    """Return the instants of the times of a file, after the instant of the record before them.

    None for the latter: they are the first. Of all cycles that the first time may be in, it is the first
    in which all dates exist, fall on the days of the week that are named, and time goes on.
    """
    if cycle is None or not len(times.local):
        return Completed(times.instants(times.local, before))
    best = None
    for candidate, exists, fits in _candidates(times, cycle, before):
        if fits:
            return candidate
        if best is None and exists:
            best = candidate
    if best is not None:
        return best
    missing = [each for each, _, _ in _candidates(times, cycle, before)]
    return max(missing, key=lambda each: each.bad or 0)


def _candidates(
    times: LocalTimes, cycle: Cycle, before: int | None
) -> Iterator[tuple[Completed, bool, bool]]:
    """Yield what the times may be: cycle by cycle; whether all dates exist, and whether it all fits."""
    places = times.local - times.offsets
    if before is None:
        first, place = cycle.default, int(places[0])
    else:
        numbers, found = cycle.split(np.array([times.local_of(before)]))
        first, place = int(numbers[0]), int(found[0])
    numbers = first + cycle.steps(places, place)
    for later in range(cycle.candidates):
        local, exists = cycle.join(numbers + later, times.local)
        moved, last = 0, before
        if before is not None:
            joined, there = cycle.join(np.array([first, first + later]), np.array([place] * 2))
            if not there.all():
                continue
            moved = int(joined[1] - joined[0])
            last = before + moved
        micros = times.instants(local, last)
        bad = None if exists.all() else int(np.argmin(exists))
        fits = bad is None and _fits(times, local, micros, last)
        yield Completed(micros, moved, bad), bad is None, fits


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
