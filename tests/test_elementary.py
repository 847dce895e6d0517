"""Logarithms, exponentials and powers against mpmath's, in units of the last place."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.elementary import exp, log, log1p, log10, of_one, polynomial, power, powers

Values = NDArray[np.float64]
SIZES = [2_000, pytest.param(100_000, marks=pytest.mark.long)]
CONTEXT = mpmath.MPContext()
CONTEXT.prec = 160


def worst_error(found: Values, exact: Callable[[Any], Any], x: Values) -> float:
    """Return the largest distance from the exact value, in units of its last place."""
    worst = 0.0
    for value, at in zip(found.tolist(), x.tolist(), strict=True):
        truth = exact(CONTEXT.mpf(at))
        unit = CONTEXT.mpf(float(np.spacing(abs(float(truth)))))
        worst = max(worst, float(abs(CONTEXT.mpf(value) - truth) / unit))
    return worst


def generator() -> np.random.Generator:
    """Return a source of random arguments, the same for each test."""
    return np.random.default_rng(20270312)


def near(center: float, size: int) -> Values:
    """Return values on either side of a number, from far to as near as doubles go."""
    drawn = generator()
    steps = 2.0 ** -drawn.uniform(2, 52, size)
    return center + drawn.choice([-1.0, 1.0], size) * steps


@pytest.mark.parametrize("size", SIZES)
def test_logarithms_err_by_less_than_a_unit(size: int) -> None:
    """Of uniforms, around 1, of doubles of any exponent, and of subnormal ones."""
    drawn = generator()
    arguments: list[Values] = [
        drawn.integers(1, 2**53, size).astype(float) * 2.0**-53,
        near(1.0, size),
        np.concatenate([near(end, size // 8) for end in (0.5**0.5, 2.0**0.5, 0.5, 2.0)]),
        drawn.integers(1, 0x7FEFFFFFFFFFFFFF, size).view(np.float64),
        drawn.integers(1, 2**52, size).view(np.float64),
        np.array([2.0**-1074, 2.0**-1022, np.finfo(float).max, 1.0 - 2.0**-53, 1.0 + 2.0**-52]),
    ]
    for x in arguments:
        assert worst_error(log(x), CONTEXT.log, x) < 1


@pytest.mark.parametrize("size", SIZES)
def test_logarithms_of_one_and_more_err_by_less_than_a_unit(size: int) -> None:
    """Also where 1 + x is not a double, however small or large x is."""
    drawn = generator()
    signs = drawn.choice([-1.0, 1.0], size)
    arguments: list[Values] = [
        -drawn.integers(1, 2**53, size).astype(float) * 2.0**-53,
        signs * 2.0 ** drawn.uniform(-60, -1, size),
        signs * 2.0 ** drawn.uniform(-1000, -50, size),
        2.0 ** drawn.uniform(-2, 1000, size),
    ]
    for x in arguments:
        assert worst_error(log1p(x), CONTEXT.log1p, x) < 1


@pytest.mark.parametrize("size", SIZES)
def test_exponentials_err_by_less_than_a_unit(size: int) -> None:
    """Around 0, where the exponent changes, up to the largest double, and down to subnormal ones."""
    drawn = generator()
    arguments: list[Values] = [
        drawn.uniform(-1, 1, size),
        near(0.0, size) - 0.0,
        drawn.uniform(-708, 709.7, size),
        drawn.uniform(-745, -707, size),
        (drawn.integers(-1000, 1000, size).astype(float) + 0.5) * 0.6931471805599453,
        np.array([-708.0, 709.0, 709.782712893384, -745.13, -708.3964185322641]),
    ]
    for x in arguments:
        assert worst_error(exp(x), CONTEXT.exp, x) < 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("exponent", "low", "high"),
    [(-1.2, 1, 1e7), (0.5, 0.1, 1e300), (3.7, 1e-80, 1e80), (-50.0, 1, 1e6), (1e5, 0.995, 1.005),
     (-1e16, 1 - 4e-15, 1 + 4e-15), (1e-3, 1e-300, 1), (2.0, 0.5, 2)],
)  # fmt: skip
def test_powers_err_by_less_than_a_unit(
    size: int, exponent: float, low: float, high: float
) -> None:
    """Also where an error of the logarithm would count a hundred thousand times."""
    drawn = generator()
    x = drawn.uniform(low, high, size)
    assert worst_error(power(x, exponent), lambda at: at ** CONTEXT.mpf(exponent), x) < 1


@pytest.mark.parametrize("size", SIZES)
def test_decimal_logarithms_err_by_less_than_a_unit(size: int) -> None:
    """Around 1, of doubles of any exponent, of subnormal ones; those of powers of ten are exact."""
    drawn = generator()
    arguments: list[Values] = [
        near(1.0, size),
        drawn.integers(1, 0x7FEFFFFFFFFFFFFF, size).view(np.float64),
        drawn.integers(1, 2**52, size).view(np.float64),
    ]
    for x in arguments:
        assert worst_error(log10(x), CONTEXT.log10, x) < 1
    tens = np.array([float(f"1e{exponent}") for exponent in range(23)])
    assert log10(tens).tolist() == list(range(23))


@pytest.mark.parametrize("size", SIZES)
def test_powers_of_arrays_err_by_less_than_a_unit(size: int) -> None:
    """Of each base to its own exponent, subnormal bases too."""
    drawn = generator()
    x = drawn.uniform(0, 1, size) * 10.0 ** drawn.uniform(-320, 100, size)
    exponents = drawn.uniform(-30, 30, size)
    found = powers(x, exponents)
    normal = np.flatnonzero((found > 1e-300) & (found < 1e300))
    assert len(normal) > size // 20
    places = iter(normal.tolist())
    exact = lambda at: at ** CONTEXT.mpf(float(exponents[next(places)]))  # noqa: E731
    assert worst_error(found[normal], exact, x[normal]) < 1


def test_powers_of_whole_numbers_are_exact() -> None:
    """Where they are doubles; of negative ones too."""
    for base in (2, 3, 7, 10, 59):
        for exponent in range(12):
            if base**exponent < 2**53:
                found = powers(np.array([float(base), float(-base)]), np.full(2, float(exponent)))
                assert found.tolist() == [base**exponent, (-base) ** exponent]


def test_powers_without_a_value_are_nan() -> None:
    """Of 0 to a negative one, of a negative number to what is not whole; anything to 0 is 1."""
    nan, inf = np.nan, np.inf
    x = np.array([0.0, -0.0, -8.0, 0.0, -5.0, 2.0, 2.0, -2.0, 1e308, 1.0, 0.5])
    by = np.array([-1.0, -0.5, 1 / 3, 0.0, 0.0, 1e300, -1e300, 1e300, 2.0, 1e308, 1e308])
    np.testing.assert_array_equal(powers(x, by), [nan, nan, nan, 1, 1, inf, 0, inf, inf, 1, 0])
    assert of_one(powers, 2.0, 3.0) == 8.0
    assert len(powers(x[:0], by[:0])) == 0


def test_power_of_one_does_not_depend_on_those_beside_it() -> None:
    """Neither on its block."""
    drawn = generator()
    x, by = drawn.uniform(-3, 3, 20_011), drawn.integers(-400, 400, 20_011).astype(float)
    values = powers(x, by)
    for place in range(0, len(x), 997):
        assert of_one(powers, float(x[place]), float(by[place])) == values[place]
        assert of_one(log10, abs(float(x[place]))) == log10(np.abs(x))[place]


def test_powers_of_two_and_one_are_exact() -> None:
    """The weights of ranks begin with 1."""
    assert power(np.array([1.0, 2.0, 4.0, 0.25]), -2.0).tolist() == [1, 0.25, 0.0625, 16]
    assert power(np.array([1.0, 2.0, 0.5]), 1e300).tolist() == [1, np.inf, 0]
    assert power(np.array([1.0, 2.0, 0.5]), -1e300).tolist() == [1, 0, np.inf]


def test_ends_are_those_of_the_functions() -> None:
    """0, infinities, NaN and what is too large or too small for doubles."""
    nan, inf = np.nan, np.inf
    of_log = log(np.array([0.0, -0.0, -1.0, -inf, inf, nan, 1.0]))
    np.testing.assert_array_equal(of_log, [-inf, -inf, nan, nan, inf, nan, 0])
    of_exp = exp(np.array([-inf, -1e308, -746, -745.2, 0, 710, 1e308, inf, nan]))
    np.testing.assert_array_equal(of_exp, [0, 0, 0, 0, 1, inf, inf, inf, nan])
    assert log1p(np.array([0.0, 5e-324, -5e-324])).tolist() == [0, 5e-324, -5e-324]


@pytest.mark.parametrize("function", [log, log1p, exp, lambda x: power(x + 1e-9, -1.5)])
def test_a_value_does_not_depend_on_those_beside_it(function: Callable[[Values], Values]) -> None:
    """Neither on its block, nor on whether some other value of the block is an end."""
    drawn = generator()
    x = drawn.random(20_011)
    values = function(x)
    pieces = [function(x[begin : begin + 7]) for begin in range(0, len(x), 7)]
    assert np.concatenate(pieces).tolist() == values.tolist()
    assert function(x[::3]).tolist() == values[::3].tolist()
    if function is not log1p:
        ends = np.array([5e-324, 720.0])
        assert function(np.concatenate([x, ends]))[:-2].tolist() == values.tolist()
    assert len(function(x[:0])) == 0


def test_arguments_stay_as_they_are() -> None:
    """Only results are computed in place."""
    drawn = generator()
    x = drawn.random(100)
    before = x.copy()
    for function in (log, log1p, exp):
        function(x)
    power(x, -1.5)
    assert x.tolist() == before.tolist()


def test_polynomials_begin_with_their_highest_coefficient() -> None:
    """2 x**2 - x + 3."""
    assert polynomial((2.0, -1.0, 3.0), np.array([0.0, 1.0, -2.0])).tolist() == [3, 4, 13]
