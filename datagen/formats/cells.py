"""Turns the values of a column into cells of CSV and TSV: in quotes, or with escapes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.formats.column_plan import JsonText, PlainText, Writer

_BLANKS = (32, 9)  # space and tab
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))  # the backslash first


@dataclass(frozen=True)
class CsvCell:
    """A cell of CSV, in quotes where a reader would take it for something else.

    Quoted is what holds a delimiter, a quote or a line end, begins or ends with a blank, or equals
    `null`; with `quote_all`, every value. `kind` is that of the column: `json` is JSON text, `float`
    always has a point.
    """

    delimiter: str = ","
    null: str = ""
    kind: str = "text"
    quote_all: bool = False

    def __call__(self, column: Column) -> TextArray:
        texts = _texts(column, self.kind)
        if self.quote_all:
            return _in_quotes(texts)
        special = self._special(texts)
        if not pc.any(special).as_py():
            return texts
        return pc.if_else(special, _in_quotes(texts), texts)

    def _special(self, texts: TextArray) -> TextArray:
        """Return which texts need quotes: a boolean array of n."""
        special = pc.equal(texts, self.null)
        data = json_text.bytes_of(texts)
        if json_text.holds_any(data, f'{self.delimiter}"\r\n'.encode()):
            pattern = f'[{_regex_escaped(self.delimiter)}"\r\n]'
            special = pc.or_(special, pc.match_substring_regex(texts, pattern))
        if json_text.holds_any(data, _BLANKS):
            special = pc.or_(special, pa.array(_begin_or_end_blank(texts)))
        return special


@dataclass(frozen=True)
class TsvCell:
    """A cell of TSV: tabs, line ends and backslashes escaped. `kind` is as for `CsvCell`."""

    kind: str = "text"

    def __call__(self, column: Column) -> TextArray:
        texts = _texts(column, self.kind)
        data = json_text.bytes_of(texts)
        for character, escape in _ESCAPES:
            if json_text.holds_any(data, character.encode()):
                texts = pc.replace_substring(texts, character, escape)
        return texts


def _float_text(column: Column) -> TextArray:
    return column.float_text


_TEXT_BY_KIND: Mapping[str, Writer] = {"json": JsonText(), "float": _float_text}


def _texts(column: Column, kind: str) -> TextArray:
    return _TEXT_BY_KIND.get(kind, PlainText())(column)


def _in_quotes(texts: TextArray) -> TextArray:
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.binary_join_element_wise('"', doubled, '"', "")


def _begin_or_end_blank(texts: TextArray) -> Mask:
    """Return which texts begin or end with a blank: bool[n]."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    codes = np.frombuffer(data, dtype=np.uint8)
    blank = np.zeros(256, dtype=bool)
    blank[list(_BLANKS)] = True
    first, last = np.minimum(ends[:-1], len(codes) - 1), np.maximum(ends[1:] - 1, 0)
    found: Mask = (blank[codes[first]] | blank[codes[last]]) & (ends[1:] > ends[:-1])
    return found


def _regex_escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
