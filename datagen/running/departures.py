"""Puts the copies of records in the order in which they leave, and holds those that are under way.

A copy leaves at its arrival, never before its event. So what arrives up to the last event that is known can leave: no later
event has an earlier copy. The rest is held, as text, until then. Copies of one instant are in order of (event, copy).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.batch import Batch, Waits
from datagen.errors import RunError
from datagen.formats.rendered import Rendered
from datagen.instants import DAY, YEAR_1, YEAR_10000
from datagen.position import Cursor, Jump
from datagen.running.copied import Copied
from datagen.running.departure_cursor import DepartureCursor, Reached
from datagen.running.rendering import Written
from datagen.running.summary import UnderWay
from datagen.truth.ledger import Ledger, Mark

_BEFORE_ALL, _AFTER_ALL = YEAR_1 - DAY, YEAR_10000 + DAY
_MEGA = 1_000_000


@dataclass
class _Held:
    """Copies of a window that are under way, in order of (arrival, event, copy), and where its events can be made again."""

    copied: Copied
    cursor: Cursor | None
    mark: Mark


class CleanDepartures:
    """The records of a run without disorder: each leaves when its event happens."""

    under_way = UnderWay()

    @staticmethod
    def batches(
        written: Iterator[Written], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Batch, Rendered]]:
        """Yield batches, and their rendering."""
        del stopped
        for batch, rendered, *_ in written:
            yield batch, rendered
            del batch, rendered  # their memory is wanted for the next ones

    @staticmethod
    def cursor(source: Cursor) -> Cursor:
        """Return the position before what leaves next."""
        return source


class Departures:
    """The copies of a run in the order in which they leave.

    `resumed` is where an earlier run stopped: what had left then does not leave again. Each of the `jumps` moves
    what was under way when it was made. With an `end`, what has not left before it stays under way. At most `budget`
    bytes are held. A `ledger` hears of all copies, and of the order in which they leave.
    """

    def __init__(
        self,
        resumed: Cursor | None,
        jumps: Sequence[Jump],
        end: int | None,
        budget: int,
        ledger: Ledger | None = None,
    ) -> None:
        cursor = resumed if isinstance(resumed, DepartureCursor) else None
        self._event = cursor.event if cursor else 0  # the number of the next one
        self._gone = cursor.reached if cursor else None
        self._reached = self._gone or Reached(_BEFORE_ALL, 0)
        self._jumps, self._end, self._budget = jumps, end, budget
        self._ledger = ledger
        self._held: list[_Held] = []
        self._window: tuple[Cursor | None, Mark] = (None, self._mark())

    @property
    def under_way(self) -> UnderWay:
        """Return how many copies are held."""
        last = max((int(each.copied.arrivals[-1]) for each in self._held), default=0)
        return UnderWay(sum(len(each.copied) for each in self._held), last)

    def batches(
        self, written: Iterator[Written], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Batch, Rendered]]:
        """Yield batches of what leaves, and its rendering. Raises RunError where more is under way than can be held."""
        last: Batch | None = None
        for each in written:
            last = each.batch
            yield self._next(each)
        if last is None or stopped():
            return
        before, arrival = self._before(), _AFTER_ALL if self._end is None else self._end - 1
        self._reached = Reached(max(arrival, self._reached.arrival), self._event)
        if ready := self._ready_of_held():
            arrivals = np.concatenate([each.arrivals for each in ready])
            batch = replace(last, cursor=before, waits=_waiting(last.waits), failure=None)
            rows = np.argsort(arrivals, kind="stable")
            yield self._departing(batch, Copied.picked(ready, rows))

    def cursor(self, source: Cursor) -> DepartureCursor:
        """Return the position before what leaves next, where `source` is that of the next events."""
        first = self._held[0] if self._held else None
        if first is None or first.cursor is None:
            return self._cursor(source, self._mark())
        return self._cursor(first.cursor, first.mark)

    def _before(self) -> DepartureCursor | None:
        """Return the position before the events of the window at hand leave."""
        first = self._held[0] if self._held else None
        cursor, mark = self._window if first is None else (first.cursor, first.mark)
        return None if cursor is None else self._cursor(cursor, mark)

    def _mark(self) -> Mark:
        """Return where the next event is."""
        return Mark(self._event, 0, 0) if self._ledger is None else self._ledger.mark()

    def _cursor(self, source: Cursor, mark: Mark) -> DepartureCursor:
        told = None if self._ledger is None else self._ledger.told(mark)
        return DepartureCursor(source, mark.event, self._reached, told)

    def _next(self, written: Written) -> tuple[Batch, Rendered]:
        """Take the copies of the next events; return what leaves up to the last of these."""
        batch, rendered, copies, _ = written
        assert copies is not None
        if batch.cursor is not None and batch.cursor is not self._window[0]:
            self._window = batch.cursor, self._mark()
        before, count = self._before(), len(rendered)
        rows, failure = copies.rows[copies.left], batch.failure
        events = int(copies.rows[-1]) + 1 if len(copies) else 0
        if rendered.stopped is not None:
            failure, events = rendered.stopped[1], int(rows[count])
        times = batch.times[:count]
        arrivals = self._moved(times, rendered.times)
        to_come = self._to_come(arrivals, rows[:count] + self._event)
        self._event += events
        latest = int(times.max(initial=self._reached.arrival))
        self._reached = Reached(latest, max(self._event, self._reached.event))
        ordinals = self._noted(written, events, count)
        rendered = replace(rendered, times=arrivals)
        copied = Copied(rendered, batch.workers[:count], batch.faults, ordinals)
        ready = self._ready(copied, to_come)
        return self._departing(replace(batch, cursor=before, failure=failure), ready)

    def _noted(self, written: Written, events: int, leaving: int) -> Ints | None:
        """Tell the ledger of the next events; return the numbers of so many of their copies that leave."""
        if self._ledger is None or written.copies is None or written.events is None:
            return None
        copies = written.copies
        if events < len(written.events.times):
            copies = copies.take(np.flatnonzero(copies.rows < events))
        times, texts = written.events.times[:events], written.events.texts[:events]
        arrivals = self._moved(times[copies.rows], copies.arrivals)
        return (
            self._ledger.add(times, texts, copies, arrivals) + np.flatnonzero(copies.left)[:leaving]
        )

    def _departing(self, batch: Batch, copied: Copied) -> tuple[Batch, Rendered]:
        """Return a batch of copies in the order in which they leave, and their rendering."""
        if self._ledger is not None and copied.ordinals is not None:
            self._ledger.leave(copied.ordinals, copied.arrivals)
        batch = replace(batch, times=copied.arrivals, workers=copied.workers, faults=copied.faults)
        return batch, copied.rendered

    def _moved(self, times: Ints, arrivals: Ints) -> Ints:
        """Return when copies leave, moved with all that was under way at jumps; `times` are those of their events."""
        for jump in self._jumps:
            under_way = (times < jump.at) & (arrivals >= jump.at)
            arrivals = arrivals + under_way * jump.by
        return arrivals

    def _to_come(self, arrivals: Ints, events: Ints) -> Mask:
        """Return which copies have not left in an earlier run: bool[m]."""
        if self._gone is None:
            return np.ones(len(arrivals), dtype=bool)
        of_instant: Mask = (arrivals == self._gone.arrival) & (events >= self._gone.event)
        return (arrivals > self._gone.arrival) | of_instant

    def _ready(self, copied: Copied, to_come: Mask) -> Copied:
        """Return what leaves, in order, of what was held and of the copies of the next events; hold the others."""
        own, horizon = copied.arrivals, self._reached.arrival
        now, later = to_come & (own <= horizon), np.flatnonzero(to_come & (own > horizon))
        ready = self._ready_of_held()
        if len(later):
            order = later[np.argsort(own[later], kind="stable")]
            self._held.append(_Held(copied.take(order), *self._window))
            self._check_size()
        if not ready and now.all() and (own[1:] >= own[:-1]).all():
            return copied
        parts = [*ready, copied]
        arrivals = np.concatenate([each.arrivals for each in parts])
        begin = len(arrivals) - len(own)
        rows = np.concatenate([np.arange(begin), begin + np.flatnonzero(now)])
        return Copied.picked(parts, rows[np.argsort(arrivals[rows], kind="stable")])

    def _ready_of_held(self) -> list[Copied]:
        """Return what leaves of what was held, and hold the rest; older windows come first."""
        ready, horizon = [], self._reached.arrival
        for each in self._held:
            count = int(each.copied.arrivals.searchsorted(horizon, side="right"))
            if count:
                leaving, each.copied = each.copied.divided(count)
                ready.append(leaving)
        if ready:
            self._held = [each for each in self._held if len(each.copied)]
        return ready

    def _check_size(self) -> None:
        size = sum(each.copied.size for each in self._held)
        if size > self._budget:
            raise RunError(
                f"{self.under_way.copies:,} copies of records are under way, which take {size // _MEGA:,} MB; at most "
                f"{self._budget // _MEGA:,} MB are held: use shorter delays, a smaller share, or a higher --memory"
            )


def _waiting(waits: tuple[Waits, ...]) -> tuple[Waits, ...]:
    """Return the arrivals that wait still."""
    found = [(each, each.starts == np.iinfo(np.int64).max) for each in waits]
    return tuple(
        Waits(each.dues[still], each.starts[still], each.expected) for each, still in found
    )
