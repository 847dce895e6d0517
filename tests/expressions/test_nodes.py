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
    Arithmetic,
    ChangeCase,
    Compare,
    Concat,
    Contains,
    EpochSeconds,
    Expression,
    FieldRef,
    IfElse,
    InstantText,
    Length,
    Literal,
    Not,
    Replace,
    Round,
    ToFloat,
    ToInt,
    ToJson,
    Truth,
)
from datagen.expressions.vectors import NotVectorizable
from datagen.instants import NAIVE

COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([0, -7, 12])),
    "huge": IntColumn(np.array([2**62, 0, 1])),
    "f": FloatColumn(np.array([0.5, -2.5, 1e300])),
    "t": TextColumn(pa.array(["", "a b", 'B"'])),
    "u": TextColumn(pa.array(["é", "x", "y"])),
    "at": InstantColumn(np.array([0, 1_500_000, -1]), NAIVE),
    "any": LiteralColumn([1, "x", None]),
}
INT, FLOAT, TEXT, LETTERS = FieldRef("i"), FieldRef("f"), FieldRef("t"), FieldRef("u")


def computed(expression: Expression) -> list[Any]:
    """Return the values of an expression over the columns above."""
    values = expression.evaluate(COLUMNS, 3)
    return list(values.to_pylist() if isinstance(values, pa.Array) else values.tolist())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (InstantText("at", TimePattern("%S")), ["00", "01", "59"]),
        (EpochSeconds("at"), [0.0, 1.5, -1e-06]),
        (ToInt(FieldRef("i")), [0, -7, 12]),
        (ToFloat(INT), [0.0, -7.0, 12.0]),
        (Round(Arithmetic("/", INT, 8), 1), [0.0, -0.9, 1.5]),
        (Arithmetic("-", INT, 1), [-1, -8, 11]),
        (Arithmetic("-", INT, 1, swapped=True), [1, 8, -11]),
        (Arithmetic("%", INT, 5), [0, 3, 2]),
        (Arithmetic("//", INT, 2.0), [0.0, -4.0, 6.0]),
        (Replace(TEXT, " ", "+"), ["", "a+b", 'B"']),
        (ChangeCase(TEXT, upper=True), ["", "A B", 'B"']),
        (Concat((TEXT, Literal("="), INT)), ["=0", "a b=-7", 'B"=12']),
        (Length(LETTERS), [1, 1, 1]),
        (ToJson(TEXT), ['""', '"a b"', r'"B\""']),
        (ToJson(INT), ["0", "-7", "12"]),
        (IfElse(Truth(TEXT), TEXT, Literal("-")), ["-", "a b", 'B"']),
        (IfElse(Literal(value=False), TEXT, LETTERS), ["é", "x", "y"]),
    ],
)
def test_values(expression: Expression, expected: list[Any]) -> None:
    """Numbers and texts, as Python would compute them."""
    assert computed(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Compare("lt", INT, 1), [True, True, False]),
        (Compare("eq", TEXT, "a b"), [False, True, False]),
        (Compare("ne", TEXT, 5), [True, True, True]),
        (Compare("eq", INT, "0"), [False, False, False]),
        (Contains(TEXT, "b"), [False, True, False]),
        (Truth(INT), [False, True, True]),
        (Not(Truth(TEXT)), [True, False, False]),
        (AnyAll((Truth(INT), Compare("gt", INT, 0)), every=True), [False, False, True]),
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
        EpochSeconds("i"),
        ToInt(FLOAT),
        ToInt(TEXT),
        Arithmetic("/", INT, 0),
        Arithmetic("//", INT, 5, swapped=True),
        Arithmetic("*", FieldRef("huge"), 4),
        Arithmetic("/", FieldRef("huge"), 4),
        Arithmetic("*", FLOAT, 1e300),
        Arithmetic("+", TEXT, 1),
        ChangeCase(LETTERS, upper=False),
        Length(INT),
        Contains(INT, "1"),
        Compare("lt", TEXT, 1),
        Compare("eq", INT, 2**60),
    ],
)
def test_what_is_left_to_python(expression: Expression) -> None:
    """Errors, more than 64 bits, more than doubles hold exactly, other types, and letters beyond ASCII."""
    with pytest.raises(NotVectorizable):
        computed(expression)
