"""The data that a simulation carries from one step to the next: workers, arrivals, counters.

Nothing is computed here, so that whoever only stores or compares a state needs no machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datagen.arrays import Ints, Mask

StreamPath = tuple[str, ...]


@dataclass(frozen=True)
class WorkerValues:
    """What some workers remember of a variable: their numbers, rising, and a value of each.

    `values` are an array of numbers or a list of JSON values, instants as microseconds since 1970; `absent`,
    int64[n], is 0 where there is a value, -1 where that is null and -2 where it is missing.
    """

    workers: Ints
    values: Any
    absent: Ints

    def to_list(self) -> list[Any]:
        """Return the values as JSON has them; null also where one is missing."""
        values = self.values if isinstance(self.values, list) else self.values.tolist()
        absent = self.absent.tolist()
        return [None if none else each for each, none in zip(values, absent, strict=True)]


@dataclass(frozen=True)
class WorkerStates:
    """The next visit of each of n workers, or its end: all arrays are int64[n].

    `numbers` are the workers' own; `visits`, `states` and `times` (microseconds since 1970) are
    the number, the state and the instant of the next visit. Where `states` is STOP, `times` is the worker's end.
    `memory`, int64[n, groups, 3], holds the visit that last set each group of variables: its number
    (-1: none did), its state and its instant. Where paths depend on values, `held` is the number of those
    that each worker has before its next visit, as its run counts them.
    """

    numbers: Ints
    visits: Ints
    states: Ints
    times: Ints
    memory: Ints
    held: Ints

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Ints | Mask | slice) -> "WorkerStates":
        """Return the workers of some rows."""
        return WorkerStates(*(column[rows] for column in self.columns()))

    def with_next(
        self, visits: Ints, states: Ints, times: Ints, held: Ints | None = None
    ) -> "WorkerStates":
        """Return the same workers with other next visits, and with other values if these are given."""
        now = self.held if held is None else held
        return WorkerStates(self.numbers, visits, states, times, self.memory, now)

    def replaced(self, rows: Ints, workers: "WorkerStates") -> "WorkerStates":
        """Return these workers, with others in some rows."""
        columns = [column.copy() for column in self.columns()]
        for column, other in zip(columns, workers.columns(), strict=True):
            column[rows] = other
        return WorkerStates(*columns)

    def columns(self) -> tuple[Ints, ...]:
        """Return all arrays, in the order of the fields."""
        return self.numbers, self.visits, self.states, self.times, self.memory, self.held


def unstarted_workers(
    first: int, count: int, groups: int, step: int = 1, state: int = 0
) -> WorkerStates:
    """Return workers that have yet to start, in a state, their times relative to their starts.

    Each number is a `step` after the one before.
    """
    numbers = first + step * np.arange(count)
    zeros, states = np.zeros(count, dtype=np.int64), np.full(count, state)
    return WorkerStates(numbers, zeros, states, zeros, np.full((count, groups, 3), -1), zeros)


def concatenated(parts: list[WorkerStates]) -> WorkerStates:
    """Return the workers of all parts, one part after the other."""
    columns = zip(*(each.columns() for each in parts), strict=True)
    return WorkerStates(*map(np.concatenate, columns))


@dataclass(frozen=True)
class PoolCursor:
    """The position of a pool between two windows: its live workers, and the state of its arrivals.

    `started` is the number of the next worker to start: how many have started so far, unless others are
    those of other parts of the stream. The last one started at `last_start`. Nothing happens any
    more before `since`. Instants are microseconds since 1970.
    """

    alive: WorkerStates
    started: int
    last_start: int
    since: int

    def moved(self, by: int, since: int) -> "PoolCursor":
        """Return the same position, `by` microseconds later; `since` is the instant it is at then."""
        alive = self.alive
        later = alive.with_next(alive.visits, alive.states, alive.times + by)
        return PoolCursor(later, self.started, self.last_start + by, since)


@dataclass(frozen=True)
class SequenceTotals:
    """What a sequence that generators share has counted: a total for each of the first `size` values.

    `values` may have more, of later; they are JSON texts, or a single empty one where all count together.
    Totals are those that were kept as a `whole`, int64[k], and what came in steps since: numbers of values, and how many.
    """

    values: Sequence[str]
    size: int
    whole: Ints
    steps: tuple[tuple[Ints, Ints], ...] = ()

    def counts(self) -> Ints:
        """Return the totals: int64[size]."""
        counts = np.zeros(self.size, dtype=np.int64)
        counts[: len(self.whole)] = self.whole
        for values, added in self.steps:
            counts[values] += added
        return counts


@dataclass(frozen=True)
class CounterTotals:
    """What counters have counted: the total of each, by the path of its stream.

    `carried` holds, for the counters among variables, the workers that remember a number, in order, and
    the first number that each was given at the visit it remembers. `sequences` are those that generators share;
    of what these gave to variables, `given` holds a worker and a number for each value, in order.
    """

    totals: Mapping[StreamPath, int]
    carried: Mapping[StreamPath, tuple[Ints, Ints]]
    sequences: Mapping[StreamPath, SequenceTotals] = field(default_factory=dict)
    given: Mapping[StreamPath, tuple[Ints, Ints]] = field(default_factory=dict)
