"""Instants as time zones show them, against the standard library."""

from datetime import UTC, timedelta

import numpy as np
import pytest

from datagen.columns.datetimes import to_datetimes
from datagen.columns.strftime import TimePattern
from datagen.curves.zone_style import ZoneStyle, style_from_json, style_to_json
from datagen.curves.zones import zone_of
from datagen.instants import (
    EPOCH,
    NAIVE,
    SECOND,
    YEAR_1,
    YEAR_10000,
    Instant,
    Style,
    iso_bytes,
    parse_instant,
)
from tests.support.plain_curves import micros

BERLIN = ZoneStyle(zone="Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago",
         "Europe/Lisbon", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca", "UTC")  # fmt: skip
PATTERN = "%Y-%m-%dT%H:%M:%S %z %Z"


def random_instants(first: str, last: str, size: int = 3000) -> np.ndarray:
    """Return instants between two days."""
    return np.random.default_rng(1).integers(micros(first), micros(last), size)


def shown(instants: np.ndarray, style: Style) -> list[str]:
    """Return instants as JSON has them."""
    data = iso_bytes(instants, style)
    return [each.decode() for each in data.view(f"S{data.dtype.itemsize}").tolist()]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("years", [("1975-01-01", "2040-01-01"), ("2380-01-01", "2480-01-01")])
def test_local_times_are_those_of_the_standard_library(zone: str, years: tuple[str, str]) -> None:
    """By arrays, whatever the offset and the abbreviation are at each instant."""
    instants, style = random_instants(*years), ZoneStyle(zone=zone)
    local = [
        (EPOCH + timedelta(microseconds=each)).astimezone(zone_of(zone)._zone)
        for each in instants.tolist()
    ]
    texts = TimePattern(PATTERN).format_instants(instants, style).to_pylist()
    assert texts == [each.strftime(PATTERN) for each in local]
    assert shown(instants, style) == [
        f'"{each.isoformat(timespec="milliseconds")}"' for each in local
    ]
    assert list(map(str, to_datetimes(instants, style))) == [
        each.isoformat(timespec="milliseconds") for each in local
    ]
    assert style.local_times(instants).tolist() == [
        (each.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for each in local
    ]


def test_far_years_follow_the_rules() -> None:
    """Texts are instants again, whatever the year."""
    instants = np.sort(random_instants("0001-01-03", "9999-12-29"))
    for text, instant in zip(shown(instants, BERLIN), instants.tolist(), strict=True):
        assert 0 <= instant - parse_instant(text.strip('"')).micros < 1000
    assert shown(np.array([micros("9999-07-01")]), BERLIN) == ['"9999-07-01T02:00:00.000+02:00"']
    assert shown(np.array([micros("0001-07-01")]), BERLIN) == ['"0001-07-01T00:53:00.000+00:53"']


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York"])
def test_local_times_that_do_not_exist_are_never_shown(zone: str) -> None:
    """A year of instants: each local time is one that the standard library turns back into its instant."""
    style = ZoneStyle(zone=zone)
    every = np.arange(micros("2027-01-01"), micros("2028-01-01"), 600 * SECOND)
    first = [style.instant_of(each) for each in style.local_times(every).tolist()]
    again = [each - it for each, it in zip(every.tolist(), first, strict=True) if each != it]
    assert len(again) in (3, 6)  # times that clocks show twice: half an hour, or one
    assert set(again) == {len(again) * 600 * SECOND}
    for local, instant in zip(style.local_times(every).tolist(), first, strict=True):
        moment = (EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone_of(zone)._zone)
        assert round(moment.timestamp()) * SECOND == instant


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2027-07-01T12:00", "2027-07-01T12:00:00.000000+02:00"),
        ("2027-03-28T01:59:59.999", "2027-03-28T01:59:59.999000+01:00"),
        ("2027-03-28T02:00", "2027-03-28T03:00:00.000000+02:00"),
        ("2027-03-28T02:59", "2027-03-28T03:00:00.000000+02:00"),
        ("2027-03-28T03:00", "2027-03-28T03:00:00.000000+02:00"),
        ("2027-10-31T02:00", "2027-10-31T02:00:00.000000+02:00"),
        ("2027-10-31T02:59", "2027-10-31T02:59:00.000000+02:00"),
        ("2027-10-31T03:00", "2027-10-31T03:00:00.000000+01:00"),
        ("1893-03-31T23:59", "1893-03-31T23:59:00.000000+00:53"),
        ("9999-12-31T23:59", "9999-12-31T23:59:00.000000+01:00"),
        ("0001-01-01T00:00", "0001-01-01T00:00:00.000000+00:53"),
    ],
)
def test_local_time_that_is_given(local: str, instant: str) -> None:
    """One that exists twice is the first, one that does not exist is when clocks go on."""
    placed = BERLIN.placed(parse_instant(local))
    assert str(placed) == instant
    assert parse_instant(instant).micros == placed.micros
    assert BERLIN.placed(placed) == placed


def test_instant_with_an_offset_stays_that_instant() -> None:
    """The zone only says how it is written; without a zone an instant is written as it was."""
    given = parse_instant("2027-07-01T00:00Z")
    assert str(BERLIN.placed(given)) == "2027-07-01T02:00:00.000000+02:00"
    assert given.style.placed(given) == given


def test_limits_are_local_years() -> None:
    """All that is between can be written with four digits of a year."""
    first, last = BERLIN.limits
    assert (first, last) == (YEAR_1 - 53 * 60 * SECOND, YEAR_10000 - 3600 * SECOND)
    assert shown(np.array([first, last - 1]), BERLIN) == [
        '"0001-01-01T00:00:00.000+00:53"', '"9999-12-31T23:59:59.999+01:00"'
    ]  # fmt: skip


@pytest.mark.parametrize("style", [NAIVE, Style(3600 * SECOND, "+01:00"), BERLIN])
def test_checkpoints_keep_styles(style: Style) -> None:
    """Of each kind."""
    assert style_from_json(style_to_json(style)) == style
    assert str(Instant(0, style)).startswith("1970-01-01T0")


@pytest.mark.parametrize("data", ["Mars/Olympus", "../../etc/passwd", [1], 7])
def test_checkpoints_with_no_style_are_refused(data: object) -> None:
    """Nothing of it is opened as a file."""
    with pytest.raises((ValueError, TypeError)):
        style_from_json(data)


def test_no_instants_have_no_text() -> None:
    """An empty batch."""
    assert len(iso_bytes(np.array([], dtype=np.int64), BERLIN)) == 0
