"""Writes complete records to one file, and resumes one that an earlier run has left."""

import hashlib
import os
from typing import NamedTuple, Self

from datagen.durable import sync_folder
from datagen.errors import TargetError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.locks import FileLock, hidden_beside
from datagen.one_line import counted
from datagen.targets.delivered import Position, impossible_position
from datagen.targets.descriptor import Descriptor, complete_records, open_error, reader_gone
from datagen.targets.sink import Sink

_BINARY = getattr(os, "O_BINARY", 0)  # where a system writes text in a way of its own
_TAIL_BYTES = 4096  # at the end of a file, by which a later run recognizes it


class _Written(NamedTuple):
    """Complete records of this run in a file, its length after them, and the last bytes of that."""

    records: int
    length: int
    tail: bytes = b""


class _FileState(NamedTuple):
    """The state of a position: the length then (-1: it was never opened), its tail, and the length when closed."""

    length: int = -1
    tail: int = 0
    sum: str = ""
    end: int | None = None

    @classmethod
    def of(cls, path: str, at: Position | None) -> Self:
        """Return the state of a position. Raises TargetError for one that no run can have left."""
        if at is None:
            return cls()
        try:
            length, tail = at.number("length", -1), at.number("tail", 0)
            end = None if at.state.get("end") is None else at.number("end", 0)
        except ValueError as error:
            raise impossible_position(path) from error
        if tail > min(max(length, 0), _TAIL_BYTES) or (end is not None and end < length):
            raise impossible_position(path)
        return cls(length, tail, str(at.state.get("sum", _digest(b""))), end)


