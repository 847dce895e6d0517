"""Writes records that are tables to a stream of bytes, as pieces of the same size, or sooner on the real clock."""

import time
from collections.abc import Callable

from datagen.formats.encoding import FileEncoder
from datagen.formats.rendered import RecordTable

_LINGER_SECONDS = 0.1  # that records wait for others on the real clock


class TableStream:
    """Buffers rows until there is a piece of them; `put` gets the bytes of each step."""

    def __init__(
        self,
        records: RecordTable,
        put: Callable[[memoryview], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with what comes before the records. Raises OSError."""
        self.write = put  # encoders write to this
        self.delivered = 0
        self._monotonic, self._last_piece = monotonic, monotonic()
        make = records.encoding.file_encoder
        if make is None:
            raise TypeError("records in columns for a target that takes bytes")
        self._encoder: FileEncoder = make(self)
        self._waiting: list[RecordTable] = []
        self._count = 0

    def add(self, records: RecordTable, *, prompt: bool) -> None:
        """Write records, all of them if `prompt` and the last piece is a while ago. Raises OSError."""
        most, first = self._encoder.max_records, 0
        while len(records) - first >= most - self._count:
            last = first + most - self._count
            self._wait(records.rows(first, last))
            self.write_waiting()
            first = last
        if first < len(records):
            self._wait(records.rows(first, len(records)))
        if prompt and self._monotonic() - self._last_piece >= _LINGER_SECONDS:
            self.write_waiting()

    def write_waiting(self) -> None:
        """Write what waits as a piece, if anything does. Raises OSError."""
        self._last_piece = self._monotonic()
        waiting, count = self._waiting, self._count
        self._waiting, self._count = [], 0
        if count:
            self._encoder.write_piece(waiting)
            self.delivered += count

    def close(self) -> None:
        """Write the rest, and the end of the stream. Raises OSError."""
        self.write_waiting()
        self._encoder.write_footer()

    def _wait(self, records: RecordTable) -> None:
        self._waiting.append(records)
        self._count += len(records)
