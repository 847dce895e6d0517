"""Mistakes in the specification of a replay, and in its source."""

import gzip
import os

import pytest

from tests.support.helpers import invoke
from tests.support.replays import DAY, Spec, rows_of, spec_of, tried, write

MISTAKES: list[tuple[Spec, str]] = [
    ({"source_file": "no.csv"}, 'source_file: "no.csv": there is no such file'),
    ({"source_file": "."}, 'source_format: missing: "." has no known extension; one of csv, tsv, ndjson, parquet'),
    ({"source_file": ".", "source_format": "csv"}, 'source_file: "." is a folder, not a file'),
    ({"source_format": "cvs"}, 'source_format: no source format "cvs"; did you mean "csv"?'),
    ({"source_file": "-", "source_format": "csv"}, 'loop: stdin can be read only once: set "loop": false'),
    ({"source_file": "-", "source_format": "parquet", "loop": False},
     "source_format: stdin can be read only once, which Parquet does not allow"),
    ({"time_field": "tt"}, 'time_field: x.csv has no column "tt"; did you mean "t"?'),
    ({"time_field": ""}, 'time_field: expected a name, not ""'),
    ({"time_field": []}, "time_field: expected at least one name"),
    ({"time_field": 5}, "time_field: expected a text, not 5"),
    ({"time_field": ["t", "x"]}, 'time_field[1]: x.csv has no column "x"; one of t, n'),
    ({"time_field": ["t", "t"]}, 'time_field[0]: "t" appears twice'),
    ({"time_field": ["t", "n..x"]}, 'time_field[1]: expected names between dots, not "n..x"'),
    ({"time_format": ["iso"] * 2}, "time_format: expected a format for each time_field, 1, not 2"),
    ({"time_field": ["t", "n"], "time_format": ["iso", "milis"]},
     'time_format[1]: no time format "milis"; did you mean "millis"?'),
    ({"time_format": "%s%3f"}, 'time_format: "%s%3f" cannot be read: "%s" is for writing only'),
    ({"timezone": "Europe/Berlinn"}, 'timezone: no time zone "Europe/Berlinn"; did you mean "Europe/Berlin"?'),
    ({"timezone": "UTC", "time_format": "millis"},
     "timezone: has no effect: the times of this time_format tell their offset"),
    ({"timezone": "UTC", "time_format": "%Y %z"},
     "timezone: has no effect: the times of this time_format tell their offset"),
    ({"stretch": 0}, "stretch: expected a number above 0, not 0"),
    ({"stretch": 1e9}, "stretch: expected a number from 0.000001 to 1000000, not 1000000000.0"),
    ({"time_format": "nanoss"}, 'time_format: no time format "nanoss"; did you mean "nanos"?'),
    ({"time_format": "%Q"}, 'time_format: "%Q" is not a strftime directive'),
    ({"time_format": "%H:%f:%f"}, 'time_format: "%H:%f:%f" has "%f" twice'),
    ({"time_format": 5}, "time_format: expected a text, not 5"),
    ({"types": {"n": "integer"}}, 'types: "n": no type "integer"; did you mean "int"?'),
    ({"types": {"m": "int"}}, 'types.m: x.csv has no column "m"; one of t, n'),
    ({"types": {"t": "int"}}, "types.t: the time cannot be of the type int in this time_format"),
    ({"types": []}, "types: expected an object, not a list"),
    ({"null_injection": [{"field": "n", "null_probability": 1.5}]},
     "null_injection[0].null_probability: expected a probability from 0 to 1, not 1.5"),
    ({"null_injection": [{"field": "x", "null_probability": 1}]},
     'null_injection[0].field: x.csv has no column "x"; one of t, n'),
    ({"null_injection": [{"field": "t", "null_probability": 1}]},
     "null_injection[0].field: the time cannot be null"),
    ({"null_injection": [{"field": "n", "null_probability": 1}] * 2},
     'null_injection[1].field: "n" appears twice'),
    ({"null_injection": [{"field": "n"}]}, "null_injection[0].null_probability: missing"),
    ({"null_injection": {}}, "null_injection: expected a list, not an object"),
    ({"time_skipping": {"skip_probability": 0.1, "min_skip_duration": 2, "max_skip_duration": 1}},
     "time_skipping.min_skip_duration: is above max_skip_duration, 1"),
    ({"time_skipping": {"skip_probability": -1, "min_skip_duration": 0, "max_skip_duration": 1}},
     "time_skipping.skip_probability: expected a probability from 0 to 1, not -1"),
    ({"time_skipping": {"skip_probability": 1, "min_skip_duration": -1, "max_skip_duration": 1}},
     "time_skipping.min_skip_duration: expected 0 or more, not -1"),
    ({"time_skipping": {"skip_probabilty": 1, "min_skip_duration": 0, "max_skip_duration": 1}},
     'time_skipping.skip_probabilty: unknown key; did you mean "skip_probability"?'),
    ({"loop": "no"}, 'loop: expected true or false, not "no"'),
    ({"sort": 1}, "sort: expected true or false, not 1"),
    ({"lop": True}, 'lop: unknown key; did you mean "loop"?'),
    ({"format": "cvs"}, 'format.type: no format "cvs"; did you mean "csv"?'),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "text"), MISTAKES, ids=[text[:40] for _, text in MISTAKES])
