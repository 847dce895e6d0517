"""Turns workers into their visits as far as a horizon, and keeps what is walked beyond it.

Where no delay depends on the instant, a path does not change when its worker starts or where a window ends.
So nothing is walked twice, and workers are walked by large arrays, however short a window is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.randomness import visit_bits_along, worker_bits
from datagen.simulation.machine import Machine, ValueWalk
from datagen.simulation.paths import Paths
from datagen.simulation.states import WorkerStates
from datagen.spec.state_graph import STOP

_AT_ONCE = 16_384  # visits, whose arrays stay in the processor's cache
_FEW = 500  # rows; with more of them, adding them up step by step is faster
_LEAST, _MOST = 4, 512  # visits a row; 512 delays of 10**16 microseconds still fit into int64


@dataclass(frozen=True)
class Lookahead:
    """The next visits of n workers, as far as they are walked: a row of one or more for each.

    Row i begins with the visit number visits[i] and has sizes[i] visits: int64[n]. `states`, int32[m], and
    `times`, int64[m], have one row after the other; where paths depend on values, so has `held`, int64[m], the number
    of those held before each visit. How long the last visit of a row lasts is not known yet,
    unless its state is STOP: then it is the end.
    """

    visits: Ints
    sizes: Ints
    states: Ints
    times: Ints
    held: Ints | None = None

    def __len__(self) -> int:
        return len(self.sizes)

    @cached_property
    def ends(self) -> Ints:
        """Return where each row ends: int64[n]."""
        return np.cumsum(self.sizes)

    def rows(self, first: int, last: int) -> "Lookahead":
        """Return some rows, which lie side by side."""
        begin, end = (int(self.ends[row - 1]) if row else 0 for row in (first, last))
        rows, flat = slice(first, last), slice(begin, end)
        held = None if self.held is None else self.held[flat]
        return Lookahead(
            self.visits[rows], self.sizes[rows], self.states[flat], self.times[flat], held
        )

    def divided(self, workers: WorkerStates) -> tuple["Lookahead", "Lookahead"]:
        """Return the rows of some workers, of which the first may have rows already, and the other rows."""
        known = min(len(self), len(workers))
        fresh = lookahead_of(workers.take(slice(known, None)), by_values=self.held is not None)
        return joined([self.rows(0, known), fresh]), self.rows(known, len(self))

    def moved(self, by: Ints) -> "Lookahead":
        """Return each row some microseconds later: int64[n]."""
        return replace(self, times=self.times + np.repeat(by, self.sizes))

    def unfinished(self, horizon: int) -> Mask:
        """Return which rows neither reach a horizon nor end: bool[n]."""
        last = self.ends - 1
        unfinished: Mask = (self.times[last] < horizon) & (self.states[last] != STOP)
        return unfinished

    def lives(self) -> tuple[Mask, Ints]:
        """Return whether each row has the worker's end, and the last instant known of it."""
        last = self.ends - 1
        return self.states[last] == STOP, self.times[last]

    def before(self, horizon: int) -> tuple[Ints, Mask]:
        """Return how many visits of each row are before a horizon, and which: int64[n], bool[m]."""
        inside = self.times < horizon
        inside[self.ends - 1] = False
        below = np.cumsum(inside)[self.ends - 1]
        return np.diff(below, prepend=0), inside

    def paths(self, workers: WorkerStates, counts: Ints, inside: Mask) -> Paths:
        """Return the visits that `before` found, of the workers whose rows these are."""
        firsts = np.cumsum(counts) - counts
        states, times = self.states[inside].astype(np.int64), self.times[inside]
        visits = np.arange(len(times)) + np.repeat(self.visits - firsts, counts)
        nexts = self.ends - self.sizes + counts
        after = self.visits + counts, self.states[nexts].astype(np.int64), self.times[nexts]
        held = None if self.held is None else self.held[nexts]
        return Paths(counts, visits, states, times, workers.with_next(*after, held))

    def rest(self, counts: Ints, inside: Mask, stays: Mask) -> "Lookahead":
        """Return what is left behind the visits that `before` found, of the rows that stay."""
        left = ~inside
        left[self.ends[~stays] - 1] = False  # of a worker that ended before the horizon
        return Lookahead(
            (self.visits + counts)[stays],
            (self.sizes - counts)[stays],
            self.states[left],
            self.times[left],
            None if self.held is None else self.held[left],
        )

    def walked(self, machine: Machine, numbers: Ints, horizon: int, most: int) -> "Lookahead":
        """Return the rows walked to a horizon or their ends; `numbers` are the workers' own.

        Some stay unfinished where they hold more than about `most` visits before the horizon.
        """
        rows = np.flatnonzero(self.unfinished(horizon))
        last = self.ends[rows] - 1
        visits = (self.visits + self.sizes)[rows] - 1
        states, times = self.states[last].astype(np.int64), self.times[last]
        bits = worker_bits(machine.seed, numbers[rows])
        held = None if self.held is None else self.held[last]
        steps: list[_Steps] = []
        done, most = 0, most - int(np.count_nonzero(self.times < horizon))
        while len(rows) and most >= 0:
            span = _span(visits)
            if held is None or machine.values is None:
                of_visits = visit_bits_along(bits, visits, span)
                path = machine.steps(of_visits, states)
                step = _Steps(rows, done, path, _instants(machine, of_visits, path, times))
            else:
                walked = machine.values.walk(numbers[rows], visits, states, times, held, span)
                step = _Steps(rows, done, walked.states, walked.times, walked.held)
            path, instants = step.path, step.instants
            steps.append(step)
            most -= int(np.count_nonzero((path[:-1] != STOP) & (instants[:-1] < horizon)))
            going = np.flatnonzero((path[-1] != STOP) & (instants[-1] < horizon))
            rows, bits, visits = rows[going], bits[going], visits[going] + span
            states, times, done = path[-1, going], instants[-1, going], done + span
            held = None if step.held is None else step.held[-1, going]
        return self._with(steps) if steps else self

    def _with(self, steps: "list[_Steps]") -> "Lookahead":
        """Return the rows, longer by what was walked."""
        sizes = self.sizes.copy()
        for each in steps:
            sizes[each.rows] += np.count_nonzero(each.walked, axis=0)
        ends = np.cumsum(sizes)
        states, times = np.empty(ends[-1], dtype=np.int32), np.empty(ends[-1], dtype=np.int64)
        firsts = ends - sizes
        places = np.repeat(firsts - (self.ends - self.sizes), self.sizes)
        places += np.arange(len(places))
        states[places], times[places] = self.states, self.times
        held = None if self.held is None else np.empty_like(times)
        if held is not None:
            held[places] = self.held
        firsts += self.sizes
        for each in steps:
            count = len(each.walked)
            places = firsts[each.rows] + np.arange(each.done, each.done + count)[:, None]
            walked = np.flatnonzero(each.walked)
            if len(walked) == places.size:
                states[places], times[places] = each.path[1:], each.instants[1:]
            else:
                at = places.take(walked)
                states[at] = each.path[1:].take(walked)
                times[at] = each.instants[1:].take(walked)
            if held is not None and each.held is not None:
                held[places.take(walked)] = each.held[1:].take(walked)
        return Lookahead(self.visits, sizes, states, times, held)

    def decided(self, machine: Machine, numbers: Ints, rows: Mask) -> "Lookahead":
        """Return rows that end with the first visit that is not within the phase in which they are walked.

        What comes then is chosen as things are then: bool[n] says of which rows. `numbers` are the workers' own.
        """
        phases, values, held = machine.phases, machine.values, self.held
        assert phases
        assert values
        assert machine.decisions
        firsts = self.ends - self.sizes
        within = np.add.reduceat(self.times < phases.now.end, firsts) if len(self) else self.sizes
        late = np.flatnonzero(rows & (within > 0) & (within < self.sizes))
        states, at = self.states.copy(), (firsts + within)[late]
        looks = np.isin(self.states[at - 1], machine.decisions.that_look)
        late, at = late[looks], at[looks]
        if len(at):
            visits = (self.visits + within)[late] - 1
            before = self.states[at - 1].astype(np.int64)
            states[at] = values.chosen(
                numbers[late],
                visits,
                before,
                self.times[at],
                np.zeros_like(at) if held is None else held[at],
            )
        sizes = np.minimum(self.sizes, within + 1)
        kept = np.arange(len(states)) - np.repeat(firsts, self.sizes) < np.repeat(sizes, self.sizes)
        held = None if held is None else held[kept]
        return Lookahead(self.visits, sizes, states[kept], self.times[kept], held)


