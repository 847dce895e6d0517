"""The classes that Spark calls, called without Spark: schema, partitions, offsets, cursors, errors."""

import pickle
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql.types import ArrayType, DoubleType, LongType, StringType, StructType, TimestampType

from datagen.errors import OperationError, SpecError, UsageError
from datagen.instants import SECOND, parse_instant
from datagen.spark.options import source_options
from datagen.spark.records import parted_records
from datagen.spark.source import GeneratedSource, SliceReader
from tests.spark.sources import START, table

LEAST = {"spec": "clickstream", "start": START, "seed": "1"}
NO_SCHEMA = StructType()


def source(**options: Any) -> GeneratedSource:
    """Return the data source, as it comes out of a pickle."""
    texts = {name: str(value) for name, value in options.items()}
    made: GeneratedSource = pickle.loads(pickle.dumps(GeneratedSource({**LEAST, **texts})))
    return made


def reader(now: str = "2027-03-12T01:00:00", **options: Any) -> SliceReader:
    """Return the reader of a stream, at a present of its own."""
    given = source_options({**LEAST, **{name: str(value) for name, value in options.items()}})
    return SliceReader(given, parted_records(given), now=lambda: parse_instant(now))


def rows_of(made: GeneratedSource) -> list[Any]:
    """Return the rows of the first partition."""
    read = made.reader(NO_SCHEMA)
    return [
        row for batch in read.read(read.partitions()[0]) for row in pa.RecordBatch.to_pylist(batch)
    ]


def at(text: str) -> dict[str, str]:
    """Return the offset of a time of the day of the start."""
    return {"instant": f"{START}T{text}.000000+00:00"}


def test_schema_has_typed_columns() -> None:
    """Instants, numbers, structs and lists are what they are."""
    assert GeneratedSource.name() == "datagen"
    schema = source(spec="iot_sensors").schema()
    types = {field.name: field.dataType for field in schema.fields}
    assert types["time"] == TimestampType()
    assert types["sequence"] == LongType()
    assert types["temperature_c"] == DoubleType()
    assert types["vibration_g"] == ArrayType(DoubleType())
    location = types["location"]
    assert isinstance(location, StructType)
    assert [(field.name, field.dataType) for field in location.fields] == [
        ("building", StringType()), ("floor", LongType()), ("room", StringType()),
    ]  # fmt: skip


def test_each_partition_is_a_part() -> None:
    """And the partitions together are all of it."""
    made = source(records=1_000, parts=3).reader(NO_SCHEMA)
    partitions = made.partitions()
    rows = [sum(len(batch) for batch in made.read(each)) for each in partitions]
    assert rows == [334, 333, 333]


def test_seed_that_was_drawn_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """All tasks have the same one; a later run can have it, too."""
    given = {name: text for name, text in LEAST.items() if name != "seed"}
    made = pickle.loads(pickle.dumps(GeneratedSource({**given, "records": "3"})))
    told = re.fullmatch(r"datagen: repeat with seed=(\d+)\n", capsys.readouterr().err)
    assert told
    again = source(records=3, seed=told[1])
    assert rows_of(made) == rows_of(again)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "duration: this option is needed, or until, or records"),
        ({"duration": "1D", "state": "/x"}, "state: this option is for readStream"),
        ({"duration": "1D", "batch": "1H"}, "batch: this option is for readStream"),
    ],
)
def test_records_that_never_end_are_refused(options: dict[str, str], text: str) -> None:
    """A batch has an end."""
    with pytest.raises(UsageError, match=f"^{re.escape(text)}"):
        source(**options).reader(NO_SCHEMA)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"start": "now-90D"}, "start now-90D: expected an instant"),
        ({"records": "9"}, "records: this option is not for readStream"),
    ],
)
def test_stream_that_could_not_be_restarted_is_refused(options: dict[str, str], text: str) -> None:
    """It would be another one."""
    with pytest.raises(UsageError, match=f"^{re.escape(text)}"):
        source(**options).streamReader(NO_SCHEMA)


def test_stream_needs_a_seed() -> None:
    """One that is drawn would be another one after a restart."""
    made = GeneratedSource({"spec": "clickstream", "start": START})
    with pytest.raises(UsageError, match=r"^seed: this option is needed"):
        made.streamReader(NO_SCHEMA)


def test_mistakes_are_told_when_the_source_is_made() -> None:
    """Before Spark plans anything."""
    with pytest.raises(UsageError, match=r"^strat: there is no such option"):
        source(strat="x")
    with pytest.raises(SpecError, match=r"^nope: there is no such file"):
        source(spec="nope")


