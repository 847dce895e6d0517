"""CSV and TSV: what the header holds, what is quoted, and that every row parses back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant
from tests.support.tsv import READERS

repeatable = settings(deadline=None, derandomize=True)
AWKWARD = [
    '"',
    '""',
    ",",
    "\t",
    "a\nb",
    "\r\n",
    "\r",
    "\0",
    " x ",
    "",
    "😀é",
    "\x85\u2028",
    "'",
    "\\",
]


def enum(name: str, *values: Any, **more: Any) -> Spec:
    """Return a dimension that is each of these values in turn."""
    spread = {"type": "uniform", "min": 0, "max": len(values) - 1}
    return {"name": name, "type": "enum", "values": list(values),
            "cardinality_distribution": spread, **more}  # fmt: skip


def two_emitters(first: list[Spec], second: list[Spec]) -> Spec:
    """Return a worker that emits a record of each kind in turn, a second apart."""
    states = [
        {"name": name, "emitter": name, "delay": constant(1),
         "transitions": [{"next": other, "probability": 1}]}
        for name, other in (("one", "two"), ("two", "one"))
    ]  # fmt: skip
    emitters = [{"name": "one", "dimensions": first}, {"name": "two", "dimensions": second}]
    return {"states": states, "emitters": emitters, "interarrival": constant(9)}


def run(spec: Spec, *flags: str, n: int = 20) -> Outcome:
    """Run one worker."""
    given = ("--seed", "1", "-s", "2027-03-12", "-m", "1", "-n", str(n), "-q", *flags)
    outcome = invoke(*given, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def rows(outcome: Outcome, delimiter: str = ",") -> list[list[str]]:
    """Read rows as Python's csv does."""
    text = io.StringIO(outcome.out.decode(), newline="")
    return list(csv.reader(text, delimiter=delimiter, strict=True))


def cells(*values: Any, **form: Any) -> list[str]:
    """Return the cells, as they are written, of a column that holds each of these values in turn."""
    spec = two_emitters([enum("a", *values)], [enum("a", *values)])
    spec["format"] = {"type": "csv", "header": False, **form}
    lines = run(spec, n=60).out.decode().splitlines()
    return sorted({line.split(form.get("delimiter", ","), 1)[1] for line in lines})


def test_header_is_the_union_of_all_columns_in_order_of_appearance() -> None:
    """It follows from the specification, not from what records happen to hold."""
    spec = two_emitters([enum("b", 1), enum("a", 1)], [enum("c", 1), enum("a", 2)])
    first, one, two, *_ = run(spec, "--csv").out.decode().splitlines()
    assert first == "time,b,a,c"
    assert one == "2027-03-12T00:00:00.000,1,1,"
    assert two == "2027-03-12T00:00:01.000,,2,1"


def test_header_stands_there_without_records() -> None:
    """An empty file of CSV has its names, so that it can be loaded."""
    spec = two_emitters([enum("a", 1)], [])
    assert run(spec, "--csv", n=0).out == b"time,a\n"


def test_tsv_has_tabs_and_escapes() -> None:
    """The flag is that of the format; a null is not an empty text."""
    spec = two_emitters([enum("a", "x,y"), enum("c", "")], [enum("b", "x\ty")])
    out = run(spec, "--tsv", n=2).out.decode()
    assert out == (
        "time\ta\tc\tb\n2027-03-12T00:00:00.000\tx,y\t\t\\N\n"
        "2027-03-12T00:00:01.000\t\\N\t\\N\tx\\ty\n"
    )  # fmt: skip


def test_quoted_tsv_is_csv_with_tabs() -> None:
    """The other kind, as spreadsheets write it."""
    spec = two_emitters([enum("a", "x\ty", "")], [enum("b", None)])
    spec["format"] = {"type": "csv", "delimiter": "\t"}
    lines = run(spec, n=9).out.decode().splitlines()
    assert lines[0] == "time\ta\tb"
    assert {line[24:] for line in lines[1:]} == {'"x\ty"\t', '""\t', "\t"}


@settings(repeatable, max_examples=25)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
@example(AWKWARD)
@example(["\\N", "\\", "\\\\", "\\t", "\\.", "a\\", "\\\t", '"x"', "'"])
def test_databases_read_tsv(values: list[str]) -> None:
    """Rows are as many as records, and each cell is the value: texts, nulls, numbers and JSON."""
    names = [enum("\\N\tname", *values, None, percent_nulls=20), enum("b", {"k": values})]
    spec = two_emitters(names, names)
    expected = [list(each.values())[1:] for each in _json(spec)]
    written = run(spec, "--tsv").out.decode()
    for read in READERS.values():
        header, *found = read(written)
        assert header == ["time", "\\N\tname", "b"]
        assert [[row[1], json.loads(row[2] or "")] for row in found] == expected


def test_tsv_without_header_and_with_another_null() -> None:
    """As some of their readers want it."""
    spec = two_emitters([enum("a", None)], [enum("a", "")])
    spec["format"] = {"type": "tsv", "header": False, "null": "NULL"}
    assert [line[24:] for line in run(spec, n=2).out.decode().splitlines()] == ["NULL", ""]
    spec["format"] = {"type": "tsv", "null": ""}
    assert [line[24:] for line in run(spec, n=2).out.decode().splitlines()[1:]] == ["", ""]


