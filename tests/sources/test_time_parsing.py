"""Times are read as Python reads them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.sources.time_parsing import read_values, time_column_type, time_parser

CALENDAR = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - as hypothesis wants them


@given(
    st.lists(st.datetimes(*CALENDAR), min_size=1, max_size=9),
    st.sampled_from(["", "Z", "+05:30", "-0800"]),
    st.integers(1, 9),
)
def test_iso_texts_are_read_as_python_does(
    moments: list[datetime], suffix: str, digits: int
) -> None:
    """Any date of any year comes out as datetime sees it, and is written back to the letter."""
    offset = {"": 0, "Z": 0, "+05:30": 19_800, "-0800": -28_800}[suffix]
    texts = [f"{each.isoformat(timespec='seconds')}.{str(n) * digits}{suffix}"
             for n, each in enumerate(moments)]  # fmt: skip
    stamps, flaw = read_values(time_parser("iso"), texts)
    assert flaw is None
    for row, (moment, text) in enumerate(zip(moments, texts, strict=True)):
        whole = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(seconds=offset)
        fraction = int(Decimal("0." + str(row) * digits) * 10**9)
        expected = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        assert stamps.nanos(row) == expected + fraction
        assert stamps.column().text[row].as_py() == text


def test_texts_and_numbers_can_be_mixed() -> None:
    """Up to the first that is neither."""
    times, problem = read_values(time_parser("seconds"), [1, "2.5", True, 4])
    assert times.column().json_text.to_pylist() == ["1", '"2.5"']
    assert problem is not None
    assert (problem.row, problem.text) == (2, "time true is not a time")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("isoo", 'no time format "isoo"; did you mean "iso"?'),
        (
            "?",
            'no time format "?"; one of nanos, micros, millis, seconds, posix, epoch, iso or a pattern of strptime such as %d/%b/%Y:%H:%M:%S',
        ),
    ],
)
def test_unknown_format_is_told_with_what_is_known(text: str, message: str) -> None:
    """The nearest name, or all of them and an example of a pattern."""
    with pytest.raises(ValueError, match=r"no time format") as caught:
        time_parser(text)
    assert str(caught.value) == message


def test_column_has_the_type_of_its_first_time() -> None:
    """Of its format where there is none; as texts where that is asked for."""
    seconds = time_parser("seconds")
    fraction, _ = read_values(seconds, [1.5, 2])
    whole, _ = read_values(seconds, [2, 1.5])
    assert time_column_type(seconds, None, fraction) == FLOAT
    assert time_column_type(seconds, None, whole) == INT
    assert time_column_type(seconds, None, None) == INT
    assert time_column_type(seconds, "text", fraction) == TEXT
