"""Functions are computed row by row, in pieces whose size is watched."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import INT, TEXT, ColumnType
from datagen.language import vectors
from datagen.language.objects import Single, from_list, python_values
from datagen.language.operation import Operation
from datagen.language.problems import FAULT
from datagen.language.row_by_row import computed, values_at
from datagen.language.tree import Call, Function, NameRef
from tests.support.expression_trees import STYLE, TEXTS


def operation(
    compute: Any, result: ColumnType, values: list[Any], column_type: ColumnType
) -> Operation:
    """Return a call for a column of values and the number 3."""
    call = Call(
        result, 1, Function("f", compute), (NameRef(column_type, 1, "x"), NameRef(INT, 1, "y"))
    )
    vector = from_list(values, column_type)
    return Operation(call, [vector, Single(3, INT, len(values))], len(values), STYLE)


def test_values_at_rows() -> None:
    """In the order of the rows, and those rows that have none."""
    found, failed = values_at(
        operation(lambda text, add: int(text) + add, INT, ["1", "a", "5"], TEXT), np.array([2, 1])
    )
    assert python_values(found) == [8, None]
    assert failed.tolist() == [1]


def test_one_value() -> None:
    """What a function raises where it has none; anything else is a mistake of the program."""
    assert computed(Function("int", int), ["12"]) == 12
    assert computed(Function("int", int), ["a"]) is FAULT
    with pytest.raises(TypeError):
        computed(Function("int", int), [[]])


@pytest.mark.parametrize(("result", "repeat"), [(TEXT, "x"), (TEXTS, ["x"])])
def test_what_takes_too_much_memory_stops_early(
    result: ColumnType, repeat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some hundred rows, not after all of them."""
    monkeypatch.setattr(vectors, "_MOST_BYTES", 1_000_000)
    calls: list[int] = []

    def compute(text: str, _: int) -> Any:
        calls.append(len(text))
        return repeat * 10_000

    with pytest.raises(vectors.TooLargeError):
        values_at(operation(compute, result, ["a"] * 5000, TEXT), np.arange(5000))
    assert len(calls) <= 512
