"""Examples of every distribution, with the same ones by scipy, and samples through the whole program."""

import io
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.json
from numpy.typing import NDArray
from scipy import integrate, stats

from datagen.distributions.base import Distribution
from datagen.distributions.parsing import parse_distribution
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of
from tests.support.stats import chi_squared

LEAST_P = 1e-4
SAMPLES = 200_000
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


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


class Cut:
    """A distribution of scipy between two ends, by the tail that is nearer."""

    def __init__(self, whole: Any, low: float = -math.inf, high: float = math.inf) -> None:
        self.whole, self.low, self.high = whole, low, high

    @property
    def share(self) -> float:
        far = self.whole.cdf(self.low) > 0.5
        ends = (self.whole.sf if far else self.whole.cdf)([self.low, self.high])
        return float(abs(ends[1] - ends[0]))

    def mean(self) -> float:
        low, high = (
            max(self.low, self.whole.ppf(1e-16)),
            min(self.high, self.whole.ppf(1 - 1e-16)),
        )
        edges = np.linspace(low, high, 200)
        parts = [
            integrate.quad(lambda x: x * self.whole.pdf(x), *ends)[0] for ends in pairwise(edges)
        ]
        return math.fsum(parts) / self.share

    def cdf(self, x: NDArray[Any]) -> NDArray[Any]:
        low, whole = self.low, self.whole
        far = whole.cdf(low) > 0.5
        before = whole.sf(low) - whole.sf(x) if far else whole.cdf(x) - whole.cdf(low)
        return np.clip(np.asarray(before) / self.share, 0, 1)

    def ppf(self, u: NDArray[Any]) -> NDArray[Any]:
        below = self.whole.cdf(self.low) * (1 - u) + self.whole.cdf(self.high) * u
        above = self.whole.sf(self.low) * (1 - u) + self.whole.sf(self.high) * u
        found: NDArray[Any] = np.where(below < above, self.whole.ppf(below), self.whole.isf(above))
        return found


def cut(whole: Case, low: float | None = None, high: float | None = None) -> Case:
    """Return a case between two ends."""
    ends = {key: end for key, end in (("min", low), ("max", high)) if end is not None}
    reference = Cut(
        whole.reference, -math.inf if low is None else low, math.inf if high is None else high
    )
    return Case({**whole.parameters, **ends}, reference)


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


def lognormal(mu: float, sigma: float, /, **parameters: float) -> Case:
    """Return scipy's lognormal distribution, however it is parametrised."""
    return Case(parameters or {"mu": mu, "sigma": sigma}, stats.lognorm(sigma, scale=math.exp(mu)))


def few(mean: float, low: int, high: int) -> Case:
    """Return some of the counts."""
    counts = np.arange(low, high + 1)
    return Case(
        {"mean": mean, "min": low - 0.5, "max": high},
        Table(counts, stats.poisson.pmf(counts, mean)),
    )


