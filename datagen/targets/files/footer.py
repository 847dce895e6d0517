"""Writes files that need a footer or an encoder of their own: Parquet, Arrow, Avro."""

import errno
import io
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from datagen.durable import sync_file
from datagen.errors import TargetError
from datagen.file_set import is_plain
from datagen.formats.encoding import FileEncoder
from datagen.formats.rendered import Payload, Rendered
from datagen.targets.delivered import Position
from datagen.targets.descriptor import Descriptor, open_error, reader_gone
from datagen.targets.sink import Sink

MAX_BUFFERED = 64 << 20  # bytes of records in memory, about, after which a piece is written
_MAX_PARTS = 256  # payloads; each takes memory of its own, however few records it has
_SPARE = 1 << 20  # bytes of room for the footer
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class FooterFileSink(Sink):
    """Writes records in pieces, and the footer when it is closed.

    Room for a piece, and for the footer behind it, is reserved before it is written: where there is
    none, the file is finished with what it holds. After a write that failed all the same, nothing in
    it counts. A pipe or a device is written to as it is; opening a pipe waits for a reader.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        try:
            whole = pa.OSFile(path, "wb") if is_plain(path) else None
            self._descriptor = os.open(path, os.O_WRONLY)
        except OSError as error:
            raise open_error(path, error) from error
        self._stream: Any = whole or pa.PythonFile(_Sequential(self._descriptor), "w")
        self._encoder: FileEncoder | None = None
        self._buffered: list[Any] = []  # payloads, all of the one kind that the format makes
        self._records = self._size = 0
        self._intact = True
        self._density = 1.0  # bytes of a piece to those of its records in memory, the most so far

    def write(self, records: Rendered) -> None:
        payload = records.payload
        if self._encoder is None:
            self._encoder = self._open_encoder(payload)
        first = 0
        while first < len(payload):
            last = min(len(payload), first + self._encoder.max_records - self._records)
            self._buffer(payload if last - first == len(payload) else payload.rows(first, last))
            if self._records == self._encoder.max_records or self._size >= MAX_BUFFERED:
                self._finish_piece(self._encoder)
            first = last

    def position(self) -> Position:
        """Return the beginning: nothing can be added to a file once it is closed."""
        return Position()

    def suspend(self, reached: int) -> None:
        del reached
        self.close()
        try:
            sync_file(self._path)
        except OSError as error:
            raise TargetError.of_system(self._path, error, self.delivered) from error

    def close(self) -> None:
        try:
            if self._encoder is not None and self._intact and self._records:
                self._finish_piece(self._encoder)
        finally:
            self._finish_file()

    def _open_encoder(self, records: Payload) -> FileEncoder:
        make = records.encoding.file_encoder
        if make is None:
            raise TypeError(f"{self._path}: records without an encoder")
        made: list[FileEncoder] = []
        self._attempt(lambda: made.append(make(self._stream)))
        return made[0]

    def _buffer(self, records: Payload) -> None:
        self._buffered.append(records)
        if len(self._buffered) > _MAX_PARTS:
            self._buffered = [records.joined(self._buffered)]
        self._records += len(records)
        self._size += records.size

    def _finish_piece(self, encoder: FileEncoder) -> None:
        payloads, count, size = self._buffered, self._records, self._size
        self._buffered, self._records, self._size = [], 0, 0
        begin = self._stream.tell()
        self._reserve(begin, int(size * min(2 * self._density, 1.0)))
        try:
            self._attempt(lambda: encoder.write_piece(payloads))
        finally:  # a second signal may be raised when the piece is written
            if self._intact and self._stream.tell() > begin:
                self.delivered += count
                self.bytes = self._stream.tell()
                self._density = (self.bytes - begin) / max(size, 1)

    def _reserve(self, begin: int, size: int) -> None:
        """Reserve room on disk. Raises TargetError where there is none."""
        if hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self._descriptor, begin, size + _SPARE)
            except OSError as error:
                if error.errno in _NO_ROOM:
                    raise TargetError.of_system(self._path, error, self.delivered) from error

    def _attempt(self, step: Callable[[], None]) -> None:
        """Write something; where that fails, mark the file as broken and raise TargetError."""
        try:
            step()
        except BrokenPipeError as error:
            self._mark_broken()
            raise reader_gone() from error
        except OSError as error:
            self._mark_broken()
            reason = OSError(error.errno, os.strerror(error.errno)) if error.errno else error
            raise TargetError.of_system(self._path, reason, self.delivered) from error
        except Exception:
            self._mark_broken()
            raise

    def _mark_broken(self) -> None:
        self._intact = False
        if self._encoder is None or not self._encoder.readable_without_footer:
            self.delivered = self.bytes = 0

    def _finish_file(self) -> None:
        """Write the footer and close the file."""
        encoder = self._encoder
        try:
            if encoder is not None and self._intact:
                self._attempt(encoder.write_footer)
                self.bytes = self._stream.tell()
            self._attempt(self._stream.close)  # some file systems report a full disk only now
        finally:
            self._close_descriptor()

    def _close_descriptor(self) -> None:
        """Truncate the room that was not needed, and what was written of a piece that failed."""
        if self._encoder is not None and not self._intact:
            self._encoder.discard()
        try:
            if self._intact or self.bytes:
                os.ftruncate(self._descriptor, self.bytes)
        except OSError:  # a device
            return
        finally:
            os.close(self._descriptor)


class _Sequential(io.RawIOBase):
    """A file that cannot be sought in, and knows its place all the same, which encoders ask for."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor, self._written = Descriptor(descriptor), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._descriptor.write(memoryview(data).cast("B"), [0])
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written
