"""Times are written in the form in which they were read."""

import pyarrow as pa
import pytest

from datagen.sources.text_times import TextTimeParser

DAY = 86_400


@pytest.mark.parametrize(
    ("pattern", "text", "seconds", "moved"),
    [
        ("%b %d %Y", "Mar  9 2027", -7 * DAY, "Mar  2 2027"),
        ("%b %d %Y", "Mar  9 2027", 7 * DAY, "Mar 16 2027"),
        ("%b %d %Y", "Mar 09 2027", -7 * DAY, "Mar 02 2027"),
        ("%b %d %Y", "Mar 9 2027", 7 * DAY, "Mar 16 2027"),
        ("%b %d %Y", "MAR 16 2027", -14 * DAY, "MAR 02 2027"),
        ("%b %e %Y", "mar 16 2027", -14 * DAY, "mar  2 2027"),
        ("%b %-d %Y", "Mar 16 2027", -14 * DAY, "Mar 2 2027"),
        ("%B %d %Y", "MARCH 16 2027", 60 * DAY, "MAY 15 2027"),
        ("%a %Y-%m-%d", "fri 2027-03-12", DAY, "sat 2027-03-13"),  # the day fits the date
        ("%A, %d %B %Y", "Friday, 12 March 2027", 90 * DAY, "Thursday, 10 June 2027"),
        ("%Y-%m-%d %I:%M:%S %p", "2027-03-12 9:05:01 am", 5 * 3600, "2027-03-12 2:05:01 pm"),
        ("%Y-%m-%d %I:%M:%S %p", "2027-03-12 9:05:01 AM", 3 * 3600, "2027-03-12 12:05:01 PM"),
        ("%Y-%m-%d %l:%M %P", "2027-03-12 11:05 am", -3600, "2027-03-12 10:05 am"),
        ("%Y-%m-%d %l:%M %P", "2027-03-12 11:05 am", -7200, "2027-03-12  9:05 am"),
        ("%Y-%m-%d %-I:%M%p", "2027-03-12 11:05Am", -7200, "2027-03-12 9:05Am"),
        ("%Y-%m-%d %k:%M", "2027-03-12 10:05", -7200, "2027-03-12  8:05"),
        ("%-m/%-d/%Y %-H:%M", "11/12/2027 10:05", -50 * DAY - 7200, "9/23/2027 8:05"),
        ("%Y-%m-%d %H:%M:%S,%f", "2027-03-12 00:00:00,5", 1, "2027-03-12 00:00:01,5"),
        ("%Y-%m-%d %H:%M:%S.%f", "2027-03-12 00:00:00.123456789", 1,
         "2027-03-12 00:00:01.123456789"),
        ("%d/%b/%Y:%H:%M:%S %z", "12/Mar/2027:00:00:00 Z", 1, "12/Mar/2027:00:00:01 Z"),
        ("%d/%b/%Y:%H:%M:%S %z", "12/Mar/2027:00:00:00 +00:00", 1, "12/Mar/2027:00:00:01 +00:00"),
        ("%d/%b/%Y:%H:%M:%S %z", "12/Mar/2027:00:00:00 +0000", 1, "12/Mar/2027:00:00:01 +0000"),
        ("%H:%M %Z %Y", "00:00 GMT 2027", 60, "00:01 GMT 2027"),
        ("%H:%M %Z %Y", "00:00 est 2027", 60, "00:01 est 2027"),
        ("%H:%M %z (%Z) %Y", "00:00 +0530 (IST) 2027", 60, "00:01 +0530 (IST) 2027"),
        ("%j/%Y", "99/2027", DAY, "100/2027"),
        ("%y%m%d", "991231", DAY, "000101"),
        ("%Y  week\t%W, %w", "2027  week\t01, 1", 7 * DAY, "2027  week\t02, 1"),
    ],
)  # fmt: skip
def test_form_is_kept(pattern: str, text: str, seconds: int, moved: str) -> None:
    """Padding, case, decimals, spaces and offsets."""
    times, problem = TextTimeParser(pattern).read_texts(pa.array([text]), as_texts=True)
    assert problem is None
    assert times.column().text.to_pylist() == [text]
    assert times.moved(seconds * 10**9).column().text.to_pylist() == [moved]
