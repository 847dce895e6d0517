"""Writes records to the standard output."""

import io
from collections.abc import Callable
from typing import BinaryIO, Literal

from datagen.errors import TargetError
from datagen.formats.encoding import Output
from datagen.formats.rendered import RecordTable, Rendered
from datagen.targets.base import TARGETS, Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.descriptor import Descriptor, complete_records, reader_gone
from datagen.targets.sink import Sink
from datagen.targets.table_stream import TableStream


@TARGETS.register
class StdoutTarget(Target):
    """Writes records to the standard output."""

    type: Literal["stdout"] = "stdout"

    def on_stdout(self) -> bool:
        return True

    def accepted(self) -> Accepted:
        return Accepted(Output.LINES | Output.DOCUMENTS | Output.STREAM)

    def open(self, stdout: BinaryIO) -> Sink:
        return StdoutSink(stdout)

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        return StdoutSink(stdout, at)


class StdoutSink(Sink):
    """Writes to a binary stream, through its file descriptor where it has one."""

    def __init__(self, stream: BinaryIO, at: Position | None = None) -> None:
        super().__init__()
        self.records_before = at.records if at else 0
        self._stream = stream
        try:
            stream.flush()
            self._descriptor: Descriptor | None = Descriptor(stream.fileno())
        except (io.UnsupportedOperation, AttributeError):
            self._descriptor = None
        self._header_written = bool(at and at.state.get("begun"))
        self._resumed = self._header_written
        self._has_none, self._footer = True, b""  # of the document that is written
        self._tables: TableStream | None = None
        self._real_clock = False

    def position(self) -> Position:
        """Return the position, and whether the header is written."""
        return Position(self.records_before + self.delivered, {"begun": self._header_written})

    def expect_real_clock(self) -> None:
        self._real_clock = True

    def write(self, records: Rendered) -> None:
        if isinstance(records.payload, RecordTable):
            self._write_table(records.payload)
        else:
            self._write_lines(records)

    def flush(self) -> None:
        tables = self._tables
        if tables is not None and self._real_clock:
            self._attempt(tables.write_waiting)

    def close(self) -> None:
        tables, self._tables = self._tables, None
        if tables is not None:
            self._attempt(tables.close, tables)
        footer, self._footer = self._footer, b""
        if footer:
            self._attempt(lambda: self._put(memoryview(footer), [0]))
            self.bytes += len(footer)

    def _write_lines(self, records: Rendered) -> None:
        content, taken = records.as_bytes(), [0]
        header = content.encoding.header
        if self._resumed and content.encoding.footer:  # the document of an earlier run has its end
            self._header_written = False
        self._resumed = False
        try:
            if header and not self._header_written:
                self._put(memoryview(header), [0])
                self.bytes += len(header)
            self._header_written = True
            self._footer = content.encoding.footer
            if self._has_none and len(content):
                self._has_none, content = False, content.begun()
            self._put(content.data, taken)
        except BrokenPipeError as error:
            raise reader_gone() from error
        except OSError as error:
            lines = self.delivered + complete_records(content.ends, taken[0])
            raise TargetError.of_system("stdout", error, lines) from error
        finally:
            lines = complete_records(content.ends, taken[0])
            complete = int(content.ends[lines - 1]) if lines else 0
            rest = taken[0] - complete
            if rest and self._descriptor is not None and self._descriptor.take_back(rest):
                rest = 0
            self.delivered += lines
            self.bytes += complete + rest

    def _write_table(self, table: RecordTable) -> None:
        if self._tables is None:
            self._attempt(lambda: self._begin_tables(table))
        tables = self._tables
        assert tables is not None
        self._attempt(lambda: tables.add(table, prompt=self._real_clock))

    def _begin_tables(self, table: RecordTable) -> None:
        self._tables = TableStream(table, self._put_all)

    def _attempt(self, step: Callable[[], None], tables: TableStream | None = None) -> None:
        """Write parts of a stream of tables. Raises TargetError."""
        try:
            step()
        except BrokenPipeError as error:
            raise reader_gone() from error
        except OSError as error:
            raise TargetError.of_system("stdout", error, self.delivered) from error
        finally:
            tables = tables or self._tables
            self.delivered = tables.delivered if tables else self.delivered

    def _put_all(self, data: memoryview) -> None:
        taken = [0]
        try:
            self._put(data, taken)
        finally:
            cut = 0 < taken[0] < len(data) and self._descriptor is not None
            if not (cut and self._descriptor and self._descriptor.take_back(taken[0])):
                self.bytes += taken[0]

    def _put(self, data: memoryview, taken: list[int]) -> None:
        if self._descriptor is None:
            self._stream.write(data)
            taken[0] = len(data)
        else:
            self._descriptor.write(data, taken)
