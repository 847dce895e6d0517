"""NDJSON: values, the order of fields, and mistakes."""

import pytest

from tests.support.replays import DAY, LINES, out, spec_of, tried, write


def test_ndjson_keeps_types_order_and_what_is_missing() -> None:
    """Keys in the order of each record, null and missing apart, ints beyond 64 bits whole."""
    write("\n".join(LINES), "x.ndjson")
    moved = [line.replace("2020-01-01", DAY) for line in LINES]
    assert out(spec_of("x.ndjson", loop=False)).splitlines() == moved
    again = out(spec_of("x.ndjson"), "-n", "8").splitlines()
    assert again[:4] == moved
    assert again[4:] == [
        line.replace("00:00:0", "00:00:1")
        .replace("0:10", "0:04")
        .replace("0:11", "0:05")
        .replace("0:13", "0:07")
        for line in moved
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"t":2e9,"a":}', "is not JSON: Expecting value at column 14"),
        ("[1]", "expected an object, not a list"),
        ('{"t":2e9,"a":NaN}', "is not JSON: NaN is not a number"),
        ('{"t":2e9,"a":1e999}', "a: contains a number out of range"),
        ('{"t":2e9,"a":[{"b":-1e999}]}', "a: contains a number out of range"),
        ('{"a":1}', 'has no field "t"'),
        ('{"t":null}', "time null is not a time"),
        ('{"t":true}', "time true is not a time"),
        ('{"t":"x"}', 'time "x" is not a number with at most 9 decimals'),
        (
            '{"t":1e30}',
            "time 1e+30 is outside of the years 1 to 9999: is the time_format wrong?",
        ),
        (
            '{"t":1}',
            'time 1 is earlier than that of line BEFORE; "sort": true puts records in order',
        ),
    ],
)
@pytest.mark.parametrize("before", [2, 3000])
def test_bad_object_is_told_with_its_line(line: str, text: str, before: int) -> None:
    """Blank lines count."""
    write("\n".join([*(f'{{"t":{n + 5}}}' for n in range(before)), "", line]), "x.ndjson")
    outcome = tried(spec_of("x.ndjson", time_format="seconds", loop=False))
    text = text.replace("BEFORE", str(before))
    assert outcome.err.splitlines()[-1] == f"x.ndjson: line {before + 2}: {text}"
    assert len(outcome.out.splitlines()) == (before if before > 1000 else 0)
