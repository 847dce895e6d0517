"""Files, plain or compressed."""

import errno
import os
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

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
    Sink,
    Target,
    delivered_lines,
    failed,
    reader_gone,
    recounted,
    refused,
)
from datagen.targets.partitions import Partition, PartitionedSink, PathPattern, has_directives
from datagen.targets.sealed import SealedFileSink

MEMBER = 1 << 20  # bytes of records in a compressed member


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
        return self.path if has_directives(self.path) else self.path.replace("%%", "%")

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        dated = has_directives(self.path)
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
        sealed = self.implied is not None and self.implied.sealed
        open_file = SealedFileSink if sealed else self._overwritten
        if has_directives(self.path):
            return PartitionedSink(PathPattern(self.path), self.mode == "append", open_file)
        if sealed:
            _see_whether_it_can_be(self.file)
            return Partition(self.file, open_file)
        return self._sink(self.file, self.mode)

    def _overwritten(self, path: str) -> Sink:
        return self._sink(path, "overwrite")

    def _sink(self, path: str, mode: str) -> Sink:
        for ending, compress in _COMPRESSORS.items():
            if self.path.endswith(ending):
                return CompressedFileSink(path, mode, compress)
        sink = FileSink(path, mode)
        sink.end_line()
        return sink


class FileSink(Sink):
    """Writes whole records: what a failed write leaves of a line is cut off again."""

    def __init__(self, path: str, mode: str) -> None:
        super().__init__()
        self._path = path
        cut = os.O_TRUNC if mode == "overwrite" else os.O_APPEND
        try:
            self._file = Descriptor(os.open(path, os.O_WRONLY | os.O_CREAT | cut, 0o666))
        except OSError as error:
            raise refused(path, error) from error
        self.length = os.fstat(self._file.number).st_size if self._file.regular else 0

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
            self.delivered += lines
            self.bytes += whole
            self.length += whole
            if whole < taken[0] and self._file.regular:
                os.ftruncate(self._file.number, self.length)

    def _head(self, header: bytes) -> None:
        """Write the line of names, whole or not at all."""
        taken = [0]
        try:
            self._file.write(memoryview(header), taken)
            self.bytes += taken[0]
            self.length += taken[0]
        except OSError as error:
            if self._file.regular:
                os.ftruncate(self._file.number, self.length)
            raise failed(self._path, error, self.delivered) from error

    def end_line(self) -> None:
        """Give the last line of the file a newline where it lacks one, so that ours stand alone."""
        if self.length and _last_byte(self._path) not in (b"\n", None):
            self.length += os.write(self._file.number, b"\n")

    def close(self) -> None:
        try:
            os.close(self._file.number)
        except OSError as error:  # some file systems report a full disk only now
            raise failed(self._path, error, self.delivered) from error


class CompressedFileSink(Sink):
    """Writes whole members, each of about a megabyte of records, one after the other."""

    def __init__(self, path: str, mode: str, compress: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._file = FileSink(path, mode)
        self._compress = compress
        self._pending: list[memoryview] = []
        self._records = self._size = 0
        self._empty = self._file.length == 0  # not yet a file that can be decompressed

    def write(self, records: Rendered) -> None:
        if self._empty and records.header:
            self._pending.append(memoryview(records.header))
        self._empty = False
        self._pending.append(records.data)
        self._records += len(records)
        self._size += len(records.data)
        if self._size >= MEMBER:
            self._finish_member()

    def close(self) -> None:
        try:
            if self._pending or self._empty:
                self._finish_member()
        finally:
            self._file.close()

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
