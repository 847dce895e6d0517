"""The visits of a window: what a pool of workers makes, and what records are made of."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.batch import Waits
from datagen.randomness import visit_bits
from datagen.simulation.states import PoolCursor
from datagen.simulation.worker_keys import bits_of


@dataclass(frozen=True)
class Visits:
    """The n visits of a window, sorted by (worker, visit).

    Workers are known by their keys, those of P populations one after the other. `workers`, `visits`, `states` and `times` (microseconds since 1970) are int64[n]; `order` sorts them
    by (time, worker, visit). What the k workers of the window remembered before it is `before`,
    int64[k, groups, 3], as in WorkerStates; `worker_rows`, int64[n], is the row there of each visit's
    worker. `latest`, int64[groups, n], is the row of the visit in this window that last set each group of
    variables, or -1 where `before` still holds it. `alive` are the keys of the workers left
    after the window, and `started`, int64[P], the numbers of the next to start; `seeds`, uint64[P], are those of the
    populations. `cursor` is the position of the pools
    before the window, the same object for all parts of an instant that is cut. `waits` are the
    arrivals that had to wait, of each population where some can.
    """

    seeds: Bits
    alive: Ints
    started: Ints
    workers: Ints
    visits: Ints
    states: Ints
    times: Ints
    order: Ints
    worker_rows: Ints
    before: Ints
    latest: Ints
    cursor: tuple[PoolCursor, ...]
    waits: tuple[Waits, ...] = ()

    def __len__(self) -> int:
        return len(self.workers)

    def detached(self) -> "Visits":
        """Return what records are made of, without what only the process knows that made the window."""
        here = tuple(replace(each, alive=each.alive.take(slice(0))) for each in self.cursor)
        return replace(self, cursor=here, waits=())

    @cached_property
    def ranks(self) -> Ints:
        """Return the place of each visit in order of (time, worker, visit): int64[n]."""
        ranks = np.empty_like(self.order)
        ranks[self.order] = np.arange(len(self.order))
        return ranks

    @cached_property
    def bits(self) -> Bits:
        """Return the random bits of each visit, from which its draws are made: uint64[n]."""
        first = np.flatnonzero(np.diff(self.worker_rows, prepend=-1))
        sizes = np.diff(first, append=len(self))
        of_workers = bits_of(self.seeds, self.workers[first])
        return visit_bits(np.repeat(of_workers, sizes), self.visits)
