"""Records in tables: each value as it was made, in every kind of database; keys, formats and names that are refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datagen.part import Part
from datagen.targets import TARGETS
from datagen.targets.sql.dialects import DIALECTS
from tests.support.databases import TYPES, Base, Rows, enum, sqlite_base
from tests.support.helpers import Outcome, invoke
from tests.support.machines import ENDING, Spec, exponential

FLAGS = ("--seed", "1", "-s", "2027-03-12")
OTHER = TYPES["emitters"][1]["name"]
FIELDS = [each["name"] for each in TYPES["emitters"][0]["dimensions"]]
NESTED = ("object", "list", "several")


def run(target: Spec, *flags: str, spec: Spec = TYPES, n: int = 400) -> Outcome:
    """Run with everything fixed but the target."""
    return invoke(*FLAGS, "-n", str(n), *flags, spec={**spec, "target": target})


def made(emitter: str, n: int = 400) -> list[dict[str, Any]]:
    """Return the records of an emitter of TYPES, as JSON has them."""
    records = invoke(*FLAGS, "-n", str(n), spec=TYPES).records
    return [each for each in records if ("select" in each) == (emitter == OTHER)]


def value(field: str, found: Any) -> Any:
    """Return a value of a database as JSON has it."""
    if isinstance(found, str) and field in NESTED:
        return json.loads(found)
    return bool(found) if field == "true" and found is not None else found


def instant(found: Any) -> str:
    """Return an instant of a database as JSON has it."""
    when = found if isinstance(found, datetime) else datetime.fromisoformat(found)
    when = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}"


def objects(rows: Rows) -> list[dict[str, Any]]:
    """Return rows of the table of each type as the records that they were."""
    return [
        {"time": instant(time), **{f: value(f, v) for f, v in zip(FIELDS, values, strict=True)}}
        for time, *values in rows
    ]


def test_every_type_is_read_back(base: Base) -> None:
    """Instants to the microsecond; what is nested as JSON; NUL as another character, but for DuckDB."""
    outcome = run(base.target())
    assert outcome.status == 0, outcome.err
    names = ", ".join(
        f'cast("{name}" as text) as "{name}"' if name in NESTED else f'"{name}"'
        for name in ("time", *FIELDS)
    )
    found = objects(base.ask(f'select {names} from every order by "n"'))
    wanted = made("every")
    if base.kind != "duckdb":
        wanted = [{**each, "nul": each["nul"].replace("\0", "\ufffd")} for each in wanted]
    assert found == wanted
    assert "\n400 records, " in outcome.err


def test_names_are_whatever_they_are(base: Base) -> None:
    """Quotes, statements, and what is longer than a database has names."""
    assert run(base.target()).status == 0
    dialect = DIALECTS[base.kind]
    names = [dialect.identifier(each) for each in ("time", *made(OTHER)[0])]
    asked = ", ".join(map(dialect.quoted, names[1:]))
    rows = base.ask(f"select {asked} from {dialect.quoted(OTHER)} order by {dialect.quoted('n')}")
    assert [row[1:] for row in rows] == [tuple(each.values())[1:] for each in made(OTHER)]


def test_processes_and_small_transactions_make_the_same_rows(tmp_path: Path) -> None:
    """In the order of the records."""
    found = []
    for number, (keys, flags) in enumerate(
        (({}, ()), ({"batch_records": 7}, ()), ({}, ("-j", "2")))
    ):
        base = sqlite_base(str(tmp_path / f"{number}.db"))
        assert run(base.target(**keys), *flags).status == 0
        found.append(base.ask("select * from every order by rowid"))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 200


def test_disorder_leaves_in_its_order(tmp_path: Path) -> None:
    """Copies and late records are rows in the order of their arrival."""
    disorder = [
        {"type": "late", "share": 0.5, "delay": {**exponential(9), "max": 60}},
        {"type": "duplicate", "share": 0.3, "delay": {**exponential(1), "max": 60}},
    ]
    spec = {**TYPES, "disorder": disorder}
    base = sqlite_base(str(tmp_path / "a.db"))
    assert run(base.target(), spec=spec).status == 0
    records = invoke(*FLAGS, "-n", "400", spec=spec).records
    wanted = [(each["n"],) for each in records if "whole" in each]
    assert base.ask("select n from every order by rowid") == wanted


def test_replay_is_a_table(base: Base, tmp_path: Path) -> None:
    """Its name is that of the source, unless another is given."""
    (tmp_path / "s.csv").write_text("t,x\n0,1\n1,2\n")
    spec = {
        "type": "replay",
        "source_file": str(tmp_path / "s.csv"),
        "time_field": "t",
        "time_format": "seconds",
    }
    outcome = run(base.target(table="events"), spec=spec, n=2)
    assert outcome.status == 0, outcome.err
    assert base.ask("select x from events order by x") == [("1",), ("2",)]


def test_tables_in_a_schema_with_other_names(postgres: Base) -> None:
    """The schema is created; a second run appends."""
    target = postgres.target(schema="own; schema", table="of {emitter}")
    for _ in range(2):
        assert run(target, n=40).status == 0
    assert postgres.ask('select count(*) from "own; schema"."of every"') == [(40,)]


def test_no_records_create_the_tables(base: Base) -> None:
    """As a file of no records has a header."""
    assert run(base.target(), n=0).status == 0
    assert base.count("every") == 0


def test_tee_has_a_database_among_others(tmp_path: Path) -> None:
    """Each has all records."""
    base = sqlite_base(str(tmp_path / "a.db"))
    lines = tmp_path / "a.jsonl"
    tee = {"type": "tee", "targets": [base.target(), {"type": "file", "path": str(lines)}]}
    outcome = run(tee)
    assert outcome.status == 0
    assert base.count("every") + base.count(OTHER.replace('"', '""')) == 400
    assert lines.read_bytes().count(b"\n") == 400
    assert "targets[0] (sql): 400 records" in outcome.err


def test_driver_by_name_creates_its_tables(tmp_path: Path) -> None:
    """Of a database of which only the driver is known."""
    base = sqlite_base(str(tmp_path / "a.db"))
    target = {"type": "sql", "driver": "sqlite", "uri": str(tmp_path / "a.db")}
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": [enum("x", "a\0b")]}]}
    for _ in range(2):
        outcome = run(target, spec=spec, n=10)
        assert outcome.status == 0, outcome.err
    assert base.ask("select x, count(*) from e group by x") == [("a\ufffdb", 20)]


WRONG: list[tuple[Spec, str]] = [
    ({"uri": "mysql://x"}, 'uri: expected postgresql://USER@HOST/DATABASE, sqlite:///FILE or duckdb:///FILE; of any other database, "driver" names the driver of ADBC'),
    ({"uri": "sqlite://a.db"}, "uri: expected sqlite:///FILE, with three slashes: there is no host"),
    ({"uri": "duckdb:///"}, "uri: expected duckdb:///FILE; an absolute path makes it four slashes"),
    ({"uri": 3}, "uri: expected a text"),
    ({"format": "csv"}, "format: a database gets columns, in no format; leave it out"),
    ({"table": "{emiter}"}, "table: expected the name of a table; {emitter} in it is that of the emitter"),
    ({"table": ""}, "table: expected the name of a table; {emitter} in it is that of the emitter"),
    ({"schema": "s"}, "schema: SQLite has no schemas"),
    ({"batch_records": 0}, "batch_records: expected a number of records from 1 to 10,000,000, not 0"),
    ({"options": {"a": "b"}}, 'options: these are for a driver that "driver" names'),
    ({"driver": "x", "create": False}, "create: a driver that is named creates missing tables itself"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "text"), WRONG, ids=lambda each: str(each)[:40])
def test_bad_keys(keys: Spec, text: str) -> None:
    """One line says which, and what is wanted."""
    outcome = run({"type": "sql", "uri": "sqlite:///a.db", **keys}, "--validate")
    assert (outcome.status, outcome.out) == (1, b"")
    assert f"target.{text}" in outcome.err


@pytest.mark.parametrize(
    ("kind", "names", "text"),
    [
        ("sqlite", ["Ab", "aB"], 'the fields "Ab" and "aB" of the emitter "e" would be the same column of the database'),
        ("duckdb", ["É", "é"], 'the fields "É" and "é" of the emitter "e" would be the same column'),
        ("postgresql", ["ctid"], 'postgresql has a column "ctid" of its own in each table'),
        ("postgresql", ["a\0", "a\ufffd"], "would be the same column of the database"),
    ],
)  # fmt: skip
def test_fields_that_no_table_can_have(kind: str, names: list[str], text: str) -> None:
    """They are found before the run; another database may have them."""
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": [enum(name, 1) for name in names]}]}
    uri = {"postgresql": "postgresql://h/d"}.get(kind, f"{kind}:///a.db")
    outcome = run({"type": "sql", "uri": uri}, "--validate", spec=spec)
    assert outcome.status == 1
    assert text in outcome.err


def test_formats_of_the_command_line_are_refused() -> None:
    """That of the specification is for other targets."""
    outcome = run({"type": "sql", "uri": "sqlite:///a.db"}, "--csv", "--validate")
    assert outcome.status == 1
    assert "a database gets columns, and no csv: leave out --csv" in outcome.err
    spec = {**TYPES, "format": "csv"}
    assert run({"type": "sql", "uri": "sqlite:///a.db"}, "--validate", spec=spec).status == 0


@pytest.mark.parametrize(
    ("package", "uri", "missing"),
    [
        ("adbc_driver_manager", "sqlite:///a.db", "adbc-driver-manager"),
        ("adbc_driver_sqlite", "sqlite:///a.db", "adbc-driver-sqlite"),
        ("adbc_driver_duckdb", "duckdb:///a.duck", "duckdb"),
        ("adbc_driver_postgresql", "postgresql://h/d", "adbc-driver-postgresql"),
    ],
)
def test_package_that_is_missing_is_one_line(
    package: str, uri: str, missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what to install."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, package, None)
    outcome = run({"type": "sql", "uri": uri}, "-q")
    assert outcome.status == 1
    assert outcome.err.count(f"the package {missing} is missing: pip install 'datagen[sql]'") == 1


def test_password_is_never_shown() -> None:
    """Nor in the name of the target, its representation, or what a driver says."""
    target = TARGETS.parse(
        {"type": "sql", "uri": "postgresql://me:hunter2@127.0.0.1:1/base?sslpassword=hunter3"}
    )
    assert "hunter" not in repr(target) + target.identity
    outcome = run(
        {"type": "sql", "uri": "postgresql://me:hunter2@127.0.0.1:1/base", "retry_seconds": 0}, "-v"
    )
    assert outcome.status == 1
    assert "postgresql 127.0.0.1:1/base: Failed to connect: " in outcome.err
    assert "hunter" not in outcome.err


def test_parts_have_their_own_rows(tmp_path: Path) -> None:
    """DuckDB's file is open to one process; `{part}` gives each a file, or a table."""
    target = {"type": "sql", "uri": "duckdb:///a.duck"}
    refused = run(target, "--part", "1/2", "-m", "none", "--validate")
    assert refused.status == 1
    assert "target.uri: one process at a time has a file of DuckDB" in refused.err
    uri = f"sqlite:///{tmp_path}/a-{{part}}.db"
    target = {"type": "sql", "uri": uri, "table": "{emitter}_{part}"}
    assert run(target, "--part", "1/2", "-m", "none", n=50).status == 0
    label = Part.parsed("1/2").in_name("{part}")
    base = sqlite_base(str(tmp_path / f"a-{label}.db"))
    assert base.count(f"every_{label}") > 0


def test_folder_that_is_missing(tmp_path: Path) -> None:
    """As for files."""
    outcome = run({"type": "sql", "uri": f"sqlite:///{tmp_path}/no/a.db"})
    assert f'there is no folder "{tmp_path}/no"; 0 records were delivered' in outcome.err
