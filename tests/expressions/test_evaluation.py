"""Evaluation of an expression for all records: by arrays or value by value, nulls and gaps included."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import ABSENT, MISSING, NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn
from datagen.expressions.arithmetic import Arithmetic
from datagen.expressions.evaluation import CachedFunction, Evaluation
from datagen.expressions.nodes import Compare, FieldRef, Literal


def inverse(value: Any) -> str | None:
    """Return the text of 10 // value, None for an error."""
    if value is ABSENT:
        return "gone"
    return str(10 // value) if value else None


def evaluated(column: Column) -> list[Any]:
    """Return 10 // x for a column x."""
    expression = Arithmetic("//", Literal(10), FieldRef("x"))
    found: list[Any] = (
        Evaluation(expression, ("x",), inverse, pa.string()).evaluate({"x": column}).to_pylist()
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
        (Compare(("eq",), (FieldRef("x"), Literal(2))), pa.bool_(), [True, False]),
        (FieldRef("x"), pa.string(), ["2", "5"]),
    ],
)
def test_results_by_arrays(expression: Any, arrow_type: Any, expected: list[Any]) -> None:
    """Texts or booleans; one result for all is repeated. No value is computed by itself."""
    evaluation = Evaluation(expression, ("x",), inverse, arrow_type)
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


def quotient(one: Any, other: Any) -> str | None:
    """Return the text of a quotient, None for an error."""
    if one is ABSENT or other is ABSENT:
        return "gone"
    return None if one is None or not other else str(one // other)


def test_several_fields() -> None:
    """By arrays where all have values and none is zero; the other rows one by one."""
    seen = []

    def compute(one: Any, other: Any) -> str | None:
        seen.append((one, other))
        return quotient(one, other)

    columns: dict[str, Column] = {
        "x": IntColumn(np.array([20, 9])).take(np.array([0, 1, NULL, MISSING, 0, 1])),
        "y": IntColumn(np.array([5, 0])).take(np.array([0, 0, 0, 0, 1, 0])),
    }
    evaluation = Evaluation(
        Arithmetic("//", FieldRef("x"), FieldRef("y")), "xy", compute, pa.string()
    )
    assert evaluation.evaluate(columns).to_pylist() == ["4", "1", None, "gone", None, "1"]
    assert seen == [(None, 5), (ABSENT, 5), (20, 0)]


def test_combinations_are_computed_once() -> None:
    """Where arrays cannot compute at all, and rows are gathered from few values."""
    seen = []

    def compute(*values: Any) -> str:
        seen.append(values)
        return repr(values)

    columns: dict[str, Column] = {
        "x": LiteralColumn([[1], None]).take(np.array([0, 1] * 50)),
        "y": LiteralColumn(["a", {}]).take(np.array([0, 1] * 50)),
    }
    evaluation = Evaluation(
        Arithmetic("+", FieldRef("x"), FieldRef("y")), "xy", compute, pa.string()
    )
    assert evaluation.evaluate(columns).to_pylist() == ["([1], 'a')", "(None, {})"] * 50
    assert seen == [([1], "a"), (None, {})]
