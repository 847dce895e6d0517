"""Instants: from ISO 8601 text to microseconds and back, and where the calendar ends."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.instants import Instant, Style, iso_bytes, parse_instant
from tests.support.helpers import Outcome, invoke
from tests.support.machines import NO_DURATION, Spec, constant, spec_of

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = 1_804_852_800_000_000  # 2027-03-12T12:00:00 in UTC
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(micros: int, style: Style) -> str:
    """Write one instant as records do, without the quotes."""
    written = iso_bytes(np.array([micros]), style).tobytes().decode()
    assert written[0] == written[-1] == '"'
    return written[1:-1]


FORMS = [
    ("2027-03-12T12:00:00", NOON, ""),
    ("2027-03-12T12:00:00.000", NOON, ""),
    ("2027-03-12T12:00", NOON, ""),
    ("2027-03-12T12", NOON, ""),
    ("20270312T120000", NOON, ""),
    ("2027-03-12 12:00:00", NOON, ""),
    ("2027-03-12t12:00:00z", NOON, "Z"),
    ("  2027-03-12T12:00:00Z\n", NOON, "Z"),
    ("2027-03-12T12:00:00Z", NOON, "Z"),
    ("2027-03-12T12:00:00+00:00", NOON, "+00:00"),
    ("2027-03-12T13:00:00+01:00", NOON, "+01:00"),
    ("2027-03-12 13:00:00+01:00", NOON, "+01:00"),
    ("2027-03-12T13:00:00+0100", NOON, "+0100"),
    ("2027-03-12T13:00:00+01", NOON, "+01"),
    ("2027-03-12T06:30:00-05:30", NOON, "-05:30"),
    ("2027-03-13T02:00:00+14:00", NOON, "+14:00"),
    ("2027-03-12T12:00:00.25", NOON + 250_000, ""),
    ("2027-03-12T12:00:00,5Z", NOON + 500_000, "Z"),
    ("2027-03-12T12:00:00.123456", NOON + 123_456, ""),
    ("2027-03-12T12:00:00.1234569", NOON + 123_456, ""),
    ("2027-03-12", NOON - 12 * HOUR, ""),
    ("20270312", NOON - 12 * HOUR, ""),
    ("2027-W10-5", NOON - 12 * HOUR, ""),
    ("2027-071", NOON - 12 * HOUR, ""),
    ("2027-03-11T24:00", NOON - 12 * HOUR, ""),
    ("2024-02-29", 1_709_164_800_000_000, ""),
    ("1970-01-01", 0, ""),
    ("1969-12-31T23:59:59.999999", -1, ""),
    ("0001-01-01", -62_135_596_800_000_000, ""),
    ("9999-12-31T23:59:59.999999", 253_402_300_799_999_999, ""),
]


@pytest.mark.parametrize(("text", "micros", "suffix"), FORMS)
def test_instants_are_read(text: str, micros: int, suffix: str) -> None:
    """Dates, times and offsets of ISO 8601; without an offset they count as UTC."""
    instant = parse_instant(text)
    assert (instant.micros, instant.style.suffix) == (micros, suffix)


@pytest.mark.parametrize(("text", "micros", "suffix"), FORMS)
def test_text_of_an_instant_parses_back(text: str, micros: int, suffix: str) -> None:
    """What a run tells as its start is this very microsecond, in the same style."""
    instant = parse_instant(text)
    assert parse_instant(str(instant)) == instant
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}" + re.escape(suffix), str(instant))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "tomorrow", "12:00", "2027-3-12", "12/03/2027", "2027-13-01", "2027-02-29", "2027-03-12T25:00",
        "2027-03-12T12:60", "2027-03-12T12:00:61", "2027-03-12x12:00", "2027-03-12T12:00 +01:00",
        "2027-03-12T12:00+24:00", "2027-03-12T12:00+99:00", "2027-03-12T12:00-0160", "2027-03-12T12:00+25:00", "2027-03-12T12:00+01:00:30", "2027-03-12T12:00 UTC", "2027-W54-1", "2027-366",
        "0000-01-01", "10000-01-01", "-0001-01-01", "9999-12-31T24:00", "1804852800", "2027-03-12T", "P1D",
        "\uff12027-03-12", "2027-03-12\x00",
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    """A sentence with an example; no guess at what was meant."""
    with pytest.raises(ValueError, match=r"^not an ISO 8601 instant such as 2027-03-12T10:30:00: "):
        parse_instant(text)


def test_start_is_told_when_it_means_nothing() -> None:
    """A wrong start is wrong usage: one line, status 2."""
    outcome = invoke("-s", "tomorrow", "-n", "1", spec=NO_DURATION)
    assert (outcome.status, outcome.out) == (2, b"")
    assert outcome.err.startswith("generator.py: error: -s tomorrow: not an ISO 8601 instant")
    assert len(outcome.err.splitlines()) == 1


def test_now_is_the_present_in_utc() -> None:
    """`-s now` begins at this moment, written without an offset."""
    before = datetime.now(UTC).replace(tzinfo=None)
    outcome = invoke("-s", "now", "-n", "1", spec=NO_DURATION)
    after = datetime.now(UTC).replace(tzinfo=None)
    time = outcome.records[0]["time"]
    assert len(time) == 23
    assert before - timedelta(milliseconds=1) <= datetime.fromisoformat(time) <= after
    told = outcome.err.split(" -s ")[1].split("\n")[0]
    assert told.startswith(time)
    assert len(told) == 26


STYLES = [Style(), Style(0, "Z"), Style(HOUR, "+01:00"), Style(-5 * HOUR - HOUR // 2, "-0530")]


@given(
    st.lists(st.integers(-62_135_510_400_000_000, 253_402_128_000_000_000), min_size=1),
    st.sampled_from(STYLES),
)
def test_instants_are_written_as_python_writes_them(micros: list[int], style: Style) -> None:
    """Any microsecond of the calendar, however far from its neighbours: three decimals, truncated."""
    texts = [text.tobytes().decode() for text in iso_bytes(np.array(micros), style)]
    local = [EPOCH + timedelta(microseconds=each + style.offset) for each in micros]
    assert texts == [
        f'"{moment.replace(tzinfo=None).isoformat(timespec="milliseconds")}{style.suffix}"'
        for moment in local
    ]


def test_milliseconds_are_truncated() -> None:
    """Down, also before 1970, where the microseconds are negative."""
    for micros, written in {
        999: "1970-01-01T00:00:00.000",
        1000: "1970-01-01T00:00:00.001",
        -1: "1969-12-31T23:59:59.999",
        -1000: "1969-12-31T23:59:59.999",
        -1001: "1969-12-31T23:59:59.998",
        -DAY - 1: "1969-12-30T23:59:59.999",
    }.items():
        assert text_of(micros, Style()) == written


def test_suffix_is_written_as_given() -> None:
    """The same instant in each style: local time, then the text of the offset."""
    texts = [text_of(NOON, style) for style in STYLES]
    assert texts == [
        "2027-03-12T12:00:00.000",
        "2027-03-12T12:00:00.000Z",
        "2027-03-12T13:00:00.000+01:00",
        "2027-03-12T06:30:00.000-0530",
    ]


@pytest.mark.parametrize("suffix", ["", "Z", "+01:00", "-0930", "+05", "-00:00"])
def test_records_follow_the_start(suffix: str) -> None:
    """Every time of a run, and the line that repeats it, has the offset of `-s` as given."""
    outcome = invoke("-s", f"2027-03-12T23:59:59.9995{suffix}", "-n", "40", spec=NO_DURATION)
    times = [record["time"] for record in outcome.records]
    assert times[0] == f"2027-03-12T23:59:59.999{suffix}"
    assert all(time.endswith(suffix) and len(time) == 23 + len(suffix) for time in times)
    assert times[-1].startswith("2027-03-13T00:00:")
    assert f" -s 2027-03-12T23:59:59.999500{suffix}\n" in outcome.err


# The ends of the calendar -------------------------------------------------------------------------


def hourly(*arguments: str) -> Outcome:
    """Run one worker that emits a record every hour."""
    spec: Spec = spec_of({"a": (constant(3600), {"a": 1})}, constant(1))
    return invoke("-m", "1", *arguments, spec=spec)


@pytest.mark.parametrize("suffix", ["", "Z", "-11:00", "+14:00"])
def test_a_run_ends_with_the_calendar(suffix: str) -> None:
    """All that is before the year 10000, by the start's own clock, is delivered; then status 1."""
    outcome = hourly("-s", f"9999-12-31T20:30{suffix}")
    assert outcome.status == 1
    assert [record["time"] for record in outcome.records] == [
        f"9999-12-31T{hour}:30:00.000{suffix}" for hour in (20, 21, 22, 23)
    ]
    assert "the clock would pass the end of the year 9999" in outcome.err
    assert "4 records" in outcome.err


