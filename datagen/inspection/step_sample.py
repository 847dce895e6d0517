"""Turns the windows of a run into a sample of steps: visits, what followed each, and after how long."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.inspection.draw_sample import DRAWS, NEVER, DrawSample
from datagen.simulation.machine import Machine
from datagen.simulation.states import PoolCursor
from datagen.simulation.visits import Visits
from datagen.spec.state_graph import STOP

_STEPS = 3 * DRAWS // 2  # of a state, at most
_PENDING = 4096  # that are held before it is asked who of them is gone


@dataclass(frozen=True)
class Steps:
    """n visits of one state, int64[n] each: when they begin, microseconds since 1970, what follows them, or STOP, and after how long.

    How long the last visit of a worker lasts is its draw: nothing shows it.
    """

    begins: Ints
    nexts: Ints
    durations: Ints

    def until(self, horizon: int) -> "Steps":
        """Return those that end before an instant. Whether one does says nothing of what follows it."""
        return self.of(self.begins + self.durations < horizon)

    def of(self, rows: Ints | Mask) -> "Steps":
        """Return some rows: bool[n], or int64[m]."""
        return Steps(self.begins[rows], self.nexts[rows], self.durations[rows])


@dataclass(frozen=True)
class _Pending:
    """Visits in the sample that nothing has followed yet, of different workers, by their keys, rising."""

    workers: Ints
    states: Ints
    begins: Ints
    bits: Bits
    words: Bits

    def of(self, rows: Ints) -> "_Pending":
        return _Pending(
            self.workers[rows],
            self.states[rows],
            self.begins[rows],
            self.bits[rows],
            self.words[rows],
        )

    def columns(self) -> tuple[Ints, Ints, Ints, Bits, Bits]:
        return self.workers, self.states, self.begins, self.bits, self.words

    def joined(self, other: "_Pending") -> "_Pending":
        pairs = zip(self.columns(), other.columns(), strict=True)
        both = _Pending(*(np.concatenate(pair) for pair in pairs))
        return both.of(np.argsort(both.workers, kind="stable"))


def _nobody() -> _Pending:
    ints, bits = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    return _Pending(ints, ints, ints, bits, bits)


class StepSample:
    """A sample of the steps of each state, from windows in order, all of one run."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._samples = [DrawSample(_STEPS) for _ in range(machine.own_states)]
        self._limits = np.zeros(len(machine.names), dtype=np.uint64)  # states that end a run: none
        self._limits[: machine.own_states] = NEVER
        self._pending = _nobody()
        self._alive: Ints = np.empty(0, dtype=np.int64)
        self._cursor: tuple[PoolCursor, ...] | None = None
        self._looked = 0

    @property
    def limits(self) -> Bits:
        """Return the greatest word that the sample of each state takes, uint64[S]."""
        return self._limits

    def add(self, window: Visits, rows: Ints, words: Bits) -> None:
        """Take the steps that a window completes. `words` are those of its visits, uint64[n]; others than the `rows` are above all limits."""
        if window.cursor is not self._cursor:  # else who is alive is so after another part
            if len(self._pending.workers) > 2 * self._looked + _PENDING:
                self._take_ended()
            self._cursor, self._alive = window.cursor, window.alive
        if not len(window):
            return
        if len(self._pending.workers):
            self._match(window, np.flatnonzero(np.diff(window.worker_rows, prepend=-1)))
        rows = rows[words[rows] <= self._limits[window.states[rows]]]
        if not len(rows):
            return
        following = np.minimum(rows + 1, len(window) - 1)
        ends = (following == rows) | (window.worker_rows[following] != window.worker_rows[rows])
        inside, open_ = rows[~ends], rows[ends]
        self._add(
            words[inside],
            window.states[inside],
            window.times[inside],
            window.states[inside + 1],
            window.times[inside + 1] - window.times[inside],
        )
        columns = window.workers, window.states, window.times, window.bits, words
        pending = _Pending(*(each[open_] for each in columns))
        self._pending = self._pending.joined(pending)

    def finish(self) -> Mapping[str, Steps]:
        """Return the steps of each state by its name; call it after the last window."""
        self._take_ended()
        found = {}
        for name, sample in zip(self._machine.names, self._samples, strict=False):
            if columns := sample.columns():
                found[name] = Steps(columns["begins"], columns["nexts"], columns["durations"])
        return found

    def _match(self, window: Visits, firsts: Ints) -> None:
        """Take the steps from pending visits to the first ones of a window."""
        held = self._pending
        workers = window.workers[firsts]
        if (workers[1:] > workers[:-1]).all():  # as they nearly always are: few are looked for
            places = np.minimum(np.searchsorted(workers, held.workers), len(workers) - 1)
            rows = np.flatnonzero(workers[places] == held.workers)
            nexts = firsts[places[rows]]
        else:
            places = np.minimum(np.searchsorted(held.workers, workers), len(held.workers) - 1)
            hits = held.workers[places] == workers
            rows, nexts = places[hits], firsts[hits]
        own = held.of(rows)
        durations = window.times[nexts] - own.begins
        self._add(own.words, own.states, own.begins, window.states[nexts], durations)
        left = np.ones(len(held.workers), dtype=bool)
        left[rows] = False
        left &= held.words <= self._limits[held.states]
        self._pending = held.of(np.flatnonzero(left))

    def _take_ended(self) -> None:
        """Take the last visits of workers that are gone."""
        held = self._pending
        gone = ~np.isin(held.workers, self._alive)
        own = held.of(np.flatnonzero(gone))
        self._pending = held.of(np.flatnonzero(~gone))
        self._looked = len(self._pending.workers)
        nexts = np.full(len(own.workers), STOP)
        durations = self._machine.delays(own.bits, own.states, own.begins)
        self._add(own.words, own.states, own.begins, nexts, durations)

    def _add(self, words: Bits, states: Ints, begins: Ints, nexts: Ints, durations: Ints) -> None:
        for state in np.flatnonzero(np.bincount(states)).tolist():
            sample = self._samples[state]
            own = np.flatnonzero(states == state)
            own = own[sample.admit(words[own])]
            sample.add(
                words[own],
                {"begins": begins[own], "nexts": nexts[own], "durations": durations[own]},
            )
            self._limits[state] = sample.limit
