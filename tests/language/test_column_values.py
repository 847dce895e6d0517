"""Columns become Python values."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import ABSENT, Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    JSON,
    NOTHING,
    TEXT,
    ColumnType,
    list_type,
)
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.instants import NAIVE
from datagen.language.column_values import values_of

CASES: list[tuple[ColumnType, Column, list[Any]]] = [
    (INT, IntColumn(np.array([1, -(2**63)])), [1, -(2**63)]),
    (FLOAT, FloatColumn(np.array([1.0, 0.1])), [1.0, 0.1]),
    (BOOL, LiteralColumn([True, False]), [True, False]),
    (TEXT, TextColumn(pa.array(["a", ""])), ["a", ""]),
    (INSTANT, InstantColumn(np.array([0, 1_804_847_400_000_001]), NAIVE), [0, 1_804_847_400_000_001]),
    (list_type(INT), LiteralColumn([[1], []]), [[1], []]),
    (JSON, LiteralColumn([1, {"a": "b"}]), [1, {"a": "b"}]),
    (NOTHING, nulls(2), [None, None]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("column_type", "column", "values"), CASES, ids=[each[0].kind for each in CASES]
)
def test_column_gives_values_of_its_type(
    column_type: ColumnType, column: Column, values: list[Any]
) -> None:
    """Gathered by an index too, where null and missing rows are null."""
    assert values_of(column, column_type) == values
    gathered = column.take(np.array([1, -1, 0, -2]))
    assert values_of(gathered, column_type) == [values[1], None, values[0], None]


def test_missing_values_are_null() -> None:
    """Whole numbers among doubles are doubles."""
    found = values_of(LiteralColumn([1, ABSENT, 2.5]), FLOAT)
    assert found == [1.0, None, 2.5]
    assert isinstance(found[0], float)
    assert values_of(LiteralColumn([[1], ABSENT]), list_type(INT)) == [[1], None]
