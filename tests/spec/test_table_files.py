"""Files read whole, as tables."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.columns.column import ABSENT
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT
from datagen.sources.base import SourceError
from datagen.spec import table_files
from datagen.spec.table_files import TableRows, read_table, rows_of

CELLS = "zip,n,x,ok,empty\n01234,1,1,true,\n75001,,2.5,,\n00100,3,-1e3,false,\n"


def lists(table: TableRows) -> dict[str, list[object]]:
    """Return the values of each column."""
    return {name: column.to_python(ABSENT) for name, column in table.columns.items()}


def test_types_of_cells_are_found(tmp_path: Path) -> None:
    """A number with a zero before it is a text; an empty cell is null in all others."""
    (tmp_path / "a.csv").write_text(CELLS)
    table = read_table(str(tmp_path / "a.csv"), "csv", ",", {})
    assert lists(table) == {
        "zip": ["01234", "75001", "00100"], "n": [1, None, 3], "x": [1.0, 2.5, -1000.0],
        "ok": [True, None, False], "empty": ["", "", ""],
    }  # fmt: skip
    assert list(table.types.values()) == [TEXT, INT, FLOAT, BOOL, TEXT]


def test_types_can_be_asked_for(tmp_path: Path) -> None:
    """A cell that is none is an error with its line."""
    (tmp_path / "a.tsv").write_text("n\tx\n1\ta\n2\tb\n")
    assert lists(read_table(str(tmp_path / "a.tsv"), "tsv", ",", {"n": "text"}))["n"] == ["1", "2"]
    with pytest.raises(SourceError, match='line 2: x: "a" is not a whole number'):
        read_table(str(tmp_path / "a.tsv"), "tsv", ",", {"x": "int"})


def test_objects_have_what_they_have(tmp_path: Path) -> None:
    """In whatever order; what one lacks is missing. Compressed files are read too."""
    with gzip.open(tmp_path / "a.ndjson.gz", "wt") as file:
        file.write('{"a": 1, "b": {"c": 2}}\n{"b": null, "a": 2.5}\n{"a": null}\n')
    table = read_table(str(tmp_path / "a.ndjson.gz"), "ndjson", ",", {})
    assert lists(table) == {"a": [1, 2.5, None], "b": [{"c": 2}, None, ABSENT]}
    assert table.types["a"] == FLOAT


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """As a replay finds them."""
    pq.write_table(pa.table({"n": [1, None], "t": ["x", "y"]}), tmp_path / "a.parquet")
    table = read_table(str(tmp_path / "a.parquet"), "parquet", ",", {})
    assert lists(table) == {"n": [1, None], "t": ["x", "y"]}


def test_rows_of_a_specification_are_read_alike() -> None:
    """Their types are those of JSON."""
    assert rows_of([{"a": 1}, {"a": 2.5, "b": "x"}]).types == {"a": FLOAT, "b": TEXT}


@pytest.mark.parametrize(
    ("data", "text"),
    [("n\n", "has no rows"), ("", "has no header line"), ("a,b\n1\n", "line 2"), ("n\n1\n2\n3\n", "has more than 2 rows")],
)  # fmt: skip
def test_what_is_no_table_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, text: str
) -> None:
    """With the place where there is one."""
    monkeypatch.setattr(table_files, "MAX_ROWS", 2)
    (tmp_path / "a.csv").write_text(data)
    with pytest.raises(SourceError, match=text):
        read_table(str(tmp_path / "a.csv"), "csv", ",", {})