def test_mistake_is_told(keys: Spec, text: str) -> None:
    """One line, with the place and the remedy, and nothing is generated."""
    write(rows_of(3))
    outcome = tried({**spec_of(), **keys})
    assert (outcome.status, outcome.out, outcome.err) == (1, b"", f"r.json: {text}\n")


FILES: list[tuple[str, bytes, str]] = [
    ("x.csv", b"", "x.csv: has no header line"),
    ("x.csv", b"t,a,a\n1,2,3\n", 'x.csv: line 1: names the column "a" twice'),
    ("x.csv", b"t\xff\n1\n", "x.csv: line 1: is not UTF-8 text"),
    ("x.csv", b"t,n\n", 'x.csv: contains no records, so there is nothing to replay; with "loop": false this is allowed'),
    ("x.csv.gz", gzip.compress(b"t\n2020-01-01\n" * 9)[:-12], "x.csv.gz: cannot be read: Truncated compressed stream"),
    ("x.csv.gz", b"t\n2020-01-01\n", "x.csv.gz: cannot be read: zlib inflate failed: incorrect header check"),
    ("x.ndjson", b"", 'x.ndjson: contains no records, so there is nothing to replay; with "loop": false this is allowed'),
    ("x.ndjson", b"\xff\n", "x.ndjson: line 1: is not UTF-8 text"),
    ("x.parquet", b"t" * 99, "x.parquet: cannot be read as Parquet: Parquet magic bytes not found"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "data", "text"), FILES, ids=[f"{n}-{file}" for n, (file, *_) in enumerate(FILES)]
)
def test_file_that_cannot_be_read_is_told(file: str, data: bytes, text: str) -> None:
    """With its name, before the run."""
    write(data, file)
    outcome = tried(spec_of(file))
    assert outcome.status == 1
    assert outcome.out == b""
    assert outcome.err.startswith(text)
    assert len(outcome.err.splitlines()) == 1


def test_source_is_not_overwritten() -> None:
    """Neither by records, whatever the path is called."""
    write(rows_of(3))
    outcome = tried(spec_of(target={"type": "file", "path": "./x.csv"}))
    assert outcome.err == "the target would overwrite the source, x.csv\n"


def test_specification_and_source_cannot_both_be_stdin() -> None:
    """One of them has to be a file."""
    spec = spec_of("-", source_format="csv", loop=False)
    assert invoke("-n", "1", "-s", DAY, spec=spec).err == (
        'stdin: source_file: "-" is stdin, which holds the specification: give it with -c FILE\n'
    )


def test_validation_does_not_touch_a_pipe() -> None:
    """It says so; the pipe is for the run."""
    os.mkfifo("x.csv")
    outcome = tried(spec_of(loop=False, format="csv"), "--validate")
    assert outcome.status == 0
    assert outcome.err.splitlines() == [
        "warning: r.json: x.csv can be read only once: its content is not checked",
        "r.json: ok: a replay of x.csv (csv, not read)",
    ]
