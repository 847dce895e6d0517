"""Cells of text as columns of types."""

import pyarrow as pa
import pytest

from datagen.sources.cells import parse_cells


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("text", ["007", ""], ['"007"', '""']),
        ("int", ["+007", "", "-5"], ["7", "null", "-5"]),
        ("float", ["1e3", ".5", ""], ["1000.0", "0.5", "null"]),
        ("bool", ["True", "0", ""], ["true", "false", "null"]),
    ],
)
def test_cells_become_values(kind: str, cells: list[str], values: list[str]) -> None:
    """Empty ones are null, unless they are texts."""
    column, problem = parse_cells(pa.array(cells), kind)
    assert (column.json_text.to_pylist(), problem) == (values, None)


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        ("int", "1.5", '"1.5" is not a whole number'),
        ("int", "9223372036854775808", '"9223372036854775808" does not fit 64 bits'),
        ("float", "nan", '"nan" is not a number'),
        ("bool", "2", '"2" is not true or false'),
    ],
)
def test_first_bad_cell_is_told(kind: str, cell: str, text: str) -> None:
    """With its row."""
    _, problem = parse_cells(pa.array(["1", cell, cell]), kind)
    assert problem is not None
    assert (problem.row, problem.text) == (1, text)
