"""Turns a source of batches and a time range into windows of a suitable size, and into batches."""

from collections.abc import Callable, Iterator
from typing import Any

from datagen.batch import Batch, Handover
from datagen.errors import ClockLimitError
from datagen.position import Cursor
from datagen.running.batch_source import BatchSource
from datagen.running.time_range import TimeRange

MAX_RECORDS = 32_768  # in a window
_BATCH_BYTES = 8 << 20


class BatchStream:
    """The windows of a run, in order, and their batches.

    Windows may be taken in another thread than batches are made in. `bytes_per_record` decides with how
    many records windows are asked for; whoever writes records may set it to what they take.
    `size_window` may change that, which has no effect on the data.
    """

    def __init__(
        self,
        source: BatchSource[Any],
        time_range: TimeRange,
        stopped: Callable[[], bool],
        cursor: Cursor | None = None,
        size_window: Callable[[Any], None] | None = None,
    ) -> None:
        self.bytes_per_record = source.width
        self._source, self._range, self._size_window = source, time_range, size_window
        self._stream = source.begin(time_range.simulated_from, time_range.end, stopped, cursor)

    @property
    def exhausted(self) -> bool:
        """Return whether there were no more records, however long the run."""
        return self._stream.exhausted

    def windows(self) -> Iterator[Any]:
        """Yield windows up to the end of the run. Raises RunError."""
        self._request(min(self._stream.window_size, self._records_of_a_batch()))
        for jump in self._range.jumps:
            if jump.at < self._range.end:
                yield from self._windows_until(jump.at)
                self._stream.jump(jump.by, jump.until)
        yield from self._windows_until(self._range.end)
        if not self._stream.exhausted and not self._range.bounded:
            raise ClockLimitError("the clock would pass the end of the year 9999")

    def batch(self, window: Any) -> Batch:
        """Return the records of a window; windows come in order. Raises RunError."""
        return self._source.batch(window)

    def hand_over(self, window: Any) -> Handover:
        """Return what it takes to make the batch of a window in another process. Raises RunError.

        Windows come in order, all of them here or all to `batch`.
        """
        return self._source.hand_over(window)

    def cursor(self) -> Cursor:
        """Return the cursor after the windows so far."""
        return self._source.cursor(self._stream)

    def close(self) -> None:
        """Release files and other resources of the source."""
        self._stream.close()

    def _windows_until(self, end: int) -> Iterator[Any]:
        self._stream.end = end
        for window in self._stream.windows():
            yield window
            self._request(
                min(MAX_RECORDS, 4 * self._stream.window_size, self._records_of_a_batch())
            )

    def _request(self, records: int) -> None:
        self._stream.request_window_size(records)
        if self._size_window:
            self._size_window(self._stream)

    def _records_of_a_batch(self) -> int:
        return int(_BATCH_BYTES / self.bytes_per_record)
