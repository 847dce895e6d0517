"""Periods within which workers may start."""

import pytest

from datagen.simulation.cap import NEVER
from datagen.simulation.openings import Between, Openings, Period


class Daily:
    """Ten from each hundred on, for ever."""

    def first(self, instant: int) -> Period | None:
        """Return the first that ends after an instant."""
        day = (instant - 10) // 100 + 1
        return day * 100, day * 100 + 10


def test_one_period_opens_once() -> None:
    """Before it one waits, after it there is none."""
    openings = Openings([Between(50, 80)])
    assert [openings.opening(each) for each in (0, 50, 79, 80)] == [50, 50, 79, NEVER]
    assert [openings.after(0, each) for each in (0, 29, 30)] == [50, 79, NEVER]
    assert list(openings.within(60, 100)) == [(50, 80)]
    assert list(openings.within(0, 50)) == []


def test_time_passes_while_it_is_open() -> None:
    """Lengths add up over the gaps, to the microsecond, however they are divided."""
    openings = Openings([Daily()])
    assert [openings.after(0, each) for each in (0, 9, 10, 25)] == [0, 9, 100, 205]
    for first in range(40):
        assert openings.after(openings.after(3, first), 40 - first) == openings.after(3, 40)


@pytest.mark.parametrize(
    ("instant", "expected"), [(0, (105, 110)), (109, (105, 110)), (110, (200, 203)), (203, None)]
)
def test_all_kinds_must_be_open(instant: int, expected: Period | None) -> None:
    """The time is that within each of them."""
    openings = Openings([Daily(), Between(105, 203)])
    assert openings.first(instant) == expected
