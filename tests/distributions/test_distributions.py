"""Every distribution against scipy, against its own contract, and through the whole program.

Statistical figures are p-values at a fixed seed of 200,000 samples; each must exceed 1e-4.
"""

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.json
import pytest
from numpy.typing import NDArray
from scipy import stats

from datagen.arrays import Bits
from datagen.distributions.base import DISTRIBUTIONS, Distribution, parse_distribution
from datagen.fields.timestamps import INSTANTS
from datagen.randomness import draw, seed_word, stream_key, visit_bits, worker_bits
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.stats import chi_squared, even

LEAST_P = 1e-4
SAMPLES = 200_000
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def day(number: int) -> str:
    """Write midnight of a day, counted from the first of January 2027."""
    return f"{np.datetime64('2027-01-01') + number}T00:00:00"


class Table:
    """What scipy has no name for: values, ascending, with their weights."""

    def __init__(self, values: Any, weights: Any) -> None:
        self.values = np.array(values, dtype=float)
        self.chances = np.array(weights, dtype=float) / np.sum(weights)

    def mean(self) -> float:
        return float(self.values @ self.chances)

    def ppf(self, u: NDArray[Any]) -> NDArray[Any]:
        return self.values[np.searchsorted(np.cumsum(self.chances)[:-1], u)]


@dataclass(frozen=True)
class Case:
    """The parameters of a distribution, and the same distribution by other hands."""

    parameters: dict[str, Any]
    reference: Any

    def __str__(self) -> str:
        return "-".join(f"{each}".replace(" ", "") for each in self.parameters.values())[:40]


def triangle(low: float, mode: float, high: float) -> Case:
    """Return scipy's way to describe a triangle."""
    shape = stats.triang((mode - low) / (high - low), loc=low, scale=high - low)
    return Case({"min": low, "mode": mode, "max": high}, shape)


def histogram(edges: list[float], weights: list[float]) -> Case:
    """Return scipy's histogram."""
    shape = stats.rv_histogram((np.array(weights), np.array(edges)), density=False)
    return Case({"edges": edges, "weights": weights}, shape)


def zipf(exponent: float, n: int) -> Case:
    """Return the ranks 0 .. n - 1 by scipy's bounded Zipf law, which counts from 1."""
    chances = stats.zipfian(exponent, n).pmf(np.arange(1, n + 1))
    return Case({"exponent": exponent, "n": n}, Table(np.arange(n), chances))


def poisson(mean: float) -> Case:
    """Return the counts that matter to double precision."""
    counts = np.arange(int(mean + 12 * math.sqrt(mean) + 40))
    return Case({"mean": mean}, Table(counts, stats.poisson.pmf(counts, mean)))


def choice(values: list[float], weights: list[float]) -> Case:
    """Return values with weights; the reference wants them ascending."""
    return Case({"values": values, "weights": weights}, Table(values, weights))


