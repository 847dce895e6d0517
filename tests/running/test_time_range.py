"""The simulated time that a run covers."""

import pytest

from datagen.instants import Instant
from datagen.position import Jump
from datagen.running.time_range import TimeRange

RANGE = TimeRange(simulated_from=90, begin=100, end=1000)


@pytest.mark.parametrize(
    ("duration", "until", "end", "bounded"),
    [(50, None, 150, True), (None, 300, 300, True), (None, None, 1000, False), (9999, None, 1000, False)],
)  # fmt: skip
def test_end_is_the_limit_if_there_is_one(
    duration: int | None, until: int | None, end: int, bounded: bool
) -> None:
    """After a duration or at an instant; beyond the last instant there is it is none."""
    limited = RANGE.limited_to(duration, None if until is None else Instant(until))
    assert (limited.end, limited.bounded, limited.already_reached) == (end, bounded, False)


def test_end_that_was_reached_before_leaves_nothing_new() -> None:
    """The range is not empty all the same, so that windows can be made."""
    limited = RANGE.resumed_at(400, (), None).limited_to(None, Instant(300))
    assert (limited.begin, limited.end, limited.already_reached) == (400, 401, True)


def test_resumed_run_begins_where_the_last_one_was() -> None:
    """With the jumps that its cursor has not made; workers still go back to their cursor."""
    resumed = RANGE.resumed_at(400, [Jump(200, 50)], None)
    assert (resumed.simulated_from, resumed.begin, resumed.jumps) == (90, 400, (Jump(200, 50),))


def test_what_is_past_can_be_jumped_over() -> None:
    """From the instant after the last record to the present; not where that is still to come."""
    assert RANGE.resumed_at(400, (), 700).jumps == (Jump(401, 300),)
    assert RANGE.resumed_at(400, (), 700).begin == 700
    assert RANGE.resumed_at(400, (), 300).jumps == ()
