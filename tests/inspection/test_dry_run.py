"""How long a simulated run is said to take."""

from collections.abc import Iterator
from itertools import accumulate, chain, repeat

import pytest

from datagen.inspection.dry_run import making_time
from datagen.inspection.explained_text import making_line
from datagen.inspection.explanation import MakingTime
from tests.inspection.drawn import preset
from tests.running.test_plan import NOW
from tests.support.helpers import invoke

RUN = ("-c", "example", "-s", "2027-03-12", "--seed", "1")


def ticking(*steps: float) -> Iterator[float]:
    """Yield the times of a clock that goes on by these steps, and by the last one ever after."""
    return accumulate(chain([0.0], steps, repeat(steps[-1])))


def made(steps: tuple[float, ...], records: float = 1e6, patience: float = 10.0) -> MakingTime:
    """Return how long a run of the headline preset takes, of which each window takes a step of time."""
    plan, clock = preset("clickstream", records=int(records)), ticking(*steps)
    return making_time(plan, plan.start_at(NOW), records, lambda: next(clock), patience)


def test_windows_of_full_size_tell_the_pace_of_the_others() -> None:
    """Not those that are small at first: each takes a second here, and has 15,000 records when they have grown."""
    found = made((1.0,), patience=8.5)
    assert not found.at_most
    assert found.seconds == pytest.approx(1e6 / 15_200, rel=0.1)


def test_it_is_the_most_where_windows_have_not_grown() -> None:
    """A second for 55 records in the first one, and no time for another."""
    found = made((1.0,), patience=0.5)
    assert found.at_most
    assert found.seconds > 1000


def test_run_that_is_made_whole_takes_what_it_took() -> None:
    """There is no rest to be estimated."""
    assert made((0.25,), records=50) == MakingTime(0.25, at_most=False)


def test_brake_is_the_least() -> None:
    """Records leave no faster."""
    assert MakingTime(3, at_most=True).braked(10) == MakingTime(10, at_most=False)
    assert MakingTime(30, at_most=True).braked(10) == MakingTime(30, at_most=True)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (MakingTime(0.4, at_most=False), "less than a second"),
        (MakingTime(1.2, at_most=False), "about 2 s"),
        (MakingTime(23.4, at_most=True), "up to about 23 s"),
        (MakingTime(4_410.0, at_most=False), "about 1 h 13 min"),
    ],
)
def test_it_is_told_in_units_that_one_reads(found: MakingTime, text: str) -> None:
    """To two digits."""
    assert making_line(found) == f"this run takes {text} here"


def test_it_is_told_on_stderr_of_a_simulated_run_that_ends() -> None:
    """Stdout is the same each time; with -q nobody wants to know."""
    outcome = invoke(*RUN, "-n", "100", "--explain")
    assert outcome.err.splitlines()[0] == "this run takes less than a second here"
    assert "this run takes" not in outcome.out.decode()
    assert invoke(*RUN, "-n", "100", "--explain", "-q").err == ""
    for flags in [
        (*RUN, "--explain"),
        ("-c", "example", "-n", "100", "--explain"),
        (*RUN, "-n", "9", "--explain", "json"),
    ]:
        assert "this run takes" not in invoke(*flags).err


def test_brake_of_the_run_counts() -> None:
    """A hundred records, ten a second."""
    outcome = invoke(*RUN, "-n", "100", "--max-rate", "10/s", "--explain")
    assert "this run takes about 10 s here\n" in outcome.err
