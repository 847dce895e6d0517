"""Spark on a local cluster gives the rows of the command line, whatever fails, and each exactly once."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.spark.cluster import NEEDS_JAVA, session
from tests.spark.sources import part, records_of
from tests.support.helpers import invoke

pytestmark = [pytest.mark.long, NEEDS_JAVA, pytest.mark.filterwarnings("default")]  # Spark's own

START = "2024-03-12"  # in the past: a stream has the records up to the present
PARTS = 3
SPEC: dict[str, Any] = {
    "spec": "iot_sensors",
    "seed": 1,
    "start": START,
    "parts": PARTS,
}  # nested, lists, a counter
TYPED = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}


def source(spark: Any, form: str = "datagen", **options: Any) -> Any:
    """Return the frame that options ask for."""
    return spark.read.format(form).options(**{**SPEC, **options}).load()


def files_of(folder: Path) -> list[Any]:
    """Return what Spark has written, a table for each partition in order."""
    return [parquet.read_table(path) for path in sorted(folder.glob("part-*.parquet"))]


def parts_of(folder: Path, *flags: str) -> list[Any]:
    """Return what the command line writes to Parquet, a table for each part."""
    tables = []
    for index in range(PARTS):
        target, path = folder / "target.json", folder / f"{index}.parquet"
        target.write_text(json.dumps({"type": "file", "path": str(path)}), encoding="utf-8")
        outcome = invoke(
            "-c", "iot_sensors", "--seed", "1", "-s", START, "-m", "none", "-q",
            "--part", f"{index}/{PARTS}", "-t", str(target), *flags,
        )  # fmt: skip
        assert outcome.status == 0, outcome.err
        tables.append(parquet.read_table(path))
    return tables


def in_order(tables: list[Any]) -> list[str]:
    """Return the rows of tables, sorted as texts: a file sink keeps no order among its files."""
    return sorted(repr(row) for table in tables for row in table.to_pylist())


def test_batch_on_two_executors(tmp_path: Path) -> None:
    """Each partition is a part of the command line, in order, with its types; also if its first task fails."""
    expected = parts_of(tmp_path, "-r", "30M")
    schema = expected[0].schema
    assert sum(map(len, expected)) > 30_000
    with session("local-cluster[2,1,1024]", tmp_path, **TYPED) as spark:
        from tests.spark.flaky import FlakySource

        spark.dataSource.register(FlakySource)
        for form in ("datagen", "flaky"):
            source(spark, form, duration="30M").write.parquet(str(tmp_path / form))
            made = files_of(tmp_path / form)
            assert [table.cast(schema) for table in made] == expected
        assert pa.types.is_struct(made[0].schema.field("location").type)
        executors = {path.parent.name for path in tmp_path.glob("spark/work/app-*/*/stderr")}
        assert executors == {"0", "1"}
        for options, text in (
            ({"strat": 1}, 'strat: there is no such option; did you mean "start"?'),
            ({"spec": "nope"}, "nope: there is no such file"),
            ({"emitter": "x"}, 'emitter: there is no "x"; one of reading'),
        ):
            with pytest.raises(Exception, match="PYTHON_DATA_SOURCE_ERROR") as caught:
                source(spark, **options)
            assert text in str(caught.value)
        with pytest.raises(
            Exception, match="duration: this option is needed, or until, or records"
        ):
            source(spark).count()
        gateway: dict[str, Any] = {
            "spec": "kubernetes_json",
            "emitter": "gateway",
            "duration": "10S",
        }
        frame = source(spark, **gateway)
        records = records_of(**{**SPEC, **gateway})
        assert frame.columns == records.schema.names
        assert frame.count() == sum(len(part(records, index)) for index in range(PARTS)) > 0


def test_rows_are_the_same_on_any_number_of_cores(tmp_path: Path) -> None:
    """In every partition, in order."""
    expected = parts_of(tmp_path, "-n", "5000")
    for cores in (1, 2, 3):
        folder = tmp_path / str(cores)
        folder.mkdir()
        with session(f"local[{cores}]", folder, **TYPED) as spark:
            source(spark, records=5_000).write.parquet(str(folder / "rows"))
        made = files_of(folder / "rows")
        assert [table.cast(expected[0].schema) for table in made] == expected


def test_stream_that_is_stopped_and_restarted(tmp_path: Path) -> None:
    """The rows of the batch, each once: after a stop in the middle, and after the loss of a commit."""
    state, sink, log = (tmp_path / name for name in ("state", "sink", "log"))
    with session("local[2]", tmp_path, **TYPED) as spark:
        stream = spark.readStream.format("datagen").options(
            **SPEC, duration="20M", batch="3M", state=str(state)
        )

        def begun(**trigger: Any) -> Any:
            writer = stream.load().writeStream.format("parquet").option("path", str(sink))
            return writer.option("checkpointLocation", str(log)).trigger(**trigger).start()

        query = begun(processingTime="0 seconds")
        while len(steps_of(log)) < 2:
            assert query.isActive
            query.awaitTermination(0.2)
        query.stop()
        done = steps_of(log)
        assert 2 <= len(done) < 7
        lose_last(sink / "_spark_metadata", log)
        begun(availableNow=True).awaitTermination()
        assert len(steps_of(log)) == 7
        rows = spark.read.parquet(str(sink))
        rows.write.parquet(str(tmp_path / "read"))
        assert begun(availableNow=True).awaitTermination(120)  # nothing is left to do
        assert rows.count() == spark.read.parquet(str(sink)).count()
    expected = parts_of(tmp_path, "-r", "20M")
    made = [table.cast(expected[0].schema) for table in files_of(tmp_path / "read")]
    assert in_order(made) == in_order(expected)
    assert len(list(state.iterdir())) <= 2 * PARTS


def test_disorder_and_truth_of_tasks_that_fail(tmp_path: Path) -> None:
    """In order of departure, as the command line gives them, and what is true of them; a stream has the same rows."""
    delay = {"type": "exponential", "mean": 20, "max": "2M"}
    effects = [{"type": "late", "share": 0.2, "delay": delay}, {"type": "drop", "share": 0.01}]
    disorder, options = tmp_path / "disorder.json", {"duration": "20M"}
    disorder.write_text(json.dumps(effects), encoding="utf-8")
    expected = parts_of(tmp_path, "-r", "20M", "--disorder", str(disorder))
    options["disorder"] = str(disorder)
    told = records_of(**{**SPEC, **options, "rows": "truth"})
    with session("local[2,4]", tmp_path, **TYPED) as spark:
        from tests.spark.flaky import FlakySource

        spark.dataSource.register(FlakySource)
        source(spark, "flaky", **options).write.parquet(str(tmp_path / "rows"))
        source(spark, "flaky", **options, rows="truth").write.parquet(str(tmp_path / "truth"))
        stream = spark.readStream.format("datagen").options(**SPEC, **options, batch="7M")
        writer = stream.option("state", str(tmp_path / "state")).load().writeStream
        writer = writer.format("parquet").option("path", str(tmp_path / "sink"))
        writer = writer.option("checkpointLocation", str(tmp_path / "log"))
        writer.trigger(availableNow=True).start().awaitTermination()
        spark.read.parquet(str(tmp_path / "sink")).write.parquet(str(tmp_path / "read"))
    schema = expected[0].schema
    assert [table.cast(schema) for table in files_of(tmp_path / "rows")] == expected
    truth = [part(told, index) for index in range(PARTS)]
    assert [table.to_pylist() for table in files_of(tmp_path / "truth")] == [
        each.to_pylist() for each in truth
    ]
    assert sum(map(len, truth)) > 15_000
    read = [table.cast(schema) for table in files_of(tmp_path / "read")]
    assert in_order(read) == in_order(expected)


def lose_last(sink: Path, log: Path) -> None:
    """Delete what says that the last step is done, as if its rows were written and then all had stopped."""
    last = int(steps_of(log)[-1].name)
    for folder, first in ((sink, last), (log / "commits", last), (log / "offsets", last + 1)):
        for path in folder.iterdir():
            number = path.name.strip(".").removesuffix(".crc")
            if number.isdecimal() and int(number) >= first:
                path.unlink()


def steps_of(log: Path) -> list[Path]:
    """Return the files of the steps that Spark has committed, in order."""
    return sorted((log / "commits").glob("[0-9]*"), key=lambda path: int(path.name))