CASES: dict[str, list[Case]] = {
    "constant": [Case({"value": 3.25}, Table([3.25], [1])), Case({"value": -4}, Table([-4], [1]))],
    "uniform": [Case({"min": -2.5, "max": 7.5}, stats.uniform(-2.5, 10)), Case({"min": 0, "max": 1}, stats.uniform())],
    "exponential": [Case({"mean": mean}, stats.expon(scale=mean)) for mean in (0.5, 1e6)],
    "normal": [Case({"mean": 0, "stddev": 1}, stats.norm()), Case({"mean": -3, "stddev": 0.01}, stats.norm(-3, 0.01))],
    "lognormal": [Case({"mu": mu, "sigma": sigma}, stats.lognorm(sigma, scale=math.exp(mu))) for mu, sigma in ((0, 1), (2, 0.25))],
    "gamma": [Case({"shape": shape, "scale": scale}, stats.gamma(shape, scale=scale)) for shape, scale in ((0.3, 2), (1, 1), (5, 0.5))],
    "weibull": [Case({"shape": shape, "scale": scale}, stats.weibull_min(shape, scale=scale)) for shape, scale in ((0.7, 3), (3, 1))],
    "pareto": [Case({"alpha": alpha, "min": low}, stats.pareto(alpha, scale=low)) for alpha, low in ((1.5, 2), (4, 0.1))],
    "triangular": [triangle(-1, 2, 5), triangle(0, 0, 1), triangle(0, 3, 3)],
    "beta": [Case({"alpha": 0.5, "beta": 0.5}, stats.beta(0.5, 0.5)), Case({"alpha": 2, "beta": 5, "min": 10, "max": 20}, stats.beta(2, 5, 10, 10))],
    "poisson": [poisson(0.5), poisson(40), poisson(3000)],
    "zipf": [zipf(0.8, 1000), zipf(1.2, 100), zipf(3, 5)],
    "choice": [choice([-7, 1.5, 2, 1e9], [1, 0.5, 0, 3]), choice([1, 2, 3], [1, 1, 1])],
    "histogram": [histogram([0, 1, 5, 7, 8], [3, 0, 1, 6]), histogram([-10, -9.5, 0, 100], [0, 1, 0])],
}  # fmt: skip
STEADY = {kind for kind, model in DISTRIBUTIONS.items() if not model.temporal}
# A bad value of each parameter: the type, what to change, where and what the problem is.
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("constant", {"value": "1"}, ".value", 'expected a number, not "1"'),
    ("constant", {"value": True}, ".value", "expected a number, not true"),
    ("constant", {"value": None}, ".value", "expected a number, not null"),
    ("uniform", {"min": 9}, ".min", "9 is greater than max, 7.5"),
    ("uniform", {"max": [1]}, ".max", "expected a number, not a list"),
    ("exponential", {"mean": 0}, ".mean", "expected a number above 0, not 0"),
    ("exponential", {"mean": -1.5}, ".mean", "expected a number above 0, not -1.5"),
    ("normal", {"mean": {}}, ".mean", "expected a number, not an object"),
    ("normal", {"stddev": -0.1}, ".stddev", "expected 0 or more, not -0.1"),
    ("lognormal", {"mu": "x"}, ".mu", 'expected a number, not "x"'),
    ("lognormal", {"sigma": -1}, ".sigma", "expected 0 or more, not -1"),
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
    ("choice", {"values": [1, "b", 2, 3]}, ".values[1]", 'expected a number, not "b"'),
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
ENDS = [2.0**-53, 2.0**-40, 1e-6, 1 - 1e-6, 1 - 2.0**-40, 1 - 2.0**-53]
GRID = np.sort(np.concatenate([ENDS, (np.arange(9973) + 0.5) / 9973]))


def made(kind: str, case: Case, **changed: Any) -> Distribution:
    """Return the checked distribution of a case."""
    return parse_distribution({"type": kind, **case.parameters, **changed})


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
def test_values_stay_within_the_bounds(kind: str, case: Case) -> None:
    """Also at the ends of u; the bounds are no wider than they must be."""
    shape = made(kind, case)
    low, high = shape.bounds()
    values = shape.quantile(GRID)
    assert low <= values.min() <= values.max() <= high
    if math.isfinite(high):
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


@pytest.mark.parametrize(("alpha", "beta"), [(1e6, 1e6), (1e3, 1e6), (1e6, 30), (1e6, 0.1)])
def test_lopsided_beta_is_right_up_to_its_limit(alpha: float, beta: float) -> None:
    """Beyond 1e6 the inverse of scipy is wrong without a word (by 1 for 1e3 and 1e9): so refused."""
    share = parse_distribution({"type": "beta", "alpha": alpha, "beta": beta}).quantile(GRID[::50])
    inside = share < 1 - 1e-12
    assert np.allclose(stats.beta.cdf(share, alpha, beta)[inside], GRID[::50][inside], atol=2e-6)


def test_infinite_means_are_told() -> None:
    """A Pareto tail of 1 or less has no mean; others can pass the largest double."""
    assert parse_distribution({"type": "pareto", "alpha": 1, "min": 1}).mean() == math.inf
    for sigma in (50, 1e300, 10**300):
        assert parse_distribution({"type": "lognormal", "mu": 0, "sigma": sigma}).mean() == math.inf
    assert (
        parse_distribution({"type": "gamma", "shape": 10**300, "scale": 10**300}).mean() == math.inf
    )


