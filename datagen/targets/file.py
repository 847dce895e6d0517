"""Files, plain or compressed."""

import errno
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from datagen.errors import Path, TargetError
from datagen.formats import FORMATS, Format, JsonLines, Rendered
from datagen.formats.base import any_format
from datagen.randomness import Ints
from datagen.schema import shown
from datagen.tables import Specification
from datagen.targets.base import (
    TARGETS,
    Descriptor,
    Position,
    Sink,
    Target,
    delivered_lines,
    failed,
    reader_gone,
    recounted,
    refused,
    sync_folder,
)
from datagen.targets.partitions import PartFile, PartitionedSink, PathPattern, has_directives
from datagen.targets.sealed import SealedFileSink

MEMBER = 1 << 20  # bytes of records in a compressed member
_TAIL = 4096  # bytes by which a file is known again


@TARGETS.register
class FileTarget(Target):
    """Writes records to a file, or to one for each hour, day, ... of a path with directives.

    One whose name ends in `.gz` or `.zst` is compressed. Other endings imply a format.
    """

    type: Literal["file"] = "file"
    path: str
    mode: Literal["overwrite", "append"] = "overwrite"

    @property
    def file(self) -> str:
        """Give the path of the one file, or the path with directives that stands for many."""
        return self.path if self.dated else self.path.replace("%%", "%")

    @property
    def identity(self) -> str:
        return f"file {self.path}"

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        dated = self.dated
        if not self.path or "\0" in self.path or (dated and self.path.endswith("/")):
            yield ("path",), "expected the path of a file"
        try:
            os.fsencode(self.path)
            PathPattern(self.path)
        except UnicodeEncodeError:
            yield ("path",), "half of a surrogate pair is no character"
        except ValueError as error:
            yield ("path",), f"{error}; a percent sign is written %%"
        yield from self._mistakes_of_sealed(dated)

    def _mistakes_of_sealed(self, dated: bool) -> Iterator[tuple[Path, str]]:
        implied = self.implied
        if implied is None or not implied.sealed:
            return
        if not self.path.endswith(implied.ending):
            packed = os.path.splitext(self.path)[1]
            text = f"{implied.type} is compressed within the file; leave out {shown(packed)}"
            yield ("path",), text
        if self.mode == "append" and not dated:
            yield ("mode",), f"nothing can be added to a file of {implied.type}"

    @property
    def implied(self) -> Format | None:
        """Give the format that the ending of the path stands for."""
        name = self.path
        for packed in _COMPRESSORS:
            name = name.removesuffix(packed)
        kinds = (kind for kind in FORMATS if FORMATS[kind].ending)
        found = next((kind for kind in kinds if name.endswith(FORMATS[kind].ending)), None)
        return None if found is None else any_format(found)

    @property
    def sealed(self) -> bool:
        """Tell whether its files are none without their end."""
        return self.implied is not None and self.implied.sealed

    @property
    def dated(self) -> bool:
        """Tell whether it has a file for each hour, day, ..."""
        return has_directives(self.path)

    def formats(self, default: Format | None, chosen: Format | None = None) -> tuple[Format, ...]:
        implied, asked = self.implied, chosen or self.format
        if implied and implied.sealed and default and default.type != implied.type:
            default = None  # it is for other targets
        return (asked or default or implied or JsonLines(),)

    def refusal(self, form: Format) -> str:
        implied = self.implied
        if implied and implied.sealed and form.type != implied.type:
            return f"{self.path} can only hold {implied.type}, not {form.type}"
        if form.sealed and (implied is None or implied.type != form.type):
            return f'{form.type} needs a path that ends in "{form.ending}"'
        return form.unfit_for_files()

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        if self.format is None and self.implied is not None:
            for _, text in self.implied.check(spec):
                yield ("path",), text

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        if self.dated:
            return self._partitioned()
        if self.sealed:
            _see_whether_it_can_be(self.file)
            return PartFile(self.file, _sealed)
        return self._sink(self.file, self.mode)

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        del stdout
        if self.dated:
            return self._partitioned(at)
        return self._sink(self.file, self.mode, at)

    def _partitioned(self, at: Position | None = None) -> Sink:
        open_file = _sealed if self.sealed else self._written_anew
        return PartitionedSink(PathPattern(self.path), self.mode == "append", open_file, at)

    def _written_anew(self, path: str, at: Position | None = None) -> Sink:
        return self._sink(path, "overwrite", at)

    def _sink(self, path: str, mode: str, at: Position | None = None) -> Sink:
        """Open a file; one that is gone on with is cut back to the length it had at a place."""
        for ending, compress in _COMPRESSORS.items():
            if self.path.endswith(ending):
                return CompressedFileSink(FileSink(path, mode, at), compress)
        plain = FileSink(path, mode, at)
        plain.end_line()
        return plain