def test_latest_offset_is_the_present() -> None:
    """Not before the start, nor after the end."""
    assert reader().initialOffset() == at("00:00:00")
    assert reader().latestOffset(at("00:00:00")) == at("01:00:00")
    assert reader(now="2020-01-01").latestOffset(at("00:00:00")) == at("00:00:00")
    assert reader(duration="10M").latestOffset(at("00:00:00")) == at("00:10:00")
    assert reader(until="2027-03-12T00:20").reportLatestOffset() == at("00:20:00")
    assert reader(now="2027-03-12T00:30:00").latestOffset(at("00:40:00")) == at("00:40:00")


def test_batch_bounds_a_step() -> None:
    """However late the stream is."""
    made = reader(batch="25M")
    offsets = [made.initialOffset()]
    while (after := made.latestOffset(offsets[-1])) != offsets[-1]:
        offsets.append(after)
    assert offsets == [at("00:00:00"), at("00:25:00"), at("00:50:00"), at("01:00:00")]


def test_steps_of_a_spark_that_names_no_start() -> None:
    """Before 4.2 it is what was planned last; the first step has all there is."""
    made = reader(batch="25M")
    assert made.latestOffset() == at("01:00:00")
    made.partitions(at("00:00:00"), at("00:25:00"))
    assert made.latestOffset() == made.latestOffset() == at("00:50:00")


def test_trigger_of_what_there_is_ends() -> None:
    """Though time goes on."""
    times = iter(["00:30:00", "00:40:00", "00:50:00"])
    given = source_options(LEAST)
    made = SliceReader(
        given, parted_records(given), now=lambda: parse_instant(f"{START}T{next(times)}")
    )
    made.prepareForTriggerAvailableNow()
    assert made.latestOffset(at("00:00:00")) == at("00:30:00")
    assert made.latestOffset(at("00:30:00")) == at("00:30:00")


def test_step_without_time_has_no_partitions() -> None:
    made = reader(parts=3)
    assert made.partitions(at("00:10:00"), at("00:10:00")) == []
    assert len(made.partitions(at("00:10:00"), at("00:10:01"))) == 3


def test_steps_are_the_whole_and_leave_few_cursors(tmp_path: Path) -> None:
    """Each task leaves one; those that nobody needs any more are gone when a step is done."""
    folder = tmp_path / "state"
    whole = source(duration="1M", parts=2)
    made: SliceReader = pickle.loads(
        pickle.dumps(source(parts=2, state=folder).streamReader(NO_SCHEMA))
    )
    steps = [at(f"00:00:{second:02}") for second in (0, 7, 20, 59)] + [at("00:01:00")]
    rows: dict[int, list[Any]] = {0: [], 1: []}
    for begin, end in pairwise(steps):
        for partition in made.partitions(begin, end):
            for _ in range(2):  # the task runs again
                batches = [*made.read(partition)]
            rows[partition.value[0]] += batches
        made.commit(end)
        assert len(list(folder.iterdir())) == 2
    schema = whole._records.schema
    for index, batches in rows.items():
        expected = table(whole._records.of_part(index), schema)
        assert table(iter(batches), schema).equals(expected)
        assert len(expected) > 1_000


def test_folder_of_state_is_checked_on_the_driver(tmp_path: Path) -> None:
    """One that cannot be written would make each step longer than the one before."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OperationError, match="no file can be made there"):
        source(state=tmp_path / "file").streamReader(NO_SCHEMA)


def test_offsets_are_exact() -> None:
    """To the microsecond, whatever the start's time zone."""
    made = reader(start="2027-03-12T01:00:00.000001+01:00")
    offset = made.initialOffset()
    assert offset == {"instant": "2027-03-12T00:00:00.000001+00:00"}
    (partition,) = made.partitions(offset, made.latestOffset(offset))
    begin = parse_instant(START).micros + 1
    assert partition.value == (0, begin, begin - 1 + 3_600 * SECOND)


def test_truth_is_for_a_batch(tmp_path: Path) -> None:
    """A row of it may be settled long after its event: a stream refuses it, in one line."""
    with pytest.raises(UsageError, match=r"^rows truth: a row of the truth has the numbers"):
        reader(rows="truth")
    made = source(records=4, rows="truth")
    schema = made.schema()
    assert schema["arrivals"].dataType == ArrayType(TimestampType())
    assert [row["records"] for row in rows_of(made)] == [[0], [1], [2], [3]]
