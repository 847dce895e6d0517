"""Parquet and Arrow files: the values of the JSON run of the same seed, read by others."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from datagen.columns.column_type import type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.one_line import counted
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec
from tests.support.tables import (
    EVERYTHING,
    PRESETS,
    VALUES,
    columns_of,
    enum,
    field,
    one_emitter,
    seen,
    told,
)


def run(*arguments: str, spec: Spec = EVERYTHING, n: int = 2500) -> Outcome:
    """Run the program with everything fixed but the target."""
    return invoke("--seed", "1", "-s", "2027-03-12", "-n", str(n), *arguments, spec=spec)


def into(path: Path | str, spec: Spec = EVERYTHING, **keys: Any) -> Spec:
    """Return a specification with a file target."""
    return {**spec, "target": {"type": "file", "path": str(path), **keys}}


def table_of_arrow(path: Path) -> Any:
    """Read an Arrow file."""
    return pa.ipc.open_file(path.read_bytes()).read_all()


READ: dict[str, Callable[[Path], Any]] = {"parquet": parquet.read_table, "arrow": table_of_arrow}
BOTH = sorted(READ)


@pytest.mark.parametrize("kind", BOTH)
def test_values_are_those_of_the_json_run(kind: str, tmp_path: Path) -> None:
    """Every type of field, null, missing and nested, through variables and over emitters."""
    path = tmp_path / f"x.{kind}"
    outcome = run(spec=into(path))
    assert outcome.status == 0, outcome.err
    columns = columns_of(EVERYTHING)
    assert seen(READ[kind](path).to_pylist(), columns) == told(run().records, columns)
    assert f"2,500 records, {path.stat().st_size:,} bytes in " in outcome.err
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.long
@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: str(path.stem))
@pytest.mark.parametrize("kind", BOTH)
def test_presets_are_those_of_the_json_run(kind: str, preset: Path, tmp_path: Path) -> None:
    """So are the presets."""
    spec, path = json.loads(preset.read_bytes()), tmp_path / f"x.{kind}"
    assert run(spec=into(path, spec), n=1000).status == 0
    columns = columns_of(spec)
    told_of = told(run(spec=spec, n=1000).records, columns)
    assert seen(READ[kind](path).to_pylist(), columns) == told_of


@given(st.lists(VALUES, max_size=6))
def test_any_values_of_an_enum_come_back(values: list[Any]) -> None:
    """Whatever types meet, the column holds them: typed, or as JSON text."""
    shape = union(map(type_of_value, values))
    array = LiteralColumn(values).to_arrow(shape)
    assert array.type == shape.arrow_type
    back = seen([{"x": each} for each in array.to_pylist()], {"x": shape})
    assert back == told([{"x": each} for each in values], {"x": shape})


def test_duckdb_reads_parquet(tmp_path: Path) -> None:
    """A reader that is not Arrow finds the same values."""
    path, columns = tmp_path / "x.parquet", columns_of(EVERYTHING)
    run(spec=into(path))
    with duckdb.connect() as base:
        base.execute("set TimeZone = 'UTC'")
        rows = base.sql(f"select * from '{path}'").to_arrow_table().to_pylist()
    assert seen(rows, columns) == told(run().records, columns)


@pytest.mark.parametrize("kind", BOTH)
def test_columns_have_the_types_of_the_specification(kind: str, tmp_path: Path) -> None:
    """Known before the first record, all of them nullable; several types are text, int and float double."""
    path = tmp_path / f"x.{kind}"
    outcome = run(spec=into(path), n=0)
    assert outcome.status == 0, outcome.err
    table = READ[kind](path)
    assert (len(table), table.schema.names) == (0, list(columns_of(EVERYTHING)))
    instant = pa.timestamp("us", tz="UTC")
    expected = {
        "time": instant, "whole": pa.float64(), "least": pa.int64(),
        "number": pa.float64(), "yes": pa.bool_(), "nothing": pa.string(), "mixed": pa.string(),
        "figures": pa.float64(), "huge": pa.string(), "now": instant,
        "day": pa.string(), "text": pa.string(), "empty": pa.string(), "later": pa.int64(),
        "place": pa.float64(), "lists": pa.list_(pa.list_(pa.string())), "any": pa.list_(pa.string()),
        "people": pa.struct([
            ("id", pa.int64()), ("name", pa.string()), ("at", pa.struct([("x", pa.float64())]))
        ]),
        "thing": pa.struct([("n", pa.int64()), ("m", instant)]),
    }  # fmt: skip
    schema = table.schema
    assert {name: schema.field(name).type for name in expected} == expected
    assert all(field.nullable for field in schema)
    assert outcome.err.count("warning: ") == len(CLASHES)
    for name in CLASHES:
        text = f'the column "{name}" holds values of several types; it is text that contains JSON'
        assert text in outcome.err


CLASHES = ["text", "moment", "mixed", "huge", "odd pairs[]", "deep.o", "numbers[]", "any[]"]


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [
        ({}, [1000]),
        ({"row_group": 400}, [400, 400, 200]),
        ({"row_group": 500, "compression": "snappy"}, [500, 500]),
        ({"compression": "gzip"}, [1000]),
        ({"compression": "none"}, [1000]),
    ],
)
def test_options_of_parquet(keys: Spec, sizes: list[int], tmp_path: Path) -> None:
    """Row groups hold so many records, however they come; the codec is that asked for."""
    path = tmp_path / "x.parquet"
    assert run(spec=into(path, format={"type": "parquet", **keys}), n=1000).status == 0
    file = parquet.ParquetFile(path)
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    assert [group.num_rows for group in groups] == sizes
    codec = str(keys.get("compression", "zstd")).replace("none", "uncompressed")
    assert groups[0].column(0).compression == codec.upper()


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [({}, [1000]), ({"batch": 300, "compression": "lz4"}, [300, 300, 300, 100]), ({"compression": "zstd"}, [1000])],
)  # fmt: skip
def test_options_of_arrow(keys: Spec, sizes: list[int], tmp_path: Path) -> None:
    """Record batches hold so many records, compressed or not."""
    path, plain = tmp_path / "x.arrow", tmp_path / "plain.arrow"
    for each, more in ((path, keys), (plain, {})):
        assert run(spec=into(each, format={"type": "arrow", **more}), n=1000).status == 0
    file = pa.ipc.open_file(path.read_bytes())
    assert [file.get_batch(number).num_rows for number in range(file.num_record_batches)] == sizes
    assert file.read_all().equals(table_of_arrow(plain))
    assert (path.stat().st_size < plain.stat().st_size) == ("compression" in keys)


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"type": "parquet", "row_group": 0}, "row_group: expected a number of records from 1 to 10,000,000, not 0"),
        ({"type": "parquet", "compression": "zip"}, 'compression: expected "zstd", "snappy", "gzip" or "none", not "zip"'),
        ({"type": "arrow", "row_group": 5}, "row_group: unknown key; one of batch, compression, type"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(form: Spec, problem: str, tmp_path: Path) -> None:
    """On load, with their place."""
    outcome = run("--validate", spec=into(tmp_path / f"x.{form['type']}", format=form))
    assert (outcome.status, outcome.err) == (1, f"stdin: target.format.{problem}\n")


def nested(depth: int) -> Any:
    """Return a value of so many lists and objects."""
    return 1 if depth == 1 else [nested(depth - 1)] if depth % 2 else {"a": nested(depth - 1)}


@pytest.mark.parametrize("kind", BOTH)
def test_what_no_column_can_hold_is_refused(kind: str, tmp_path: Path) -> None:
    """Too deep a nesting, names that are no text; the deepest that is possible comes back."""
    path = tmp_path / f"x.{kind}"
    spec = into(path, one_emitter(enum("a", nested(60))))
    assert run(spec=spec, n=2).status == 0
    assert READ[kind](path).column("a").to_pylist() == [nested(60)] * 2
    path.unlink()
    spec = into(
        path, one_emitter(enum("a", nested(61)), enum("b", {"\ud800": 1}), enum("\udfff", 1))
    )
    outcome = run(spec=spec, n=2)
    assert outcome.err.splitlines() == [
        'stdin: target.path: the field "a" is nested more than 60 deep',
        r'stdin: target.path: "\ud800" is not a valid column name: it contains a lone surrogate',
        r'stdin: target.path: "\udfff" is not a valid column name: it contains a lone surrogate',
    ]


@pytest.mark.parametrize("kind", BOTH)
def test_instants_with_an_offset_are_the_same_in_utc(kind: str, tmp_path: Path) -> None:
    """A column of instants has no offset of its own."""
    path = tmp_path / f"x.{kind}"
    spec = into(path, one_emitter())
    outcome = invoke("-s", "2027-03-12T01:30:00+01:30", "-n", "1", spec=spec)
    assert outcome.status == 0
    (time,) = READ[kind](path).column("time").to_pylist()
    assert time == datetime(2027, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", BOTH)
def test_counter_that_no_column_holds_ends_the_run(kind: str, tmp_path: Path) -> None:
    """One line says so, and the file is whole."""
    path = tmp_path / f"x.{kind}"
    outcome = run(spec=into(path, one_emitter(field("n", "counter", start=2**63 - 3))), n=100)
    assert outcome.status == 1
    assert f"a counter has reached {2**63}, which does not fit in a 64-bit column" in outcome.err
    assert counted(len(READ[kind](path)), "record") in outcome.err
