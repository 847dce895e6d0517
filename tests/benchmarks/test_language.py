"""What the benchmark of the language makes of what it has measured."""

import pytest

from benchmarks.language import CASES, TEN, Case, Pair, line, misses
from benchmarks.measure import Usage
from tests.support.helpers import invoke

CASE = Case("a case", {}, {}, 0.5, records=1000)


def pair(without: float, with_: float) -> Pair:
    """Return a pair that takes so many seconds of CPU time, and twice as long; start-up takes 1 s more."""
    start_up = Usage(2.0, 1.0, 100.0)
    runs = [Usage(2 * (cpu + 1), cpu + 1, 100.0) for cpu in (without, with_)]
    return Pair(runs[0], runs[1], start_up, start_up)


def test_ratios_are_those_of_rates_without_start_up() -> None:
    """Four seconds without and eight with it: half as fast, by either clock."""
    assert pair(4, 8).cpu == pytest.approx(0.5)
    assert pair(4, 8).wall == pytest.approx(0.5)


def test_figures_are_medians() -> None:
    """A pair in which all is slow counts as the others do."""
    found = line(CASE, [pair(4, 8), pair(40, 8), pair(4, 5)])
    assert found == "| a case | 250 | 125 | 0.80 | 0.80 | 0.50 |"


@pytest.mark.parametrize(("ratio", "missed"), [(0.5, False), (0.36, False), (0.34, True)])
def test_a_target_is_missed_by_more_than_the_margin(ratio: float, missed: bool) -> None:
    """Of 30 %."""
    assert bool(misses(CASE, [pair(ratio, 1.0)])) is missed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_differ_in_what_is_measured_only(case: Case) -> None:
    """Both run, and their records have the same names."""
    runs = [
        invoke("-n", str(TEN), "-s", "2027-03-12", "--seed", "1", "-q", *case.flags, spec=spec)
        for spec in (case.without, case.with_)
    ]
    assert [run.status for run in runs] == [0, 0], [run.err for run in runs]
    names = [[list(record) for record in run.records] for run in runs]
    assert names[0] == names[1]
    assert len(names[0]) == TEN
