"""Computes functions of expressions row by row, by their scalar rules."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from datagen.arrays import Ints
from datagen.language.objects import from_list, python_values
from datagen.language.operation import Operation
from datagen.language.problems import FAULT
from datagen.language.tree import Call, Function
from datagen.language.vectors import Vector, check_size

OBJECT = 64  # bytes of a Python object in a list, about
_CHUNK = 256  # rows between two looks at how much they make
_SIZES = {"int": 0, "float": 0, "bool": 0, "instant": 0, "text": 1}  # bytes of an element


def values_at(operation: Operation, rows: Ints) -> tuple[Vector, Ints]:
    """Return the values of a call at rows, int64[m] -> m of them, and those rows that have none.

    Raises TooLargeError.
    """
    arguments = zip(*(python_values(each.take(rows)) for each in operation.arguments), strict=True)
    found = _computed(operation.call, arguments, len(rows))
    failed = [place for place, value in enumerate(found) if value is FAULT]
    for place in failed:
        found[place] = None
    return from_list(found, operation.call.column_type), rows[failed]


def computed(function: Function, arguments: Iterable[Any]) -> Any:
    """Return the value of a function, FAULT where there is none."""
    try:
        return function.compute(*arguments)
    except (ArithmeticError, ValueError):
        return FAULT


def _computed(call: Call, arguments: Iterator[Any], rows: int) -> list[Any]:
    found: list[Any] = []
    size, unit = 0, _SIZES.get(call.column_type.kind, OBJECT)
    for _ in range(0, rows, _CHUNK):
        values = [computed(call.function, row) for row in islice(arguments, _CHUNK)]
        found += values
        if unit and rows > _CHUNK:
            size += unit * sum(len(each) for each in values if isinstance(each, str | list | dict))
            check_size(rows, size)
    return found
