"""Kernels of comparisons and logic give what the scalar rules do, for null too."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, TEXT, ColumnType, type_of_value
from datagen.language.comparison_kernels import COMPARISON_KERNELS
from datagen.language.conversions import CONVERSIONS
from datagen.language.operators import OPERATORS
from datagen.language.tree import Constant
from datagen.language.vectors import Numbers
from tests.support.expression_trees import DOUBLES, EDGES, INTS, TEXTS, WORDS
from tests.support.kernel_cases import assert_kernel, result_of

COLUMNS: dict[str, tuple[ColumnType, list[Any]]] = {
    "ints": (INT, [*EDGES, None]),
    "floats": (FLOAT, [*DOUBLES, float(2**53), 1.0, None]),
    "bools": (BOOL, [True, False, None]),
    "texts": (TEXT, [*WORDS, None]),
    "instants": (INSTANT, [0, -1, 10**15, None]),
    "lists": (INTS, [[], [1], [1, 2], None]),
}
ORDERS = ("less", "less_equal", "greater", "greater_equal")


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize(
    ("left", "right"),
    [("ints", "ints"), ("ints", "floats"), ("floats", "ints"), ("floats", "floats"),
     ("texts", "texts"), ("instants", "instants")],
)  # fmt: skip
def test_orders(name: str, left: str, right: str) -> None:
    """Whole numbers and doubles are compared exactly, texts by their characters."""
    assert_kernel(OPERATORS[name], BOOL, COLUMNS[left], COLUMNS[right])


@pytest.mark.parametrize("name", [*ORDERS, "equal", "not_equal"])
@pytest.mark.parametrize("value", [1, 2**53 + 1, 2.0**53, -0.5, "abc", "ß"])
def test_orders_with_a_constant(name: str, value: Any) -> None:
    """On either side."""
    constant = Constant(type_of_value(value), 1, value)
    for column in ("texts",) if isinstance(value, str) else ("ints", "floats"):
        assert_kernel(OPERATORS[name], BOOL, COLUMNS[column], constant)
        assert_kernel(OPERATORS[name], BOOL, constant, COLUMNS[column])


@pytest.mark.parametrize("name", ["equal", "not_equal"])
@pytest.mark.parametrize("left", COLUMNS)
@pytest.mark.parametrize("right", COLUMNS)
def test_equality(name: str, left: str, right: str) -> None:
    """Of any two values: null is equal to null alone."""
    assert_kernel(OPERATORS[name], BOOL, COLUMNS[left], COLUMNS[right])


@pytest.mark.parametrize("name", ["equal", "not_equal", "in", "not_in"])
@pytest.mark.parametrize("left", COLUMNS)
def test_null_as_a_constant(name: str, left: str) -> None:
    """It is equal to null, and has nothing in it."""
    assert_kernel(OPERATORS[name], BOOL, COLUMNS[left], Constant(TEXT, 1, None))


@pytest.mark.parametrize("name", ["in", "not_in"])
@pytest.mark.parametrize(
    "elements",
    [[], [1, 2, 3], [1, 0.5, True], [2**60, 1], [None, 2], ["a", "ß"], ["abc", None, 1], list(range(100))],
)  # fmt: skip
@pytest.mark.parametrize("column", ["ints", "floats", "texts", "bools", "lists"])
def test_constant_lists(name: str, elements: list[Any], column: str) -> None:
    """Python's rules, for null among the elements too."""
    constant = Constant(type_of_value(elements), 1, elements)
    assert_kernel(OPERATORS[name], BOOL, COLUMNS[column], constant)


@pytest.mark.parametrize("name", ["in", "not_in"])
def test_parts_of_texts(name: str) -> None:
    """What is no text is a fault."""
    for part in ("a", "", "ß", None):
        assert_kernel(OPERATORS[name], BOOL, Constant(TEXT, 1, part), COLUMNS["texts"])
    assert_kernel(OPERATORS[name], BOOL, COLUMNS["texts"], COLUMNS["texts"])
    assert_kernel(OPERATORS[name], BOOL, COLUMNS["texts"], (TEXTS, [["a", "b"], [], None]))


@pytest.mark.parametrize("name", ["not", "truth", "always", "is_null", "is_set"])
@pytest.mark.parametrize("column", COLUMNS)
def test_logic(name: str, column: str) -> None:
    """0, an empty text and an empty list are false."""
    assert_kernel({**OPERATORS, **CONVERSIONS}[name], BOOL, COLUMNS[column])


@pytest.mark.parametrize("name", [*ORDERS, "equal", "not_equal"])
def test_usual_values_go_by_arrays(name: str) -> None:
    """Nothing is left to the scalar rule."""
    numbers = [Numbers(np.array([1.0, 2.5])), Numbers(np.array([3, 4]))]
    result = result_of(OPERATORS[name], BOOL, 2, *numbers)
    assert result is not None
    assert result.doubtful is None


def test_every_kernel_has_its_function() -> None:
    """By its name."""
    assert set(COMPARISON_KERNELS) <= {*OPERATORS, *CONVERSIONS}
