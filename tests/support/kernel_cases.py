"""Calls of functions over columns of awkward values, by their kernels and by their scalar rules."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from datagen.columns.column_type import ColumnType
from datagen.language.evaluation import KERNELS
from datagen.language.operation import Operation, Result
from datagen.language.tree import Call, Constant, Function, NameRef, Node
from tests.support.expression_trees import (
    STYLE,
    Names,
    assert_evaluates,
    column_of,
)


def assert_kernel(
    function: Function, result: ColumnType, *arguments: tuple[ColumnType, Sequence[Any]] | Node
) -> None:
    """Compare a function of columns with its scalar rule, in all combinations of their values; a node is constant."""
    given = [each for each in arguments if isinstance(each, tuple)]
    rows = list(product(*(values for _, values in given)))
    types = {f"x{place}": column_type for place, (column_type, _) in enumerate(given)}
    columns = {
        name: column_of([row[place] for row in rows], types[name])
        for place, name in enumerate(types)
    }
    names = iter(types)
    nodes = [
        NameRef(types[name := next(names)], 1, name) if isinstance(each, tuple) else each
        for each in arguments
    ]
    tree = Call(result, 1, function, tuple(nodes))
    assert_evaluates(
        tree, Names(types, columns, [dict(zip(types, row, strict=True)) for row in rows])
    )


def result_of(function: Function, result: ColumnType, rows: int, *arguments: Any) -> Result | None:
    """Return what the kernel of a function gives for vectors."""
    nodes = tuple(Constant(result, 1, None) for _ in arguments)
    call = Call(result, 1, function, nodes)
    return KERNELS[function.name](Operation(call, list(arguments), rows, STYLE))
