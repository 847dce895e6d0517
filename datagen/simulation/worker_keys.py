"""Turns a population and the number of a worker in it into one number, the worker's key, and back.

Keys are in order of (population, worker), and those of the first population are its workers' numbers.
"""

from typing import Any

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.randomness import worker_bits

_BITS = 48  # of a number
MOST_POPULATIONS = 1 << (63 - _BITS)


def keys_of(population: int, numbers: Any) -> Any:
    """Return the keys of workers of a population: an int or int64[n] -> the same."""
    return numbers + (population << _BITS) if population else numbers


def populations_of(keys: Ints) -> Ints:
    """Return the population of each worker: int64[n] -> int64[n]."""
    return keys >> _BITS


def numbers_of(keys: Ints) -> Ints:
    """Return the number of each worker in its population: int64[n] -> int64[n]."""
    return keys & ((1 << _BITS) - 1)


def bits_of(seeds: Bits, keys: Ints) -> Bits:
    """Return the random bits of each worker, by the seeds of the populations: uint64[P], int64[n] -> uint64[n]."""
    if len(seeds) == 1:
        return worker_bits(seeds[0], keys)
    found = np.empty(len(keys), dtype=np.uint64)
    populations, numbers = populations_of(keys), numbers_of(keys)
    for population in np.unique(populations).tolist():
        mine = np.flatnonzero(populations == population)
        found[mine] = worker_bits(seeds[population], numbers[mine])
    return found


def latest_numbers(keys: Ints, count: int) -> Ints:
    """Return the greatest number of a worker in each of so many populations, -1 where there is none: int64[count]."""
    latest = np.full(count, -1)
    if count == 1:
        latest[0] = keys.max(initial=-1)
        return latest
    np.maximum.at(latest, populations_of(keys), numbers_of(keys))
    return latest