def test_a_run_that_ends_before_the_calendar_is_fine() -> None:
    """As many records, or as long, as there still are."""
    assert len(hourly("-s", "9999-12-31T20:30", "-n", "4").records) == 4
    outcome = hourly("-s", "9999-12-31T20:30", "-r", "210M")
    assert (outcome.status, len(outcome.records)) == (0, 4)
    for beyond in (("-n", "5"), ("-r", "211M"), ("-r", "9000D")):
        outcome = hourly("-s", "9999-12-31T20:30", *beyond)
        assert (outcome.status, len(outcome.records)) == (1, 4)


@pytest.mark.parametrize("suffix", ["", "+14:00", "-11:00"])
def test_a_run_begins_with_the_calendar(suffix: str) -> None:
    """The first instant of the year 1 is a start like any other."""
    outcome = hourly("-s", f"0001-01-01{'T00:00' if suffix else ''}{suffix}", "-n", "25")
    times = [record["time"] for record in outcome.records]
    assert times[0] == f"0001-01-01T00:00:00.000{suffix}"
    assert times[24] == f"0001-01-02T00:00:00.000{suffix}"


def test_a_run_crosses_1970() -> None:
    """Nothing happens there."""
    times = [record["time"] for record in hourly("-s", "1969-12-31T22:30", "-n", "3").records]
    assert times == [
        "1969-12-31T22:30:00.000",
        "1969-12-31T23:30:00.000",
        "1970-01-01T00:30:00.000",
    ]


def test_leap_days_come() -> None:
    """29 February, in the years that have it."""
    days = spec_of({"a": (constant(86400), {"a": 1})}, constant(1))
    for year, leap in ((2024, True), (2027, False), (1900, False), (2000, True)):
        records = invoke("-m", "1", "-s", f"{year}-02-28", "-n", "2", spec=days).records
        assert (records[1]["time"][5:10] == "02-29") == leap


def test_instants_are_equal_by_value() -> None:
    """Two texts of one instant differ in style only."""
    assert parse_instant("2027-03-12T12:00Z") == Instant(NOON, Style(0, "Z"))
    assert (
        parse_instant("2027-03-12T12:00Z").micros == parse_instant("2027-03-12T14:00+02:00").micros
    )
