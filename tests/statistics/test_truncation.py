"""What `min` and `max` leave of a distribution, with numbers and computed parameters, in the bulk and in both tails."""

import re
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.support.distributions import Cut
from tests.support.fields import choice, floats, instants, integers, texts
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import (
    LARGEST_Z,
    LEAST_P,
    SECONDS,
    START,
    Column,
    cut_cdf,
    p_uniform,
    samples,
    z_of_mean,
)
from tests.support.stats import chi_squared, even

pytestmark = pytest.mark.statistical

ENDLESS = {"a": (constant(1), {"a": 1.0})}
SIZES = [6_000, pytest.param(300_000, marks=pytest.mark.long)]
INF = np.inf
Case = tuple[str, Spec, Any, float, float]

NORMAL, EXPONENTIAL, LOGNORMAL = (
    stats.norm(20, 5),
    stats.expon(scale=2),
    stats.lognorm(0.8, scale=np.e),
)
GAMMA, STEEP = stats.gamma(5, scale=0.5), stats.gamma(0.3, scale=2)
WEIBULL, EARLY, PARETO = (
    stats.weibull_min(3, scale=1),
    stats.weibull_min(0.7, scale=3),
    stats.pareto(1.5, scale=2),
)
NORMALS, LOGS = {"mean": 20, "stddev": 5}, {"mu": 1, "sigma": 0.8}
GAMMAS, STEEPS = {"shape": 5, "scale": 0.5}, {"shape": 0.3, "scale": 2}
CASES: list[Case] = [
    ("normal", NORMALS, NORMAL, 15, 30), ("normal", NORMALS, NORMAL, 44, INF), ("normal", NORMALS, NORMAL, -INF, -4),
    ("normal", NORMALS, NORMAL, 20, 20.001), ("normal", NORMALS, NORMAL, -8, -7.9), ("normal", NORMALS, NORMAL, 45, 45.5),
    ("lognormal", LOGS, LOGNORMAL, 2, 9), ("lognormal", LOGS, LOGNORMAL, 100, INF), ("lognormal", LOGS, LOGNORMAL, -INF, 0.05),
    ("lognormal", LOGS, LOGNORMAL, 3, 3.0001),
    ("exponential", {"mean": 2}, EXPONENTIAL, 1, 3), ("exponential", {"rate": 0.5}, EXPONENTIAL, 30, INF),
    ("exponential", {"mean": 2}, EXPONENTIAL, -INF, 1e-6), ("exponential", {"mean": 2}, EXPONENTIAL, 25, 25.01),
    ("gamma", GAMMAS, GAMMA, 2, 4), ("gamma", GAMMAS, GAMMA, 10, INF), ("gamma", GAMMAS, GAMMA, -INF, 0.05),
    ("gamma", STEEPS, STEEP, 0.1, 1), ("gamma", STEEPS, STEEP, 20, 21), ("gamma", STEEPS, STEEP, -INF, 1e-9),
    ("weibull", {"shape": 3, "scale": 1}, WEIBULL, 2, INF), ("weibull", {"shape": 3, "scale": 1}, WEIBULL, -INF, 0.01),
    ("weibull", {"shape": 0.7, "scale": 3}, EARLY, 1, 10), ("weibull", {"shape": 0.7, "scale": 3}, EARLY, 100, 101),
    ("pareto", {"alpha": 1.5, "min": 2}, PARETO, -INF, 50), ("pareto", {"alpha": 1.5, "min": 2}, PARETO, -INF, 2.001),
]  # fmt: skip


def cut(case: Case) -> Spec:
    """Return a distribution as a specification has it."""
    kind, parameters, _, low, high = case
    ends = {key: end for key, end in (("min", low), ("max", high)) if np.isfinite(end)}
    return {"type": kind, **parameters, **ends}


def columns_of(fields: list[Spec], size: int) -> list[Column]:
    """Return the columns of dimensions: f0, f1 and so on."""
    named = [{"name": f"f{place}", **each} for place, each in enumerate(fields)]
    found = samples(spec_of(ENDLESS, constant(1), named), size)
    return [found[each["name"]] for each in named]


@pytest.mark.parametrize("size", SIZES)
def test_samples_have_the_truncated_distribution(size: int) -> None:
    """Narrow windows too; beside it, the same with a computed parameter, and both ends included in no pile."""
    computed = []
    for case in CASES:
        raw = cut(case)
        name = next(iter(case[1]))
        computed.append({**raw, name: {"expr": f"{raw[name]} + f0 * 0"}})
    some = [place for place, case in enumerate(CASES) if case[0] != "gamma"]
    fields = [floats(cut(case)) for case in CASES] + [floats(computed[place]) for place in some]
    plain = columns_of(fields, size)
    found: dict[str, float] = {}
    for place, column in zip([*range(len(CASES)), *some], plain, strict=True):
        kind, _, whole, low, high = CASES[place]
        key = f"{kind} {low} {high} {'computed' if len(found) >= len(CASES) else ''}"
        found[key] = p_uniform(np.clip(cut_cdf(whole, column, low, high), 0, 1))
        assert column.min() >= low
        assert column.max() <= high
    assert len(found) == len(plain)
    assert {key: p for key, p in found.items() if p <= LEAST_P} == {}


