"""Writes records as CSV or TSV: a line of cells for each, after a header of names.

CSV (RFC 4180) puts quotes around what a reader would take for something else; TSV has no quotes, but
escapes, as PostgreSQL's text format, ClickHouse's TabSeparated and LOAD DATA of MariaDB have them.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import pyarrow as pa
from pydantic import AfterValidator

from datagen.batch import Batch
from datagen.columns.column_type import TEXT, ColumnType
from datagen.columns.pieces import joined_groups
from datagen.columns.scalar import TextColumn
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.cells import CsvCell, TsvCell
from datagen.formats.column_plan import ColumnPlan, Constant, FieldSegment, Segment, Writer
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import Payload, RecordBytes
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.validation import Delimiter, UnicodeText, invalid_value, quoted

_ENDS = {"lf": "\n", "crlf": "\r\n"}


def _unquoted(value: str) -> str:
    if set(value) & set('"\r\n'):
        raise invalid_value("expected text without quotes and line breaks")
    return value


def _one_cell(value: str) -> str:
    if set(value) & set("\t\r\n"):
        raise invalid_value("expected text without tabs and line breaks")
    return value


class DelimitedFormat(Format):
    """The base of CSV and TSV."""

    needs_schema: ClassVar[bool] = True
    lone_null: ClassVar[str] = ""  # what stands for an empty `null` in the only column of all
    header: bool = True
    null: str
    line_end: Literal["lf", "crlf"] = "lf"
    media_type: ClassVar[str]

    @property
    def separator(self) -> str:
        """Return what is between two cells."""
        raise NotImplementedError

    def cell(self, column_type: ColumnType) -> Writer:
        """Return what writes the values of a column as cells, but for nulls."""
        raise NotImplementedError

    def compile(self, spec: Specification) -> Formatter:
        return DelimitedFormatter(self, spec.record_schema)

    def notes(self, spec: Specification) -> Iterator[str]:
        yield from spec.record_schema.clashes()


@FORMATS.register
class Csv(DelimitedFormat):
    """Cells with commas between, in quotes where a reader needs them."""

    type: Literal["csv"] = "csv"
    delimiter: Delimiter = ","
    null: Annotated[UnicodeText, AfterValidator(_unquoted)] = ""
    quote: Literal["minimal", "all"] = "minimal"
    media_type = "text/csv"
    ending = ".csv"
    lone_null = '""'  # an empty line is no row to most readers

    @property
    def separator(self) -> str:
        return self.delimiter

    @property
    def cells(self) -> tuple[str, str]:
        return self.delimiter, '"'

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.delimiter in self.null:
            yield ("null",), f"contains the delimiter, {quoted(self.delimiter)}"

    def cell(self, column_type: ColumnType) -> Writer:
        return CsvCell(self.delimiter, self.null, column_type.kind, quote_all=self.quote == "all")


@FORMATS.register
class Tsv(DelimitedFormat):
    """Cells with tabs between, in which tabs, line ends and backslashes are escaped."""

    type: Literal["tsv"] = "tsv"
    null: Annotated[UnicodeText, AfterValidator(_one_cell)] = "\\N"
    media_type = "text/tab-separated-values"
    ending = ".tsv"

    @property
    def separator(self) -> str:
        return "\t"

    @property
    def cells(self) -> tuple[str, str]:
        return "\t", ""

    def cell(self, column_type: ColumnType) -> Writer:
        return TsvCell(column_type.kind)


class DelimitedFormatter(Formatter):
    """Writes the union of the columns of all emitters, known before the first record."""

    def __init__(self, form: DelimitedFormat, record_schema: RecordSchema) -> None:
        self._form, self._end = form, _ENDS[form.line_end]
        self._null = form.null
        if not self._null and len(record_schema.columns) == 1:
            self._null = form.lone_null
        self._plans = {
            emitter: ColumnPlan(self._segments(record_schema.columns, columns))
            for emitter, columns in record_schema.emitters.items()
        }
        header = self._header(list(record_schema.columns)) if form.header else b""
        self.encoding = Encoding(is_json=False, media_type=form.media_type, header=header)

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        groups = [(group.rows, self._plans[group.emitter].parts(group)) for group in batch.groups]
        return RecordBytes.of_texts(joined_groups(groups, len(batch)), self.encoding)

    def _segments(
        self, columns: Mapping[str, ColumnType], of_emitter: Mapping[str, ColumnType]
    ) -> Iterator[Segment]:
        """Yield the cells of one emitter's records: a cell for each column of all emitters."""
        separator = ""
        for name, column_type in columns.items():
            yield Constant(separator)
            if name in of_emitter:
                yield FieldSegment(name, self._form.cell(column_type), self._null)
            else:
                yield Constant(self._null)
            separator = self._form.separator
        yield Constant(self._end)

    def _header(self, names: list[str]) -> bytes:
        texts = [name.encode("utf-8", "replace").decode() for name in names]
        cells = self._form.cell(TEXT)(TextColumn(pa.array(texts, pa.string()))).to_pylist()
        return (self._form.separator.join(cells) + self._end).encode()