def lookahead_of(workers: WorkerStates, *, by_values: bool = False) -> Lookahead:
    """Return what is known of workers: their next visits, with `by_values` also what they hold."""
    sizes = np.ones(len(workers), dtype=np.int64)
    states: Ints = workers.states.astype(np.int32)
    held = workers.held if by_values else None
    return Lookahead(workers.visits, sizes, states, workers.times, held)


def joined(parts: Sequence[Lookahead]) -> Lookahead:
    """Return the rows of all parts, one part after the other."""
    held = [each.held for each in parts if each.held is not None]
    return Lookahead(
        np.concatenate([each.visits for each in parts]),
        np.concatenate([each.sizes for each in parts]),
        np.concatenate([each.states for each in parts]),
        np.concatenate([each.times for each in parts]),
        np.concatenate(held) if held else None,
    )


@dataclass(frozen=True)
class Kept:
    """What is walked ahead of a pool: of the workers alive, and of the next ones, from `started` on.

    The times of the latter are relative to their starts.
    """

    workers: WorkerStates
    alive: Lookahead
    started: int
    upcoming: Lookahead

    def renumbered(self, values: ValueWalk) -> "Kept":
        """Return the same, with other numbers of the values held where it is time to forget some."""
        alive, upcoming = self.alive.held, self.upcoming.held
        if alive is None or upcoming is None:  # walked by a machine that looks at nothing
            return self
        own, ahead, next_ones = values.keep([self.workers.held, alive, upcoming])
        workers = replace(self.workers, held=own)
        return Kept(
            workers,
            replace(self.alive, held=ahead),
            self.started,
            replace(self.upcoming, held=next_ones),
        )


