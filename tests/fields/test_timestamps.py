"""Instants and clocks through the whole program."""

import re
from collections import Counter

import pytest

from tests.support.fields import (
    START,
    A,
    B,
    C,
    columns,
    firsts,
    instants,
    records,
    refusal,
    spec_with,
)
from tests.support.helpers import invoke
from tests.support.machines import Spec

MOMENTS_OF: list[tuple[Spec, str, str]] = [
    ({"type": "constant", "value": B}, B, B),
    ({"type": "uniform", "min": A, "max": B}, A, B),
    ({"type": "normal", "mean": B, "stddev": 7200}, A, C),
    ({"type": "exponential", "min": A, "mean": 3600}, A, C),
    ({"type": "triangular", "min": A, "mode": B, "max": C}, A, C),
    ({"type": "choice", "values": [C, A], "weights": [1, 3]}, A, C),
    ({"type": "histogram", "edges": [A, B, C], "weights": [0, 1]}, B, C),
]


def test_timestamps_follow_their_distribution() -> None:
    """Every distribution of instants gives instants where it should, in the parameters' style."""
    found = columns(*(instants(each) for each, _, _ in MOMENTS_OF))
    for (distribution, low, high), column in zip(MOMENTS_OF, found, strict=True):
        assert low.replace("Z", ".000Z") <= min(column) <= max(column) <= high.replace("Z", ".000Z")
        assert all(re.fullmatch(r"2020-01-0[123]T\d\d:\d\d:\d\d\.\d{3}Z", text) for text in column)
        least = {"constant": 1, "choice": 2}.get(distribution["type"], 200)
        assert len(set(column)) == least


def test_timestamps_are_written_like_the_first() -> None:
    """The offset of the first instant, as it is given there; the others are converted."""
    written = [
        ("2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00Z", "+02:00"),
        ("2020-01-01T00:00:00-0530", "2020-01-02T00:00:00+01", "-0530"),
        ("2020-01-01T00:00:00z", "2020-01-02T00:00:00+01:00", "Z"),
        ("2020-01-01", "2020-01-02", ""),
    ]
    found = columns(*(instants({"type": "uniform", "min": a, "max": b}) for a, b, _ in written))
    for (low, _, suffix), column in zip(written, found, strict=True):
        assert all(len(text) == 23 + len(suffix) and text.endswith(suffix) for text in column)
        assert min(column) >= low[:10]
    assert max(found[0]) < "2020-01-01T02:00:00.001"  # midnight in UTC


def test_timestamps_are_truncated_to_milliseconds() -> None:
    """Also before 1970, and at the ends of the calendar."""
    given_and_written = {
        "2020-02-29T23:59:59.999999": "2020-02-29T23:59:59.999",
        "1969-12-31T23:59:59.9996": "1969-12-31T23:59:59.999",
        "0001-01-01": "0001-01-01T00:00:00.000",
        "9999-12-31T23:59:59.999999": "9999-12-31T23:59:59.999",
        "0001-01-01T00:00:00+14:00": "0001-01-01T00:00:00.000+14:00",
    }
    fields = [instants({"type": "constant", "value": value}) for value in given_and_written]
    assert firsts(*fields) == list(given_and_written.values())


def test_timestamps_stay_within_the_calendar() -> None:
    """A tail that leaves the years 1 to 9999 is held at their ends."""
    late, early = columns(
        instants({"type": "exponential", "min": "9999-12-31T12:00", "mean": 1e12}),
        instants({"type": "normal", "mean": "0001-01-01T00:00+01:00", "stddev": 1e300}),
    )
    assert Counter(late).most_common(1)[0][0] == "9999-12-31T23:59:59.999"
    assert set(early) == {"0001-01-01T00:00:00.000+01:00", "9999-12-31T23:59:59.999+01:00"}


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ({"type": "uniform", "min": A, "max": "2020-01-02"}, "expected all instants with an offset, or none"),
        ({"type": "uniform", "min": B, "max": A}, "later than max"),
        ({"type": "constant", "value": 1577836800}, "instant in quotes, not 1577836800"),
        ({"type": "constant", "value": "2020-02-30"}, '"2020-02-30" is not an ISO 8601 instant'),
        ({"type": "gamma", "shape": 1, "scale": 1}, 'no distribution of instants "gamma"'),
    ],
)  # fmt: skip
def test_wrong_timestamps_are_refused(distribution: Spec, message: str) -> None:
    """Instants that mean nothing, or not the same, are told on load."""
    assert message in refusal(instants(distribution))


