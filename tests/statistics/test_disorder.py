"""How often effects hit, and how late copies are: the shares and the distributions that were asked for."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from datagen.distributions.parsing import parse_timer
from tests.support.disorder import SECOND, START, batch_of, disorder_of
from tests.support.stats import chi_squared, unrelated

pytestmark = pytest.mark.statistical

BATCH = batch_of(200_000)
LEAST_P = 1e-3  # of each test, all of which have a fixed seed


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.97])
@pytest.mark.parametrize("kind", ["drop", "late"])
def test_shares_are_those_that_were_asked_for(share: float, kind: str) -> None:
    """Whatever the effect does, and at the same rate in both emitters."""
    keys = {"late": {"delay": 1}}.get(kind, {})
    copies = disorder_of({"type": kind, "share": share, **keys}).copies(BATCH)
    hit = (copies.effects > 0).astype(int)
    assert chi_squared(np.bincount(hit, minlength=2), np.array([1 - share, share])) > LEAST_P
    if share > 0.05:
        jobs = np.zeros(len(BATCH), dtype=int)
        jobs[BATCH.groups[1].rows] = 1
        table = np.bincount(jobs * 2 + hit, minlength=4).reshape(2, 2)
        assert unrelated(table) > LEAST_P


def test_effects_hit_apart_from_each_other() -> None:
    """Also those of one type, and on copies apart from what these are copies of."""
    many = [{"type": "late", "share": 0.3, "delay": 1}, {"type": "late", "share": 0.6, "delay": 1}]
    found = disorder_of(*many).copies(BATCH).effects.astype(int)
    assert unrelated(np.bincount(found, minlength=4).reshape(2, 2)) > LEAST_P
    copies = disorder_of({"type": "duplicate"}, many[0]).copies(BATCH)
    late = (copies.effects >> np.uint64(1)).astype(int).reshape(-1, 2)
    assert unrelated(np.bincount(late[:, 0] * 2 + late[:, 1], minlength=4).reshape(2, 2)) > LEAST_P


def test_records_of_a_visit_are_hit_apart_from_each_other() -> None:
    """The first and the second of it."""
    hit = (disorder_of({"type": "drop", "share": 0.4}).copies(BATCH).effects > 0).astype(int)
    assert BATCH.origins is not None
    second = np.flatnonzero(BATCH.origins.made.places == 1)
    pairs = hit[second - 1] * 2 + hit[second]
    assert unrelated(np.bincount(pairs, minlength=4).reshape(2, 2)) > LEAST_P


@pytest.mark.parametrize(
    "delay",
    [
        {"type": "exponential", "mean": 3, "max": 20},
        {"type": "uniform", "min": 1, "max": 4},
        {"type": "lognormal", "mu": 0, "sigma": 1, "max": 60},
    ],
    ids=lambda delay: str(delay["type"]),
)
@pytest.mark.parametrize("kind", ["late", "duplicate"])
def test_delays_have_their_distribution(delay: dict[str, Any], kind: str) -> None:
    """By the test of Kolmogorov and Smirnov, against as many quantiles."""
    copies = disorder_of({"type": kind, "delay": delay, "share": 0.5}).copies(BATCH)
    chosen = copies.effects > 0 if kind == "late" else copies.copies > 0
    delays = (copies.arrivals - BATCH.times[copies.rows])[chosen] / SECOND
    middles = (np.arange(len(delays)) + 0.5) / len(delays)
    expected = parse_timer(delay).quantile(middles)
    assert len(delays) > 90_000
    assert stats.ks_2samp(delays, expected).pvalue > LEAST_P


def test_numbers_of_copies_have_their_distribution() -> None:
    """Rounded to whole numbers."""
    raw = {"type": "duplicate", "copies": {"type": "poisson", "mean": 1.5, "max": 6}}
    copies = disorder_of(raw).copies(BATCH)
    counts = np.bincount(np.bincount(copies.rows) - 1, minlength=7)
    chances = stats.poisson.pmf(np.arange(7), 1.5)
    assert chi_squared(counts, chances / chances.sum()) > LEAST_P


def test_clocks_are_off_by_their_distribution() -> None:
    """In whole microseconds."""
    raw = {"type": "skew", "offset": {"type": "normal", "mean": -1, "stddev": 3}}
    skews = disorder_of(raw).copies(BATCH).skews / SECOND
    assert stats.kstest(skews, stats.norm(-1, 3).cdf).pvalue > LEAST_P


def test_sources_are_hit_by_the_share() -> None:
    """Values, not records: of many sources so many."""
    raw = {"type": "drop", "share": 0.2, "per": "visit"}
    copies = disorder_of(raw).copies(BATCH)
    assert BATCH.origins is not None
    visits = BATCH.origins.made.visits
    hit = np.bincount(visits, weights=copies.effects > 0)
    sizes = np.bincount(visits)
    assert np.isin(hit, [0]).sum() + (hit == sizes).sum() == len(sizes)
    seen = (hit > 0).astype(int)
    assert chi_squared(np.bincount(seen), np.array([0.8, 0.2])) > LEAST_P


def test_a_greater_share_hits_the_same_and_more() -> None:
    """A draw is compared with it."""
    few, many = (
        disorder_of({"type": "drop", "share": share}).copies(BATCH).effects > 0
        for share in (0.1, 0.3)
    )
    assert (many | ~few).all()
    assert few.sum() < many.sum()


def test_an_outage_is_hit_by_the_share() -> None:
    """Of what would leave then, and nothing else."""
    raw = {"type": "outage", "period": "outage", "then": "drop", "share": 0.25}
    left = disorder_of(raw).copies(BATCH).left
    within = (BATCH.times >= START + 20 * SECOND) & (BATCH.times < START + 30 * SECOND)
    assert left[~within].all()
    dropped = np.bincount(~left[within])
    assert chi_squared(dropped, np.array([0.75, 0.25])) > LEAST_P
