"""Parameters that are expressions."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from datagen.arrays import Floats, Mask
from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, TEXT
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import parse_distribution
from datagen.language import ExpressionError, Scope
from datagen.randomness import mix

ROWS = 1000
BITS = mix(np.arange(ROWS, dtype=np.uint64))
A, B = (np.asarray(np.random.default_rng(seed).uniform(0.5, 6, ROWS)) for seed in (1, 2))


def expr(text: str) -> dict[str, str]:
    """Return a parameter that is an expression."""
    return {"expr": text}


def of_rows(raw: dict[str, Any], **columns: Column) -> tuple[Distribution, Mask | None]:
    """Return the distribution of rows; each expression is the name of a column."""
    rows = len(next(iter(columns.values())))
    return parse_distribution(raw).at(lambda expression: columns[expression.text], rows)


CASES: list[dict[str, Any]] = [
    {"type": "constant", "value": expr("a")},
    {"type": "uniform", "min": expr("a"), "max": 7},
    {"type": "exponential", "mean": expr("a")},
    {"type": "exponential", "rate": expr("a"), "min": 0.1, "max": expr("b")},
    {"type": "normal", "mean": expr("a"), "stddev": expr("b")},
    {"type": "normal", "mean": expr("a"), "stddev": expr("b"), "min": 2, "max": 4},
    {"type": "lognormal", "mu": expr("a"), "sigma": 0.3},
    {"type": "lognormal", "median": expr("a"), "p99": 7},
    {"type": "lognormal", "mean": expr("a"), "stddev": expr("b"), "max": 5},
    {"type": "gamma", "shape": expr("a"), "scale": expr("b")},
    {"type": "gamma", "shape": expr("a"), "scale": 2, "min": 1, "max": expr("b")},
    {"type": "weibull", "shape": expr("a"), "scale": expr("b"), "max": 4},
    {"type": "pareto", "alpha": expr("a"), "min": expr("b"), "max": 50},
    {"type": "triangular", "min": 0, "mode": expr("a"), "max": 9},
    {"type": "beta", "alpha": expr("a"), "beta": expr("b"), "max": 10},
    {"type": "choice", "values": [expr("a"), 2, expr("b")], "weights": [1, 2, 3]},
]  # fmt: skip


def of_one_row(raw: dict[str, Any], row: int) -> dict[str, Any]:
    """Return the same parameters with the values of a row in the places of the expressions."""

    def value(given: Any) -> Any:
        if isinstance(given, list):
            return [value(each) for each in given]
        known = {"a": float(A[row]), "b": float(B[row])}
        return known[given["expr"]] if isinstance(given, dict) else given

    return {key: value(given) for key, given in raw.items()}


@pytest.mark.parametrize("raw", CASES, ids=lambda raw: "-".join(map(str, raw))[:40])
def test_each_row_is_as_the_same_numbers_by_themselves(raw: dict[str, Any]) -> None:
    """To the bit, but where incomplete gamma and beta functions are inverted: there to 9 digits."""
    shape, invalid = of_rows(raw, a=FloatColumn(A), b=FloatColumn(B))
    samples, rounded = shape.sample(BITS), shape.sample_rounded(BITS)
    exact = raw["type"] not in ("gamma", "beta")
    for row in range(0, ROWS, 37):
        one = BITS[row : row + 1]
        try:
            alone = parse_distribution(of_one_row(raw, row))
        except ValueError:
            assert invalid is not None
            assert invalid[row]
            continue
        assert invalid is None or not invalid[row]
        expected = alone.sample(one)[0]
        assert samples[row] == (expected if exact else pytest.approx(expected, rel=1e-9))
        assert not exact or rounded[row] == alone.sample_rounded(one)[0]


def test_a_row_does_not_look_at_the_others() -> None:
    """The same bits, whichever rows are sampled at once."""
    raw = {"type": "gamma", "shape": expr("a"), "scale": 1, "min": 0.5}
    whole = of_rows(raw, a=FloatColumn(A))[0].sample(BITS)
    for first in range(0, ROWS, 333):
        some = slice(first, first + 333)
        part = of_rows(raw, a=FloatColumn(A[some]))[0].sample(BITS[some])
        assert np.array_equal(part, whole[some])


NO_VALUE: Floats = np.array([1.0, -1.0, 0.0, np.nan, np.inf, 2.0])


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ({"type": "constant", "value": expr("a")}, [0, 0, 0, 1, 1, 0]),
        ({"type": "normal", "mean": 0, "stddev": expr("a")}, [0, 1, 0, 1, 1, 0]),
        ({"type": "exponential", "mean": expr("a")}, [0, 1, 1, 1, 1, 0]),
        ({"type": "exponential", "rate": expr("a"), "min": 15}, [0, 1, 1, 1, 1, 1]),
        ({"type": "uniform", "min": 1.5, "max": expr("a")}, [1, 1, 1, 1, 1, 0]),
        ({"type": "gamma", "shape": expr("a"), "scale": 1}, [0, 1, 1, 1, 1, 0]),
        ({"type": "weibull", "shape": expr("a"), "scale": 1}, [0, 1, 1, 1, 1, 0]),
        ({"type": "pareto", "alpha": 1, "min": expr("a")}, [0, 1, 1, 1, 1, 0]),
        ({"type": "beta", "alpha": expr("a"), "beta": 1}, [0, 1, 1, 1, 1, 0]),
        ({"type": "triangular", "min": 0, "mode": 0.5, "max": expr("a")}, [0, 1, 1, 1, 1, 0]),
        ({"type": "lognormal", "median": expr("a"), "p99": 1.5}, [0, 1, 1, 1, 1, 1]),
        ({"type": "choice", "values": [expr("a"), 1]}, [0, 0, 0, 1, 1, 0]),
    ],
)  # fmt: skip
def test_rows_without_a_distribution_are_told(raw: dict[str, Any], wrong: list[int]) -> None:
    """Where a parameter is not allowed; the others are as they would be without them."""
    shape, invalid = of_rows(raw, a=FloatColumn(NO_VALUE))
    assert invalid is not None
    assert invalid.tolist() == [bool(each) for each in wrong]
    good = np.flatnonzero(~invalid)
    alone, none = of_rows(raw, a=FloatColumn(NO_VALUE[good]))
    assert none is None
    bits = BITS[: len(NO_VALUE)]
    assert np.array_equal(shape.sample(bits)[good], alone.sample(bits[good]))


def test_what_is_no_number_has_no_distribution() -> None:
    """Null, missing, texts, truth values; whole numbers of all digits stay."""
    raw = {"type": "constant", "value": expr("a")}
    odd = 2**53 + 1
    column = IntColumn(np.array([odd, 4])).take(np.array([0, -1, -2, 1]))
    shape, invalid = of_rows(raw, a=column)
    assert invalid is not None
    assert invalid.tolist() == [False, True, True, False]
    assert shape.sample_rounded(BITS[:4])[[0, 3]].tolist() == [odd, 4]
    mixed = LiteralColumn([1, "x", None, True, 2.5, 10**400])
    assert of_rows(raw, a=mixed)[1] is not None
    assert of_rows(raw, a=mixed)[1].tolist() == [False, True, True, True, False, True]  # type: ignore[union-attr]
    nothing, invalid = of_rows(raw, a=LiteralColumn([None, None]))
    assert invalid is not None
    assert invalid.all()
    assert len(nothing.sample(BITS[:2])) == 2


def test_expressions_are_yielded_with_their_places() -> None:
    """So that they are compiled where they stand."""
    shape = parse_distribution({"type": "choice", "values": [1, expr("a"), expr("b")]})
    assert shape.varies
    assert [(path, each.text) for path, each in shape.expressions()] == [
        (("values", 1), "a"),
        (("values", 2), "b"),
    ]
    assert not any(parse_distribution({"type": "constant", "value": 1}).expressions())


def test_a_parameter_is_a_number() -> None:
    """Which is seen on load, where the type of the column is known."""
    ((_, expression),) = parse_distribution({"type": "constant", "value": expr("a")}).expressions()
    assert expression.compiled(Scope({"a": FLOAT})).column_type == FLOAT
    with pytest.raises(ExpressionError, match="a parameter is a number; this is a text"):
        expression.compiled(Scope({"a": TEXT}))


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"type": "normal", "mean": expr("a"), "stddev": -1}, "expected 0 or more, not -1"),
        ({"type": "normal", "mean": expr("a")}, "missing"),
        ({"type": "normal", "mean": expr("a"), "stddev": 1, "min": 3, "max": 2}, "3 is greater than max, 2"),
        ({"type": "normal", "mean": {"expr": "a", "x": 1}, "stddev": 1}, "an expression has expr alone"),
        ({"type": "normal", "mean": {"expr": 3}, "stddev": 1}, "expected an expression, a text, not 3"),
        ({"type": "exponential", "mean": expr("a"), "rate": 1}, 'not "mean" with "rate"'),
        ({"type": "poisson", "mean": expr("a")}, 'cannot be an expression; of "poisson" none can'),
        ({"type": "choice", "values": [1], "weights": [expr("a")]},
         'cannot be an expression; of "choice" values can be'),
        ({"type": "choice", "values": [expr("a"), "x"]}, 'expected a number, not "x"'),
        ({"type": "choice", "values": [expr("a"), 1], "weights": [1]}, "expected as many as values, 2, not 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_besides_is_told(raw: dict[str, Any], problem: str) -> None:
    """The other parameters are checked as ever."""
    with pytest.raises(ValueError, match=problem):
        parse_distribution(raw)


@pytest.mark.long
@pytest.mark.statistical
def test_samples_of_rows_have_the_distribution() -> None:
    """Mapped back by each row's own distribution function they are uniform: p above 1e-4 at this seed."""
    rows = 200_000
    chance = np.random.default_rng(20270312)
    a, b, bits = (
        chance.uniform(0.2, 9, rows),
        chance.uniform(0.2, 9, rows),
        chance.bit_generator.random_raw(rows),
    )
    columns = {"a": FloatColumn(a), "b": FloatColumn(b)}
    for raw, reference in (
        ({"type": "normal", "mean": expr("a"), "stddev": expr("b"), "min": 0},
         stats.truncnorm(-a / b, np.inf, a, b)),
        ({"type": "lognormal", "median": expr("a"), "sigma": expr("b")}, stats.lognorm(b, scale=a)),
        ({"type": "gamma", "shape": expr("a"), "scale": expr("b")}, stats.gamma(a, scale=b)),
        ({"type": "beta", "alpha": expr("a"), "beta": expr("b")}, stats.beta(a, b)),
    ):  # fmt: skip
        samples = of_rows(raw, **columns)[0].sample(bits)
        assert stats.kstest(reference.cdf(samples), "uniform").pvalue > 1e-4
