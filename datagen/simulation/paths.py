"""Turns cursors of workers into their paths: all visits before a horizon, by arrays.

A path is walked either by all workers at once, one visit a step, or, where few are left, worker by
worker over rows of draws made ahead. Both give the same visits.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Bits, Ints
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.cap import NEVER
from datagen.simulation.delays import Rows
from datagen.simulation.machine import Machine
from datagen.spec.state_graph import STOP

MOST_VISITS_AT_ONCE = 100_000
FEW = 128  # workers below which rows beat steps
_SHORT, _LONG = 32, 512  # visits a row; 512 delays of 10**16 microseconds still fit into int64


WorkerCursor = tuple[Ints, Ints, Ints]  # the number, state and instant of each worker's next visit


class TooManyVisits(Exception):  # noqa: N818 - no error: the caller takes a shorter horizon
    """The paths hold more visits than the caller has room for."""

    def __init__(self, states: Ints) -> None:
        super().__init__()
        self.states = states


@dataclass(frozen=True)
class WorkerStates:
    """Workers on their way, n of them, each with the cursor of its next visit or of its end.

    `states` is STOP where `times` is the worker's end. `memory`, int64[n, marks, 3], holds the
    visit that last set each mark: its number (-1: none did), its state and its instant.
    """

    workers: Ints
    visits: Ints
    states: Ints
    times: Ints
    memory: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.workers)

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "WorkerStates":
        """Return some of the lanes."""
        return WorkerStates(*(column[places] for column in self.columns()))

    def with_cursor(self, visits: Ints, states: Ints, times: Ints) -> "WorkerStates":
        """Return the same workers further on."""
        return WorkerStates(self.workers, visits, states, times, self.memory)

    def replaced(self, places: Ints, lanes: "WorkerStates") -> "WorkerStates":
        """Return these lanes with others in some places."""
        columns = [column.copy() for column in self.columns()]
        for column, other in zip(columns, lanes.columns(), strict=True):
            column[places] = other
        return WorkerStates(*columns)

    def columns(self) -> tuple[NDArray[np.int64], ...]:
        """Return all arrays, in the order of the fields."""
        return self.workers, self.visits, self.states, self.times, self.memory


def new_worker_states(first: int, count: int, marks: int) -> WorkerStates:
    """Return workers that have yet to start, their times relative to it."""
    workers, zeros = np.arange(first, first + count), np.zeros(count, dtype=np.int64)
    return WorkerStates(workers, zeros, zeros, zeros, np.full((count, marks, 3), -1))


def joined(lanes: list[WorkerStates]) -> WorkerStates:
    """Put lanes one after the other."""
    columns = zip(*(each.columns() for each in lanes), strict=True)
    return WorkerStates(*map(np.concatenate, columns))


@dataclass(frozen=True)
class Paths:
    """The visits of some lanes before a horizon, lane by lane: counts[i] of them for lane i."""

    counts: Ints
    visits: Ints
    states: Ints
    times: Ints
    after: WorkerStates

    def __len__(self) -> int:
        return len(self.visits)

    def first(self, count: int) -> "Paths":
        """Return the paths of the first lanes."""
        counts, after = self.counts[:count], self.after.at(slice(count))
        rows = slice(int(counts.sum()))
        return Paths(counts, self.visits[rows], self.states[rows], self.times[rows], after)

    def starting(self, starts: Ints, horizon: int) -> "Paths":
        """Move the first len(starts) lanes to their starts, and keep what lies before a horizon."""
        counts, after = self.counts[: len(starts)], self.after.at(slice(len(starts)))
        firsts = np.cumsum(counts) - counts
        lanes = np.repeat(np.arange(len(starts)), counts)
        times = self.times[: len(lanes)] + starts[lanes]
        kept = times < horizon
        left = np.bincount(lanes[kept], minlength=len(starts))
        cut = np.flatnonzero(left < counts)
        cursors = [after.visits.copy(), after.states.copy(), after.times + starts]
        for cursor, column in zip(cursors, (self.visits, self.states, times), strict=True):
            cursor[cut] = column[(firsts + left)[cut]]
        rows = np.flatnonzero(kept)
        return Paths(
            left, self.visits[rows], self.states[rows], times[rows], after.with_cursor(*cursors)
        )


def walk(machine: Machine, lanes: WorkerStates, horizon: int, most: int) -> Paths:
    """Carry lanes on to their first visit or end that is not before the horizon.

    Raises TooManyVisits when that takes more than `most` visits.
    """
    walker = _Walker(machine, lanes, horizon, most)
    walker.walk()
    return walker.paths()


class SequentialWalker:
    """New workers whose paths depend on their starts, walked one by one as these become known.

    All that does not depend on the start is drawn ahead, for all of them. There is room for so many
    visits of all; or (None) for fewer than MOST_VISITS_AT_ONCE of each, and few more of all.
    """

    def __init__(
        self, machine: Machine, lanes: WorkerStates, horizon: int, room: int | None
    ) -> None:
        self._machine, self._lanes, self._horizon = machine, lanes, horizon
        self._room, self._used = room, 0
        self._bits = worker_bits(machine.seed, lanes.workers)
        span = _SHORT if room is not None else 2  # one instant seldom holds more of a worker
        self._paths, self._rows = self._drawn(self._bits, lanes.visits, lanes.states, span)
        self._states: list[list[int]] = []
        self._times: list[list[int]] = []

    def life(self, place: int, start: int) -> int | None:
        """Walk the next worker from its start; give how long it lives, NEVER if past the horizon.

        None: not now, there are many visits already. Raises TooManyVisits.
        """
        if self._room is None and self._used >= MOST_VISITS_AT_ONCE // 4:
            return None
        times = self._rows.instants(place, start, self._horizon)
        states = self._paths[place][: len(times)]
        span = _SHORT
        while states[-1] != STOP and times[-1] < self._horizon:
            self._check_room(len(times), states)
            at = slice(place, place + 1)
            after = np.array([len(times) - 1]), np.array([states[-1]])
            [path], rows = self._drawn(self._bits[at], *after, span)
            span = min(2 * span, _LONG)
            walked = rows.instants(0, times[-1], self._horizon)
            times += walked[1:]
            states += path[1 : len(walked)]
        self._check_room(len(times) - 1, states)
        self._used += len(times) - 1
        self._states.append(states)
        self._times.append(times)
        return times[-1] - start if states[-1] == STOP else NEVER

    def paths(self) -> Paths:
        """Return the paths of those that started."""
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
        after = self._lanes.at(slice(len(counts))).with_cursor(counts, *ends)
        return Paths(counts, visits, states, times, after)

    def _check_room(self, visits: int, states: list[int]) -> None:
        most = MOST_VISITS_AT_ONCE - 1 if self._room is None else self._room - self._used
        if visits > most:
            raise TooManyVisits(np.array([state for state in states if state != STOP]))

    def _drawn(
        self, bits: Bits, visits: Ints, states: Ints, span: int
    ) -> tuple[list[list[int]], Rows]:
        of_visits = visit_bits(bits[:, None], visits[:, None] + np.arange(span))
        paths = self._machine.state_paths(of_visits, states)
        return paths.tolist(), self._machine.rows(of_visits, paths)


class _Walker:
    def __init__(self, machine: Machine, lanes: WorkerStates, horizon: int, most: int) -> None:
        self._machine, self._lanes = machine, lanes
        self._horizon, self._room = horizon, most
        self._pieces: list[tuple[Ints, Ints, Ints, Ints]] = []
        self._after = lanes.visits.copy(), lanes.states.copy(), lanes.times.copy()

    def walk(self) -> None:
        lanes = self._lanes
        rows = np.flatnonzero((lanes.times < self._horizon) & (lanes.states != STOP))
        bits = worker_bits(self._machine.seed, lanes.workers[rows])
        cursor = lanes.visits[rows], lanes.states[rows], lanes.times[rows]
        while len(rows) > FEW:
            rows, bits, cursor = self._step(rows, bits, *cursor)
        span = _SHORT
        while len(rows):
            rows, bits, cursor = self._stride(rows, bits, *cursor, span)
            span = min(2 * span, _LONG)

    def paths(self) -> Paths:
        """Put the visits in order of lane and visit."""
        lanes = self._lanes
        after = lanes.with_cursor(*self._after)
        counts = after.visits - lanes.visits
        if not self._pieces:
            nothing = np.empty(0, dtype=np.int64)
            return Paths(counts, nothing, nothing, nothing, after)
        rows, visits, states, times = map(np.concatenate, zip(*self._pieces, strict=True))
        places = (np.cumsum(counts) - counts - lanes.visits)[rows] + visits
        columns: list[Ints] = []
        for column in (visits, states, times):
            ordered = np.empty_like(column)
            ordered[places] = column
            columns.append(ordered)
        return Paths(counts, columns[0], columns[1], columns[2], after)

    def _step(
        self, rows: Ints, bits: Bits, visits: Ints, states: Ints, times: Ints
    ) -> tuple[Ints, Bits, WorkerCursor]:
        """Carry all rows one visit on."""
        self._keep(rows, visits, states, times)
        of_visits = visit_bits(bits, visits)
        times = times + self._machine.delays(of_visits, states, times)
        states = self._machine.next_states(of_visits, states)
        return self._going(rows, bits, visits + 1, states, times)

    def _stride(
        self, rows: Ints, bits: Bits, visits: Ints, states: Ints, times: Ints, span: int
    ) -> tuple[Ints, Bits, WorkerCursor]:
        """Carry each row many visits on."""
        numbers = visits[:, None] + np.arange(span + 1)
        of_visits = visit_bits(bits[:, None], numbers[:, :-1])
        paths = self._machine.state_paths(of_visits, states)
        instants = self._machine.instants(of_visits, paths, times, self._horizon)
        going = (paths[:, :-1] != STOP) & (instants[:, :-1] < self._horizon)
        lanes, places = np.nonzero(going)
        self._keep(rows[lanes], *(each[lanes, places] for each in (numbers, paths, instants)))
        ends = np.arange(len(rows)), going.sum(axis=1)
        return self._going(rows, bits, *(each[ends] for each in (numbers, paths, instants)))

    def _keep(self, rows: Ints, visits: Ints, states: Ints, times: Ints) -> None:
        self._room -= len(rows)
        if self._room < 0:
            raise TooManyVisits(states)
        self._pieces.append((rows, visits, states, times))

    def _going(
        self, rows: Ints, bits: Bits, visits: Ints, states: Ints, times: Ints
    ) -> tuple[Ints, Bits, WorkerCursor]:
        """Write down the cursors of those that are done; give the rest."""
        going = (times < self._horizon) & (states != STOP)
        if going.all():
            return rows, bits, (visits, states, times)
        done = ~going
        for cursor, column in zip(self._after, (visits, states, times), strict=True):
            cursor[rows[done]] = column[done]
        return rows[going], bits[going], (visits[going], states[going], times[going])
