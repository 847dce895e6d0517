"""Holds the arrivals of a run over time against what the model expects."""

from collections.abc import Iterator

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE
from datagen.distributions.base import Distribution
from datagen.inspection.expected_values import grid_words
from datagen.inspection.fit import Fit, chi_squared_tail
from datagen.inspection.model_tests import Finding, Model
from datagen.inspection.report_figures import NotTested, Test
from datagen.inspection.run_collector import Collected
from datagen.instants import NAIVE, SECOND, Instant
from datagen.one_line import counted
from datagen.simulation.machine import Machine
from datagen.spec.populations import Arrivals
from datagen.validation import quoted

_LEAST, MOST_BINS = 100.0, 200  # expected in a span of time, and spans


def arrival_tests(collected: Collected, model: Model) -> Iterator[Finding]:
    """Yield a test of the arrivals of each population over time."""
    for arrivals, machine in zip(model.spec.arrivals, model.machines, strict=True):
        subject = "arrivals" if arrivals.name is None else f"arrivals of {quoted(arrivals.name)}"
        counts = collected.starts.get(arrivals.name)
        why = untestable(collected, model, arrivals)
        if why or counts is None:
            yield NotTested(subject, why or "there were none")
        else:
            yield _arrival_test(subject, counts, collected, arrivals, machine)


def untestable(collected: Collected, model: Model, arrivals: Arrivals) -> str:
    """Return why arrivals cannot be tested, or ""."""
    if collected.held and collected.most == model.most:
        return f"some waited for a place under -m {model.most}"
    if collected.resumed:
        return "the run was resumed"
    if collected.jumped:
        return "the clock jumped"
    if arrivals.limits.total is not None:
        return "they come to an end"
    return ""


def _arrival_test(
    subject: str, counts: Ints, collected: Collected, arrivals: Arrivals, machine: Machine
) -> Finding:
    edges = collected.begin + MINUTE * np.arange(len(counts) + 1)
    expected = machine.interarrivals.expected(edges[:-1], edges[1:]).copy()
    if not len(expected) or not np.isfinite(expected).all():
        return NotTested(
            subject, "the run is too short" if not len(expected) else "they come at once"
        )
    expected[0] += float(machine.part.index == 0)  # worker 0 comes at the start
    spread = squared_variation(arrivals.interarrival)
    if not np.isfinite(spread):
        return NotTested(subject, "the variance of the time between them is infinite")
    bins = bins_of(expected, max(_LEAST, _LEAST * spread))
    if bins is None:
        return NotTested(subject, f"only {expected.sum():.3g} are expected")
    found, wanted = (np.add.reduceat(each, bins) for each in (counts, expected))
    odd = (found - wanted) ** 2 / (spread * wanted + (spread != 1))
    ratio = 2 * (found * np.log(np.maximum(found, 1) / wanted) - found + wanted)
    statistic = float(odd.sum())
    least = min(statistic, float(ratio.sum())) if spread == 1 else statistic
    fit = Fit(statistic, chi_squared_tail(least, len(bins)), int(odd.argmax()))
    text = (
        f"{counted(int(counts.sum()), 'worker')} came, expected {expected.sum():,.0f}; oddest from "
        f"{Instant(int(edges[bins[fit.worst]]), NAIVE)}: {found[fit.worst]:,}, expected {wanted[fit.worst]:,.0f}"
    )
    return Test.of(subject, "chi-squared", int(counts.sum()), fit, text)


def squared_variation(interarrival: Distribution) -> float:
    """Return the variance of an interarrival time, divided by its squared mean: 1 for a Poisson process."""
    if interarrival.type == "exponential" and not interarrival.temporal:
        return 1.0
    mean = interarrival.mean_duration()
    times = interarrival.exact_microseconds(grid_words()) / SECOND
    variance = float((times**2).mean() - mean**2)
    found = max(variance, 0.0) / mean**2 if mean else np.inf
    return 1.0 if abs(found - 1) < 2e-3 else found


def bins_of(expected: Floats, least: float) -> Ints | None:
    """Return the first minutes of spans in each of which at least so many are expected; None: there are too few."""
    total = float(expected.sum())
    if total < least:
        return None
    least = max(least, total / MOST_BINS)
    _, begins = np.unique(
        np.floor((np.cumsum(expected) - expected) / least + 1e-9), return_index=True
    )
    while len(begins) > 1 and expected[begins[-1] :].sum() < least / 2:
        begins = begins[:-1]
    return begins
