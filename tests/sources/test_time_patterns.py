"""Patterns of strptime: what their texts look like."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.sources.text_times import TextTimeParser
from datagen.sources.time_patterns import text_pattern

PATTERNS = [
    "%Y-%m-%d %H:%M:%S", "%d/%b/%Y:%H:%M:%S %z", "%a, %d %b %Y %H:%M:%S", "%A %d %B %Y %I:%M:%S %p",
    "%Y%m%d%H%M%S", "%j %Y %H.%M.%S", "%G-W%V-%u %H:%M:%S", "%c", "%x %X %p", "%D %T", "%F %R:%S",
    "%Y %W %w %H:%M:%S", "%U of %y, %A %r",
]  # fmt: skip


@given(
    st.datetimes(datetime(1970, 1, 8), datetime(2068, 12, 20)),  # noqa: DTZ001 - as hypothesis wants them
    st.sampled_from(PATTERNS),
)
def test_texts_are_read_as_they_are_written(moment: datetime, pattern: str) -> None:
    """By Python, and come out as they were, and a day later as Python writes it then."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    text, later = (each.strftime(pattern) for each in (moment, moment + timedelta(days=1)))
    times, problem = TextTimeParser(pattern).read_texts(pa.array([text]), as_texts=True)
    assert problem is None
    assert times.nanos(0) == int(moment.timestamp()) * 10**9
    assert times.column().text.to_pylist() == [text]
    if "%c" not in pattern:  # which may not show that it pads with spaces
        assert times.moved(86_400 * 10**9).column().text.to_pylist() == [later]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("%Q", '"%Q" is not a strftime directive'),
        ("%\t", '"%\\t" is not a strftime directive'),
        ("%-Q", '"%-" is not a strftime directive'),
        ("%s", '"%s" cannot be read: "%s" is for writing only'),
        ("%H %k", '"%H %k" has "%H" twice'),
        ("%D %d", '"%D %d" has "%d" twice'),
        ("%%", '"%%" cannot be read: it has no time'),
        ("%Z", '"%Z" cannot be read: it has no time'),
        ("%j", '"%j" cannot be read: "%j" needs "%Y"'),
        ("%Y %U", '"%Y %U" cannot be read: "%U" and "%W" need "%Y" and a day of the week'),
        ("%G %V", '"%G %V" cannot be read: "%G" and "%V" need each other and a day of the week'),
    ],
)
def test_pattern_that_cannot_be_read_is_told(pattern: str, message: str) -> None:
    """With what it lacks."""
    with pytest.raises(ValueError, match=r"^\"") as caught:
        text_pattern(pattern)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("pattern", "period"),
    [("%Y", None), ("%y-%m", None), ("%b %d", 366), ("%d %H", 31), ("%a %H", 7), ("%H:%M", 1)],
)
def test_what_is_left_out_follows_from_the_directives(pattern: str, period: int | None) -> None:
    """The year, the month, the week or the day: the length of the cycle is in days."""
    cycle = text_pattern(pattern).cycle
    assert (None if cycle is None else cycle.period // 86_400_000_000) == period