@pytest.mark.parametrize("kind", sorted(STEADY))
def test_unknown_and_missing_keys_are_refused(kind: str) -> None:
    """An unknown key is named, with the nearest known one; so is a parameter that is not there."""
    case = CASES[kind][-1]
    known = min(case.parameters)
    told = problems_with({"type": kind, **case.parameters, f"{known}x": 1})
    assert told == [f'stdin: states[0].delay.{known}x: unknown key; did you mean "{known}"?']
    needed = [
        name for name, field in DISTRIBUTIONS[kind].model_fields.items() if field.is_required()
    ]
    told = problems_with({"type": kind})
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


# Through the whole program: one record holds a sample of every distribution.


def columns_of(dimensions: list[Spec], records: int = SAMPLES) -> dict[str, NDArray[Any]]:
    """Run the program and parse its output; field i is called `f{i}`."""
    named = [{"name": f"f{place}", **each} for place, each in enumerate(dimensions)]
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(1), named)
    outcome = invoke("-s", "2027-03-12", "--seed", "20270312", "-n", str(records), spec=spec)
    assert outcome.status == 0, outcome.err
    table = pyarrow.json.read_json(io.BytesIO(outcome.out))
    return {name: table[name].to_numpy() for name in table.column_names}


def p_of(samples: NDArray[Any], reference: Any, size: int = SAMPLES) -> float:
    """Compare with a table by chi-squared, with a continuous distribution by Kolmogorov-Smirnov."""
    assert len(samples) == size
    if not isinstance(reference, Table):
        return float(stats.kstest(samples, reference.cdf).pvalue)
    places = np.minimum(np.searchsorted(reference.values, samples), len(reference.values) - 1)
    assert np.array_equal(reference.values[places], samples)
    return chi_squared(np.bincount(places, minlength=len(reference.values)), reference.chances)


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


@pytest.mark.statistical
def test_discrete_ints_and_indices_are_the_values_themselves() -> None:
    """Poisson counts, Zipf ranks and choices come out as integers with their chances."""
    cases = [(kind, case) for kind in ("poisson", "zipf") for case in CASES[kind]]
    cases.append(("choice", choice([INT64_MIN, -3, 0, 2**53], [1, 2, 3, 4])))
    columns = columns_of([
        {"type": "int", "distribution": {"type": kind, **case.parameters}} for kind, case in cases
    ])  # fmt: skip
    for place, (_, case) in enumerate(cases):
        assert columns[f"f{place}"].dtype == np.int64
        assert p_of(columns[f"f{place}"], case.reference) > LEAST_P


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


# Delays: from seconds to whole microseconds.


def bits_of(size: int) -> Bits:
    """Make draws as a machine does for a row of workers."""
    of_visits = visit_bits(worker_bits(seed_word(5), np.arange(size)), np.zeros(size, np.int64))
    return draw(of_visits, stream_key("delay"))


@pytest.mark.statistical
@pytest.mark.parametrize("mean", [1e-7, 1e-6, 1e-4, 1.0])
def test_dithered_delays_are_unbiased(mean: float) -> None:
    """|z| < 4 on 2 million: against the mean, and pairwise against the exact seconds.

    The pairs have a standard error of 0.0003 microseconds. Plain truncation fails them at any mean.
    """
    shape, bits = parse_distribution({"type": "exponential", "mean": mean}), bits_of(2_000_000)
    exact, micros = shape.sample(bits) * 1e6, shape.microseconds(bits)
    assert micros.dtype == np.int64
    assert abs(z_of(micros - mean * 1e6)) < 4
    assert abs(z_of(micros - exact)) < 4
    assert z_of(np.floor(exact) - exact) < -100


