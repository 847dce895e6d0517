"""Times of a source: in order, in their zones, and together."""

import io
import itertools
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import generator
from datagen.replay import passes, source
from datagen.replay.checks import parse_replay
from datagen.replay.passes import ReplayLoop
from tests.support.replays import DAY, Spec, out, replayed, rows_of, seconds, spec_of, tried, write


def test_what_is_not_sorted_is_told_with_both_lines() -> None:
    """After the records before it, wherever it stands; quoted line ends count."""
    rows = rows_of(3000).splitlines()
    rows[2500] = "2020-01-01T00:00:05.000+00:00,z"
    rows[10] = rows[10].replace(",", ',"\n').rstrip() + '"'
    write("\n".join(rows))
    outcome = tried(spec_of(loop=False))
    assert outcome.status == 1
    assert len(outcome.out.splitlines()) == 2499
    assert outcome.err.splitlines()[-1] == (
        "x.csv: line 2502: time 2020-01-01T00:00:05.000+00:00 is earlier than that of line 2501; "
        '"sort": true puts records in order'
    )


ZONES = "2026-03-08 01:59:59 EST", "2026-03-08 03:00:00 EDT", "2026-03-08 07:00:01 GMT"


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Asia/Kolkata", "Europe/London"])
def test_zone_of_the_machine_never_counts(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone's name is the offset that it stands for, and is written as it was."""
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    write("\n".join(["t", *ZONES]))
    try:
        lines = out(spec_of(time_format="%Y-%m-%d %H:%M:%S %Z", loop=False), "--csv").splitlines()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert lines[1:] == [
        "2027-03-11 19:00:00 EST",
        "2027-03-11 20:00:01 EDT",
        "2027-03-12 00:00:02 GMT",
    ]


@pytest.mark.parametrize(
    ("form", "text", "told"),
    [
        ("%H:%M %Z", "10:00 IST", 'the zone "IST" stands for no single offset; use "%z"'),
        ("%H:%M %Z", "10:00 XYZ", 'the zone "XYZ" stands for no single offset; use "%z"'),
        ("%H:%M %z", "10:00 +0160", 'is not of the form "%H:%M %z"'),
        ("iso", "2026-03-08T10:00+24:00", "is not an ISO 8601 instant"),
        ("iso", "2026-03-08T10:00+99:00", "is not an ISO 8601 instant"),
        ("%b %d", "Feb 30", 'is not of the form "%b %d"'),
    ],
)
def test_zone_or_date_that_does_not_exist_is_told(form: str, text: str, told: str) -> None:
    """With its line, before the run."""
    write(f"t\n{text}\n")
    outcome = tried(spec_of(time_format=form))
    separator = ":" if "zone" in told else ""
    assert outcome.err == f'x.csv: line 2: time "{text}"{separator} {told}\n'


def test_file_shows_how_numbers_are_padded() -> None:
    """Where a record does not show it, the first records do; without any, the pattern does."""
    write("t\nMar 12 00:00:00\nMar 19 00:00:00\nApr  9 00:00:00\n")
    spec = spec_of(time_format="%b %d %H:%M:%S", loop=False)
    assert out(spec, "-s", "2027-03-01", "--csv").splitlines()[1:] == [
        "Mar  1 00:00:00", "Mar  8 00:00:00", "Mar 29 00:00:00",
    ]  # fmt: skip
    write("t\nMar 12\nMar 19\n")
    for form, first in (("%b %d", "01"), ("%b %e", " 1"), ("%b %-d", "1")):
        lines = out(spec_of(time_format=form, loop=False), "-s", "2027-03-01", "--csv").splitlines()
        assert lines[1] == f"Mar {first}"


@pytest.mark.parametrize(
    ("form", "times", "gaps"),
    [
        ("%b %d %H:%M:%S", ["Feb 28 23:59:59", "Feb 29 00:00:00", "Mar 01 00:00:00"], [1, 86_400]),
        ("%b %d %H:%M:%S", ["Dec 31 23:59:59", "Jan 01 00:00:01"], [2]),
        ("%H:%M:%S", ["23:59:59", "00:00:01"], [2]),
    ],
)
@pytest.mark.parametrize("sort", [True, False])
def test_year_follows_from_the_order(
    form: str, times: list[str], gaps: list[int], sort: bool
) -> None:
    """Whether the file is sorted or not."""
    write("\n".join(["t", *times]))
    made = Timed(spec_of(time_format=form, loop=False, sort=sort))
    assert made.gaps == gaps


@pytest.mark.parametrize("form", ["%b %d %H:%M:%S", "%H:%M:%S", "%Y %b %d %H:%M:%S"])
@pytest.mark.parametrize("size", [64, 1])
def test_year_has_the_end_of_summer_time_where_times_fall(
    form: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of 2026 is on 25 October, its beginning on 29 March; without a date there is one some day."""
    texts = ["Oct 25 02:59:59", "Oct 25 02:00:00", "Oct 25 03:00:00"]
    texts = [text.split()[-1] if form.startswith("%H") else text for text in texts]
    texts = [f"2026 {text}" if "%Y" in form else text for text in texts]
    write("\n".join(["t", *texts]))
    spec = spec_of(time_format=form, timezone="Europe/Berlin", loop=False)
    assert Timed(spec).gaps == [1, 3600]
    if form.startswith("%b"):
        write("\n".join(["t", "Mar 29 01:59:59", "Mar 29 03:00:00", *texts]))
        assert Timed(spec, size).gaps[0] == 1


@pytest.mark.parametrize("sampled", [1, 4, 1000])
def test_year_does_not_depend_on_windows(sampled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """29 February shows it late, however many records are made at once; the gaps before stay."""
    monkeypatch.setattr(source, "SAMPLE", sampled)
    days = [
        "Feb 28",
        "Mar 01",
        "Nov 01",
        "Feb 28",
        "Feb 29",
        "Mar 01",
        "Dec 01",
        "Feb 28",
        "Mar 01",
    ]
    write("\n".join(["t", *days]))
    spec = spec_of(time_format="%b %d", loop=False)
    whole = Timed(spec).gaps
    assert Timed(spec, 1).gaps == Timed(spec, 3).gaps == whole
    assert [gap / 86_400 for gap in whole] == [1, 245, 119, 1, 1, 275, 89, 1]


@pytest.mark.parametrize("form", ["%b %d %H:%M:%S", "%H:%M:%S"])
def test_late_record_does_not_leap(form: str) -> None:
    """It is a second older than the one before it: an error, or put in its place."""
    times = ["Dec 31 23:59:59", "Jan 01 00:00:01", "Jan 01 00:00:00", "Dec 31 23:59:59"]
    times = [text.split()[-1] if form.startswith("%H") else text for text in times]
    write("\n".join(["t", *times]))
    spec = spec_of(time_format=form, loop=False)
    assert "x.csv: line 4: time" in tried(spec).err
    assert Timed({**spec, "sort": True}).gaps == [0, 1, 1]


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_local_times_are_those_of_a_zone(kind: str) -> None:
    """Read over the end of summer time, and written over its beginning; those with an offset are not."""
    times = ["2026-10-25 02:59:59", "2026-10-25 02:00:00", "2026-10-25 03:00:00"]
    if kind == "csv":
        write("\n".join(["t", *times]))
    elif kind == "ndjson":
        write("\n".join(f'{{"t":"{text}"}}' for text in times), "x.ndjson")
    else:
        moments = [datetime.fromisoformat(text) for text in times]
        pq.write_table(pa.table({"t": pa.array(moments, pa.timestamp("s"))}), "x.parquet")
    spec = spec_of(f"x.{kind}", timezone="Europe/Berlin", loop=False)
    assert Timed(spec).gaps == [1, 3600]
    outcome = out(spec, "-s", "2027-03-28T00:59:59Z", "--csv").splitlines()
    mark = "T" if kind == "parquet" else " "
    tail = ".000" if kind == "parquet" else ""
    assert outcome[1:] == [
        f"2027-03-28{mark}{clock}{tail}" for clock in ("01:59:59", "03:00:00", "04:00:00")
    ]


class Timed:
    """The gaps between the records of a replay, in seconds."""

    def __init__(self, spec: Spec, size: int = 64) -> None:
        replay, problems = parse_replay(spec, "r.json", io.BytesIO())
        assert problems == []
        stream = ReplayLoop(replay, 1, 0, 10**17)
        stream.window_size = size
        moments = [each for window in stream.windows() for each in window.times.micros.tolist()]
        stream.close()
        self.gaps = [(later - earlier) / 1e6 for earlier, later in itertools.pairwise(moments)]


def test_exponents_are_read_and_written() -> None:
    """As numbers (to the microsecond) or texts, with at least as many decimals as they had."""
    write("t\n1.5945120943859746E+09\n1594512095.5\n1.5945121e9\n")
    assert out(spec_of(time_format="seconds", loop=False), "--csv").splitlines()[1:] == [
        "1.8048096000000000E+09", "1804809601.1", "1.8048096056140254e9",
    ]  # fmt: skip
    write('{"t":1.5945120943859746E+09}\n{"t":"1.5945120953859746E+09"}\n', "x.ndjson")
    assert out(spec_of("x.ndjson", time_format="seconds", loop=False)).splitlines() == [
        '{"t":1804809600.0}', '{"t":"1.8048096009999996E+09"}',
    ]  # fmt: skip


def test_gaps_can_be_stretched() -> None:
    """Doubled, halved, or to the nanosecond; what is written are the new instants."""
    write("t\n2020-01-01T00:00:00.000000001Z\n2020-01-01T00:00:10.000000004Z\n")
    for stretch, last in ((2, "20.000000006"), (0.5, "05.000000002"), (1.1, "11.000000003")):
        lines = out(spec_of(stretch=stretch, loop=False), "--csv").splitlines()
        assert lines[1:] == ["2027-03-12T00:00:00.000000000Z", f"2027-03-12T00:00:{last}Z"]
    made = []
    for held in (10_000, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(passes, "MAX_RECORDS_IN_MEMORY", held)
            write(rows_of(3, gap=10))
            found = seconds(replayed(spec_of(stretch=0.5), "-n", "7"))
            write(rows_of(9, gap=1.234567))
            made.append(out(spec_of(stretch=1.7), "-n", "50"))
        assert found == [0, 5, 10, 15, 20, 25, 30]
    assert made[0] == made[1]


RECORDS = [
    {"arrived": "2020-01-01T00:00:00.120Z", "meta": {"ts": 1577836800000, "x": 1}, "ack": None},
    {"arrived": "2020-01-01T00:00:01.000Z", "meta": {"ts": 1577836800900}, "ack": "Jan  1 00:00:02"},
    {"ack": "Dec 31 23:59:59", "arrived": "2020-01-01T00:00:03.000Z", "meta": {"ts": None}},
    {"arrived": "2020-01-01T00:00:04.000Z", "meta": 5, "ack": ""},
]  # fmt: skip
FIELDS: Spec = {
    "time_field": ["arrived", "meta.ts", "ack"], "time_format": ["iso", "millis", "%b %d %H:%M:%S"],
}  # fmt: skip


@pytest.mark.parametrize("held", [10_000, 0])
def test_times_of_a_record_move_together(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in its own form, nested ones too; the distances within a record stay, nulls as well."""
    monkeypatch.setattr(passes, "MAX_RECORDS_IN_MEMORY", held)
    write("\n".join(map(json.dumps, RECORDS)), "x.ndjson")
    spec = {**spec_of("x.ndjson", stretch=2), **FIELDS}
    assert out(spec, "-n", "5").splitlines() == [
        '{"arrived":"2027-03-12T00:00:00.000Z","meta":{"ts":1804809599880,"x":1},"ack":null}',
        '{"arrived":"2027-03-12T00:00:01.760Z","meta":{"ts":1804809601660},"ack":"Mar 12 00:00:02"}',
        '{"ack":"Mar 12 00:00:01","arrived":"2027-03-12T00:00:05.760Z","meta":{"ts":null}}',
        '{"arrived":"2027-03-12T00:00:07.760Z","meta":5,"ack":""}',
        '{"arrived":"2027-03-12T00:00:09.760Z","meta":{"ts":1804809609640,"x":1},"ack":null}',
    ]
    sorting = {**spec, "sort": True, "loop": False}
    assert out(sorting).splitlines() == out({**spec, "loop": False}).splitlines()


def test_clock_can_be_nested() -> None:
    """Alone, or with others; what has no such member is told with its line."""
    write("\n".join(map(json.dumps, RECORDS[:2])), "x.ndjson")
    spec = spec_of("x.ndjson", time_format="millis", loop=False, time_field="meta.ts")
    assert [record["meta"]["ts"] for record in replayed(spec)] == [1804809600000, 1804809600900]
    write("\n".join(map(json.dumps, RECORDS)), "x.ndjson")
    assert tried(spec).err == "x.ndjson: line 3: time null is not a time\n"
    write('{"a.b":"2020-01-01"}\n', "x.ndjson")
    spec = spec_of("x.ndjson", loop=False, time_field="a.b")
    assert out(spec) == '{"a.b":"2027-03-12"}\n'


def test_times_of_columns_move_together() -> None:
    """Of CSV, whose empty cells stay empty, and of Parquet, nested ones too; with right column types."""
    write("t,u,e\n2020-01-01T00:00:01Z,1577836800000,\n2020-01-01T00:00:02Z,,2020-01-01 00:00\n")
    keys: Spec = {"time_field": ["t", "u", "e"], "time_format": ["iso", "millis", "iso"]}
    assert out({**spec_of(loop=False), **keys}).splitlines() == [
        '{"t":"2027-03-12T00:00:00Z","u":1804809599000,"e":""}',
        '{"t":"2027-03-12T00:00:01Z","u":null,"e":"2027-03-11 23:59"}',
    ]
    moment = datetime(2020, 1, 1)  # noqa: DTZ001 - as Parquet may hold it
    inside = [{"ts": moment, "k": 1}, {"ts": None, "k": 2}, None]
    table = {
        "a": pa.array([moment] * 3, pa.timestamp("us")),
        "s": pa.array(inside, pa.struct([("ts", pa.timestamp("ms")), ("k", pa.int64())])),
        "z": pa.array(["2020-01-01", None, "2020-01-02"]),
    }
    pq.write_table(pa.table(table), "x.parquet")
    target = {"type": "file", "path": "y.parquet"}
    spec = {**spec_of("x.parquet", loop=False), "time_field": ["a", "s.ts", "z"]}
    assert out(spec).splitlines() == [
        '{"a":"2027-03-12T00:00:00.000000","s":{"ts":"2027-03-12T00:00:00.000","k":1},"z":"2027-03-12"}',
        '{"a":"2027-03-12T00:00:00.000000","s":{"ts":null,"k":2},"z":null}',
        '{"a":"2027-03-12T00:00:00.000000","s":null,"z":"2027-03-13"}',
    ]
    out({**spec, "target": target})
    kinds = pq.read_schema("y.parquet")
    assert str(kinds.field("a").type) == "timestamp[us, tz=UTC]"
    assert str(kinds.field("s").type) == "struct<ts: timestamp[us, tz=UTC], k: int64>"
    write("t,u\n2020-01-01,1\n2020-01-02,\n")
    target["path"] = "z.parquet"
    keys = {"time_field": ["t", "u"], "time_format": ["iso", "seconds"]}
    out({**spec_of(loop=False), **keys, "target": target})
    assert str(pq.read_schema("z.parquet").field("u").type) == "int64"


@pytest.mark.parametrize("file", ["x.csv", "x.tsv", "x.ndjson"])
def test_empty_times_are_null_in_columns_of_instants(file: str) -> None:
    """And in those of numbers; also where all of a field are empty."""
    rows = [["2020-01-01T00:00:01Z", "", "", ""], ["2020-01-01T00:00:02Z", "2020-01-01", "", ""]]
    if file == "x.ndjson":
        write("".join(json.dumps(dict(zip("tuvw", row, strict=True))) + "\n" for row in rows), file)
    else:
        mark = "," if file == "x.csv" else "\t"
        write("".join(mark.join(row) + "\n" for row in ["tuvw", *rows]), file)
    spec = {**spec_of(file, loop=False), "time_field": ["t", "u", "v", "w"],
            "time_format": ["iso", "iso", "iso", "millis"]}  # fmt: skip
    assert [record["u"] for record in replayed(spec)] == ["", "2027-03-11"]
    out({**spec, "target": {"type": "file", "path": "y.parquet"}})
    table = pq.read_table("y.parquet")
    assert [str(each) for each in table.schema.types] == ["timestamp[us, tz=UTC]"] * 3 + ["int64"]
    moved = datetime(2027, 3, 11, 23, 59, 59, tzinfo=UTC)
    assert table.column("u").to_pylist() == [None, moved]
    assert table.column("v").null_count == table.column("w").null_count == 2


@pytest.mark.parametrize("keys", [{"sort": True}, {"loop": False}, {}])
def test_other_time_that_is_none_is_told(keys: Spec) -> None:
    """With its line and its field, before the run."""
    write("t,u\n2020-01-01,1\n2020-01-02,x\n")
    times = {"time_field": ["t", "u"], "time_format": ["iso", "seconds"]}
    outcome = tried({**spec_of(**keys), **times})
    assert outcome.err == 'x.csv: line 3: u: time "x" is not a number with at most 9 decimals\n'


def test_what_is_left_out_follows_from_a_pipe_too() -> None:
    """However many records come at once."""
    texts = ["Dec 31 23:59:58", "Dec 31 23:59:59", "Jan  1 00:00:01"]
    spec = spec_of("-", source_format="csv", time_format="%b %e %H:%M:%S", loop=False)
    Path("r.json").write_text(json.dumps(spec))
    pipe, made = Trickle("\n".join(["t", *texts, ""])), io.BytesIO()
    assert generator.main(["-c", "r.json", "-s", DAY, "-q"], pipe, made, io.StringIO()) == 0
    assert made.getvalue().decode() == "".join(
        f'{{"t":"Mar 12 00:00:0{second}"}}\n' for second in (0, 1, 3)
    )


class Trickle(io.BytesIO):
    """Bytes that come few at a time."""

    def __init__(self, text: str) -> None:
        super().__init__(text.encode())

    def read(self, size: int | None = -1) -> bytes:
        del size
        return super().read(7)
