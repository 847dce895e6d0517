"""Names and statements, as each database takes them."""

import duckdb
import pytest

from datagen.columns.column_type import INSTANT, JSON, TEXT
from datagen.targets.sql.dialects import DIALECTS, SqlColumn, SqlTable, literal, statements

POSTGRES = DIALECTS["postgresql"]
TABLE = SqlTable("e", None, 'a"b', (SqlColumn("time", "time", INSTANT), SqlColumn("x", "x", JSON)))


def test_long_names_are_shortened_apart() -> None:
    """To 63 bytes, never within a character, and so that no two become one."""
    one, other = (POSTGRES.identifier("é" * 40 + end) for end in "ab")
    assert one != other
    assert len(one.encode()) <= 63
    assert one.startswith("é" * 27 + "_")
    assert POSTGRES.identifier("a" * 63) == "a" * 63
    assert DIALECTS["duckdb"].identifier("a" * 200) == "a" * 200


def test_nul_is_in_no_name() -> None:
    """No database has it there."""
    assert {each.identifier("a\0") for each in DIALECTS.values()} == {"a\ufffd"}


def test_statement_of_postgresql() -> None:
    """Quoted, and only where there is none."""
    assert POSTGRES.create(TABLE) == (
        'CREATE TABLE IF NOT EXISTS "a""b" (\n  "time" TIMESTAMP WITH TIME ZONE,\n  "x" JSON\n)'
    )


def test_statement_of_clickhouse_is_sorted_by_the_clock() -> None:
    """Which is not null there; a backslash in a name is doubled."""
    dialect = DIALECTS["clickhouse"]
    assert dialect.quoted("a`\\") == "`a``\\\\`"
    assert dialect.create(TABLE, "time") == (
        "CREATE TABLE IF NOT EXISTS `a\"b` (\n  `time` DateTime64(6, 'UTC'),\n  `x` Nullable(String)\n)"
        "\nENGINE = MergeTree ORDER BY `time`"
    )
    assert dialect.create(TABLE, "x").endswith("ORDER BY tuple()")


def test_statements_create_the_schema_first() -> None:
    """Once."""
    tables = [SqlTable(name, "s", name, (SqlColumn("x", "x", TEXT),)) for name in ("a", "b")]
    with duckdb.connect() as base:
        base.execute(statements(DIALECTS["duckdb"], tables, "time"))
        assert base.execute("select count(*) from s.a, s.b").fetchall() == [(0,)]


@pytest.mark.parametrize("text", ["", "it's", "''", "\\"])
def test_literals_are_what_they_say(text: str) -> None:
    """As DuckDB reads them."""
    assert duckdb.execute(f"select {literal(text)}").fetchall() == [(text,)]
