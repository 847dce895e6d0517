"""`format` by arrays gives Python's texts."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import FLOAT, INT, TEXT, ColumnType
from datagen.language.format_kernel import formatted
from datagen.language.operation import Operation
from datagen.language.text_functions import filled_in
from datagen.language.tree import Call, NameRef
from datagen.language.vectors import Numbers
from tests.support.expression_trees import DOUBLES, EDGES, STYLE, WORDS
from tests.support.kernel_cases import assert_kernel

INTS = (INT, [*EDGES, None])
IDS = (INT, [0, 7, 9999, None])
LARGE = (INT, [0, 7, 9999, 10_000, 12_345_678, 99_999_999])
FLOATS = (FLOAT, [*DOUBLES, -0.0, 0.005, 2.5, -0.001, None])
SHORT = (TEXT, [*WORDS, None])


@pytest.mark.parametrize(
    "pattern",
    ["%d", "P%05d", "%03d-x", "%02d%%", "%8d", "%-5d|", "%+d", "%020d", "%x", "%04d", "%05x"],
)
def test_whole_numbers(pattern: str) -> None:
    """With leading zeros, and with what is rare."""
    for column in (IDS, LARGE, INTS):
        assert_kernel(filled_in(pattern), TEXT, column)


@pytest.mark.parametrize(
    "pattern", ["%.2f", "%.1f EUR", "%8.3f", "%08.2f", "%.0f", "%.12f", "%f", "%g", "%.3e", "%d"]
)
def test_doubles(pattern: str) -> None:
    """Never -0.0."""
    assert_kernel(filled_in(pattern), TEXT, FLOATS)
    assert_kernel(filled_in(pattern), TEXT, IDS)


def test_several_values() -> None:
    """In their order."""
    assert_kernel(filled_in("%s: %d x %.2f"), TEXT, SHORT, IDS, (FLOAT, [0.5, 2.675]))


@pytest.mark.parametrize(
    ("pattern", "column_type", "values"), [("P%05d", INT, [1, 23]), ("%.2f", FLOAT, [0.5, 1.25])]
)
def test_usual_patterns_go_by_arrays(
    pattern: str, column_type: ColumnType, values: list[Any]
) -> None:
    """Not value by value."""
    call = Call(TEXT, 1, filled_in(pattern), (NameRef(column_type, 1, "x"),))
    result = formatted(Operation(call, [Numbers(np.array(values))], 2, STYLE))
    assert result is not None
    assert result.vector.to_list() == [pattern % value for value in values]
