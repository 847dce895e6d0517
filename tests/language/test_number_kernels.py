"""Kernels of numbers give what the scalar rules do, at the edges of 64 bits and of the doubles too."""

import numpy as np
import pytest

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, ColumnType
from datagen.language.number_functions import NUMBER_FUNCTIONS
from datagen.language.number_kernels import NUMBER_KERNELS
from datagen.language.operators import OPERATORS, add_seconds, subtract_seconds
from datagen.language.time_functions import TIME_FUNCTIONS
from datagen.language.tree import Constant
from datagen.language.vectors import Numbers
from tests.support.expression_trees import DOUBLES, EDGES, STYLE
from tests.support.kernel_cases import assert_kernel, result_of

INTS, FLOATS = (INT, [*EDGES, None]), (FLOAT, [*DOUBLES, None])
INSTANTS = (INSTANT, [0, -1, 10**15, -(6 * 10**16), 25 * 10**16, None])
TWO = ("add", "subtract", "multiply", "divide", "floor_divide", "modulo")
FUNCTIONS = {**OPERATORS, **NUMBER_FUNCTIONS, **TIME_FUNCTIONS}


@pytest.mark.parametrize("name", TWO)
def test_operators(name: str) -> None:
    """Of whole numbers, of doubles, and of both."""
    whole = FLOAT if name == "divide" else INT
    assert_kernel(OPERATORS[name], whole, INTS, INTS)
    assert_kernel(OPERATORS[name], FLOAT, FLOATS, FLOATS)
    assert_kernel(OPERATORS[name], FLOAT, INTS, FLOATS)
    assert_kernel(OPERATORS[name], FLOAT, FLOATS, INTS)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("value", [0, 2, -1, 2**63 - 1, -(2**63), 0.5, 1e300])
def test_operators_with_a_constant(name: str, value: float) -> None:
    """On either side; it stays one number."""
    kind = INT if isinstance(value, int) else FLOAT
    constant = Constant(kind, 1, value)
    for numbers in (INTS, FLOATS):
        whole = kind == INT and numbers is INTS and name != "divide"
        assert_kernel(OPERATORS[name], INT if whole else FLOAT, numbers, constant)
        assert_kernel(OPERATORS[name], INT if whole else FLOAT, constant, numbers)


@pytest.mark.parametrize("name", ["exp", "log", "log10", "sqrt", "sin", "cos"])
def test_functions_of_doubles(name: str) -> None:
    """What has no value is a fault, and what is null stays out of it."""
    assert_kernel(NUMBER_FUNCTIONS[name], FLOAT, FLOATS)
    assert_kernel(NUMBER_FUNCTIONS[name], FLOAT, INTS)


@pytest.mark.parametrize("name", ["floor", "ceil", "int"])
def test_whole_numbers_of_doubles(name: str) -> None:
    """Beyond 64 bits there is none."""
    assert_kernel(NUMBER_FUNCTIONS[name], INT, FLOATS)
    assert_kernel(NUMBER_FUNCTIONS[name], INT, INTS)
    assert_kernel(NUMBER_FUNCTIONS["int"], INT, (BOOL, [True, False, None]))


@pytest.mark.parametrize("name", ["negate", "abs"])
def test_signs(name: str) -> None:
    """The least whole number has no opposite."""
    assert_kernel(FUNCTIONS[name], INT, INTS)
    assert_kernel(FUNCTIONS[name], FLOAT, FLOATS)


@pytest.mark.parametrize("decimals", [0, 1, 2, 30, -1, -500, None])
def test_round(decimals: int | None) -> None:
    """Whole numbers stay whole."""
    given = () if decimals is None else (Constant(INT, 1, decimals),)
    assert_kernel(NUMBER_FUNCTIONS["round"], FLOAT, FLOATS, *given)
    assert_kernel(NUMBER_FUNCTIONS["round"], INT, INTS, *given)


def test_round_to_computed_decimals() -> None:
    """One by one."""
    assert_kernel(NUMBER_FUNCTIONS["round"], FLOAT, FLOATS, (INT, [0, 2, None]))


def test_powers() -> None:
    """Of any sign, also of 0."""
    few = (FLOAT, [0.0, 0.5, -0.5, 2.0, -2.0, 3.0, 1e300, -1e-300, None])
    assert_kernel(OPERATORS["power"], FLOAT, few, few)


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("column", [INTS, FLOATS, INSTANTS])
def test_extremes(name: str, column: tuple[ColumnType, list[float]]) -> None:
    """Null among them makes null."""
    assert_kernel(NUMBER_FUNCTIONS[name], column[0], column, column)
    assert_kernel(
        NUMBER_FUNCTIONS[name], column[0], column, Constant(column[0], 1, column[1][1]), column
    )


def test_instants() -> None:
    """Moved by seconds they stay within the years that there are; between two there are seconds."""
    first, last = STYLE.limits
    seconds = (FLOAT, [0.0, 0.5, -1e-7, 1.5e-6, 2.5e-6, 1e9, 1e300, -1e12, None])
    for moved in (add_seconds(first, last), subtract_seconds(first, last)):
        assert_kernel(moved, INSTANT, INSTANTS, seconds)
        assert_kernel(moved, INSTANT, INSTANTS, INTS)
        assert_kernel(moved, INSTANT, INSTANTS, Constant(INT, 1, 3600))
    assert_kernel(OPERATORS["seconds_between"], FLOAT, INSTANTS, INSTANTS)


@pytest.mark.parametrize("name", ["seconds", "minutes", "hours", "days"])
def test_lengths_of_time(name: str) -> None:
    """In seconds."""
    assert_kernel(TIME_FUNCTIONS[name], FLOAT, FLOATS)
    assert_kernel(TIME_FUNCTIONS[name], FLOAT, INTS)


def test_distances() -> None:
    """Of points on the globe, and of what is none."""
    degrees = (FLOAT, [0.0, 48.1, -90.0, 179.9, 1.7e308, -1.7e308, None])
    assert_kernel(NUMBER_FUNCTIONS["distance_km"], FLOAT, *[degrees] * 4)


@pytest.mark.parametrize("name", sorted({*TWO, "power", "min", "max", "abs", "negate", "round"}))
def test_usual_numbers_go_by_arrays(name: str) -> None:
    """Nothing is left to the scalar rule."""
    numbers = [Numbers(np.array([1.0, 2.5])), Numbers(np.array([3.0, 4.0]))]
    given = numbers[: 1 if name in ("abs", "negate", "round") else 2]
    result = result_of(FUNCTIONS[name], FLOAT, 2, *given)
    assert result is not None
    assert result.doubtful is None


def test_every_kernel_has_its_function() -> None:
    """By its name."""
    assert set(NUMBER_KERNELS) <= {*FUNCTIONS, "add_seconds", "subtract_seconds"}
