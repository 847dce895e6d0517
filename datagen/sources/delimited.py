"""CSV and TSV with a line of names: cells are texts, byte for byte, unless a type is asked for."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from datagen.arrays import Ints, TextArray
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.base import KINDS, SMALL, Chunk, Place, Rows, Section, SourceError, Wanted
from datagen.sources.texts import Block, TextSource, last_line
from datagen.sources.time_parsing import Flaw, Read
from datagen.validation import quoted

_BOM = b"\xef\xbb\xbf"


class Delimited(TextSource):
    """A file of lines with cells; `delimiter` is what stands between them."""

    delimiter = ","

    def __init__(self, file: str, wanted: Wanted, stdin: BinaryIO) -> None:
        super().__init__(file, wanted, stdin)
        self._header_size = 0
        self._header_lines = 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        blocks = self.input.blocks(0, lambda: SMALL, self._cut)
        byte, data = next((block for block in blocks if block[1]), (0, b""))
        ends = self._ends(data)
        end = int(ends[0]) if len(ends) else len(data)
        try:
            text = data[:end].removeprefix(_BOM).decode()
        except UnicodeDecodeError:
            raise self.error("line 1", "is not UTF-8 text") from None
        try:
            names = next(csv.reader(io.StringIO(text, ""), delimiter=self.delimiter), [])
        except csv.Error as error:
            raise self.error("line 1", str(error)) from None
        if not names:
            raise SourceError(self.file, "has no line of names")
        for name in names:
            if names.count(name) > 1:
                raise self.error("line 1", f"names the column {quoted(name)} twice")
        self._header_size, self._header_lines = end, _breaks(data[:end])
        if data[end:]:
            self.input.put_back((byte + end, data[end:]))
        return tuple(names)

    def column_types(self, rows: Rows) -> dict[str, ColumnType]:
        del rows
        return {name: KINDS[self.wanted.types.get(name, "text")] for name in self.names
                if name != self.wanted.time_field}  # fmt: skip

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        names = self.names
        if begin == Place():
            begin = Place(0, self._header_size, 1 + self._header_lines)
        record, line = begin.record, begin.line
        for byte, data in self.input.blocks(begin.byte, size, self._cut):
            chunk = self._chunk(data, names, Place(record, byte, line))
            record += len(chunk)
            line += _breaks(data)
            if len(chunk) or chunk.flaw or not data:
                yield chunk

    def restored(self, stored: Any) -> Rows:
        return TextRows(stored, self.wanted)

    def _chunk(self, data: bytes, names: tuple[str, ...], begin: Place) -> Chunk:
        lines = _Lines(self, data, begin.line)
        try:
            batch = self._parsed(data, names)
        except pa.ArrowInvalid:
            row, flaw = self._fault(data, lines.starts, names)
            start = int(lines.starts[row])
            batch = self._parsed(data[:start], names)
            return Chunk(TextRows(batch, self.wanted), begin, lines.of_all, flaw, lines.of(row))
        return Chunk(TextRows(batch, self.wanted), begin, lines.of_all)

    def _parsed(self, data: bytes, names: tuple[str, ...]) -> Any:
        """Return the cells of whole records: an Arrow record batch of strings."""
        if not data.strip(b"\r\n"):
            return pa.record_batch([pa.array([], pa.string())] * len(names), list(names))
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(
                use_threads=False, column_names=list(names), block_size=len(data) + 1
            ),
            arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=b'"' in data),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                null_values=[],
            ),
        )
        return table.combine_chunks().to_batches()[0]

    def _fault(self, data: bytes, starts: Ints, names: tuple[str, ...]) -> tuple[int, str]:
        """Find the first record that cannot be read, and say what is wrong with it."""
        edges = [*starts.tolist(), len(data)]
        good, bad = 0, len(starts)  # so many records can be read, so many cannot
        while bad - good > 1:
            middle = (good + bad) // 2
            if self._problem(data[: edges[middle]], names):
                bad = middle
            else:
                good = middle
        problem = self._problem(data[edges[good] : edges[good + 1]], names)
        cells = re.search(r"Expected \d+ columns?, got (\d+)", problem)
        if cells is None:
            return good, "is not UTF-8 text" if "UTF8" in problem else f"cannot be read: {problem}"
        count = "1 cell" if cells[1] == "1" else f"{cells[1]} cells"
        return good, f"{count}, where the line of names has {len(names)}"

    def _problem(self, data: bytes, names: tuple[str, ...]) -> str:
        try:
            self._parsed(data, names)
        except pa.ArrowInvalid as error:
            return str(error).split("\n", maxsplit=1)[0]
        return ""

    def _cut(self, data: bytes) -> int:
        if b'"' not in data:
            return last_line(data)
        ends = self._ends(data)
        return int(ends[-1]) if len(ends) else 0

    def _ends(self, data: bytes) -> Ints:
        """Return where records end, blank lines too: after each line end outside of quotes."""
        held = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(held == 10)
        if not len(ends) and b"\r" in data:
            ends = np.flatnonzero(held[:-1] == 13)
        quotes = np.flatnonzero(held == 34)
        if not len(quotes):
            return ends + 1
        opening = held[np.maximum(quotes[::2] - 1, 0)]
        usual = np.isin(opening, [ord(self.delimiter), 10, 13, 34]) | (quotes[::2] == 0)
        if usual.all():
            outside = np.searchsorted(quotes, ends) % 2 == 0
        else:
            outside = ~self._quoted(data, ends)
        found: Ints = ends[outside] + 1
        return found

    def _quoted(self, data: bytes, places: Ints) -> NDArray[np.bool_]:
        """Tell which places are inside of quotes, where quotes also stand in the middle of cells."""
        before = re.escape(self.delimiter.encode())
        regex = re.compile(rb"(?:\A|(?<=[\r\n" + before + rb']))"(?:[^"]|"")*(?:"|\Z)')
        spans = np.array([each.span() for each in regex.finditer(data)], dtype=np.int64)
        if not len(spans):
            return np.zeros(len(places), dtype=bool)
        row = np.searchsorted(spans[:, 0], places, side="right") - 1
        inside: NDArray[np.bool_] = (row >= 0) & (places < spans[np.maximum(row, 0), 1])
        return inside


class Tsv(Delimited):
    """The same with tabs."""

    delimiter = "\t"


class _Lines:
    """The lines of the records of a block, counted when somebody asks."""

    def __init__(self, source: Delimited, data: bytes, first: int) -> None:
        self._source, self._data, self._first = source, data, first

    @cached_property
    def starts(self) -> Ints:
        """Return where each record starts."""
        return _starts(self._data, self._source._ends(self._data))  # noqa: SLF001 - a part of it

    def of_all(self) -> Ints:
        """Return the line of each record."""
        held = np.frombuffer(self._data, dtype=np.uint8)
        breaks = np.flatnonzero(held == (10 if b"\n" in self._data else 13))
        return self._first + np.searchsorted(breaks, self.starts)

    def of(self, row: int) -> int:
        """Return the line of a record."""
        return int(self.of_all()[row])


@dataclass(frozen=True)
class TextRows:
    """Cells, all of them texts: an Arrow record batch."""

    batch: Any
    wanted: Wanted

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def slice(self, first: int, last: int) -> "TextRows":
        return TextRows(self.batch.slice(first, last - first), self.wanted)

    def take(self, rows: Ints) -> "TextRows":
        return TextRows(self.batch.take(pa.array(rows)), self.wanted)

    def times(self) -> Read:
        field = self.wanted.time_field
        quoted = self.wanted.types.get(field) == "text"
        return self.wanted.time_format.of_texts(self.batch.column(field), quoted)

    def sections(self) -> tuple[tuple[Section, ...], Flaw | None]:
        names = tuple(self.batch.schema.names)
        columns: dict[str, Column] = {}
        flaws = []
        for name, texts in zip(names, self.batch.columns, strict=True):
            if name == self.wanted.time_field:
                continue
            columns[name], flaw = _MAKERS[self.wanted.types.get(name, "text")](texts)
            if flaw is not None:
                flaws.append(Flaw(flaw.row, f"{name}: {flaw.text}"))
        first = min(flaws, key=lambda flaw: flaw.row) if flaws else None
        return (Section(None, names, columns),), first

    def stored(self) -> Any:
        return self.batch


Made = tuple[Column, Flaw | None]


def _texts(texts: TextArray) -> Made:
    return TextColumn(texts), None


def _ints(texts: TextArray) -> Made:
    flaw, plain, empty = _checked(texts, r"^[+-]?[0-9]+$", "a whole number")
    if flaw is not None:
        return _nulls(len(texts)), flaw
    try:
        values = pc.cast(pc.replace_substring(plain, "+", ""), pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        for row, text in enumerate(plain.to_pylist()):
            if not -(1 << 63) <= int(text) < 1 << 63:
                return _nulls(len(texts)), Flaw(row, f"{quoted(text)} does not fit 64 bits")
        raise
    return _with_nulls(IntColumn(values), empty), None


def _floats(texts: TextArray) -> Made:
    pattern = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
    flaw, plain, empty = _checked(texts, pattern, "a number")
    if flaw is not None:
        return _nulls(len(texts)), flaw
    values = pc.cast(pc.replace_substring_regex(plain, r"^\+", ""), pa.float64()).to_numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        row = int(bad[0])
        return _nulls(len(texts)), Flaw(row, f"{quoted(texts[row].as_py())} is out of range")
    return _with_nulls(FloatColumn(values), empty), None


def _bools(texts: TextArray) -> Made:
    flaw, plain, empty = _checked(texts, r"^(?i:true|false|0|1)$", "true or false")
    if flaw is not None:
        return _nulls(len(texts)), flaw
    lower = pc.utf8_lower(plain)
    true = pc.or_(pc.equal(lower, "true"), pc.equal(lower, "1")).to_numpy(zero_copy_only=False)
    return LiteralColumn([False, True]).take(np.where(empty, NULL, true.astype(np.int64))), None


_MAKERS: Mapping[str, Callable[[TextArray], Made]] = {
    "text": _texts, "int": _ints, "float": _floats, "bool": _bools,
}  # fmt: skip


def _checked(
    texts: TextArray, pattern: str, what: str
) -> tuple[Flaw | None, TextArray, NDArray[np.bool_]]:
    """Return the texts with 0 for empty ones, which are empty, and the first that is not right."""
    empty = pc.equal(texts, "")
    plain = pc.if_else(empty, "0", texts)
    good = pc.match_substring_regex(plain, pattern)
    mask = empty.to_numpy(zero_copy_only=False)
    if pc.all(good).as_py() in (True, None):
        return None, plain, mask
    row = int(np.flatnonzero(~good.to_numpy(zero_copy_only=False))[0])
    return Flaw(row, f"{quoted(texts[row].as_py())} is not {what}"), plain, mask


def _with_nulls(column: Column, empty: NDArray[np.bool_]) -> Column:
    return column.take(np.where(empty, NULL, np.arange(len(column)))) if empty.any() else column


def _nulls(rows: int) -> Column:
    return LiteralColumn([None] * rows)


def _starts(data: bytes, ends: Ints) -> Ints:
    """Return where the records start, blank lines left out."""
    starts = np.concatenate([[0], ends])
    starts = starts[starts < len(data)]
    held = np.frombuffer(data, dtype=np.uint8)
    first = held[starts]
    second = held[np.minimum(starts + 1, len(data) - 1)]
    blank = (first == 10) | ((first == 13) & ((second == 10) | (starts + 1 == len(data))))
    found: Ints = starts[~blank]
    return found


def _breaks(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")


__all__ = ["Block", "Delimited", "TextRows", "Tsv"]
