"""Keeps the events whose copies are under way, and turns those that are settled into lines of the truth, in order.

An event is settled once each of its copies has been delivered, or never leaves.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.columns.json_text import join, of_value
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn
from datagen.disorder.copies import Copies
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import Payload, RecordBytes, Rendered
from datagen.instants import SECOND, YEAR_1, Style
from datagen.part import WHOLE, Part

_ENCODING = Encoding()
_UNKNOWN = -1  # the number of a record that has yet to leave
_NONE = -2  # and of one that left before the first


@dataclass
class _Block:
    """The events of a batch, and their copies, m of them: `rows` are those of their events in the batch, int64[m].

    The first of these copies is the number `begin` among all of the stream. `done` events are written already.
    """

    event: int
    begin: int
    times: Ints
    texts: TextArray
    copies: Copies
    arrivals: Ints
    numbers: Ints
    done: int = 0

    def pending(self, delivered: int) -> Mask:
        """Return which copies have yet to be delivered: bool[m]."""
        there: Mask = (self.numbers >= delivered) | (self.numbers == _UNKNOWN)
        there &= self.copies.left
        return there


class Mark(NamedTuple):
    """Where an event is: its number, that of its first copy among all, and how many lines come before its own."""

    event: int
    copy: int
    lines: int


@dataclass(frozen=True)
class Told:
    """What a run has to know that goes on from an event.

    `record` is the number of the next record, and `lines` how many lines come before that event. `numbers` returns
    those of the records of copies that have left, from one of its own on: the place of that among the copies from the event on,
    and int64[k], as in a block; the copies before it are of events that have their lines.
    """

    record: int
    lines: int
    numbers: Callable[[], tuple[int, Ints]]


class Account(NamedTuple):
    """What is told of n events, which have m copies that leave: `texts` are what was told of each before, n of them.

    `events`, `times`, `counts` (of copies), `record_counts`, int64[n], `effects`, uint64[n]; `arrivals`, `late` and `skews`,
    microseconds, int64[m]; `records` are the numbers of those copies that have one, event by event.
    """

    events: Ints
    times: Ints
    texts: TextArray
    arrivals: Ints
    counts: Ints
    records: Ints
    record_counts: Ints
    late: Ints
    skews: Ints
    effects: Bits


@dataclass
class Ledger:
    """The events of a part of a stream that are not settled.

    `names` are those of the effects of disorder, `start` is the instant before which nothing that arrives is a record.
    """

    names: tuple[str, ...]
    style: Style
    start: int
    part: Part = WHOLE
    _blocks: deque[_Block] = field(default_factory=deque)
    _events: int = 0
    _copies: int = 0
    _records: int = 0
    _lines_added: int = 0
    _resumed_at: int = -1  # the event that an earlier run came to
    _skip: int = 0  # lines that an earlier run has written
    _known: tuple[int, Ints] = (0, np.empty(0, dtype=np.int64))  # what left in an earlier run

    def resume(self, event: int, told: Told, lines: int) -> None:
        """Go on from an event, after an earlier run has written so many lines in all."""
        self._events, self._records, self._known = event, told.record, told.numbers()
        self._resumed_at = event
        self._lines_added, self._skip = told.lines, lines - told.lines

    def mark(self) -> Mark:
        """Return where the next event is."""
        return Mark(self._events, self._copies, self._lines_added)

    def told(self, mark: Mark) -> Told:
        """Return what a run has to know that goes on from there, after what has left by now."""
        record = self._records
        return Told(record, mark.lines, lambda: self._numbers(mark, record))

    def _numbers(self, mark: Mark, record: int) -> tuple[int, Ints]:
        """Return the numbers below one of the records of copies from a mark on, of events that are not settled."""
        blocks = [each for each in self._blocks if each.event >= mark.event]
        first, known = self._known
        to_come = self._left_before(self._copies, max(first + len(known) - self._copies, 0))
        begin = blocks[0].begin if blocks else self._copies
        numbers = np.concatenate([*(each.numbers for each in blocks), to_come])
        return begin - mark.copy, np.where(numbers < record, numbers, _UNKNOWN)

    def _left_before(self, begin: int, count: int) -> Ints:
        """Return the numbers of the next copies as far as an earlier run knows them: int64[count]."""
        first, known = self._known
        found = np.full(count, _UNKNOWN)
        places = np.arange(begin, begin + count)
        found[places < first] = _NONE
        there = (places >= first) & (places < first + len(known))
        found[there] = known[places[there] - first]
        return found

    def add(self, times: Ints, texts: TextArray, copies: Copies, arrivals: Ints) -> int:
        """Take the next events, int64[n], with what is known of each, and their copies, whose arrivals are int64[m].

        Return the number of the first copy among all of the stream.
        """
        begin, numbers = self._copies, self._left_before(self._copies, len(copies))
        block = _Block(self._events, begin, times, texts, copies, arrivals, numbers)
        self._lines_added += len(self._wanted(block, np.arange(len(times))))
        if len(times):
            self._blocks.append(block)
        self._events += len(times)
        self._copies += len(copies)
        return begin

    def leave(self, ordinals: Ints, arrivals: Ints) -> None:
        """Give numbers to the records of copies, known by their numbers among all, in the order in which they leave."""
        numbers = np.where(arrivals < self.start, _NONE, 0)
        there = numbers == 0
        numbers[there] = self._records + np.arange(np.count_nonzero(there))
        self._records += int(np.count_nonzero(there))
        begins = np.array([each.begin for each in self._blocks])
        owners = np.searchsorted(begins, ordinals, side="right") - 1
        for owner in np.unique(owners[owners >= 0]).tolist():  # the others have their lines
            block, mine = self._blocks[owner], owners == owner
            block.numbers[ordinals[mine] - block.begin] = numbers[mine]

    def settled(self, delivered: int) -> Iterator[Rendered]:
        """Yield the lines of the events that are settled, once so many records are delivered, and forget them.

        What is known of events is kept until all their lines are taken.
        """
        while self._blocks:
            block = self._blocks[0]
            pending = np.flatnonzero(block.pending(delivered))
            first = len(block.times) if not len(pending) else int(block.copies.rows[pending[0]])
            yield from self._lines(block, first, delivered)
            if len(pending):
                return
            self._blocks.popleft()

    def settled_before(self, instant: int) -> int:
        """Return an instant such that all events before it are settled: this one, or that of the first other event.

        Of a run that went on and made no event, nothing is known: the first of all instants.
        """
        if not self._blocks:
            return YEAR_1 if self._events == self._resumed_at else instant
        block = self._blocks[0]
        return min(instant, int(block.times[block.done]))

    def rest(self, delivered: int, until: int | None) -> list[Rendered]:
        """Return the lines of all events up to an instant, None: of all; what has not been delivered has no number."""
        found = []
        for block in self._blocks:
            last = len(block.times)
            if until is not None:
                last = int(block.times.searchsorted(until, side="right"))
            found += self._lines(block, last, delivered)
        return found

    def _lines(self, block: _Block, last: int, delivered: int) -> list[Rendered]:
        """Return the lines of the events of a block before one of them, but those that are written already."""
        first, block.done = block.done, max(last, block.done)
        if first >= last:
            return []
        rows = np.arange(first, last)
        chosen = self._wanted(block, rows)
        skipped = min(self._skip, len(chosen))
        self._skip -= skipped
        chosen = chosen[skipped:]
        if not len(chosen):
            return []
        told = self._told(block, chosen, delivered)
        return [Rendered((self._payload(told),), told.times)]

    def _wanted(self, block: _Block, rows: Ints) -> Ints:
        """Return the events at or after the start, and those before it of which something arrives after it."""
        if not len(rows) or block.times[rows[0]] >= self.start:
            return rows
        late = block.copies.left & (block.arrivals >= self.start)
        wanted = block.times >= self.start
        wanted[block.copies.rows[late]] = True
        return rows[wanted[rows]]

    def _told(self, block: _Block, rows: Ints, delivered: int) -> Account:
        copies = block.copies
        chosen = np.zeros(len(block.times), dtype=bool)
        chosen[rows] = True
        own = np.flatnonzero(chosen[copies.rows])
        effects = _effects_of_events(copies.rows[own], copies.effects[own])
        own = own[copies.left[own]]
        own = own[np.lexsort((block.arrivals[own], copies.rows[own]))]
        place = np.cumsum(chosen) - 1
        owners = place[copies.rows[own]]
        arrivals, times = block.arrivals[own], block.times[copies.rows[own]]
        counts = np.bincount(owners, minlength=len(rows))
        numbers = block.numbers[own]
        numbered = np.flatnonzero((numbers >= 0) & (numbers < delivered))
        of_records = np.bincount(owners[numbered], minlength=len(rows))
        numbers_of_events = self.part.index + (block.event + rows) * self.part.count
        return Account(
            numbers_of_events,
            block.times[rows],
            _at(block.texts, rows),
            arrivals,
            counts,
            numbers[numbered],
            of_records,
            arrivals - times,
            copies.skews[own],
            effects,
        )

    def _payload(self, told: Account) -> Payload:
        """Return what is told of some events as lines."""
        counts = told.counts
        pieces = (
            '{"event":', IntColumn(told.events).json_text, ",", told.texts,
            ',"arrivals":[', _listed(InstantColumn(told.arrivals, self.style).json_text, counts),
            '],"records":[', _listed(IntColumn(told.records).json_text, told.record_counts),
            '],"late_by":[', _listed(_seconds(told.late), counts),
            '],"skewed_by":[', _listed(_seconds(told.skews), counts),
            '],"effects":', self._effects(told.effects), "}\n",
        )  # fmt: skip
        return RecordBytes.of_texts(join(pieces, len(told.events)), _ENCODING)

    def _effects(self, effects: Bits) -> TextArray | str:
        """Return the names of effects as JSON, one text where all have the same."""
        kinds, places = np.unique(effects, return_inverse=True)
        texts = [of_value(self.names_of(kind)) for kind in kinds.tolist()]
        if len(texts) == 1:
            return texts[0]
        return pa.array(texts, pa.string()).take(pa.array(places))

    def names_of(self, effects: int) -> list[str]:
        """Return the names of the effects whose bits are set."""
        return [name for bit, name in enumerate(self.names) if effects >> bit & 1]


def _at(texts: TextArray, rows: Ints) -> TextArray:
    """Return the texts at rows, which rise: int64[n]; of neighbours without a copy."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return texts.slice(int(rows[0]), len(rows))
    return texts.take(pa.array(rows))


def _effects_of_events(rows: Ints, effects: Bits) -> Bits:
    """Return the effects that hit a copy of each event, whose copies lie side by side."""
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    return np.bitwise_or.reduceat(effects, firsts) if len(firsts) else effects


def _seconds(micros: Ints) -> TextArray | str:
    """Return the texts of seconds, one where all are none."""
    if not micros.any():
        return "0.0"
    return FloatColumn(micros / SECOND).json_text


def _listed(texts: TextArray | str, counts: Ints) -> TextArray | str:
    """Return texts joined by commas, counts[i] of them in turn for each of n: a string array of n, or one text for all."""
    if (counts == 1).all():
        return texts
    if isinstance(texts, str):
        texts = pa.repeat(pa.scalar(texts), int(counts.sum()))
    offsets = np.append(0, np.cumsum(counts)).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), texts), ",")
