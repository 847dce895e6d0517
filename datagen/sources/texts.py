"""Turns files and pipes, plain or compressed, into blocks of complete records."""

import contextlib
import os
import select
import stat
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from datagen.sources.base import ReadOptions, Source, SourceError, why_unreadable
from datagen.sources.file_names import COMPRESSIONS

MAX_RECORD_BYTES = 1 << 26
_POLL_SECONDS = 0.1  # between two looks at whether anyone still waits for a pipe
_PIPES_CAN_BE_WAITED_FOR = os.name != "nt"  # Windows waits for sockets only
_SILENCE = bytes(1)  # returned for a pipe that has nothing for a while; compared by identity

Block = tuple[int, bytes]  # the byte at which it begins, and its bytes
EndFinder = Callable[
    [bytes], int
]  # where the last complete record of some bytes ends; 0: none does
Size = Callable[[], int]
BOM = b"\xef\xbb\xbf"  # the byte order mark, which may begin a text in UTF-8


class Input:
    """The bytes of a file, or of what can be read only once, such as a pipe; `stdin` is what `-` means."""

    def __init__(self, file: str, stdin: BinaryIO) -> None:
        self.file = file
        self.read_once = file == "-" or not stat.S_ISREG(os.stat(file).st_mode)
        self.stopped: Callable[[], bool] = lambda: False
        self._stdin = stdin
        self._stream: Any = None
        self._blocks: Iterator[Block] | None = None
        self._put_back: list[Block] = []
        self._size: Size = lambda: 0
        self._silent = False

    def blocks(self, byte: int, size: Size, end_of: EndFinder) -> Iterator[Block]:
        """Yield blocks of complete records from a byte on, about `size()` bytes each.

        What can be read only once is read on from where it was; an empty block means that nothing comes
        for a while. `end_of` finds the ends of records. Raises SourceError.
        """
        if not self.read_once:
            with self._source_errors(), self._file(byte) as stream:
                yield from self._complete_records(byte, stream.read, size, end_of)
            return
        self._size = size
        if self._blocks is None:
            self._blocks = self._complete_records(0, self._read_pipe, self._current_size, end_of)
        while self._put_back:
            yield self._put_back.pop()
        with self._source_errors():
            for block in self._blocks:  # noqa: UP028 - it stays open when the caller stops
                yield block

    def put_back(self, block: Block) -> None:
        """Make a block that was read of a pipe the next one to be read."""
        if self.read_once:
            self._put_back.append(block)

    def close(self) -> None:
        """Close a pipe that was opened here."""
        if self._stream is not None and self._stream is not self._stdin:
            self._stream.close()

    def _complete_records(
        self, byte: int, read: Callable[[int], bytes | None], size: Size, end_of: EndFinder
    ) -> Iterator[Block]:
        """Yield blocks until the end, or until nobody waits for more; a long record is read in ever larger steps."""
        buffered = b""
        while not self.stopped() and (data := read(max(size(), len(buffered)))) is not None:
            if data is _SILENCE:
                yield byte, b""
                continue
            buffered += data
            end = end_of(buffered) if data else len(buffered)
            if end:
                yield byte, buffered[:end]
                byte, buffered = byte + end, buffered[end:]
            elif len(buffered) > MAX_RECORD_BYTES:
                text = f"the record at byte {byte} is longer than {MAX_RECORD_BYTES >> 20} MB"
                raise SourceError(self.file, text + ": is a quote left open?")
            if not data:
                return

    @contextlib.contextmanager
    def _source_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException, EOFError) as error:
            raise SourceError(self.file, f"cannot be read: {why_unreadable(error)}") from error

    def _file(self, byte: int) -> Any:
        compression = COMPRESSIONS.get(os.path.splitext(self.file)[1])
        if compression is None:
            stream = open(self.file, "rb", buffering=0)  # noqa: SIM115 - the caller closes it
            stream.seek(byte)
            return stream
        inside = pa.input_stream(self.file, compression=compression)
        while byte > 0:
            byte -= len(inside.read(min(byte, 1 << 20))) or byte
        return inside

    def _current_size(self) -> int:
        return self._size()

    def _read_pipe(self, size: int) -> bytes | None:
        """Return what a pipe has: _SILENCE if nothing yet, b"" at its end, None when nobody waits for more."""
        if self._stream is None:
            stdin = self.file == "-"
            self._stream = self._stdin if stdin else open(self.file, "rb", buffering=0)  # noqa: SIM115
        number = _descriptor_of(self._stream)
        if number is None:
            return bytes(self._stream.read(size))
        while not select.select([number], [], [], _POLL_SECONDS)[0]:
            if self.stopped():
                return None
            if not self._silent:
                self._silent = True
                return _SILENCE
        self._silent = False
        return _read_available(number, size)


class TextSource(Source):
    """A source whose records are texts in an `input`."""

    def __init__(self, file: str, options: ReadOptions, stdin: BinaryIO) -> None:
        super().__init__(file, options)
        self.input = Input(file, stdin)
        self.read_once = self.input.read_once

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        self.input.stopped = stopped

    def close(self) -> None:
        self.input.close()


def last_line_end(data: bytes) -> int:
    """Return where the last complete line ends, 0 where none does."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1


def _read_available(number: int, size: int) -> bytes:
    """Read a pipe that has something, until it has no more at once or `size` bytes are there."""
    data = os.read(number, size)
    while data and len(data) < size and select.select([number], [], [], 0)[0]:
        more = os.read(number, size - len(data))
        if not more:
            break
        data += more
    return data


def _descriptor_of(stream: Any) -> int | None:
    """Return the descriptor of an open file that can be waited for, or None, as for bytes in memory."""
    if not _PIPES_CAN_BE_WAITED_FOR:
        return None
    try:
        return int(stream.fileno())
    except (OSError, AttributeError, ValueError):
        return None
