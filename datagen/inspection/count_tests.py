"""Holds how many records there are over time, and how many workers are alive at the end, against lives that the model walks."""

from collections.abc import Iterator

import numpy as np

from datagen.curves.curve import MINUTE
from datagen.inspection.arrival_tests import MOST_BINS, squared_variation, untestable
from datagen.inspection.fit import normal_p
from datagen.inspection.model_tests import Finding, Model
from datagen.inspection.report_figures import NotTested, RateFigures, Test
from datagen.inspection.run_collector import Collected
from datagen.inspection.walked_lives import WalkedLives, walked_lives
from datagen.instants import NAIVE, SECOND, Instant

_LEAST = 10.0  # expected
_ALIVE, RECORDS = "workers alive at the end", "records in all"


def count_tests(
    collected: Collected, model: Model
) -> tuple[list[Finding], tuple[RateFigures, ...]]:
    """Return the tests of the records in all and of the workers alive at the end, and the records over time."""
    lives = _lives(collected, model)
    if isinstance(lives, str):
        reasons = [NotTested(each, lives) for each in (RECORDS, _ALIVE)]
        return [*reasons], rate_figures(collected)
    tests = [*_records_test(collected, model, lives), *_alive_test(collected, model, lives)]
    return tests, rate_figures(collected, lives)


def _lives(collected: Collected, model: Model) -> list[WalkedLives] | str:
    """Return lives of each population, or why nothing is known of them."""
    if why := _unknown(collected, model):
        return why
    last = max(_until(collected), collected.alive.instant if collected.alive else 0)
    found = [walked_lives(each, collected.begin, last) for each in model.machines]
    lives = [each for each in found if each is not None]
    if len(lives) < len(found):
        return "lives are too long to walk"
    if not all(np.isfinite(each.weights).all() for each in lives):
        return "workers come at once"
    return lives


def _unknown(collected: Collected, model: Model) -> str:
    """Return why no lives can be walked for a run, or ""."""
    for each in model.spec.arrivals:
        if why := untestable(collected, model, each):
            return why
    machine = model.machines[0]
    if machine.decisions is not None:
        return "paths look at values"
    if machine.counts_depend:
        return "the number of records of a visit depends on values"
    return "" if len(collected.records) else "the run is too short"


def _until(collected: Collected) -> int:
    """Return the end of the last minute whose records are known."""
    return collected.begin + MINUTE * len(collected.records)


def _records_test(
    collected: Collected, model: Model, lives: list[WalkedLives]
) -> Iterator[Finding]:
    """Yield the test of the records of all whole minutes, of compound Poisson arrivals or more regular ones."""
    mean = variance = 0.0
    for arrivals, each in zip(model.spec.arrivals, lives, strict=True):
        own, spread, error = each.records(_until(collected))
        times = max(squared_variation(arrivals.interarrival), 1.0)
        mean, variance = mean + own, variance + spread * times + error
    yield _test(RECORDS, int(collected.records.sum()), mean, variance, _until(collected))


def _alive_test(collected: Collected, model: Model, lives: list[WalkedLives]) -> Iterator[Finding]:
    if collected.alive is None:
        return
    mean = variance = 0.0
    for arrivals, each in zip(model.spec.arrivals, lives, strict=True):
        own, error = each.alive(collected.alive.instant)
        times = max(squared_variation(arrivals.interarrival), 1.0)
        mean, variance = mean + own, variance + own * times + error
    yield _test(_ALIVE, collected.alive.workers, mean, variance, collected.alive.instant)


def _test(subject: str, found: int, mean: float, variance: float, instant: int) -> Finding:
    """Return the test of a count, by its mean and variance; it is a little skewed."""
    if mean < _LEAST or not np.isfinite(variance):
        few = f"only {mean:.3g} are expected"
        return NotTested(subject, few if mean < _LEAST else "the variance is infinite")
    z = (found - mean) / np.sqrt(variance)
    skewed = z / (1 + max(z, 0.0) * np.sqrt(variance) / mean / 6)
    text = f"{found:,} until {Instant(instant, NAIVE)}, expected {mean:,.0f}"
    return Test(subject, "normal", found, float(abs(z)), normal_p(skewed), text)


def rate_figures(
    collected: Collected, lives: list[WalkedLives] | None = None
) -> tuple[RateFigures, ...]:
    """Return the records in steps of a minute, or of so many that there are not too many, and those expected."""
    counts = collected.records
    if not len(counts):
        return ()
    width = -(-len(counts) // MOST_BINS)
    steps = len(counts) // width
    whole = counts[: steps * width].reshape(-1, width).sum(axis=1)
    expected: tuple[float, ...] = ()
    if lives is not None:
        edges = collected.begin + width * MINUTE * np.arange(steps + 1)
        each = sum((one.records_between(edges) for one in lives), np.zeros(steps))
        expected = tuple(np.round(each, 1).tolist())
    return (RateFigures("records", width * MINUTE / SECOND, tuple(whole.tolist()), expected),)
