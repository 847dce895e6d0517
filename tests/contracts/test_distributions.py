"""What holds for every registered distribution: its contract, and scipy.

Statistical figures are p-values at a fixed seed of 200,000 samples; each must exceed 1e-4.
"""

import math
from typing import Any

import numpy as np
import pytest

from datagen.distributions.base import DISTRIBUTIONS
from tests.support.distributions import (
    CASES,
    GRID,
    LEAST_P,
    SAMPLES,
    Case,
    Table,
    columns_of,
    made,
    p_of,
)
from tests.support.helpers import invoke
from tests.support.machines import constant, spec_of

STEADY = {kind for kind, model in DISTRIBUTIONS.items() if not model.temporal}
# A bad value of each parameter: the type, what to change, where and what the problem is.
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("constant", {"value": "1"}, ".value", '"1": a number needs a unit: 1S, 1M (minutes), 1H, 1D or 1W'),
    ("constant", {"value": True}, ".value", "expected a number, not true"),
    ("constant", {"value": None}, ".value", "expected a number, not null"),
    ("uniform", {"min": 9}, ".min", "9 is greater than max, 7.5"),
    ("uniform", {"max": [1]}, ".max", "expected a number, not a list"),
    ("exponential", {"mean": 0}, ".mean", "expected a number above 0, not 0"),
    ("exponential", {"mean": -1.5}, ".mean", "expected a number above 0, not -1.5"),
    ("exponential", {"rate": 2}, "", 'expected "mean" or "rate", not "mean" with "rate"'),
    ("exponential", {"min": 30}, ".min", "8.76e-27 of the distribution is left between min and max; expected 1e-9 of it"),
    ("exponential", {"max": -1}, ".max", "nothing of the distribution is left between min and max; expected 1e-9 of it"),
    ("normal", {"min": 7}, ".min", "1.28e-12 of the distribution is left between min and max; expected 1e-9 of it"),
    ("normal", {"max": -7}, ".max", "1.28e-12 of the distribution is left between min and max; expected 1e-9 of it"),
    ("normal", {"mean": {}}, ".mean", "expected a number, not an object"),
    ("normal", {"stddev": -0.1}, ".stddev", "expected 0 or more, not -0.1"),
    ("lognormal", {"mu": "x"}, ".mu", 'expected a number, not "x"'),
    ("lognormal", {"sigma": -1}, ".sigma", "expected 0 or more, not -1"),
    *(("lognormal", {key: 2}, "", (f'expected "mu" with "sigma", or "median" with "sigma", or "median" with "p90", or '
       f'"median" with "p95", or "median" with "p99", or "mean" with "stddev", not {told}'))
      for key, told in (("median", '"mu" with "sigma" with "median"'), ("p90", '"mu" with "sigma" with "p90"'),
                        ("p95", '"mu" with "sigma" with "p95"'), ("p99", '"mu" with "sigma" with "p99"'),
                        ("mean", '"mu" with "sigma" with "mean"'), ("stddev", '"mu" with "sigma" with "stddev"'))),
    ("lognormal", {"min": 1e9}, ".min", "1.07e-95 of the distribution is left between min and max; expected 1e-9 of it"),
    ("lognormal", {"max": 0}, ".max", "nothing of the distribution is left between min and max; expected 1e-9 of it"),
    ("gamma", {"min": "x"}, ".min", 'expected a number or a length of time such as "90S", "10M" or "1.5H", not "x"'),
    ("gamma", {"max": -1}, ".max", "nothing of the distribution is left between min and max; expected 1e-9 of it"),
    ("weibull", {"min": 1, "max": 0.5}, ".min", "1 is greater than max, 0.5"),
    ("pareto", {"max": 1}, ".min", "2 is greater than max, 1"),
    ("poisson", {"min": 100}, ".min", "nothing of the distribution is left between min and max; expected 1e-9 of it"),
    ("poisson", {"max": -1}, ".max", "nothing of the distribution is left between min and max; expected 1e-9 of it"),
    ("gamma", {"shape": 0}, ".shape", "expected a number above 0, not 0"),
    ("gamma", {"scale": -2}, ".scale", "expected a number above 0, not -2"),
    ("weibull", {"shape": 0}, ".shape", "expected a number above 0, not 0"),
    ("weibull", {"scale": 0}, ".scale", "expected a number above 0, not 0"),
    ("pareto", {"alpha": 0}, ".alpha", "expected a number above 0, not 0"),
    ("pareto", {"min": 0}, ".min", "expected a number above 0, not 0"),
    ("triangular", {"min": 3}, "", "expected min <= mode <= max, not 3, 2, 5"),
    ("triangular", {"mode": 6}, "", "expected min <= mode <= max, not -1, 6, 5"),
    ("triangular", {"max": 1}, "", "expected min <= mode <= max, not -1, 2, 1"),
    ("beta", {"alpha": 0}, ".alpha", "expected a number above 0, not 0"),
    ("beta", {"beta": 0}, ".beta", "expected a number above 0, not 0"),
    ("beta", {"alpha": 1e9}, ".alpha", "expected at most 1e6; above that, a normal distribution is the same"),
    ("beta", {"beta": 1e9}, ".beta", "expected at most 1e6; above that, a normal distribution is the same"),
    ("beta", {"min": 2}, ".min", "2 is greater than max, 1.0"),
    ("beta", {"max": -1}, ".min", "0.0 is greater than max, -1"),
    ("poisson", {"mean": 0}, ".mean", "expected a number above 0, not 0"),
    ("poisson", {"mean": 2e9}, ".mean", "expected at most 1e9; above that, a normal distribution is the same"),
    ("zipf", {"exponent": 0}, ".exponent", "expected a number above 0, not 0"),
    ("zipf", {"n": 0}, ".n", "expected 1 to 10000000, not 0"),
    ("zipf", {"n": 2.5}, ".n", "expected a whole number, not 2.5"),
    ("choice", {"values": []}, ".values", "expected at least one value"),
    ("choice", {"values": 3}, ".values", "expected a list, not 3"),
    ("choice", {"values": [1, "b", 2, 3]}, ".values[1]",
     'expected a number or a length of time such as "90S", "10M" or "1.5H", not "b"'),
    ("choice", {"weights": [1, 2]}, ".weights", "expected as many as values, 4, not 2"),
    ("choice", {"weights": [0, 0, 0, 0]}, ".weights", "expected at least one weight above 0"),
    ("choice", {"weights": [1, -1, 0, 0]}, ".weights[1]", "expected 0 or more, not -1"),
    ("histogram", {"edges": [1]}, ".edges", "expected at least two edges"),
    ("histogram", {"edges": [0, 1, 1, 2, 3]}, ".edges", "expected strictly increasing numbers"),
    ("histogram", {"weights": [1]}, ".weights", "expected one fewer than edges, 4, not 1"),
]  # fmt: skip

