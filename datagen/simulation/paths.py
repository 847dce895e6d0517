"""Turns the next visits of workers into their paths: all visits before a horizon, by arrays.

A path is walked in one of three ways, which give the same visits: for all workers at once, one visit a
step; where few are left, worker by worker over rows of draws made ahead; and where a path depends on a
start that is not known yet, one worker at a time (`SequentialWalker`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.cap import NEVER
from datagen.simulation.delays import DelayDraws
from datagen.simulation.machine import Machine
from datagen.simulation.states import WorkerStates, concatenated
from datagen.spec.state_graph import STOP

MAX_VISITS_AT_ONCE = 100_000
MIN_PARALLEL_WORKERS = 128  # with fewer, rows of visits are faster than steps of all workers
_AHEAD = (
    16  # visits of each new worker that looks at values, which are drawn before its start is known
)
_SHORT, _LONG = 32, 512  # visits a row; 512 delays of 10**16 microseconds still fit into int64

# the number, state and instant of each worker's next visit, and the number of what it holds before that
NextVisits = tuple[Ints, Ints, Ints, Ints]


class TooManyVisits(Exception):  # noqa: N818 - no error: the caller takes a shorter horizon
    """The paths hold more visits than the caller allows; `states` are those of the last ones."""

    def __init__(self, states: Ints) -> None:
        super().__init__()
        self.states = states


@dataclass(frozen=True)
class Paths:
    """The visits of some workers before a horizon, worker by worker: counts[i] of them for worker i.

    `visits`, `states` and `times` are int64[sum of counts]; `after` are the workers at the horizon. Where it may be
    moved to other starts, and depends on values, `held` are those before each visit, int64[sum of counts].
    """

    counts: Ints
    visits: Ints
    states: Ints
    times: Ints
    after: WorkerStates
    held: Ints | None = None

    def __len__(self) -> int:
        return len(self.visits)

    @property
    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return counts, visits, states and times."""
        return self.counts, self.visits, self.states, self.times

    def check_instants(self) -> None:
        """Raise TooManyVisits where one instant holds MAX_VISITS_AT_ONCE of one worker."""
        most = MAX_VISITS_AT_ONCE - 1
        crowded = np.flatnonzero(self.counts > most)
        ends = np.cumsum(self.counts)[crowded]
        for first, end in zip((ends - self.counts[crowded]).tolist(), ends.tolist(), strict=True):
            times = self.times[first:end]
            if (times[most:] == times[:-most]).any():
                raise TooManyVisits(self.states[first:end])

    def first(self, count: int) -> "Paths":
        """Return the paths of the first workers."""
        counts, after = self.counts[:count], self.after.take(slice(count))
        rows = slice(int(counts.sum()))
        return Paths(counts, self.visits[rows], self.states[rows], self.times[rows], after)

    def started(self, starts: Ints, horizon: int) -> "Paths":
        """Return the paths of the first len(starts) workers, moved to their starts.

        Until then their times are relative. Visits that are now beyond the horizon are dropped, and the
        first of them is where the worker goes on.
        """
        counts, after = self.counts[: len(starts)], self.after.take(slice(len(starts)))
        firsts = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(starts)), counts)
        times = self.times[: len(owners)] + starts[owners]
        inside = times < horizon
        left = np.bincount(owners[inside], minlength=len(starts))
        cut = np.flatnonzero(left < counts)
        ahead = [after.visits.copy(), after.states.copy(), after.times + starts, after.held.copy()]
        held = np.zeros_like(times) if self.held is None else self.held[: len(owners)]
        for column, source in zip(ahead, (self.visits, self.states, times, held), strict=True):
            column[cut] = source[(firsts + left)[cut]]
        rows = np.flatnonzero(inside)
        return Paths(
            left, self.visits[rows], self.states[rows], times[rows], after.with_next(*ahead)
        )


def walk(machine: Machine, workers: WorkerStates, horizon: int, max_visits: int) -> Paths:
    """Return the paths of workers to their first visit or end that is not before the horizon.

    Raises TooManyVisits when that takes more than `max_visits`.
    """
    walker = _ParallelWalker(machine, workers, horizon, max_visits)
    walker.walk()
    return walker.paths()


def paths_of_rows(parts: Sequence[Paths], rows: Ints) -> Paths:
    """Return the paths of some workers of all parts, whose rows are counted through: int64[n]."""
    counts, visits, states, times = (
        np.concatenate(columns)
        for columns in zip(
            *((each.counts, each.visits, each.states, each.times) for each in parts), strict=True
        )
    )
    own = counts[rows]
    firsts = (np.cumsum(counts) - counts)[rows]
    places = np.arange(own.sum()) + np.repeat(firsts - (np.cumsum(own) - own), own)
    after = concatenated([each.after for each in parts]).take(rows)
    return Paths(own, visits[places], states[places], times[places], after)


