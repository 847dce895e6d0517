"""`--ddl`: each database takes its statements, and then the records."""

import os
from pathlib import Path

import pytest

from tests.support.databases import TYPES, Base
from tests.support.helpers import invoke
from tests.support.machines import ENDING


def test_databases_run_their_statements(base: Base) -> None:
    """Twice, and a run that creates nothing fills the tables directly."""
    outcome = invoke("--ddl", base.kind, spec={**TYPES, "target": base.target(create=False)})
    assert outcome.status == 0, outcome.err
    for _ in range(2):
        for statement in outcome.out.decode().split(";\n"):
            if statement:
                base.do(statement)
    flags = ("-n", "40", "--seed", "1", "-s", "2027-03-12")
    assert invoke(*flags, spec={**TYPES, "target": base.target(create=False)}).status == 0
    assert base.count("every") == 20


def test_clickhouse_runs_its_statements(tmp_path: Path) -> None:
    """As chdb, which is ClickHouse in a process, takes them."""
    if not os.environ.get("CI"):
        pytest.importorskip("chdb")
    from chdb.session import Session

    text = invoke("--ddl", "clickhouse", spec=TYPES).out.decode()
    session = Session(str(tmp_path / "house"))
    try:
        session.query(text)
        told = str(
            session.query(
                "select name, type from system.columns where table = 'every' order by position",
                "CSV",
            )
        )
    finally:
        session.close()
    assert told.splitlines()[:3] == [
        '"time","DateTime64(6, \'UTC\')"',
        '"n","Nullable(Int64)"',
        '"whole","Nullable(Int64)"',
    ]


def test_names_are_those_of_the_target() -> None:
    """Without one, those of the emitters."""
    target = {"type": "sql", "uri": "sqlite:///a.db", "table": "raw_{emitter}"}
    text = invoke("--ddl", "duckdb", spec={**ENDING, "target": target}).out.decode()
    assert text == 'CREATE TABLE IF NOT EXISTS "raw_e" (\n  "time" TIMESTAMP WITH TIME ZONE\n);\n'
    assert '"e"' in invoke("--ddl", "sqlite", spec=ENDING).out.decode()


def test_names_that_it_cannot_have() -> None:
    """As before a run."""
    emitters = [{"name": "e", "dimensions": [{"name": "ctid", "type": "uuid"}]}]
    outcome = invoke("--ddl", "postgresql", spec={**ENDING, "emitters": emitters})
    assert (outcome.status, outcome.out) == (1, b"")
    assert 'stdin: postgresql has a column "ctid" of its own in each table' in outcome.err