EVERY_CASE = [
    pytest.param(kind, case, id=f"{kind}-{case}") for kind, cases in CASES.items() for case in cases
]


def parameters_of(kind: str) -> set[str]:
    """Name the parameters that a registered distribution declares."""
    fields = DISTRIBUTIONS[kind].model_fields.items()
    return {field.alias or name for name, field in fields} - {"type"}


def problems_with(parameters: Any) -> list[str]:
    """Return what the program says about a specification with this distribution as a delay."""
    spec = spec_of({"a": (parameters, {"stop": 1})}, constant(1))
    outcome = invoke("--validate", spec=spec)
    assert outcome.status == (1 if outcome.err.startswith("stdin:") else 0), outcome.err
    return outcome.err.splitlines()


def test_tables_cover_every_registered_distribution() -> None:
    """A new distribution, or a new parameter, needs examples and a bad value here.

    Those that depend on the instant are no distributions of numbers, and have tests of their own.
    """
    assert set(CASES) == STEADY
    assert set(DISTRIBUTIONS) - STEADY == {"gmm_temporal"}
    bad = {(kind, parameter) for kind, changed, _, _ in BAD for parameter in changed}
    assert bad == {(kind, name) for kind in STEADY for name in parameters_of(kind)}


@pytest.mark.parametrize(("kind", "case"), EVERY_CASE)
def test_quantile_is_the_inverse_of_the_distribution(kind: str, case: Case) -> None:
    """It never falls, and is scipy's to 1 part in 10**9 (steps: but for 1 point in 1000)."""
    values, expected = made(kind, case).quantile(GRID), case.reference.ppf(GRID)
    assert values.dtype == np.float64
    assert (np.diff(values) >= 0).all()
    near = np.isclose(values, expected, rtol=1e-9, atol=1e-12)
    assert near.mean() >= (0.999 if isinstance(case.reference, Table) else 1)