def z_of(differences: NDArray[Any]) -> float:
    """Return a mean in standard errors."""
    return float(differences.mean() / (differences.std() / math.sqrt(len(differences))))


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_delays_between_two_microseconds_share_the_chance(kind: str) -> None:
    """2.3 microseconds are 2 or 3, 3 three times in ten (|z| < 4)."""
    ends = {"min": 2.3e-6, "max": 2.3e-6} if kind == "uniform" else {"mean": 2.3e-6, "stddev": 0}
    micros = parse_distribution({"type": kind, **ends}).microseconds(bits_of(200_000))
    assert set(micros.tolist()) == {2, 3}
    assert abs(z_of((micros == 3) - 0.3)) < 4


@pytest.mark.parametrize(
    ("seconds", "micros"),
    [
        (0, 0), (4e-7, 0), (5e-7, 1), (1.4e-6, 1), (2.5e-6, 3), (1, 1_000_000), (0.1, 100_000),
        (1e-6, 1), (86400, 86_400_000_000), (-3, 0), (1e10, 10**16), (1e11, 10**16), (1e300, 10**16),
    ],
)  # fmt: skip
def test_constant_delays_are_rounded_to_nearest(seconds: float, micros: int) -> None:
    """A constant is not dithered; negative ones are 0, huge ones held at 10**10 seconds."""
    assert set(parse_distribution(constant(seconds)).microseconds(bits_of(1000)).tolist()) == {
        micros
    }


@pytest.mark.parametrize("value", [-5.0, 1e12])
def test_sampled_delays_are_held(value: float) -> None:
    """Negative samples count as 0, those beyond 10**10 seconds as that."""
    shape = parse_distribution({"type": "normal", "mean": value, "stddev": 1e-3})
    held = 0 if value < 0 else 10**16
    assert set(shape.microseconds(bits_of(1000)).tolist()) == {held}


# Timestamps: the instants are written in milliseconds, so scales of days make that invisible.

DAY = 86_400.0
INSTANT_CASES: dict[str, list[tuple[Spec, Any]]] = {
    "constant": [({"value": day(3)}, None)],
    "uniform": [({"min": day(0), "max": day(30)}, stats.uniform(0, 30))],
    "normal": [({"mean": day(100), "stddev": 5 * DAY}, stats.norm(100, 5))],
    "exponential": [({"min": day(2), "mean": 3 * DAY}, stats.expon(2, 3))],
    "triangular": [({"min": day(1), "mode": day(2), "max": day(9)}, triangle(1, 2, 9).reference)],
    "choice": [
        ({"values": [day(1), day(5), day(6)], "weights": [1, 0, 3]}, Table([1, 5, 6], [1, 0, 3])),
        ({"values": [day(1), day(5), day(6)]}, Table([1, 5, 6], [1, 1, 1])),
    ],
    "histogram": [
        ({"edges": [day(0), day(1), day(7), day(9)], "weights": [2, 0, 1]},
         histogram([0, 1, 7, 9], [2, 0, 1]).reference),
    ],
}  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("suffix", ["+01:00", pytest.param("", marks=pytest.mark.long)])
def test_timestamps_agree_with_scipy(suffix: str) -> None:
    """Every distribution of instants, written with the offset it is given with."""
    assert set(INSTANT_CASES) == set(INSTANTS)
    cases = [(kind, *case) for kind, cases in INSTANT_CASES.items() for case in cases]
    columns = columns_of([
        {"type": "timestamp", "distribution": {"type": kind, **with_suffix(shape, suffix)}}
        for kind, shape, _ in cases
    ])  # fmt: skip
    for place, (kind, shape, reference) in enumerate(cases):
        texts = columns[f"f{place}"].astype(str)
        assert texts[0].endswith(suffix)
        days = np.char.replace(texts, suffix, "").astype("M8[ms]") - np.datetime64(day(0), "ms")
        if reference is None:
            assert set(texts.tolist()) == {f"{shape['value']}.000{suffix}"}
        else:
            assert p_of(days.astype(float) / (DAY * 1000), reference) > LEAST_P, kind


def with_suffix(shape: Any, suffix: str) -> Any:
    """Return the same parameters with an offset on every instant."""
    if isinstance(shape, dict):
        return {key: with_suffix(value, suffix) for key, value in shape.items()}
    if isinstance(shape, list):
        return [with_suffix(value, suffix) for value in shape]
    return shape + suffix if isinstance(shape, str) else shape
