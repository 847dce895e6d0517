"""Evaluation of an expression for all records: by arrays or value by value, nulls and gaps included."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import ABSENT, MISSING, NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.expressions.evaluation import CachedFunction, Evaluation
from datagen.expressions.nodes import Arithmetic, Compare, FieldRef, Literal


def inverse(value: Any) -> str | None:
    """Return the text of 10 // value, None for an error."""
    if value is ABSENT:
        return "gone"
    return str(10 // value) if value else None


def evaluated(column: Column) -> list[Any]:
    """Return 10 // x for a column x."""
    expression = Arithmetic("//", FieldRef("x"), 10, swapped=True)
    found: list[Any] = (
        Evaluation(expression, "x", inverse, pa.string()).evaluate({"x": column}).to_pylist()
    )
    return found


def test_nulls_and_missing_values_have_results_of_their_own() -> None:
    """They are no values of the column, so the function of single values gives them."""
    column = IntColumn(np.array([2, 5])).take(np.array([1, NULL, MISSING, 0]))
    assert evaluated(column) == ["2", None, "gone", "5"]


def test_an_error_is_null() -> None:
    """For the one record only; where arrays cannot tell, every value is computed by itself."""
    assert evaluated(IntColumn(np.array([2, 0, 5]))) == ["5", None, "2"]


def test_values_of_any_type_are_computed_one_by_one() -> None:
    """Null is among them."""
    assert evaluated(LiteralColumn([3, None, 2.5])) == ["3", None, "4.0"]


@pytest.mark.parametrize(
    ("expression", "arrow_type", "expected"),
    [
        (Literal("x"), pa.string(), ["x", "x"]),
        (Literal(value=True), pa.bool_(), [True, True]),
        (Compare("eq", FieldRef("x"), 2), pa.bool_(), [True, False]),
        (FieldRef("x"), pa.string(), ["2", "5"]),
    ],
)
def test_results_by_arrays(expression: Any, arrow_type: Any, expected: list[Any]) -> None:
    """Texts or booleans; one result for all is repeated. No value is computed by itself."""
    evaluation = Evaluation(expression, "x", inverse, arrow_type)
    assert evaluation.evaluate({"x": IntColumn(np.array([2, 5]))}).to_pylist() == expected


def test_results_of_a_function_are_cached_by_type_and_value() -> None:
    """1, 1.0 and true are equal in Python, but their results need not be; lists cannot be keys."""
    seen: list[Any] = []

    def compute(value: Any) -> str:
        seen.append(value)
        return repr(value)

    function = CachedFunction(compute)
    values = [1, 1.0, True, 1, [1], [1]]
    assert list(map(function, values)) == list(map(repr, values))
    assert list(map(repr, seen)) == ["1", "1.0", "True", "[1]", "[1]"]


def test_large_results_are_not_kept_for_long() -> None:
    """A hundred thousand of them would be more than the memory."""
    calls: list[int] = []

    def compute(value: int) -> str:
        calls.append(value)
        return "x" * 9_000_000

    function = CachedFunction(compute)
    for value in (1, 2, 3, 3, 1, 4, 1):
        function(value)
    assert calls == [1, 2, 3, 4, 1]
