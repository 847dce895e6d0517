"""Turns new workers, whose paths depend on their starts and on values, into these paths, as the starts become known."""

from itertools import chain

import numpy as np

from datagen.simulation.cap import NEVER
from datagen.simulation.machine import Machine
from datagen.simulation.paths import (
    MAX_VISITS_AT_ONCE,
    Paths,
    SequentialWalker,
    TooManyVisits,
    walk,
)
from datagen.simulation.states import WorkerStates
from datagen.spec.state_graph import STOP

_AHEAD = 16  # visits of each new worker that are drawn before its start is known


class ValueWalker:
    """New workers whose paths depend on their starts and on values, walked one by one as the starts become known.

    It is what SequentialWalker is for others. What does not depend on starts is drawn ahead where that can be.
    """

    def __init__(
        self, machine: Machine, workers: WorkerStates, horizon: int, max_visits: int | None
    ) -> None:
        self._machine, self._workers, self._horizon = machine, workers, horizon
        self._max_visits, self._made = max_visits, 0
        assert machine.values is not None
        self._values, self._ahead = machine.values, machine.values.ahead(workers, _AHEAD)
        self._walked: list[tuple[list[int], list[int]]] = []  # states and instants of each
        self._held: list[int] = []  # numbers of values, or places among those made ahead
        self._is_ahead: list[bool] = []

    def lifetime(self, place: int, start: int) -> int | None:
        """Walk the next worker from its start, as `SequentialWalker.lifetime` does."""
        if self._max_visits is None and self._made >= MAX_VISITS_AT_ONCE // 4:
            return None
        limit = self._max_visits
        most = MAX_VISITS_AT_ONCE - 1 if limit is None else limit - self._made
        found = None
        if self._ahead is not None:
            found = self._ahead.from_start(place, start, self._horizon)
        is_ahead = found is not None and found[2] >= 0
        states, times, held = found or self._by_arrays(place, start, most)
        if len(times) - 1 > most:
            raise TooManyVisits(np.array([state for state in states if state != STOP]))
        self._made += len(times) - 1
        self._walked.append((states, times))
        self._held.append(int(self._workers.held[place]) if held < 0 else held)
        self._is_ahead.append(is_ahead)
        return times[-1] - start if states[-1] == STOP else NEVER

    def paths(self) -> Paths:
        """Return the paths of the workers walked so far."""
        held = np.array(self._held, dtype=np.int64)
        if self._ahead is not None:
            held[self._is_ahead] += self._values.add(self._ahead.rows())
        counts = np.array([len(times) - 1 for _, times in self._walked], dtype=np.int64)
        flat = [
            list(chain.from_iterable(each[column][:-1] for each in self._walked))
            for column in (0, 1)
        ]
        states, times = (np.array(each, dtype=np.int64) for each in flat)
        visits = np.arange(len(states)) - np.repeat(np.cumsum(counts) - counts, counts)
        last_states, last_times = (
            np.array([each[column][-1] for each in self._walked], dtype=np.int64)
            for column in (0, 1)
        )
        after = self._workers.take(slice(len(counts)))
        after = after.with_next(counts, last_states, last_times, held)
        return Paths(counts, visits, states, times, after)

    def _by_arrays(self, place: int, start: int, most: int) -> tuple[list[int], list[int], int]:
        """Walk one worker by itself."""
        worker = self._workers.take(slice(place, place + 1))
        worker = worker.with_next(worker.visits, worker.states, worker.times + start)
        found = walk(self._machine, worker, self._horizon, most)
        states, times = (
            [*own.tolist(), int(last[0])]
            for own, last in ((found.states, found.after.states), (found.times, found.after.times))
        )
        return states, times, int(found.after.held[0])


def sequential_walker(
    machine: Machine, workers: WorkerStates, horizon: int, max_visits: int | None
) -> SequentialWalker | ValueWalker:
    """Return what walks new workers one by one, as their starts become known."""
    kind = SequentialWalker if machine.values is None else ValueWalker
    return kind(machine, workers, horizon, max_visits)