@pytest.mark.parametrize("quote", ["minimal", "all"])
def test_duckdb_reads_csv(quote: str, tmp_path: Path) -> None:
    """Texts that look like nulls, with blanks at their ends, and nulls: each is what it was."""
    texts = [" a", "a ", "", "NA", 'x"y', "a,b", None, "\\N", " "]
    spec = two_emitters([enum("a", *texts), enum("n", 1)], [enum("a", *texts)])
    spec["format"] = {"type": "csv", "quote": quote, "null": "NA"}
    path = tmp_path / "a.csv"
    path.write_bytes(run(spec, n=60).out)
    found = duckdb.sql(
        f"SELECT a, n FROM read_csv('{path}', delim=',', quote='\"', escape='\"', header=true,"
        " nullstr='NA', allow_quoted_nulls=false, all_varchar=true)"
    ).fetchall()
    assert found == [(each["a"], "1" if "n" in each else None) for each in _json(spec, 60)]


def test_everything_can_be_quoted() -> None:
    """Numbers and names too; what has no value has no quotes."""
    assert cells(1, None, quote="all") == ["", '"1"']
    spec = two_emitters([enum("a", 'b"')], [])
    spec["format"] = {"type": "csv", "quote": "all", "line_end": "crlf"}
    first, second, third, *_ = run(spec, n=2).out.decode().split("\r\n")
    assert (first, second) == ('"time","a"', '"2027-03-12T00:00:00.000","b"""')
    assert third == '"2027-03-12T00:00:01.000",'


def test_names_are_quoted_like_values() -> None:
    """A blank at the end of a name would be lost otherwise."""
    spec = two_emitters([enum(" a", 1), enum("b,c", 1), enum("d", 1)], [])
    assert run(spec, "--csv", n=0).out == b'time," a","b,c",d\n'


def test_null_and_missing_are_empty_and_an_empty_text_is_quoted() -> None:
    """Readers that tell the two apart get both."""
    assert cells(None, "", "x") == ["", '""', "x"]
    missing = two_emitters([enum("a", 1, percent_missing=100)], [enum("a", 1, percent_nulls=100)])
    assert {row[1] for row in rows(run(missing, "--csv"))[1:]} == {""}


def test_null_can_be_another_text() -> None:
    """A value that reads the same is quoted."""
    assert cells(None, "", "\\N", null="\\N") == ["", '"\\N"', "\\N"]


def test_only_column_without_a_value_is_no_empty_line() -> None:
    """Most readers skip empty lines; a record is a row all the same."""
    spec = two_emitters([enum("a", None)], [enum("a", None)])
    spec["format"] = {"type": "csv", "null": ""}
    assert cells(None) == [""]
    assert len(rows(run(spec, n=3))) == 4


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, 2.5], ["1.0", "2.5"]),
        ([True, None], ["", "true"]),
        ([1, "a"], ['"""a"""', "1"]),
        ([{"x": [1, "y"]}], ['"{""x"":[1,""y""]}"']),
        ([[1, 2]], ['"[1,2]"']),
        ([1e300, -0.0], ["0.0", "1e+300"]),
    ],
    ids=["numbers", "booleans", "several types", "object", "list", "floats"],
)
def test_cell(values: list[Any], texts: list[str]) -> None:
    """Numbers of both kinds are doubles, several types and nested values are JSON."""
    assert cells(*values) == texts


def test_column_of_two_emitters_has_one_type() -> None:
    """Whole numbers of one emitter stand in the doubles of the other."""
    spec = two_emitters([enum("a", 1)], [enum("a", 0.5)])
    assert [row[1] for row in rows(run(spec, "--csv", n=2))] == ["a", "1.0", "0.5"]


def test_column_of_several_types_is_warned_of() -> None:
    """The warning names the column, and comes once."""
    spec = two_emitters([enum("a", 1), enum("o", {"p": 1})], [enum("a", "x"), enum("o", {"p": []})])
    err = invoke("--csv", "--validate", spec=spec).err
    assert (
        err.count('the column "a" holds values of several types; it is text that contains JSON')
        == 1
    )
    assert err.count('the column "o.p" holds') == 1
    assert "several types" not in invoke("--validate", spec=spec).err


@pytest.mark.long
@settings(repeatable, max_examples=50)
@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=6, unique=True), st.sampled_from(",\t;|x")
)
@example(AWKWARD, ",")
@example(AWKWARD, "\t")
def test_texts_parse_back(values: list[str], delimiter: str) -> None:
    """Whatever a field holds, Python's csv reads the same value from a row of the same width."""
    spec = two_emitters([enum("a", *values)], [enum("b", *values), enum("a", *values)])
    spec["format"] = {"type": "csv", "delimiter": delimiter}
    expected = [[each.get("a", ""), each.get("b", "")] for each in _json(spec)]
    assert [row[1:] for row in rows(run(spec), delimiter)] == [["a", "b"], *expected]