@pytest.mark.parametrize(("kind", "case"), EVERY_CASE)
def test_indices_have_a_quantile_function(kind: str, case: Case) -> None:
    """Which never falls; rounded down, it gives as many of each index as the samples do (but for 1 point in 1000)."""
    shape, even = made(kind, case), (np.arange(9973) + 0.5) / 9973
    values = shape.of_indices().quantile(even)
    assert (np.diff(values) >= 0).all()
    samples = shape.sample_floored((even * 2.0**64).astype(np.uint64))
    assert np.isclose(np.floor(values), np.sort(samples), rtol=1e-9).mean() >= 0.999


@pytest.mark.parametrize(("kind", "case"), EVERY_CASE)
def test_values_stay_within_the_bounds(kind: str, case: Case) -> None:
    """Also at the ends of u; the bounds are no wider than they must be."""
    shape = made(kind, case)
    low, high = shape.bounds()
    values = shape.quantile(GRID)
    assert low <= values.min() <= values.max() <= high
    if math.isfinite(low) and math.isfinite(high):
        ends = shape.quantile(np.array([2.0**-53, 1 - 2.0**-53]))
        assert np.allclose(ends, [low, high], rtol=0, atol=1e-3 * (high - low))


@pytest.mark.parametrize(("kind", "case"), EVERY_CASE)
def test_mean_is_that_of_the_quantile(kind: str, case: Case) -> None:
    """The stated mean is scipy's and the integral of the quantile (u = 1 / (1 + exp -x))."""
    shape, x = made(kind, case), np.linspace(-36, 36, 400_001)
    u = 1 / (1 + np.exp(-x))
    integral = float(np.trapezoid(shape.quantile(u) * u * (1 - u), x))
    assert shape.mean() == pytest.approx(case.reference.mean(), rel=1e-9, abs=1e-12)
    assert integral == pytest.approx(shape.mean(), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("kind", sorted(STEADY))
def test_unknown_and_missing_keys_are_refused(kind: str) -> None:
    """An unknown key is named, with the nearest known one; so is a parameter that is not there."""
    case = CASES[kind][-1]
    known = min(case.parameters)
    told = problems_with({"type": kind, **case.parameters, f"{known}x": 1})
    assert told == [f'stdin: states[0].delay.{known}x: unknown key; did you mean "{known}"?']
    fields = DISTRIBUTIONS[kind].model_fields.items()
    needed = [name for name, field in fields if field.is_required()]
    told = problems_with({"type": kind})
    if kind in ("exponential", "lognormal"):  # which have several ways
        assert len(told) == 1
        assert told[0].startswith("stdin: states[0].delay: expected ")
        assert ", not " not in told[0]
        return
    assert told == [f"stdin: states[0].delay.{name.rstrip('_')}: missing" for name in needed]


@pytest.mark.parametrize(("kind", "changed", "place", "message"), BAD)
def test_bad_values_are_refused(
    kind: str, changed: dict[str, Any], place: str, message: str
) -> None:
    """Each parameter's bad value is named with its place and what was expected."""
    told = problems_with({"type": kind, **CASES[kind][0].parameters, **changed})
    assert told == [f"stdin: states[0].delay{place}: {message}"]


def test_unknown_distribution_is_refused() -> None:
    """A misspelt type is named with the nearest one."""
    told = problems_with({"type": "expotential", "mean": 1})
    assert told == [
        'stdin: states[0].delay.type: no distribution "expotential"; did you mean "exponential"?'
    ]


@pytest.mark.statistical
@pytest.mark.parametrize("size", [20_000, pytest.param(SAMPLES, marks=pytest.mark.long)])
def test_float_samples_agree_with_scipy(size: int) -> None:
    """So many printed floats of every distribution have its shape; all in one run."""
    cases = [(kind, case) for kind, cases in CASES.items() for case in cases]
    dimensions = [
        {"type": "float", "distribution": {"type": kind, **case.parameters}} for kind, case in cases
    ]
    columns = columns_of(dimensions, size)
    found = {
        f"{kind}-{case}": p_of(columns[f"f{place}"], case.reference, size)
        for place, (kind, case) in enumerate(cases)
    }
    assert {name: p for name, p in found.items() if p <= LEAST_P} == {}
