"""Turns the visits of a window into those of each state, and of each emitter, in order of (time, worker, visit)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.simulation.visits import Visits


@dataclass(frozen=True)
class Emission:
    """The records of one emitter, known by its number, at some visits: int64[k] each.

    `visits` are rows of the window, in order. Each has as many records as `counts` says, None: one. They are next to each
    other in the batch, from the row in `begins` on, and at the visit from the place in `places` on.
    """

    emitter: int
    visits: Ints
    counts: Ints | None
    begins: Ints
    places: Ints


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

    def single_emissions(self, emitter_of: Ints) -> tuple[Ints, list["Emission"]]:
        """Return the same as `emissions` where states have one emitter, or none, which makes one record at a visit.

        `emitter_of` is the number of each state's emitter, or -1.
        """
        none = int(emitter_of.max(initial=-1)) + 1
        numbers = np.where(emitter_of < 0, none, emitter_of).astype(np.min_scalar_type(none))
        emitters = numbers[self._states]
        order = self._order
        if (emitter_of < 0).any():
            emitting = np.flatnonzero(emitters != none)
            emitters, order = emitters[emitting], order[emitting]
        places, ends = _sorted_places(emitters, none)
        visits, first = order[places], np.zeros_like(places)
        return order, [
            Emission(number, visits[begin:end], None, places[begin:end], first[begin:end])
            for number, (begin, end) in enumerate(_spans(ends))
            if begin < end
        ]

    def emissions(
        self,
        emitters_of: Sequence[Sequence[int]],
        lengths_of: Callable[[int, Ints], Ints | None],
    ) -> tuple[Ints, list["Emission"]]:
        """Return the visits of all records, in order, and the records of each emitter.

        `emitters_of` are the numbers of each state's emitters. `lengths_of` gets such a number and visits, and returns how
        many records each has, int64[n], or None: one.
        """
        most = max(map(len, emitters_of), default=0)
        table = np.full((len(emitters_of), most), -1)
        for state, own in enumerate(emitters_of):
            table[state, : len(own)] = own
        at_visits = table[self._states]
        owners, places = np.nonzero(at_visits >= 0)
        numbers, counts = at_visits[owners, places], np.ones(len(owners), dtype=np.int64)
        chosen = [np.flatnonzero(numbers == each) for each in range(int(table.max(initial=-1)) + 1)]
        visits = self._order[owners]
        varying = set()
        for number, slots in enumerate(chosen):
            lengths = lengths_of(number, visits[slots]) if len(slots) else None
            if lengths is not None:
                counts[slots] = lengths
                varying.add(number)
        begins = np.cumsum(counts) - counts
        of_visit = begins - begins[np.searchsorted(owners, owners)]
        return np.repeat(visits, counts), [
            Emission(
                number,
                visits[slots],
                counts[slots] if number in varying else None,
                begins[slots],
                of_visit[slots],
            )
            for number, slots in enumerate(chosen)
            if counts[slots].any()
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
