"""What the benchmark of presets makes of what it has measured."""

import argparse

import pytest

from benchmarks.measure import Usage
from benchmarks.presets import (
    LOOP,
    SHORT,
    STEADY,
    TARGETS,
    TEN,
    Figures,
    Rates,
    loop_rate,
    misses,
    rate,
)
from benchmarks.presets import _presets as presets_of


def figures(ratio: float, start_up: float = 0.4, peak: float = 200.0) -> Figures:
    """Return figures of which each round is so many times faster than a loop of 1,000 records a second.

    To import numpy takes 0.1 s.
    """
    usages = {
        records: Usage(1.0 + (records - TEN) / (1000 * ratio), start_up, peak)
        for records in (TEN, SHORT, STEADY)
    }
    return Figures([Rates(usages, 1000.0, 0.1)])


def test_rates_are_without_start_up() -> None:
    """Ten records, and what comes before the first, do not count."""
    assert rate(LOOP, Usage(3.0, 0, 0), Usage(1.0, 0, 0)) == (LOOP - TEN) / 2
    assert figures(5).rate(STEADY) == pytest.approx(5000)
    assert figures(5).ratio(SHORT) == pytest.approx(5)


def test_figures_are_medians_of_ratios() -> None:
    """A round in which all is slow counts as the others do; the start-up is the least."""
    rounds = [each.rounds[0] for each in (figures(3, 0.5), figures(4, 0.3), figures(9, 0.4))]
    found = Figures(rounds)
    assert found.ratio(STEADY) == pytest.approx(4)
    assert found.start_up == 0.3
    assert found.start_up_ratio == pytest.approx(3)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (figures(0.71 * TARGETS["example"]), []),
        (figures(0.69 * TARGETS["example"]), ["example, -n 2,000,000"]),
        (figures(0.5 * TARGETS["example"]), ["example, -n 2,000,000", "example, -n 600,000"]),
        (figures(20, start_up=0.59), []),
        (figures(20, start_up=0.61), ["example, -n 10"]),
        (figures(20, peak=301), ["example: 301 MB"]),
    ],
)
def test_misses(found: Figures, said: list[str]) -> None:
    """A third less than the target is let pass, for what a machine does besides; memory is exact."""
    missed = misses("example", found)
    assert [line.split(":")[0] for line in missed] == [each.split(":")[0] for each in said]


def test_presets_by_name() -> None:
    """An unknown one is told at once."""
    assert presets_of("example,payments") == ["example", "payments"]
    with pytest.raises(argparse.ArgumentTypeError, match="no preset nothing"):
        presets_of("example,nothing")


def test_one_slow_start_of_the_loop_says_nothing_of_its_rate() -> None:
    """Nor does it make one run seem to have taken no time at all."""
    usual = {TEN: Usage(0.5, 0.5, 1), LOOP: Usage(1.5, 1.5, 1)}
    assert loop_rate([usual, usual]) == pytest.approx(LOOP, rel=0.01)
    slow = {**usual, TEN: Usage(1.49, 0.5, 1)}
    assert loop_rate([usual, slow]) == loop_rate([slow, usual]) == loop_rate([usual, usual])
    stalled = {**usual, LOOP: Usage(2.5, 1.5, 1)}
    assert loop_rate([usual, stalled]) == pytest.approx(LOOP / 1.5, rel=0.01)