def test_clock_is_the_time_of_the_record() -> None:
    """Without a format it is written as `time` is."""
    found = records([{"name": "x", "type": "clock"}])
    assert [record["x"] for record in found] == [record["time"] for record in found]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S.%f %z", "2027-03-12 00:00:00.123456 +0000"),
        ("%a %d/%b/%Y:%H", "Fri 12/Mar/2027:00"),
        ("%s.%3f", "1804809600.123"),
        ("%FT%T.%f%:z %%:z", "2027-03-12T00:00:00.123456+00:00 %:z"),
        ('100%% "☃" %%f', '100% "☃" %f'),
        ("", ""),
    ],
)
def test_clock_follows_its_format(pattern: str, expected: str) -> None:
    """A pattern of strftime, with fractions; the text is JSON like any other."""
    spec = spec_with([{"name": "x", "type": "clock", "format": pattern}], [])
    outcome = invoke("-s", f"{START}T00:00:00.123456", "-n", "1", spec=spec)
    assert outcome.records[0]["x"] == expected


@pytest.mark.parametrize("start", ["9999-12-31T23:30-01:00", "0001-01-01T00:30+01:00"])
def test_clock_format_reaches_the_ends_of_the_calendar(start: str) -> None:
    """At any offset, the first and the last hour of the calendar can be written."""
    for pattern, expected in (("%z", start.replace("1:00", "100")), ("%:z", start)):
        spec = spec_with([{"name": "x", "type": "clock", "format": "%Y-%m-%dT%H:%M" + pattern}], [])
        outcome = invoke("-s", start, "-n", "1", spec=spec)
        assert [record["x"] for record in outcome.records] == [expected]


def test_clock_format_is_checked() -> None:
    """A directive that does not exist is told on load."""
    assert 'format: "%Q" is not a strftime directive' in refusal({"type": "clock", "format": "%Q"})


def test_formats_have_names() -> None:
    """Numbers are numbers; the variable that remembers one is a number too."""
    spec = spec_with(
        [
            *({"name": name, "type": "clock", "format": name} for name in ("iso", "iso_us", "epoch", "epoch_ms")),
            {"name": "born", **instants({"type": "constant", "value": "1999-12-31T23:59:59.5Z"}, format="epoch_us")},
            {"name": "later", "type": "expression", "expr": "began + 1000"},
        ],
        [{"name": "began", "type": "clock", "format": "epoch_ms"}],
    )  # fmt: skip
    record = invoke("-s", "2027-03-12T00:00:00.25Z", "-m", "1", "-n", "1", spec=spec).records[0]
    ms = 1_804_809_600_250
    assert record == {
        "time": "2027-03-12T00:00:00.250Z", "iso": "2027-03-12T00:00:00.250Z", "iso_us": "2027-03-12T00:00:00.250000Z",
        "epoch": ms // 1000, "epoch_ms": ms, "born": 946_684_799_500_000, "later": ms + 1000,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["iso", "epoch", "epoch_ms", "%Y-%m-%d"])
def test_values_of_cardinality_differ_as_they_are_written(name: str) -> None:
    """Ten of the twenty seconds that there are; of one day there is but one."""
    within = {"type": "uniform", "min": "2027-01-01T00:00:00", "max": "2027-01-01T00:00:20"}
    keys = {"cardinality": 10, "cardinality_distribution": {"type": "uniform", "min": 0, "max": 10}}
    field = instants(within, format=name, **keys)
    if name.startswith("%"):
        assert "cardinality" in refusal(field)
    else:
        assert len({*columns(field)[0]}) == 10


def test_clock_that_is_off_is_off_in_its_own_format() -> None:
    """By 2 seconds, in milliseconds."""
    spec = spec_with([{"name": "at", "type": "clock", "format": "epoch_ms"}], [])
    spec["disorder"] = [{"type": "skew", "offset": 2}]
    arguments = ("-s", "2027-03-12", "-m", "1", "-n", "3")
    clean = [each["at"] for each in invoke(*arguments, "--no-disorder", spec=spec).records]
    assert [each["at"] for each in invoke(*arguments, spec=spec).records] == [
        each + 2000 for each in clean
    ]
