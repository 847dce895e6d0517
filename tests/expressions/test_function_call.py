"""The node that calls a function by columns: what it gives to it, and what it doubts."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import NULL, Column
from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import InstantColumn, IntColumn, TextColumn
from datagen.expressions.function_call import FunctionCall
from datagen.expressions.nodes import Compare, FieldRef, Literal, PlainText
from datagen.expressions.vectors import NotVectorizable, Rows
from datagen.instants import NAIVE
from datagen.language.calls import Calls

COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([4, 0])),
    "t": TextColumn(pa.array(["a", "b"])),
    "at": InstantColumn(np.array([0, 7_200_000_000]), NAIVE).take(np.array([1, NULL])),
    "mixed": LiteralColumn([1, 2.5]),
}


def evaluated(text: str, *operands: tuple[Any, ColumnType]) -> tuple[list[Any], Any]:
    """Return the values of an expression of the language over operands, and the rows in doubt."""
    types = [each for _, each in operands]
    given = tuple((expression, each.kind) for expression, each in operands)
    rows = Rows(COLUMNS, 2)
    call = FunctionCall(given, lambda: Calls().compiled(text, types).values)
    values = call.evaluate(rows)
    found = values.to_pylist() if isinstance(values, pa.Array) else values.tolist()
    return found, None if rows.doubtful is None else rows.doubtful.tolist()


def test_operands() -> None:
    """Numbers, texts, booleans and instants become columns."""
    assert evaluated("sqrt(a0)", (FieldRef("i"), INT)) == ([2.0, 0.0], None)
    assert evaluated("a0 ~ a1", (FieldRef("t"), TEXT), (FieldRef("i"), INT)) == (["a4", "b0"], None)
    test = Compare(("eq",), (FieldRef("i"), Literal(4)))
    assert evaluated("string(a0)", (test, ColumnType("bool"))) == (["true", "false"], None)


def test_rows_in_doubt() -> None:
    """Those without a value, and those that have none to begin with."""
    assert evaluated("10 / a0", (FieldRef("i"), INT))[1] == [False, True]
    values, doubtful = evaluated("hour(a0)", (PlainText("at"), INSTANT))
    assert (values[0], doubtful) == (2, [False, True])


@pytest.mark.parametrize(
    ("name", "column_type"), [("mixed", FLOAT), ("i", FLOAT), ("t", INT), ("i", TEXT)]
)
def test_values_of_another_type(name: str, column_type: ColumnType) -> None:
    """Are left to Jinja2, which sees them as they are."""
    with pytest.raises(NotVectorizable):
        evaluated("string(a0)", (FieldRef(name), column_type))