def latest_setters(machine: Machine, paths: Paths, memory: Ints) -> Ints:
    """Return for each visit the row of its worker's last visit that set each group of variables.

    int64[groups, n]; -1 where none of the path did. `memory` is what the workers remember.
    """
    rows = np.arange(len(paths))
    own_first = np.repeat(np.cumsum(paths.counts) - paths.counts, paths.counts)
    is_first = own_first == rows
    latest = np.empty((len(machine.variable_groups), len(paths)), dtype=np.int64)
    for number, group in enumerate(machine.variable_groups):
        sets = machine.sets_group[number].take(paths.states)
        if group.defaults:
            unset = np.repeat(memory[:, number, 0] < 0, paths.counts)
            first = unset & _first_set(sets, own_first)
            sets &= ~np.isin(paths.states, group.defaults) | first
        if 4 * np.count_nonzero(sets) > len(sets):
            np.maximum.accumulate(np.where(sets, rows, -1), out=latest[number])
            np.copyto(latest[number], -1, where=latest[number] < own_first)
        else:
            changes = np.flatnonzero(sets | is_first)
            setters = np.where(sets[changes], changes, -1)
            latest[number] = np.repeat(setters, np.diff(changes, append=len(sets)))
    return latest


class SequentialWalker:
    """New workers whose paths depend on their starts, walked one by one as these become known.

    All that does not depend on the start is drawn ahead, for all of them. At most `max_visits` are made
    in all; with None, fewer than MAX_VISITS_AT_ONCE of each worker, and few more of all.
    """

    def __init__(
        self, machine: Machine, workers: WorkerStates, horizon: int, max_visits: int | None
    ) -> None:
        self._machine, self._workers, self._horizon = machine, workers, horizon
        self._max_visits, self._made = max_visits, 0
        self._bits = worker_bits(machine.seed, workers.numbers)
        span = _SHORT if max_visits is not None else 2  # one instant seldom holds more of a worker
        self._paths, self._delays = self._drawn(self._bits, workers.visits, workers.states, span)
        self._states: list[list[int]] = []
        self._times: list[list[int]] = []

    def lifetime(self, place: int, start: int) -> int | None:
        """Walk the next worker from its start; return how long it lives, NEVER if past the horizon.

        None, and nothing is walked, where there are many visits already. Raises TooManyVisits.
        """
        if self._max_visits is None and self._made >= MAX_VISITS_AT_ONCE // 4:
            return None
        times = self._delays.instants(place, start, self._horizon)
        states = self._paths[place][: len(times)]
        span = _SHORT
        while states[-1] != STOP and times[-1] < self._horizon:
            self._check_size(len(times), states)
            row = slice(place, place + 1)
            last = np.array([len(times) - 1]), np.array([states[-1]])
            [path], delays = self._drawn(self._bits[row], *last, span)
            span = min(2 * span, _LONG)
            walked = delays.instants(0, times[-1], self._horizon)
            times += walked[1:]
            states += path[1 : len(walked)]
        self._check_size(len(times) - 1, states)
        self._made += len(times) - 1
        self._states.append(states)
        self._times.append(times)
        return times[-1] - start if states[-1] == STOP else NEVER

    def paths(self) -> Paths:
        """Return the paths of the workers walked so far."""
        counts = np.array([len(times) - 1 for times in self._times], dtype=np.int64)
        states, times = (
            np.fromiter(chain.from_iterable(each[:-1] for each in column), np.int64)
            for column in (self._states, self._times)
        )
        visits = np.arange(len(states)) - np.repeat(np.cumsum(counts) - counts, counts)
        ends = (
            np.array([each[-1] for each in column], dtype=np.int64)
            for column in (self._states, self._times)
        )
        after = self._workers.take(slice(len(counts))).with_next(counts, *ends)
        return Paths(counts, visits, states, times, after)

    def _check_size(self, visits: int, states: list[int]) -> None:
        limit = self._max_visits
        most = MAX_VISITS_AT_ONCE - 1 if limit is None else limit - self._made
        if visits > most:
            raise TooManyVisits(np.array([state for state in states if state != STOP]))

    def _drawn(
        self, bits: Bits, visits: Ints, states: Ints, span: int
    ) -> tuple[list[list[int]], DelayDraws]:
        """Return the states of the next `span` visits of each worker, and the draws of their delays."""
        of_visits = visit_bits(bits[:, None], visits[:, None] + np.arange(span))
        paths = self._machine.state_paths(of_visits, states)
        return paths.tolist(), self._machine.delay_draws(of_visits, paths)


