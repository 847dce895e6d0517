"""A target that takes some emitters only has their columns, and their records as if there were no others."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.helpers import invoke
from tests.support.routing import ORDERS, folder  # noqa: F401 - a fixture

FLAGS = ("--seed", "1", "-s", "2027-03-12", "-n", "400", "-q")


def written(path: str, *flags: str, emitters: object = "order", **keys: object) -> bytes:
    """Return what a file target has of some emitters."""
    target = {"type": "file", "path": path, "emitters": emitters, **keys}
    outcome = invoke(*FLAGS, *flags, spec={**ORDERS, "target": target})
    assert outcome.status == 0, outcome.err
    with open(path, "rb") as file:
        return file.read()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_csv_has_the_columns_of_its_emitters(jobs: str) -> None:
    """The records are those of a file of all, without the cells that they never have."""
    header, *lines = written("o.csv", "-j", jobs).decode().splitlines()
    assert header == "time,id,total"
    whole = written("all.csv", emitters=["order", "line"]).decode().splitlines()
    assert whole[0] == "time,id,total,sku,qty"
    assert lines == [each.removesuffix(",,") for each in whole[1:] if each.endswith(",,")]


def test_tables_have_the_columns_of_their_emitters() -> None:
    """With their types, and no row for the records of others."""
    table = pq.read_table(io.BytesIO(written("l.parquet", emitters=["line"])))
    assert table.column_names == ["time", "sku", "qty"]
    lines = [json.loads(each) for each in written("l.jsonl", emitters=["line"]).splitlines()]
    assert table.column("qty").to_pylist() == [each["qty"] for each in lines]
    assert table.column("qty").type == pa.int64()


def test_avro_of_one_emitter_has_its_schema() -> None:
    """The schema in the file names the fields of the emitter."""
    data = written("o.avro")
    assert b'"total"' in data
    assert b'"qty"' not in data


def test_columns_of_one_emitter_keep_their_type() -> None:
    """A field that another emitter has as a text is a number here."""
    spec = json.loads(json.dumps(ORDERS))
    spec["emitters"][1]["dimensions"][1] = {"name": "total", "type": "enum", "values": ["x"],
                                            "cardinality_distribution": {"type": "constant", "value": 0}}  # fmt: skip
    spec["target"] = {"type": "file", "path": "o.parquet", "emitters": ["order"]}
    assert invoke(*FLAGS, spec=spec).status == 0
    assert pq.read_table("o.parquet").column("total").type == pa.float64()


def test_template_of_one_emitter_need_not_know_others() -> None:
    """What a pattern says of the fields of one emitter is no fault where no other is written."""
    pattern = {"type": "pattern", "pattern": "{id} costs {total}"}
    line = written("o.txt", format=pattern).decode().splitlines()[0]
    assert line.startswith("0 costs ")
