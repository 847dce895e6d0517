"""Turns a source of batches and a time range into windows of a suitable size, and into batches."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from datagen.arrays import Ints
from datagen.batch import Batch, Handover
from datagen.errors import ClockLimitError
from datagen.formats.rendered import Rendered
from datagen.position import Cursor
from datagen.running.batch_source import BatchSource
from datagen.running.time_range import TimeRange

_FIRST, _GROWTH = 64, 16  # visits of the first window, and how many times as many the next one has
_BYTES_OF_VISIT = 128  # besides the text of its record
_LONG = 1_024  # bytes of a record; whatever it has beyond is long texts, several times in memory
_SHORT = 16_384  # visits: what is left is not divided further
_ALWAYS = -(1 << 62)  # an instant before all others
_SPARE = 512  # visits that are made besides, lest a few records take a window of their own


Watch = Callable[[Any, Batch], None]


@dataclass(frozen=True)
class WindowLimits:
    """How large a window may be: its visits, and about how many bytes they take as text and in memory."""

    visits: int
    size: int

    def next_size(
        self, last: int, records_per_visit: float, bytes_per_record: float, left: int | None
    ) -> int:
        """Return how many visits to ask for after a window of `last`, with so many records left."""
        in_memory = bytes_per_record + 2 * max(bytes_per_record - _LONG, 0)
        most = int(self.size / (_BYTES_OF_VISIT + records_per_visit * in_memory))
        size = max(min(self.visits, _GROWTH * last, most), 1)
        if left is None:
            return size
        needed = int(left / records_per_visit * 1.02) + _SPARE
        # towards the end ever smaller, so that no thread has much to do when the others are done
        return min(size, max(needed // 3, min(needed, _SHORT)))


SIMULATED = WindowLimits(131_072, 13 << 20)
LIVE = WindowLimits(32_768, 8 << 20)  # what is ahead of the clock, and how long the next one takes


class BatchStream:
    """The windows of a run, in order, and their batches.

    Windows may be taken in another thread than batches are made in. `bytes_per_record` decides with how
    many records windows are asked for; whoever writes records may set it to what they take.
    `size_window` may change that, which has no effect on the data. `watch` gets each window with its batch, in order.
    """

    watch: Watch | None = None

    def __init__(
        self,
        source: BatchSource[Any],
        time_range: TimeRange,
        stopped: Callable[[], bool],
        cursor: Cursor | None = None,
        size_window: Callable[[Any], None] | None = None,
        limits: WindowLimits = SIMULATED,
    ) -> None:
        self.bytes_per_record = source.width
        self._source, self._range, self._size_window = source, time_range, size_window
        self._limits, self._records_per_visit = limits, 1.0
        self._measured = _Measured()
        self._left: int | None = None
        self._since = 0
        self._event: int | None = None  # the number of the next one, where events are numbered
        self._handed_over: deque[int] = (
            deque()
        )  # visits of windows whose records have yet to be counted
        self._stream = source.begin(time_range.simulated_from, time_range.end, stopped, cursor)

    @property
    def exhausted(self) -> bool:
        """Return whether there were no more records, however long the run."""
        return self._stream.exhausted

    def await_measure(self) -> None:
        """Keep windows small until records have been measured, of which `measure` will tell for each window."""
        self._measured.awaited = deque()

    def measure(self, bytes_per_record: float | None, times: Ints) -> None:
        """Note how many bytes records take, None where there are none; `times` are those of a window, in order."""
        self._measured.add(bytes_per_record or 0.0, len(times))
        self.bytes_per_record = self._measured.bytes_per_record or self.bytes_per_record
        if self._handed_over:
            self._count_made(self._handed_over.popleft(), times)

    def measure_rendered(self, rendered: Rendered) -> None:
        """Note how many bytes the records of a window take, in all formats together."""
        size = sum(each.size for each in rendered.payloads)
        self.measure(max(size / len(rendered), 1.0) if len(rendered) else None, rendered.times)

    def limit(self, records: int | None, since: int) -> None:
        """Let windows end with the one that completes so many records at or after an instant."""
        self._left, self._since = records, since

    def windows(self) -> Iterator[Any]:
        """Yield windows up to the end of the run, or to its last record. Raises RunError."""
        self._request(_FIRST // _GROWTH)
        for jump in self._range.jumps:
            if jump.at < self._range.end:
                yield from self._windows_until(jump.at)
                if self._left == 0:
                    return
                self._stream.jump(jump.by, jump.until)
        yield from self._windows_until(self._range.end)
        if self._left != 0 and not self._stream.exhausted and not self._range.bounded:
            raise ClockLimitError("the clock would pass the end of the year 9999")

    def batch(self, window: Any) -> Batch:
        """Return the records of a window; windows come in order. Raises RunError."""
        batch = self._source.batch(window)
        if self._source.counts_depend:
            self._count_made(self._source.counts(window, self._since)[0], batch.times)
        if self.watch is not None:
            self.watch(window, batch)
        return batch

    def hand_over(self, window: Any) -> Handover:
        """Return what it takes to make the batch of a window in another process. Raises RunError.

        Windows come in order, all of them here or all to `batch`. It says how many events come before the window, where
        they are numbered and their number does not depend on values.
        """
        if self._source.counts_depend:
            self._handed_over.append(self._source.counts(window, self._since)[0])
        handover = self._source.hand_over(window)
        if self._event is None:
            return handover
        event = self.next_event(self._source.counts(window, _ALWAYS)[1])
        return replace(handover, event=event)

    def next_event(self, records: int) -> int:
        """Return how many events come before so many records, which are the next ones; 0 where they are not numbered."""
        if self._event is None:
            return 0
        event, self._event = self._event, self._event + records
        return event

    def number_events(self, before: int) -> None:
        """Number events, after so many that came before the cursor."""
        self._event = before

    def cursor(self) -> Cursor:
        """Return the cursor after the windows so far."""
        return self._source.cursor(self._stream)

    def close(self) -> None:
        """Release files and other resources of the source."""
        self._stream.close()

    def _windows_until(self, end: int) -> Iterator[Any]:
        self._stream.end = end
        for window in self._stream.windows():
            visits, records = self._source.counts(window, self._since)
            if not self._source.counts_depend:
                self._count(visits, records, records)
            self._measured.expect(visits)
            yield window
            if self._left == 0:
                return
            self._request(self._stream.window_size)

    def _count_made(self, visits: int, times: Ints) -> None:
        """Count the records of a window, whose number could not be known before they were made."""
        self._count(visits, len(times), len(times) - int(times.searchsorted(self._since)))

    def _count(self, visits: int, records: int, wanted: int) -> None:
        """Count the records of a window, and those of them that are wanted."""
        if self._left is not None:
            self._left = max(self._left - wanted, 0)
        if visits:
            self._records_per_visit = max(records, 1) / visits

    def _request(self, last: int) -> None:
        """Ask for the next window, after one of so many visits."""
        last = self._measured.limited(last)
        self._stream.request_window_size(
            self._limits.next_size(last, self._records_per_visit, self.bytes_per_record, self._left)
        )
        if self._size_window:
            self._size_window(self._stream)


class _Measured:
    """What is known of the sizes of records: an average, in which each window counts half of the next one.

    A window of a few records says little, neither at the start nor among large ones. So an average is by
    records, and where windows are awaited none is larger than what was measured before lets it be.
    """

    def __init__(self) -> None:
        self.awaited: deque[int] | None = None  # visits of windows that have yet to be measured
        self._visits, self._records, self._bytes = 0, 0.0, 0.0

    @property
    def bytes_per_record(self) -> float:
        """Return the average, 0 where nothing is known."""
        return self._bytes / self._records if self._records else 0.0

    def expect(self, visits: int) -> None:
        """Note a window that will be measured."""
        if self.awaited is not None:
            self.awaited.append(visits)

    def add(self, bytes_per_record: float, records: int) -> None:
        """Note what is measured, of the first window that is awaited."""
        if records:
            self._records = self._records / 2 + records
            self._bytes = self._bytes / 2 + records * bytes_per_record
        if self.awaited:
            self._visits += self.awaited.popleft()

    def limited(self, last: int) -> int:
        """Return after how many visits the next window grows: those of the last one, or those measured."""
        return last if self.awaited is None else min(last, max(self._visits, _FIRST // _GROWTH))