def test_parameters_and_ends_may_differ_from_row_to_row() -> None:
    """Each row has the distribution of its own parameters, between its own ends."""
    fields = [
        floats(choice(0.5, 2, 6)),
        floats(choice(0.2, 1, 3)),
        floats({"type": "normal", "mean": {"expr": "f0"}, "stddev": {"expr": "f1"}, "min": {"expr": "f0 + f1"}}),
        floats({"type": "lognormal", "median": {"expr": "f0"}, "sigma": {"expr": "f1"}, "max": {"expr": "2 * f0"}, "min": 0.1}),
        floats({"type": "exponential", "rate": {"expr": "f0"}, "min": {"expr": "f1"}, "max": {"expr": "f1 + 1"}}),
        floats({"type": "weibull", "shape": {"expr": "f0"}, "scale": {"expr": "f1"}, "max": {"expr": "f1"}}),
        floats({"type": "gamma", "shape": {"expr": "f0"}, "scale": {"expr": "f1"}, "min": {"expr": "f0 * f1"}}),
        floats({"type": "pareto", "alpha": {"expr": "f0"}, "min": {"expr": "f1"}, "max": {"expr": "f1 * 3"}}),
    ]  # fmt: skip
    f0, f1, *found = columns_of(fields, 2000)
    theory: list[tuple[Any, Any, Any]] = [
        (stats.norm(f0, f1), f0 + f1, INF),
        (stats.lognorm(f1, scale=f0), 0.1, 2 * f0),
        (stats.expon(scale=1 / f0), f1, f1 + 1),
        (stats.weibull_min(f0, scale=f1), 0, f1),
        (stats.gamma(f0, scale=f1), f0 * f1, INF),
        (stats.pareto(f0, scale=f1), f1, 3 * f1),
    ]
    for column, (whole, low, high) in zip(found, theory, strict=True):
        assert p_uniform(np.clip(cut_cdf(whole, column, low, high), 0, 1)) > LEAST_P


@pytest.mark.parametrize("size", SIZES)
def test_counts_have_the_truncated_distribution(size: int) -> None:
    """Poisson: a window in the bulk, one in either tail, ends between counts."""
    cases: list[tuple[float, float, float]] = [(4, 2, 9), (40, 60, INF), (40, -INF, 14), (40, 39.5, 41.5), (0.5, 5, INF), (3000, 3200, 3210)]  # fmt: skip
    fields = []
    for mean, low, high in cases:
        fields.append(integers(cut(("poisson", {"mean": mean}, None, low, high))))
    for column, (mean, low, high) in zip(columns_of(fields, size), cases, strict=True):
        counts = np.arange(int(mean + 12 * np.sqrt(mean) + 40))
        inside = (counts >= low) & (counts <= high)
        chances = np.where(inside, stats.poisson(mean).pmf(counts), 0)
        assert chi_squared(np.bincount(column, minlength=len(counts)), chances) > LEAST_P


def test_whole_numbers_round_after_truncation() -> None:
    """The last whole number at an end has the share that is left beside it."""
    [column] = columns_of(
        [integers({"type": "normal", "mean": 0, "stddev": 2, "min": -1.2, "max": 2.6})], 20_000
    )
    edges = np.array([-1.2, -0.5, 0.5, 1.5, 2.5, 2.6])
    assert (
        chi_squared(np.bincount(column + 1, minlength=5), np.diff(stats.norm(0, 2).cdf(edges)))
        > LEAST_P
    )


