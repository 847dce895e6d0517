"""Turns the visits of a window into those of each state, and of each emitter, in order of (time, worker, visit)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.simulation.visits import Visits


class VisitsByState:
    """The n visits of a window, state after state. `first_rows` are those of each worker's first visit."""

    def __init__(self, visits: Visits, states: int) -> None:
        self._order = visits.order
        self._states = visits.states[visits.order].astype(np.min_scalar_type(states))
        self._places, self._ends = _sorted_places(self._states, states)
        self._rows = visits.order[self._places]
        self._bits = visits.bits[self._rows]
        self._times = visits.times[self._rows]
        self.first_rows = np.flatnonzero(np.diff(visits.worker_rows, prepend=-1))

    def of(self, states: Sequence[int]) -> tuple[Ints, Bits, Ints]:
        """Return the visits of some states, as rows of the window, with their random bits and instants."""
        if len(states) == 1:
            part = self._slice(states[0])
            return self._rows[part], self._bits[part], self._times[part]
        parts = np.concatenate([np.arange(len(self._places))[self._slice(each)] for each in states])
        parts = parts[np.argsort(self._places[parts])]
        return self._rows[parts], self._bits[parts], self._times[parts]

    def by_emitter(self, emitter_of: Ints) -> tuple[Ints, list[tuple[int, Ints, Ints]]]:
        """Return the visits that emit, in order, and for each emitter its number, and which they are.

        `emitter_of` is the number of each state's emitter, or -1. Visits are rows of the window; those
        of an emitter come with their places among all that emit.
        """
        none = int(emitter_of.max(initial=-1)) + 1
        numbers = np.where(emitter_of < 0, none, emitter_of).astype(np.min_scalar_type(none))
        emitters = numbers[self._states]
        order = self._order
        if (emitter_of < 0).any():
            emitting = np.flatnonzero(emitters != none)
            emitters, order = emitters[emitting], order[emitting]
        places, ends = _sorted_places(emitters, none)
        visits = order[places]
        return order, [
            (number, places[begin:end], visits[begin:end])
            for number, (begin, end) in enumerate(_spans(ends))
            if begin < end
        ]

    def _slice(self, state: int) -> slice:
        return slice(self._ends[state - 1] if state else 0, self._ends[state])


def _sorted_places(numbers: Ints, most: int) -> tuple[Ints, list[int]]:
    """Return the places of small numbers, number after number, and where those of each end."""
    counts = np.bincount(numbers, minlength=most)
    ends = np.cumsum(counts).tolist()
    if len(numbers) and counts.max() == len(numbers):
        return np.arange(len(numbers)), ends
    return np.argsort(numbers, kind="stable"), ends


def _spans(ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    return pairwise([0, *ends])
