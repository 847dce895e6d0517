"""What the functions of numbers compute, and of what they have no value."""

from typing import Any

import pytest

from datagen.language.number_functions import NUMBER_FUNCTIONS

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("abs", (-3,), 3), ("abs", (-2.5,), 2.5), ("round", (2.5,), 2), ("round", (2.675, 2), 2.67), ("round", (1250, -2), 1200),
    ("round", (7, 400), 7), ("round", (7, -999_999_999), 0), ("round", (1.5, 999_999_999), 1.5), ("round", (1e300, -999_999_999), 0.0),
    ("floor", (-2.5,), -3), ("ceil", (-2.5,), -2), ("floor", (7,), 7), ("sqrt", (2.25,), 1.5), ("exp", (0.0,), 1.0), ("exp", (-1e308,), 0.0),
    ("log", (1.0,), 0.0), ("log10", (1e-5,), -5.0), ("sin", (0.0,), 0.0), ("cos", (0.0,), 1.0),
    ("int", (2.9,), 2), ("int", (-2.9,), -2), ("int", (" 12 ",), 12), ("int", ("-7e2",), -700), ("int", ("9007199254740993",), 9007199254740993),
    ("int", (True,), 1), ("float", ("1e3",), 1000.0), ("float", (".5",), 0.5), ("float", ("5.",), 5.0), ("float", (7,), 7.0),
    ("min", (3, 1, 2), 1), ("max", ("b", "a"), "b"),
    ("distance_km", (0.0, 0.0, 0.0, 0.0), 0.0), ("distance_km", (0.0, 0.0, 0.0, 180.0), 20015.114442035923),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function_computes(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    """Of the type that it says."""
    found = NUMBER_FUNCTIONS[name].compute(*arguments)
    assert (found, type(found)) == (expected, type(NUMBER_FUNCTIONS[name].compute(*arguments)))


NO_VALUE: list[tuple[str, tuple[Any, ...]]] = [
    ("abs", (-(2**63),)), ("round", (2**63 - 1, -1)), ("floor", (1e300,)), ("ceil", (-1e300,)), ("sqrt", (-1.0,)), ("exp", (710.0,)),
    ("log", (0.0,)), ("log", (-1.0,)), ("log10", (0.0,)), ("int", ("abc",)), ("int", ("",)), ("int", ("0x1",)), ("int", ("1_000",)),
    ("int", ("٣",)), ("int", ("9" * 30,)), ("int", ("9" * 401,)), ("int", ("1e300",)), ("int", (1e300,)), ("float", ("inf",)), ("float", ("nan",)),
    ("float", ("1e999",)), ("round", (1.7976931348623157e308, -308)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), NO_VALUE)
def test_function_has_no_value(name: str, arguments: tuple[Any, ...]) -> None:
    """It raises one of two errors."""
    with pytest.raises((ArithmeticError, ValueError)):
        NUMBER_FUNCTIONS[name].compute(*arguments)


def test_distance_is_that_of_the_sphere() -> None:
    """Berlin and Paris; from pole to pole is half of the way around."""
    distance = NUMBER_FUNCTIONS["distance_km"].compute
    assert distance(52.52, 13.405, 48.8566, 2.3522) == pytest.approx(877.46, abs=0.01)
    assert distance(90.0, 0.0, -90.0, 77.0) == pytest.approx(20015.1144, abs=1e-4)
    assert distance(1.0, 2.0, 3.0, 4.0) == distance(3.0, 4.0, 1.0, 2.0)
