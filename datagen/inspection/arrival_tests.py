"""Holds the arrivals of a run, and how many are alive at its end, against what the model expects."""

from collections.abc import Iterator

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE
from datagen.distributions.base import Distribution
from datagen.inspection.expected_values import grid_words
from datagen.inspection.fit import Fit, chi_squared_tail, normal_p
from datagen.inspection.model_tests import Finding, Model
from datagen.inspection.report_figures import NotTested, RateFigures, Test
from datagen.inspection.run_collector import Collected
from datagen.instants import NAIVE, SECOND, Instant
from datagen.one_line import counted
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.machine import Machine
from datagen.spec.populations import Arrivals
from datagen.spec.state_graph import STOP
from datagen.validation import quoted

_LEAST, _MOST_BINS = 100.0, 200  # expected in a span of time, and spans
_LEAST_ALIVE = 10.0
_LIVES = 4096  # that are walked for the number alive
_MOST_VISITS, _MAX_STEPS = 1_000_000, 5_000  # of them in all, of one
_GOLDEN = 0.618033988749895  # whose multiples, without their whole parts, are spread evenly


def arrival_tests(collected: Collected, model: Model) -> Iterator[Finding]:
    """Yield a test of the arrivals of each population over time."""
    for arrivals, machine in zip(model.spec.arrivals, model.machines, strict=True):
        subject = "arrivals" if arrivals.name is None else f"arrivals of {quoted(arrivals.name)}"
        counts = collected.starts.get(arrivals.name)
        why = _untestable(collected, model, arrivals)
        if why or counts is None:
            yield NotTested(subject, why or "there were none")
        else:
            yield _arrival_test(subject, counts, collected, arrivals, machine)


def _untestable(collected: Collected, model: Model, arrivals: Arrivals) -> str:
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
    least = max(least, total / _MOST_BINS)
    _, begins = np.unique(
        np.floor((np.cumsum(expected) - expected) / least + 1e-9), return_index=True
    )
    while len(begins) > 1 and expected[begins[-1] :].sum() < least / 2:
        begins = begins[:-1]
    return begins


def alive_tests(collected: Collected, model: Model) -> Iterator[Finding]:
    """Yield the test of how many workers are alive at the end: those of arrivals whose lives reach it."""
    alive, subject = collected.alive, "workers alive at the end"
    why = next(
        (why for each in model.spec.arrivals if (why := _untestable(collected, model, each))), ""
    )
    if not why and model.machines[0].decisions is not None:
        why = "paths look at values"
    if why or alive is None or alive.instant <= collected.begin:
        yield NotTested(subject, why or "the run is too short")
        return
    mean = variance = 0.0
    for arrivals, machine in zip(model.spec.arrivals, model.machines, strict=True):
        own, error = expected_alive(machine, collected.begin, alive.instant)
        spread = squared_variation(arrivals.interarrival)
        mean, variance = mean + own, variance + own * max(spread, 1.0) + error
    if not np.isfinite(variance) or mean < 10:
        yield NotTested(
            subject, f"only {mean:.3g} are expected" if mean < 10 else "they come at once"
        )
        return
    z = (alive.workers - mean) / np.sqrt(variance)
    text = f"{alive.workers:,} at {Instant(alive.instant, NAIVE)}, expected {mean:,.0f}"
    yield Test(subject, "normal", alive.workers, float(abs(z)), _skewed_p(z, mean), text)


def _skewed_p(z: float, mean: float) -> float:
    """Return the p-value of a count: that of a normal value, but for the skewness of Poisson's distribution."""
    return normal_p(z / (1 + max(z, 0.0) / (6 * np.sqrt(mean))))


def expected_alive(machine: Machine, begin: int, instant: int) -> tuple[float, float]:
    """Return how many workers that came from an instant on are alive at another, and the variance of that estimate.

    Each of a sample of lives is alive where it begins within its length before that instant. Both are not a number
    where lives are too long to walk.
    """
    places = (np.arange(_LIVES) * _GOLDEN) % 1.0
    begins = begin + ((instant - begin) * places).astype(np.int64)
    ends = walked_ends(machine, begins, instant)
    if ends is None:
        return np.nan, np.nan
    expected = machine.interarrivals.expected
    if machine.time_dependent:
        total = float(expected(np.array([begin]), np.array([instant]))[0])
        rates = expected(begins, begins + MINUTE)
        each = rates / rates.sum() * total * len(begins) * (ends > instant)
    else:
        since = np.maximum(instant - (ends - begins), begin)
        each = expected(since, np.full(len(since), instant))
    return float(each.mean()), float(each.var()) / len(each)


def walked_ends(machine: Machine, begins: Ints, horizon: int) -> Ints | None:
    """Return when workers that begin at some instants end, or an instant after as long as there is time in all; None: too late.

    Where delays do not depend on instants each is walked for as long as from the first begin to the horizon.
    """
    rows = np.arange(len(begins))
    bits, states, times = worker_bits(machine.seed, rows), np.full_like(rows, machine.first), begins
    ends, made, span = begins.copy(), 0, horizon - int(begins.min()) + 1
    until = np.full(len(begins), horizon) if machine.time_dependent else begins + span
    for number in range(_MAX_STEPS):
        of_visits = visit_bits(bits, np.full(len(rows), number))
        times = times + machine.delays(of_visits, states, times)
        states = machine.next_states(of_visits, states)
        made += len(rows)
        ends[rows] = times
        going = (states != STOP) & (times <= until[rows])
        rows, bits, states, times = rows[going], bits[going], states[going], times[going]
        if not len(rows):
            return ends
        if made > _MOST_VISITS:
            return None
    return None


def rate_figures(collected: Collected) -> tuple[RateFigures, ...]:
    """Return the records in steps of a minute, or of so many that there are not too many."""
    counts = collected.records
    if not len(counts):
        return ()
    width = -(-len(counts) // _MOST_BINS)
    whole = counts[: len(counts) // width * width].reshape(-1, width).sum(axis=1)
    return (RateFigures("records", width * MINUTE / SECOND, tuple(whole.tolist())),)
