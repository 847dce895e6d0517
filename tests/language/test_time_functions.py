"""What the functions of instants compute."""

import pytest

from datagen.curves.zone_style import ZoneStyle
from datagen.instants import NAIVE, YEAR_1, YEAR_10000, Style
from datagen.language import time_functions as functions
from datagen.language.time_functions import TIME_FUNCTIONS

NOON = 1_804_852_800_000_000  # Friday 2027-03-12T12:00:00
BERLIN = ZoneStyle(zone="Europe/Berlin")


def test_parts_of_local_time_are_those_of_the_clock() -> None:
    """In the style of the start, or of a zone: before and after the change of clocks, before 1970."""
    hour, day = (
        functions.of_local_time("hour", BERLIN).compute,
        functions.of_local_time("weekday", NAIVE).compute,
    )
    assert [hour(NOON), hour(NOON + 30 * 86_400_000_000), hour(-1)] == [13, 14, 0]
    assert [day(NOON), day(0), day(-1)] == [4, 3, 2]
    assert functions.of_local_time("date", Style(43_200_000_000)).compute(NOON) == "2027-03-13"
    assert functions.of_local_time("date", NAIVE).compute(YEAR_1) == "0001-01-01"


def test_zone_may_be_a_value() -> None:
    """One that does not exist has none."""
    hour = functions.of_local_time_in("hour").compute
    assert [hour(NOON, "UTC"), hour(NOON, "Asia/Tokyo")] == [12, 21]
    with pytest.raises(ValueError):
        hour(NOON, "Asia/Tokio")
    assert functions.strftime_in("%H %Z").compute(NOON, "Asia/Tokyo") == "21 JST"


def test_patterns_make_texts() -> None:
    """As in templates; one that is wrong is told when it is read."""
    assert (
        functions.strftime("%d/%b/%Y:%H:%M:%S.%3f %z %s", BERLIN).compute(NOON + 1234)
        == "12/Mar/2027:13:00:00.001 +0100 1804852800"
    )
    with pytest.raises(ValueError):
        functions.strftime("%Q", NAIVE)


def test_the_last_years_have_no_value_in_a_zone_beyond_them() -> None:
    """An error of one of two kinds, no crash."""
    with pytest.raises((ArithmeticError, ValueError)):
        functions.strftime_in("%Y").compute(YEAR_10000 - 1, "Asia/Tokyo")


def test_lengths_are_seconds_and_epochs_are_whole() -> None:
    """Rounded down, before 1970 too."""
    assert [
        TIME_FUNCTIONS[name].compute(1.5) for name in ("seconds", "minutes", "hours", "days")
    ] == [1.5, 90.0, 5400.0, 129_600.0]
    assert TIME_FUNCTIONS["epoch"].compute(-1) == -1
    assert TIME_FUNCTIONS["epoch_ms"].compute(1_999) == 1


def test_texts_become_instants() -> None:
    """In the style of the start."""
    assert functions.instant(BERLIN).compute("2027-03-12T13:00") == NOON
