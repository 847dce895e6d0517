"""Replay: gaps, forms of times, passes, skipping, nulls, sorting, sources, and their mistakes."""

import csv
import gzip
import io
import json
import os
import random
import statistics
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generator
from datagen.cli.signals import Interruption
from datagen.formats import Csv, JsonLines
from datagen.instants import SECOND
from datagen.replay import median, passes
from datagen.replay.recording import parse_replay
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.sources import sorting, texts
from datagen.sources.time_layouts import iso_layout
from datagen.sources.time_parsing import of_values, time_format
from datagen.targets.stdout import StdoutTarget
from tests.running.test_clock import BASE, START, Stream, Time
from tests.support.helpers import Outcome, invoke

repeatable = settings(deadline=None, derandomize=True)
ROOT = Path(__file__).parents[2]
DAY = "2027-03-12"
CALENDAR = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - as hypothesis wants them
Spec = dict[str, Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spec_of(file: str = "x.csv", **keys: Any) -> Spec:
    """Return the specification of a replay."""
    return {"type": "replay", "source_file": file, "time_field": "t", **keys}


def tried(spec: Spec, *flags: str) -> Outcome:
    """Run with a specification in a file."""
    Path("r.json").write_text(json.dumps(spec))
    return invoke("-c", "r.json", "-s", DAY, "--seed", "1", "-q", *flags)


def out(spec: Spec, *flags: str) -> str:
    """Return the text that a run makes."""
    outcome = tried(spec, *flags)
    assert outcome.status == 0, outcome.err
    return outcome.out.decode()


def replayed(spec: Spec, *flags: str) -> list[dict[str, Any]]:
    """Return the records of a run."""
    return [json.loads(line) for line in out(spec, *flags).splitlines()]


def write(text: str | bytes, file: str = "x.csv") -> None:
    """Write a source."""
    Path(file).write_bytes(text.encode() if isinstance(text, str) else text)


def rows_of(count: int, gap: float = 1.5) -> str:
    """Return a CSV of so many events, so many seconds apart."""
    first = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [f"{(first + timedelta(seconds=gap * n)).isoformat(timespec='milliseconds')},{n}"
             for n in range(count)]  # fmt: skip
    return "\n".join(["t,n", *lines]) + "\n"


def seconds(records: list[dict[str, Any]], field: str = "t") -> list[float]:
    """Return the times of records, in seconds after the start."""
    start = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    moments = [datetime.fromisoformat(record[field]) for record in records]
    return [((each if each.tzinfo else each.replace(tzinfo=UTC)) - start).total_seconds()
            for each in moments]  # fmt: skip


# Values and times ---------------------------------------------------------------------------------


def test_gaps_stay_and_the_first_event_is_at_the_start() -> None:
    """Whatever the gaps, to the microsecond; all other cells are the texts that they were."""
    write('t,id,x\n2020-01-01T00:00:00.000000Z,007,"a ""b"", c"\n'
          "2020-01-01T00:00:00.000001Z,1e3,\n2020-01-03T10:00:00.5Z,NULL, é \n")  # fmt: skip
    assert out(spec_of(loop=False)) == (
        '{"t":"2027-03-12T00:00:00.000000Z","id":"007","x":"a \\"b\\", c"}\n'
        '{"t":"2027-03-12T00:00:00.000001Z","id":"1e3","x":""}\n'
        '{"t":"2027-03-14T10:00:00.5Z","id":"NULL","x":" é "}\n'
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
         ["11/Mar/2027:22:00:00 -0200", "11/Mar/2027:22:00:01 -0200"]),
        ("%Y-%m-%d %H:%M:%S,%f", ["2020-01-01 00:00:00,123", "2020-01-01 00:00:00,999"],
         ["2027-03-12 00:00:00,000", "2027-03-12 00:00:00,876"]),
        ("%m/%d/%y %I:%M %p", ["1/1/20 12:00 AM", "01/01/20 01:30 PM"],
         ["03/12/27 12:00 AM", "03/12/27 01:30 PM"]),
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
    stamps, flaw = of_values(time_format("iso"), texts)
    assert flaw is None
    for row, (moment, text) in enumerate(zip(moments, texts, strict=True)):
        whole = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(seconds=offset)
        fraction = int(Decimal("0." + str(row) * digits) * 10**9)
        expected = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        assert stamps.nanos(row) == expected + fraction
        assert stamps.column().text[row].as_py() == text


def test_layouts_refuse_dates_that_do_not_exist() -> None:
    """As many digits are not enough."""
    for text in ("2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "2027-01-01T24:00"):
        layout = iso_layout(text)
        assert layout is not None
        _, good = layout.read(np.frombuffer(text.encode(), dtype=np.uint8).reshape(1, -1))
        assert not good.any()


def test_types_turn_cells_into_values() -> None:
    """Empty cells are null, leading zeros go, and all other columns stay texts."""
    write("t,i,f,b,s\n2020-01-01,+007,1e3,True,1\n2020-01-02,,,,\n2020-01-03,-5,.5,0,2\n")
    types = {"i": "int", "f": "float", "b": "bool"}
    assert [list(each.values())[1:] for each in replayed(spec_of(types=types, loop=False))] == [
        [7, 1000.0, True, "1"],
        [None, None, None, ""],
        [-5, 0.5, False, "2"],
    ]


LINES = [
    '{"t":"2020-01-01T00:00:00Z","a":1,"b":[1.5,{"c":null}],"d":"\\u2028"}',
    '{"b":true,"t":"2020-01-01T00:00:01Z"}',
    '{"t":"2020-01-01T00:00:01Z","a":null,"x":12345678901234567890,"d":2.0}',
    '{"a":"text","t":"2020-01-01T00:00:03Z","n":{}}',
]


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


def test_parquet_keeps_types() -> None:
    """Nested ones, nulls, timestamps with their decimals; texts for what JSON has no type for."""
    when = datetime(2020, 1, 1, tzinfo=UTC)
    table = pa.table({
        "t": pa.array([when, when + timedelta(microseconds=1)], pa.timestamp("us", "UTC")),
        "i": pa.array([1, None], pa.int8()),
        "f": [float("nan"), 0.5],
        "s": [{"a": 1, "b": ["x", None]}, None],
        "d": [when.date(), None],
        "n": [Decimal("1.50"), None],
        "z": pa.array([1, None], pa.timestamp("ns")),
        "e": pa.array(["p", None]).dictionary_encode(),
        "b": [True, None],
    })  # fmt: skip
    pq.write_table(table, "x.parquet")
    expected = [
        {"t": f"{DAY}T00:00:00.000000Z", "i": 1, "f": None, "s": {"a": 1, "b": ["x", None]},
         "d": "2020-01-01", "n": "1.50", "z": "1970-01-01T00:00:00.000000001", "e": "p", "b": True},
        {"t": f"{DAY}T00:00:00.000001Z", "i": None, "f": 0.5, "s": None, "d": None, "n": None,
         "z": None, "e": None, "b": None},
    ]  # fmt: skip
    assert replayed(spec_of("x.parquet", loop=False)) == expected
    assert replayed(spec_of("x.parquet", loop=False, sort=True)) == expected


def random_table(chance: random.Random) -> list[list[str]]:
    """Return cells with everything that CSV has to quote."""
    texts = ["", "a", '"', '""', ",", "\n", "\r\n", "é", 'x"y', " ", "a,b\n\nc", "0", "NULL", "\t"]
    return [["2020-01-01", *("".join(chance.choices(texts, k=chance.randint(0, 3))) for _ in "abc")]
            for _ in range(chance.randint(1, 60))]  # fmt: skip


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_csv_survives_byte_for_byte(quoting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are what Python's csv module reads, also where blocks end anywhere."""
    chance = random.Random(4)
    for turn in range(15):
        rows, end = random_table(chance), chance.choice(["\n", "\r\n"])
        with open("x.csv", "w", newline="") as file:
            csv.writer(file, lineterminator=end, quoting=quoting).writerows([["t", *"abc"], *rows])
        monkeypatch.setattr(passes, "SMALL", chance.choice([1, 7, 100, 65_536]))
        monkeypatch.setattr(passes, "LARGE", chance.choice([50, 400]))
        written = [list(each.values()) for each in replayed(spec_of(loop=False))]
        assert written == [[DAY, *cells] for _, *cells in rows], turn


def test_quotes_in_the_middle_of_cells_open_nothing() -> None:
    """What is no opening quote to a reader is none to whoever cuts the file either."""
    rows = 't,a\n2020-01-01,5" disk\n2020-01-01,"x\ny"\n2020-01-01,7" disk\n2020-01-01,z\n'
    write(rows)
    for size in range(1, 60, 7):
        passes_small = pytest.MonkeyPatch()
        passes_small.setattr(passes, "SMALL", size)
        passes_small.setattr(passes, "LARGE", size)
        values = [each["a"] for each in replayed(spec_of(loop=False))]
        passes_small.undo()
        assert values == ['5" disk', "x\ny", '7" disk', "z"]


def test_byte_order_mark_blank_lines_and_no_last_newline() -> None:
    """They are no part of the data."""
    write("\ufefft,a\r\n\r\n2020-01-01,1\r\n\r\n2020-01-02,2")
    assert [each["a"] for each in replayed(spec_of(loop=False))] == ["1", "2"]
    write("t,a\r2020-01-01,1\r2020-01-02,2\r")
    assert [each["a"] for each in replayed(spec_of(loop=False))] == ["1", "2"]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson"])
def test_compressed_sources(kind: str, ending: str) -> None:
    """Several members too, as appending makes them; in every format of text."""
    plain = {"csv": "t,a\n2020-01-01,1\n2020-01-02,2\n", "tsv": "t\ta\n2020-01-01\t1\n2020-01-02\t2\n",
             "ndjson": '{"t":"2020-01-01","a":"1"}\n{"t":"2020-01-02","a":"2"}\n'}[kind]  # fmt: skip
    half = len(plain) // 2
    parts = [plain[:half].encode(), plain[half:].encode()]
    packed = [_packed(part, ending) for part in parts]
    write(b"".join(packed), f"x.{kind}{ending}")
    assert [each["a"] for each in replayed(spec_of(f"x.{kind}{ending}"), "-n", "3")] == [
        "1",
        "2",
        "1",
    ]


def _packed(data: bytes, ending: str) -> bytes:
    if ending == ".gz":
        return gzip.compress(data)
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


# Passes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gaps", [[1, 2, 10], [1, 2, 4, 100], [5], [0, 0, 0, 7], [3, 1, 1, 1, 9, 9]]
)
@pytest.mark.parametrize("kept", [0, 10_000])
def test_passes_follow_each_other_a_median_gap_apart(
    gaps: list[int], kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forever, whether the source is held in memory or read again."""
    monkeypatch.setattr(passes, "KEPT", kept)
    times = [0, *np.cumsum(gaps).tolist()]
    write("\n".join(["t", *(f"{100 + time}" for time in times)]))
    size = 4 * len(times) + 1
    found = [
        record["t"] - BASE // SECOND
        for record in replayed(spec_of(time_format="seconds"), "-n", str(size))
    ]
    period = times[-1] + statistics.median(gaps)
    expected = [int(turn * period + time) for turn in range(5) for time in times]
    assert found == expected[:size]


def test_single_event_comes_every_second() -> None:
    """So does a file whose events are all at one instant."""
    write("t\n2020-01-01T00:00:00Z\n")
    assert seconds(replayed(spec_of(), "-r", "3S")) == [0, 1, 2]
    write("t\n2020-01-01T00:00:00Z\n2020-01-01T00:00:00Z\n")
    assert seconds(replayed(spec_of(), "-r", "2S")) == [0, 0, 1, 1]


def test_median_is_exact_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many gaps there are, and however large."""
    monkeypatch.setattr(median, "MOST", 100)
    chance = np.random.default_rng(1)
    for size, most in ((99, 50), (1000, 1 << 63), (1001, 70_000), (2, 9)):
        gaps, values = median.Gaps(), chance.integers(0, most, size).astype(np.uint64)
        for part in np.array_split(values, 7):
            gaps.add(part)
        exact = sorted(values.tolist())
        assert gaps.median() == (exact[(size - 1) // 2] + exact[size // 2]) // 2
        gaps.close()


def test_end_of_the_file_ends_the_run_without_loop() -> None:
    """At once, also where `-n` or `-r` would allow for more."""
    write(rows_of(5))
    assert len(replayed(spec_of(loop=False), "-n", "100")) == 5
    assert len(replayed(spec_of(loop=False), "-r", "1W")) == 5
    write("t\n")
    assert replayed(spec_of(loop=False)) == []


def test_duration_is_half_open() -> None:
    """Runs of 3 and of 6 seconds differ by what lies in between."""
    write(rows_of(7))
    whole = out(spec_of(), "-r", "60S").splitlines()
    assert seconds([json.loads(line) for line in whole]) == [1.5 * n for n in range(40)]
    assert out(spec_of(), "-r", "30S").splitlines() == whole[:20]


@pytest.mark.parametrize("few", [0, 1, 10, 777])
def test_fewer_records_are_a_prefix(few: int) -> None:
    """`-n` cuts the stream and changes nothing before the cut."""
    write(rows_of(100))
    skipping = {"skip_probability": 0.1, "min_skip_duration": 1, "max_skip_duration": 20}
    spec = spec_of(time_skipping=skipping, null_injection=[{"field": "n", "null_probability": 0.3}])
    assert out(spec, "-n", "1000").splitlines()[:few] == out(spec, "-n", str(few)).splitlines()


def run(spec: Spec, form: Any, window: Any, records: int) -> bytes:
    """Return the bytes of a run whose windows are forced."""
    recording, _ = parse_replay(spec, "test.json", io.BytesIO())
    plan = Plan(recording, "test.json", StdoutTarget(), form, START, 7, 100, max_records=records)
    stream = io.BytesIO()
    Run(plan, window).go(stream, Interruption())
    return stream.getvalue()


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_windows_and_blocks_do_not_show(
    kind: str, sort: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiny, large and random ones give the same bytes, held in memory or not."""
    chance = random.Random(5)
    moments = sorted(chance.sample(range(100_000), 120))
    if sort:
        chance.shuffle(moments)
    lines = [{"t": f"{time}.{time % 997:03d}", "a": str(time % 7)} for time in moments]
    for line in lines[::3]:
        line["b"] = 'x,"\n'
    if kind == "csv":
        with open("x.csv", "w", newline="") as file:
            csv.writer(file).writerows(
                [["t", "a", "b"], *([*line.values(), ""][:3] for line in lines)]
            )
    else:
        write("".join(json.dumps(dict(sorted(line.items(), reverse=n % 5 == 0))) + "\n"
                      for n, line in enumerate(lines)), "x.ndjson")  # fmt: skip
    skipping = {"skip_probability": 0.05, "min_skip_duration": 0, "max_skip_duration": 2000}
    spec = spec_of(f"x.{kind}", time_format="seconds", sort=sort, time_skipping=skipping,
                   null_injection=[{"field": "b", "null_probability": 0.5}])  # fmt: skip
    expected = run(spec, JsonLines(), None, 500)
    table = run(spec, Csv(), None, 500)
    for number in range(4):
        monkeypatch.setattr(passes, "KEPT", number % 2 * 1000)
        monkeypatch.setattr(passes, "SMALL", chance.choice([20, 500]))
        monkeypatch.setattr(passes, "LARGE", chance.choice([100, 3000]))
        monkeypatch.setattr(sorting, "RUN_BYTES", chance.choice([1000, 3000]))
        monkeypatch.setattr(sorting, "MOST_RUNS", 3)
        monkeypatch.setattr(sorting, "_ROWS", 7)

        def wild(stream: Any) -> None:
            stream.request_window_size(chance.choice([5, 64, 1000]))

        assert run(spec, JsonLines(), wild, 500) == expected
        assert run(spec, Csv(), wild, 500) == table


# Skipping and nulls -------------------------------------------------------------------------------


def test_skipping_drops_spans_of_time() -> None:
    """As often and as long as is said: a walk over the records in plain Python has the same shares."""
    write("\n".join(["t", *map(str, range(20_000))]))
    skipping = {"skip_probability": 0.02, "min_skip_duration": 10, "max_skip_duration": 30}
    spec = spec_of(time_format="seconds", loop=False, time_skipping=skipping)
    found = [record["t"] for record in replayed(spec)]
    holes = np.diff(found)[np.diff(found) > 1]
    assert all((holes >= 10) & (holes <= 31))
    assert holes.mean() == pytest.approx(20.5, abs=1.2)  # uniform 10..30, up to the next second
    assert len(holes) / len(found) == pytest.approx(0.02, abs=0.003)
    assert len(found) / 20_000 == pytest.approx(1 / (1 + 0.02 * 19.5), abs=0.02)


def test_skipping_goes_on_over_the_end_of_a_pass() -> None:
    """A span longer than the file leaves out whole passes; what is left keeps its instants."""
    write(rows_of(4, gap=1))
    skipping = {"skip_probability": 1, "min_skip_duration": 9.5, "max_skip_duration": 9.5}
    found = seconds(replayed(spec_of(time_skipping=skipping), "-n", "4"))
    assert found == [0, 10, 20, 30]
    nothing = {"skip_probability": 1, "min_skip_duration": 0, "max_skip_duration": 0}
    assert len(replayed(spec_of(loop=False, time_skipping=nothing))) == 4


def test_skip_longer_than_the_calendar_ends_with_a_message() -> None:
    """The clock has an end."""
    write("t\n2020-01-01\n2021-01-01\n")
    skipping = {"skip_probability": 1, "min_skip_duration": 1e10, "max_skip_duration": 1e10}
    spec = spec_of(time_skipping=skipping)
    outcome = tried(
        {**spec, "time_skipping": {**skipping, "min_skip_duration": 9e9, "max_skip_duration": 1e12}}
    )
    assert outcome.status == 1
    assert "9999" in outcome.err


def test_nulls_are_drawn_for_each_field_and_record() -> None:
    """With their chances, independent of each other, and other fields are what they were."""
    write("t,a,b,c\n" + "".join(f"{n},a,b,{n}\n" for n in range(20_000)))
    injected = [{"field": "a", "null_probability": 0.3}, {"field": "b", "null_probability": 0.5}]
    spec = spec_of(time_format="seconds", loop=False, null_injection=injected)
    found = replayed(spec)
    a, b = (np.array([record[name] is None for record in found]) for name in "ab")
    assert a.mean() == pytest.approx(0.3, abs=0.01)
    assert b.mean() == pytest.approx(0.5, abs=0.012)
    assert (a & b).mean() == pytest.approx(0.15, abs=0.01)
    assert [record["c"] for record in found] == [str(n) for n in range(20_000)]
    only_a = replayed({**spec, "null_injection": injected[:1]})
    assert [record["a"] for record in only_a] == [record["a"] for record in found]


def test_what_is_missing_stays_missing() -> None:
    """Null is for values."""
    write('{"t":1}\n{"t":2,"a":1}\n', "x.ndjson")
    injected = [{"field": "a", "null_probability": 1}]
    spec = spec_of("x.ndjson", time_format="seconds", loop=False, null_injection=injected)
    assert [list(record) for record in replayed(spec)] == [["t"], ["t", "a"]]


# Order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [1, 7])
def test_sort_is_stable_and_on_disk(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of one instant stay in the order of the file, however many runs were merged."""
    monkeypatch.setattr(sorting, "RUN_BYTES", 40_000 // runs)
    monkeypatch.setattr(sorting, "MOST_RUNS", 3)
    monkeypatch.setattr(sorting, "_ROWS", 50)
    monkeypatch.setattr(sorting, "LARGE", 2000)
    chance = random.Random(2)
    rows = [(chance.randint(0, 200), n) for n in range(2000)]
    write("t,n\n" + "".join(f"{time},{n}\n" for time, n in rows))
    found = [
        int(record["n"])
        for record in replayed(spec_of(time_format="seconds", loop=False, sort=True))
    ]
    assert found == [n for _, n in sorted(rows)]
    assert len(replayed(spec_of(time_format="seconds", sort=True), "-n", "5000")) == 5000


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
        "x.csv: line 2502: time 2020-01-01T00:00:05.000+00:00 is before the one of line 2501; "
        '"sort": true puts records in order'
    )


@pytest.mark.parametrize(
    ("row", "types", "text"),
    [
        ("2030-01-01,1,2", {}, "3 cells, where the line of names has 2"),
        ("2030-01-01", {}, "1 cell, where the line of names has 2"),
        ("2030-01-01,\udcff", {}, "is not UTF-8 text"),
        ("2030-01-01,1.5", {"n": "int"}, 'n: "1.5" is not a whole number'),
        (
            "2030-01-01,9223372036854775808",
            {"n": "int"},
            'n: "9223372036854775808" does not fit 64 bits',
        ),
        ("2030-01-01,nan", {"n": "float"}, 'n: "nan" is not a number'),
        ("2030-01-01,1e999", {"n": "float"}, 'n: "1e999" is out of range'),
        ("2030-01-01,2", {"n": "bool"}, 'n: "2" is not true or false'),
        (",1", {}, 'time "" is not an ISO 8601 instant'),
        ("2030-02-30,1", {}, 'time "2030-02-30" is not an ISO 8601 instant'),
    ],
)
@pytest.mark.parametrize("before", [2, 4000])
def test_bad_row_is_told_after_the_records_before_it(
    row: str, types: Spec, text: str, before: int
) -> None:
    """Early ones before the run, later ones when the records before have left."""
    rows = [line.partition(",")[0] + ",1" for line in rows_of(before).splitlines()[1:]]
    write("\n".join(["t,n", *rows, row, "2031-01-01,1"]).encode("utf-8", "surrogateescape"))
    outcome = tried(spec_of(loop=False, types=types))
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == f"x.csv: line {before + 2}: {text}"
    assert len(outcome.out.splitlines()) == (before if before > 1000 else 0)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"t":2e9,"a":}', "is not JSON: Expecting value at column 14"),
        ("[1]", "expected an object, not a list"),
        ('{"t":2e9,"a":NaN}', "is not JSON: NaN is no number"),
        ('{"t":2e9,"a":1e999}', "a: holds a number out of range"),
        ('{"t":2e9,"a":[{"b":-1e999}]}', "a: holds a number out of range"),
        ('{"a":1}', 'has no field "t"'),
        ('{"t":null}', "time null is none"),
        ('{"t":true}', "time true is none"),
        ('{"t":"x"}', 'time "x" is not a number with at most 9 decimals'),
        (
            '{"t":1e30}',
            "time 1e+30 is outside of the years 1 to 9999: is the time_format another one?",
        ),
        ('{"t":1}', 'time 1 is before the one of line BEFORE; "sort": true puts records in order'),
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


def test_mistake_beyond_the_end_of_the_run_is_none() -> None:
    """What is not replayed is not read, but for the first records."""
    rows = [*rows_of(3000).splitlines(), "what,ever,else"]
    write("\n".join(rows))
    assert len(replayed(spec_of(loop=False), "-n", "2500")) == 2500
    assert len(replayed(spec_of(loop=False), "-r", "1H")) == 2400


# What can be read only once -----------------------------------------------------------------------


def piped(spec: Spec, data: bytes, *flags: str) -> Outcome:
    """Run with a source on stdin."""
    Path("r.json").write_text(json.dumps(spec))
    stdout, stderr = io.BytesIO(), io.StringIO()
    arguments = ["-c", "r.json", "-s", DAY, "--seed", "1", "-q", *flags]
    status = generator.main(arguments, io.BytesIO(data), stdout, stderr)
    return Outcome(status, stdout.getvalue(), stderr.getvalue())


@pytest.mark.parametrize("sort", [False, True])
@pytest.mark.parametrize("flags", [(), ("--csv",)])
def test_stdin_is_a_source(flags: tuple[str, ...], sort: bool) -> None:
    """The same bytes as from a file, in every format; sorted, where it is."""
    for kind, data in (("csv", rows_of(3000)), ("ndjson", "\n".join(LINES))):
        write(data, f"x.{kind}")
        expected = out(spec_of(f"x.{kind}", loop=False), *flags)
        spec = spec_of("-", source_format=kind, loop=False, sort=sort)
        outcome = piped(spec, data.encode(), *flags)
        assert (outcome.status, outcome.out.decode()) == (0, expected)


def test_fifo_is_a_source() -> None:
    """Records leave when they have come, and the end of the pipe ends the run."""
    os.mkfifo("x.csv")
    data, half = rows_of(3000).encode(), 20_000
    more = threading.Event()

    def feed() -> None:
        with open("x.csv", "wb", buffering=0) as file:
            file.write(data[:half])
            more.wait(30)
            file.write(data[half:])

    class Watched(io.BytesIO):
        def write(self, part: Any) -> int:
            more.set()
            return super().write(part)

    feeder = threading.Thread(target=feed)
    feeder.start()
    Path("r.json").write_text(json.dumps(spec_of(loop=False)))
    stdout = Watched()
    arguments = ["-c", "r.json", "-s", DAY, "--seed", "1", "-q"]
    assert generator.main(arguments, io.BytesIO(), stdout, io.StringIO()) == 0
    feeder.join()
    assert len(stdout.getvalue().splitlines()) == 3000


def test_pipe_that_says_nothing_lets_targets_let_go() -> None:
    """What a target holds back for a fuller batch does not wait for the next record."""
    os.mkfifo("x.csv")
    flushed = threading.Event()

    class Held(StdoutTarget):
        def open(self, stdout: Any) -> Any:
            sink = super().open(stdout)
            sink.flush = flushed.set  # type: ignore[method-assign]
            return sink

    def feed() -> None:
        with open("x.csv", "wb", buffering=0) as file:
            file.write(rows_of(3).encode())
            assert flushed.wait(30)
            file.write(b"2021-01-01,4\n")

    feeder = threading.Thread(target=feed)
    feeder.start()
    recording, _ = parse_replay(spec_of(loop=False), "test.json", io.BytesIO())
    plan = Plan(recording, "test.json", Held(), JsonLines(), START, 1, 100)
    stream = io.BytesIO()
    Run(plan).go(stream, Interruption())
    feeder.join()
    assert len(stream.getvalue().splitlines()) == 4


def test_validation_does_not_touch_a_pipe() -> None:
    """It says so; the pipe is for the run."""
    os.mkfifo("x.csv")
    outcome = tried(spec_of(loop=False, format="csv"), "--validate")
    assert outcome.status == 0
    assert outcome.err.splitlines() == [
        "warning: r.json: x.csv can be read only once: what it holds is not checked",
        "r.json: ok: a replay of x.csv (csv, not read)",
    ]


def test_pipe_that_says_nothing_is_left_after_a_signal() -> None:
    """A run that waits for records ends when it is asked to, with what it has got delivered."""
    Path("r.json").write_text(json.dumps(spec_of("-", source_format="csv", loop=False)))
    command = [sys.executable, str(ROOT / "generator.py"), "-c", "r.json", "-s", DAY, "--seed", "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(rows_of(3).encode())
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
        assert process.wait(20) == 143
        assert b"3 records" in process.stderr.read()
    assert all(lines)


# Clocks, formats and targets ----------------------------------------------------------------------


def test_history_then_live() -> None:
    """What is past leaves at once, the rest when it is due; the bytes are those of a simulated run."""
    write(rows_of(7))
    recording, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    plan = Plan(recording, "test.json", StdoutTarget(), JsonLines(), START, 1, 100,
                duration=3600 * SECOND, real_clock=True)  # fmt: skip
    passing = Time()
    stream = Stream(passing)
    clock = passing.clock(BASE + 1800 * SECOND, history=True)
    Run(plan).go(stream, Interruption(), clock)
    assert stream.getvalue().decode() == out(spec_of(), "-r", "1H")
    assert passing.passed == pytest.approx(1800, abs=1)
    for when, data in stream.log:
        assert seconds([json.loads(data.splitlines()[-1])])[0] <= 1800 + when + 0.002


def test_file_that_ends_does_not_wait_for_the_end_of_the_run() -> None:
    """On the real clock, after the last record nothing is to come."""
    write(rows_of(3))
    recording, _ = parse_replay(spec_of(loop=False), "test.json", io.BytesIO())
    plan = Plan(recording, "test.json", StdoutTarget(), JsonLines(), START, 1, 100, real_clock=True)
    passing = Time()
    stream = Stream(passing)
    Run(plan).go(stream, Interruption(), passing.clock(BASE))
    assert len(stream.getvalue().splitlines()) == 3
    assert passing.passed == pytest.approx(3, abs=0.1)


def test_formats_know_the_columns() -> None:
    """CSV has those of the first records, and a pattern can write the time another way."""
    write('{"t":"2020-01-01T00:00:00Z","a":1}\n{"t":"2020-01-01T00:00:01Z","b":[2]}\n', "x.ndjson")
    spec = spec_of("x.ndjson", loop=False)
    assert out(spec, "--csv") == f"t,a,b\n{DAY}T00:00:00Z,1,\n{DAY}T00:00:01Z,,[2]\n"
    pattern = {"type": "pattern", "pattern": "{emitter} {t:%d/%b/%Y %H:%M:%S} {a|-} {b!csv}"}
    assert out({**spec, "format": pattern}) == (
        "x 12/Mar/2027 00:00:00 1 \nx 12/Mar/2027 00:00:01 - [2]\n"
    )
    outcome = tried({**spec, "format": {"type": "pattern", "pattern": "{tt}"}})
    assert 'no emitter has a field "tt"; did you mean "t"?' in outcome.err


def test_field_that_comes_late_is_told_where_columns_are_fixed() -> None:
    """JSON takes it; a table needs to know, by `types`."""
    write("".join(f'{{"t":{n}}}\n' for n in range(1500)) + '{"t":1500,"late":7}\n', "x.ndjson")
    spec = spec_of("x.ndjson", time_format="seconds", loop=False)
    assert replayed(spec)[-1]["late"] == 7
    outcome = tried(spec, "--csv")
    assert len(outcome.out.splitlines()) == 1501
    assert outcome.err.splitlines()[-1] == (
        'x.ndjson: line 1501: the field "late" is not, or not of this type, in the first 1,000 records, '
        'which decide on columns; "types" can declare it'
    )
    lines = out({**spec, "types": {"late": "int"}}, "--csv").splitlines()
    assert (lines[0], lines[-1]) == ("t,late", "1804811100,7")


def test_labels_come_from_the_fields() -> None:
    """Names of fields are checked; `{emitter}` is the file's name without its endings."""
    write(rows_of(3))
    target = {"type": "kafka", "endpoint": "localhost:1", "topic": "{emitter}", "topic_key": "nn"}
    outcome = tried(spec_of(target=target), "--validate")
    assert outcome.err == (
        'r.json: target.topic_key: no emitter has a field "nn"; did you mean "n"?\n'
    )
    good = {**target, "topic_key": "n"}
    assert tried(spec_of(target=good), "--validate").status == 0


def test_summary_counts_passes(tmp_path: Path) -> None:
    """In place of workers; `-m` is told to mean nothing."""
    write(rows_of(3))
    Path("r.json").write_text(json.dumps(spec_of()))
    outcome = invoke("-c", "r.json", "-n", "7", "-s", DAY, "--seed", "1", "-m", "5")
    assert outcome.err.splitlines()[0] == "warning: r.json: -m 5: a replay has no workers"
    assert outcome.err.splitlines()[2].startswith("3 passes, 9.0 s up to 2027-03-12T00:00:09")


# Mistakes -----------------------------------------------------------------------------------------


MISTAKES: list[tuple[Spec, str]] = [
    ({"source_file": "no.csv"}, 'source_file: "no.csv": there is no such file'),
    ({"source_file": "."}, 'source_format: missing: "." does not end in a known way; one of csv, tsv, ndjson, parquet'),
    ({"source_file": ".", "source_format": "csv"}, 'source_file: "." is a folder, not a file'),
    ({"source_format": "cvs"}, 'source_format: no format of sources "cvs"; did you mean "csv"?'),
    ({"source_file": "-", "source_format": "csv"}, 'loop: stdin can be read only once: say "loop": false'),
    ({"source_file": "-", "source_format": "parquet", "loop": False},
     "source_format: stdin can be read only once, which Parquet does not allow"),
    ({"time_field": "tt"}, 'time_field: x.csv has no column "tt"; did you mean "t"?'),
    ({"time_field": ""}, 'time_field: expected a name, not ""'),
    ({"time_format": "nanoss"}, 'time_format: no time format "nanoss"; did you mean "nanos"?'),
    ({"time_format": "%Q"}, 'time_format: "%Q" is no directive of strftime'),
    ({"time_format": "%H:%f:%f"}, 'time_format: "%H:%f:%f" has "%f" twice'),
    ({"time_format": 5}, "time_format: expected a text, not 5"),
    ({"types": {"n": "integer"}}, 'types: "n": no type "integer"; did you mean "int"?'),
    ({"types": {"m": "int"}}, 'types.m: x.csv has no column "m"; one of t, n'),
    ({"types": {"t": "int"}}, "types.t: the time is no int in this time_format"),
    ({"types": []}, "types: expected an object, not a list"),
    ({"null_injection": [{"field": "n", "null_probability": 1.5}]},
     "null_injection[0].null_probability: expected a probability from 0 to 1, not 1.5"),
    ({"null_injection": [{"field": "x", "null_probability": 1}]},
     'null_injection[0].field: x.csv has no column "x"; one of t, n'),
    ({"null_injection": [{"field": "t", "null_probability": 1}]},
     "null_injection[0].field: the time cannot be null"),
    ({"null_injection": [{"field": "n", "null_probability": 1}] * 2},
     'null_injection[1].field: "n" stands here twice'),
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
    ("x.csv", b"", "x.csv: has no line of names"),
    ("x.csv", b"t,a,a\n1,2,3\n", 'x.csv: line 1: names the column "a" twice'),
    ("x.csv", b"t\xff\n1\n", "x.csv: line 1: is not UTF-8 text"),
    ("x.csv", b"t,n\n", 'x.csv: holds no records: there is nothing to replay; with "loop": false that is no mistake'),
    ("x.csv.gz", gzip.compress(b"t\n2020-01-01\n" * 9)[:-12], "x.csv.gz: cannot be read: Truncated compressed stream"),
    ("x.csv.gz", b"t\n2020-01-01\n", "x.csv.gz: cannot be read: zlib inflate failed: incorrect header check"),
    ("x.ndjson", b"", 'x.ndjson: holds no records: there is nothing to replay; with "loop": false that is no mistake'),
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


def test_parquet_has_types_of_its_own() -> None:
    """And some that nothing in JSON stands for."""
    pq.write_table(pa.table({"t": [1], "x": [b"\0"]}), "x.parquet")
    assert tried(spec_of("x.parquet", types={"x": "int"})).err == (
        "r.json: types: Parquet has types of its own\n"
    )
    assert tried(spec_of("x.parquet")).err == (
        'x.parquet: the column "x" is of the type binary, which JSON has nothing for\n'
    )


def test_quote_that_is_left_open_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record has a longest length."""
    monkeypatch.setattr("datagen.sources.texts.LONGEST", 100_000)
    write('t,a\n2020-01-01,"' + "x\n" * 200_000)
    assert tried(spec_of()).err == (
        "x.csv: the record at byte 4 is longer than 0 MB: is a quote left open?\n"
    )


def test_source_is_not_overwritten() -> None:
    """Neither by records, whatever the path is called."""
    write(rows_of(3))
    outcome = tried(spec_of(target={"type": "file", "path": "./x.csv"}))
    assert outcome.err == "the target would overwrite the source, x.csv\n"


def test_specification_and_source_cannot_both_be_stdin() -> None:
    """One of them has to be a file."""
    spec = spec_of("-", source_format="csv", loop=False)
    assert invoke("-n", "1", "-s", DAY, spec=spec).err == (
        'stdin: source_file: "-" is stdin, which is the specification: give this as -c FILE\n'
    )


def test_file_that_changes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes are all over the same records."""
    write(rows_of(3))
    recording, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    stream = passes.ReplayLoop(recording, 1, BASE, BASE + 100 * SECOND)
    windows = stream.windows()
    assert next(windows)
    write(rows_of(4))
    with pytest.raises(Exception, match=r"x\.csv: has changed while it was replayed"):
        list(windows)
    stream.close()


def test_nanoseconds_end_with_their_64_bits() -> None:
    """A message, and status 1, where they would pass the year 2262."""
    write("t\n0\n1000000000\n")
    Path("r.json").write_text(json.dumps(spec_of(time_format="nanos")))
    outcome = invoke("-c", "r.json", "-s", "2262-04-11T23:47:10", "--seed", "1", "-q")
    assert outcome.status == 1
    assert 0 < len(outcome.out.splitlines()) < 10
    assert outcome.err.splitlines()[-1] == (
        "the clock would pass what the time_format of the source can show"
    )


# Size ---------------------------------------------------------------------------------------------


MEASURED = """
import sys
sys.path.insert(0, sys.argv[1])
import generator
status = generator.main(sys.argv[2:])
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(lines["VmHWM"].split()[0], file=sys.stderr)
sys.exit(status)
"""


def largest(lines: int, **keys: Any) -> int:
    """Return the most memory (MB) that a replay of a file takes, and of some more where it loops.

    What the process itself had: getrusage begins with what its parent has, the tests' own memory.
    """
    texts_of_a_block = [
        f"{n:04d}{',some text that is there to be long' * 4}\n" for n in range(1000)
    ]
    with open("x.csv", "w") as file:
        file.write("t,a,b,c,d\n")
        blocks = range(lines // 1000)
        file.writelines(f"{block}{text}" for block in blocks for text in texts_of_a_block)
    Path("r.json").write_text(json.dumps(spec_of(time_format="millis", **keys)))
    limit = [] if keys.get("loop") is False else ["-n", str(lines + 10)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(ROOT), "-c", "r.json", "-s", DAY, "-q", *limit],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True,
    )  # fmt: skip
    return int(done.stderr.split()[-1]) // 1024


def test_memory_does_not_grow_with_the_file() -> None:
    """A file of 75 MB takes about what one of 22 MB takes."""
    assert largest(500_000, loop=False) - largest(150_000, loop=False) < 40


@pytest.mark.long
@pytest.mark.parametrize("keys", [{"loop": True}, {"loop": False, "sort": True}])
def test_memory_of_a_huge_file(keys: Spec) -> None:
    """Two million lines, 300 MB: gaps go to the disk, and so does what is sorted."""
    assert largest(2_000_000, **keys) < (550 if keys.get("sort") else 280)


def test_first_record_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of one record reads the head of a file only."""
    write("t\n" + "".join(f"{n}\n" for n in range(1_000_000, 2_000_000)))
    opened, read = texts.Input._file, [0]

    class Counted:
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._stream.close()

        def read(self, size: int) -> bytes:
            data: bytes = self._stream.read(size)
            read[0] += len(data)
            return data

    monkeypatch.setattr(texts.Input, "_file", lambda self, byte: Counted(opened(self, byte)))
    assert replayed(spec_of(time_format="seconds"), "-n", "1") == [{"t": BASE // SECOND}]
    assert 0 < read[0] < 1_000_000