def _sealed(path: str, at: Position | None = None) -> Sink:
    """Open a file that is made from its beginning, also by a run that goes on."""
    del at
    return SealedFileSink(path)


class _Place(NamedTuple):
    """Whole records of this run in a file, its length after them, and the last bytes of that."""

    records: int
    length: int
    tail: bytes = b""


class FileSink(Sink):
    """Writes whole records: what a failed write leaves of a line is cut off again.

    It begins a file, or goes on with the one that has a place. Raises TargetError where that is no
    longer as it was there.
    """

    def __init__(self, path: str, mode: str, at: Position | None = None) -> None:
        super().__init__()
        self._path, self._closed = path, False
        self._end: int | None = None  # bytes of a file that is closed
        self._safe = -1  # bytes that are safe on disk, the file's name too
        self.before = at.records if at else 0
        length = int(at.state.get("length", -1)) if at else -1  # -1: it was never opened
        cut = os.O_TRUNC if mode == "overwrite" and length < 0 else os.O_APPEND
        make = os.O_CREAT if length < 1 else 0
        try:
            self._file = Descriptor(os.open(path, os.O_WRONLY | make | cut, 0o666))
        except FileNotFoundError as error:
            raise _gone(path, length) if length > 0 else refused(path, error) from error
        except OSError as error:
            raise refused(path, error) from error
        size = os.fstat(self._file.number).st_size if self._file.regular else 0
        self._place = _Place(0, size)
        self.fresh = length < 0
        if at is not None and not self.fresh and self._file.regular:
            self._cut_back(length, at.state)

    @property
    def length(self) -> int:
        """Give the length of the file after the last whole record."""
        return self._place.length

    def write(self, records: Rendered) -> None:
        taken, ends = [0], records.ends
        if records.header and not self.length:
            self._head(records.header)
        try:
            self._file.write(records.data, taken)
        except BrokenPipeError as error:
            raise reader_gone() from error
        except OSError as error:
            lines = self.delivered + delivered_lines(records, taken[0])
            raise failed(self._path, error, lines) from error
        finally:
            lines = delivered_lines(records, taken[0])
            whole = int(ends[lines - 1]) if lines else 0
            self._passed(lines, records.data[:whole])
            self.delivered += lines
            self.bytes += whole
            if whole < taken[0] and self._file.regular:
                os.ftruncate(self._file.number, self.length)

    def _passed(self, lines: int, data: memoryview) -> None:
        """Move the place on, in one step: an interruption comes before it or after."""
        records, length, tail = self._place
        tail = (tail + bytes(data[-_TAIL:]))[-_TAIL:]
        self._place = _Place(records + lines, length + len(data), tail)

    def _cut_back(self, length: int, state: Mapping[str, Any]) -> None:
        """Take from the end what was written after a place. Raises TargetError."""
        size, end = self.length, state.get("end")
        try:
            if size < length:
                raise _changed(
                    self._path, f"has {size:,} bytes of the {length:,} that its run wrote"
                )
            if end is not None and size > end:
                more = f"has {size - end:,} bytes more than its run left in it"
                raise _changed(self._path, more)
            tail = _read(self._path, length, int(state.get("tail", 0)))
            if tail is not None and _sum(tail) != state.get("sum", _sum(b"")):
                raise _changed(self._path, "no longer holds what its run wrote")
            os.ftruncate(self._file.number, length)
        except OSError as error:
            self.close()
            raise failed(self._path, error, 0) from error
        except TargetError:
            self.close()
            raise
        self._place = _Place(0, length, tail or b"")

    def sync(self) -> None:
        if not self._file.regular or self._closed or self._safe == self.length:
            return
        try:
            os.fsync(self._file.number)
        except OSError as error:
            raise failed(self._path, error, self.delivered) from error
        if self._safe < 0:
            sync_folder(self._path)
        self._safe = self.length

    def position(self) -> Position:
        """Give the place, with a sum of the bytes before it; after the end also how long the file is."""
        records, length, tail = self._place
        state = {"length": length, "tail": len(tail), "sum": _sum(tail)}
        return Position(
            self.before + records, state | ({} if self._end is None else {"end": self._end})
        )

    def _head(self, header: bytes) -> None:
        """Write the line of names, whole or not at all."""
        taken = [0]
        try:
            self._file.write(memoryview(header), taken)
            self.bytes += taken[0]
            self._passed(0, memoryview(header))
        except OSError as error:
            if self._file.regular:
                os.ftruncate(self._file.number, self.length)
            raise failed(self._path, error, self.delivered) from error

    def end_line(self) -> None:
        """Give the last line of the file a newline where it lacks one, so that ours stand alone."""
        if self.fresh and self.length and _last_byte(self._path) not in (b"\n", None):
            try:
                self._file.write(memoryview(b"\n"), [0])
            except OSError as error:
                self.close()
                raise failed(self._path, error, 0) from error
            self._passed(0, memoryview(b"\n"))

    def suspend(self, reached: int) -> None:
        del reached
        try:
            self.sync()
            if self._file.regular:  # what an interruption left of a line included
                self._end = os.fstat(self._file.number).st_size
        finally:
            self.close()

    def close(self) -> None:
        self._closed = True
        try:
            os.close(self._file.number)
        except OSError as error:  # some file systems report a full disk only now
            raise failed(self._path, error, self.delivered) from error


