"""Instants with their formats."""

import numpy as np

from datagen.sources.time_forms import NumberFormat
from datagen.sources.times import RowProblem, SourceTimes, first_problem

SECONDS, MILLIS = NumberFormat(10**9), NumberFormat(10**6)
MIXED = SourceTimes(np.array([1_000_000, 2_000_000]), None, (SECONDS, MILLIS), np.array([1, 0]))


def test_each_time_is_written_in_its_format() -> None:
    """In the order of the rows."""
    assert MIXED.column().json_text.to_pylist() == ["1000", "2"]
    assert MIXED.take(slice(1, 2)).column().json_text.to_pylist() == ["2"]
    assert MIXED.format_of(0) == MILLIS


def test_nanoseconds_are_carried() -> None:
    """Into the microseconds, and back to none."""
    moved = MIXED.moved(1_500).moved(600)
    assert moved.nanos(0) == 10**9 + 2_100
    assert MIXED.moved(999).moved(1).rest is None


def test_limits_are_those_of_all_formats() -> None:
    """Nanoseconds have less of the calendar."""
    both = SourceTimes(np.array([0, 0]), None, (SECONDS, NumberFormat(1)), np.array([0, 1]))
    assert both.limits == NumberFormat(1).limits


def test_first_problem_is_that_of_the_lowest_row() -> None:
    """Of no problems there is none."""
    problems = [RowProblem(3, "c"), RowProblem(1, "a"), RowProblem(1, "b")]
    assert first_problem(problems) == RowProblem(1, "a")
    assert first_problem([]) is None
