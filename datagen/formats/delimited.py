"""Writes records as CSV or TSV: a line of cells for each, after a header of names (RFC 4180)."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from datagen.batch import Batch
from datagen.columns.column_type import ColumnType
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.column_plan import ColumnPlan, Constant, CsvCell, FieldSegment, Segment
from datagen.formats.rendered import Encoding, Payload, RecordBytes
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.validation import UnicodeText, invalid_value, quoted

_ENDS = {"lf": "\n", "crlf": "\r\n"}


def _delimiter(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value in '"\r\n\0':
        raise invalid_value(
            f"expected one ASCII character that is not a quote, not {quoted(value)}"
        )
    return value


def _null(value: str) -> str:
    if set(value) & set('"\r\n'):
        raise invalid_value("expected text without quotes and line breaks")
    return value


class DelimitedFormat(Format):
    """The base of CSV and TSV."""

    needs_schema: ClassVar[bool] = True
    delimiter: Annotated[UnicodeText, AfterValidator(_delimiter)]
    header: bool = True
    null: Annotated[UnicodeText, AfterValidator(_null)] = ""
    line_end: Literal["lf", "crlf"] = "lf"
    media_type: ClassVar[str] = "text/csv"

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.delimiter in self.null:
            yield ("null",), f"contains the delimiter, {quoted(self.delimiter)}"

    def compile(self, spec: Specification) -> Formatter:
        return DelimitedFormatter(self, spec.record_schema)

    def notes(self, spec: Specification) -> Iterator[str]:
        yield from spec.record_schema.clashes()


@FORMATS.register
class Csv(DelimitedFormat):
    """Cells with commas between."""

    type: Literal["csv"] = "csv"
    delimiter: Annotated[UnicodeText, AfterValidator(_delimiter)] = ","
    ending = ".csv"


@FORMATS.register
class Tsv(DelimitedFormat):
    """Cells with tabs between."""

    type: Literal["tsv"] = "tsv"
    delimiter: Annotated[UnicodeText, AfterValidator(_delimiter)] = "\t"
    media_type = "text/tab-separated-values"
    ending = ".tsv"


class DelimitedFormatter(Formatter):
    """Writes the union of the columns of all emitters, known before the first record."""

    def __init__(self, form: DelimitedFormat, record_schema: RecordSchema) -> None:
        self._form, self._end = form, _ENDS[form.line_end]
        self._null = form.null
        if not self._null and len(record_schema.columns) == 1:
            self._null = '""'  # an empty line is no row to most readers
        self._plans = {
            emitter: ColumnPlan(self._segments(record_schema.columns, columns))
            for emitter, columns in record_schema.emitters.items()
        }
        header = self._header(list(record_schema.columns)) if form.header else b""
        self.encoding = Encoding(is_json=False, media_type=form.media_type, header=header)

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        texts = [self._plans[group.emitter].texts(group) for group in batch.groups]
        return RecordBytes.of_texts(in_order(batch, texts), self.encoding)

    def _segments(
        self, columns: Mapping[str, ColumnType], of_emitter: Mapping[str, ColumnType]
    ) -> Iterator[Segment]:
        """Yield the cells of one emitter's records: a cell for each column of all emitters."""
        separator = ""
        for name, column_type in columns.items():
            yield Constant(separator)
            if name in of_emitter:
                cell = CsvCell(self._form.delimiter, self._form.null, column_type.kind)
                yield FieldSegment(name, cell, self._null)
            else:
                yield Constant(self._null)
            separator = self._form.delimiter
        yield Constant(self._end)

    def _header(self, names: list[str]) -> bytes:
        line = io.StringIO()
        writer = csv.writer(line, delimiter=self._form.delimiter, lineterminator=self._end)
        writer.writerow(names)
        return line.getvalue().encode("utf-8", "replace")
