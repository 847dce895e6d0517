"""Parquet: its types, and those that JSON has nothing for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.replays import DAY, replayed, spec_of, tried


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


def test_parquet_has_types_of_its_own() -> None:
    """And some that nothing in JSON stands for."""
    pq.write_table(pa.table({"t": [1], "x": [b"\0"]}), "x.parquet")
    assert tried(spec_of("x.parquet", types={"x": "int"})).err == (
        "r.json: types: Parquet has its own types\n"
    )
    assert tried(spec_of("x.parquet")).err == (
        'x.parquet: the column "x" is of the type binary, which has no equivalent in JSON\n'
    )
