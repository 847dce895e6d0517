"""What -s and --until may say: words, sums and ISO 8601, with and without a time zone."""

import pytest

from datagen.curves.zone_style import ZoneStyle
from datagen.errors import UsageError
from datagen.instants import NAIVE, Instant, Style, parse_instant
from datagen.running.given_instants import given_instant, is_relative

NOW = parse_instant("2027-03-12T10:30:15.25")
BERLIN = ZoneStyle(zone="Europe/Berlin")


def given(text: str, zone_style: Style | None = None) -> str:
    """Return the instant that a text means."""
    return str(given_instant(text, "-s", NOW, zone_style))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2027-03-12T10:30:15.250000"),
        ("today", "2027-03-12T00:00:00.000000"),
        ("yesterday", "2027-03-11T00:00:00.000000"),
        ("now-90D", "2026-12-12T10:30:15.250000"),
        ("now+1H", "2027-03-12T11:30:15.250000"),
        ("today + 1h30m", "2027-03-12T01:30:00.000000"),
        ("Yesterday-PT30S", "2027-03-10T23:59:30.000000"),
        ("2027-03-12", "2027-03-12T00:00:00.000000"),
        ("2027-03-12T01:00+01:00", "2027-03-12T01:00:00.000000+01:00"),
    ],
)
def test_words(text: str, instant: str) -> None:
    """Days are those of UTC; lengths are as anywhere on the command line."""
    assert given(text) == instant
    assert is_relative(text) is not text.startswith("2")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2027-03-12T11:30:15.250000+01:00"),
        ("today", "2027-03-12T01:00:00.000000+01:00"),
        ("now+30D", "2027-04-11T12:30:15.250000+02:00"),
        ("2027-07-01", "2027-07-01T00:00:00.000000+02:00"),
        ("2027-07-01T00:00Z", "2027-07-01T02:00:00.000000+02:00"),
        ("2027-03-28T02:30", "2027-03-28T03:00:00.000000+02:00"),
        ("2027-10-31T02:30", "2027-10-31T02:30:00.000000+02:00"),
    ],
)
def test_zone(text: str, instant: str) -> None:
    """Texts without an offset are local to it; words and offsets are instants in themselves."""
    assert given(text, BERLIN) == instant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tomorow", "-s tomorow: not an ISO 8601 instant such as 2027-03-12T10:30:00"),
        ("now-", "-s now-: expected a duration such as 30S"),
        ("now-90", "-s now-90: a number needs a unit: 90S"),
        ("now-1Y", "-s now-1Y: months and years have no fixed length"),
        ("now-99999999W", "-s 99999999W: longer than 10,000 years"),
        ("today-3000000D", "-s today-3000000D: not within the years 1 to 9999"),
        ("now+3600000D", "-s now+3600000D: not within the years 1 to 9999"),
        ("now--1D", "-s now--1D: a duration cannot be negative"),
    ],
)
def test_what_is_no_instant(text: str, problem: str) -> None:
    """One line, with what is possible."""
    with pytest.raises(UsageError) as error:
        given_instant(text, "-s", NOW, None)
    assert str(error.value).startswith(problem)


def test_now_keeps_its_style_without_a_zone() -> None:
    """As the present is written."""
    assert given_instant("now-1D", "-s", NOW, None).style == NAIVE
    assert isinstance(given_instant("now", "-s", NOW, BERLIN), Instant)
