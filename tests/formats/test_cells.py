"""Cells of CSV and TSV: what is quoted, what is escaped, and that it is what readers undo."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.formats.cells import CsvCell, TsvCell
from datagen.formats.column_plan import Writer


def texts(*values: str | None) -> Column:
    """Return a column of texts."""
    return TextColumn(pa.array(values, pa.string()))


@pytest.mark.parametrize(
    ("writer", "column", "cells"),
    [
        (CsvCell(), texts('a,"b', "a"), ['"a,""b"', "a"]),
        (CsvCell("|"), texts("a,b", "a|b"), ["a,b", '"a|b"']),
        (CsvCell(null="-"), texts("-", "--", ""), ['"-"', "--", ""]),
        (CsvCell(null="7"), IntColumn(np.array([7, 77])), ['"7"', "77"]),
        (CsvCell(kind="json"), LiteralColumn(["a"]), ['"""a"""']),
        (CsvCell(kind="float"), IntColumn(np.array([7])), ["7.0"]),
        (CsvCell(), FloatColumn(np.array([0.5])), ["0.5"]),
        (CsvCell(), texts("", None, "x"), ['""', None, "x"]),
        (TsvCell(), texts("a\tb", "a\nb", "a\rb", "a\\tb"), [r"a\tb", r"a\nb", r"a\rb", r"a\\tb"]),
        (TsvCell(), texts("", r"\N", '"a"', " a ", None), ["", r"\\N", '"a"', " a ", None]),
        (TsvCell("json"), LiteralColumn([{"a": "\n"}]), [r'{"a":"\\n"}']),
        (TsvCell("float"), IntColumn(np.array([7])), ["7.0"]),
    ],
)  # fmt: skip
def test_cells(writer: Writer, column: Column, cells: list[Any]) -> None:
    """What a reader would take for something else is quoted or escaped; a null is left to the plan."""
    assert writer(column).to_pylist() == cells


@pytest.mark.parametrize("value", [" a", "a ", "\ta", "a\t", " ", "\t"])
def test_blanks_at_the_ends_are_quoted(value: str) -> None:
    """Many readers drop them otherwise; those in the middle are safe."""
    column = texts("a b", value, "", "a\tb", value, "z")
    assert CsvCell(null="-")(column).to_pylist() == [
        "a b", f'"{value}"', "", "a\tb", f'"{value}"', "z"
    ]  # fmt: skip


def test_quote_all_quotes_every_value_but_no_null() -> None:
    """So that a null can still be told from an empty text."""
    cell = CsvCell(quote_all=True)
    assert cell(texts("a", "", None, 'b"')).to_pylist() == ['"a"', '""', None, '"b"""']
    assert cell(IntColumn(np.array([1])).take(np.array([0, NULL]))).to_pylist() == ['"1"', None]


def test_slices_of_columns_are_read_at_their_offset() -> None:
    """A column may share its buffer with others."""
    column = TextColumn(pa.array([" a", "b", " c", "d "]).slice(1))
    assert CsvCell()(column).to_pylist() == ["b", '" c"', '"d "']
