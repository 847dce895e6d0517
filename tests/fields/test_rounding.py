"""How samples become the numbers of a field: rounding, precision, 64 bits."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.support.distributions import CASES, INT64_MAX, INT64_MIN, LEAST_P, Case, columns_of
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.stats import chi_squared, even


@pytest.mark.statistical
def test_int_samples_are_rounded_to_nearest() -> None:
    """An int is k with the chance of a sample in [k - 1/2, k + 1/2), for every distribution."""
    kinds = [
        "normal",
        "exponential",
        "gamma",
        "beta",
        "lognormal",
        "weibull",
        "pareto",
        "triangular",
        "histogram",
    ]
    wide = {"normal": Case({"mean": -0.3, "stddev": 2}, stats.norm(-0.3, 2)),
            "exponential": Case({"mean": 3}, stats.expon(scale=3))}  # fmt: skip
    cases = [(kind, wide.get(kind, CASES[kind][0])) for kind in kinds]
    cases.append(("uniform", Case({"min": -1.25, "max": 2.75}, stats.uniform(-1.25, 4))))
    columns = columns_of([
        {"type": "int", "distribution": {"type": kind, **case.parameters}} for kind, case in cases
    ])  # fmt: skip
    found = {}
    for place, (kind, case) in enumerate(cases):
        wholes = np.arange(-20, 200)
        steps = case.reference.cdf(np.append(wholes - 0.5, np.inf))
        samples = np.minimum(columns[f"f{place}"], 199)
        assert samples.dtype == np.int64
        found[kind] = chi_squared(np.bincount(samples + 20, minlength=220), np.diff(steps))
    assert {name: p for name, p in found.items() if p <= LEAST_P} == {}


RANGES = [
    (-3, 3), (0, 1), (5, 5), (-1.0, 8.0), (INT64_MIN, INT64_MIN + 2), (INT64_MAX - 2, INT64_MAX),
    (2**53, 2**53 + 4), (INT64_MIN, INT64_MAX), (-1, INT64_MAX), (-(2**40), 2**41),
]  # fmt: skip


@pytest.mark.statistical
def test_whole_number_uniform_is_even() -> None:
    """Each whole number has the same chance: negative, beyond doubles, and over all of int64."""
    columns = columns_of([
        {"type": "int", "distribution": {"type": "uniform", "min": low, "max": high}}
        for low, high in RANGES
    ])  # fmt: skip
    for place, (low, high) in enumerate(RANGES):
        size = int(high) - int(low) + 1
        cells = min(size, 50)
        found = [(each - int(low)) * cells // size for each in columns[f"f{place}"].tolist()]
        assert (min(found), max(found)) == (0, cells - 1)
        assert even(np.bincount(found)) > LEAST_P


HALVES = [
    (0.5, 1), (-0.5, -1), (1.5, 2), (-1.5, -2), (2.5, 3), (-2.5, -3), (0.49999999999999994, 0),
    (-0.49, 0), (2**51 + 0.5, 2**51 + 1), (-1e15 - 0.5, -(10**15) - 1), (7.0, 7), (1e17, 10**17),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["constant", "choice", "uniform", "normal"])
def test_halves_round_away_from_zero(kind: str) -> None:
    """An int field rounds alike, whether the distribution knows its values or is sampled."""
    shapes: dict[str, Any] = {
        "constant": lambda value: {"value": value},
        "choice": lambda value: {"values": [value]},
        "uniform": lambda value: {"min": value, "max": value},
        "normal": lambda value: {"mean": value, "stddev": 0},
    }
    dimensions = [
        {"type": "int", "distribution": {"type": kind, **shapes[kind](value)}}
        for value, _ in HALVES
    ]
    columns = columns_of(dimensions, records=3)
    found = [columns[f"f{place}"].tolist() for place in range(len(HALVES))]
    assert found == [[whole] * 3 for _, whole in HALVES]


def test_huge_samples_are_held_within_int64() -> None:
    """A sampled value beyond 64 bits becomes the end, not an overflow."""
    dimensions = [
        {"type": "int", "distribution": {"type": "normal", "mean": mean, "stddev": 0}}
        for mean in (1e300, -1e300, 2.0**63, -(2.0**63))
    ]
    found = [column[0] for name, column in columns_of(dimensions, 1).items() if name != "time"]
    assert found == [INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN]


@pytest.mark.parametrize(
    ("value", "precision", "written"),
    [
        (0.125, 2, b"0.12"), (0.375, 2, b"0.38"), (2.5, 0, b"2.0"), (3.5, 0, b"4.0"),
        (-2.5, 0, b"-2.0"), (2.675, 2, b"2.67"), (1.005, 2, b"1.0"), (-0.4, 0, b"0.0"),
        (1e300, 2, b"1e+300"), (123456789.987654321, 3, b"123456789.988"), (0.1, 15, b"0.1"),
    ],
)  # fmt: skip
def test_precision_rounds_half_to_even(value: float, precision: int, written: bytes) -> None:
    """By the exact binary value, as Python's `round`; and never to minus zero."""
    field = {"name": "x", "type": "float", "precision": precision, "distribution": constant(value)}
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(1), [field])
    out = invoke("-s", "2027-03-12", "-n", "1", spec=spec).out
    assert out.split(b'"x":')[1] == written + b"}\n"


@pytest.mark.parametrize("precision", [0, 2, 15])
def test_precision_only_rounds(precision: int) -> None:
    """The samples are those without precision, rounded one by one as Python does."""
    field: Spec = {"type": "float", "distribution": {"type": "normal", "mean": 0, "stddev": 50}}
    exact = columns_of([field], 5000)["f0"].tolist()
    short = columns_of([{**field, "precision": precision}], 5000)["f0"].tolist()
    assert short == [round(each, precision) for each in exact]
