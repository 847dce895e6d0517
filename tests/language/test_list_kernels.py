"""Kernels of lists, objects and tables give what the scalar rules do."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.nested import ListColumn
from datagen.columns.scalar import FloatColumn
from datagen.language.evaluation import Evaluator
from datagen.language.intake import from_column
from datagen.language.list_functions import LIST_FUNCTIONS, looked_up
from datagen.language.list_kernels import LIST_KERNELS
from datagen.language.operation import Operation
from datagen.language.tree import Call, Constant, NameRef
from tests.support.expression_trees import FLOATS, INTS, OBJECT, OBJECTS, STYLE, TEXTS, column_of
from tests.support.kernel_cases import assert_kernel

DOUBLES = (
    FLOATS,
    [
        [],
        [0.1, 0.2, 0.3],
        [1e308, 1e308],
        [None],
        [0.3, None, 0.2, 0.1],
        [-0.0],
        [1e16, 1.0, -1e16],
        None,
    ],
)
WHOLE = (INTS, [[], [1, 2], [None, 3], [2**62, 2**62], [2**62, 2**62, -(2**62)], [5] * 300, None])
SMALL = (INTS, [[], [1, 2], [None, 3], [7, -7], None])
OBJECTS_OF = (
    OBJECTS,
    [
        [],
        [{"a": 1, "b": 0.5, "c": "x", "t": 5}, None, {"a": 2}],
        [{"a": None, "b": 1.5, "c": "", "t": 0}],
        None,
    ],
)


@pytest.mark.parametrize("column", [WHOLE, SMALL])
def test_whole_numbers(column: Any) -> None:
    """Null is passed over; the sum as a whole must fit."""
    assert_kernel(LIST_FUNCTIONS["sum"], INT, column)
    assert_kernel(LIST_FUNCTIONS["avg"], FLOAT, column)
    for name in ("min_of_list", "max_of_list", "first", "last", "count"):
        assert_kernel(LIST_FUNCTIONS[name], INT, column)


@pytest.mark.parametrize(
    "name", ["sum_floats", "avg", "min_of_list", "max_of_list", "first", "last"]
)
def test_doubles(name: str) -> None:
    """From left to right."""
    assert_kernel(LIST_FUNCTIONS[name], FLOAT, DOUBLES)


@pytest.mark.parametrize("name", ["min_of_list", "max_of_list", "first", "last"])
def test_other_elements(name: str) -> None:
    """Texts too."""
    assert_kernel(LIST_FUNCTIONS[name], TEXT, (TEXTS, [[], ["b", "a"], [None], None]))


@pytest.mark.parametrize(("name", "column_type"), OBJECT.members)
def test_members(name: str, column_type: ColumnType) -> None:
    """Of an object, and of each of a list."""
    key = Constant(TEXT, 1, name)
    objects = [
        {"a": 1, "b": 0.5, "c": "x", "t": 5},
        {"a": None, "b": None, "c": None, "t": None},
        None,
    ]
    assert_kernel(LIST_FUNCTIONS["member"], column_type, (OBJECT, objects), key)
    if column_type != INSTANT:
        lists = ColumnType("list", elements=column_type)
        assert_kernel(LIST_FUNCTIONS["member_of_each"], lists, OBJECTS_OF, key)


class Table:
    """Prices by sku; it counts how often it is asked."""

    key = "sku"

    def __init__(self) -> None:
        self.asked = 0

    @property
    def columns(self) -> Mapping[str, ColumnType]:
        return {"price": FLOAT}

    def lookup(self, keys: list[Any], column: str) -> list[Any]:
        assert column == "price"
        self.asked += 1
        return [{"a": 1, "b": 2.5}.get(key) for key in keys]


def test_tables_are_asked_once_for_all_rows() -> None:
    """An unknown key gives null, and whole numbers of a column of doubles are doubles."""
    table = Table()
    tree = Call(FLOAT, 1, looked_up(table, "price"), (NameRef(TEXT, 1, "x"),))
    texts = column_of(["a", "b", "c", "a"], TEXT)
    column, faults = Evaluator(tree, STYLE).values(lambda _: texts, 4)
    assert (column.to_python(None), faults, table.asked) == ([1.0, 2.5, None, 1.0], None, 1)


@pytest.mark.parametrize(
    "name", ["sum_floats", "avg", "min_of_list", "max_of_list", "first", "last", "count"]
)
def test_lists_of_a_column_go_by_arrays(name: str) -> None:
    """Also where the rows are gathered, or null."""
    lists = ListColumn(np.array([2, 0, 1]), FloatColumn(np.array([0.5, 1.5, 4.0])))
    call = Call(FLOAT, 1, LIST_FUNCTIONS[name], (NameRef(FLOATS, 1, "x"),))
    for column in (lists, lists.take(np.array([2, 2, -1, 0, 1]))):
        operation = Operation(call, [from_column(column, FLOATS)], len(column), STYLE)
        assert LIST_KERNELS[name](operation) is not None
