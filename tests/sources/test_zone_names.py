"""Offsets from UTC: in digits, or by the name of a zone."""

import re
from zoneinfo import ZoneInfo

import pytest

from datagen.instants import EPOCH, SECOND
from datagen.sources.zone_names import OFFSET, ZONE_HOURS, offset_of, zone_offset

HOUR = 3600 * SECOND
WHERE = {
    "Europe/Berlin": ("CET", "CEST"), "Europe/Athens": ("EET", "EEST"), "Europe/Lisbon": ("WET", "WEST"),
    "Europe/London": ("GMT", "BST"), "America/New_York": ("EST", "EDT"), "America/Chicago": ("CST", "CDT"),
    "America/Denver": ("MST", "MDT"), "America/Los_Angeles": ("PST", "PDT"),
    "America/Anchorage": ("AKST", "AKDT"), "America/St_Johns": ("NST", "NDT"),
    "America/Halifax": ("AST", "ADT"), "Australia/Adelaide": ("ACDT", "ACST"),
    "Australia/Sydney": ("AEDT", "AEST"), "Pacific/Auckland": ("NZDT", "NZST"),
}  # fmt: skip


@pytest.mark.parametrize("zone", WHERE)
def test_names_are_those_of_the_tz_database(zone: str) -> None:
    """In January and in July of a year in which all of these set their clocks."""
    for month, name in zip((1, 7), WHERE[zone], strict=True):
        moment = EPOCH.replace(year=2026, month=month).astimezone(ZoneInfo(zone))
        offset = moment.utcoffset()
        assert moment.tzname() == name
        assert offset is not None
        assert zone_offset(name) == offset.total_seconds() * SECOND


def test_names_are_known_in_any_case_or_not_at_all() -> None:
    """IST is India, Israel and Ireland: none of them is meant more than the others."""
    assert zone_offset("gmt") == 0
    assert zone_offset("IST") is None
    assert zone_offset("XYZ") is None
    assert all(abs(hours) <= 13 for hours in ZONE_HOURS.values())


@pytest.mark.parametrize(
    ("text", "hours"),
    [("Z", 0), ("z", 0), ("+00:00", 0), ("-0000", 0), ("+01", 1), ("+0530", 5.5), ("-03:30", -3.5),
     ("+14:00", 14), ("-12:00", -12), ("+23:59", 23 + 59 / 60)],
)  # fmt: skip
def test_offset_is_read(text: str, hours: float) -> None:
    """With a colon, without one, and without minutes."""
    assert re.fullmatch(OFFSET, text)
    assert offset_of(text) == round(hours * HOUR)


@pytest.mark.parametrize("text", ["+24:00", "+99:00", "+0160", "-01:60", "+1", "+1:00", "UTC+1"])
def test_offset_that_does_not_exist_is_none(text: str) -> None:
    """No clock is a day from UTC, and an hour has sixty minutes."""
    assert not re.fullmatch(OFFSET, text)