def test_lengths_and_indices_have_the_truncated_distribution() -> None:
    """Lengths are rounded, indices rounded down, after truncation; lengths of texts, of lists, picks of values."""
    cut_off: Spec = {"type": "normal", "mean": 3, "stddev": 2, "min": 1.2, "max": 5.6}
    computed = {**cut_off, "mean": {"expr": "3"}, "max": {"expr": "5.6"}}
    rounded = np.diff(stats.norm(3, 2).cdf([1.2, 1.5, 2.5, 3.5, 4.5, 5.5, 5.6]))
    floored = np.diff(stats.norm(3, 2).cdf([1.2, 2, 3, 4, 5, 5.6]))
    for pick in (cut_off, computed):
        fields = [
            {"name": "text", **texts(pick)},
            {"name": "values", "type": "list", "elements": [integers(constant(1))], "length_distribution": pick, "selection_distribution": constant(0)},
            {"name": "enum", "type": "enum", "values": list(range(9)), "cardinality_distribution": pick},
            {"name": "lengths", "type": "expression", "expr": "length(text) * 10 + length(values)"},
        ]  # fmt: skip
        found = samples(spec_of(ENDLESS, constant(1), fields), 10_000)
        pairs = np.stack([found["lengths"] // 10, found["lengths"] % 10])
        for column in pairs:
            assert chi_squared(np.bincount(column - 1, minlength=6), rounded) > LEAST_P
        assert chi_squared(np.bincount(found["enum"] - 1, minlength=5), floored) > LEAST_P


def test_whole_numbers_between_computed_ends_are_even() -> None:
    """Both ends included, as between numbers, of whole numbers, lengths and picks."""
    ends: Spec = {"type": "uniform", "min": {"expr": "low"}, "max": {"expr": "low + 3"}}
    fields = [
        {"name": "low", **integers({"type": "uniform", "min": 0, "max": 2})},
        {"name": "whole", **integers(ends)},
        {"name": "text", **texts(ends, chars="a")},
        {"name": "enum", "type": "enum", "values": list(range(9)), "cardinality_distribution": ends},
        {"name": "length", "type": "expression", "expr": "length(text)"},
    ]  # fmt: skip
    found = samples(spec_of(ENDLESS, constant(1), fields), 20_000)
    for name in ("whole", "length", "enum"):
        cells = found["low"] * 4 + (found[name] - found["low"])
        assert even(np.bincount(cells, minlength=12)) > LEAST_P


@pytest.mark.parametrize("days", [0.01, 40])
def test_instants_have_the_truncated_distribution(days: float) -> None:
    """A timestamp's exponential keeps its `min` as its begin; `max` truncates."""
    pick = {
        "type": "exponential",
        "min": "2027-01-01",
        "mean": days * 86_400,
        "max": "2027-01-01T12:00:00",
    }
    moved = {**pick, "mean": {"expr": f"86400 * {days}"}}
    fields = [instants(pick), instants(moved), instants({**pick, "max": "2027-06-01"})]
    for column, end in zip(columns_of(fields, 20_000), (0.5, 0.5, 151), strict=True):
        seconds = (column - np.datetime64("2027-01-01")) / np.timedelta64(1, "s")
        seconds += (
            np.random.default_rng(1).random(len(seconds)) * 1e-3
        )  # shown are whole milliseconds
        u = cut_cdf(stats.expon(scale=days * 86_400), seconds, 0, end * 86_400 + 1e-3)
        assert p_uniform(np.clip(u, 0, 1)) > LEAST_P


def test_normal_instants_have_the_truncated_distribution() -> None:
    """Between two instants, with a number or an expression for the spread."""
    pick = {
        "type": "normal",
        "mean": "2027-01-10",
        "stddev": 5 * 86_400,
        "min": "2027-01-08",
        "max": "2027-01-31",
    }
    for field in (pick, {**pick, "stddev": {"expr": "days(5)"}}):
        [column] = columns_of([instants(field)], 10_000)
        days = (column - np.datetime64("2027-01-10")) / np.timedelta64(1, "D")
        days += np.random.default_rng(1).random(len(days)) * 1e-3 / 86_400
        assert p_uniform(np.clip(cut_cdf(stats.norm(0, 5), days, -2, 21), 0, 1)) > LEAST_P


@pytest.mark.parametrize(
    "case",
    [CASES[0], CASES[6], CASES[10], CASES[14], CASES[22], CASES[24]],
    ids=lambda case: case[0],
)
def test_the_mean_that_is_told_is_that_of_what_is_left(case: Case) -> None:
    """Of a delay, by `--validate -v`, in the forecast of the cap, and in what waits are."""
    _, _, whole, low, high = case
    mean = Cut(whole, max(low, whole.support()[0]), high).mean()
    spec = spec_of({"a": (cut(case), {"stop": 1})}, exponential(0.001), [SECONDS])
    told = invoke("--validate", "-v", spec=spec).err
    found = re.search(r'state "a": a mean delay of ([0-9.]+) s', told)
    assert found is not None, told
    assert float(found[1]) == pytest.approx(mean, rel=1e-5)
    alive = re.search(
        r"about ([0-9,]+) workers would be alive",
        invoke("-s", START, "-m", "1", "-r", "20M", spec=spec).err,
    )
    assert alive is not None
    assert float(alive[1].replace(",", "")) == pytest.approx(1000 * mean, rel=0.05)
    one = spec_of({"a": (cut(case), {"a": 1})}, constant(1), [SECONDS])
    waits = np.diff(samples(one, 20_001, "-m", "1")["at"])
    square = Cut(whole, max(low, whole.support()[0]), high)
    edges = square.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert abs(z_of_mean(waits, mean, edges.std())) < LARGEST_Z
    assert p_uniform(np.clip(cut_cdf(whole, waits, low, high), 0, 1)) > LEAST_P
