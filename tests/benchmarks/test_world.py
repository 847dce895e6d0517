"""What the benchmark of the world around the model makes of what it has measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.language import FOLDER, TEN, Case, Pair
from benchmarks.measure import Usage
from benchmarks.world import CASES, TOLD, micros, misses_of_truth
from tests.support.helpers import invoke


def pair(without: float, with_: float) -> Pair:
    """Return a pair that takes so many seconds of CPU time; start-up takes 1 s more, with what is measured 2 s."""
    runs = [Usage(0.0, cpu, 100.0) for cpu in (without + 1, with_ + 2, 1, 2)]
    return Pair(*runs)


def test_truth_costs_what_an_event_takes_longer() -> None:
    """Without start-up, the median over the pairs."""
    pairs = [pair(4, 4.5), pair(4, 9), pair(8, 8.4)]
    assert micros(replace(TOLD, records=1_000_000), pairs) == pytest.approx(0.5)


@pytest.mark.parametrize(("found", "missed"), [(0.05, False), (0.094, False), (0.095, True)])
def test_truth_misses_its_target_by_more_than_the_margin(found: float, missed: bool) -> None:
    """Of 30 %."""
    assert bool(misses_of_truth(found)) is missed


@pytest.mark.parametrize("case", [*CASES, TOLD], ids=lambda case: case.name)
def test_cases_differ_in_what_is_measured_only(case: Case, tmp_path: Path) -> None:
    """Both run, and their records have the same names."""
    more = [each.replace(FOLDER, str(tmp_path)) for each in case.flags_with]
    runs = [
        invoke("-n", str(TEN), "-s", "2027-03-12", "--seed", "1", "-q", *flags, spec=spec)
        for flags, spec in (
            (case.flags, case.without),
            ((*case.flags, *more), case.with_),
        )
    ]
    assert [run.status for run in runs] == [0, 0], [run.err for run in runs]
    names = [{frozenset(record) for record in run.records} for run in runs]
    assert names[0] & names[1]
    assert [len(run.records) for run in runs] == [TEN, TEN]


def test_some_events_of_the_truth_are_told(tmp_path: Path) -> None:
    """The flags of the case name a file in a folder of the runs."""
    flags = [each.replace(FOLDER, str(tmp_path)) for each in TOLD.flags_with]
    assert invoke("-n", str(TEN), *TOLD.flags, *flags, spec=TOLD.with_).status == 0
    assert (tmp_path / "truth.jsonl").read_bytes().count(b"\n") >= TEN
