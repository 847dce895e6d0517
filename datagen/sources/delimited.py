"""Turns CSV and TSV with a line of names into records.

Cells are texts, unless a type is asked for: those of CSV byte for byte, those of TSV without its escapes.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from datagen.arrays import Ints, Mask
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import ColumnType
from datagen.sources.base import (
    DECLARABLE_TYPES,
    FILE_START,
    FIRST_READ_BYTES,
    Chunk,
    FieldGroup,
    ReadOptions,
    RecordPosition,
    Rows,
    SourceError,
    why_unreadable,
)
from datagen.sources.cells import parse_cells
from datagen.sources.escapes import NULL_CELL, unescaped
from datagen.sources.moving import EMPTY_TEXT, MovingField, MovingRead, TimeField, read_moving
from datagen.sources.texts import BOM, TextSource, last_line_end
from datagen.sources.times import FIRST, Around, RowProblem, TimesRead, first_problem
from datagen.validation import quoted


class Delimited(TextSource):
    """CSV: lines of cells, the first of which holds their names; `delimiter` separates cells.

    With `quotes`, a quote at the beginning of a cell begins a quoted cell.
    """

    quotes = True

    def __init__(self, file: str, options: ReadOptions, stdin: BinaryIO) -> None:
        super().__init__(file, options, stdin)
        self.delimiter = options.delimiter
        self._header_size = 0
        self._header_lines = 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        blocks = self.input.blocks(0, lambda: FIRST_READ_BYTES, self._last_end)
        byte, data = next((block for block in blocks if block[1]), (0, b""))
        ends = self._ends(data)
        end = int(ends[0]) if len(ends) else len(data)
        try:
            text = data[:end].removeprefix(BOM).decode()
        except UnicodeDecodeError:
            raise self.error("line 1", "is not UTF-8 text") from None
        try:
            names = self._names_in(text)
        except csv.Error as error:
            raise self.error("line 1", str(error)) from None
        if not names:
            raise SourceError(self.file, "has no header line")
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise self.error("line 1", f"names the column {quoted(twice[0])} twice")
        self._header_size, self._header_lines = end, _count_lines(data[:end])
        if data[end:]:
            self.input.put_back((byte + end, data[end:]))
        return tuple(names)

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        names = self.names
        if begin == FILE_START:
            begin = RecordPosition(0, self._header_size, 1 + self._header_lines)
        record, line = begin.record, begin.line
        for byte, data in self.input.blocks(begin.byte, size, self._last_end):
            chunk = self._chunk(data, names, RecordPosition(record, byte, line))
            record += len(chunk)
            line += _count_lines(data)
            if len(chunk) or chunk.problem or not data:
                yield chunk

    def from_arrow(self, batch: Any) -> Rows:
        return TextRows(batch, self.options)

    def _names_in(self, line: str) -> list[str]:
        """Return the names of the columns. Raises csv.Error."""
        return next(csv.reader(io.StringIO(line, ""), delimiter=self.delimiter), [])

    def _chunk(self, data: bytes, names: tuple[str, ...], begin: RecordPosition) -> Chunk:
        lines = _Lines(data, begin.line, self._ends)
        try:
            batch = self._parse(data, names)
        except pa.ArrowInvalid:
            row, problem = self._first_fault(data, lines.starts, names)
            start = int(lines.starts[row])
            batch = self._parse(data[:start], names)
            return Chunk(TextRows(batch, self.options), begin, lines.of_all, problem, lines.of(row))
        return Chunk(TextRows(batch, self.options), begin, lines.of_all)

    def _parse(
        self, data: bytes, names: tuple[str, ...], bad_row: Callable[[Any], str] | None = None
    ) -> Any:
        """Return the cells of complete records: an Arrow record batch of strings.

        `bad_row` is called with an `InvalidRow` of pyarrow, whose cells are too few or too many, and returns
        "error". Raises ArrowInvalid.
        """
        if not data.strip(b"\r\n"):
            return pa.record_batch([pa.array([], pa.string())] * len(names), list(names))
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(
                use_threads=False, column_names=list(names), block_size=len(data) + 1
            ),
            arrow_csv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if self.quotes else False,
                newlines_in_values=self.quotes and b'"' in data,
                invalid_row_handler=bad_row,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                null_values=[],
            ),
        )
        return table.combine_chunks().to_batches()[0]

    def _first_fault(self, data: bytes, starts: Ints, names: tuple[str, ...]) -> tuple[int, str]:
        """Return the first record that cannot be read, found by bisection, and what is wrong with it."""
        edges = [*starts.tolist(), len(data)]
        good, bad = 0, len(starts)  # so many records can be read, so many cannot
        while bad - good > 1:
            middle = (good + bad) // 2
            if self._fault(data[: edges[middle]], names):
                bad = middle
            else:
                good = middle
        return good, self._fault(data[edges[good] : edges[good + 1]], names)

    def _fault(self, data: bytes, names: tuple[str, ...]) -> str:
        """Return what is wrong with some records, "" if nothing is."""
        cells: list[int] = []

        def bad_row(row: Any) -> str:
            cells.append(row.actual_columns)
            return "error"

        try:
            self._parse(data, names, bad_row)
        except pa.ArrowInvalid as error:
            if cells:
                count = "1 cell" if cells[0] == 1 else f"{cells[0]} cells"
                return f"{count}, but the header line has {len(names)}"
            if not _is_utf8(data):
                return "is not UTF-8 text"
            return f"cannot be read: {why_unreadable(error)}"
        return ""

    def _last_end(self, data: bytes) -> int:
        """Return where the last complete record ends, 0 where none does."""
        if b'"' not in data:
            return last_line_end(data)
        ends = self._ends(data)
        return int(ends[-1]) if len(ends) else 0

    def _ends(self, data: bytes) -> Ints:
        """Return where records end, blank lines too: after each line end outside of quotes."""
        codes = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(codes == 10)
        if not len(ends) and b"\r" in data:
            ends = np.flatnonzero(codes[:-1] == 13)
        quotes = np.flatnonzero(codes == 34)
        if not self.quotes or not len(quotes):
            return ends + 1
        before = codes[np.maximum(quotes[::2] - 1, 0)]
        usual = np.isin(before, [ord(self.delimiter), 10, 13, 34]) | (quotes[::2] == 0)
        if usual.all():
            outside = np.searchsorted(quotes, ends) % 2 == 0
        else:
            outside = ~self._in_quotes(data, ends)
        after: Ints = ends[outside] + 1
        return after

    def _in_quotes(self, data: bytes, places: Ints) -> Mask:
        """Return which places are inside of quotes, where quotes are also in the middle of cells."""
        before = re.escape(self.delimiter.encode())
        regex = re.compile(rb"(?:\A|(?<=[\r\n" + before + rb']))"(?:[^"]|"")*(?:"|\Z)')
        spans = np.array([each.span() for each in regex.finditer(data)], dtype=np.int64)
        if not len(spans):
            return np.zeros(len(places), dtype=bool)
        row = np.searchsorted(spans[:, 0], places, side="right") - 1
        inside: Mask = (row >= 0) & (places < spans[np.maximum(row, 0), 1])
        return inside


class Tsv(Delimited):
    """TSV: lines of cells that are separated by tabs and have escapes; a null is not an empty text."""

    quotes = False

    def __init__(self, file: str, options: ReadOptions, stdin: BinaryIO) -> None:
        super().__init__(file, options, stdin)
        self.delimiter = "\t"

    def notes(self, sample: Sequence[Chunk]) -> Iterator[str]:
        columns = (column for chunk in sample for column in chunk.rows.to_arrow().columns)
        if any(pc.any(pc.match_substring_regex(each, '^".*"$')).as_py() for each in columns):
            yield (
                "quotes of cells are part of them; if they are those of CSV, set "
                '"source_format": "csv", "delimiter": "\\t"'
            )

    def _names_in(self, line: str) -> list[str]:
        cells = unescaped(pa.array(line.rstrip("\r\n").split("\t"), pa.string()))
        names: list[str] = pc.fill_null(cells, NULL_CELL).to_pylist() if line.strip() else []
        return names

    def _parse(
        self, data: bytes, names: tuple[str, ...], bad_row: Callable[[Any], str] | None = None
    ) -> Any:
        batch = super()._parse(data, names, bad_row)
        return pa.record_batch([unescaped(each) for each in batch.columns], list(names))


class _Lines:
    """The line of each record of a block, counted when it is asked for."""

    def __init__(self, data: bytes, first: int, ends: Callable[[bytes], Ints]) -> None:
        self._data, self._first, self._ends = data, first, ends

    @cached_property
    def starts(self) -> Ints:
        """Return where each record starts."""
        return _starts(self._data, self._ends(self._data))

    def of_all(self) -> Ints:
        """Return the line of each record."""
        codes = np.frombuffer(self._data, dtype=np.uint8)
        breaks = np.flatnonzero(codes == (10 if b"\n" in self._data else 13))
        return self._first + np.searchsorted(breaks, self.starts)

    def of(self, row: int) -> int:
        """Return the line of a record."""
        return int(self.of_all()[row])


@dataclass(frozen=True)
class TextRows(Rows):
    """Cells, all of them texts: an Arrow record batch."""

    batch: Any
    options: ReadOptions

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def slice(self, first: int, last: int) -> "TextRows":
        return TextRows(self.batch.slice(first, last - first), self.options)

    def take(self, rows: Ints) -> "TextRows":
        return TextRows(self.batch.take(pa.array(rows)), self.options)

    def read_as(self, options: ReadOptions) -> "TextRows":
        return replace(self, options=options)

    def times(self, around: Around = FIRST) -> TimesRead:
        clock = self.options.clock
        as_texts = self.options.types.get(clock.name) == "text"
        texts, read = self.batch.column(clock.name), clock.parser.read_texts
        if not texts.null_count:
            return read(texts, as_texts, around)
        row = int(np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False))[0])
        times, problem = read(texts.slice(0, row), as_texts, around)
        return times, problem or RowProblem(row, "has no time")

    def field_groups(
        self, clock: Ints | None = None
    ) -> tuple[tuple[FieldGroup, ...], RowProblem | None]:
        names = tuple(self.batch.schema.names)
        others = {each.name: each for each in self.options.others}
        columns: dict[str, Column] = {}
        moving: dict[str, MovingField] = {}
        problems = []
        for name, texts in zip(names, self.batch.columns, strict=True):
            if name == self.options.clock.name:
                continue
            if name in others:
                moving[name], problem = self._moving(others[name], texts, clock)
                problems += [] if problem is None else [problem]
                continue
            columns[name], problem = parse_cells(texts, self.options.types.get(name, "text"))
            if problem is not None:
                problems.append(RowProblem(problem.row, f"{name}: {problem.text}"))
        return (FieldGroup(None, names, columns, moving),), first_problem(problems)

    def _moving(self, field: TimeField, texts: Any, clock: Ints | None) -> MovingRead:
        """Return the times of a field that is not the clock; an empty cell stays what it is."""
        kind = self.options.types.get(field.name)
        plain = field.parser.only_texts or kind == "text"
        null = texts.is_null().to_numpy(zero_copy_only=False)
        blank = pc.fill_null(pc.equal(texts, ""), False).to_numpy(zero_copy_only=False)
        empty = null | blank
        return read_moving(
            field,
            np.where(null, NULL, np.where(blank, 1 if plain else NULL, 0)),
            lambda around: field.parser.read_texts(
                texts.filter(pa.array(~empty)), kind == "text", around
            ),
            clock,
            EMPTY_TEXT if plain else None,
        )

    def column_types(self) -> dict[str, ColumnType]:
        return {
            name: DECLARABLE_TYPES[self.options.types.get(name, "text")]
            for name in self.batch.schema.names
            if name != self.options.clock.name
        }

    def to_arrow(self) -> Any:
        return self.batch


def _starts(data: bytes, ends: Ints) -> Ints:
    """Return where records start, after the ends of others; blank lines are no records."""
    starts = np.concatenate([[0], ends])
    starts = starts[starts < len(data)]
    codes = np.frombuffer(data, dtype=np.uint8)
    first = codes[starts]
    second = codes[np.minimum(starts + 1, len(data) - 1)]
    blank = (first == 10) | ((first == 13) & ((second == 10) | (starts + 1 == len(data))))
    records: Ints = starts[~blank]
    return records


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
