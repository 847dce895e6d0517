"""The values of computed variables that workers carry from window to window."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column import ABSENT
from datagen.columns.column_type import FLOAT, TEXT
from datagen.columns.literal import LiteralColumn
from datagen.columns.typed_values import ValueType, column_of
from datagen.instants import NAIVE
from datagen.simulation.remembered_values import RememberedValues
from datagen.simulation.states import WorkerValues

TYPES = {"v": ValueType(TEXT), "x": ValueType(FLOAT)}


def values(remembered: RememberedValues, variable: str, *workers: int) -> list[Any]:
    """Return what some workers remember."""
    return remembered.of(variable, np.array(workers)).column().to_python(ABSENT)


@pytest.mark.parametrize(("variable", "some"), [("v", ["a", "b", "c"]), ("x", [0.5, 1.0, -2.25])])
def test_last_value_of_each_worker_is_kept(variable: str, some: list[Any]) -> None:
    """Until the worker ends; a worker without one has null, and a missing value stays missing."""
    remembered, of = RememberedValues(TYPES), TYPES[variable].column_type
    remembered.record(variable, np.array([1, 3]), column_of(some[:2], of, NAIVE))
    remembered.record(variable, np.array([1, 5, 7]), column_of([None, some[2], ABSENT], of, NAIVE))
    assert values(remembered, variable, 1, 2, 3, 5, 7) == [None, None, some[1], some[2], ABSENT]
    assert values(remembered, "other", 1) == [None]
    remembered.prune(np.array([5]), started=np.array([7]))
    assert values(remembered, variable, 3, 5, 7) == [None, some[2], ABSENT]
    again = RememberedValues(TYPES)
    again.resume(remembered.snapshot())
    assert values(again, variable, 5, 7) == [some[2], ABSENT]


def test_values_of_another_type_are_forgotten() -> None:
    """As those of a run of another specification may be; those of the type come as a list from a checkpoint."""
    zeros = np.zeros(1, dtype=np.int64)
    for found, known in ([2.5], [2.5]), (["text"], [None]):
        remembered = RememberedValues(TYPES)
        remembered.resume({"x": WorkerValues(np.array([4]), found, zeros)})
        assert values(remembered, "x", 4) == known


def test_recorded_values_are_copies() -> None:
    """A snapshot stays what it was."""
    remembered = RememberedValues(TYPES)
    remembered.record("v", np.array([1]), LiteralColumn(["a"]))
    before = remembered.snapshot()
    remembered.record("v", np.array([1]), LiteralColumn(["b"]))
    assert before["v"].to_list() == ["a"]
