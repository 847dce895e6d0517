"""Times are read as Python reads them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.sources.time_parsing import read_values, time_format

repeatable = settings(deadline=None, derandomize=True)

CALENDAR = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - as hypothesis wants them


@repeatable
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
    stamps, flaw = read_values(time_format("iso"), texts)
    assert flaw is None
    for row, (moment, text) in enumerate(zip(moments, texts, strict=True)):
        whole = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(seconds=offset)
        fraction = int(Decimal("0." + str(row) * digits) * 10**9)
        expected = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        assert stamps.nanos(row) == expected + fraction
        assert stamps.column().text[row].as_py() == text
