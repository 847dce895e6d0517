"""Patterns of strftime: by columns and one by one, the text is that of Python and the extensions."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columns.strftime import TimePattern
from datagen.instants import EPOCH, NAIVE, YEAR_1, YEAR_10000, Style

HOURS = 3_600_000_000
repeatable = settings(max_examples=40)


@repeatable
@given(
    st.lists(st.integers(YEAR_1, YEAR_10000 - 1), min_size=1, max_size=5),
    st.sampled_from(["%a %b %d", "%H:%M:%S", "%j %U", "%I %p", "%d/%b/%y %%", "%x %X", "%c"]),
)
def test_columns_are_written_as_python_writes_them(micros: list[int], pattern: str) -> None:
    """Each directive, at any instant of the calendar."""
    texts = TimePattern(pattern).format_instants(np.array(micros), NAIVE).to_pylist()
    instants = [EPOCH + timedelta(microseconds=each) for each in micros]
    assert texts == [each.strftime(pattern) for each in instants]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%f %3f", "789012 789"),
        ("%s|%%s", "1804824306|%s"),
        ("%z %:z %Z", "+0130 +01:30 +01:30"),
        ("%Y-%m-%dT%H:%M", "2027-03-12T05:35"),
    ],
)
def test_extensions_in_columns_and_one_by_one(pattern: str, text: str) -> None:
    """Fractions, seconds since 1970 and offsets, in the style's own time."""
    micros, style = 1_804_824_306_789_012, Style(HOURS * 3 // 2, "+01:30")
    zone = timezone(timedelta(hours=1.5), "+01:30")
    moment = (EPOCH + timedelta(microseconds=micros)).astimezone(zone)
    assert TimePattern(pattern).format_instants(np.array([micros]), style).to_pylist() == [text]
    assert TimePattern(pattern).format_datetime(moment) == text


@pytest.mark.parametrize(
    ("micros", "pattern", "text"),
    [
        (-1_500_000, "%s%3f", "-1500"),
        (-1_500_000, "%s.%3f", "-1.500"),
        (-1_500_001, "%s,%f", "-1,500001"),
        (-500_000, "%s.%f", "-0.500000"),
        (-1, "%s%3f", "-0001"),  # the millisecond that it is in, as everywhere
        (-2_000_000, "%s%3f", "-2000"),
        (0, "%s.%3f", "0.000"),
        (1_500_000, "%s%3f|%s", "1500|1"),
        (-1_500_000, "%s %S.%3f %%s%3f", "-2 58.500 %s500"),
    ],
)
def test_seconds_and_decimals_are_one_number(micros: int, pattern: str, text: str) -> None:
    """Before 1970 too, whose decimals count downwards; alone, `%s` is the second that has begun."""
    assert TimePattern(pattern).format_instants(np.array([micros]), NAIVE).to_pylist() == [text]
    moment = EPOCH + timedelta(microseconds=micros)
    assert TimePattern(pattern).format_datetime(moment) == text


def test_years_have_four_digits() -> None:
    """Also the first ones, and an instant without an offset counts as UTC."""
    assert TimePattern("%Y %z").format_datetime(datetime(5, 1, 1, tzinfo=UTC)) == "0005 +0000"
    assert TimePattern("%Y").format_instants(np.array([YEAR_1]), NAIVE).to_pylist() == ["0001"]


@pytest.mark.parametrize("pattern", ["%Q", "x%", "%:y", "%4f"])
def test_unknown_directives_are_refused(pattern: str) -> None:
    """Whatever the C library would make of them."""
    with pytest.raises(ValueError, match="is not a strftime directive"):
        TimePattern(pattern)
