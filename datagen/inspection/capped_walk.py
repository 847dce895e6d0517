"""Walks the workers of a population under its cap by their visits alone, with draws that are not those of a run: what a run comes to."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.instants import SECOND
from datagen.simulation.pool import Pool
from datagen.simulation.source import Simulation
from datagen.simulation.states import WorkerStates
from datagen.simulation.windows import Window, WindowPart
from datagen.spec.state_graph import STOP

_WINDOWS, _WINDOW = 16, 2048  # of a walk, at least; visits of one, at most


@dataclass
class Budget:
    """How many visits may be made. Each window costs as much as so many visits: it takes its time however few it has.

    No time is measured, so that the figures are the same on every machine.
    """

    visits: int
    window: int = 0
    spent: int = 0

    @property
    def left(self) -> int:
        """Return how many visits may still be made."""
        return max(self.visits - self.spent, 0)

    def spend(self, visits: int) -> None:
        """Take note of a window of so many visits."""
        self.spent += visits + self.window


@dataclass(frozen=True)
class CappedWalk:
    """What has been walked from an instant up to another, microseconds since 1970: all of it, or as far as the budget went.

    `times`, int64[n], are those of visits, rising; `records`, float64[n], how many each has. Workers start and end at `starts`
    and `ends`, rising. It took `cost` visits of its budget.
    """

    begin: int
    end: int
    complete: bool
    times: Ints
    records: Floats
    starts: Ints
    ends: Ints
    cost: int

    def records_until(self, edges: Ints) -> Floats:
        """Return how many records come before instants: int64[k] -> float64[k]."""
        sums = np.concatenate([[0.0], np.cumsum(self.records)])
        found: Floats = sums[self.times.searchsorted(edges)]
        return found

    def lived_until(self, edges: Ints) -> Floats:
        """Return the seconds that all workers have lived before instants, together: int64[k] -> float64[k]."""
        return _passed(self.starts - self.begin, edges - self.begin) - _passed(
            self.ends - self.begin, edges - self.begin
        )

    def alive_at(self, instant: int) -> int:
        """Return how many are alive right before an instant."""
        return int(self.starts.searchsorted(instant)) - int(self.ends.searchsorted(instant))


def capped_walk(
    simulation: Simulation, number: int, seed: int, records: Floats, span: tuple[int, int], budget: Budget, most: int,
) -> CappedWalk:  # fmt: skip
    """Walk a population from one instant to another, both of a `span`, or as far as `most` of the budget goes, as another seed has it.

    `records`, float64[S], are how many a visit of each state has; the stream of the simulation has started.
    """
    begin, end = span
    limit, curve = simulation.limit_of(number)
    pool = _WatchedPool(simulation.trial_machine(number, seed), begin, limit, end, curve)
    pool.request_window_size(max(min(most // _WINDOWS, _WINDOW), 1))
    known = np.append(
        records, 0.0
    )  # where runs of workers end before their time there are no records
    times, counts, starts = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, np.int64)]
    spent, complete = budget.spent, True
    for window in pool.windows():
        times.append(window.times)
        counts.append(known[np.minimum(window.states, len(records))])
        starts.append(window.times[window.visits == 0])
        budget.spend(len(window))
        if budget.spent - spent >= most or not budget.left:
            complete = False
            break
    every = np.concatenate(times)
    order = np.argsort(every, kind="stable")
    reached = end if complete else max(pool.state.since, begin + 1)
    return CappedWalk(
        begin,
        reached,
        complete,
        every[order],
        np.concatenate(counts)[order],
        np.sort(np.concatenate(starts)),
        np.sort(np.concatenate([np.zeros(0, np.int64), *pool.ends])),
        budget.spent - spent,
    )


class _WatchedPool(Pool):
    """A pool that notes when its workers end, in `ends`."""

    def __init__(self, *arguments: Any) -> None:
        self.ends: list[Ints] = []
        super().__init__(*arguments)

    def attempt(self, begin: int, horizon: int, most: int) -> tuple[Window, list[WindowPart]]:
        """Return what a pool returns, which commits to it."""
        before = self.state.alive
        window, parts = super().attempt(begin, horizon, most)
        self._note(before, parts, horizon)
        return window, parts

    def _note(self, before: WorkerStates, parts: list[WindowPart], horizon: int) -> None:
        still = before.states == STOP
        for part in parts:
            if part.rows is not None:
                still[part.rows[part.rows < len(before)]] = False
        found = [before.times[still]]
        found += [each.paths.after.times[each.paths.after.states == STOP] for each in parts]
        self.ends += [each[each < horizon] for each in found]


def _passed(instants: Ints, edges: Ints) -> Floats:
    """Return the sum of the seconds since all instants before each edge, both microseconds, rising."""
    counts = instants.searchsorted(edges)
    sums = np.concatenate([[0.0], np.cumsum(instants / SECOND)])
    found: Floats = counts * (edges / SECOND) - sums[counts]
    return found