class CompressedFileSink(Sink):
    """Writes whole members, one after the other.

    A member ends with the record that fills a megabyte, whatever the slices in which records come;
    only the last one of a run may be smaller. A later run makes that one anew.
    """

    def __init__(self, file: FileSink, compress: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._file = file
        self.before, file.before = file.before, 0  # a member is its record
        self._compress = compress
        self._pending: list[memoryview] = []
        self._records = self._size = 0
        self._empty = self._file.length == 0  # not yet a file that can be decompressed
        self._full = self.position_of_file()

    def write(self, records: Rendered) -> None:
        if self._empty and records.header:
            self._pending.append(memoryview(records.header))
            self._size = len(records.header)
        self._empty, first = False, 0
        while first < len(records):
            begin = int(records.ends[first - 1]) if first else 0
            last = 1 + int(records.ends.searchsorted(begin + MEMBER - self._size))
            self._hold(records.rows(first, min(last, len(records))))
            if last <= len(records):
                self._finish_member()
                self._full = self.position_of_file()
            first = last

    def sync(self) -> None:
        self._file.sync()

    def position(self) -> Position:
        return self._full

    def position_of_file(self) -> Position:
        """Give the place of the members that are in the file."""
        return Position(self.before + self.delivered, self._file.position().state)

    def suspend(self, reached: int) -> None:
        self._end(lambda: self._file.suspend(reached))
        state = self._file.position().state
        if "end" in state:
            self._full = replace(self._full, state={**self._full.state, "end": state["end"]})

    def close(self) -> None:
        self._end(self._file.close)

    def _end(self, close: Callable[[], None]) -> None:
        try:
            if self._pending or self._empty:
                self._finish_member()
        finally:
            close()

    def _hold(self, records: Rendered) -> None:
        self._pending.append(records.data)
        self._records += len(records)
        self._size += len(records.data)

    def _finish_member(self) -> None:
        member = memoryview(self._compress(b"".join(self._pending)))
        self._pending.clear()
        try:
            self._file.write(Rendered(member, _one(len(member))))
        except TargetError as error:
            raise recounted(error, self.delivered) from error
        self.delivered += self._records
        self.bytes += len(member)
        self._records = self._size = 0


def _last_byte(path: str) -> bytes | None:
    """Give the last byte of a file, or None where it may be written only."""
    try:
        with open(path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read()
    except OSError:
        return None


def _read(path: str, until: int, count: int) -> bytes | None:
    """Give the bytes of a file before a place, or None where it may be written only."""
    try:
        with open(path, "rb") as file:
            file.seek(until - count)
            return file.read(count)
    except PermissionError:
        return None


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _one(length: int) -> Ints:
    return np.array([length])


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd", compression_level=3).compress(data, asbytes=True)
    return packed


_COMPRESSORS = {".gz": _gzip, ".zst": _zstd}


def _see_whether_it_can_be(path: str) -> None:
    """Look for what would keep a file from getting its name at the end. Raises TargetError."""
    if os.path.isdir(path):
        raise failed(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)), 0)
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise refused(path, FileNotFoundError())


def _changed(path: str, what: str) -> TargetError:
    """Make the error for a file that is not as its run has left it."""
    text = "its run cannot go on with it. To begin anew, move it and the file of --resume away"
    return TargetError(f"{path}: {what}: {text}; 0 records were delivered")


def _gone(path: str, length: int) -> TargetError:
    return _changed(path, f"is gone, with the {length:,} bytes that its run wrote")
