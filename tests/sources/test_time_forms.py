"""Times are written as the source has them."""

import csv
import io

import pytest

from tests.support.replays import (
    Spec,
    out,
    spec_of,
    write,
)


@pytest.mark.parametrize(
    ("form", "times", "moved"),
    [
        ("nanos", ["1577836800000000007", "1577836800000001006"],
         ["1804809600000000000", "1804809600000000999"]),
        ("micros", ["1577836800000007", "1577836800000007.125"],
         ["1804809600000000", "1804809600000000.125"]),
        ("millis", ["1577836800000", "1577836801500"], ["1804809600000", "1804809601500"]),
        ("millis", ["-1500", "-0.5", "0"], ["1804809600000", "1804809601499.5", "1804809601500"]),
        ("seconds", ["1577836800", "1577836861"], ["1804809600", "1804809661"]),
        ("posix", ["1577836800.250", "1577836861"], ["1804809600.000", "1804809660"]),
        ("epoch", ["1577836800.000000001", "1577836801.5"],
         ["1804809600.000000000", "1804809601.4"]),
        ("iso", ["2020-01-01", "2020-01-02"], ["2027-03-12", "2027-03-13"]),
        ("iso", ["2020-01-01 00:00", "2020-02-01 00:01"], ["2027-03-12 00:00", "2027-04-12 00:01"]),
        ("iso", ["20200101T000000,5Z", "20200101T000001,25Z"],
         ["20270312T000000,0Z", "20270312T000000,75Z"]),
        ("iso", ["2020-03-29T01:59:59.9+01:00", "2020-03-29T03:00:00.0+02:00"],
         ["2027-03-12T01:00:00.0+01:00", "2027-03-12T02:00:00.1+02:00"]),
        ("iso", ["2020-01-01T00:00:00.123456789", "2020-01-01T00:00:00.123456790"],
         ["2027-03-12T00:00:00.000000000", "2027-03-12T00:00:00.000000001"]),
        ("%d/%b/%Y:%H:%M:%S %z", ["01/Jan/2020:00:00:00 -0200", "01/jan/2020:00:00:01 -0200"],
         ["11/Mar/2027:22:00:00 -0200", "11/mar/2027:22:00:01 -0200"]),
        ("%Y-%m-%d %H:%M:%S,%f", ["2020-01-01 00:00:00,123", "2020-01-01 00:00:00,999"],
         ["2027-03-12 00:00:00,000", "2027-03-12 00:00:00,876"]),
        ("%m/%d/%y %I:%M %p", ["1/1/20 12:00 AM", "01/01/20 01:30 PM"],
         ["3/12/27 12:00 AM", "03/12/27 01:30 PM"]),
        ("%a %b %d %H:%M:%S.%f %Y", ["Wed Jan 01 00:00:00.25 2020", "Wed Jan 01 00:00:00.750 2020"],
         ["Fri Mar 12 00:00:00.00 2027", "Fri Mar 12 00:00:00.500 2027"]),
    ],
)  # fmt: skip
def test_time_is_written_as_it_was(form: str, times: list[str], moved: list[str]) -> None:
    """Same format, decimals, separators and offset; only the instant is another."""
    with open("x.csv", "w", newline="") as file:
        csv.writer(file).writerows([["t"], *([time] for time in times)])
    written = list(csv.reader(io.StringIO(out(spec_of(time_format=form, loop=False), "--csv"))))
    assert written[1:] == [[time] for time in moved]


@pytest.mark.parametrize(
    ("form", "types", "json_text"),
    [
        ("seconds", {}, "1804809600"),
        ("seconds", {"t": "text"}, '"1804809600"'),
        ("nanos", {"t": "int"}, "1804809600000000000"),
    ],
)
def test_epochs_are_numbers(form: str, types: Spec, json_text: str) -> None:
    """In JSON, unless they are asked to be texts."""
    write("t\n1\n")
    assert out(spec_of(time_format=form, types=types, loop=False)) == f'{{"t":{json_text}}}\n'
