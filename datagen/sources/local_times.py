"""Turns what clocks of a time zone show into instants.

A local time that comes twice, at the end of summer time, is the first of them unless the record before
it is later; one that does not exist, at its beginning, is as long after the change as it shows.
"""

import numpy as np

from datagen.arrays import Ints
from datagen.curves.zones import Zone
from datagen.instants import DAY, SECOND

_DISORDER = 60 * SECOND  # by which a time may fall without being in the second of two equal hours


def instants_of_local(zone: Zone, local: Ints, before: int | None) -> Ints:
    """Return the instants of local times, int64[n] (microseconds); `before` is that of the record before."""
    early, late, twice = _candidates(zone, local)
    instants = early
    for row in np.flatnonzero(twice).tolist():
        last = before if row == 0 else int(instants[row - 1])
        if last is not None and early[row] < last - _DISORDER:
            instants[row] = late[row]
    return instants


def nearest_of_local(zone: Zone, local: Ints, near: Ints) -> Ints:
    """Return the instants of local times, of two the one that is nearer to another instant: int64[n]."""
    early, late, _ = _candidates(zone, local)
    return np.where(np.abs(late - near) < np.abs(early - near), late, early)


def _candidates(zone: Zone, local: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the first and the last instant at which clocks show times, and where these are two."""
    by_old, by_new = (local - _offsets(zone, local + shift) for shift in (-DAY, DAY))
    old, new = (zone.local_times(each) == local for each in (by_old, by_new))
    early = np.where(old | ~new, by_old, by_new)
    twice = old & new & (by_old != by_new)
    return early, np.where(twice, by_new, early), twice


def _offsets(zone: Zone, instants: Ints) -> Ints:
    return zone.local_times(instants) - instants
