"""Computed texts and conditions of a column plan: null is a record that fails, and passes through."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.scalar import IntColumn
from datagen.expressions.evaluation import Evaluation
from datagen.expressions.nodes import Compare, FieldRef, Literal
from datagen.formats.column_plan import Constant, FieldSegment, PlainText
from datagen.formats.conditions import (
    AlwaysFails,
    AnyAllCondition,
    ComputedCondition,
    ComputedText,
    Condition,
    ConditionalText,
    ConstantCondition,
    NotCondition,
)

COLUMNS: dict[str, Column] = {"x": IntColumn(np.array([1, 2]))}
YES, NO, FAILS = ConstantCondition(True), ConstantCondition(False), ConstantCondition(None)
ONE = ComputedCondition(
    Evaluation(Compare(("eq",), (FieldRef("x"), Literal(1))), ("x",), bool, pa.bool_())
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ONE, [True, False]),
        (NotCondition(ONE), [False, True]),
        (NotCondition(FAILS), [None, None]),
        (AnyAllCondition((NO, FAILS), every=True), [False, False]),
        (AnyAllCondition((FAILS, NO), every=True), [None, None]),
        (AnyAllCondition((YES, FAILS), every=False), [True, True]),
        (AnyAllCondition((ONE, FAILS), every=False), [True, None]),
    ],
)
def test_conditions(condition: Condition, expected: list[bool | None]) -> None:
    """A part that fails counts only where Python would come to it."""
    assert condition.evaluate(COLUMNS, 2).to_pylist() == expected


def texts(segment: Any) -> list[str | None]:
    """Return the texts of a segment for two records."""
    found: list[str | None] = segment.texts(COLUMNS, 2).to_pylist()
    return found


def test_one_of_two_texts() -> None:
    """A text that is not chosen may fail; a condition that fails fails the record."""
    then, other = (Constant("one "), FieldSegment("x", PlainText())), (AlwaysFails(),)
    assert texts(ConditionalText(ONE, then, other)) == ["one 1", None]
    assert texts(ConditionalText(YES, then, other)) == ["one 1", "one 2"]
    assert texts(ConditionalText(FAILS, then, then)) == [None, None]
    assert ConditionalText(ONE, then, other).names == ("x",)


def test_computed_text() -> None:
    """It reads one field."""
    computed = ComputedText(Evaluation(FieldRef("x"), "x", str, pa.string()))
    assert computed.names == ("x",)
    assert texts(computed) == ["1", "2"]
