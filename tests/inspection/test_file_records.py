"""Records are read back from each format as they were written."""

import gzip
from pathlib import Path

import pytest

from datagen.errors import OperationError
from datagen.inspection.file_records import has_cells, has_columns, records_of
from tests.support.helpers import invoke
from tests.support.reports import MODEL

RUN = ("-s", "2027-03-12", "--seed", "1", "-n", "200", "-q")


def made(path: Path, form: str) -> None:
    """Write records to a file in a format."""
    target = {"type": "file", "path": str(path), "format": {"type": form}}
    assert invoke(*RUN, spec=MODEL | {"target": target}).err == ""


@pytest.mark.parametrize(
    ("ending", "form"), [("parquet", "parquet"), ("arrow", "arrow"), ("avro", "avro")]
)
def test_columns(tmp_path: Path, ending: str, form: str) -> None:
    """The same values as JSON has, null where one is missing."""
    path, lines = tmp_path / f"a.{ending}", tmp_path / "a.jsonl"
    made(path, form)
    lines.write_bytes(invoke(*RUN, spec=MODEL).out)
    names = ("plan", "user", "price", "count")
    found = [{name: each[name] for name in names} for each in records_of(str(path))]
    assert found == [{name: each.get(name) for name in names} for each in records_of(str(lines))]
    assert has_columns(str(path))
    assert not has_cells(str(path))


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_cells(tmp_path: Path, kind: str) -> None:
    """As texts; those of a compressed file, too."""
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(gzip.compress(invoke(*RUN, f"--{kind}", spec=MODEL).out))
    found = list(records_of(str(path)))
    assert len(found) == 200
    assert {each["plan"] for each in found} == {"free", "paid"}
    assert has_cells(str(path))


def test_escapes_of_tsv(tmp_path: Path) -> None:
    """As databases read them; an empty name of null is none."""
    path = tmp_path / "a.tsv"
    path.write_text("a\tb\nx\\ty\\\\n\t\\N\n")
    assert list(records_of(str(path))) == [{"a": "x\ty\\n", "b": None}]


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.log", b"", "expected a file that ends in .jsonl, "),
        ("a.jsonl", b'{"a": 1}\n{"a"', "line 2: "),
        ("a.jsonl", b"[1]\n", "line 1: expected an object"),
        ("a.parquet", b"nothing", "cannot be read: "),
        ("a.tsv", b"a\tb\n1\n", "cannot be read: "),
        ("none.csv", None, "No such file or directory"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, data: bytes | None, text: str) -> None:
    """One error, with the name of the file."""
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(OperationError) as raised:
        list(records_of(str(path)))
    assert str(raised.value).startswith(f"--check {path}: ")
    assert text in str(raised.value)