class FileSink(Sink):
    """Writes complete records: what a failed write leaves of one is truncated.

    It begins a file, or resumes at a position. A lock on the file, if any, is released when it is closed.
    Raises TargetError where the file is no longer as it was there.
    """

    def __init__(
        self, path: str, mode: str, at: Position | None = None, lock: FileLock | None = None
    ) -> None:
        super().__init__()
        self._lock = lock
        state = _FileState.of(path, at)
        self._path, self._closed = path, False
        self._closed_length: int | None = None  # bytes of a file that is closed
        self._footer = b""  # of the document that is written
        self._synced_length = -1  # bytes that are safe on disk, the file's name too
        self.records_before, length = at.records if at else 0, state.length
        cut = os.O_TRUNC if mode == "overwrite" and length < 0 else os.O_APPEND
        make = os.O_CREAT if length < 1 else 0
        try:
            self._file = Descriptor(os.open(path, os.O_WRONLY | make | cut | _BINARY, 0o666))
        except OSError as error:
            self._unlock()
            if isinstance(error, FileNotFoundError) and length > 0:
                raise _missing_file(path, length) from error
            raise open_error(path, error) from error
        size = os.fstat(self._file.number).st_size if self._file.regular else 0
        self._written = _Written(0, size)
        self.is_first_run = length < 0
        if at is not None and not self.is_first_run and self._file.regular:
            self._cut_back(state)

    @property
    def length(self) -> int:
        """Return the length of the file after the last complete record."""
        return self._written.length

    def write(self, records: Rendered) -> None:
        self.write_bytes(records.as_bytes())

    def write_bytes(self, records: RecordBytes) -> None:
        """Write records, after their header where the file is empty. Raises TargetError."""
        header = records.encoding.header
        if header and not self.length:
            self._write_header(header)
        if self.length == len(header):
            records = records.begun()
        self._footer = b""  # a file that cannot be written stays as it is
        taken, ends = [0], records.ends
        try:
            self._file.write(records.data, taken)
            self._footer = records.encoding.footer
        except BrokenPipeError as error:
            raise reader_gone() from error
        except OSError as error:
            lines = self.delivered + complete_records(records.ends, taken[0])
            raise TargetError.of_system(self._path, error, lines) from error
        finally:
            lines = complete_records(records.ends, taken[0])
            complete = int(ends[lines - 1]) if lines else 0
            self._advance(lines, records.data[:complete])
            self.delivered += lines
            self.bytes += complete
            if complete < taken[0] and self._file.regular:
                os.ftruncate(self._file.number, self.length)

    def _advance(self, lines: int, data: memoryview) -> None:
        """Advance the position in one assignment: an interruption comes before it or after."""
        records, length, tail = self._written
        tail = (tail + bytes(data[-_TAIL_BYTES:]))[-_TAIL_BYTES:]
        self._written = _Written(records + lines, length + len(data), tail)

    def _cut_back(self, state: "_FileState") -> None:
        """Truncate what was written after a position. Raises TargetError."""
        size, length, end = self.length, state.length, state.end
        try:
            if size < length:
                raise _changed_file(
                    self._path,
                    f"has only {size:,} of the {counted(length, 'byte')} written by the previous run",
                )
            if end is not None and size > end:
                longer = counted(size - end, "byte")
                more = f"is {longer} longer than at the end of the previous run"
                raise _changed_file(self._path, more)
            tail = _read_before(self._path, length, state.tail)
            if tail is not None and _digest(tail) != state.sum:
                raise _changed_file(self._path, "no longer contains what the previous run wrote")
            os.ftruncate(self._file.number, length)
        except OSError as error:
            self._close()
            raise TargetError.of_system(self._path, error, 0) from error
        except TargetError:
            self._close()
            raise
        self._written = _Written(0, length, tail or b"")

    def sync(self) -> None:
        if not self._file.regular or self._closed or self._synced_length == self.length:
            return
        try:
            os.fsync(self._file.number)
        except OSError as error:
            raise TargetError.of_system(self._path, error, self.delivered) from error
        if self._synced_length < 0:
            sync_folder(self._path)
        self._synced_length = self.length

    def position(self) -> Position:
        """Return the position, with a digest of the bytes before it; once closed also the file's length."""
        records, length, tail = self._written
        state = {"length": length, "tail": len(tail), "sum": _digest(tail)}
        return Position(
            self.records_before + records,
            state | ({} if self._closed_length is None else {"end": self._closed_length}),
        )

    def _write_header(self, header: bytes) -> None:
        """Write the header, completely or not at all."""
        taken = [0]
        try:
            self._file.write(memoryview(header), taken)
            self.bytes += taken[0]
            self._advance(0, memoryview(header))
        except OSError as error:
            if self._file.regular:
                os.ftruncate(self._file.number, self.length)
            raise TargetError.of_system(self._path, error, self.delivered) from error

    def end_last_line(self) -> None:
        """Add a newline to the last line of a file that lacks one, so that ours begin on a new line."""
        if self.is_first_run and self.length and _last_byte(self._path) not in (b"\n", None):
            try:
                self._file.write(memoryview(b"\n"), [0])
            except OSError as error:
                self.close()
                raise TargetError.of_system(self._path, error, 0) from error
            self._advance(0, memoryview(b"\n"))

    def suspend(self, reached: int) -> None:
        del reached
        try:
            self._write_footer()
            self.sync()
            if self._file.regular:  # what an interruption left of a line included
                self._closed_length = os.fstat(self._file.number).st_size
        finally:
            self.close()

    def pause(self) -> Position:
        self.sync()
        position = self.position()
        self._close()
        return position

    def _write_footer(self) -> None:
        """Write the end of a document, which a later run cuts off: no position counts it."""
        footer, self._footer = self._footer, b""
        if footer and not self._closed:
            try:
                self._file.write(memoryview(footer), [0])
            except OSError as error:
                raise TargetError.of_system(self._path, error, self.delivered) from error
            self.bytes += len(footer)
            self._synced_length = -1

    def close(self) -> None:
        try:
            self._write_footer()
        finally:
            self._close()

    def _close(self) -> None:
        self._closed = True
        try:
            os.close(self._file.number)
        except OSError as error:  # some file systems report a full disk only now
            raise TargetError.of_system(self._path, error, self.delivered) from error
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
        self._lock = None


def locked(path: str) -> FileLock | None:
    """Lock a file that is to be written; None for a device or a pipe, and in a folder that takes no new file.

    Raises TargetError where another run is writing it.
    """
    real = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(real):  # /dev/stdout leads to what has no name
        return None
    try:
        return FileLock.beside(real)
    except BlockingIOError as error:
        raise TargetError.of_system(path, error, 0) from error
    except OSError as error:
        if os.path.lexists(hidden := hidden_beside(real)):  # one that is not ours to take
            raise TargetError.of_system(hidden, error, 0) from error
        return None


def _last_byte(path: str) -> bytes | None:
    """Return the last byte of a file, or None where it may be written only."""
    try:
        with open(path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read()
    except OSError:
        return None


def _read_before(path: str, until: int, count: int) -> bytes | None:
    """Return the bytes of a file before an offset, or None where it may be written only."""
    try:
        with open(path, "rb") as file:
            file.seek(until - count)
            return file.read(count)
    except PermissionError:
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _changed_file(path: str, what: str) -> TargetError:
    """Return the error for a file that is not as its run has left it."""
    text = "so the run cannot be resumed. To start over, move it and the --resume file away"
    return TargetError(path, f"{what}, {text}", 0)


def _missing_file(path: str, length: int) -> TargetError:
    place = "" if os.path.isabs(path) else f", {os.path.abspath(path)},"
    return _changed_file(
        path, f"is missing{place} with the {counted(length, 'byte')} written by the previous run"
    )
