"""Finds workers among those of whom something is remembered: int64[k], their keys, in order, each once."""

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.simulation.worker_keys import numbers_of, populations_of

NOBODY: Ints = np.empty(0, dtype=np.int64)


def places_of(workers: Ints, known: Ints) -> Ints:
    """Return the place of each worker among the known ones, or k where it is none of them: int64[n]."""
    places = np.searchsorted(known, workers)
    there = np.append(known, -1)[places] == workers
    return np.where(there, places, len(known))


def latest_of(known: Ints, workers: Ints) -> tuple[Ints, Ints]:
    """Return the workers that are known after some visits, int64[n], and where the latest of each is.

    The places, int64[k], are those in what the known ones have and the visits bring, one after the other.
    """
    everybody = np.concatenate([known, workers])
    numbers, places = np.unique(everybody[::-1], return_index=True)
    return numbers, len(everybody) - 1 - places


def may_come_again(known: Ints, alive: Ints, started: Ints) -> Mask:
    """Return which of the known workers have not ended: those alive, and the new ones of each population from `started` on."""
    new: Mask = numbers_of(known) >= started[populations_of(known)]
    return np.isin(known, alive) | new
