"""Turns the windows of a run into steps: each visit, what followed it, and after how long."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from datagen.arrays import Ints
from datagen.randomness import visit_bits
from datagen.simulation.machine import Machine
from datagen.simulation.states import PoolCursor
from datagen.simulation.visits import Visits
from datagen.simulation.worker_keys import bits_of
from datagen.spec.state_graph import STOP

UNSEEN = -1  # a duration: a window tells that a worker is gone, not when it ended


@dataclass(frozen=True)
class Steps:
    """n visits and what followed each; all arrays are int64[n].

    `workers` are keys, `visits` numbers of visits, `states` and `begins` (microseconds since 1970) those of the
    visits. `nexts` are the states that followed, or STOP, and `durations` the microseconds until then, or UNSEEN.
    """

    workers: Ints
    visits: Ints
    states: Ints
    begins: Ints
    nexts: Ints
    durations: Ints

    def __len__(self) -> int:
        return len(self.workers)

    def joined(self, other: "Steps") -> "Steps":
        """Return these steps, and then others."""
        pairs = zip(self.columns(), other.columns(), strict=True)
        return Steps(*map(np.concatenate, pairs))

    def columns(self) -> tuple[Ints, ...]:
        """Return all arrays, in the order of the fields."""
        return (
            self.workers,
            self.visits,
            self.states,
            self.begins,
            self.nexts,
            self.durations,
        )


class StepCollector:
    """Pairs each visit with the next one of its worker, from windows in order, all of one run.

    It holds one visit of each worker alive, and the seeds of the populations.
    """

    def __init__(self) -> None:
        self._open = _none()  # the last visit so far of each worker that is not known to have ended
        self._alive: Ints = np.empty(0, dtype=np.int64)
        self._cursor: tuple[PoolCursor, ...] | None = None
        self._seeds = np.empty(0, dtype=np.uint64)

    def add(self, window: Visits) -> Steps:
        """Return the steps that a window completes: ends are known once the next one comes."""
        self._seeds = window.seeds
        # the parts of an instant that is cut have one cursor: who is alive is so after the last of them
        ended = _none() if window.cursor is self._cursor else self._take_ended()
        self._cursor, self._alive = window.cursor, window.alive
        before = self._open
        workers = np.concatenate([before.workers, window.workers])
        order = np.argsort(workers, kind="stable")
        workers = workers[order]
        visits = np.concatenate([before.visits, window.visits])[order]
        states = np.concatenate([before.states, window.states])[order]
        begins = np.concatenate([before.begins, window.times])[order]
        followed = np.zeros(len(order), dtype=bool)
        followed[:-1] = workers[1:] == workers[:-1]
        first = np.flatnonzero(followed)
        last = np.flatnonzero(~followed)
        self._open = _without_ends(workers[last], visits[last], states[last], begins[last])
        steps = Steps(
            workers[first],
            visits[first],
            states[first],
            begins[first],
            states[first + 1],
            begins[first + 1] - begins[first],
        )
        return ended.joined(steps)

    def finish(self) -> Steps:
        """Return the ends in the last window; call it once, after that."""
        return self._take_ended()

    @property
    def under_way(self) -> Steps:
        """Return the visits that nothing has followed yet, of workers alive; `nexts` says nothing there."""
        return self._open

    def drawn_durations(self, machine: Machine, steps: Steps) -> Ints:
        """Return how long the visits of steps last by their draws, microseconds: int64[n].

        That also of visits whose end is not seen. It holds where the delay does not look at values; `machine` may be
        that of any population.
        """
        bits = visit_bits(bits_of(self._seeds, steps.workers), steps.visits)
        return machine.delays(bits, steps.states, steps.begins)

    def _take_ended(self) -> Steps:
        """Return the last visits of workers that are gone, and forget them."""
        here = self._open
        gone = ~np.isin(here.workers, self._alive)
        columns = here.workers, here.visits, here.states, here.begins
        self._open = _without_ends(*(each[~gone] for each in columns))
        return _without_ends(*(each[gone] for each in columns))


def counts_of(steps: Steps, states: int) -> Ints:
    """Return how often each state of so many followed each, an end last: int64[S, S + 1]."""
    nexts = np.where(steps.nexts == STOP, states, steps.nexts)
    return np.bincount(
        steps.states * (states + 1) + nexts, minlength=states * (states + 1)
    ).reshape(states, states + 1)


def joined(steps: list[Steps]) -> Steps:
    """Return steps one after the other."""
    return reduce(Steps.joined, steps, _none())


def _none() -> Steps:
    return Steps(*[np.empty(0, dtype=np.int64) for _ in range(6)])


def _without_ends(workers: Ints, visits: Ints, states: Ints, begins: Ints) -> Steps:
    unseen = np.full(len(workers), UNSEEN)
    return Steps(workers, visits, states, begins, np.full(len(workers), STOP), unseen)