Z99, VARIANCE = stats.norm.ppf(0.99), math.log(1 + (3 / 5) ** 2)
CASES: dict[str, list[Case]] = {
    "constant": [Case({"value": 3.25}, Table([3.25], [1])), Case({"value": -4}, Table([-4], [1]))],
    "uniform": [Case({"min": -2.5, "max": 7.5}, stats.uniform(-2.5, 10)), Case({"min": 0, "max": 1}, stats.uniform())],
    "exponential": [Case({"mean": mean}, stats.expon(scale=mean)) for mean in (0.5, 1e6)] + [
        Case({"rate": 4}, stats.expon(scale=0.25)), cut(Case({"mean": 2}, stats.expon(scale=2)), 1, 3),
        cut(Case({"mean": 2}, stats.expon(scale=2)), 30)],
    "normal": [Case({"mean": 0, "stddev": 1}, stats.norm()), Case({"mean": -3, "stddev": 0.01}, stats.norm(-3, 0.01)),
        cut(Case({"mean": 0, "stddev": 1}, stats.norm()), 5.9, 8), cut(Case({"mean": 0, "stddev": 1}, stats.norm()), -8, -5.9),
        cut(Case({"mean": 20, "stddev": 5}, stats.norm(20, 5)), 0), cut(Case({"mean": 20, "stddev": 5}, stats.norm(20, 5)), None, 21)],
    "lognormal": [Case({"mu": mu, "sigma": sigma}, stats.lognorm(sigma, scale=math.exp(mu))) for mu, sigma in ((0, 1), (2, 0.25))] + [
        lognormal(math.log(10), math.log(5) / Z99, median=10, p99=50),
        lognormal(math.log(10), math.log(2) / stats.norm.ppf(0.9), median=10, p90=20),
        lognormal(math.log(10), math.log(2) / stats.norm.ppf(0.95), median=10, p95=20),
        lognormal(math.log(10), 0.5, median=10, sigma=0.5),
        lognormal(math.log(5) - VARIANCE / 2, math.sqrt(VARIANCE), mean=5, stddev=3),
        cut(lognormal(1, 0.8), 2, 9), cut(lognormal(1, 0.8), 40)],
    "gamma": [Case({"shape": shape, "scale": scale}, stats.gamma(shape, scale=scale)) for shape, scale in ((0.3, 2), (1, 1), (5, 0.5))] + [
        cut(Case({"shape": 5, "scale": 0.5}, stats.gamma(5, scale=0.5)), 2, 4),
        cut(Case({"shape": 0.3, "scale": 2}, stats.gamma(0.3, scale=2)), 20),
        cut(Case({"shape": 0.3, "scale": 2}, stats.gamma(0.3, scale=2)), 0.1, 1)],
    "weibull": [Case({"shape": shape, "scale": scale}, stats.weibull_min(shape, scale=scale)) for shape, scale in ((0.7, 3), (3, 1))] + [
        cut(Case({"shape": 0.7, "scale": 3}, stats.weibull_min(0.7, scale=3)), 1, 10),
        cut(Case({"shape": 3, "scale": 1}, stats.weibull_min(3, scale=1)), 2)],
    "pareto": [Case({"alpha": alpha, "min": low}, stats.pareto(alpha, scale=low)) for alpha, low in ((1.5, 2), (4, 0.1))] + [
        Case({"alpha": 1.5, "min": 2, "max": 50}, Cut(stats.pareto(1.5, scale=2), 2, 50)),
        Case({"alpha": 1, "min": 2, "max": 50}, Cut(stats.pareto(1, scale=2), 2, 50)),
        Case({"alpha": 0.5, "min": 2, "max": 50}, Cut(stats.pareto(0.5, scale=2), 2, 50))],
    "triangular": [triangle(-1, 2, 5), triangle(0, 0, 1), triangle(0, 3, 3)],
    "beta": [Case({"alpha": 0.5, "beta": 0.5}, stats.beta(0.5, 0.5)), Case({"alpha": 2, "beta": 5, "min": 10, "max": 20}, stats.beta(2, 5, 10, 10))],
    "poisson": [poisson(0.5), poisson(40), poisson(3000), few(4, 2, 9), few(40, 60, 90)],
    "zipf": [zipf(0.8, 1000), zipf(1.2, 100), zipf(3, 5)],
    "choice": [choice([-7, 1.5, 2, 1e9], [1, 0.5, 0, 3]), choice([1, 2, 3], [1, 1, 1])],
    "histogram": [histogram([0, 1, 5, 7, 8], [3, 0, 1, 6]), histogram([-10, -9.5, 0, 100], [0, 1, 0])],
}  # fmt: skip

ENDS = [2.0**-53, 2.0**-40, 1e-6, 1 - 1e-6, 1 - 2.0**-40, 1 - 2.0**-53]
GRID = np.sort(np.concatenate([ENDS, (np.arange(9973) + 0.5) / 9973]))


def made(kind: str, case: Case, **changed: Any) -> Distribution:
    """Return the checked distribution of a case."""
    return parse_distribution({"type": kind, **case.parameters, **changed})


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
