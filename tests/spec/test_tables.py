"""Tables of a specification: their keys, their files, what a checkpoint knows of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.fields import spec_with
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec

ROWS = [{"k": 1, "w": 2}, {"k": 2, "w": 0.5}]


def run(tables: Any, *arguments: str) -> Outcome:
    """Run a specification with tables, one of which a field shows."""
    spec = {**spec_with([{"name": "x", "type": "row", "table": "t"}], []), "tables": tables}
    return invoke("-s", "2027-03-12", "-m", "1", "-n", "5", *arguments, spec=spec)


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        ([], "tables: expected an object with a table for each name, not a list"),
        ({"t": {}}, "tables.t: expected either a file or rows"),
        ({"t": {"file": "a.csv", "rows": ROWS}}, "tables.t: has a file and rows"),
        ({"t": {"rows": []}}, "tables.t.rows: expected at least one row"),
        ({"t": {"rows": ROWS, "key": "kk"}}, 'tables.t.key: no column "kk"; did you mean "k"?'),
        ({"t": {"rows": [*ROWS, {"k": 1}], "key": "k"}}, "tables.t.key: two rows have the k 1"),
        ({"t": {"rows": [{"k": "x"}], "weight": "k"}}, "tables.t.weight: expected a number in each row"),
        ({"t": {"rows": [*ROWS, {"k": 1}], "weight": "w"}}, "tables.t.weight: expected a number in each row"),
        ({"t": {"rows": [{"w": -1}], "weight": "w"}}, "tables.t.weight: a weight is below 0"),
        ({"t": {"rows": [{"w": 0}], "weight": "w"}}, "tables.t.weight: expected at least one weight above 0"),
        ({"t": {"file": "gone.csv"}}, 'tables.t.file: "gone.csv": No such file or directory'),
        ({"t": {"file": "gone.txt"}}, 'tables.t.file: "gone.txt" has no known extension'),
        ({"t": {"file": "gone.csv", "types": {"a": "date"}}}, 'tables.t.types.a: no type "date"'),
        ({"t": {"rows": ROWS, "fil": "x"}}, 'tables.t.fil: unknown key; did you mean "file"?'),
    ],
)  # fmt: skip
def test_wrong_tables_are_refused(tables: Any, text: str) -> None:
    """On load, with the place."""
    outcome = run(tables)
    assert (outcome.status, outcome.out) == (1, b"")
    assert text in outcome.err


def spec_file(folder: Path, cells: str) -> str:
    """Write a specification and the table that it reads from beside it."""
    (folder / "t.csv").write_text(cells)
    spec: Spec = {**spec_with([{"name": "x", "type": "row", "table": "t", "field": "k"}], []),
                  "tables": {"t": {"file": "t.csv", "key": "k"}}}  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec))
    return str(folder / "spec.json")


def test_files_are_beside_the_specification(tmp_path: Path) -> None:
    """Not where the program runs."""
    outcome = invoke("-c", spec_file(tmp_path, "k\n7\n"), "-s", "2027-03-12", "-n", "2")
    assert [each["x"] for each in outcome.records] == [7, 7]


def test_a_changed_table_is_another_stream(tmp_path: Path) -> None:
    """A run that went on with it would not be the one that was begun."""
    spec, out, state = (
        spec_file(tmp_path, "k\n7\n"),
        str(tmp_path / "out.json"),
        str(tmp_path / "state"),
    )
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": out}))
    run = (
        "-c",
        spec,
        "-t",
        str(target),
        "-s",
        "2027-03-12",
        "--seed",
        "1",
        "-r",
        "5S",
        "--resume",
        state,
    )
    assert invoke(*run).status == 0
    assert invoke(*run).status == 0
    (tmp_path / "t.csv").write_text("k\n8\n")
    changed = invoke(*run)
    assert changed.status != 0
    assert "the specification" in changed.err


def test_the_output_may_not_be_a_table(tmp_path: Path) -> None:
    """It would be overwritten."""
    spec = spec_file(tmp_path, "k\n7\n")
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(tmp_path / "t.csv")}))
    outcome = invoke("-c", spec, "-t", str(target), "-s", "2027-03-12", "-n", "1")
    assert outcome.status == 1
    assert "would overwrite" in outcome.err
    assert (tmp_path / "t.csv").read_text() == "k\n7\n"


def test_untrusted_reads_no_file(tmp_path: Path) -> None:
    """Rows in the specification are no file."""
    spec = spec_file(tmp_path, "k\n7\n")
    assert "tables.t.file" in invoke("-c", spec, "--untrusted", "-s", "2027-03-12", "-n", "1").err
    assert run({"t": {"rows": ROWS}}, "--untrusted").status == 0
