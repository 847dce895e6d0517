"""Nodes of expressions: what each computes by arrays, and where it leaves that to Python."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.columns.strftime import TimePattern
from datagen.expressions.nodes import (
    AnyAll,
    ChangeCase,
    Choice,
    Compare,
    Concat,
    Contains,
    Expression,
    FieldRef,
    IfElse,
    IsOneOf,
    Junction,
    Length,
    Literal,
    Micros,
    Not,
    PlainText,
    Replace,
    Seconds,
    TimeText,
    ToJson,
    Truth,
)
from datagen.expressions.vectors import NotVectorizable, Rows
from datagen.instants import NAIVE

COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([0, -7, 12])),
    "huge": IntColumn(np.array([2**62, 0, 1])),
    "f": FloatColumn(np.array([0.5, -2.5, 1e300])),
    "t": TextColumn(pa.array(["", "a b", 'B"'])),
    "u": TextColumn(pa.array(["é", "x", "y"])),
    "at": InstantColumn(np.array([0, 1_500_000, -1]), NAIVE),
    "any": LiteralColumn([1, "x", None]),
    "gaps": IntColumn(np.array([0, 5])).take(np.array([0, -1, 1])),
    "gone": InstantColumn(np.array([0]), NAIVE).take(np.array([-2, 0, 0])),
    "far": InstantColumn(np.array([0, 2**54, 5]), NAIVE),
}
INT, FLOAT, TEXT, LETTERS = FieldRef("i"), FieldRef("f"), FieldRef("t"), FieldRef("u")


def less(left: Expression, right: Expression) -> Compare:
    """Return a comparison of two values."""
    return Compare(("lt",), (left, right))


def equal(left: Expression, right: Expression) -> Compare:
    """Return a comparison of two values."""
    return Compare(("eq",), (left, right))


def computed(expression: Expression) -> list[Any]:
    """Return the values of an expression over the columns above, of which none is in doubt."""
    rows = Rows(COLUMNS, 3)
    values = expression.evaluate(rows)
    assert rows.doubtful is None
    return list(values.to_pylist() if isinstance(values, pa.Array) else values.tolist())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (TimeText("at", TimePattern("%S")), ["00", "01", "59"]),
        (PlainText("i"), ["0", "-7", "12"]),
        (Micros("at"), [0, 1_500_000, -1]),
        (Seconds(Micros("at")), [0.0, 1.5, -1e-06]),
        (Replace(TEXT, " ", "+"), ["", "a+b", 'B"']),
        (ChangeCase(TEXT, upper=True), ["", "A B", 'B"']),
        (Concat((TEXT, Literal("="), INT)), ["=0", "a b=-7", 'B"=12']),
        (Length(LETTERS), [1, 1, 1]),
        (ToJson(TEXT), ['""', '"a b"', r'"B\""']),
        (ToJson(INT), ["0", "-7", "12"]),
        (IfElse(Truth(TEXT), TEXT, Literal("-")), ["-", "a b", 'B"']),
        (IfElse(Literal(value=False), TEXT, LETTERS), ["é", "x", "y"]),
        (Choice(Truth(INT), INT, Literal(5)), [5, -7, 12]),
        (Choice(Truth(TEXT), Literal("yes"), LETTERS), ["é", "yes", "yes"]),
        (Junction(INT, Literal(5), every=False), [5, -7, 12]),
        (Junction(TEXT, LETTERS, every=True), ["", "x", "y"]),
    ],
)
def test_values(expression: Expression, expected: list[Any]) -> None:
    """Numbers and texts, as Python would compute them."""
    assert computed(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (less(INT, Literal(1)), [True, True, False]),
        (equal(TEXT, Literal("a b")), [False, True, False]),
        (Compare(("ne",), (TEXT, Literal(5))), [True, True, True]),
        (equal(INT, Literal("0")), [False, False, False]),
        (less(INT, FLOAT), [True, True, True]),
        (Compare(("lt", "lteq"), (Literal(-9), INT, FLOAT)), [True, True, True]),
        (equal(TEXT, LETTERS), [False, False, False]),
        (IsOneOf(INT, (Literal(12), Literal("0"), FLOAT)), [False, False, True]),
        (Contains(TEXT, "b"), [False, True, False]),
        (Truth(INT), [False, True, True]),
        (Not(Truth(TEXT)), [True, False, False]),
        (AnyAll((Truth(INT), less(Literal(0), INT)), every=True), [False, False, True]),
        (AnyAll((Truth(INT), Literal(value=True)), every=False), [True, True, True]),
    ],
)
def test_truths(expression: Expression, expected: list[bool]) -> None:
    """Values of different types are never equal."""
    assert computed(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        FieldRef("any"),
        FieldRef("at"),
        Length(INT),
        Contains(INT, "1"),
        less(TEXT, INT),
        Choice(Truth(INT), INT, FLOAT),
        Choice(Truth(INT), INT, TEXT),
    ],
)
def test_what_is_left_to_python(expression: Expression) -> None:
    """Other types than arrays compute with."""
    with pytest.raises(NotVectorizable):
        computed(expression)


@pytest.mark.parametrize(
    ("expression", "doubtful"),
    [
        (ChangeCase(LETTERS, upper=False), [True, False, False]),
        (equal(FieldRef("huge"), FLOAT), [True, False, False]),
        (less(FLOAT, Literal(2**60)), [True, True, True]),
        (Concat((PlainText("gaps"), TEXT)), [False, True, False]),
        (TimeText("gone", TimePattern("%S")), [True, False, False]),
        (Seconds(Micros("far")), [False, True, False]),
    ],
)
def test_rows_in_doubt(expression: Expression, doubtful: list[bool]) -> None:
    """Letters beyond ASCII, whole numbers that doubles do not hold, what has no value."""
    rows = Rows(COLUMNS, 3)
    expression.evaluate(rows)
    assert rows.doubtful is not None
    assert rows.doubtful.tolist() == doubtful


def test_values_of_gathered_columns() -> None:
    """They are those of their source; a row without a value has any."""
    at = COLUMNS["at"].take(np.array([2, 0, 1]))
    rows = Rows({"i": COLUMNS["i"].take(np.array([2, -1, 0])), "at": at}, 3)
    assert INT.evaluate(rows).tolist()[::2] == [12, 0]
    assert Micros("at").evaluate(rows).tolist() == [-1, 0, 1_500_000]
