"""Walks new workers whose paths depend on their starts, from starts that are assumed until they are the true ones.

When a worker starts may depend on when those before it end. How long they live is guessed first: starts follow from
that, paths from these, and true lifetimes from paths; then once more, for those whose start was another. All are walked
at once, and few lifetimes depend on the very instant of a start, so this settles soon. Guesses have no effect on what
comes out: a start is right once all lifetimes before it are those of right starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.simulation.arrivals import Arrivals, FreeArrivals
from datagen.simulation.cap import NEVER
from datagen.simulation.machine import Machine
from datagen.simulation.paths import Paths, paths_of_rows, walk
from datagen.simulation.states import WorkerStates
from datagen.spec.state_graph import STOP

_MOST_WALKS = 12  # of a round, after which what is right by then is taken
_UNKNOWN = -NEVER  # the start of one that is not walked yet


@dataclass
class GuessedLives:
    """Lifetimes, in microseconds, that the next workers may have, from number `first` on; `usual` are those of others."""

    first: int = 0
    lives: list[int] = field(default_factory=list)
    usual: list[int] = field(default_factory=list)

    def of(self, first: int, count: int) -> list[int]:
        """Return a guess for each of so many workers from a number on."""
        known = self.lives[:count] if first == self.first else []
        return known + list(islice(cycle(self.usual or [NEVER]), count - len(known)))

    def learn(self, lives: Sequence[int], started: int, first: int) -> None:
        """Take the lifetimes of workers that were walked, of whom so many have started; `first` is the next one."""
        self.first, self.lives = first, list(lives[started:])
        self.usual = list(lives[:started])


class AssumedStarts:
    """Some new workers, walked from assumed starts up to a horizon."""

    def __init__(
        self, machine: Machine, workers: WorkerStates, lives: list[int], horizon: int, most: int
    ) -> None:
        """Take the next workers and a guess of their lifetimes; a walk may take so many visits at `most`."""
        self._machine, self._workers, self._horizon, self._most = machine, workers, horizon, most
        self.lives = lives
        self._starts = np.full(len(workers), _UNKNOWN)
        self._walks: list[Paths] = []
        self._rows = np.zeros(len(workers), dtype=np.int64)  # among those of all walks

    def started(self, arrivals: Arrivals | FreeArrivals, draws: Sequence[Any]) -> Paths:
        """Start at least the first worker; return the paths of those that start.

        Raises TooManyVisits.
        """
        for _ in range(_MOST_WALKS):
            found = arrivals.copy().starts(draws, lambda place, _: self.lives[place])
            starts = np.array(found, dtype=np.int64)
            others = np.flatnonzero(self._starts[: len(starts)] != starts)
            if not len(others) and self._walks:
                break
            self._walk(others, starts[others])
        known = list(zip(self._starts.tolist(), self.lives, strict=True))

        def lifetime(place: int, start: int) -> int | None:
            return known[place][1] if known[place][0] == start else None

        count = len(arrivals.starts(draws, lifetime))
        return paths_of_rows(self._walks, self._rows[:count])

    def _walk(self, places: Ints, starts: Ints) -> None:
        """Walk some of the workers from their starts."""
        workers = self._workers.take(places)
        workers = workers.with_next(workers.visits, workers.states, starts)
        paths = walk(self._machine, workers, self._horizon, self._most)
        self._rows[places] = sum(len(each.counts) for each in self._walks) + np.arange(len(places))
        self._walks.append(paths)
        self._starts[places] = starts
        for place, life in zip(places.tolist(), lifetimes(paths, starts), strict=True):
            self.lives[place] = life


def lifetimes(paths: Paths, starts: Ints | int) -> list[int]:
    """Return how long each worker lives after its start, NEVER for those that live on."""
    found: list[int] = np.where(
        paths.after.states == STOP, paths.after.times - starts, NEVER
    ).tolist()
    return found
