"""Numbers what several generators count together: all their values in a window, in the order of output.

A value is at a place of the window: the rank of its visit in order of (time, worker, visit), 0 for a variable or
1 + the record's place at the visit, the rank of its generator in the specification, its place among those that the
generator makes there. Such places are int64[4, n].
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.errors import DatagenError, RunError, dotted
from datagen.simulation.states import SequenceTotals, StreamPath

MAX_VALUES = 1_000_000  # of a sequence: each is counted by itself
_LONGEST = 64  # characters of a value; a longer one is known by its hash
_MAX_STEPS = 64  # between totals that are kept as a whole
NO_INTS: Ints = np.empty(0, dtype=np.int64)
Failure = tuple[int, DatagenError]  # the earliest instant without a number, and why


@dataclass(frozen=True)
class Note:
    """Where a generator makes n values of a sequence.

    `rows`, int64[n], are visits, as rows of the window, or else records of an emitter; `places` are as above.
    `values` are the JSON texts of what is counted by itself, None where all count together.
    """

    path: StreamPath
    rows: Ints
    places: Ints
    values: TextArray | None = None


@dataclass(frozen=True)
class Growth:
    """What a window adds to a sequence: values that it has not had before, and of some values how many there were."""

    new: Sequence[str]
    rows: Ints
    counts: Ints


@dataclass(frozen=True)
class WindowNumbers:
    """The numbers of a window.

    `given` are the numbers of each generator, by its path: rows as in a Note, rising, and a number for each. `placed` are
    the places of sequences that something looks at, in order, and `before` how many came before the window.
    """

    given: Mapping[StreamPath, tuple[Ints, Ints]] = field(default_factory=dict)
    placed: Mapping[StreamPath, Ints] = field(default_factory=dict)
    before: Mapping[StreamPath, int] = field(default_factory=dict)
    growth: Mapping[StreamPath, Growth] = field(default_factory=dict)
    failure: Failure | None = None

    def joined(self, other: "WindowNumbers") -> "WindowNumbers":
        """Return the numbers of other sequences too."""
        failures = [each.failure for each in (self, other) if each.failure]
        return WindowNumbers(
            {**self.given, **other.given},
            {**self.placed, **other.placed},
            {**self.before, **other.before},
            {**self.growth, **other.growth},
            min(failures, key=lambda each: each[0], default=None),
        )

    def detached(self) -> "WindowNumbers":
        """Return what records are made of, without what only the process needs that goes on from here."""
        return WindowNumbers(self.given, self.placed, self.before, failure=self.failure)


class Numbered(NamedTuple):
    """The numbers of one sequence in a window; all as in WindowNumbers."""

    given: dict[StreamPath, tuple[Ints, Ints]]
    growth: Growth
    failure: Failure | None


class SharedSequence:
    """What a sequence has counted so far: one total or, where values are counted by themselves, one for each."""

    def __init__(self, totals: SequenceTotals | None = None) -> None:
        self._values = [] if totals is None else [*totals.values[: totals.size]]
        self._ids = {value: number for number, value in enumerate(self._values)}
        self._counts = NO_INTS if totals is None else totals.counts()
        self._whole = self._counts
        self._steps: tuple[tuple[Ints, Ints], ...] = ()
        self._snapshot = totals

    @property
    def total(self) -> int:
        """Return how many there were where all count together."""
        return int(self._counts[0]) if len(self._counts) else 0

    def snapshot(self) -> SequenceTotals:
        """Return the state as it is now: what several snapshots share is held once."""
        if self._snapshot is None:
            size = len(self._values)
            self._snapshot = SequenceTotals(self._values, size, self._whole, self._steps)
        return self._snapshot

    def numbered(self, notes: Sequence[Note], times: Ints) -> "Numbered":
        """Return the numbers of the values of a window; `times` are those of ranks of visits."""
        places = np.concatenate([each.places for each in notes], axis=1)
        order = in_order(places)
        values, new = self._numbers_of(notes, order)
        totals = np.append(self._counts, np.zeros(len(new), dtype=np.int64))
        by_value = np.argsort(values, kind="stable")
        sizes = np.bincount(values, minlength=len(totals))
        firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        numbers = np.empty(len(values), dtype=np.int64)
        numbers[order[by_value]] = np.arange(len(values)) - firsts + np.repeat(totals, sizes)
        seen = np.flatnonzero(sizes)
        growth = Growth(new[: max(MAX_VALUES - len(self._values), 0)], seen, sizes[seen])
        failure = None
        if len(totals) > MAX_VALUES:
            first = int(order[np.flatnonzero(values >= MAX_VALUES)[0]])
            failure = int(times[places[0, first]]), _too_many(notes, first)
        return Numbered(_by_path(notes, numbers), growth, failure)

    def grow(self, growth: Growth) -> None:
        """Count what a window has added."""
        self._ids |= {each: number for number, each in enumerate(growth.new, len(self._values))}
        self._values += growth.new
        counts = np.append(self._counts, np.zeros(len(growth.new), dtype=np.int64))
        known = growth.rows < len(counts)
        counts[growth.rows[known]] += growth.counts[known]
        self._counts, self._snapshot = counts, None
        self._steps = (*self._steps, (growth.rows[known], growth.counts[known]))
        if len(self._steps) > _MAX_STEPS:
            self._whole, self._steps = counts, ()

    def _numbers_of(self, notes: Sequence[Note], order: Ints) -> tuple[Ints, list[str]]:
        """Return the number of the value at each place, in order, and the values that are new, in order."""
        texts = [each.values for each in notes if each.values is not None]
        if not texts:
            return np.zeros(len(order), dtype=np.int64), [] if self._values else [""]
        found = pa.concat_arrays(texts).take(pa.array(order)).dictionary_encode()
        numbers: list[int] = []
        new: dict[str, int] = {}
        for value in map(_known_by, found.dictionary.to_pylist()):
            number = self._ids.get(value)
            if number is None:
                number = new.setdefault(value, len(self._values) + len(new))
            numbers.append(number)
        return np.array(numbers, dtype=np.int64)[found.indices.to_numpy()], [*new]


def in_order(places: Ints) -> Ints:
    """Return the order of places, int64[4, n]: int64[n]."""
    order: Ints = np.lexsort(places[::-1])
    return order


def counted_before(placed: Ints, places: Ints) -> Ints:
    """Return how many of some places, in order, are before each of others: int64[n]."""
    both = np.concatenate([places, placed], axis=1)
    order = in_order(both)
    counting = order >= places.shape[1]
    before = np.empty(len(order), dtype=np.int64)
    before[order] = np.cumsum(counting) - counting
    return before[: places.shape[1]]


def _known_by(text: str) -> str:
    """Return what a value is known by: its text, if that is short."""
    if len(text) <= _LONGEST:
        return text or "null"  # what is missing counts as null
    return "#" + blake2b(text.encode(), digest_size=24).hexdigest()


def _too_many(notes: Sequence[Note], place: int) -> RunError:
    """Return the error that the value at a place among those of all notes is one too many."""
    ends = np.cumsum([len(each.rows) for each in notes])
    where = dotted(notes[int(np.searchsorted(ends, place, side="right"))].path)
    return RunError(
        f"{where}: `per` has more than {MAX_VALUES:,} values, each of which is counted by itself"
    )


def _by_path(notes: Sequence[Note], numbers: Ints) -> dict[StreamPath, tuple[Ints, Ints]]:
    """Return the rows of each generator, rising, with their numbers."""
    parts: dict[StreamPath, list[tuple[Ints, Ints, Ints]]] = {}
    begin = 0
    for note in notes:
        end = begin + len(note.rows)
        parts.setdefault(note.path, []).append((note.rows, note.places[3], numbers[begin:end]))
        begin = end
    return {path: _sorted(own) for path, own in parts.items()}


def _sorted(parts: Iterable[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints]:
    rows, places, numbers = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((places, rows))
    return rows[order], numbers[order]