@dataclass(frozen=True)
class _Steps:
    """Some steps of rows, after `done` others: their states, instants and what is held, int64[v + 1, n]."""

    rows: Ints
    done: int
    path: Ints
    instants: Ints
    held: Ints | None = None

    @cached_property
    def walked(self) -> Mask:
        """Return which visits there were: bool[v, n]."""
        walked: Mask = self.path[:-1] != STOP
        return walked


def _span(visits: Ints) -> int:
    """Return how many visits to walk of each row, by the numbers of their next ones.

    About as many as it had already, since many workers end soon and a few never.
    """
    by_age = max(_LEAST, int(visits[len(visits) // 2]))
    return max(1, min(_MOST, by_age, _AT_ONCE // len(visits)))


def _instants(machine: Machine, of_visits: Bits, path: Ints, begins: Ints) -> Ints:
    """Return when each visit begins: uint64[v, n], int64[v + 1, n], int64[n] -> int64[v + 1, n].

    After the end of a worker it is always that.
    """
    instants = np.empty(path.shape, dtype=np.int64)
    instants[0] = begins
    states, bits, delays = path[:-1].ravel(), of_visits.ravel(), instants[1:].reshape(-1)
    walked = np.flatnonzero(states != STOP)
    if len(walked) == len(states):
        delays[:] = machine.delays(bits, states, states)
    else:
        delays[:] = 0
        states = states.take(walked)
        delays[walked] = machine.delays(bits.take(walked), states, states)
    if len(begins) < _FEW:
        np.cumsum(instants, axis=0, out=instants)
        return instants
    for step in range(len(of_visits)):
        instants[step + 1] += instants[step]
    return instants
