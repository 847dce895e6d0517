"""The functions of instants in expressions: zones, patterns, and what they refuse."""

import pytest

from datagen.curves.zone_style import ZoneStyle
from datagen.language import FAULT, Scope
from tests.support.expressions import TYPES, kind_of, mistakes_of, value_of


def test_zone_is_that_of_the_start() -> None:
    """Unless one is given, by name or computed."""
    berlin = Scope(TYPES, style=ZoneStyle(zone="Europe/Berlin"))
    assert value_of("hour(time)") == 10
    assert value_of("hour(time)", berlin) == 11
    assert value_of("hour(time, 'Asia/Tokyo')", berlin) == value_of("hour(time, zone)") == 19
    assert value_of("strftime(time, '%H', zone)") == "19"
    assert value_of("date(time, zone)", zone="nowhere") is FAULT
    assert value_of("hour(instant('2027-03-12T00:00'), 'UTC')", berlin) == 23


def test_instants_are_read_once() -> None:
    """One that is an instant already stays as it is."""
    assert value_of("instant(time)") == value_of("time")
    assert value_of("instant(name)", name="2027-03-12T10:30") == value_of("time")
    assert value_of("instant(name)") is FAULT
    assert kind_of("instant(name)") == "instant"


BAD = {
    "hour(time, 'Asia/Tokio')": 'column 12: no time zone "Asia/Tokio"; did you mean "Asia/Tokyo"?',
    "hour(time, 9)": "column 12: the zone of hour takes a text, not a whole number; string(...) makes it one",
    "strftime(time, '%Q')": 'column 16: strftime: "%Q" is not a strftime directive',
    "strftime(time, name)": "column 16: strftime takes a pattern such as '%Y-%m', not a computed one",
    "strftime(time)": "column 1: strftime(instant, pattern, zone) takes 2 to 3 values, not 1",
    "epoch(quantity)": "column 7: epoch takes an instant, not a whole number",
    "instant(5)": "column 9: instant takes a text, not a whole number; string(...) makes it one",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_wrong_call_is_a_problem(text: str) -> None:
    """With its column, and what to do."""
    assert mistakes_of(text) == [BAD[text]]