class _ParallelWalker:
    """Workers that are walked together; a row is a worker's place among them."""

    def __init__(
        self, machine: Machine, workers: WorkerStates, horizon: int, max_visits: int
    ) -> None:
        self._machine, self._workers = machine, workers
        self._horizon, self._visits_left = horizon, max_visits
        self._pieces: list[tuple[Ints, ...]] = []  # rows, and a visit of each
        self._after = tuple(each.copy() for each in _next_visits(workers))

    def walk(self) -> None:
        workers = self._workers
        rows = np.flatnonzero((workers.times < self._horizon) & (workers.states != STOP))
        bits = worker_bits(self._machine.seed, workers.numbers[rows])
        ahead = _next_visits(workers.take(rows))
        values = self._machine.values
        by_steps = values is not None and not values.walks_few
        while len(rows) > MIN_PARALLEL_WORKERS or (len(rows) and by_steps):
            rows, bits, ahead = self._step(rows, bits, *ahead)
        span = _SHORT
        while len(rows):
            rows, bits, ahead = self._stride(rows, bits, *ahead, span)
            span = min(2 * span, _LONG)

    def paths(self) -> Paths:
        """Return the visits in order of (worker, visit)."""
        workers = self._workers
        after = workers.with_next(*self._after)
        counts = after.visits - workers.visits
        if not self._pieces:
            nothing = np.empty(0, dtype=np.int64)
            return Paths(counts, nothing, nothing, nothing, after, nothing)
        rows, *found = map(np.concatenate, zip(*self._pieces, strict=True))
        places = (np.cumsum(counts) - counts - workers.visits)[rows] + found[0]
        columns: list[Ints] = []
        for column in found:
            ordered = np.empty_like(column)
            ordered[places] = column
            columns.append(ordered)
        visits, states, times, held = columns
        return Paths(counts, visits, states, times, after, held)

    def _step(
        self, rows: Ints, bits: Bits, visits: Ints, states: Ints, times: Ints, held: Ints
    ) -> tuple[Ints, Bits, NextVisits]:
        """Walk each row by one visit; return the rows that are not done."""
        self._append(rows, visits, states, times, held)
        if self._machine.values is None:
            of_visits = visit_bits(bits, visits)
            times = times + self._machine.delays(of_visits, states, times)
            states = self._machine.next_states(of_visits, states)
        else:
            numbers = self._workers.numbers[rows]
            walked = self._machine.values.walk(numbers, visits, states, times, held, 1)
            states, times, held = walked.states[1], walked.times[1], walked.held[1]
        return self._unfinished(rows, bits, visits + 1, states, times, held)

    def _stride(
        self,
        rows: Ints,
        bits: Bits,
        visits: Ints,
        states: Ints,
        times: Ints,
        held: Ints,
        span: int,
    ) -> tuple[Ints, Bits, NextVisits]:
        """Walk each row by `span` visits; return the rows that are not done."""
        numbers = visits[:, None] + np.arange(span + 1)
        if self._machine.values is None:
            of_visits = visit_bits(bits[:, None], numbers[:, :-1])
            paths = self._machine.state_paths(of_visits, states)
            instants = self._machine.instants(of_visits, paths, times, self._horizon)
            helds = np.broadcast_to(held[:, None], paths.shape)
        else:
            workers = self._workers.numbers[rows]
            walked = self._machine.values.walk(
                workers, visits, states, times, held, span, self._horizon
            )
            paths, instants, helds = walked.states.T, walked.times.T, walked.held.T
        inside = (paths[:, :-1] != STOP) & (instants[:, :-1] < self._horizon)
        owners, places = np.nonzero(inside)
        at = owners, places
        self._append(rows[owners], numbers[at], paths[at], instants[at], helds[at])
        ends = np.arange(len(rows)), inside.sum(axis=1)
        return self._unfinished(rows, bits, numbers[ends], paths[ends], instants[ends], helds[ends])

    def _append(self, rows: Ints, visits: Ints, states: Ints, times: Ints, held: Ints) -> None:
        self._visits_left -= len(rows)
        if self._visits_left < 0:
            raise TooManyVisits(states)
        self._pieces.append((rows, visits, states, times, held))

    def _unfinished(
        self, rows: Ints, bits: Bits, visits: Ints, states: Ints, times: Ints, held: Ints
    ) -> tuple[Ints, Bits, NextVisits]:
        """Record the next visits of the rows that are done; return the other rows."""
        going = (times < self._horizon) & (states != STOP)
        if going.all():
            return rows, bits, (visits, states, times, held)
        done = ~going
        for after, column in zip(self._after, (visits, states, times, held), strict=True):
            after[rows[done]] = column[done]
        ahead = visits[going], states[going], times[going], held[going]
        return rows[going], bits[going], ahead


def _next_visits(workers: WorkerStates) -> NextVisits:
    return workers.visits, workers.states, workers.times, workers.held


def _first_set(sets: Mask, firsts: Ints) -> Mask:
    """Return whether each visit is the first of its worker's path that sets: bool[n], int64[n] -> bool[n].

    `firsts` are the rows of each worker's first visit.
    """
    before: Ints = np.cumsum(sets) - sets
    first: Mask = sets & (before == before[firsts])
    return first
