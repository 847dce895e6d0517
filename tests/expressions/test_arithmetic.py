"""Arithmetic by arrays: what it computes, and which rows it leaves to Python."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column import Column
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.expressions.arithmetic import Arithmetic, Round, ToFloat, ToInt
from datagen.expressions.nodes import Expression, FieldRef, Literal
from datagen.expressions.vectors import NotVectorizable, Rows

COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([0, -7, 12])),
    "j": IntColumn(np.array([5, 2, -5])),
    "huge": IntColumn(np.array([2**62, 0, -(2**63)])),
    "f": FloatColumn(np.array([0.5, -2.5, 1e300])),
}
WHOLE, OTHER, REAL, HUGE = map(FieldRef, ("i", "j", "f", "huge"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ToInt(WHOLE), [0, -7, 12]),
        (ToFloat(WHOLE), [0.0, -7.0, 12.0]),
        (Round(Arithmetic("/", WHOLE, Literal(8)), 1), [0.0, -0.9, 1.5]),
        (Round(WHOLE, 1), [0, -7, 12]),
        (Arithmetic("-", WHOLE, Literal(1)), [-1, -8, 11]),
        (Arithmetic("-", Literal(1), WHOLE), [1, 8, -11]),
        (Arithmetic("%", WHOLE, OTHER), [0, 1, -3]),
        (Arithmetic("//", WHOLE, OTHER), [0, -4, -3]),
        (Arithmetic("//", WHOLE, Literal(2.0)), [0.0, -4.0, 6.0]),
        (Arithmetic("*", WHOLE, REAL), [0.0, 17.5, 1.2e301]),
        (Arithmetic("/", WHOLE, OTHER), [0.0, -3.5, -2.4]),
        (Arithmetic("+", WHOLE, OTHER), [5, -5, 7]),
    ],
)
def test_values(expression: Expression, expected: list[Any]) -> None:
    """Whole numbers stay whole, signs are those of Python; no row is in doubt."""
    rows = Rows(COLUMNS, 3)
    found = expression.evaluate(rows).tolist()
    assert (found, list(map(type, found))) == (expected, list(map(type, expected)))
    assert rows.doubtful is None


@pytest.mark.parametrize(
    ("expression", "doubtful"),
    [
        (ToInt(REAL), [False, False, True]),
        (Arithmetic("/", WHOLE, Literal(0)), [True, True, True]),
        (Arithmetic("//", Literal(5), WHOLE), [True, False, False]),
        (Arithmetic("%", REAL, WHOLE), [True, False, False]),
        (Arithmetic("*", HUGE, OTHER), [True, False, True]),
        (Arithmetic("+", HUGE, HUGE), [True, False, True]),
        (Arithmetic("-", HUGE, Literal(1)), [True, False, True]),
        (Arithmetic("/", HUGE, OTHER), [True, False, True]),
        (Arithmetic("*", HUGE, REAL), [True, False, True]),
        (Arithmetic("*", REAL, REAL), [False, False, True]),
    ],
)
def test_rows_in_doubt(expression: Expression, doubtful: list[bool]) -> None:
    """Divisions by zero, more than 64 bits, more than doubles hold exactly, more than they hold at all."""
    rows = Rows(COLUMNS, 3)
    expression.evaluate(rows)
    assert rows.doubtful is not None
    assert rows.doubtful.tolist() == doubtful


def test_texts_are_no_numbers() -> None:
    """Python may join them, or raise an error."""
    with pytest.raises(NotVectorizable):
        Arithmetic("+", Literal("a"), WHOLE).evaluate(Rows(COLUMNS, 3))


def test_no_rows() -> None:
    """Nothing has no extremes."""
    rows = Rows({"i": IntColumn(np.array([], np.int64))}, 0)
    assert Arithmetic("*", WHOLE, WHOLE).evaluate(rows).tolist() == []
