"""Writes members of gzip or Zstandard, cut by the sizes of records, not by the slices they come in."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from datagen.errors import TargetError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.targets.delivered import Position
from datagen.targets.files.plain import FileSink
from datagen.targets.sink import Sink

MEMBER_SIZE = 1 << 20  # bytes of records in a member


class CompressedFileSink(Sink):
    """Writes complete members, one after the other.

    A member ends with the record that fills a megabyte, whatever the slices in which records come;
    only the last one of a run may be smaller. A run that resumes writes that one again.
    """

    def __init__(self, file: FileSink, compress: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._file = file
        self.records_before, file.records_before = (
            file.records_before,
            0,
        )  # which counts each member as one record
        self._compress = compress
        self._pending: list[memoryview] = []
        self._records = self._size = 0
        self._empty = self._has_none = self._file.length == 0  # nothing, and no record
        self._footer = b""  # of the document that is written
        self._resume_at = self.position_of_file()

    def write(self, records: Rendered) -> None:
        content = records.as_bytes()
        header = content.encoding.header
        self._footer = content.encoding.footer
        if self._has_none and len(content):
            self._has_none, content = False, content.begun()
        if self._empty and header:
            self._pending.append(memoryview(header))
            self._size = len(header)
        self._empty, first = False, 0
        while first < len(content):
            begin = int(content.ends[first - 1]) if first else 0
            last = 1 + int(content.ends.searchsorted(begin + MEMBER_SIZE - self._size))
            self._buffer(content.rows(first, min(last, len(content))))
            if last <= len(content):
                self._finish_member()
                self._resume_at = self.position_of_file()
            first = last

    def sync(self) -> None:
        self._file.sync()

    def position(self) -> Position:
        return self._resume_at

    def position_of_file(self) -> Position:
        """Return the position after the members that are in the file."""
        return Position(self.records_before + self.delivered, self._file.position().state)

    def suspend(self, reached: int) -> None:
        self._end(lambda: self._file.suspend(reached))
        state = self._file.position().state
        if "end" in state:
            self._resume_at = replace(
                self._resume_at, state={**self._resume_at.state, "end": state["end"]}
            )

    def pause(self) -> Position:
        self.end_member()
        return replace(self._resume_at, state=self._file.pause().state)

    def end_member(self) -> None:
        if self._pending:
            self._finish_member()
            self._resume_at = self.position_of_file()

    def close(self) -> None:
        self._end(self._file.close)

    def _end(self, close: Callable[[], None]) -> None:
        try:
            footer, self._footer = self._footer, b""
            if footer:
                self._pending.append(memoryview(footer))
            if self._pending or self._empty:
                self._finish_member()
        finally:
            close()

    def _buffer(self, records: RecordBytes) -> None:
        self._pending.append(records.data)
        self._records += len(records)
        self._size += len(records.data)

    def _finish_member(self) -> None:
        member = memoryview(self._compress(b"".join(self._pending)))
        self._pending.clear()
        try:
            self._file.write_bytes(RecordBytes(member, np.array([len(member)])))
        except TargetError as error:
            raise error.recounted(self.delivered) from error
        self.delivered += self._records
        self.bytes += len(member)
        self._records = self._size = 0
