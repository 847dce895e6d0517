"""Values of one type that are kept, changed and made columns again."""

import json
from typing import Any

import numpy as np
import pytest

from datagen.columns.column import ABSENT, MISSING, NULL, Column
from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    JSON,
    TEXT,
    ColumnType,
    list_type,
    object_type,
)
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn
from datagen.columns.typed_values import (
    ValueType,
    column_of,
    empty_values,
    joined_values,
    values_of_column,
)
from datagen.instants import NAIVE

AT = 1_804_809_600_123_456
PLACE = object_type({"at": INSTANT, "n": INT})
CASES: list[tuple[ColumnType, bool, list[Any]]] = [
    (INT, True, [3, None, -(1 << 63), ABSENT]),
    (FLOAT, True, [0.1, None, ABSENT, 1e300]),
    (FLOAT, False, [1, 2.5, None, ABSENT]),
    (INT, False, [1 << 70, 2, None]),
    (INSTANT, True, [AT, None, ABSENT]),
    (TEXT, True, ["a", "<é>", None, ABSENT, ""]),
    (BOOL, True, [True, None, False, ABSENT]),
    (JSON, False, [1, "a", None, ABSENT, [None, {"b": 2.0}]]),
    (PLACE, True, [{"at": AT, "n": 1}, None, {"n": 2}, ABSENT]),
    (list_type(PLACE), True, [[{"at": AT}], [], None, [{"n": 2}, {"at": AT + 1}]]),
    (list_type(FLOAT), True, [[1.5], None, []]),
]  # fmt: skip


@pytest.mark.parametrize(("column_type", "uniform", "values"), CASES)
def test_values_of_a_column_make_the_same_column(
    column_type: ColumnType, uniform: bool, values: list[Any]
) -> None:
    """Each of its type, exact, with what is null and what is missing; in one piece or joined of parts."""
    of = ValueType(column_type, uniform, NAIVE)
    column = column_of(values, column_type, NAIVE)
    found = values_of_column(column, of)
    assert found.to_list() == [None if each is ABSENT else each for each in values]
    assert texts(found.column()) == texts(column)
    rows = np.arange(len(values))
    parts = [found.take(rows[:2]), found.part(slice(2, None))]
    assert texts(joined_values(parts).column()) == texts(column)
    turned = found.take(np.array([1, NULL, 0, MISSING]))
    assert texts(turned.column()) == texts(column.take(np.array([1, NULL, 0, MISSING])))


def texts(column: Column) -> list[str | None]:
    """Return the JSON text of each row, None where one is missing."""
    found: list[str] = column.json_text.to_pylist()
    there = [True] * len(found) if column.present is None else column.present.tolist()
    return [text if present else None for text, present in zip(found, there, strict=True)]


def test_rows_are_changed() -> None:
    """Those of numbers and those of objects."""
    for of, some in (ValueType(INT), [1, 2, 3]), (ValueType(TEXT), ["a", "b", "c"]):
        values = empty_values(of, np.full(3, NULL))
        values.put(
            np.array([2, 0]), values_of_column(column_of(some[:2], of.column_type, NAIVE), of)
        )
        assert values.to_list() == [some[1], None, some[0]]


def test_any_columns_are_read() -> None:
    """Whole numbers among doubles become such, and instants in what has no type of its own are texts."""
    mixed = FloatColumn(np.array([1.5])), IntColumn(np.array([2]))
    assert [values_of_column(each, ValueType(FLOAT)).to_list() for each in mixed] == [[1.5], [2.0]]
    nested = ObjectColumn(["at"], [InstantColumn(np.array([AT]), NAIVE)], 1)
    assert values_of_column(nested, ValueType(PLACE)).to_list() == [{"at": AT}]
    [text] = values_of_column(nested, ValueType(JSON)).to_list()
    assert text == {"at": "2027-03-12T00:00:00.123"}
    assert json.loads(texts(LiteralColumn([text]))[0] or "") == text