@pytest.mark.parametrize("end", ["lf", "crlf"])
def test_line_end(end: str) -> None:
    """Lines end as asked for, the header's too."""
    spec = two_emitters([enum("a", 1)], [])
    spec["format"] = {"type": "csv", "line_end": end}
    expected = "\r\n" if end == "crlf" else "\n"
    assert run(spec, n=2).out.decode().replace(expected, "").count("\n") == 0


def test_lone_surrogates_are_replaced() -> None:
    """UTF-8 cannot hold them."""
    assert cells("\ud800x") == ["?x"]


def test_appending_writes_the_header_once(tmp_path: Path) -> None:
    """A file that holds something has its header already."""
    spec = two_emitters([enum("a", 1)], [])
    spec["target"] = {"type": "file", "path": str(tmp_path / "a.csv"), "mode": "append",
                      "format": "csv"}  # fmt: skip
    for _ in range(2):
        run(spec, n=2)
    assert (tmp_path / "a.csv").read_text().splitlines().count("time,a") == 1
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 5


def test_each_file_by_time_has_a_header(tmp_path: Path) -> None:
    """A file of its own stands on its own."""
    spec = two_emitters([enum("a", 1)], [enum("a", 2)])
    spec["target"] = {"type": "file", "path": str(tmp_path / "%S.csv.gz"), "format": "csv"}
    run(spec, n=3)
    import gzip

    files = sorted(tmp_path.iterdir())
    assert len(files) == 3
    for file in files:
        lines = gzip.decompress(file.read_bytes()).decode().splitlines()
        assert lines[0] == "time,a"
        assert len(lines) == 2


def test_several_targets_have_formats_of_their_own(tmp_path: Path) -> None:
    """Each gets the same records, each in its own format."""
    path = tmp_path / "a.tsv"
    spec = two_emitters([enum("a", 1)], [enum("a", 2)])
    spec["target"] = {"type": "tee", "format": "csv", "targets": [
        {"type": "stdout", "format": "json"},
        {"type": "file", "path": str(path), "format": "tsv"},
        {"type": "file", "path": str(tmp_path / "a.csv")},
    ]}  # fmt: skip
    outcome = run(spec, n=3)
    assert [record["a"] for record in outcome.records] == [1, 2, 1]
    assert [line.split("\t")[1] for line in path.read_text().splitlines()] == ["a", "1", "2", "1"]
    assert (tmp_path / "a.csv").read_text().startswith("time,a\n")


def test_command_line_wins_over_target_and_specification(tmp_path: Path) -> None:
    """What a user asks for last is what comes."""
    spec = two_emitters([enum("a", 1)], [enum("a", 2)])
    spec["format"] = "tsv"
    assert run(spec, n=1).out.startswith(b"time\ta\n")
    spec["target"] = {"type": "stdout", "format": {"type": "json"}}
    assert run(spec, n=1).out.startswith(b"{")
    assert run(spec, "--csv", n=1).out.startswith(b"time,a\n")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("cvs", 'format.type: no format "cvs"; did you mean "csv"?'),
        (7, 'format: expected a format such as "csv" or {"type": "csv", ...}, not 7'),
        ({"type": "csv", "sep": ";"}, "format.sep: unknown key"),
        ({"type": "csv", "delimiter": ";;"}, "format.delimiter: expected one ASCII character"),
        ({"type": "csv", "delimiter": '"'}, "format.delimiter: expected one ASCII character"),
        ({"type": "csv", "null": 'a"'}, "format.null: expected text without quotes"),
        ({"type": "csv", "null": ","}, 'format.null: contains the delimiter, ","'),
        ({"type": "csv", "quote": "none"}, 'format.quote: expected "minimal" or "all", not "none"'),
        (
            {"type": "tsv", "null": "a\tb"},
            "format.null: expected text without tabs and line breaks",
        ),
        ({"type": "tsv", "delimiter": ";"}, "format.delimiter: unknown key"),
        ({"type": "csv", "header": 1}, "format.header: expected true or false, not 1"),
        ({"type": "csv", "line_end": "cr"}, 'format.line_end: expected "lf" or "crlf", not "cr"'),
    ],
    ids=lambda value: json.dumps(value)[:30],
)
def test_wrong_format_is_refused(form: Any, message: str) -> None:
    """In the specification and in the target, with the place."""
    spec = two_emitters([enum("a", 1)], [])
    outcome = invoke("-n", "1", "-s", "2027-03-12", spec={**spec, "format": form})
    assert outcome.status == 1
    assert f"stdin: {message}" in outcome.err
    target = {"type": "stdout", "format": form}
    assert f"target.{message}" in invoke("--validate", spec={**spec, "target": target}).err


def test_two_formats_are_wrong_usage() -> None:
    """One is enough."""
    assert invoke("-c", "example", "--csv", "--tsv").status == 2
    assert invoke("-c", "example", "--csv", "-f", "ncsa_common").status == 2


def _json(spec: Spec, n: int = 20) -> list[dict[str, Any]]:
    return run({**spec, "format": "json"}, n=n).records
